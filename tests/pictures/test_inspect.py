import hashlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from domain.errors import Reason, Refusal
from domain.limits import MAX_SOURCE_BYTES
from pictures import decode, opening
from pictures.decode import reduced
from pictures.inspect import inspect
from pictures.opening import opened

from .material import Put, Refused, encoded, oriented, photo, profile, with_alpha


def flat(picture: Image.Image) -> Image.Image:
    """The picture on grey, so that colours under clear pixels do not count."""
    ground = Image.new("RGBA", picture.size, (128, 128, 128, 255))
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures' channels, 0 to 255."""
    changed = ImageChops.difference(flat(one), flat(other).resize(one.size))
    return sum(ImageStat.Stat(changed).mean) / 3


HONEST = {
    "jpeg": (photo(), "JPEG", {}),
    "progressive jpeg": (photo(), "JPEG", {"progressive": True}),
    "jpeg with restarts": (photo(), "JPEG", {"restart_marker_blocks": 4}),
    "jpeg without subsampling": (photo(), "JPEG", {"subsampling": 0}),
    "grey jpeg": (photo(mode="L"), "JPEG", {}),
    "cmyk jpeg": (photo(mode="CMYK"), "JPEG", {}),
    "jpeg with a profile": (photo(), "JPEG", {"icc_profile": profile() * 30}),
    "jpeg with a comment": (photo(), "JPEG", {"comment": b"\xff\xd9 not the end"}),
    "png": (photo(), "PNG", {}),
    "grey png": (photo(mode="L"), "PNG", {}),
    "black and white png": (photo(mode="1"), "PNG", {}),
    "palette png": (photo(mode="P"), "PNG", {}),
    "palette png with a clear colour": (photo(mode="P"), "PNG", {"transparency": 3}),
    "grey png with alpha": (photo(mode="LA"), "PNG", {}),
    "png with alpha": (with_alpha(photo()), "PNG", {}),
    "16-bit png": (photo(mode="L").convert("I;16"), "PNG", {}),
    "png with a clear colour": (photo(), "PNG", {"transparency": (1, 2, 3)}),
    "webp": (photo(), "WEBP", {}),
    "lossless webp": (photo(), "WEBP", {"lossless": True}),
    "webp with alpha": (with_alpha(photo()), "WEBP", {}),
    "webp with metadata": (photo(), "WEBP", {"icc_profile": profile(), "exif": oriented(1)}),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_picture_is_taken_and_described(put: Put, name: str) -> None:
    picture, kind, options = HONEST[name]
    path = put(encoded(picture, kind, **options))
    found = inspect(path, thumbnail=path.with_name("thumbnail"))
    data = path.read_bytes()
    assert (found.width, found.height) == picture.size
    assert found.media_type == f"image/{kind.lower()}"
    assert found.size == len(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    with Image.open(path.with_name("thumbnail")) as small:
        assert small.size == picture.size
        assert small.format == ("PNG" if small.mode == "RGBA" else "JPEG")


@pytest.mark.parametrize("name", sorted(set(HONEST) - {"16-bit png", "black and white png"}))
def test_a_thumbnail_looks_like_its_picture(put: Put, name: str) -> None:
    picture, kind, options = HONEST[name]
    path = put(encoded(picture, kind, **options))
    small = reduced(opened(path), side=96)
    with Image.open(path) as large:
        assert small.size == (96, 96)
        assert small.mode in {"L", "RGB", "RGBA"}
        assert difference(small, large) < 5


def test_a_picture_shrunk_in_tiles_has_no_seams(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(encoded(with_alpha(photo(size=(515, 389))), "PNG"))
    at_once = reduced(opened(path), side=96)
    monkeypatch.setattr(decode, "_TILE", 64)
    in_tiles = reduced(opened(path), side=96)
    assert ImageChops.difference(at_once, in_tiles).getbbox() is None


def test_sixteen_bits_of_grey_become_eight_by_scaling_and_not_by_clipping(put: Put) -> None:
    ramp = Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16")
    path = put(encoded(ramp, "PNG"))
    inspect(path, thumbnail=path.with_name("thumbnail"))
    with Image.open(path.with_name("thumbnail")) as small:
        assert difference(small, Image.linear_gradient("L")) < 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(put: Put, kind: str, orientation: int) -> None:
    sideways = photo("coffee", (180, 120))
    path = put(encoded(sideways, kind, quality=95, exif=oriented(orientation)))
    found = inspect(path, thumbnail=path.with_name("thumbnail"))
    assert (found.width, found.height) == ((120, 180) if orientation >= 5 else (180, 120))
    with Image.open(path.with_name("thumbnail")) as small:
        assert small.size == (found.width, found.height)
        turn = {3: 180, 6: 270, 8: 90}.get(orientation)
        if turn is not None:
            assert difference(small, sideways.rotate(turn, expand=True)) < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_is_applied_to_the_thumbnail(put: Put, kind: str) -> None:
    path = put(encoded(Image.new("RGB", (64, 64), (220, 30, 30)), kind, icc_profile=profile("other")))
    inspect(path, thumbnail=path.with_name("thumbnail"))
    with Image.open(path.with_name("thumbnail")) as small:
        red, _, blue = small.convert("RGB").getpixel((32, 32))
    assert blue > red + 100, "the profile swaps red and blue"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_colour_profile_does_no_harm(put: Put, kind: str) -> None:
    broken = profile("other")[:200] + bytes(200)
    path = put(encoded(photo(size=(64, 64)), kind, icc_profile=broken))
    assert inspect(path, thumbnail=path.with_name("thumbnail")).width == 64


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_SOURCE_BYTES + 1)
    with pytest.raises(Refusal, match="too_large") as caught:
        inspect(path)
    assert caught.value.values == {"limit_mb": 50}


def test_an_empty_file_is_no_picture(refused: Refused) -> None:
    assert refused(b"") == (Reason.NOT_AN_IMAGE, {})


def test_a_missing_file_is_our_mistake_and_not_the_members(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "missing")


def test_a_picture_that_is_good_but_too_large_to_decode_gets_a_placeholder(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(encoded(photo(size=(1600, 900)), "WEBP", exif=oriented(6)))
    monkeypatch.setattr(opening, "MAX_DECODE_BYTES", 16 * 1600 * 900)
    monkeypatch.setattr(opening, "READERS", {})
    assert inspect(path, thumbnail=tmp_path / "thumbnail").height == 1600
    with Image.open(tmp_path / "thumbnail") as small:
        assert small.size == (540, 960)
        assert len(small.getcolors(100_000)) < 200, "flat colours, not the photograph"

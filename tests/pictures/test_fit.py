from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from domain.errors import Reason, Refusal
from domain.limits import MIB
from pictures import encode, opening
from pictures import fit as fit_module
from pictures.fit import fit
from pictures.inspect import inspect
from pictures.publish import publish
from pictures.values import Fitted, How

from .material import encoded, noisy_photo, oriented, photo, profile, with_alpha


def fitted(tmp_path: Path, data: bytes, share: float) -> tuple[Fitted, Image.Image]:
    """Fit a picture into a share of its bytes and return what came of it."""
    path, out = tmp_path / "source", tmp_path / "out"
    path.write_bytes(data)
    found = fit(path, out, limit=int(len(data) * share))
    assert found is not None
    assert found.size == out.stat().st_size <= int(len(data) * share)
    with Image.open(out) as picture:
        picture.load()
        assert picture.size == (found.width, found.height)
        assert found.media_type == f"image/{picture.format.lower()}"
        return found, picture


def loss(one: Image.Image, other: Image.Image) -> float:
    """The root mean square of the difference, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).rms)


def test_a_file_that_fits_is_left_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "source", tmp_path / "out"
    path.write_bytes(encoded(photo(), "JPEG", exif=oriented(6)))
    found = fit(path, out, limit=path.stat().st_size)
    assert found is not None
    assert (found.how, found.media_type) == (How.UNCHANGED, "image/jpeg")
    assert not out.exists()


def test_a_png_that_a_lossless_webp_can_hold_loses_nothing(tmp_path: Path) -> None:
    picture = with_alpha(photo())
    found, made = fitted(tmp_path, encoded(picture, "PNG"), 0.9)
    assert found.how is How.LOSSLESS
    assert ImageChops.difference(made.getchannel("A"), picture.getchannel("A")).getbbox() is None
    assert loss(made.convert("RGBa").convert("RGBA"), picture.convert("RGBa").convert("RGBA")) == 0


def test_a_result_at_full_size_loses_what_nobody_sees(tmp_path: Path) -> None:
    picture = photo("coffee", (1200, 800))
    found, made = fitted(tmp_path, encoded(picture, "PNG"), 0.4)
    assert found.how is How.QUALITY
    assert found.media_type == "image/webp"
    assert loss(made, picture) < 3


def test_pixels_are_given_up_last(tmp_path: Path) -> None:
    picture = noisy_photo("coffee", (1024, 768))
    found, made = fitted(tmp_path, encoded(picture, "PNG"), 0.06)
    assert found.how is How.SMALLER
    assert made.width / made.height == pytest.approx(4 / 3, rel=0.01)
    assert loss(made, picture.resize(made.size)) < 12


def test_what_would_be_ruined_is_not_made(tmp_path: Path) -> None:
    path, out = tmp_path / "source", tmp_path / "out"
    path.write_bytes(encoded(noisy_photo("coffee", (640, 480)), "PNG"))
    assert fit(path, out, limit=2_000) is None
    assert not out.exists()


def test_a_large_photograph_without_alpha_becomes_a_jpeg(tmp_path: Path) -> None:
    found, _made = fitted(tmp_path, encoded(noisy_photo("rocket", (2600, 1800), 30), "JPEG", quality=98), 0.6)
    assert (found.media_type, found.how, found.width) == ("image/jpeg", How.QUALITY, 2600)


def test_alpha_is_kept_when_quality_is_not(tmp_path: Path) -> None:
    picture = with_alpha(noisy_photo("cat", (900, 600)))
    found, made = fitted(tmp_path, encoded(picture, "PNG"), 0.15)
    assert found.media_type == "image/webp"
    assert made.mode == "RGBA"
    assert loss(made.getchannel("A"), picture.getchannel("A").resize(made.size)) < 2


def test_an_alpha_channel_that_hides_nothing_is_dropped(tmp_path: Path) -> None:
    picture = photo("cat", (900, 600))
    picture.putalpha(255)
    _found, made = fitted(tmp_path, encoded(picture, "PNG"), 0.5)
    assert made.mode == "RGB"


@pytest.mark.parametrize("size", [(800, 600), (2400, 1800)], ids=["webp", "jpeg"])
def test_the_colour_profile_is_kept(tmp_path: Path, size: tuple[int, int]) -> None:
    data = encoded(photo("coffee", size), "PNG", icc_profile=profile("other"))
    _found, made = fitted(tmp_path, data, 0.3)
    assert made.info["icc_profile"] == profile("other")


def test_a_profile_for_grey_does_not_end_up_on_colours(tmp_path: Path) -> None:
    grey_profile = profile().replace(b"RGB ", b"GRAY", 1)
    data = encoded(photo("coffee", (800, 600), "L"), "PNG", icc_profile=grey_profile)
    _found, made = fitted(tmp_path, data, 0.3)
    assert made.mode == "RGB"
    assert "icc_profile" not in made.info


def test_a_profile_of_another_kind_of_picture_is_dropped(tmp_path: Path) -> None:
    print_profile = profile("other").replace(b"RGB ", b"CMYK", 1)
    data = encoded(photo("coffee", (800, 600)), "PNG", icc_profile=print_profile)
    _found, made = fitted(tmp_path, data, 0.3)
    assert "icc_profile" not in made.info


def test_a_picture_too_large_to_be_decoded_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "source"
    path.write_bytes(encoded(photo(), "WEBP"))
    monkeypatch.setattr(opening, "MAX_DECODE_BYTES", 1_000)
    monkeypatch.setattr(fit_module, "whole", lambda *_args: pytest.fail("decoded"))
    assert fit(path, tmp_path / "out", limit=100) is None


def test_the_orientation_is_applied_and_other_metadata_goes(tmp_path: Path) -> None:
    exif = oriented(6)
    exif[0x010F] = "a camera"
    picture = noisy_photo("astronaut", (800, 600))
    _found, made = fitted(tmp_path, encoded(picture, "JPEG", quality=98, exif=exif), 0.6)
    assert made.size == (600, 800)
    assert len(made.getexif()) == 0
    assert loss(made, picture.rotate(-90, expand=True)) < 9


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    grain = noisy_photo("cat", (800, 600)).convert("L")
    data = encoded(grain.convert("I").point(lambda value: value * 257).convert("I;16"), "PNG")
    _found, made = fitted(tmp_path, data, 0.4)
    assert loss(made.convert("L"), grain) < 6


def test_a_palette_is_unfolded(tmp_path: Path) -> None:
    picture = noisy_photo("cat", (800, 600)).quantize(256)
    _found, made = fitted(tmp_path, encoded(picture, "PNG"), 0.5)
    assert loss(made, picture.convert("RGB").resize(made.size)) < 25


def test_a_picture_for_print_becomes_one_for_screens(tmp_path: Path) -> None:
    picture = photo("coffee", (1200, 900), "CMYK")
    data = encoded(picture, "JPEG", quality=98)
    _found, made = fitted(tmp_path, data, 0.5)
    assert made.mode == "RGB"
    assert loss(made, picture.convert("RGB")) < 8


def test_a_long_strip_that_webp_cannot_hold_is_made_shorter(tmp_path: Path) -> None:
    picture = with_alpha(noisy_photo("coffee", (17_000, 30)))
    found, made = fitted(tmp_path, encoded(picture, "PNG"), 0.9)
    assert found.how is How.SMALLER
    assert made.width == 16_383


def test_encodes_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def counted(*args: object, **named: object) -> bytes:
        nonlocal count
        count += 1
        return encode.encode(*args, **named)

    monkeypatch.setattr(fit_module, "encode", counted)
    path = tmp_path / "source"
    path.write_bytes(encoded(noisy_photo("coffee", (320, 240)), "PNG"))
    for limit in range(1_000, path.stat().st_size, 9_000):
        count = 0
        fit(path, tmp_path / "out", limit=limit)
        assert 1 <= count <= 8


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 80_000), alpha=st.booleans())
def test_no_limit_is_ever_exceeded(tmp_path: Path, limit: int, alpha: bool) -> None:
    path, out = tmp_path / "source", tmp_path / "out"
    picture = photo("cat", (240, 160))
    path.write_bytes(encoded(with_alpha(picture) if alpha else picture, "PNG"))
    found = fit(path, out, limit=limit)
    if found is not None:
        assert (path if found.how is How.UNCHANGED else out).stat().st_size == found.size <= limit


def test_a_larger_limit_never_gives_a_smaller_picture(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(encoded(noisy_photo("coffee", (480, 360)), "PNG"))
    found = [fit(path, tmp_path / "out", limit=limit) for limit in range(4_000, 80_000, 15_000)]
    widths = [0 if each is None else each.width for each in found]
    assert widths == sorted(widths)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"<html>" * 100)
    with pytest.raises(Refusal) as caught:
        fit(path, tmp_path / "out", limit=10)
    assert caught.value.reason is Reason.NOT_AN_IMAGE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_published_picture_keeps_its_pixels_and_its_profile_and_nothing_else(
    tmp_path: Path, kind: str
) -> None:
    path, out, exif = tmp_path / "source", tmp_path / "out", oriented(1)
    exif[0x010F] = "a camera"
    path.write_bytes(encoded(photo(), kind, exif=exif, icc_profile=profile()))
    found = publish(path, out, limit=MIB)
    assert found is not None
    assert (found.how, found.size, found.width) == (How.UNCHANGED, out.stat().st_size, 512)
    with Image.open(path) as before, Image.open(out) as after:
        assert ImageChops.difference(before, after).getbbox() is None
        assert after.info["icc_profile"] == profile()
        assert b"a camera" in path.read_bytes()
        assert b"a camera" not in out.read_bytes()
        assert len(after.getexif()) == 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_published_picture_stands_upright(tmp_path: Path, kind: str) -> None:
    path, out = tmp_path / "source", tmp_path / "out"
    path.write_bytes(encoded(photo("coffee", (300, 200)), kind, quality=95, exif=oriented(6)))
    found = publish(path, out, limit=MIB)
    assert found is not None
    with Image.open(out) as after:
        assert after.size == (200, 300) == (found.width, found.height)
        assert loss(after.convert("RGB"), photo("coffee", (300, 200)).rotate(-90, expand=True)) < 6
        assert len(after.getexif()) == 0


def test_a_published_picture_is_within_both_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "source", tmp_path / "out"
    path.write_bytes(encoded(noisy_photo("coffee", (300, 200)), "PNG"))
    found = publish(path, out, limit=40_000)
    assert found is not None
    assert 20_000 < found.size <= 40_000
    monkeypatch.setattr("pictures.publish.MAX_SOURCE_BYTES", 20_000)
    found = publish(path, out, limit=40_000)
    assert found is not None
    assert found.size <= 20_000


def test_what_was_made_passes_for_a_source(tmp_path: Path) -> None:
    found, _made = fitted(tmp_path, encoded(with_alpha(photo()), "PNG"), 0.3)
    again = inspect(tmp_path / "out")
    assert (again.media_type, again.size) == (found.media_type, found.size)

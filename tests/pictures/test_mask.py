"""A mask comes into the frame of its image, whatever was done to that, and everything else is refused."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from domain.errors import Reason, Refusal
from pictures.inspect import inspect
from pictures.mask import Beside, mask

LEFT_UPPER = (255, 128)
"""What is opaque of a picture of 64 by 32: all but its left upper quarter."""


def photo(
    path: Path, *, size: tuple[int, int] = (64, 32), orientation: int = 1, detailed: bool = False
) -> Path:
    picture = Image.new("RGB", size, "green")
    if detailed:
        picture.paste("red", (0, 0, size[0], size[1] // 2))
        picture.paste("blue", (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(path, "JPEG", quality=95, exif=exif)
    return path


def hole(size: tuple[int, int] = (64, 32), ground: Image.Image | None = None) -> Image.Image:
    """Return a mask whose left upper quarter is transparent."""
    picture = Image.new("RGBA", size, "white") if ground is None else ground.convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return picture


def made(tmp_path: Path, found: Image.Image, image: Path) -> Image.Image:
    """Bring a mask into the frame of an image, and return it as the provider gets it."""
    file, normal, out, thumbnail = (tmp_path / name for name in ("mask.png", "normal", "out", "thumbnail"))
    found.save(file, "PNG")
    sent = inspect(image, thumbnail=tmp_path / "small", normal=normal)
    beside = Beside(image=image, normal=normal if sent.rewritten else image, thumbnail=thumbnail)
    described = mask(file, out, size=(sent.width, sent.height), beside=beside)
    assert (described.media_type, described.width, described.height) == ("image/png", sent.width, sent.height)
    with Image.open(thumbnail) as shown:
        assert shown.getchannel("A").getextrema() == (0, 255)
    with Image.open(out) as result:
        assert result.mode == "RGBA"
        return result.copy()


def corner(result: Image.Image) -> str:
    """Return which quarter of a mask is transparent."""
    alpha = result.getchannel("A")
    assert alpha.getextrema() == (0, 255)
    across, down = (1, 3), (1, 3)
    places = {
        f"{'upper' if y == 1 else 'lower'} {'left' if x == 1 else 'right'}": (
            alpha.width * x // 4,
            alpha.height * y // 4,
        )
        for x in across
        for y in down
    }
    clear = [name for name, place in places.items() if alpha.getpixel(place) == 0]
    assert len(clear) == 1
    return clear[0]


TURNED = {
    1: "upper left",
    2: "upper right",
    3: "lower right",
    4: "lower left",
    5: "upper left",
    6: "upper right",
    7: "lower right",
    8: "lower left",
}


@pytest.mark.parametrize("orientation", TURNED)
def test_a_mask_of_the_file_is_turned_with_it(tmp_path: Path, orientation: int) -> None:
    result = made(tmp_path, hole(), photo(tmp_path / "a.jpg", orientation=orientation))
    assert result.size == ((64, 32) if orientation < 5 else (32, 64))
    assert corner(result) == TURNED[orientation]


@pytest.mark.parametrize("orientation", [6, 8])
def test_a_mask_of_what_is_shown_stays_as_it_is(tmp_path: Path, orientation: int) -> None:
    result = made(tmp_path, hole((32, 64)), photo(tmp_path / "a.jpg", orientation=orientation))
    assert (result.size, corner(result)) == ((32, 64), "upper left")


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("orientation", [3, 6])
def test_where_the_shape_does_not_tell_the_colours_do(tmp_path: Path, orientation: int, stored: bool) -> None:
    image = photo(tmp_path / "a.jpg", size=(64, 64), orientation=orientation, detailed=True)
    with Image.open(image) as opened:
        turn = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270}[orientation]
        ground = opened.copy() if stored else opened.transpose(turn)
    result = made(tmp_path, hole((64, 64), ground), image)
    assert corner(result) == (TURNED[orientation] if stored else "upper left")


@pytest.mark.parametrize("size", [(128, 64), (16, 8), (64, 64)])
def test_another_size_is_scaled_by_the_nearest_neighbour(tmp_path: Path, size: tuple[int, int]) -> None:
    result = made(tmp_path, hole(size), photo(tmp_path / "a.jpg"))
    assert (result.size, corner(result)) == ((64, 32), "upper left")
    assert {value for _, value in result.getchannel("A").getcolors() or []} == {0, 255}


def test_a_photograph_that_is_scaled_down_takes_its_mask_along(tmp_path: Path) -> None:
    image = tmp_path / "large.tif"
    Image.new("RGB", (5000, 500), "green").save(image)
    result = made(tmp_path, hole((5000, 500)), image)
    assert (result.size, corner(result)) == ((4096, 410), "upper left")


@pytest.mark.parametrize("mode", ["P", "LA", "L", "RGB"])
def test_every_png_with_transparency_is_a_mask(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "mask.png"
    if mode == "LA":
        hole().convert("LA").save(file)
    elif mode == "P":
        hole().quantize().save(file)
    else:
        clear = 3 if mode == "L" else (3, 3, 3)
        picture = Image.new(mode, (64, 32), "white")
        picture.paste(clear, (0, 0, 32, 16))
        picture.save(file, transparency=clear)
    mask(file, tmp_path / "out", size=(64, 32))
    with Image.open(tmp_path / "out") as result:
        assert corner(result) == "upper left"
        assert result.info == {}


def _as(kind: str, picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_as("PNG", Image.new("RGB", (8, 8))), Reason.BAD_MASK),
        (_as("PNG", Image.new("RGBA", (8, 8), "white")), Reason.BAD_MASK),
        (_as("JPEG", Image.new("RGB", (8, 8))), Reason.BAD_MASK),
        (_as("WEBP", Image.new("RGBA", (8, 8))), Reason.BAD_MASK),
        (b"no picture at all", Reason.BAD_MASK),
        (_as("PNG", Image.effect_noise((64, 64), 60).convert("RGBA"))[:900], Reason.TRUNCATED),
    ],
)
def test_what_is_no_mask_is_refused(tmp_path: Path, data: bytes, reason: Reason) -> None:
    (tmp_path / "mask").write_bytes(data)
    with pytest.raises(Refusal) as refused:
        mask(tmp_path / "mask", tmp_path / "out", size=(8, 8))
    assert refused.value.reason is reason

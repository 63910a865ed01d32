"""The one form: what a picture is brought into, for every kind that people have."""

import io
import json
import struct
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from domain.errors import Reason, Refusal
from pictures import normal as normal_module
from pictures import opening as opening_module
from pictures.inspect import inspect
from pictures.normal import Normal, normal_form
from pictures.opening import opened
from pictures.values import Inspected

from .material import Put, encoded, jpeg_with, noisy_photo, oriented, photo, png, profile, segment, with_alpha

CASES = Path(__file__).parent / "cases"
SECRET = b"48 degrees north"


def jpeg_frame(marker: int, height: int, width: int) -> bytes:
    parts = b"\1\x11\0\2\x11\0\3\x11\0"
    return b"\xff\xd8" + segment(marker, struct.pack(">BHHB", 8, height, width, 3) + parts) + b"\xff\xd9"


def form(put: Put, data: bytes, **options: int) -> tuple[Normal, Image.Image]:
    made = normal_form(opened(put(data)), **options)
    with Image.open(io.BytesIO(made.data)) as picture:
        picture.load()
        assert picture.size == (made.width, made.height)
        assert picture.format == made.kind
        return made, picture


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).rms)


TAKEN = {
    "01_iphone.heic": ("image/jpeg", (96, 72), "HEIC"),
    "01b_heic_named.jpg": ("image/jpeg", (96, 72), "HEIC"),
    "01c_photo.avif": ("image/jpeg", (96, 72), "AVIF"),
    "01d_static.gif": ("image/png", (96, 72), "GIF"),
    "01e_scan.tif": ("image/png", (96, 72), "TIFF"),
    "02_exif_orientation_6.jpg": ("image/jpeg", (96, 72), None),
    "03_cmyk.jpg": ("image/jpeg", (96, 72), None),
    "03b_16bit_rgb.png": ("image/png", (96, 72), None),
    "05_no_eoi.jpg": ("image/jpeg", (96, 72), None),
    "05b_bad_crc_in_text_chunk.png": ("image/png", (96, 72), None),
    "05c_cut_in_iend_crc.png": ("image/png", (96, 72), None),
    "05d_riff_size_8_too_large.webp": ("image/webp", (96, 72), None),
    "05e_leading_newline.png": ("image/png", (96, 72), None),
    "08_megapixels_108.jpg": ("image/jpeg", (4096, 3072), None),
}


@pytest.mark.parametrize("name", TAKEN)
def test_every_case_is_taken_and_what_is_kept_is_the_normal_form(tmp_path: Path, name: str) -> None:
    thumbnail, normal = tmp_path / "thumbnail", tmp_path / "normal"
    found = inspect(CASES / name, thumbnail=thumbnail, normal=normal)
    assert (found.media_type, (found.width, found.height), found.converted) == TAKEN[name]
    assert found.rewritten
    assert found.megapixels == (108 if "108" in name else None)
    again = inspect(normal, thumbnail=tmp_path / "again", normal=tmp_path / "unwritten")
    assert again == Inspected(
        media_type=found.media_type,
        width=found.width,
        height=found.height,
        size=normal.stat().st_size,
        sha256=found.sha256,
    ), "it is in its normal form, and once is enough"
    assert not (tmp_path / "unwritten").exists()
    with Image.open(thumbnail) as small, Image.open(normal) as kept:
        assert difference(small, kept.resize(small.size)) < 14, "the sheet shows what is sent"


def test_a_clean_picture_stays_as_it_is(tmp_path: Path) -> None:
    source = CASES / "03c_palette_trns.png"
    found = inspect(source, thumbnail=tmp_path / "thumbnail", normal=tmp_path / "normal")
    assert not found.rewritten
    assert not (tmp_path / "normal").exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_only_beside_the_pixels_goes_and_they_stay(put: Put, kind: str) -> None:
    exif = oriented(1)
    exif[0x010F] = SECRET.decode()
    data = encoded(photo(), kind, exif=exif, icc_profile=profile())
    made, picture = form(put, data)
    with Image.open(io.BytesIO(data)) as before:
        assert ImageChops.difference(before, picture).getbbox() is None
    assert made.picture is None, "nothing was encoded"
    assert SECRET in data
    assert SECRET not in made.data
    assert picture.info["icc_profile"] == profile()


def test_colours_of_a_wide_gamut_become_srgb(put: Put) -> None:
    data = encoded(Image.new("RGB", (64, 64), (220, 30, 30)), "JPEG", icc_profile=profile("other"))
    made, picture = form(put, data)
    red, _, blue = picture.getpixel((32, 32))
    assert blue > red + 100, "the profile swaps red and blue"
    assert "icc_profile" not in picture.info
    assert made.kind == "JPEG"


def test_a_picture_for_print_is_converted_by_its_profile(put: Put) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    assert lab.profile.xcolor_space.strip() == "Lab"
    picture = photo("coffee", (200, 150), "CMYK")
    made, shown = form(put, encoded(picture, "JPEG", quality=95))
    assert (made.kind, shown.mode) == ("JPEG", "RGB")
    assert difference(shown, picture.convert("RGB")) < 6


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "AVIF", "WEBP"])
def test_what_is_clear_stays_clear(put: Put, kind: str) -> None:
    picture = with_alpha(photo("cat", (200, 150)))
    made, shown = form(put, encoded(picture, kind, exif=oriented(6)))
    assert (made.kind, shown.mode) == ("PNG", "RGBA")
    upright = picture.rotate(-90, expand=True)
    assert shown.size == upright.size
    assert difference(shown.getchannel("A"), upright.getchannel("A")) < 6


@pytest.mark.parametrize("kind", ["TIFF", "AVIF", "JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [2, 3, 6, 8])
def test_every_kind_stands_upright(put: Put, kind: str, orientation: int) -> None:
    sideways = photo("coffee", (180, 120))
    _made, shown = form(put, encoded(sideways, kind, quality=95, exif=oriented(orientation)))
    turn = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180}
    turn |= {6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}
    upright = sideways.transpose(turn[orientation])
    assert shown.size == upright.size
    assert difference(shown, upright) < 9


def test_a_comment_of_another_kind_does_not_come_along(put: Put) -> None:
    data = encoded(noisy_photo("cat", (900, 700)).quantize(256), "GIF", comment=SECRET)
    made, _shown = form(put, data, limit=80_000)
    assert SECRET in data
    assert SECRET not in made.data


def test_a_picture_without_loss_keeps_that_while_it_is_small(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(photo("cat", (200, 150)), "BMP")
    made, shown = form(put, data)
    assert made.kind == "PNG"
    assert difference(shown, photo("cat", (200, 150))) == 0
    monkeypatch.setattr(normal_module, "PNG_BYTES", 20_000)
    assert form(put, data)[0].kind == "JPEG"


def test_only_what_must_be_encoded_anyway_is_made_smaller(put: Put) -> None:
    wide = photo("coffee", (5_000, 100))
    assert form(put, encoded(wide, "JPEG"))[0].width == 5_000
    made, _ = form(put, encoded(wide, "JPEG", exif=oriented(6)))
    assert (made.width, made.height) == (82, 4_096)


def test_an_animation_of_one_picture_is_one(put: Put) -> None:
    still = photo("cat", (90, 60))
    for kind in ("GIF", "WEBP", "PNG"):
        made, shown = form(put, encoded(still, kind, save_all=True, append_images=[]))
        assert difference(shown, still) < 30
        assert b"ANMF" not in made.data


def test_bytes_before_a_picture_are_cut(put: Put) -> None:
    assert form(put, b"\r\n" + png())[0].data == png()


def test_a_picture_that_limit_would_ruin_is_refused(put: Put) -> None:
    with pytest.raises(Refusal) as caught:
        normal_form(opened(put(encoded(noisy_photo("cat", (600, 400)), "JPEG", exif=oriented(6)))), limit=900)
    assert caught.value.reason is Reason.TOO_LARGE


def test_a_long_comment_does_not_make_a_picture_too_large(put: Put) -> None:
    data = jpeg_with(*[segment(0xFE, bytes(60_000))] * 30)
    assert len(form(put, data, limit=200_000)[0].data) < 10_000


@pytest.mark.parametrize("name", ["07_canon.cr3"])
def test_a_raw_photo_is_refused_as_one(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        inspect(CASES / name)
    assert caught.value.reason is Reason.CAMERA_RAW
    assert json.dumps(dict(caught.value.values)) == "{}"


@pytest.mark.parametrize("white", [1.0, 255.0])
def test_a_picture_of_fractions_is_no_black_one(put: Put, white: float) -> None:
    grey = photo("cat", (60, 40), "L")
    _made, shown = form(put, encoded(grey.convert("F").point(lambda value: value * white / 255), "TIFF"))
    assert difference(shown, grey) < 2


def test_what_hardly_anything_reads_is_encoded_anew(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow cannot write a JPEG of arithmetic coding: its frame is one that everything else here is."""
    monkeypatch.setattr(opening_module, "ARITHMETIC", frozenset({b"\xc0"}))
    assert form(put, encoded(photo("cat", (60, 40)), "JPEG"))[0].picture is not None


@pytest.mark.parametrize(
    "data",
    [
        jpeg_frame(0xC2, 15_900, 16_000),
        encoded(Image.new("L", (6_100, 6_100)), "JPEG2000"),
    ],
    ids=["JPEG in passes", "JPEG 2000"],
)
def test_what_takes_more_than_there_is_is_not_called_damaged(put: Put, data: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        inspect(put(data))
    assert caught.value.reason is Reason.TOO_HARD

"""Sizes of pictures from their headers: Pillow makes the pictures, nothing decodes them."""

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from playground.discord.dimensions import picture_size

SAMPLES = Path(__file__).parents[3] / "playground" / "samples"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {"lossless": False}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00"}),
    ],
)
def test_every_format_tells_its_size(tmp_path: Path, kind: str, options: dict[str, object]) -> None:
    path = tmp_path / "picture"
    Image.new("RGB", (317, 211), "red").save(path, kind, **options)
    assert picture_size(path) == (317, 211)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.jpg")), ids=lambda path: path.stem)
def test_photographs_tell_what_pillow_reads(path: Path) -> None:
    with Image.open(path) as picture:
        assert picture_size(path) == picture.size


def test_a_decompression_bomb_is_measured_and_not_decoded(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    path = tmp_path / "bomb.png"
    path.write_bytes(data)
    assert picture_size(path) == (30_000, 30_000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain text",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe0\x00\x01",
        b"\xff\xd8\xff\xc0\x00\x11\x08",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBPVP8X",
        b"RIFF\x00\x00\x00\x00WEBPXXXX" + bytes(20),
    ],
)
def test_what_is_no_whole_header_has_no_size(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert picture_size(path) is None

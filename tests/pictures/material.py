"""Pictures for the tests: real photographs, honest files of every kind, and hostile ones."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops, ImageCms

from domain.errors import Reason

Size = tuple[int, int]
Put = Callable[[bytes], Path]
Refused = Callable[[bytes], tuple[Reason, dict[str, str | int]]]

SAMPLES = Path(__file__).resolve().parents[2] / "playground" / "samples"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def photo(name: str = "astronaut", size: Size | None = None, mode: str = "RGB") -> Image.Image:
    with Image.open(SAMPLES / f"{name}.jpg") as file:
        picture = file.convert(mode)
    return picture if size is None else picture.resize(size)


def noisy_photo(name: str, size: Size, sigma: int = 14) -> Image.Image:
    """A photograph as heavy as a camera's: enlarged, with grain."""
    grain = Image.merge("RGB", [Image.effect_noise(size, sigma)] * 3)
    return ImageChops.add(photo(name, size), grain, 1, -128)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    if kind == "PNG":
        options = {"compress_level": 1, **options}
    picture.save(target, format=kind, **options)
    return target.getvalue()


def with_alpha(picture: Image.Image) -> Image.Image:
    picture = picture.convert("RGB")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def oriented(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@cache
def profile(name: str = "sRGB") -> bytes:
    """A colour profile; "other" differs from sRGB, so that applying it shows."""
    if name == "sRGB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data = data.replace(b"sRGB", b"test").replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    # The red and the blue primary change places.
    tags = {bytes(data[at : at + 4]): at for at in range(132, 132 + 12 * int.from_bytes(data[128:132]), 12)}
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(data)


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def png(*chunks: bytes, width: int = 8, height: int = 8, data: bytes | None = None) -> bytes:
    """A PNG of a few white pixels with more chunks before its data."""
    if data is None:
        data = zlib.compress((b"\0" + b"\xff" * 3 * width) * height)
    return PNG_SIGNATURE + header(width, height) + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND")


def chunks_of(data: bytes) -> list[tuple[bytes, bytes]]:
    """A PNG's chunks as (kind, body)."""
    at, found = 8, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def resealed(data: bytes) -> bytes:
    """A damaged PNG whose checksums were made right again, so that the damage reaches the decoder."""
    return PNG_SIGNATURE + b"".join(chunk(kind, body) for kind, body in chunks_of(data))


def zeros(count: int) -> bytes:
    """``count`` zeros, deflated to a thousandth."""
    deflater, block = zlib.compressobj(1), bytes(1 << 20)
    pieces = [deflater.compress(block) for _ in range(count >> 20)]
    return b"".join([*pieces, deflater.flush()])


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(*segments: bytes, picture: Image.Image | None = None) -> bytes:
    """A JPEG with more segments behind its first marker."""
    data = encoded(picture or photo(size=(64, 48)), "JPEG")
    return data[:2] + b"".join(segments) + data[2:]


def exif_bomb(entries: int = 5_000, length: int = 60_000) -> bytes:
    """A directory in which every entry points to the same 60 KB: 300 MB once it is parsed."""
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", entries)
    body = b"".join(struct.pack("<HHII", 0x9000 + at, 7, length, 8) for at in range(entries))
    return (head + body).ljust(65_000, b"\0")


def webp_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body

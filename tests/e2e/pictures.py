"""Pictures good and bad, out of the playground's photographs."""

import struct
import zlib
from pathlib import Path

from PIL import Image

SAMPLES = Path(__file__).parents[2] / "playground" / "samples"
CAT, COFFEE, ROCKET = (SAMPLES / name for name in ("cat.jpg", "coffee.jpg", "rocket.jpg"))


def small_photo(path: Path, *, side: int = 96, sample: Path = CAT) -> Path:
    """Write a photograph scaled down, in the format that the name says."""
    with Image.open(sample) as photo:
        photo.convert("RGB").resize((side, side)).save(path)
    return path


def located_photo(path: Path) -> Path:
    """Write a JPEG that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker of cameras", "Model of a camera"
    exif.get_ifd(0x8825)[1] = "N"
    with Image.open(CAT) as photo:
        photo.save(path, exif=exif, comment=b"at home")
    return path


def truncated_jpeg(path: Path) -> Path:
    """Write the first two thirds of a JPEG."""
    data = CAT.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    return path


def animated(path: Path) -> Path:
    """Write an animation of two frames as GIF, WebP or PNG."""
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    return path


def bomb(path: Path, *, side: int = 30_000) -> Path:
    """Write a valid PNG of 30,000 × 30,000 one-bit pixels in a few kilobytes (113 MB unpacked)."""

    row = b"\0" * (1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    )
    return path


def slow_png(path: Path, *, like: Path | None = None, note: int = 0) -> Path:
    """Write a PNG of 8,000 × 8,000 pixels, 16 bit with alpha, interlaced: half a megabyte that takes seconds.

    ``like`` is one that was written before, to be varied by a ``note`` that nobody shows.
    """
    end = png_chunk(b"IEND", b"")
    if like is not None:
        told = png_chunk(b"tEXt", b"note\0" + str(note).encode())
        path.write_bytes(like.read_bytes().removesuffix(end) + told + end)
        return path
    side, pixel = 8_000, 8
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    packer, data = zlib.compressobj(6), b""
    for left, top, across, down in passes:
        row = bytes(1 + len(range(left, side, across)) * pixel)
        rows = len(range(top, side, down))
        data += b"".join(packer.compress(row * 100) for _ in range(rows // 100))
        data += packer.compress(row * (rows % 100))
    header = struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 1)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data + packer.flush())
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body + end)
    return path


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

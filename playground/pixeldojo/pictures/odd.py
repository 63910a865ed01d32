"""Files that test a reader: padded to any size, decompression bombs, no pictures at all."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

NOT_AN_IMAGE = b"This is no picture, whatever its name and its content type say.\n" * 8
BOMB_SIDE = 30_000


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a PNG chunk: length, type, data and CRC-32 (PNG, third edition, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@lru_cache(maxsize=1)
def bomb() -> bytes:
    """Return a valid PNG of 30,000 x 30,000 black pixels in about 110 kilobytes."""
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    row = bytes(1 + BOMB_SIDE // 8)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row * 1000) for _ in range(BOMB_SIDE // 1000))
    data = _chunk(b"IDAT", rows + packer.flush())
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + data + _chunk(b"IEND", b"")


def padded(data: bytes, output_format: str, size: int) -> bytes:
    """Return a valid file of the same picture that has at least `size` bytes.

    A PNG gets a private ancillary chunk, a JPEG comment segments, a WebP an unknown RIFF chunk; readers
    skip all three.
    """
    missing = size - len(data)
    if missing <= 0:
        return data
    if output_format == "png":
        end = data.rindex(b"IEND") - 4
        return data[:end] + _chunk(b"drKp", _filler(missing)) + data[end:]
    if output_format == "jpeg":
        segment = b"\xff\xfe" + struct.pack(">H", 65_000 + 2) + _filler(65_000)
        return data[:2] + segment * -(-missing // len(segment)) + data[2:]
    filler = _filler(missing + missing % 2)
    whole = data + b"DRKP" + struct.pack("<I", len(filler)) + filler
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


def _filler(length: int) -> bytes:
    """Return bytes that compress badly enough to travel at their full size, and that are always the same."""
    block = bytes((number * number * 31 + number * 7) % 251 for number in range(4096))
    return (block * -(-length // len(block)))[:length]

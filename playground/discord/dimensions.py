"""Width and height of a picture, from its header alone: nothing is decoded, so bombs are harmless.

Sources: PNG specification 11.2.2 (IHDR), GIF89a section 18, RFC 9649 (WebP), ITU T.81 B.2.2 (JPEG frame).
"""

from pathlib import Path
from typing import BinaryIO

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset(range(0xD0, 0xDA)) | {0x01}


def picture_size(path: Path) -> tuple[int, int] | None:
    """Return (width, height) in pixels, or None if the file does not begin like a picture."""
    with path.open("rb") as file:
        head = file.read(32)
        if head.startswith(b"\xff\xd8"):
            file.seek(2)
            return _jpeg(file)
        return _short_header(head)


def _short_header(head: bytes) -> tuple[int, int] | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and len(head) >= 24:
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if head[:6] in (b"GIF87a", b"GIF89a") and len(head) >= 10:
        return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 30:
        return _webp(head)
    return None


def _webp(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        packed = int.from_bytes(head[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = int.from_bytes(head[26:28], "little"), int.from_bytes(head[28:30], "little")
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(file: BinaryIO) -> tuple[int, int] | None:
    while True:
        mark = file.read(2)
        if len(mark) < 2 or mark[0] != 0xFF:
            return None
        if mark[1] in _JPEG_BARE:
            continue
        length = int.from_bytes(file.read(2), "big")
        if mark[1] in _JPEG_FRAMES:
            frame = file.read(5)
            height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
            return (width, height) if len(frame) == 5 else None
        if length < 2:
            return None
        file.seek(length - 2, 1)

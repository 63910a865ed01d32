"""The pieces of a file (JPEG segments, PNG chunks, RIFF chunks), and a copy of it without its metadata.

No pixel is touched and hardly anything judged: what makes no sense is handed on, and the decoder refuses it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pictures.kinds import Sent, damaged

MAX_PIECES = 50_000
"""Of one file: a 50 MB PNG written 4 KiB at a time has 12,800."""
SCAN, FRAMES = b"\xda", frozenset(bytes([0xC0 + each]) for each in range(16) if each not in {4, 8, 12})
"""JPEG's markers of compressed data and of how that is compressed."""
PROGRESSIVE = frozenset({b"\xc2", b"\xca"})
"""Frames whose data come in passes over the whole picture."""
ARITHMETIC = frozenset({b"\xc9", b"\xca"})
"""Frames that our decoder reads, and hardly any other."""

_IEND = b"\0\0\0\0IEND\xaeB`\x82"
_PNG = frozenset(
    b"IHDR PLTE IDAT tRNS iCCP gAMA cHRM sRGB cICP mDCV cLLI sBIT bKGD pHYs acTL fcTL fdAT".split()
)
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""A marker that ends compressed data: neither a stuffed zero nor a restart nor a fill byte."""
_END = b"\xd9"
END_OF_JPEG = b"\xff" + _END
_JPEG = {SCAN, _END, b"\xc4", b"\xcc", b"\xdb", b"\xdc", b"\xdd", *FRAMES}
_COLOURS = {b"\xe0": b"JFIF\0", b"\xe2": b"ICC_PROFILE\0", b"\xee": b"Adobe"}
"""What in a JPEG's application segments says how its colours are meant, by the marker."""
_JFIF_BYTES = 18
"""Of a JFIF segment without a thumbnail."""
_WEBP = frozenset({b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"})
FILM = frozenset({b"ANMF", b"fcTL"})
"""The chunks of WebP and PNG that begin a picture of a film."""
_EXIF_AND_XMP = 0b1100
"""What announces them in VP8X's flags (RFC 9649, section 2.7)."""


class Piece(NamedTuple):
    """A chunk or segment by its name (a JPEG's: the marker): where it starts, where its data do, its end."""

    name: bytes
    start: int
    body: int
    end: int


def pieces_of(data: bytes, kind: Sent) -> list[Piece]:
    """Return a file's pieces in order, up to its end: what lies behind that is not the picture's.

    Raises
    ------
    Refusal
        TRUNCATED if there are more than 50,000, or one is longer than what is left of the file.
    """
    walk = {"PNG": _chunks, "JPEG": _segments, "WEBP": _riff_chunks}[kind]
    pieces = list(islice(walk(data), MAX_PIECES + 1))
    if len(pieces) > MAX_PIECES or any(piece.end > len(data) for piece in pieces):
        raise damaged()
    return pieces


def exif_of(data: bytes, pieces: Sequence[Piece]) -> bytes:
    """Return the first EXIF of a file, or nothing."""
    for name, _start, body, end in pieces:
        if name in {b"eXIf", b"EXIF"} or (name == b"\xe1" and data.startswith(b"Exif\0\0", body)):
            return data[body:end]
    return b""


def has_end(pieces: Sequence[Piece]) -> bool:
    """Tell whether a JPEG says where it ends."""
    return any(piece.name == _END for piece in pieces)


def bare(data: bytes, kind: Sent, pieces: Sequence[Piece]) -> bytes:
    """Copy a file with nothing but its pixels and how they are meant: no EXIF, XMP, IPTC, text or thumbnail.

    A PNG or a JPEG gets its end if that is missing, a WebP the size that it has.
    """
    view = memoryview(data)
    if kind == "PNG":
        kept = (view[each.start : each.end] for each in pieces if each.name in _PNG)
        return b"".join([view[:8], *kept, _IEND])
    if kind == "JPEG":
        kept = (view[each.start : each.end] for each in pieces if _is_needed(data, each))
        copy = b"".join([view[:2], *kept])
        return copy if has_end(pieces) else copy.rstrip(b"\xff") + END_OF_JPEG
    chunks = [part for each in pieces if each.name in _WEBP for part in _riff_chunk(view, each)]
    return b"".join([b"RIFF", _size(4 + sum(map(len, chunks))), b"WEBP", *chunks])


def _chunks(data: bytes) -> Iterator[Piece]:
    at = 8
    while at + 8 <= len(data):
        name, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4], "big")
        if name == b"IEND":
            return
        yield Piece(name, at, at + 8, end)
        at = end


def _segments(data: bytes) -> Iterator[Piece]:
    at = 2
    while found := _MARKER.search(data, at):
        start, at = found.span()
        name = data[at - 1 : at]
        if name == _END:
            yield Piece(name, start, at, at)
            return
        body, at = at + 2, at + int.from_bytes(data[at : at + 2], "big")
        if name == SCAN:
            following = _MARKER.search(data, at)
            at = following.start() if following else len(data)
        yield Piece(name, start, body, at)


def _is_needed(data: bytes, piece: Piece) -> bool:
    colours = _COLOURS.get(piece.name)
    if colours is None:
        return piece.name in _JPEG
    thumbnail = piece.name == b"\xe0" and piece.end - piece.start > _JFIF_BYTES
    return data.startswith(colours, piece.body) and not thumbnail


def _riff_chunks(data: bytes) -> Iterator[Piece]:
    at, end = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield Piece(data[at : at + 4], at, at + 8, at + 8 + length)
        at += 8 + length + length % 2


def _riff_chunk(view: memoryview, piece: Piece) -> tuple[bytes | memoryview, ...]:
    body: bytes | memoryview = view[piece.body : piece.end]
    if piece.name == b"VP8X" and body:
        body = bytes([body[0] & ~_EXIF_AND_XMP, *body[1:]])
    return piece.name, _size(len(body)), body, bytes(len(body) % 2)


def _size(count: int) -> bytes:
    return count.to_bytes(4, "little")

"""Is this file a picture that the provider reads? Decided by its bytes, cheaply first, by decoding last."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from domain.errors import Reason, Refusal
from domain.limits import MAX_SOURCE_BYTES, MIB, SOURCE_TYPES
from pictures.decode import reduced
from pictures.jpeg import walk_jpeg
from pictures.kinds import HEAD, kind_of
from pictures.placeholder import placeholder
from pictures.png import walk_png
from pictures.structure import THUMBNAIL_SIDE, Structure, thumbnail_size
from pictures.webp import walk_webp

MAX_DECODE_BYTES = 704 * MIB
"""What one decode may hold in memory. Above it, which only a WebP of more than 45 megapixels is, a file is
judged by its structure alone and its thumbnail is a placeholder."""
_THUMBNAIL_QUALITY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A picture that may be used: ``width`` and ``height`` in pixels as it is shown, ``size`` in bytes."""

    media_type: str
    width: int
    height: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is known of a picture before it is decoded."""

    inspected: Inspected
    structure: Structure


def survey(path: Path, *, limit: int = MAX_SOURCE_BYTES, sha256: str = "") -> Survey:
    """Look at a file of at most ``limit`` bytes without decoding it, and hash it. Needs 1 MB of memory.

    A hash that was taken when the file was written is passed as ``sha256``.

    Raises
    ------
    Refusal
        NOT_AN_IMAGE; WRONG_TYPE (``type``); ANIMATED; TRUNCATED, which is also a broken file; TOO_LARGE
        (``limit_mb``); TOO_MANY_PIXELS (``width``, ``height``).
    OSError
        The file cannot be read.
    """
    structure = structure_of(path, limit=limit)
    return Survey(inspected=described(path, structure, sha256=sha256), structure=structure)


def described(path: Path, structure: Structure, *, sha256: str = "") -> Inspected:
    """Describe a file that was walked; it is hashed unless ``sha256`` is known."""
    if not sha256:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    width, height = structure.shown
    media_type = SOURCE_TYPES[structure.format]
    return Inspected(
        media_type=media_type, width=width, height=height, size=path.stat().st_size, sha256=sha256
    )


def structure_of(path: Path, *, limit: int = MAX_SOURCE_BYTES) -> Structure:
    """Walk over a file's parts; raises as ``survey`` does."""
    size = path.stat().st_size
    if size > limit:
        raise Refusal(Reason.TOO_LARGE, limit_mb=limit // MIB)
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
        if kind == "PNG":
            return walk_png(file)
        return walk_jpeg(file) if kind == "JPEG" else walk_webp(file, size)


def inspect(path: Path, *, thumbnail: Path | None = None) -> Inspected:
    """Look at a file, decode it once, and write a thumbnail of it where one is wanted.

    Raises
    ------
    Refusal
        As ``survey`` does.
    OSError
        The file cannot be read or the thumbnail not be written.
    """
    found = survey(path)
    prove(path, found.structure, thumbnail=thumbnail)
    return found.inspected


def prove(
    path: Path, structure: Structure, *, thumbnail: Path | None = None, side: int = THUMBNAIL_SIDE
) -> None:
    """Decode a surveyed file, at a reduced size where its format can, and keep that as a thumbnail.

    The thumbnail is upright, in sRGB, at most ``side`` pixels on its longer side; a PNG where it has alpha, a
    JPEG otherwise.

    Raises
    ------
    Refusal
        TRUNCATED if the data cannot be decoded to its end.
    """
    if structure.reduced_bytes <= MAX_DECODE_BYTES:
        picture = reduced(path, structure, side=side)
    else:
        picture = placeholder(thumbnail_size(*structure.shown, side=side))
    if thumbnail is not None:
        _save(picture, thumbnail)


def _save(picture: Image.Image, path: Path) -> None:
    if picture.mode == "RGBA":
        picture.save(path, format="PNG", compress_level=1)
    else:
        picture.save(path, format="JPEG", quality=_THUMBNAIL_QUALITY)

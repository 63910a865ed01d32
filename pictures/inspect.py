"""Is this file a picture that the provider reads? Decided by its bytes, cheaply first, by decoding last."""

import hashlib
from pathlib import Path

from PIL import Image

from domain.limits import MAX_SOURCE_BYTES, MAX_SOURCE_PIXELS, SOURCE_TYPES
from pictures.decode import reduced
from pictures.kinds import Format
from pictures.opening import opened
from pictures.values import Inspected

_THUMBNAIL_QUALITY = 90


def inspect(
    path: Path,
    *,
    thumbnail: Path | None = None,
    limit: int = MAX_SOURCE_BYTES,
    sha256: str = "",
    pixels: int = MAX_SOURCE_PIXELS,
) -> Inspected:
    """Look at a file of at most ``limit`` bytes, decode it once, and write a thumbnail where one is wanted.

    It is decoded at a reduced size where its kind can. The thumbnail is upright, in sRGB, at most 960 pixels
    on its longer side; a PNG where it has alpha, a JPEG otherwise. A hash that was taken when the file was
    written is passed as ``sha256``.

    Raises
    ------
    Larger, Refusal
        As ``opening.opened`` does; TRUNCATED if the data cannot be decoded to its end.
    OSError
        The file cannot be read or the thumbnail not be written.
    """
    picture = opened(path, limit=limit, pixels=pixels)
    small = reduced(picture)
    if thumbnail is not None:
        save(small, thumbnail)
    return described(path, picture.kind, picture.shown, sha256=sha256)


def described(path: Path, kind: Format, shown: tuple[int, int], *, sha256: str = "") -> Inspected:
    """Describe a file of ``shown`` pixels; it is hashed unless ``sha256`` is known."""
    if not sha256:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    width, height = shown
    media_type, size = SOURCE_TYPES[kind], path.stat().st_size
    return Inspected(media_type=media_type, width=width, height=height, size=size, sha256=sha256)


def save(picture: Image.Image, path: Path) -> None:
    """Write a thumbnail."""
    if picture.mode == "RGBA":
        picture.save(path, format="PNG", compress_level=1)
    else:
        picture.save(path, format="JPEG", quality=_THUMBNAIL_QUALITY)

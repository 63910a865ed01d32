"""Is this file a picture that can be used? Decided by its bytes, cheaply first, by decoding last."""

import hashlib
import io

from PIL import Image

from domain.limits import MAX_SCALED_PIXELS, MAX_SOURCE_BYTES
from pictures.decode import THUMBNAIL_SIDE, reduced, small_of
from pictures.kinds import MEDIA_TYPES, Format
from pictures.normal import Normal, normal_form
from pictures.opening import Opened, opened
from pictures.values import File, Inspected

_THUMBNAIL_QUALITY = 90


def inspect(
    file: File,
    *,
    thumbnail: File | None = None,
    normal: File | None = None,
    limit: int = MAX_SOURCE_BYTES,
    sha256: str = "",
    pixels: int = MAX_SCALED_PIXELS,
) -> Inspected:
    """Look at a file of at most ``limit`` bytes, decode it once, and write a thumbnail where one is wanted.

    The thumbnail is upright, in sRGB, at most 960 pixels on its longer side; a PNG where it has alpha, a JPEG
    otherwise. Where ``normal`` is given, a file that is not in its normal form is written there in it, and
    that is described. A hash that was taken when the file was written is passed as ``sha256``.

    Raises
    ------
    Larger, Refusal
        As ``opening.opened`` does; TRUNCATED if the data cannot be decoded to its end.
    OSError
        The file cannot be read, or what is made of it not be written.
    """
    picture = opened(file, limit=limit, pixels=pixels)
    if normal is None:
        small, found = reduced(picture), described(file, picture.kind, picture.shown, sha256=sha256)
    else:
        small, found = taken(file, picture, normal, side=THUMBNAIL_SIDE, sha256=sha256)
    if thumbnail is not None:
        save(small, thumbnail)
    return found


def taken(file: File, picture: Opened, out: File, *, side: int, sha256: str) -> tuple[Image.Image, Inspected]:
    """Bring a picture into its normal form, at ``out`` unless it is in it; return it small, and described."""
    form = normal_form(picture)
    if form.picture is None:
        small = reduced(picture, side=side)
        if picture.intact:
            return small, described(file, picture.kind, picture.shown, sha256=sha256)
    else:
        small = small_of(form.picture, side=side)
    out.write_bytes(form.data)
    return small, _rewritten(picture, form)


def described(file: File, kind: Format, shown: tuple[int, int], *, sha256: str = "") -> Inspected:
    """Describe a file of ``shown`` pixels; it is hashed unless ``sha256`` is known."""
    if not sha256:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    width, height = shown
    media_type, size = MEDIA_TYPES[kind], file.stat().st_size
    return Inspected(media_type=media_type, width=width, height=height, size=size, sha256=sha256)


def save(picture: Image.Image, file: File) -> None:
    """Write a thumbnail."""
    target = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(target, format="PNG", compress_level=1)
    else:
        picture.save(target, format="JPEG", quality=_THUMBNAIL_QUALITY)
    file.write_bytes(target.getvalue())


def _rewritten(picture: Opened, form: Normal) -> Inspected:
    before = picture.width * picture.height
    return Inspected(
        media_type=MEDIA_TYPES[form.kind],
        width=form.width,
        height=form.height,
        size=len(form.data),
        sha256=hashlib.sha256(form.data).hexdigest(),
        rewritten=True,
        converted=None if picture.kind in {"PNG", "JPEG", "WEBP"} else picture.kind,
        megapixels=round(before / 1e6) if form.width * form.height < before else None,
    )

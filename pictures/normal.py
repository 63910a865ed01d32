"""The one form in which a picture goes to the provider, is kept and is published.

Upright, 8 bit, sRGB or grey, PNG, JPEG or WebP, nothing beside the pixels but their profile. A picture that
is so stays as it is. One that only carries more is copied without that, piece by piece. Any other is
encoded once.
"""

from dataclasses import dataclass

from PIL import Image

from domain.errors import Reason, Refusal
from domain.limits import FILE_BYTES, MAX_SENT_SIDE, MAX_SOURCE_BYTES, MAX_SOURCE_PIXELS, MIB
from pictures.colours import is_srgb, to_srgb
from pictures.decode import whole
from pictures.encode import Prepared, as_png, is_opaque
from pictures.fit import within
from pictures.kinds import Sent
from pictures.opening import Opened

PNG_BYTES = 3 * MIB
"""Bytes up to which a picture without alpha stays without loss: eight of them share 25 MiB."""
PNG_PIXELS = 4_000_000
"""Above this no PNG is tried for one: it takes a second and, of a photograph, has 1.5 bytes a pixel."""
_WITHOUT_LOSS = {"PNG", "GIF", "BMP", "ICO", "TIFF"}
_SIXTEEN_BIT = 16
_DEPTH_AT = 24
"""Where a PNG says how many bits a sample has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A picture's normal form: ``data`` is the file, ``width`` and ``height`` are pixels.

    ``picture`` is there where it had to be encoded anew.
    """

    data: bytes
    kind: Sent
    width: int
    height: int
    picture: Image.Image | None = None


def normal_form(picture: Opened, *, limit: int = FILE_BYTES) -> Normal:
    """Bring a picture into its normal form, of at most ``limit`` bytes unless it is in it already.

    Raises
    ------
    Refusal
        TRUNCATED if it must be decoded and cannot to its end; TOO_MANY_PIXELS if it is too large for that;
        TOO_LARGE if ``limit`` would ruin it.
    """
    kind = picture.kind
    if (kind == "PNG" or kind == "JPEG" or kind == "WEBP") and _is_shown_as_stored(picture):
        most = MAX_SOURCE_BYTES if picture.intact else limit
        if len(picture.data) <= most:
            return Normal(data=picture.data, kind=kind, width=picture.width, height=picture.height)
    if (form := encoded(picture, limit)) is None:
        raise Refusal(Reason.TOO_LARGE, limit_mb=limit // MIB)
    return form


def encoded(picture: Opened, limit: int) -> Normal | None:
    """Encode a picture anew: a JPEG, or a PNG where it has alpha or no loss before, as far as that fits.

    ``None`` if ``limit`` bytes would ruin it. Raises as ``normal_form`` does.
    """
    if picture.image is None:
        width, height = picture.shown
        raise Refusal(Reason.TOO_MANY_PIXELS, width=width, height=height)
    image = to_srgb(whole(picture, picture.image, side=MAX_SENT_SIDE), picture.profile)
    # What Pillow knows of the file it would write into the next one: comments, resolutions, profiles.
    image.info = {}
    if image.mode == "RGBA" and is_opaque(image):
        image = image.convert("RGB")
    data = _as_png(image, picture, limit)
    if data is not None:
        return Normal(data=data, kind="PNG", width=image.width, height=image.height, picture=image)
    kind: Sent = "WEBP" if image.mode == "RGBA" else "JPEG"
    made = within(Prepared(picture=image, kind=kind, profile=None), limit)
    if made is None:
        return None
    shown = made.prepared.picture
    return Normal(data=made.data, kind=kind, width=shown.width, height=shown.height, picture=shown)


def _as_png(image: Image.Image, picture: Opened, limit: int) -> bytes | None:
    if image.mode != "RGBA":
        if picture.kind not in _WITHOUT_LOSS or image.width * image.height > PNG_PIXELS:
            return None
        limit = min(limit, PNG_BYTES)
    data = as_png(image)
    return data if len(data) <= limit else None


def _is_shown_as_stored(picture: Opened) -> bool:
    """Tell whether the pixels are what is to be seen, whatever stands beside them."""
    if picture.orientation != 1 or not picture.usual or picture.width * picture.height > MAX_SOURCE_PIXELS:
        return False
    if picture.kind == "PNG" and picture.data[_DEPTH_AT] == _SIXTEEN_BIT:
        return False
    # A picture that is too large to be decoded here is taken for what it says.
    return picture.image is None or is_srgb(picture.image, picture.profile)

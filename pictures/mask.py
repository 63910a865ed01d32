"""A mask: where its image may change. It is brought into the frame of its image, as that is sent."""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageStat

from domain.errors import Reason, Refusal
from domain.limits import MAX_SCALED_PIXELS
from pictures.decode import reduced, turned
from pictures.encode import as_png
from pictures.inspect import described, save
from pictures.opening import Opened, decoding, opened
from pictures.values import File, Inspected

_NO_PICTURE = frozenset(
    {Reason.NOT_AN_IMAGE, Reason.WRONG_TYPE, Reason.VIDEO, Reason.CAMERA_RAW, Reason.JPEG_XL}
)
_COMPARED = (48, 48)
"""Pixels at which a mask is compared with its image, where only that tells how it lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The image of a mask: as it came (``image``) and as it is sent (``normal``).

    A picture of it in which what may change is missing is written to ``thumbnail``.
    """

    image: File
    normal: File
    thumbnail: File


def mask(
    file: File,
    out: File,
    *,
    size: tuple[int, int],
    beside: Beside | None = None,
    pixels: int = MAX_SCALED_PIXELS,
) -> Inspected:
    """Write a mask to ``out`` as a PNG of ``size`` (width and height in pixels), and describe that.

    It is turned as its image was if it lies as that does in its file, and scaled by the nearest neighbour.
    Nothing but its transparency is kept.

    Raises
    ------
    Larger
        It has more than ``pixels``.
    Refusal
        BAD_MASK if it is no PNG, or nowhere transparent; otherwise as ``opened`` does.
    OSError
        A file cannot be read, or what is made of it not be written.
    """
    picture = _opened(file, pixels)
    upright = turned(_transparency(picture), picture.orientation)
    if beside is not None and picture.orientation == 1:
        upright = _turned_with(upright, opened(beside.image, pixels=pixels))
    alpha = upright.getchannel("A").resize(size, Image.Resampling.NEAREST)
    black = Image.new("L", size)
    out.write_bytes(as_png(Image.merge("RGBA", (black, black, black, alpha))))
    if beside is not None:
        save(_with_holes(reduced(opened(beside.normal, pixels=pixels)), alpha), beside.thumbnail)
    return described(out, "PNG", size)


def _opened(file: File, pixels: int) -> Opened:
    try:
        picture = opened(file, pixels=pixels)
    except Refusal as refusal:
        if refusal.reason in _NO_PICTURE:
            raise Refusal(Reason.BAD_MASK) from refusal
        raise
    if picture.kind != "PNG":
        raise Refusal(Reason.BAD_MASK)
    return picture


def _transparency(picture: Opened) -> Image.Image:
    """Decode a mask as it is stored; refuse one that is nowhere transparent."""
    if picture.image is None or not picture.image.has_transparency_data:
        raise Refusal(Reason.BAD_MASK)
    with decoding():
        picture.image.load()
        found = picture.image.convert("RGBA")
    low, _ = found.getchannel("A").getextrema()
    if not isinstance(low, int | float) or low >= 255:
        raise Refusal(Reason.BAD_MASK)
    return found


def _turned_with(found: Image.Image, image: Opened) -> Image.Image:
    """Turn a mask as its image is turned, unless it lies upright already."""
    if image.orientation == 1:
        return found
    other = turned(found, image.orientation)
    shown = image.shown[0] / image.shown[1]
    how_far = [abs(each.width / each.height / shown - 1) for each in (other, found)]
    if abs(how_far[0] - how_far[1]) > 0.01:
        return other if how_far[0] < how_far[1] else found
    # By its shape both could be. Often it is the image itself with a hole: then its colours tell.
    small = reduced(image, side=max(_COMPARED)).convert("RGB").resize(_COMPARED)
    return found if _difference(found, small) < _difference(other, small) else other


def _difference(found: Image.Image, image: Image.Image) -> float:
    """Return how far the colours of a mask that can be seen are from those of an image."""
    small = found.resize(_COMPARED)
    apart = ImageChops.difference(small.convert("RGB"), image)
    return sum(ImageStat.Stat(apart, small.getchannel("A").point(_is_solid)).sum)


def _is_solid(alpha: int) -> int:
    return 255 if alpha >= 128 else 0


def _with_holes(small: Image.Image, alpha: Image.Image) -> Image.Image:
    """Return a picture that lacks what may change."""
    holes = small.convert("RGBA")
    holes.putalpha(
        ImageChops.multiply(holes.getchannel("A"), alpha.resize(small.size, Image.Resampling.NEAREST))
    )
    return holes

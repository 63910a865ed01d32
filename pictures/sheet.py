"""One numbered contact sheet of up to eight pictures, so that a card shows them as one file."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

from domain.limits import MAX_SCALED_PIXELS, MAX_SOURCES
from pictures.decode import reduced
from pictures.inspect import described, save, taken
from pictures.layout import LONE, Layout, Tile, is_lone, layout
from pictures.opening import Opened, opened
from pictures.values import File, Inspected

MAX_SHEET_BYTES = 400_000
_PAPER = (38, 40, 45)
"""Charcoal: a shade of Discord's dark theme, and a darkroom's contact sheet on its light one."""
_CHECKER = ((104, 108, 116), (128, 132, 140))
_CHECK = 14
_RADIUS = 14
_INSET = 12
"""Pixels from a tile's edge to its label."""
_LABEL = 54
"""Side of a number's label in pixels, 18 points on a phone."""
_LABEL_PAPER, _LABEL_RIM, _INK = (24, 25, 28), (150, 153, 160), (255, 255, 255)
_TOOTH = 14
"""Pixels of a tooth of a torn edge."""
_GOES_ON = 1.04
"""By how much longer than its tile a picture is before that shows."""
_SMOOTH = 4
"""Corners are drawn so many times larger and shrunk."""
_QUALITIES = (86, 78, 66, 50)


@dataclass(frozen=True, slots=True)
class _Cut:
    """What of a picture fits its tile, and whether it goes on beyond."""

    image: Image.Image
    goes_on_across: bool
    goes_on_down: bool


def inspect_lone(
    file: File, out: File, *, normal: File, sha256: str = "", pixels: int = MAX_SCALED_PIXELS
) -> tuple[Inspected, Inspected]:
    """Inspect the only picture of a sheet and write that sheet to ``out``; describe both.

    A file that is not in its normal form is written to ``normal`` in it, and that is described.

    Raises
    ------
    Larger, Refusal
        As ``inspect`` does.
    OSError
        The file cannot be read, or what is made of it not be written.
    """
    picture = opened(file, pixels=pixels)
    small, found = taken(file, picture, normal, side=_lone_side(picture), sha256=sha256)
    save(small, out)
    # Most are their own sheet: plain, and neither to be resized nor cut.
    is_sheet = small.mode != "RGBA" and is_lone(*small.size)
    return found, described(out, "JPEG", small.size) if is_sheet else sheet([out], out)


def sheet(
    pictures: Sequence[File], out: File, *, pixels: int = MAX_SCALED_PIXELS, masked: bool = False
) -> Inspected:
    """Write a JPEG of one to eight pictures in their order, numbered if there are several.

    ``masked``: one more follows them, the mask of the first.

    The pictures are thumbnails made by ``inspect``, or pictures themselves: those are decoded at a reduced
    size. The same pictures always make the same bytes, at most 400 KB.

    Raises
    ------
    Larger
        A picture has more than ``pixels``.
    Refusal
        A picture cannot be read.
    OSError
        The sheet cannot be written.
    """
    if not 1 <= len(pictures) - masked <= MAX_SOURCES:
        raise ValueError(f"a sheet shows 1 to {MAX_SOURCES} pictures, not {len(pictures)}")
    # Opened once for its size and once to be decoded: eight large files need not be in memory together.
    plan = layout([opened(file, pixels=pixels).shown for file in pictures])
    cut = [_cut(opened(file), tile) for file, tile in zip(pictures, plan.tiles, strict=True)]
    labels = [str(number) for number in range(1, len(cut) + 1 - masked)] + ["M"] * masked
    out.write_bytes(_encoded(_drawn(cut, plan, labels)))
    return described(out, "JPEG", (plan.width, plan.height))


def _lone_side(picture: Opened) -> int:
    """Return the longer side of a lone picture's sheet: halved, as decoders can, to between 240 and 480."""
    side = max(picture.width, picture.height)
    while side >= 2 * LONE:
        side = -(-side // 2)
    return side


def _drawn(pictures: Sequence[_Cut], plan: Layout, labels: Sequence[str]) -> Image.Image:
    canvas = Image.new("RGB", (plan.width, plan.height), _PAPER)
    font = load_font()
    for label, picture, tile in zip(labels, pictures, plan.tiles, strict=True):
        shown = _on_checker(picture.image)
        _tear(shown, across=picture.goes_on_across, down=picture.goes_on_down)
        canvas.paste(shown, (tile.left, tile.top), _rounded(shown.size, _RADIUS))
        if len(pictures) > 1:
            _label(canvas, tile, label, font)
    return canvas


def _cut(source: Opened, tile: Tile) -> _Cut:
    """Decode a picture just large enough for its tile and cut what hangs over."""
    width, height = source.shown
    shape = width / height * tile.height / tile.width
    return _Cut(_fitting(source, tile), shape > _GOES_ON, 1 / shape > _GOES_ON)


def _tear(picture: Image.Image, *, across: bool, down: bool) -> None:
    """Show at its ends that a picture goes on: torn like a strip of paper."""
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for end in (0, 1):
        if across:
            edge = _teeth(height, end * (width - 1), 1 - 2 * end)
            draw.polygon([(x, y) for y, x in edge], fill=_PAPER)
        if down:
            draw.polygon(_teeth(width, end * (height - 1), 1 - 2 * end), fill=_PAPER)


def _teeth(length: int, edge: int, inwards: int) -> list[tuple[int, int]]:
    """Return a zigzag along an edge, as points along and across it."""
    count = max(2, round(length / _TOOTH))
    points = [(round(length * at / count), edge + inwards * _TOOTH * (at % 2)) for at in range(count + 1)]
    return [(0, edge), *points, (length, edge)]


def _fitting(source: Opened, tile: Tile) -> Image.Image:
    width, height = source.shown
    scale = max(tile.width / width, tile.height / height)
    # One pixel more than needed: rounding must not leave a side short.
    picture = reduced(source, side=math.ceil(scale * max(width, height)) + 1)
    size = (tile.width, tile.height)
    left, top = (picture.width - tile.width) // 2, (picture.height - tile.height) // 2
    if min(left, top) >= 0:
        return picture.crop((left, top, left + tile.width, top + tile.height))
    return ImageOps.fit(picture, size, Image.Resampling.BICUBIC)


def _on_checker(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    ground = Image.new("RGB", picture.size, _CHECKER[0])
    draw = ImageDraw.Draw(ground)
    for top in range(0, picture.height, _CHECK):
        for left in range(top // _CHECK % 2 * _CHECK, picture.width, 2 * _CHECK):
            draw.rectangle((left, top, left + _CHECK - 1, top + _CHECK - 1), fill=_CHECKER[1])
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _label(canvas: Image.Image, tile: Tile, said: str, font: ImageFont.FreeTypeFont) -> None:
    """Put a picture's number, or M for a mask, on a round label in its tile's upper left corner."""
    middle = _LABEL / 2
    label = Image.new("RGB", (_LABEL, _LABEL), _LABEL_RIM)
    inner = _LABEL - 4
    label.paste(_LABEL_PAPER, (2, 2), _rounded((inner, inner), inner // 2))
    draw = ImageDraw.Draw(label)
    draw.text((middle, middle), said, fill=_INK, font=font, anchor="mm", stroke_width=0.6)
    canvas.paste(label, (tile.left + _INSET, tile.top + _INSET), _rounded(label.size, _LABEL // 2))


def load_font() -> ImageFont.FreeTypeFont:
    """Load the typeface that Pillow carries."""
    font = ImageFont.load_default(34)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this build of Pillow lacks FreeType")
    return font


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """Return a mask whose corners are quarters of a circle."""
    mask = Image.new("L", size, 255)
    disc = _disc(2 * radius)
    for x, left in ((0, 0), (radius, size[0] - radius)):
        for y, top in ((0, 0), (radius, size[1] - radius)):
            mask.paste(disc.crop((x, y, x + radius, y + radius)), (left, top))
    return mask


def _disc(side: int) -> Image.Image:
    large = side * _SMOOTH
    disc = Image.new("L", (large, large), 0)
    ImageDraw.Draw(disc).ellipse((0, 0, large - 1, large - 1), fill=255)
    return disc.reduce(_SMOOTH)


def _encoded(canvas: Image.Image) -> bytes:
    data = b""
    for quality in _QUALITIES:
        target = io.BytesIO()
        canvas.save(target, format="JPEG", quality=quality)
        data = target.getvalue()
        if len(data) <= MAX_SHEET_BYTES:
            break
    return data

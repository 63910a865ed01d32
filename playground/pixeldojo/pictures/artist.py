"""From an order and its sources to the finished files: the same order and seed give the same bytes."""

from __future__ import annotations

import io
import re
import textwrap
import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path
from random import Random
from typing import IO, TypeVar

from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps

from playground.pixeldojo.pictures import effects

T = TypeVar("T")
Size = tuple[int, int]

SHORTEST_SIDE, LONGEST_SIDE, MOST_PIXELS = 64, 1536, 100_000_000
MASK = "mask_url"
_SAMPLES = Path(__file__).parents[2] / "samples"
_SUBJECTS = {
    "cat": r"cat|kitten|animal|pet|fur|tiger|dog|eye",
    "coffee": r"coffee|cup|tea|espresso|breakfast|table|food|kitchen|wood",
    "astronaut": r"astronaut|woman|man|person|people|portrait|face|flag|smil",
    "rocket": r"rocket|launch|tower|night|engine|city|harbou?r|horizon|landscape|evening",
    "galaxies": r"galax|star|space|universe|planet|cosm|sky|nebula|deep",
}
"""The photographs that come with the playground (see their CREDITS.md), and the words that choose one."""


class UnreadableImageError(Exception):
    """A source cannot be used as a picture; the message says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made; ``edition`` counts repetitions of the same order that shall differ."""

    prompt: str
    seed: int
    count: int = 1
    image_size: str = "auto"
    background: str = "auto"
    quality: str = "high"
    fidelity: str = "high"
    output_format: str = "png"
    edition: int = 0

    def rng(self, number: int) -> Random:
        """Return the source of chance for one of the results."""
        return Random(f"{self.seed}/{self.edition}/{self.prompt}/{number}")


def decode(sources: Mapping[str, IO[bytes]]) -> dict[str, Image.Image]:
    """Read png, jpeg or webp files as RGB or RGBA, upright, at most 1,536 pixels a side.

    Raises
    ------
    UnreadableImageError
        One is something else, broken, or larger than 100 megapixels; the message begins with its name.
    """
    return {name: _decoded(name, file) for name, file in sources.items()}


def _decoded(name: str, file: IO[bytes]) -> Image.Image:
    try:
        image = Image.open(file, formats=("PNG", "JPEG", "WEBP"))
        if image.width * image.height > MOST_PIXELS:
            raise UnreadableImageError(f"{name} has too many pixels")
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise UnreadableImageError(f"{name} is not a readable png, jpeg or webp image") from error
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return plain


def natural_size(size: Size) -> Size:
    """Return the size of a result for ``auto``: its first source's, within 64 and 1,536 pixels a side."""
    scale = min(max(1.0, SHORTEST_SIDE / min(size)), LONGEST_SIDE / max(size))
    width, height = (max(SHORTEST_SIDE, round(side * scale)) for side in size)
    return width, height


def paint(order: Order, pictures: Mapping[str, Image.Image]) -> list[bytes]:
    """Return the files of an order; of what was decoded for it, all but the mask are its sources."""
    sources = [picture for name, picture in pictures.items() if name != MASK]
    natural = natural_size(sources[0].size) if sources else (1024, 1024)
    width, height = natural if order.image_size == "auto" else map(int, order.image_size.split("x"))
    numbers = range(order.edition, order.edition + order.count)
    if sources:
        bases = [_composed(sources, (width, height), order.prompt)] * order.count
    else:
        bases = [_photograph((width, height), order.prompt, number) for number in numbers]
    return [_result(order, base, pictures, number) for base, number in zip(bases, numbers, strict=True)]


def _result(order: Order, base: Image.Image, pictures: Mapping[str, Image.Image], number: int) -> bytes:
    rng = order.rng(number)
    taken = _taken(base, number, rng)
    picture = _flat(taken) if order.fidelity == "high" else effects.strokes(_flat(taken), rng)
    named = effects.named(order.prompt)
    for effect in named or [_another(effects.LOOKS, order.prompt, number)]:
        picture = effect(picture, rng)
    if MASK in pictures:
        picture = Image.composite(picture, _flat(base), _editable(pictures[MASK], base.size))
    if order.quality != "high":
        coarse = picture.reduce(2 if order.quality == "medium" else 5)
        picture = coarse.resize(picture.size, Image.Resampling.BILINEAR)
    if not (named and pictures):
        picture = _captioned(picture, order.prompt)
    return _encoded(_with_background(picture, taken, order), order.output_format)


def _another(choices: Sequence[T], prompt: str, number: int) -> T:
    """Return the choice that a prompt leads to; each number another one."""
    return choices[(Random(prompt).randrange(len(choices)) + number) % len(choices)]


def _photograph(size: Size, prompt: str, number: int) -> Image.Image:
    """Return the sample that a prompt names, otherwise another one for each number."""
    wanted = [n for n, words in _SUBJECTS.items() if re.search(rf"\b(?:{words})", prompt, re.IGNORECASE)]
    with Image.open(_SAMPLES / f"{_another(wanted or list(_SUBJECTS), prompt, number)}.jpg") as image:
        return _cover(image.convert("RGB"), size)


def _composed(images: Sequence[Image.Image], size: Size, prompt: str) -> Image.Image:
    """Make one picture of all sources: one fills it, several are a collage, or blended if that is asked."""
    if len(images) == 1:
        return _cover(images[0], size)
    if re.search(r"\b(?:blend|double exposure|merge|fuse|overlay|morph)", prompt, re.IGNORECASE):
        blended = _cover(_flat(images[0]), size)
        for number, image in enumerate(images[1:], 2):
            blended = Image.blend(blended, _cover(_flat(image), size), 1 / number)
        return ImageOps.autocontrast(blended, 1)
    gap = max(2, min(size) // 56)
    columns = max(1, round(sqrt(len(images) * size[0] / size[1])))
    rows = [images[start : start + columns] for start in range(0, len(images), columns)]
    sheet = Image.new("RGB", size, "#f6f3ec")
    for down, row in enumerate(rows):
        top, bottom = (gap + (size[1] - gap) * edge // len(rows) for edge in (down, down + 1))
        for across, image in enumerate(row):
            left, right = (gap + (size[0] - gap) * edge // len(row) for edge in (across, across + 1))
            sheet.paste(_cover(_flat(image), (right - left - gap, bottom - top - gap)), (left, top))
    return sheet


def _cover(image: Image.Image, size: Size) -> Image.Image:
    """Scale and crop a picture so that it fills a size; more of its top is kept than of its foot."""
    return ImageOps.fit(image, size, centering=(0.5, 0.35))


def _flat(image: Image.Image) -> Image.Image:
    """Return a picture as RGB; behind what is transparent in it stands a grey studio wall."""
    if image.mode != "RGBA":
        return image
    wall = ImageOps.colorize(Image.linear_gradient("L"), "#f4f4f6", "#ccced4").resize(image.size)
    wall.paste(image, (0, 0), image)
    return wall


def _taken(image: Image.Image, number: int, rng: Random) -> Image.Image:
    """Frame each further result closer, somewhere else; the first stays."""
    zoom = 1.0 + 0.15 * min(number, 5)
    width, height = image.width / zoom, image.height / zoom
    left, top = (image.width - width) * rng.random(), (image.height - height) * rng.random()
    return image.resize(image.size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def _editable(mask: Image.Image, size: Size) -> Image.Image:
    """Return where a mask lets edits through: its transparent places, or the bright ones if it has none."""
    if mask.mode == "RGBA":
        return ImageOps.invert(mask.getchannel("A").resize(size))
    return ImageOps.grayscale(mask).resize(size)


def _captioned(image: Image.Image, prompt: str) -> Image.Image:
    """Letter a prompt small at the foot of a picture, as far as Pillow's own font (ASCII) has its letters."""
    plain = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode()
    text = " ".join(re.sub(r"[^!-~]+", " ", plain).split())[:240]
    if not text:
        return image
    font = ImageFont.load_default(max(9, min(image.size) / 30))
    columns = int(image.width * 0.7 * len(text) / font.getlength(text))
    lines = textwrap.wrap(text, max(4, columns), max_lines=2, placeholder=" ...")
    shade = effects.curve(Image.linear_gradient("L"), lambda level: 255 - (level / 255) ** 4 * 190)
    image = ImageChops.multiply(image, shade.resize(image.size).convert("RGB"))
    place = (image.width / 2, image.height * 0.91)
    ImageDraw.Draw(image).multiline_text(place, "\n".join(lines), "#fffdf7", font, "md", align="center")
    return image


def _with_background(image: Image.Image, taken: Image.Image, order: Order) -> Image.Image:
    """Leave nothing around a subject where that is asked for, or where its source had nothing either."""
    if order.background == "opaque" or order.output_format == "jpeg":
        return image
    if taken.mode == "RGBA" and any(taken.getchannel("A").histogram()[:250]):
        image.putalpha(taken.getchannel("A"))
        return image
    return _sticker(image) if order.background == "transparent" else image


def _sticker(image: Image.Image) -> Image.Image:
    """Cut a rounded figure out (RGBA), with a white rim and a soft shadow."""
    outer, inner = _rounded(image.size, 0.05), _rounded(image.size, 0.07)
    result = Image.new("RGBA", image.size, "#14121800")
    result.putalpha(effects.curve(effects.soft(outer, 0.012), lambda level: level * 0.5))
    result.paste("#fdfcf8", (0, 0), outer)
    result.paste(image, (0, 0), inner)
    return result


def _rounded(size: Size, margin: float) -> Image.Image:
    """Return the mask of a rounded figure; `margin` is a share of the shorter side."""
    mask, short = Image.new("L", (size[0] * 2, size[1] * 2), 0), min(size) * 2
    inset = short * margin
    box = (inset, inset, size[0] * 2 - inset, size[1] * 2 - inset)
    ImageDraw.Draw(mask).rounded_rectangle(box, short * (0.27 - margin), fill=255)
    return mask.reduce(2)


def tiny(order: Order) -> list[bytes]:
    """Return small, cheap files for load tests: 64 pixels square, coloured by prompt and seed."""
    clear = order.background == "transparent"
    return [
        _tile(order.rng(number).randrange(64), order.output_format, clear) for number in range(order.count)
    ]


@lru_cache(maxsize=512)
def _tile(colour: int, output_format: str, clear: bool) -> bytes:
    rng = Random(colour)
    picture = Image.new("RGB", (64, 64), tuple(rng.randbytes(3)))
    ImageDraw.Draw(picture).ellipse((14, 14, 50, 50), fill=tuple(rng.randbytes(3)))
    return _encoded(_sticker(picture) if clear else picture, output_format)


def _encoded(image: Image.Image, output_format: str) -> bytes:
    """Return a picture (RGB or RGBA) as the bytes of a png, jpeg or webp file."""
    file = io.BytesIO()
    image.save(file, output_format, quality=92, method=2, compress_type=zlib.Z_RLE)
    return file.getvalue()

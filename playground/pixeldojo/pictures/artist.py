"""From an order and its sources to the finished files: the same order and seed give the same bytes."""

from __future__ import annotations

import io
import re
import textwrap
import unicodedata
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from pathlib import Path
from random import Random
from typing import IO

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Size = tuple[int, int]
Effect = Callable[[Image.Image], Image.Image]

SHORTEST_SIDE, LONGEST_SIDE, MOST_PIXELS = 64, 1536, 100_000_000
MASK = "mask_url"
_SAMPLES = Path(__file__).parents[2] / "samples"
_SUBJECTS = ("cat", "coffee", "astronaut", "rocket", "galaxies")
"""The photographs that come with the playground (see their CREDITS.md)."""


def _inks(dark: str, middle: str, bright: str) -> Effect:
    """Print a picture in the three colours of its shadows, middle tones and lights."""
    return lambda image: ImageOps.colorize(
        ImageOps.autocontrast(ImageOps.grayscale(image), 1), dark, bright, mid=middle
    )


_EFFECTS: dict[str, Effect] = {
    r"mirror": ImageOps.mirror,
    r"upside[ -]?down|flip": ImageOps.flip,
    r"sharp": lambda image: image.filter(ImageFilter.UnsharpMask(2, 160, 2)),
    r"blur": lambda image: image.filter(ImageFilter.GaussianBlur(min(image.size) / 40)),
    r"bright|light": lambda image: ImageEnhance.Brightness(image).enhance(1.4),
    r"dark|night": lambda image: ImageEnhance.Brightness(image).enhance(0.45),
    r"vivid|colou?rful": lambda image: ImageEnhance.Color(image).enhance(1.9),
    r"poster|cartoon|comic": lambda image: ImageOps.posterize(image, 2),
    r"invert|negative": ImageOps.invert,
    r"black[ -]and[ -]white|monochrom": lambda image: ImageOps.grayscale(image).convert("RGB"),
    r"sepia|vintage": _inks("#241408", "#a0744a", "#fff1d6"),
}
"""What words of a prompt do to a picture (RGB), in the order in which it is done."""
LOOKS: tuple[Effect, ...] = (
    _inks("#16123e", "#e24a6e", "#ffe2aa"),
    _inks("#083246", "#269496", "#faf0ce"),
    _inks("#2c1e3c", "#6a8f4c", "#fff7d0"),
    _inks("#101018", "#c8641e", "#fffaf0"),
    _inks("#1a0a2a", "#7c50c8", "#ffe8f8"),
)
"""What happens where a prompt names nothing that is known: each result has another look."""


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
        *(OSError, SyntaxError, ValueError),
        *(Image.DecompressionBombError, Image.DecompressionBombWarning),
    ) as error:
        raise UnreadableImageError(f"{name} is not a readable png, jpeg or webp image") from error
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return plain


def pixels_of(size: str) -> str:
    """Return a size of any model as ``1536x1024`` or ``auto``; of a shape, about a megapixel."""
    sides = re.fullmatch(r"(\d+)([x*:])(\d+)", size)
    if sides is None:
        return "auto"
    width, height = int(sides[1]), int(sides[3])
    scale = 1024 / sqrt(width * height) if sides[2] == ":" else 1.0
    scale = min(scale, LONGEST_SIDE / max(width, height))
    return f"{round(width * scale)}x{round(height * scale)}"


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
    bases = [_composed(sources or [_photograph(order.prompt, number)], (width, height)) for number in numbers]
    return [_result(order, base, pictures, number) for base, number in zip(bases, numbers, strict=True)]


def _result(order: Order, base: Image.Image, pictures: Mapping[str, Image.Image], number: int) -> bytes:
    taken = _taken(base, number, order.rng(number))
    picture = _flat(taken)
    if order.fidelity != "high":
        # Rough forms and colours only, in patches as of a broad brush.
        rough = ImageOps.contain(picture, (260, 260)).filter(ImageFilter.MedianFilter(5))
        picture = rough.filter(ImageFilter.SHARPEN).resize(picture.size, Image.Resampling.BICUBIC)
    named = [effect for words, effect in _EFFECTS.items() if _names(order.prompt, words)]
    for effect in named or [LOOKS[(Random(order.prompt).randrange(len(LOOKS)) + number) % len(LOOKS)]]:
        picture = effect(picture)
    if MASK in pictures:
        picture = Image.composite(picture, _flat(base), _editable(pictures[MASK], base.size))
    if order.quality in ("low", "medium"):
        coarse = picture.reduce(2 if order.quality == "medium" else 5)
        picture = coarse.resize(picture.size, Image.Resampling.BILINEAR)
    if not (named and pictures):
        _letter(picture, order.prompt)
    return _encoded(_with_background(picture, taken, order), order.output_format)


def _names(prompt: str, words: str) -> bool:
    return re.search(rf"(?<!\w)(?:{words})", prompt, re.IGNORECASE) is not None


def _photograph(prompt: str, number: int) -> Image.Image:
    """Return the sample that a prompt names, otherwise another one for each number."""
    choices = [name for name in _SUBJECTS if _names(prompt, name)] or _SUBJECTS
    with Image.open(_SAMPLES / f"{choices[(len(prompt) + number) % len(choices)]}.jpg") as image:
        return image.convert("RGB")


def _composed(images: Sequence[Image.Image], size: Size) -> Image.Image:
    """Make one picture of all sources: one fills it, several are a collage."""
    if len(images) == 1:
        return _cover(images[0], size)
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
    """Return a picture as RGB, on white where it is transparent."""
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, (0, 0), image if image.mode == "RGBA" else None)
    return flat


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


def _letter(image: Image.Image, prompt: str) -> None:
    """Write a prompt small at the foot of a picture, as far as Pillow's own font (ASCII) has its letters."""
    plain = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode()
    text = " ".join(re.sub(r"[^!-~]+", " ", plain).split())[:240]
    if text:
        font = ImageFont.load_default(max(9, min(image.size) / 30))
        columns = int(image.width * 0.7 * len(text) / font.getlength(text))
        lines = textwrap.wrap(text, max(4, columns), max_lines=2, placeholder=" ...")
        place, rim = (image.width / 2, image.height * 0.91), max(1, min(image.size) // 250)
        ImageDraw.Draw(image).multiline_text(
            place,
            "\n".join(lines),
            "white",
            font,
            "md",
            align="center",
            stroke_width=rim,
            stroke_fill="black",
        )


def _with_background(image: Image.Image, taken: Image.Image, order: Order) -> Image.Image:
    """Leave nothing around a subject where that is asked for, or where its source had nothing either."""
    if order.background == "opaque" or order.output_format == "jpeg":
        return image
    if taken.mode == "RGBA" and any(taken.getchannel("A").histogram()[:250]):
        image.putalpha(taken.getchannel("A"))
    elif order.background == "transparent":
        image.putalpha(_rounded(image.size))
    return image


def _rounded(size: Size) -> Image.Image:
    """Return the mask of a figure with round corners, as a cut-out subject has none left."""
    mask, short = Image.new("L", (size[0] * 2, size[1] * 2), 0), min(size) * 2
    box = (short * 0.05, short * 0.05, size[0] * 2 - short * 0.05, size[1] * 2 - short * 0.05)
    ImageDraw.Draw(mask).rounded_rectangle(box, short * 0.2, fill=255)
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
    if clear:
        picture.putalpha(_rounded(picture.size))
    return _encoded(picture, output_format)


def _encoded(image: Image.Image, output_format: str) -> bytes:
    """Return a picture (RGB or RGBA) as the bytes of a png, jpeg or webp file."""
    file = io.BytesIO()
    image.save(file, output_format, quality=92, method=2, compress_type=zlib.Z_RLE)
    return file.getvalue()

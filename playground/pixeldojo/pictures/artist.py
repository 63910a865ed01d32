"""From an order and its sources to the finished files: the same order and seed give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import IO

from PIL import Image, ImageDraw, ImageOps

from playground.pixeldojo.pictures import composition, edits, lettering, options, scenes, styles, tones

MOST_PIXELS = 100_000_000
_WORKING_SIDE = 2048
_FORMATS = ("PNG", "JPEG", "WEBP")


class UnreadableImageError(Exception):
    """A source cannot be used as a picture; the message says why."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be painted.

    ``edition`` counts repetitions of the same order that shall differ; ``generation`` means that there are
    no sources.
    """

    prompt: str
    seed: int
    count: int = 1
    image_size: str = "auto"
    background: str = "auto"
    quality: str = "high"
    fidelity: str = "high"
    output_format: str = "png"
    generation: bool = False
    edition: int = 0

    def rng(self, number: int | str) -> Random:
        """Return the source of chance for one of the results."""
        return Random(f"{self.seed}/{self.edition}/{self.prompt}/{number}")

    def digest(self, sources: Sequence[str]) -> str:
        """Return a key that is equal for orders whose results are equal; `sources` are digests of bytes."""
        return hashlib.sha256(f"{self!r}/{sources!r}".encode()).hexdigest()


def decode(file: IO[bytes]) -> Image.Image:
    """Read a png, jpeg or webp file (its first picture) as RGB or RGBA, upright, at most 2,048 pixels a side.

    Raises
    ------
    UnreadableImageError
        It is something else, broken, or larger than 100 megapixels.
    """
    try:
        image = Image.open(file, formats=_FORMATS)
        _refuse_many_pixels(image)
        image.draft("RGB", (_WORKING_SIDE, _WORKING_SIDE))
        upright = ImageOps.exif_transpose(image)
        clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
        plain = upright.convert("RGBA" if clear else "RGB")
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise UnreadableImageError("is not a readable png, jpeg or webp image") from error
    plain.thumbnail((_WORKING_SIDE, _WORKING_SIDE))
    return plain


def _refuse_many_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise UnreadableImageError("has too many pixels")


def is_clear(image: Image.Image) -> bool:
    """Tell whether a picture has transparent places."""
    if image.mode != "RGBA":
        return False
    least = image.getchannel("A").getextrema()[0]
    return isinstance(least, int | float) and least < 250


def flattened(image: Image.Image) -> Image.Image:
    """Return a picture as RGB; what is transparent in it gets a studio backdrop."""
    if image.mode != "RGBA":
        return image
    behind = options.backdrop(image.size)
    behind.paste(image, (0, 0), image)
    return behind


def paint(order: Order, sources: Sequence[Image.Image], mask: Image.Image | None = None) -> list[bytes]:
    """Return the files of an order, `count` of them; sources and mask are decoded pictures."""
    if order.generation:
        size = options.wanted_size(order.image_size, (1024, 1024))
        pictures = [_generated(order, size, number) for number in range(order.count)]
        clear = order.background == "transparent"
    else:
        pictures = _edited(order, sources, mask)
        clear = order.background == "transparent" or (
            order.background == "auto" and order.output_format != "jpeg" and any(map(is_clear, sources))
        )
    return [
        options.encode(options.sticker(picture) if clear else picture, order.output_format)
        for picture in pictures
    ]


def _generated(order: Order, size: tones.Size, number: int) -> Image.Image:
    rng = order.rng(number)
    picture = scenes.scene(size, order.prompt, rng, number + order.edition)
    return options.with_quality(picture, order.quality)


def _edited(order: Order, sources: Sequence[Image.Image], mask: Image.Image | None) -> list[Image.Image]:
    size = options.wanted_size(order.image_size, options.natural_size(sources[0].size))
    plain = [options.with_fidelity(flattened(source), order.fidelity) for source in sources]
    base = composition.compose(plain, size, order.prompt, order.rng("composition"))
    named = edits.named_edits(order.prompt)
    pictures: list[Image.Image] = []
    for number in range(order.count):
        rng = order.rng(number)
        picture = options.take(base, number + order.edition, rng)
        if named:
            picture = edits.apply_edits(picture, named, order.prompt, rng)
        else:
            picture = styles.stylise(picture, order.prompt, rng, number + order.edition)
        if mask is not None:
            picture = Image.composite(picture, base, _editable(mask, size))
        picture = options.with_quality(picture, order.quality)
        pictures.append(picture if named else lettering.stamp(picture, order.prompt))
    return pictures


def _editable(mask: Image.Image, size: tones.Size) -> Image.Image:
    """Return where a mask lets edits through: its transparent places, or the bright ones if it has none."""
    if mask.mode == "RGBA":
        return ImageOps.invert(mask.getchannel("A").resize(size))
    return ImageOps.grayscale(mask).resize(size)


def tiny(order: Order) -> list[bytes]:
    """Return small, cheap files for load tests: 64 pixels square, coloured by prompt and seed."""
    clear = order.background == "transparent"
    return [
        _tile(order.rng(number).randrange(64), order.output_format, clear) for number in range(order.count)
    ]


@lru_cache(maxsize=512)
def _tile(colour: int, output_format: str, clear: bool) -> bytes:
    rng = Random(colour)
    picture = Image.new("RGB", (64, 64), (rng.randrange(256), rng.randrange(256), rng.randrange(256)))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((14, 14, 50, 50), fill=(rng.randrange(256), rng.randrange(256), rng.randrange(256)))
    return options.encode(options.sticker(picture) if clear else picture, output_format)

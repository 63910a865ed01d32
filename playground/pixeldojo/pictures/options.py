"""The options of a request, made visible: size, quality, fidelity, background, format, variation."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from playground.pixeldojo.pictures import tones

LONGEST_SIDE = 1536
SHORTEST_SIDE = 64


def natural_size(size: tones.Size) -> tones.Size:
    """Return the size of a result for ``auto``: its first source's, within 64 and 1,536 pixels a side."""
    scale = min(1.0, LONGEST_SIDE / max(size))
    scale = max(scale, min(SHORTEST_SIDE / min(size), LONGEST_SIDE / max(size)))
    width, height = (min(LONGEST_SIDE, max(SHORTEST_SIDE, round(side * scale))) for side in size)
    return width, height


def wanted_size(image_size: str, natural: tones.Size) -> tones.Size:
    """Return the size that an ``image_size`` such as ``1024x1536`` asks for; ``auto`` is the natural one."""
    if image_size == "auto":
        return natural
    width, height = image_size.split("x")
    return int(width), int(height)


def with_fidelity(image: Image.Image, fidelity: str) -> Image.Image:
    """Keep a source as it is (``high``), or only its rough forms and colours (``low``)."""
    if fidelity != "low":
        return image
    share = min(1.0, 260 / max(image.size))
    small = image.resize((max(4, round(image.width * share)), max(4, round(image.height * share))))
    small = small.filter(ImageFilter.ModeFilter(7)).filter(ImageFilter.MedianFilter(5))
    flat = small.quantize(20, dither=Image.Dither.NONE).convert("RGB").filter(ImageFilter.SMOOTH)
    rough = flat.resize(image.size, Image.Resampling.BICUBIC)
    return ImageEnhance.Color(rough).enhance(1.2)


def with_quality(image: Image.Image, quality: str) -> Image.Image:
    """Keep all detail (``high``), lose the finest (``medium``), or most, with JPEG's blocks (``low``)."""
    if quality == "high":
        return image
    share, grade = (0.55, 62) if quality == "medium" else (0.26, 16)
    small = image.resize((max(8, round(image.width * share)), max(8, round(image.height * share))))
    coarse = io.BytesIO()
    small.save(coarse, "JPEG", quality=grade)
    with Image.open(coarse) as again:
        return again.convert("RGB").resize(image.size, Image.Resampling.BILINEAR)


def take(image: Image.Image, number: int, rng: Random) -> Image.Image:
    """Make the n-th of several results another take: framed closer, in other light; the first stays."""
    if number == 0:
        return image
    zoom = 1.0 + 0.07 * number + rng.uniform(0.0, 0.03)
    width, height = image.width / zoom, image.height / zoom
    left = (image.width - width) * rng.random()
    top = (image.height - height) * rng.random()
    closer = image.resize(image.size, Image.Resampling.LANCZOS, box=(left, top, left + width, top + height))
    warm = (0.09, -0.10, 0.05)[(number - 1) % 3]
    red, green, blue = closer.split()
    tinted = Image.merge("RGB", (_scaled(red, 1 + warm), green, _scaled(blue, 1 - warm)))
    return ImageEnhance.Brightness(tinted).enhance((1.06, 0.92, 1.0)[(number - 1) % 3])


def _scaled(channel: Image.Image, factor: float) -> Image.Image:
    return channel.point([min(255, round(level * factor)) for level in range(256)])


def cutout(size: tones.Size) -> Image.Image:
    """Return the mask of a rounded figure (a superellipse) that fills most of a picture."""
    width, height = size

    def paint(draw: ImageDraw.ImageDraw, scale: float) -> None:
        margin = min(size) * 0.05 * scale
        box = (margin, margin, width * scale - margin, height * scale - margin)
        draw.rounded_rectangle(box, radius=min(size) * 0.34 * scale, fill=255)

    return tones.mask_of(size, paint)


def sticker(image: Image.Image) -> Image.Image:
    """Cut the subject out (RGBA): a rounded figure with a white rim and a soft shadow, nothing around it."""
    outer = cutout(image.size)
    rim = max(2, round(min(image.size) * 0.02))
    inner = outer.filter(ImageFilter.GaussianBlur(rim)).point(
        [min(255, max(0, (level - 178) * 8)) for level in range(256)]
    )
    face = Image.composite(image, Image.new("RGB", image.size, (253, 252, 248)), inner)
    shadow = ImageChops.offset(outer, 0, rim).filter(ImageFilter.GaussianBlur(rim))
    alpha = ImageChops.lighter(outer, shadow.point([level * 2 // 5 for level in range(256)]))
    dark = Image.new("RGB", image.size, (20, 18, 24))
    result = Image.composite(face, dark, outer).convert("RGBA")
    result.putalpha(alpha)
    return result


def backdrop(size: tones.Size) -> Image.Image:
    """Return the grey studio wall that stands behind transparent sources."""
    return tones.gradient(size, ((0.0, (226, 228, 232)), (0.72, (244, 244, 246)), (1.0, (204, 206, 212))))


def encode(image: Image.Image, output_format: str) -> bytes:
    """Return a picture (RGB or RGBA) as the bytes of a png, jpeg or webp file."""
    file = io.BytesIO()
    if output_format == "jpeg":
        image.convert("RGB").save(file, "JPEG", quality=92, subsampling=0)
    elif output_format == "webp":
        image.save(file, "WEBP", quality=90, method=2)
    else:
        image.save(file, "PNG", compress_level=3)
    return file.getvalue()

"""Edits that change how a surface is drawn: blur, sketch, cartoon, pixels, paint, poster."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from playground.pixeldojo.pictures import tones

PAPER: tones.Colour = (250, 246, 236)
INK: tones.Colour = (38, 38, 46)


def blur(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Take the lens out of focus."""
    return image.filter(ImageFilter.GaussianBlur(max(2.0, min(image.size) / 45 * rng.uniform(0.8, 1.25))))


def sharpen(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Bring out edges, coarse ones and fine ones."""
    coarse = ImageFilter.UnsharpMask(max(2.0, min(image.size) / 150), round(rng.uniform(110, 140)), 2)
    return image.filter(coarse).filter(ImageFilter.UnsharpMask(1.2, 160, 2))


def posterize(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Reduce a picture to flat, strong colours: four steps of red, green and blue."""
    flat = _flattened(ImageOps.autocontrast(image, cutoff=1), 3)
    strong = ImageEnhance.Color(flat).enhance(rng.uniform(1.8, 2.1))
    return tones.curve(strong, lambda level: round(level * 3) / 3)


def pixelate(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Draw a picture with few square pixels and few colours."""
    cell = max(2, round(min(image.size) / rng.choice((44, 52, 60))))
    few = (max(1, round(image.width / cell)), max(1, round(image.height / cell)))
    small = image.resize(few, Image.Resampling.BOX)
    lively = ImageEnhance.Color(small).enhance(1.3)
    few = lively.quantize(40, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    return few.convert("RGB").resize(image.size, Image.Resampling.NEAREST)


def _flattened(image: Image.Image, times: int) -> Image.Image:
    """Melt fine detail away at a reduced size; edges stay where they are."""
    share = min(1.0, 480 / max(image.size))
    small = image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))))
    for _ in range(times):
        small = small.filter(ImageFilter.MedianFilter(5))
    return small.resize(image.size, Image.Resampling.BICUBIC)


def _outlines(image: Image.Image, radius: float, strength: float) -> Image.Image:
    """Return dark lines on white wherever a picture is darker than its neighbourhood."""
    grey = ImageOps.grayscale(image)
    around = grey.filter(ImageFilter.GaussianBlur(radius))
    lines = ImageChops.subtract(around, grey)
    return tones.curve(lines, lambda level: 1 - max(0.0, level - 0.012) * strength)


def cartoon(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Flat, strong colours inside dark outlines."""
    flat = _flattened(image, 4)
    steps = rng.choice((5, 6))
    hue, strength, value = ImageOps.autocontrast(flat, cutoff=0.5).convert("HSV").split()
    strength = tones.curve(strength, lambda level: level**0.75 * 1.15)
    value = tones.curve(value, lambda level: (round(level * steps) + 0.35) / (steps + 0.35))
    colours = Image.merge("HSV", (hue, strength, value)).convert("RGB").filter(ImageFilter.SMOOTH)
    lines = _outlines(_flattened(image, 1), max(1.6, max(image.size) / 220), 10.0)
    return ImageChops.multiply(colours, Image.merge("RGB", (lines, lines, lines)))


def _hatching(size: tones.Size, step: int, falling: bool) -> Image.Image:
    """Return white paper with diagonal pencil strokes."""
    paper = Image.new("L", size, 255)
    draw = ImageDraw.Draw(paper)
    width, height = size
    for start in range(-height, width + height, step):
        ends = (start, 0, start + height, height) if falling else (start, height, start + height, 0)
        draw.line(ends, fill=110, width=1)
    return paper.filter(ImageFilter.SMOOTH)


def sketch(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Pencil on paper: outlines, with hatching in the shadows and cross-hatching in the deepest."""
    grey = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=1)
    lines = _outlines(image, max(2.0, max(image.size) / 170), 6.5)
    step = max(4, round(min(image.size) / rng.uniform(105, 130)))
    white = Image.new("L", image.size, 255)
    for limit, falling in ((0.42, True), (0.20, False)):
        shadow = tones.curve(grey, lambda level, edge=limit: (edge - level) * 5)
        strokes = Image.composite(_hatching(image.size, step, falling), white, shadow)
        lines = ImageChops.multiply(lines, strokes)
    shaded = ImageChops.multiply(lines, tones.curve(grey, lambda level: 0.80 + 0.2 * level))
    return tones.grain(ImageOps.colorize(shaded, INK, PAPER), rng, 6)


def emboss(image: Image.Image, _rng: Random, _prompt: str) -> Image.Image:
    """Press a picture into a plate: relief over faint colour."""
    grey = ImageOps.grayscale(image).filter(ImageFilter.GaussianBlur(max(0.8, min(image.size) / 500)))
    shift = max(1, round(min(image.size) / 320))
    relief = ImageChops.add(ImageChops.offset(grey, shift, shift), ImageOps.invert(grey), 1, -128)
    strong = ImageEnhance.Contrast(relief).enhance(2.4)
    plate = ImageOps.colorize(strong, (40, 38, 42), (250, 244, 232), mid=(150, 146, 142))
    return Image.blend(plate, ImageChops.overlay(image, plate), 0.28)


def painting(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Brush strokes: colours spread into patches, with the relief of paint on canvas."""
    share = min(1.0, 640 / max(image.size))
    small = image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))))
    strokes = small.filter(ImageFilter.ModeFilter(rng.choice((7, 9)))).filter(ImageFilter.MedianFilter(5))
    paint = ImageEnhance.Color(strokes.resize(image.size, Image.Resampling.BICUBIC)).enhance(1.35)
    relief = ImageOps.grayscale(paint).filter(ImageFilter.EMBOSS)
    weave = tones.fractal(image.size, (9, 3), rng, octaves=2).point(
        [112 + level // 8 for level in range(256)]
    )
    lit = ImageChops.soft_light(paint, Image.merge("RGB", (relief, relief, relief)))
    return ImageChops.soft_light(lit, Image.merge("RGB", (weave, weave, weave)))


def neon(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Glowing tubes of light along the edges, in the dark."""
    soft = _flattened(image, 3).filter(ImageFilter.GaussianBlur(max(1.0, min(image.size) / 350)))
    # Pillow copies the outermost pixels through FIND_EDGES; that rim is cut away.
    bare = ImageOps.expand(ImageOps.crop(soft.filter(ImageFilter.FIND_EDGES), 2), 2)
    edges = tones.curve(bare, lambda level: max(0.0, level - 0.02) * 4.5)
    tubes = ImageEnhance.Color(edges).enhance(3.0).filter(ImageFilter.MaxFilter(3))
    dark = tones.curve(ImageEnhance.Color(image).enhance(0.6), lambda level: level * 0.16)
    for reach, strength in ((60, 0.9), (25, 0.9)):
        halo = tubes.filter(ImageFilter.GaussianBlur(min(image.size) / reach))
        dark = ImageChops.screen(dark, tones.curve(halo, lambda level, by=strength: level * by * 1.6))
    strong = rng.uniform(0.9, 1.1)
    return ImageChops.screen(dark, tones.curve(tubes, lambda level: level * strong))

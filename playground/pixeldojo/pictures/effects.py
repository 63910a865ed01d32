"""What words of a prompt do to a photograph: an effect takes a picture (RGB) and gives one of its size."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

Effect = Callable[[Image.Image, Random], Image.Image]
Mix = Callable[[Image.Image, Image.Image], Image.Image]


def curve(image: Image.Image, function: Callable[[float], float]) -> Image.Image:
    """Send every channel through a function from 0–255 to 0–255."""
    table = [min(255.0, max(0.0, function(level))) for level in range(256)]
    return image.point(table * len(image.getbands()))


def soft(image: Image.Image, share: float) -> Image.Image:
    """Blur by a share of the shorter side; the more, the smaller the picture that is blurred."""
    radius = min(image.size) * share
    scale = max(1, min(8, int(radius / 3)))
    return image.reduce(scale).filter(ImageFilter.GaussianBlur(radius / scale)).resize(image.size)


def strokes(image: Image.Image, _rng: Random) -> Image.Image:
    """Keep the rough forms and colours only, in patches as of a broad brush."""
    small = ImageOps.contain(image, (260, 260)).filter(ImageFilter.MedianFilter(5))
    return small.filter(ImageFilter.SHARPEN).resize(image.size, Image.Resampling.BICUBIC)


def _wash(top: str, foot: str, mix: Mix = ImageChops.soft_light) -> Effect:
    """Let two colours of light fall on a picture, one from above and one from below."""
    light = ImageOps.colorize(Image.linear_gradient("L"), top, foot)
    return lambda image, _rng: mix(image, light.resize(image.size))


def _inks(dark: str, middle: str, bright: str, share: float = 1.0) -> Effect:
    """Print a picture in the three colours of its shadows, middle tones and lights."""

    def printed(image: Image.Image, _rng: Random) -> Image.Image:
        grey = ImageOps.autocontrast(ImageOps.grayscale(image), 1)
        return Image.blend(image, ImageOps.colorize(grey, dark, bright, mid=middle), share)

    return printed


def _tuned(*, light: float = 1.0, colour: float = 1.0) -> Effect:
    """Change lightness and colourfulness by factors."""

    def tuned(image: Image.Image, _rng: Random) -> Image.Image:
        lit = curve(image, lambda level: 255 * (level / 255) ** (1 / light))
        return ImageEnhance.Color(lit).enhance(colour)

    return tuned


def _then(*effects: Effect) -> Effect:
    def all_of_them(image: Image.Image, rng: Random) -> Image.Image:
        for effect in effects:
            image = effect(image, rng)
        return image

    return all_of_them


def _vignette(image: Image.Image, _rng: Random) -> Image.Image:
    shade = curve(Image.radial_gradient("L"), lambda level: 255 - max(0, level - 110) * 1.1)
    return ImageChops.multiply(image, shade.resize(image.size).convert("RGB"))


def _grain(image: Image.Image, rng: Random) -> Image.Image:
    dust = Image.frombytes("L", image.size, rng.randbytes(image.width * image.height))
    return ImageChops.overlay(image, curve(dust, lambda level: 113 + level / 9).convert("RGB"))


def _glow(image: Image.Image, _rng: Random) -> Image.Image:
    return ImageChops.screen(image, curve(soft(image, 0.03), lambda level: level**1.2 / 3.4))


def _night(image: Image.Image, rng: Random) -> Image.Image:
    lamps = soft(curve(image, lambda level: (level - 180) * 3), 0.03)
    dark = _wash("#3a4c98", "#7482c0", ImageChops.multiply)(_tuned(light=0.9)(image, rng), rng)
    return ImageChops.screen(dark, _wash("#ffb45a", "#ffb45a", ImageChops.multiply)(lamps, rng))


def _snow(image: Image.Image, rng: Random) -> Image.Image:
    """Let snow fall, far and near: specks of noise, enlarged."""
    for cells in (300, 140, 60):
        across, down = (cells * side // min(image.size) for side in image.size)
        specks = Image.frombytes("L", (across, down), rng.randbytes(across * down))
        flakes = curve(specks, lambda level: (level - 251) * 64).resize(image.size, Image.Resampling.BICUBIC)
        image = Image.composite(Image.new("RGB", image.size, "white"), image, flakes)
    return image


def _lines(image: Image.Image) -> Image.Image:
    """Return dark lines on white (L) wherever a picture is darker than its neighbourhood."""
    grey = ImageOps.grayscale(image)
    return ImageOps.invert(ImageChops.subtract(soft(grey, 0.007), grey, 0.16))


def _sketch(image: Image.Image, _rng: Random) -> Image.Image:
    shaded = Image.blend(_lines(image), ImageOps.autocontrast(ImageOps.grayscale(image)), 0.25)
    return ImageOps.colorize(shaded, "#26262e", "#faf6ec")


def _painting(image: Image.Image, rng: Random) -> Image.Image:
    paint = _tuned(colour=1.4)(strokes(image, rng), rng)
    relief = ImageOps.grayscale(paint).filter(ImageFilter.EMBOSS).convert("RGB")
    return ImageChops.soft_light(paint, relief)


def _watercolour(image: Image.Image, rng: Random) -> Image.Image:
    pale = curve(_tuned(colour=1.6)(strokes(image, rng), rng), lambda level: 70 + level * 0.75)
    lines = curve(_lines(image), lambda level: 120 + level * 0.53)
    return ImageChops.multiply(pale, lines.convert("RGB"))


def _poster(image: Image.Image, rng: Random) -> Image.Image:
    small = ImageOps.autocontrast(ImageEnhance.Color(ImageOps.contain(image, (260, 260))).enhance(1.6), 1)
    flat = small.quantize(16, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).convert("RGB")
    flat = strokes(flat, rng).resize(image.size)
    lines = curve(_lines(image), lambda level: level * 2 - 110)
    return ImageChops.multiply(flat, lines.convert("RGB"))


def _neon(image: Image.Image, rng: Random) -> Image.Image:
    lines = ImageOps.invert(_lines(image)).convert("RGB")
    tubes = _wash("#ff3cc8", "#30e0ff", ImageChops.multiply)(lines, rng)
    dark = _wash("#3c1470", "#123a78", ImageChops.multiply)(image, rng)
    halo = curve(soft(tubes, 0.02), lambda level: level * 1.6)
    return ImageChops.screen(ImageChops.screen(dark, tubes), halo)


def _pixels(image: Image.Image, _rng: Random) -> Image.Image:
    few = ImageOps.contain(image, (96, 96), Image.Resampling.BOX).quantize(32, dither=Image.Dither.NONE)
    return few.convert("RGB").resize(image.size, Image.Resampling.NEAREST)


_COLOURS = "red|orange|yellow|green|turquoise|blue|purple|pink|teal|gold"
_EFFECTS: tuple[tuple[str, Effect], ...] = (
    (r"mirror|flip\w* horizontal", lambda image, _rng: ImageOps.mirror(image)),
    (r"upside[ -]?down|flip(?!\w* horizontal)", lambda image, _rng: ImageOps.flip(image)),
    (r"sharp|crisp", lambda image, _rng: image.filter(ImageFilter.UnsharpMask(2, 160, 2))),
    (r"blur|out of focus", lambda image, _rng: soft(image, 0.025)),
    (r"bright(?:er|en)|lighter", _tuned(light=1.7)),
    (r"dark(?:er|en)", _tuned(light=0.55)),
    (r"vivid|saturat|colou?rful", _tuned(colour=1.9)),
    (r"night|midnight|moonl", _night),
    (r"golden hour|warm|sunset|sunrise|dusk|dawn|autumn", _then(_wash("#ff9a3c", "#c85a78"), _glow)),
    (r"sky|cloud|summer|sea\b|ocean", _wash("#3c9cff", "#fff0c0")),
    (r"forest|spring|jungle|garden", _wash("#c0f060", "#30a060")),
    (r"water ?colou?r", _watercolour),
    (r"paint|impressionis|brush|canvas|oil\b", _painting),
    (r"sketch|pencil|drawing|line art", _sketch),
    (r"neon|cyberpunk", _neon),
    (r"poster|pop[ -]art|cartoon|comic|anime", _poster),
    (r"solari[sz]", lambda image, _rng: ImageOps.solarize(image, 128)),
    (r"invert|negative", lambda image, _rng: ImageOps.invert(image)),
    (r"black[ -]*(?:and|&|n)?[ -]*white|b ?& ?w\b|monochrom|noir\b", _inks("black", "#808080", "white")),
    (r"sepia", _inks("#241408", "#a0744a", "#fff1d6")),
    (r"vintage|retro|analog|film", _then(_inks("#2c1e3c", "#a8886c", "#ffe8b4", 0.35), _grain, _vignette)),
    (r"winter|snow|frost|cold\b", _then(_tuned(light=1.2, colour=0.5), _wash("#b8d4f8", "#d8e8ff"), _snow)),
    (r"pixel|8[ -]?bit", _pixels),
    (r"glow|dream|magic", _glow),
    (r"vignett", _vignette),
    *((rf"{colour}\b", _inks("#101018", colour, "#fffaf0", 0.6)) for colour in _COLOURS.split("|")),
)  # fmt: skip
LOOKS: tuple[Effect, ...] = (
    _then(_wash("#2a5a80", "#ff9a50"), _tuned(light=1.1, colour=1.2), _vignette),
    _inks("#16123e", "#e24a6e", "#ffe2aa", 0.8),
    _painting,
    _then(_wash("#ffb0c8", "#90b0ff"), _glow),
    _inks("#083246", "#269496", "#faf0ce", 0.8),
)
"""What happens where a prompt names nothing that is known."""


def named(prompt: str) -> list[Effect]:
    """Return the effects whose words a prompt contains, in the order in which they are applied."""
    return [effect for words, effect in _EFFECTS if re.search(rf"(?<!\w)(?:{words})", prompt, re.IGNORECASE)]

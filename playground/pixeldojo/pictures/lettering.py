"""The prompt, written legibly upon a picture."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from playground.pixeldojo.pictures import tones

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_MOST_CHARACTERS = 240
_MOST_LINES = 4
# What Pillow's own font has beyond ASCII: typographic quotation marks and the ellipsis. For anything else
# these fonts are looked for where a system keeps its own.
_BEYOND_ASCII = "\u2018\u2019\u201c\u201d\u2026"
_WIDER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf")


def font_for(text: str, size: int) -> Font:
    """Return a font that has the characters of a text, as far as one can be found; `size` in pixels."""
    if all(ord(character) < 0x7F or character in _BEYOND_ASCII for character in text):
        return ImageFont.load_default(size)
    for name in _WIDER_FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def shortened(prompt: str) -> str:
    """Return a prompt on one line, cut with an ellipsis beyond 240 characters."""
    text = " ".join("".join(c if c.isprintable() else " " for c in prompt).split())
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1].rstrip() + "…"


def wrapped(text: str, font: Font, width: float) -> list[str]:
    """Break a text into lines of at most `width` pixels; a word that is wider is broken within."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, font, width)
        lines.extend(full)
    return [*lines, line]


def _pieces(word: str, font: Font, width: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and font.getlength(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _set(text: str, size: tones.Size) -> tuple[Font, list[str], int]:
    """Return the largest type in which a text takes at most four lines: font, lines, line height."""
    largest = max(9, min(round(size[1] / 13), round(size[0] / 16)))
    for pixels in range(largest, 7, -1):
        font = font_for(text, pixels)
        lines = wrapped(text, font, size[0] * 0.88)
        if len(lines) <= _MOST_LINES and len(lines) * pixels * 1.3 <= size[1] * 0.4:
            return font, lines, round(pixels * 1.3)
    font = font_for(text, 8)
    return font, wrapped(text, font, size[0] * 0.88)[:_MOST_LINES], 10


def stamp(image: Image.Image, prompt: str) -> Image.Image:
    """Write the prompt at the foot of a picture: white letters over a shade that grows downwards."""
    font, lines, step = _set(shortened(prompt), image.size)
    height = len(lines) * step + round(step * 1.2)
    reach = min(image.height, round(height * 1.9))
    rising = Image.linear_gradient("L").resize((image.width, reach))
    shade = Image.new("L", image.size, 0)
    shade.paste(
        rising.point([min(225, round(level * 1.15)) for level in range(256)]), (0, image.height - reach)
    )
    result = Image.composite(Image.new("RGB", image.size, (10, 10, 14)), image, shade)
    letters = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(letters)
    top = image.height - height + round(step * 0.45)
    for number, line in enumerate(lines):
        place = (image.width / 2, top + (number + 0.5) * step)
        draw.text(place, line, font=font, fill=255, anchor="mm")
    halo = letters.filter(ImageFilter.GaussianBlur(max(1.0, step / 12)))
    result = Image.composite(Image.new("RGB", image.size, (6, 6, 8)), result, halo)
    result.paste((255, 253, 247), (0, 0), letters)
    return result

"""A picture drawn at twice its size and halved at the end, so that every edge and letter is smooth."""

import io
import unicodedata
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent / "fonts"
SCALE = 2
ELLIPSIS = "…"
MISSING = "\uffff"
"""No character at all: fonts draw their box for what they lack."""
Box = tuple[float, float, float, float]
Color = str


class Canvas:
    """Draws in pixels of the finished picture. Carries its own fonts: a machine may have none.

    One canvas belongs to one thread: FreeType's faces cannot be shared.
    """

    def __init__(self, width: int, height: int, *, background: Color) -> None:
        self.width = width
        self.height = height
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), background)
        self._draw = ImageDraw.Draw(self._image)
        self._fonts: dict[tuple[int, bool], ImageFont.FreeTypeFont] = {}

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int,
        color: Color,
        *,
        bold: bool = False,
        anchor: str = "la",
    ) -> None:
        """Write one line; ``anchor`` as Pillow names it: horizontal l, m, r; vertical a, m, s (base line)."""
        font = self._font(size, bold=bold)
        self._draw.text((x * SCALE, y * SCALE), text, font=font, fill=color, anchor=anchor)

    def length(self, text: str, size: int, *, bold: bool = False) -> float:
        """Return how many pixels wide a line is."""
        return self._font(size, bold=bold).getlength(text) / SCALE

    def fitted(self, text: str, size: int, width: float, *, bold: bool = False) -> str:
        """Return text, cut with an ellipsis to fit into a width."""
        if self.length(text, size, bold=bold) <= width:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.length(text[:middle].rstrip() + ELLIPSIS, size, bold=bold) <= width:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + ELLIPSIS

    def box(self, box: Box, color: Color, *, radius: float = 0, top_only: bool = False) -> None:
        """Fill a rectangle, its corners (or only the upper ones) rounded."""
        left, top, right, bottom = (round(edge * SCALE) for edge in box)
        if right <= left or bottom <= top:
            return
        reach = min(radius * SCALE, (right - left) / 2, bottom - top)
        corners = (True, True, not top_only, not top_only)
        self._draw.rounded_rectangle((left, top, right - 1, bottom - 1), reach, fill=color, corners=corners)

    def rule(self, x: float, y: float, to: float, color: Color, *, width: float = 1) -> None:
        """Draw a horizontal line."""
        self.box((x, y - width / 2, to, y + width / 2), color)

    def png(self) -> bytes:
        """Return the picture as PNG."""
        file = io.BytesIO()
        self._image.reduce(SCALE).save(file, "PNG", compress_level=6)
        return file.getvalue()

    def _font(self, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
        key = (size, bold)
        if key not in self._fonts:
            name = "DejaVuSansCondensed-Bold.ttf" if bold else "DejaVuSansCondensed.ttf"
            self._fonts[key] = ImageFont.truetype(FONTS / name, size * SCALE)
        return self._fonts[key]


def drawable(text: str) -> str:
    """Return what our fonts can draw of a name, on one line; nothing if that is nothing.

    Fancy alphabets become plain letters (NFKC); emoji, scripts that the fonts lack and stacks of combining
    marks are left out.
    """
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(character for character in plain if character.isspace() or _has_glyph(character))
    return " ".join(kept.split())


@lru_cache(maxsize=8192)
def _has_glyph(character: str) -> bool:
    if unicodedata.category(character)[0] in "CM":
        return False
    font = ImageFont.truetype(FONTS / "DejaVuSansCondensed.ttf", 16, layout_engine=ImageFont.Layout.BASIC)
    return _pixels(font, character) != _pixels(font, MISSING)


def _pixels(font: ImageFont.FreeTypeFont, character: str) -> bytes:
    image = Image.new("L", (48, 48))
    ImageDraw.Draw(image).text((12, 12), character, font=font, fill=255)
    return image.tobytes()

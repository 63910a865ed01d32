"""The tile that stands for a picture which is good but too large to be decoded here."""

from PIL import Image, ImageDraw

_PAPER, _INK = (88, 92, 99), (126, 131, 140)


def placeholder(size: tuple[int, int]) -> Image.Image:
    """Draw hills and a sun, the common sign for a picture, in the middle of ``size`` pixels."""
    width, height = size
    picture = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(picture)
    unit = min(width, height) / 10
    middle_x, middle_y = width / 2, height / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return middle_x + x * unit, middle_y + y * unit

    draw.polygon([at(-3.2, 2), at(-1, -1.2), at(1.2, 2)], fill=_INK)
    draw.polygon([at(-0.6, 2), at(1.4, -0.2), at(3.2, 2)], fill=_INK)
    draw.ellipse([at(1.2, -2.4), at(2.6, -1)], fill=_INK)
    return picture

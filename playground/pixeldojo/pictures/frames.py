"""Edits at the border of a picture: vignette, gallery frame, polaroid."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from playground.pixeldojo.pictures import tones


def vignette(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Darken the corners."""
    return tones.darken(image, tones.edge_shade(image.size), rng.uniform(0.8, 0.9))


def _bevel(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], width: int, wood: tones.Colour) -> None:
    """Paint the four sides of a frame, each lit differently."""
    left, top, right, bottom = box
    inner = (left + width, top + width, right - width, bottom - width)
    sides = (
        ((left, top), (right, top), (inner[2], inner[1]), (inner[0], inner[1]), 0.30),
        ((left, top), (inner[0], inner[1]), (inner[0], inner[3]), (left, bottom), 0.14),
        ((right, top), (inner[2], inner[1]), (inner[2], inner[3]), (right, bottom), -0.22),
        ((left, bottom), (inner[0], inner[3]), (inner[2], inner[3]), (right, bottom), -0.38),
    )
    for *corners, light in sides:
        towards = tones.WHITE if light > 0 else tones.BLACK
        draw.polygon(corners, fill=tones.mix(wood, towards, abs(light)))


def frame(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Hang a picture in a wooden frame with a white mat."""
    short = min(image.size)
    wood, mat = max(2, short // 18), max(2, short // 14)
    result = Image.new("RGB", image.size, (244, 240, 232))
    draw = ImageDraw.Draw(result)
    timber: tones.Colour = rng.choice(((92, 58, 34), (52, 40, 36), (150, 112, 66), (38, 38, 42)))
    _bevel(draw, (0, 0, image.width - 1, image.height - 1), wood, timber)
    margin = wood + mat
    inner = (max(1, image.width - 2 * margin), max(1, image.height - 2 * margin))
    shade = Image.new("L", image.size, 0)
    ImageDraw.Draw(shade).rectangle((wood, wood, image.width - wood - 1, image.height - wood - 1), fill=255)
    soft = ImageChops.subtract(
        Image.new("L", image.size, 255), shade.filter(ImageFilter.GaussianBlur(wood / 2))
    )
    result = Image.composite(tones.darken(result, soft, 0.5), result, shade)
    edge = max(1, wood // 8)
    ImageDraw.Draw(result).rectangle(
        (margin - edge, margin - edge, margin + inner[0] + edge - 1, margin + inner[1] + edge - 1),
        fill=(196, 188, 176),
    )
    result.paste(tones.cover(image, inner), (margin, margin))
    return result


def print_of(image: Image.Image, card: tones.Size) -> Image.Image:
    """Return an instant print (RGBA) of a size: the picture on a white card, wide at the bottom."""
    width, height = card
    side = max(2, round(width * 0.055))
    foot = max(3, round(height * 0.17))
    result = Image.new("RGBA", card, (252, 250, 245, 255))
    inner = (max(1, width - 2 * side), max(1, height - side - foot))
    result.paste(tones.cover(image, inner), (side, side))
    ImageDraw.Draw(result).rectangle((0, 0, width - 1, height - 1), outline=(228, 224, 216, 255))
    return result


def lay(table: Image.Image, card: Image.Image, centre: tuple[float, float], angle: float) -> None:
    """Lay a print upon a table, turned by `angle` degrees, with a soft shadow."""
    turned = card.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    place = (round(centre[0] - turned.width / 2), round(centre[1] - turned.height / 2))
    reach = max(2, min(card.size) // 40)
    shadow = Image.new("L", table.size, 0)
    shadow.paste(
        turned.getchannel("A").point([level // 2 for level in range(256)]), (place[0], place[1] + reach)
    )
    dark = shadow.filter(ImageFilter.GaussianBlur(reach))
    table.paste(Image.new("RGB", table.size, (14, 12, 12)), (0, 0), dark)
    table.paste(turned, place, turned)


def tabletop(size: tones.Size, rng: Random) -> Image.Image:
    """Return a wooden table seen from above."""
    dark, light = rng.choice(
        (((78, 54, 38), (126, 92, 64)), ((58, 62, 68), (98, 104, 112)), ((96, 70, 52), (160, 124, 92)))
    )
    fibre = tones.fractal(size, (max(8.0, size[0] / 3), max(1.5, size[1] / 130)), rng, octaves=3)
    wood = Image.composite(Image.new("RGB", size, light), Image.new("RGB", size, dark), fibre)
    draw = ImageDraw.Draw(wood)
    plank = max(8, size[1] // 5)
    for down in range(plank, size[1], plank):
        draw.line(
            (0, down, size[0], down), fill=tones.mix(dark, tones.BLACK, 0.55), width=max(1, size[1] // 300)
        )
    return tones.darken(wood, tones.edge_shade(size), 0.35)


def polaroid(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Lay an instant print of a picture on a table, slightly turned."""
    table = tabletop(image.size, rng)
    share = 0.80
    height = round(image.height * share)
    width = min(round(image.width * 0.86), round(height * max(0.72, image.width / image.height)))
    faded = tones.curve(image, lambda level: 0.05 + level * 0.92)
    card = print_of(faded, (max(8, width), max(8, height)))
    lay(table, card, (image.width / 2, image.height / 2), rng.choice((-1, 1)) * rng.uniform(2.5, 5.5))
    return table

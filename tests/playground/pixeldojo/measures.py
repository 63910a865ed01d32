"""What can be measured on a picture."""

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

Colour = tuple[int, int, int]


def mean(image: Image.Image) -> list[float]:
    return ImageStat.Stat(image).mean


def light(image: Image.Image) -> float:
    return mean(ImageOps.grayscale(image))[0]


def colourfulness(image: Image.Image) -> float:
    return mean(image.convert("HSV"))[1]


def detail(image: Image.Image) -> float:
    return mean(ImageOps.grayscale(image).filter(ImageFilter.FIND_EDGES))[0]


def difference(first: Image.Image, second: Image.Image) -> float:
    return sum(mean(ImageChops.difference(first, second))) / 3


def share_of(picture: Image.Image, colour: Colour) -> float:
    """Return the part of a picture that has about this colour."""
    near = Image.new("L", picture.size, 255)
    for band, wanted in zip(picture.split(), colour, strict=True):
        close = band.point([255 if abs(level - wanted) < 25 else 0 for level in range(256)])
        near = ImageChops.multiply(near, close)
    return near.histogram()[255] / (picture.width * picture.height)

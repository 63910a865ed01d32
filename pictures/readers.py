"""The decoders of all kinds, each by name: a file is never tried with one after the other."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import cast

import pi_heif
from PIL import AvifImagePlugin, PngImagePlugin
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.IcoImagePlugin import IcoImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from domain.limits import MIB
from pictures.kinds import Format

PngImagePlugin.MAX_TEXT_CHUNK = 4 * MIB
"""Pillow's limit on what a chunk inflates to is its limit on profiles too: the largest have 2.7 MB."""
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pi_heif.options.DECODE_THREADS = 1
"""Two pictures are decoded at a time, on what is often one core: threads would only cost memory."""
pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False

READERS: Mapping[Format, Callable[[BytesIO], ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "WEBP": WebPImageFile,
    "HEIC": cast("Callable[[BytesIO], ImageFile]", pi_heif.HeifImageFile),
    "AVIF": AvifImageFile,
    "GIF": GifImageFile,
    "TIFF": TiffImageFile,
    "BMP": BmpImageFile,
    "ICO": IcoImageFile,
    "JPEG 2000": Jpeg2KImageFile,
}

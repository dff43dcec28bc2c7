"""Finds QR codes in one picture, the way a cheap lens gives it: blurred, turned, dim, too near.

Each look costs more than the one before, so the plain picture is tried first and most pictures
need no more.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

Gray = NDArray[np.uint8]  # rows, columns
WIDE_ENOUGH: Final = 1000  # pixels; below this a module of the code has too few of them
SHARPEN_RADII: Final = (2, 4)  # pixels: about one module, at arm's length and nearer
_QR_ONLY: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def texts_in(picture: Gray) -> list[str]:
    """The texts of all QR codes in a grey picture; empty where none can be read."""
    for look in _looks(picture):
        found = zxingcpp.read_barcodes(look, formats=_QR_ONLY)
        if texts := [code.text for code in found if code.valid]:
            return texts
    return []


def _looks(picture: Gray) -> Iterator[Gray]:
    yield picture
    image = Image.fromarray(picture)
    if image.width < WIDE_ENOUGH:
        image = image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC)
    stretched = ImageOps.autocontrast(image, cutoff=1)
    for radius in SHARPEN_RADII:
        sharper = stretched.filter(ImageFilter.UnsharpMask(radius, percent=250, threshold=0))
        yield np.asarray(sharper, dtype=np.uint8)

"""Real symbols: drawn by one library, read back by another, and returned as a scanner would send them."""

from __future__ import annotations

import io
from typing import Any

import barcode
import segno
import zxingcpp
from barcode.writer import ImageWriter
from PIL import Image
from ppf.datamatrix import DataMatrix

GS = "\x1d"
_FNC1 = 232
_MACRO_06 = 237
_MODULE_PIXELS = 6


def code_128(text: str) -> Image.Image:
    return _linear("code128", text)


def gs1_128(text: str) -> Image.Image:
    """Each GS means FNC1; the one in first position is added."""
    return _linear("gs1_128", text.replace(GS, "\xf1"))


def ean_13(digits: str) -> Image.Image:
    return _linear("ean13", digits)


def code_39(text: str) -> Image.Image:
    """With a check character (mod 43) after the text."""
    return _linear("code39", text)


def _linear(kind: str, text: str) -> Image.Image:
    drawn: Image.Image = barcode.get(kind, text, writer=ImageWriter()).render({"write_text": False})
    return drawn


def qr(text: str, **options: Any) -> Image.Image:
    file = io.BytesIO()
    segno.make(text, micro=False, **options).save(file, kind="png", scale=_MODULE_PIXELS)
    return Image.open(file)


class _Codewords(str):
    """A Data Matrix message with explicit codewords: the library supports neither FNC1 nor macros."""

    __slots__ = ("codewords",)
    codewords: bytes

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        if encoding != "datamatrix.ascii":
            raise ValueError(errors)
        return self.codewords


def data_matrix(text: str) -> Image.Image:
    return _matrix(text)


def gs1_data_matrix(text: str) -> Image.Image:
    parts = [part.encode("datamatrix.ascii") for part in text.split(GS)]
    return _matrix(_of_codewords(bytes([_FNC1]) + bytes([_FNC1]).join(parts)))


def data_matrix_macro_06(text: str) -> Image.Image:
    """The envelope of ISO/IEC 15434 format 06 as one codeword (ISO/IEC 16022, 5.2.4.8)."""
    return _matrix(_of_codewords(bytes([_MACRO_06]) + text.encode("datamatrix.ascii")))


def _of_codewords(codewords: bytes) -> str:
    message = _Codewords("")
    message.codewords = codewords
    return message


def _matrix(message: str) -> Image.Image:
    rows = DataMatrix(message).matrix
    image = Image.new("L", (len(rows[0]) + 4, len(rows) + 4), 255)
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            image.putpixel((x + 2, y + 2), 0 if is_dark else 255)
    return image.resize(
        (image.width * _MODULE_PIXELS, image.height * _MODULE_PIXELS), Image.Resampling.NEAREST
    )


def scanned(image: Image.Image) -> bytes:
    """What a scanner sends that adds the symbology identifier."""
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    return bytes(found.symbology_identifier.encode() + found.bytes)


def scanned_with_eci(image: Image.Image) -> bytes:
    """The same from a scanner with the ECI protocol enabled."""
    (found,) = zxingcpp.read_barcodes(image.convert("L"), text_mode=zxingcpp.TextMode.HexECI)
    return bytes.fromhex(found.text)

from __future__ import annotations

import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from station.outputs.paper.symbols import Symbol, code_128, qr_code

PIXELS = 3
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
DIGITS_AND_MORE = st.lists(
    st.one_of(
        st.from_regex(r"[0-9]{1,9}", fullmatch=True), st.from_regex(r"[A-Za-z$/>~ -]{1,3}", fullmatch=True)
    ),
    min_size=1,
    max_size=8,
).map("".join)


def _drawn(symbol: Symbol) -> Image.Image:
    """Draw a symbol module by module, without the code that draws PDFs."""
    height = 40 if symbol.rows == 1 else 1
    image = Image.new("L", (symbol.width, symbol.rows * height + 2 * symbol.quiet), 255)
    for run in symbol.runs:
        box = (
            symbol.quiet + run.column,
            symbol.quiet + run.row * height,
            symbol.quiet + run.column + run.length,
            symbol.quiet + (run.row + 1) * height,
        )
        image.paste(0, box)
    return image.resize((image.width * PIXELS, image.height * PIXELS), Image.Resampling.NEAREST)


def _read(symbol: Symbol | None) -> tuple[str, str]:
    assert symbol is not None
    (found,) = zxingcpp.read_barcodes(_drawn(symbol))
    return found.symbology_identifier, found.bytes.decode()


@given(st.one_of(ASCII, DIGITS_AND_MORE))
@example("$$YES")
@example("99l")
@example("\x7f")
@settings(deadline=None)
def test_a_code_128_is_read_as_its_text_whatever_mixture_of_digits_and_letters_it_is(text: str) -> None:
    symbol = code_128(text)
    assert symbol
    assert _read(symbol) == (symbol.identifier, text)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=80))
@example("§§JA Ørsted Łódź 張")
@settings(deadline=None)
def test_a_qr_code_is_read_as_its_text_in_any_script(text: str) -> None:
    symbol = qr_code(text)
    assert symbol
    assert _read(symbol) == (symbol.identifier, text)


def test_digits_take_half_the_room_in_a_code_128() -> None:
    digits, letters = code_128("12345678901234567890"), code_128("ABCDEFGHIJKLMNOPQRST")
    assert digits
    assert letters
    assert digits.columns < letters.columns * 0.6


def test_a_text_that_a_symbology_cannot_encode_gives_no_symbol() -> None:
    assert code_128("CM-Ä1") is None
    assert code_128("") is None
    assert qr_code("x" * 5000) is None


def test_quiet_zones_are_those_of_the_standards() -> None:
    bars, square = code_128("SN-1"), qr_code("SN-1")
    assert bars
    assert square
    assert (bars.quiet, bars.width - bars.columns) == (10, 20)
    assert (square.quiet, square.width - square.columns) == (4, 8)

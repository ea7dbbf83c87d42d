"""Symbols drawn and read by other software, with FNC1, GS, macros and ECI."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from drivers.base import Frame
from station.config.settings import HouseFormat, LabelSettings, Preferences
from station.inputs.reader import Reader
from station.labels.interpret import ItemRead, Meaning, SerialRead, interpret
from station.labels.normalise import Label, Rejected
from tests.labels import symbols
from tests.labels.symbols import GS, scanned, scanned_with_eci
from tests.pipeline import decode_by_way_of_a_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PIL import Image

GTIN = "09521000001015"
LINK = f"https://id.gs1.org/01/{GTIN}/21/SN%2F1"


def _read(data: bytes, settings: LabelSettings | None = None) -> Meaning | Rejected:
    label = Reader({}).read(Frame(data, 0.0))
    assert isinstance(label, Label)
    return interpret(label, Preferences(), settings or LabelSettings())


@pytest.mark.parametrize(
    ("draw", "text", "meaning"),
    [
        (symbols.code_128, "2112345", SerialRead(("2112345",))),
        (symbols.gs1_128, "2112345", SerialRead(("12345",))),
        (symbols.code_128, f"01{GTIN}21SN-1", SerialRead((f"01{GTIN}21SN-1",))),
        (symbols.gs1_128, f"01{GTIN}10LOT{GS}21SN-1", SerialRead(("SN-1",), GTIN)),
        (symbols.data_matrix, f"01{GTIN}21SN-1", SerialRead((f"01{GTIN}21SN-1",))),
        (symbols.gs1_data_matrix, f"01{GTIN}10LOT{GS}21SN-1", SerialRead(("SN-1",), GTIN)),
        (symbols.gs1_data_matrix, f"21SN-1{GS}01{GTIN}", SerialRead(("SN-1",), GTIN)),
        (symbols.data_matrix_macro_06, f"1PPROC{GS}SS1{GS}SS2", SerialRead(("S1", "S2"), None, ("PROC",))),
        (
            symbols.data_matrix,
            f"[)>\x1e06{GS}1PPROC{GS}SS1\x1e\x04",
            SerialRead(("S1",), None, ("PROC",)),
        ),
        (symbols.qr, LINK, SerialRead(("SN/1",), GTIN)),
        (symbols.data_matrix, LINK, SerialRead(("SN/1",), GTIN)),
        (symbols.ean_13, "400638133393", ItemRead("04006381333931")),
        (symbols.qr, "SN-1", SerialRead(("SN-1",))),
    ],
)
def test_a_symbol_that_is_drawn_and_read_back_has_the_right_meaning(
    draw: Callable[[str], Image.Image], text: str, meaning: Meaning
) -> None:
    assert _read(scanned(draw(text))) == meaning


def test_data_in_the_eci_protocol_is_read_as_printed() -> None:
    image = symbols.qr("SN\\Ä€1", eci=True, encoding="utf-8")
    sent = scanned_with_eci(image)
    assert sent == "]Q2\\000026SN\\\\Ä€1".encode()
    assert _read(sent) == SerialRead(("SN\\Ä€1",))


def test_a_check_character_that_the_reader_sends_is_verified_and_kept() -> None:
    sent = scanned(symbols.code_39("SN-1"))
    assert sent.startswith(b"]A1SN-1")
    assert _read(sent) == SerialRead((sent.removeprefix(b"]A1").decode(),))
    without = LabelSettings(house_format=(HouseFormat(check="mod43", strip_check=True),))
    assert _read(sent, without) == SerialRead(("SN-1",))
    damaged = _read(sent.replace(b"SN", b"SM"))
    assert isinstance(damaged, Rejected)
    assert "check character" in damaged.reason


def test_the_bytes_of_a_symbol_pass_through_a_serial_scanner(tmp_path: Path) -> None:
    from drivers.base import Chunk  # noqa: PLC0415
    from drivers.recording import Header  # noqa: PLC0415

    header = Header(
        recording=1, driver="serial", scanner="left", recorded_at=datetime(2026, 11, 23, tzinfo=UTC)
    )
    data = scanned(symbols.gs1_data_matrix(f"01{GTIN}10LOT{GS}21SN-1")) + b"\r"
    (line,) = decode_by_way_of_a_file(
        tmp_path / "symbol.rec.jsonl", header, [Chunk(data[:9], 0.0), Chunk(data[9:], 0.1)]
    )
    assert (line.kind, line.serial_number, line.gtin) == ("serial", "SN-1", GTIN)
    assert line.symbology_identifier == "]d2"
    assert json.dumps(line.text) == f'"01{GTIN}10LOT\\u001d21SN-1"'

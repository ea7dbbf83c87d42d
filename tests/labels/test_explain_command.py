"""``scanstation explain``: what it prints in addition to the explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import Workplace

if TYPE_CHECKING:
    from pathlib import Path

SCANNER = '[[scanner]]\nname = "{}"\ndriver = "serial"\nmatch = {{ path = "/dev/{}" }}\n'


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    workplace = Workplace(tmp_path)
    workplace.configure(SCANNER.format("left", "one") + SCANNER.format("right", "two"))
    return workplace


def _row(output: str, step: str) -> str:
    (row,) = [line for line in output.splitlines() if line.startswith(f"│ {step} ")]
    return row.split("│")[2].strip()


def test_the_text_is_shown_as_read_with_control_characters_by_name(place: Workplace) -> None:
    output = place.run("explain", r"]C121A\x1d10B<GS>91C").out
    assert _row(output, "text") == "21A<GS>10B<GS>91C"
    assert _row(place.run("explain", r"]Q2\000026A\\B").out, "text") == "A\\B"
    # The terminal must not execute escape sequences.
    assert _row(place.run("explain", r"SN\x1b[31m").out, "text") == r"SN\u001B[31m"


def test_it_names_the_settings_that_the_label_is_read_with(place: Workplace) -> None:
    assert (
        _row(place.run("explain", "SN-1").out, "settings")
        == "the station's defaults; use --scanner for a scanner's"
    )
    assert _row(place.run("explain", "SN-1", "--scanner", "left").out, "settings") == (
        'those of the scanner "left"'
    )


def test_it_says_what_to_do_about_lost_separators(place: Workplace) -> None:
    result = _row(place.run("explain", "]C121SN-12345678910LOT-12345").out, "result")
    assert result.startswith("rejected: AI 21 (serial number) must be up to 20 characters")
    assert "the scanner seems to drop the separators (GS)" in result

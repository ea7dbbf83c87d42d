"""Every reason for rejecting a frame has a kind, so that the label `reason` has few values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.i18n.driver_reasons import REASONS
from station.labels.normalise import Rejected, normalise
from station.outputs.metrics.counting import Rejection, kind_of

PARTS = {"{first_text}, and {then_text}", "{first} to {last}"}
"""They say nothing by themselves."""


@pytest.mark.parametrize("template", [reason for reason in REASONS if reason not in PARTS])
def test_each_reason_of_a_driver_has_a_kind(template: str) -> None:
    assert kind_of(template) is not Rejection.OTHER


@pytest.mark.parametrize("symbology_identifier", [None, "]C1", "]Q4"])
@pytest.mark.parametrize("aim", ["auto", "always"])
@given(data=st.binary(max_size=12) | st.text(max_size=12).map(str.encode))
def test_every_reason_for_rejecting_a_frame_has_a_kind(
    data: bytes, aim: str, symbology_identifier: str | None
) -> None:
    read = normalise(data, encoding="utf-8", aim=aim, symbology_identifier=symbology_identifier)  # type: ignore[arg-type]
    if isinstance(read, Rejected):
        assert kind_of(read.reason) is not Rejection.OTHER, read.reason


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("no terminator after 1000 ms: the scan came incomplete", "incomplete"),
        ("may be the rest of the scan before, which came incomplete", "incomplete"),
        ("a packet stopped half-way, and it was not sent again", "incomplete"),
        (
            'the scan came incomplete, or the scanner ends its scans with LF; the setting is "\\r"',
            "setting",
        ),
        ("the station stood still in the middle of a scan", "stalled"),
        ("longer than 4096 bytes", "too_long"),
        ("is not utf-8: byte 1 is 0xFF; is the scanner's setting encoding right?", "encoding"),
        ("EAN-13 has a wrong check digit", "check_digit"),
        ("EAN-13 is 13 digits; what came is 12", "check_digit"),
        ("the checksum is wrong", "damaged"),
        ("its parts are of different kinds, A and B: two scans ran into one", "damaged"),
        ("the scanner read a wrong check digit (status 40)", "scanner"),
        ('KEY_Q types no character in layout "us": is the scanner set to another layout?', "keyboard"),
        ("something that nobody has thought of", "other"),
    ],
)
def test_the_kind_of_a_reason_shows_what_to_do(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind

"""The findings about a scanner from the test code, for each kind of scanner."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from drivers.base import Chunk
from drivers.wedge.input_events import EV_SYN, KEYPAD_ENTER, SYN_DROPPED, TAB
from drivers.wedge.keyboard import EVENTS_LOST
from drivers.wedge.layout_check import GS, TEST_TEXT
from drivers.wedge.layouts import layout_names
from station.config.settings import ScannerSettings
from station.ops.doctor.machine import State
from station.ops.doctor.scan_test import judge, one_scan
from tests.drivers.discovery.trees import HIDPOS_DESCRIPTOR
from tests.drivers.wedge.typist import press, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drivers.base import InputEvent
    from station.ops.doctor.machine import Finding

TEXT = TEST_TEXT.encode()
WITHOUT_GS = TEST_TEXT.replace(GS, "").encode()
POS = {"report_descriptor": HIDPOS_DESCRIPTOR.hex()}


def _settings(driver: str, **more: Any) -> ScannerSettings:
    return msgspec.convert({"name": "left", "driver": driver, "match": {"vid": 1}, **more}, ScannerSettings)


def _judged(
    settings: ScannerSettings, *data: bytes, learnt: Mapping[str, object] | None = None
) -> list[Finding]:
    return list(judge(settings, [Chunk(part, float(t)) for t, part in enumerate(data)], learnt or {}))


def _typed(events: Iterable[InputEvent], **more: Any) -> dict[str, Finding]:
    chunks = [Chunk(b"", 0.0, tuple(events))]
    return {finding.check: finding for finding in judge(_settings("evdev", **more), chunks, {})}


def _states(findings: Iterable[Finding]) -> dict[str, State]:
    return {finding.check: finding.state for finding in findings}


def _remedies(findings: Iterable[Finding]) -> list[str]:
    return [finding.remedy for finding in findings if finding.remedy]


def test_a_silent_scanner_is_reported() -> None:
    (finding,) = judge(_settings("serial"), [], {})
    assert (finding.state, finding.what) == (State.WRONG, "the scanner sent nothing")


# Keyboard wedges


# No scanner has the layout "nordic": it is the common part of four countries' layouts.
@pytest.mark.parametrize("name", [name for name in layout_names() if name != "nordic"])
def test_every_layout_is_recognised(name: str) -> None:
    found = _typed(scan(TEST_TEXT, name), layout=name)
    assert _states(found.values()) == dict.fromkeys(("layout", "GS", "terminator"), State.OK)


def test_a_wrong_layout_is_reported_with_the_right_one() -> None:
    found = _typed(scan(TEST_TEXT, "de"), layout="us")
    assert found["layout"].state is State.WRONG
    assert found["layout"].what == 'it does not type for layout = "us"'
    assert found["layout"].remedy == 'set layout = "de"'


@pytest.mark.parametrize(
    ("ending", "terminator", "remedy"),
    [
        (KEYPAD_ENTER, "\r", ""),
        (TAB, "\t", ""),
        (TAB, "\r", 'set terminator = "\\t"'),
        (
            0,
            "\r",
            'switch on the suffix "Enter" (CR) in the scanner, or set terminator = "" and gap_ms = 100',
        ),
    ],
)
def test_the_received_terminator_is_compared(ending: int, terminator: str, remedy: str) -> None:
    events = scan(TEST_TEXT, "us", ending or TAB)
    found = _typed(events if ending else events[: -len(press(TAB))], terminator=terminator)
    assert found["terminator"].remedy == remedy
    assert found["layout"].state is State.OK


def test_a_gs_that_arrives_as_a_function_key_is_reported_with_the_setting() -> None:
    before, after = TEST_TEXT.split(GS)
    f8 = press(66)
    events = [*scan(before, "us")[: -len(press(KEYPAD_ENTER))], *f8, *scan(after, "us")]
    remedy = _typed(events)["GS"].remedy
    assert remedy == 'set function_keys = { F8 = "\\u001d" }'
    keys = json.loads(remedy.partition("{ F8 = ")[2].removesuffix(" }"))
    assert _typed(events, function_keys={"F8": keys})["GS"].state is State.OK


def test_a_missing_gs_is_reported() -> None:
    assert _typed(scan(WITHOUT_GS.decode(), "us"))["GS"].state is State.WARNING


def test_another_label_fits_no_layout() -> None:
    found = _typed(scan("SN-1", "us"))
    assert list(found) == ["layout"]
    assert found["layout"].state is State.WRONG


def test_lost_events_are_not_taken_for_another_layout() -> None:
    typed = [*scan(TEST_TEXT, "us")]
    found = _typed([*typed[:20], (EV_SYN, SYN_DROPPED, 0), *typed[40:]])
    assert {check: (each.state, each.what) for check, each in found.items()} == {
        "scan": (State.WRONG, EVENTS_LOST)
    }


# Serial ports


def test_a_correctly_configured_serial_scanner_is_ok() -> None:
    findings = _judged(_settings("serial"), b"]Q1" + TEXT[:7], TEXT[7:] + b"\r")
    assert _states(findings) == dict.fromkeys(("scan", "GS", "terminator", "AIM"), State.OK)


@pytest.mark.parametrize(
    ("data", "more", "remedy"),
    [
        (TEXT + b"\r\n", {"aim": "never"}, 'set terminator = "\\r\\n"'),
        (
            TEXT,
            {},
            'switch on the suffix "Enter" (CR) in the scanner, or set terminator = "" and gap_ms = 100',
        ),
        (b"\x02]Q1" + TEXT + b"\r", {}, 'set preamble = "\\u0002"'),
        (b"]Q1" + TEXT + b"\r", {"preamble": "\x02"}, 'set preamble = ""'),
        (b"]Q1" + TEXT + b"\r", {"aim": "never"}, 'set aim = "auto"'),
    ],
)
def test_each_difference_of_a_serial_scanner_is_reported_with_the_setting(
    data: bytes, more: dict[str, Any], remedy: str
) -> None:
    assert remedy in _remedies(_judged(_settings("serial", **more), data))


@pytest.mark.parametrize(("aim", "state"), [("auto", State.WARNING), ("always", State.WRONG)])
def test_missing_aim_identifiers_are_reported(aim: str, state: State) -> None:
    assert _states(_judged(_settings("serial", aim=aim), TEXT + b"\r"))["AIM"] is state


def test_other_data_is_shown_escaped() -> None:
    (finding,) = _judged(_settings("serial"), b"\x1b[2Jhello\xff\r")
    assert (finding.state, finding.what) == (
        State.WRONG,
        "this is not the test code: \\u001B[2Jhelloÿ\\u000D",
    )


# Reports


def _report(data: bytes, identifier: bytes = b"]Q1", *, more: bool = False) -> bytes:
    return bytes((2, len(data))) + identifier + data.ljust(56, b"\0") + b"\0\0" + bytes((more,))


def test_a_correctly_configured_hid_pos_scanner_is_ok() -> None:
    findings = _judged(_settings("usb"), _report(TEXT), learnt=POS)
    assert _states(findings) == dict.fromkeys(("scan", "GS", "AIM"), State.OK)


def test_a_truncated_report_is_reported() -> None:
    findings = _judged(_settings("usb"), _report(TEXT, more=True), learnt=POS)
    assert findings[0].state is State.WRONG
    assert findings[0].what.startswith("it is rejected: ")


def test_a_report_without_gs_and_with_a_suffix_is_reported() -> None:
    findings = _judged(_settings("usb"), _report(b"<" + WITHOUT_GS + b">", b"\0\0\0"), learnt=POS)
    assert _states(findings) == {"scan": State.WRONG, "GS": State.WARNING, "AIM": State.WARNING}
    assert findings[0].what == 'the test code arrives with "<>" around it'


def test_reports_of_another_code_are_reported() -> None:
    findings = _judged(_settings("usb"), _report(b"SN-1"), learnt=POS)
    assert [finding.what for finding in findings] == ["this is not the test code: SN-1"]


# Reading


class FakeDriver:
    """Returns its chunks, then nothing."""

    def __init__(self, *data: bytes) -> None:
        self._data = list(data)
        self.waited_until: list[float | None] = []

    def read(self, until: float | None) -> Chunk | None:
        self.waited_until.append(until)
        return Chunk(self._data.pop(0), 0.0) if self._data else None


def test_silence_ends_a_scan() -> None:
    driver: Any = FakeDriver(b"SN", b"-1\r")
    assert [chunk.data for chunk in one_scan(driver, 1000.0, 0.1)] == [b"SN", b"-1\r"]
    first, second, third = driver.waited_until
    assert first - second > 900
    assert third >= second


def test_waiting_for_a_scan_has_a_limit() -> None:
    driver: Any = FakeDriver()
    assert one_scan(driver, 0.0) == []

"""The recorded morning has the same rows by each way into the station."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from drivers.recording import RecordingReader
from station.outputs.display.client import StationLink
from station.questions import QuestionKind
from tests.running import EXPECTED, MORNING, SAMPLE, alike

if TYPE_CHECKING:
    from station.outputs.display.state import QuestionShown
    from tests.running import Workplace

NOT_IN_THE_MORNING = {
    # By default, the station asks neither.
    QuestionKind.OVER_QUANTITY,
    QuestionKind.DOCUMENT,
    # Only above a thousand numbers, and for a count that was stated twice.
    QuestionKind.RANGE_SIZE,
    QuestionKind.QUANTITY,
}
ROWS: list[dict[str, Any]] = [json.loads(line) for line in EXPECTED.read_text().splitlines()]


def test_the_morning_shows_every_action_and_asks() -> None:
    actions = {row["action"] for row in ROWS}
    assert actions == {"Assigned", "Added", "Negative", "Skipped", "Counted", "Detached", "Refused"}
    assert {row["reason"] for row in ROWS} >= {"declined", "answer first", "unknown serial number"}


def test_the_morning_shows_each_question_about_a_return_once(company: Workplace) -> None:
    with company.daemon() as daemon:
        link = StationLink(daemon.url)
        answers = [link.scan(text) for text in _texts()]
        link.close()
    asked = [kind for answer in answers if answer.question for kind in _kinds(answer.question)]
    assert set(asked) == set(QuestionKind) - NOT_IN_THE_MORNING
    messages = [message for answer in answers for message in answer.messages]
    for sentence in (
        "PR400041 was sold to Caspari Optics; CM-1001 is Bergholt and Sons's. Take it all the same?",
        "PR400002: the reason is DOA, the condition SCRAP",
        "5 of 6 retrieved; SD100014 is unknown",
        "MEM-32: 1 too many",
        "CM-1001: receipt 1 is booked, 18 units moved; the rest comes later",
        "CM-1001 is saved, 1 unit moved",
        "Operator E12 is signed off",
    ):
        assert sentence in messages
    assert {row["note"] for row in ROWS if row["note"]} == {
        "late: returnable until 2025-06-30",
        "ours already: MAIN-STOCK",
        "unexpected",
    }
    company.run("db", "check")


def _kinds(question: QuestionShown) -> list[str]:
    return [question.kind, *question.also]


@pytest.mark.parametrize("speed", ["max", "200"])
def test_replayed(company: Workplace, speed: str) -> None:
    result = company.run("replay", MORNING, "--speed", speed, "--expect", EXPECTED)
    assert [alike(row) for row in result.rows] == ROWS
    company.run("db", "check")


def test_replayed_rows_have_the_recordings_times(company: Workplace) -> None:
    result = company.run("replay", MORNING)
    assert result.rows[1]["at"] == "2026-11-23T05:00:28.390Z"


def test_scanned_at_a_serial_port_of_the_running_daemon(company: Workplace) -> None:
    master, slave = os.openpty()
    company.configure(
        '[[scanner]]\nname = "dock-left"\ndriver = "serial"\nreply = { good = "G", refused = "R" }\n'
        f'match = {{ path = "{os.ttyname(slave)}" }}\n[preferences]\nsigned_commands = false\n',
    )
    with company.daemon() as daemon:
        daemon.wait_for("scanner_changed")
        with RecordingReader(MORNING) as recording:
            for chunk in recording:
                os.write(master, chunk.data)
        rows = daemon.wait_for("history_added", len(ROWS))
        daemon.wait_for("session_closed", 4)
    os.close(master)
    os.close(slave)
    assert [(row["action"], row.get("reason"), row["text"]) for row in rows] == [
        (row["action"], row["reason"], row["text"]) for row in ROWS
    ]
    history = company.run("history", "--document", "CM-1001", "--json").rows
    booked = [row for row in history if row["action"] != "Booked"]
    assert [alike(row, "to_area") for row in booked] == [row for row in ROWS if row["document"] == "CM-1001"]
    company.run("db", "check")


def test_typed_into_the_running_daemon(company: Workplace) -> None:
    with company.daemon() as daemon:
        link = StationLink(daemon.url)
        rows = [alike(row, "scanner") for text in _texts() for row in _typed(link, text)]
        link.close()
    assert rows == [{key: value for key, value in row.items() if key != "scanner"} for row in ROWS]


def _texts() -> list[str]:
    with RecordingReader(MORNING) as recording:
        data = b"".join(chunk.data for chunk in recording)
    return data.decode().split("\r")[:-1]


def _typed(link: StationLink, text: str) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(row) for row in link.scan(text).rows]


def test_a_difference_from_the_expectation_is_reported_and_fails(company: Workplace) -> None:
    expected = company.directory / "expected.jsonl"
    lines = EXPECTED.read_text().splitlines()
    lines[3] = lines[3].replace("Assigned", "Added")
    expected.write_text("\n".join(lines) + "\n")
    result = company.run("replay", MORNING, "--expect", expected, code=1)
    assert 'row 4 (PR400003): action is "Assigned", not "Added"' in result.err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: lines[:-1], "is unexpected"),
        (lambda lines: [*lines, lines[0]], "is missing"),
    ],
)
def test_rows_too_many_or_too_few_fail(company: Workplace, change: Any, says: str) -> None:
    expected = company.directory / "expected.jsonl"
    expected.write_text("\n".join(change(EXPECTED.read_text().splitlines())) + "\n")
    assert says in company.run("replay", MORNING, "--expect", expected, code=1).err


def test_the_demo_prints_the_morning_and_keeps_nothing(workplace: Workplace) -> None:
    result = workplace.run("demo", "--once")
    for row in ROWS:
        assert row["action"] in result.out
    assert f"{len(ROWS)} rows of history" in result.err
    assert not workplace.database.exists()


def test_the_sample_recording_is_the_one_shipped() -> None:
    assert (SAMPLE / "company" / "serial_numbers.csv").exists()


def test_p4_a_recorded_question_expires_by_the_recordings_time(company: Workplace) -> None:
    company.configure("[preferences]\nprompt_timeout_s = 2\n")
    # One second apart: HB-0007 asks, PR400001 is in time, PR400002 is after the limit.
    recording = company.recording(["HB-0007", "PR400001", "PR400002"])
    result = company.run("replay", "--document", "CM-1001", recording)
    assert [(row["action"], row["reason"], row["text"]) for row in result.rows] == [
        ("Refused", "answer first", "PR400001"),
        ("Refused", "nobody answered", "HB-0007"),
        ("Assigned", None, "PR400002"),
    ]

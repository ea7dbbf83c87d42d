"""Journal entries: complete, with any content, and never lost."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.outputs.journal import JournalEntry, JournalLogger, field_name
from tests.journals import FakeJournal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE = 3_000_000
"""Larger than any datagram."""


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FakeJournal]:
    with FakeJournal(tmp_path / "socket") as journal:
        yield journal


@pytest.fixture
def logger(tmp_path: Path, lines: io.StringIO) -> Iterator[JournalLogger]:
    logger = JournalLogger(lines, tmp_path / "socket")
    yield logger
    logger.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.dictionaries(
        st.from_regex(r"[a-z][a-z_0-9]{0,40}", fullmatch=True),
        st.text(max_size=50) | st.sampled_from(["a\nPRIORITY=0", "\n", "", "="]),
        max_size=5,
    ),
    line=st.text(max_size=50),
)
def test_any_text_arrives_unchanged(
    logger: JournalLogger, journal: FakeJournal, values: dict[str, str], line: str
) -> None:
    logger.info(JournalEntry(6, line, values))
    (entry,) = journal.entries(1)
    assert (entry.pop("MESSAGE"), entry.pop("PRIORITY")) == (line, "6")
    assert entry.pop("SYSLOG_IDENTIFIER") == "scanstation"
    assert entry == {f"SCANSTATION_{key.upper()}": value for key, value in values.items()}


def test_an_entry_that_is_too_large_for_a_datagram_arrives_in_a_sealed_file(
    logger: JournalLogger, journal: FakeJournal, lines: io.StringIO
) -> None:
    logger.info(JournalEntry(6, "event=x", {"text": "x" * LARGE}))
    (entry,) = journal.entries(1)
    assert journal.by_file == 1
    assert entry["SCANSTATION_TEXT"] == "x" * LARGE
    assert lines.getvalue() == ""


def test_without_a_journal_the_line_goes_to_standard_error(logger: JournalLogger, lines: io.StringIO) -> None:
    logger.warning(JournalEntry(4, "event=x scanner=left", {"event": "x"}))
    assert lines.getvalue() == "<4>event=x scanner=left\n"


def test_a_traceback_is_one_line_on_standard_error(logger: JournalLogger, lines: io.StringIO) -> None:
    logger.error(JournalEntry(3, "event=x", {}, "Traceback\nZeroDivisionError: a fault"))
    assert lines.getvalue() == '<3>event=x exception="Traceback\\u000AZeroDivisionError: a fault"\n'


def test_a_restarted_journal_is_found(tmp_path: Path, logger: JournalLogger, lines: io.StringIO) -> None:
    path = tmp_path / "socket"
    with FakeJournal(path) as first:
        logger.info(JournalEntry(6, "one", {}))
        assert first.entries(1)[0]["MESSAGE"] == "one"
    logger.info(JournalEntry(6, "two", {}))
    assert lines.getvalue() == "<6>two\n"
    path.unlink()
    with FakeJournal(path) as second:
        logger.info(JournalEntry(6, "three", {}))
        assert second.entries(1)[0]["MESSAGE"] == "three"


def test_a_stalled_journal_does_not_block_for_long(
    logger: JournalLogger, journal: FakeJournal, lines: io.StringIO
) -> None:
    sent = 0
    while not lines.getvalue():
        logger.info(JournalEntry(6, "x", {}))
        sent += 1
    assert len(journal.entries(sent - 1)) == sent - 1
    assert lines.getvalue() == "<6>x\n"
    logger.info(JournalEntry(6, "y", {}))
    assert lines.getvalue() == "<6>x\n<6>y\n"


def test_a_stalled_journal_is_retried(
    logger: JournalLogger, journal: FakeJournal, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.outputs.journal.LEFT_ALONE_S", 0)
    sent = 0
    while not lines.getvalue():
        logger.info(JournalEntry(6, "x", {}))
        sent += 1
    journal.entries(sent - 1)
    logger.info(JournalEntry(6, "y", {}))
    assert journal.entries(1)[0]["MESSAGE"] == "y"


def test_a_field_has_a_name_that_the_journal_accepts() -> None:
    assert field_name("serial_number") == "SCANSTATION_SERIAL_NUMBER"
    assert field_name("a b-ü") == "SCANSTATION_A_B__"
    assert len(field_name("x" * 100)) == 64

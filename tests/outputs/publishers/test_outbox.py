from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.history import EndedSession, HistoryRow, OutboxEntry, Position
from station.repository.database import open_engine
from station.repository.outbox import (
    SqlOutbox,
    _in_order,
    forget_publisher,
    open_publishing_engine,
    publisher_names,
)
from station.repository.schema import upgrade
from station.source import now
from tests.outputs.publishers.books import DOCK, add_rows, begin_session, end_session
from tests.stations import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine


def _told(entries: Sequence[OutboxEntry]) -> list[str | int]:
    """Return the ids of rows and the numbers of ended sessions."""
    return [each.what.id if isinstance(each.what, HistoryRow) else each.what.session for each in entries]


def test_a_publisher_that_starts_now_gets_only_later_rows(engine: Engine) -> None:
    begin_session(engine, 1)
    add_rows(engine, 3, session=1)
    end_session(engine, 1)
    begin_session(engine, 2)
    outbox = SqlOutbox(engine, DOCK)
    outbox.begin("erp", at_the_beginning=False)
    assert outbox.position("erp") == Position(3, 1)
    assert outbox.after(outbox.position("erp"), 10) == []
    new = add_rows(engine, 2, session=2)
    end_session(engine, 2)
    assert _told(outbox.after(outbox.position("erp"), 10)) == [*new, 2]


def test_a_publisher_that_starts_at_the_beginning_gets_all_history(engine: Engine) -> None:
    ids = add_rows(engine, 3)
    outbox = SqlOutbox(engine, DOCK)
    outbox.begin("erp", at_the_beginning=True)
    assert _told(outbox.after(outbox.position("erp"), 10)) == ids


def test_a_publisher_can_start_before_the_first_scan_of_its_station(engine: Engine) -> None:
    SqlOutbox(engine, DOCK).begin("erp", at_the_beginning=False)
    assert SqlOutbox(engine, DOCK).position("erp") == Position(0, 0)


@pytest.mark.parametrize("at_the_beginning", [True, False])
def test_a_publisher_that_has_started_keeps_its_position(engine: Engine, *, at_the_beginning: bool) -> None:
    outbox = SqlOutbox(engine, DOCK)
    outbox.begin("erp", at_the_beginning=True)
    add_rows(engine, 3)
    outbox.move("erp", Position(2, 0))
    outbox.begin("erp", at_the_beginning=at_the_beginning)
    assert outbox.position("erp") == Position(2, 0)


def test_each_publisher_has_its_own_position(engine: Engine) -> None:
    ids = add_rows(engine, 3)
    outbox = SqlOutbox(engine, DOCK)
    for name in ("erp", "broker"):
        outbox.begin(name, at_the_beginning=True)
    outbox.move("erp", Position(2, 0))
    assert _told(outbox.after(outbox.position("erp"), 10)) == ids[2:]
    assert _told(outbox.after(outbox.position("broker"), 10)) == ids


def test_a_publisher_of_the_same_name_at_another_station_has_its_own_position(engine: Engine) -> None:
    here, there = SqlOutbox(engine, DOCK), SqlOutbox(engine, "dock-0")
    for outbox, position in ((there, Position(7, 2)), (here, Position(3, 1))):
        outbox.begin("erp", at_the_beginning=True)
        assert outbox.position("erp") == Position(0, 0)
        outbox.move("erp", position)
    assert (here.position("erp"), there.position("erp")) == (Position(3, 1), Position(7, 2))
    forget_publisher(engine, DOCK, "erp")
    assert publisher_names(engine) == [("dock-0", "erp")]
    assert there.position("erp") == Position(7, 2)


def test_a_station_sends_only_its_own_rows(engine: Engine) -> None:
    add_rows(engine, 2, station="dock-2")
    ids = add_rows(engine, 2)
    assert _told(SqlOutbox(engine, DOCK).after(Position(), 10)) == ids


def test_the_end_of_a_session_comes_after_its_last_row_and_before_the_next_sessions_first(
    engine: Engine,
) -> None:
    begin_session(engine, 1)
    first = add_rows(engine, 2, session=1)
    end_session(engine, 1)
    begin_session(engine, 2)
    second = add_rows(engine, 1, session=2)
    end_session(engine, 2, "closed")
    entries = SqlOutbox(engine, DOCK).after(Position(), 10)
    assert _told(entries) == [*first, 1, *second, 2]
    assert entries[2].what == EndedSession(
        station=DOCK,
        session=1,
        document="CM-1",
        operator=None,
        opened_at="2026-11-23T05:00:00.812Z",
        ended_at="2026-11-23T05:00:00.812Z",
        ended_why="saved",
    )


def test_an_open_session_is_not_sent(engine: Engine) -> None:
    begin_session(engine, 1)
    (row,) = add_rows(engine, 1, session=1)
    assert _told(SqlOutbox(engine, DOCK).after(Position(), 10)) == [row]


def test_the_lag_counts_unsent_entries_and_their_age(engine: Engine) -> None:
    outbox = SqlOutbox(engine, DOCK)
    outbox.begin("erp", at_the_beginning=True)
    assert outbox.lag("erp") == ("erp", 0, 0.0)
    begin_session(engine, 1)
    add_rows(engine, 3, session=1, at=now() - timedelta(hours=1))
    assert outbox.lag("erp").rows == 3
    assert 3600 <= outbox.lag("erp").oldest_seconds < 3700
    outbox.move("erp", Position(3, 0))
    assert outbox.lag("erp") == ("erp", 0, 0.0)
    end_session(engine, 1)
    assert outbox.lag("erp").rows == 1
    outbox.move("erp", Position(3, 1))
    assert outbox.lag("erp") == ("erp", 0, 0.0)


def test_a_position_outlives_the_process(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    own = open_publishing_engine(database_url)
    outbox = SqlOutbox(own, DOCK)
    outbox.begin("erp", at_the_beginning=True)
    add_rows(engine, 1)
    outbox.move("erp", Position(1, 0))
    own.dispose()
    assert SqlOutbox(engine, DOCK).position("erp") == Position(1, 0)
    engine.dispose()


def test_storing_a_position_leaves_the_desks_connections_durable(sqlite_url: str) -> None:
    engine, own = open_engine(sqlite_url), open_publishing_engine(sqlite_url)
    upgrade(engine)
    assert query(engine, "PRAGMA synchronous") == [(2,)]
    assert query(own, "PRAGMA synchronous") == [(1,)]
    own.dispose()
    engine.dispose()


def _row(number: int, session: int | None) -> tuple[int, HistoryRow]:
    row: Any = dict.fromkeys(HistoryRow.__struct_fields__) | {"id": number, "session": session}
    return number, HistoryRow(**row)


def _end(number: int) -> EndedSession:
    return EndedSession(
        station=DOCK, session=number, document="", operator=None, opened_at="", ended_at="", ended_why=""
    )


@given(st.lists(st.integers(0, 3), max_size=8), st.booleans(), st.booleans(), st.integers(1, 5))
def test_with_any_batch_size_all_entries_are_sent_in_order(
    counts: list[int],
    last_is_open: bool,  # noqa: FBT001
    some_without: bool,  # noqa: FBT001
    limit: int,
) -> None:
    """`counts`: the number of rows of each session."""
    truth: list[tuple[str, int]] = []
    rows: list[tuple[int, HistoryRow]] = []
    for session, count in enumerate(counts, start=1):
        for place in range(count):
            rows.append(_row(len(rows) + 1, None if some_without and place == 0 and rows else session))
            truth.append(("row", len(rows)))
        truth.append(("end", session))
    if last_is_open and counts:
        truth.pop()
    ended = [_end(number) for kind, number in truth if kind == "end"]
    position, sent = Position(), []
    while True:
        some = [each for each in rows if each[0] > position.row][:limit]
        ends = [each for each in ended if each.session > position.session][:limit]
        found = _in_order(position, some, ends, all_rows=len(some) < limit, all_ended=len(ends) < limit)
        entries = list(found)
        if not entries:
            break
        for entry in entries:
            is_row = isinstance(entry.what, HistoryRow)
            sent.append(("row", entry.position.row) if is_row else ("end", entry.position.session))
            position = entry.position
    assert [each for each in sent if each[0] == "row"] == [each for each in truth if each[0] == "row"]
    assert [each for each in sent if each[0] == "end"] == [each for each in truth if each[0] == "end"]
    if not some_without:
        assert sent == truth

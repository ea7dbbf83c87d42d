from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from station.history import EndedSession, HistoryRow, Move, OutboxEntry, Position
from station.outputs.publishers.sending import move_json, row_json
from station.repository.database import open_engine, transaction
from station.repository.history_fields import columns_of
from station.repository.outbox import (
    SqlOutbox,
    _in_order,
    _Stream,
    forget_publisher,
    open_publishing_engine,
    publisher_names,
)
from station.repository.schema import upgrade
from station.repository.tables import generated_numbers, history, number_series, serial_numbers
from station.source import now
from tests.outputs.publishers.books import AT, DOCK, add_move, add_rows, begin_session, end_session
from tests.outputs.publishers.fakes import move
from tests.stations import query
from tests.terminal.dock import assigned, fill, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine


def _told(entries: Sequence[OutboxEntry]) -> list[str | int]:
    """Return the ids of rows, the numbers of ended sessions, and moves as ``move dock-1 3``."""
    return [_name(each.what) for each in entries]


def _name(what: HistoryRow | Move | EndedSession) -> str | int:
    match what:
        case HistoryRow():
            return what.id
        case Move():
            return f"move {what.station} {what.number}"
        case EndedSession():
            return what.session


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
        receipt=None,
    )


def test_d10_moves_come_after_their_sessions_rows_and_before_its_end(engine: Engine) -> None:
    begin_session(engine, 1)
    first = add_rows(engine, 2, session=1)
    add_move(engine, session=1)
    add_move(engine, session=1, serial_number="SN-2")
    end_session(engine, 1)
    begin_session(engine, 2)
    second = add_rows(engine, 1, session=2)
    outbox = SqlOutbox(engine, DOCK)
    outbox.begin("erp", at_the_beginning=True)
    entries = outbox.after(Position(), 10)
    assert _told(entries) == [*first, "move dock-1 1", "move dock-1 2", 1, *second]
    outbox.move("erp", entries[2].position)
    assert outbox.position("erp") == Position(2, 0, 1, 0)
    assert _told(outbox.after(outbox.position("erp"), 10)) == ["move dock-1 2", 1, *second]


def test_d10_moves_by_the_office_come_at_their_time_from_every_station(engine: Engine) -> None:
    begin_session(engine, 1)
    early = add_rows(engine, 1, session=1)
    add_move(engine, station="import", at=AT + timedelta(seconds=1))
    late = add_rows(engine, 1, session=1, at=AT + timedelta(seconds=2))
    add_move(engine, at=AT + timedelta(seconds=3))
    told = [*early, "move import 1", *late, "move dock-1 1"]
    assert _told(SqlOutbox(engine, DOCK).after(Position(), 10)) == told
    assert _told(SqlOutbox(engine, "dock-2").after(Position(), 10)) == ["move import 1"]


def test_a_publisher_that_starts_now_gets_only_later_moves(engine: Engine) -> None:
    add_move(engine)
    add_move(engine, station="import")
    outbox = SqlOutbox(engine, DOCK)
    outbox.begin("erp", at_the_beginning=False)
    assert outbox.position("erp") == Position(0, 0, 1, 1)
    assert outbox.after(outbox.position("erp"), 10) == []
    assert outbox.lag("erp").rows == 0
    add_move(engine, station="import", at=now() - timedelta(hours=1))
    assert _told(outbox.after(outbox.position("erp"), 10)) == ["move import 2"]
    assert outbox.lag("erp").rows == 1
    assert outbox.lag("erp").oldest_seconds >= 3600


def test_m5_rows_and_moves_of_a_generated_unit_are_marked(engine: Engine) -> None:
    fill(engine)
    with transaction(engine) as connection:
        connection.execute(insert(number_series).values(prefix="M-", last=1))
        unit = {"serial_number": "M-1", "item": "PROC-1"}
        connection.execute(insert(serial_numbers).values(**unit, stock_area="SOLD"))
        row = assigned("M-1")
        connection.execute(insert(history).values(**columns_of(row), number=1))
        connection.execute(insert(generated_numbers).values(**unit, prefix="M-", number=1, history_id=row.id))
    record(engine, 2, assigned("SN-2"))
    add_move(engine, serial_number="M-1")
    add_move(engine, serial_number="SN-2")
    told = [each.what for each in SqlOutbox(engine, DOCK).after(Position(), 10)]
    rows = [json.loads(row_json(each)) for each in told if isinstance(each, HistoryRow)]
    moved = [json.loads(move_json(each)) for each in told if isinstance(each, Move)]
    assert [each.get("generated") for each in rows] == [True, None]
    assert [each.get("generated") for each in moved] == [True, None]


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
        station=DOCK, session=number, document="", operator=None, opened_at="", ended_at="", ended_why="",
        receipt=None,
    )  # fmt: skip


@given(st.lists(st.integers(0, 3), max_size=8), st.booleans(), st.booleans(), st.integers(1, 5))
def test_with_any_batch_size_all_entries_are_sent_in_order(
    counts: list[int],
    last_is_open: bool,  # noqa: FBT001
    some_without: bool,  # noqa: FBT001
    limit: int,
) -> None:
    """`counts`: the number of rows of each session, and of its moves."""
    truth: list[tuple[str, int]] = []
    moved: list[tuple[int, Move]] = []
    rows: list[tuple[int, HistoryRow]] = []
    for session, count in enumerate(counts, start=1):
        for place in range(count):
            rows.append(_row(len(rows) + 1, None if some_without and place == 0 and rows else session))
            truth.append(("row", len(rows)))
        for _ in range(count):
            moved.append((len(moved) + 1, move(len(moved) + 1, session=session)))
            truth.append(("move", len(moved)))
        truth.append(("end", session))
    if last_is_open and counts:
        truth.pop()
    ended = [(number, _end(number)) for kind, number in truth if kind == "end"]
    sent = _sent_in_batches(rows, moved, ended, limit)
    for kind in ("row", "move", "end"):
        assert [each for each in sent if each[0] == kind] == [each for each in truth if each[0] == kind]
    if not some_without:
        assert sent == truth


def _sent_in_batches(
    rows: Sequence[tuple[int, HistoryRow]],
    moved: Sequence[tuple[int, Move]],
    ended: Sequence[tuple[int, EndedSession]],
    limit: int,
) -> list[tuple[str, int]]:
    """Return kind and number of each entry, in the order in which they are sent."""
    position = Position()
    sent: list[tuple[str, int]] = []
    while True:
        streams = [
            _Stream(part, [each for each in found if each[0] > at][:limit], limit)
            for part, found, at in (
                ("row", rows, position.row),
                ("move", moved, position.move),
                ("session", ended, position.session),
                ("office_move", [], 0),
            )
        ]
        entries = list(_in_order(position, *streams))
        if not entries:
            return sent
        for entry in entries:
            position = entry.position
            match entry.what:
                case HistoryRow():
                    sent.append(("row", position.row))
                case Move():
                    sent.append(("move", position.move))
                case EndedSession():
                    sent.append(("end", position.session))

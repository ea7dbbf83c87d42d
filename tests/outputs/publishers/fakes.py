"""An outbox and a receiver in memory; both fail on a test's demand."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from station.errors import DatabaseBusyError, PublishError, PublishRefusedError
from station.history import EndedSession, HistoryRow, Lag, Move, MoveEvent, OutboxEntry, Position
from station.outputs.publishers.publisher import BackOff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from station.outputs.publishers.sending import Bell

FAULTS = ("", "before", "after", "refused", "bug", "part")
"""Of one request: none; nothing arrived; all arrived, unconfirmed; refused; a bug; half arrived."""


class NoPause(BackOff):
    """Tests don't wait."""

    def pause_s(self, error: Exception) -> float:
        super().pause_s(error)
        return 0.0


def row(number: int) -> HistoryRow:
    values: dict[str, Any] = dict.fromkeys(HistoryRow.__struct_fields__) | {"id": str(number)}
    return HistoryRow(**values)


def end_of(number: int) -> EndedSession:
    return EndedSession(
        station="dock-1",
        session=number,
        document="CM-1",
        operator=None,
        opened_at="",
        ended_at="",
        ended_why="saved",
        receipt=1,
    )


def move(number: int, **values: Any) -> Move:
    """A unit that the first Save booked."""
    known: dict[str, Any] = {
        "station": "dock-1", "number": number, "at": "2026-11-23T05:00:00.812Z", "event": MoveEvent.BOOKED,
        "document": "CM-1", "serial_number": f"SN-{number}", "item": "PROC-1", "quantity": 1,
        "from_area": "SOLD", "to_area": "RETURNS", "operator": None, "session": 1, "receipt": 1,
        "from_item": None, "note": None, "reason_code": None, "condition": None,
        "is_generated": False,
    }  # fmt: skip
    return Move(**known | values)


def name_of(what: HistoryRow | Move | EndedSession) -> str:
    match what:
        case HistoryRow():
            return what.id
        case Move():
            return f"move {what.number}"
        case EndedSession():
            return f"session {what.session}"


class FakeOutbox:
    """Holds entries; `faults`: whether each access to the database fails, in turn."""

    def __init__(self, entries: Sequence[OutboxEntry] = (), faults: Iterable[bool] = ()) -> None:
        self.entries = list(entries)
        self.noted = Position()
        self._faults = iter(faults)

    def add(self, *numbers: int) -> None:
        for number in numbers:
            self.entries.append(OutboxEntry(Position(number, 0), row(number)))

    def _access(self) -> None:
        if next(self._faults, False):
            raise DatabaseBusyError("the database is busy")

    def begin(self, publisher: str, *, at_the_beginning: bool) -> None:
        pass

    def position(self, publisher: str) -> Position:  # noqa: ARG002
        self._access()
        return self.noted

    def after(self, position: Position, limit: int) -> Sequence[OutboxEntry]:
        self._access()
        return [each for each in self.entries if each.position > position][:limit]

    def move(self, publisher: str, position: Position) -> None:  # noqa: ARG002
        self._access()
        self.noted = position

    def lag(self, publisher: str) -> Lag:
        return Lag(publisher, 0, 0.0)


class FakeSender:
    """Collects what arrives."""

    def __init__(self, faults: Sequence[str] = ()) -> None:
        self.arrived: list[str] = []
        self.confirmed: list[str] = []
        self.opened = self.closed = 0
        self.faults = deque(faults)
        """The faults of the next requests."""

    def open(self) -> bool:
        self.opened += 1
        return False

    def send_rows(self, rows: Sequence[HistoryRow]) -> None:
        self._send([each.id for each in rows])

    def send_moves(self, moves: Sequence[Move]) -> None:
        self._send([name_of(each) for each in moves])

    def send_session(self, session: EndedSession) -> None:
        self._send([name_of(session)])

    def _send(self, ids: list[str]) -> None:
        fault = self.faults.popleft() if self.faults else ""
        if fault in {"", "after"}:
            self.arrived += ids
        elif fault == "part":
            self.arrived += ids[: len(ids) // 2]
        match fault:
            case "":
                self.confirmed += ids
            case "refused":
                raise PublishRefusedError("the receiver says no")
            case "bug":
                raise RuntimeError("a fault of ours")
            case _:
                raise PublishError("no answer")

    def wait(self, bell: Bell) -> None:
        bell.wait()

    def close(self) -> None:
        self.closed += 1

    def abort(self) -> None:
        pass

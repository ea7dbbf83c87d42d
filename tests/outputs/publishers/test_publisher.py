from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from station.events import PublisherChanged
from station.history import OutboxEntry, Position
from station.outputs.publishers.publisher import Publisher
from tests.outputs.publishers.fakes import (
    FAULTS,
    FakeOutbox,
    FakeSender,
    NoPause,
    end_of,
    move,
    name_of,
    row,
)
from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _publisher(
    outbox: FakeOutbox, sender: FakeSender, changes: list[PublisherChanged] | None = None, batch: int = 3
) -> Publisher:
    reported = changes if changes is not None else []
    return Publisher("erp", sender, outbox, reported.append, batch=batch, back_off=NoPause())


def _stop(publisher: Publisher) -> None:
    publisher.end()
    assert publisher.join(PATIENCE_S)


def _without_repeats(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def test_old_and_new_rows_are_sent_in_order() -> None:
    outbox = FakeOutbox()
    outbox.add(1, 2, 3, 4)
    sender = FakeSender()
    publisher = _publisher(outbox, sender)
    publisher.start()
    wait_until(lambda: len(sender.arrived) == 4)
    outbox.add(5)
    publisher.wake()
    wait_until(lambda: outbox.noted == Position(5, 0))
    _stop(publisher)
    assert sender.arrived == ["1", "2", "3", "4", "5"]


def test_a_commit_while_a_publisher_reads_is_not_missed() -> None:
    outbox = FakeOutbox()
    sender = FakeSender()
    publisher = _publisher(outbox, sender)
    publisher.start()
    for number in range(1, 200):
        outbox.add(number)
        publisher.wake()
    wait_until(lambda: len(sender.arrived) == 199)
    _stop(publisher)
    assert sender.arrived == [str(number) for number in range(1, 200)]


def test_a_failure_is_reported_once_with_its_reason_and_the_recovery_too() -> None:
    outbox = FakeOutbox()
    outbox.add(1)
    changes: list[PublisherChanged] = []
    sender = FakeSender(["before", "before", "refused"])
    publisher = _publisher(outbox, sender, changes)
    publisher.start()
    wait_until(lambda: changes and changes[-1].ok)
    _stop(publisher)
    assert changes == [
        PublisherChanged("erp", ok=False, detail="no answer"),
        PublisherChanged("erp", ok=False, detail="the receiver says no"),
        PublisherChanged("erp", ok=True, detail=""),
    ]


def test_confirmed_entries_are_not_sent_again_if_the_position_cannot_be_stored() -> None:
    outbox = FakeOutbox(faults=iter([False, False, True, True, False]))
    outbox.add(1)
    sender = FakeSender()
    publisher = _publisher(outbox, sender)
    publisher.start()
    wait_until(lambda: outbox.noted == Position(1, 0))
    _stop(publisher)
    assert sender.arrived == ["1"]


def test_a_refusal_is_logged_at_each_try() -> None:
    outbox = FakeOutbox()
    outbox.add(1)
    sender = FakeSender(["refused"] * 3)
    publisher = _publisher(outbox, sender)
    with structlog.testing.capture_logs() as lines:
        publisher.start()
        wait_until(lambda: sender.confirmed)
        _stop(publisher)
    errors = [each for each in lines if each["log_level"] == "error"]
    assert [each["reason"] for each in errors] == ["the receiver says no"] * 3


def test_a_publisher_that_waits_for_its_next_try_ends_at_once() -> None:
    outbox = FakeOutbox()
    outbox.add(1)
    changes: list[PublisherChanged] = []
    sender = FakeSender(["refused"] * 100)
    publisher = Publisher("erp", sender, outbox, changes.append)
    publisher.start()
    wait_until(lambda: changes)
    publisher.wake()
    _stop(publisher)
    assert len(changes) == 1
    assert outbox.noted == Position()


_faults = st.lists(st.sampled_from(FAULTS), max_size=12)
MADE: dict[str, Callable[[int], Any]] = {"row": row, "move": move, "session": end_of}
_kinds = st.lists(st.sampled_from(list(MADE)), max_size=14)


@settings(deadline=None)
@given(
    _kinds, st.lists(_faults, min_size=1, max_size=4), st.lists(st.booleans(), max_size=20), st.integers(1, 5)
)
def test_whatever_fails_each_entry_arrives_in_order_and_no_position_is_ahead_of_what_was_confirmed(
    kinds: list[str], runs: list[list[str]], database: list[bool], batch: int
) -> None:
    """`kinds`: what is sent. `runs`: the faults before each restart; then there are none."""
    entries, position = [], Position()
    for kind in kinds:
        number = getattr(position, kind) + 1
        position = position._replace(**{kind: number})
        entries.append(OutboxEntry(position, MADE[kind](number)))
    names = [name_of(each.what) for each in entries]
    outbox = CheckedOutbox(entries, chain(database, repeat(False)))
    arrived: list[str] = []
    with structlog.testing.capture_logs():
        for faults in [*runs, []]:
            sender = FakeSender(faults)
            outbox.senders.append(sender)
            publisher = _publisher(outbox, sender, batch=batch)
            publisher.start()
            wait_until(lambda: outbox.noted == position or _is_through(sender, faults))  # noqa: B023
            _stop(publisher)
            arrived += sender.arrived
    assert _without_repeats(arrived) == names
    assert outbox.noted == position
    assert outbox.ahead == []


def _is_through(sender: FakeSender, faults: list[str]) -> bool:
    """All faults have happened: time for a restart."""
    return bool(faults) and not sender.faults


class CheckedOutbox(FakeOutbox):
    """Checks each position that is stored."""

    senders: list[FakeSender]

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.senders = []
        self.ahead: list[Position] = []

    def move(self, publisher: str, position: Position) -> None:
        confirmed = {each for sender in self.senders for each in sender.confirmed}
        before = [each.what for each in self.entries if each.position <= position]
        names = {name_of(each) for each in before}
        if not names <= confirmed:
            self.ahead.append(position)
        super().move(publisher, position)

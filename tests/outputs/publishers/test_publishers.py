from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from station.config.publishing import PublishSettings
from station.history import OutboxEntry, Position
from station.outputs.publishers.publishers import Publishers
from tests.outputs.publishers.fakes import FakeOutbox
from tests.outputs.publishers.rows import row
from tests.running import wait_until

if TYPE_CHECKING:
    from tests.outputs.publishers.receiver import Receiver


def _running(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"publisher {name}"]


def test_stopping_cuts_off_a_receiver_that_does_not_answer(receiver: Receiver) -> None:
    outbox, silent = FakeOutbox(), threading.Event()
    outbox.entries.append(OutboxEntry(Position(1, 0), row()))
    receiver.script.append(lambda _connection: silent.wait())
    settings = PublishSettings(name="erp", kind="webhook", url=receiver.url, timeout_s=120)
    publishers = Publishers([settings], outbox, "dock-1", lambda _changed: None)
    publishers.start()
    receiver.wait_for(1)
    threads = _running("erp")
    publishers.stop()
    wait_until(lambda: not _running("erp"))
    silent.set()
    # One that can't even be cut off ends with the process.
    assert [thread.daemon for thread in threads] == [True]
    assert outbox.noted == Position()

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from station.events import ScannerState
from station.inputs.reconnecting import Reconnector
from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Chunk, Driver


class ClosedDriver:
    """Opens, but its first read raises EOFError although nobody closed it."""

    def open(self) -> None:
        """Do nothing."""

    def read(self, until: float | None) -> Chunk | None:
        raise EOFError(until)

    def write(self, data: bytes) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def describe(self) -> str:
        return "a fake"

    def learnt(self) -> Mapping[str, object]:
        return {}


def test_a_device_that_closes_by_itself_during_opening_is_reported() -> None:
    told: list[ScannerState] = []

    def make() -> Driver:
        return ClosedDriver()

    keeper = Reconnector("left", make, lambda _driver: None, lambda state, _detail: told.append(state))
    thread = threading.Thread(target=keeper.run, daemon=True)
    thread.start()
    wait_until(lambda: told == [ScannerState.DISCONNECTED])
    keeper.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()

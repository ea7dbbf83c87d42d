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
    """Opens, and says at the first read that it is closed, though nobody has closed it."""

    def open(self) -> None:
        """It opens."""

    def read(self, until: float | None) -> Chunk | None:
        raise EOFError(until)

    def write(self, data: bytes) -> None:
        """Nobody replies."""

    def close(self) -> None:
        """It is."""

    def describe(self) -> str:
        return "a fake"

    def learnt(self) -> Mapping[str, object]:
        return {}


def test_a_device_that_closes_by_itself_while_it_is_being_opened_is_told_of() -> None:
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

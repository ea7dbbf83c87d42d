from __future__ import annotations

import resource
import threading
from typing import TYPE_CHECKING

from drivers.base import DriverError
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from drivers.base import Chunk, Driver


class Reader(threading.Thread):
    """One read of a driver in a separate thread; counts how often it slept."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(daemon=True)
        self._driver = driver
        self.result: Chunk | Exception | None = None
        self.sleeps = 0
        self.start()

    def run(self) -> None:
        before = resource.getrusage(resource.RUSAGE_THREAD)
        try:
            self.result = self._driver.read(None)
        except (EOFError, DriverError) as error:
            self.result = error
        after = resource.getrusage(resource.RUSAGE_THREAD)
        self.sleeps = after.ru_nvcsw - before.ru_nvcsw

    def finish(self) -> Chunk | Exception | None:
        self.join(PATIENCE_S)
        assert not self.is_alive()
        return self.result

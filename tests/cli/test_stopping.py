from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.running import wait_until

if TYPE_CHECKING:
    from tests.running import Workplace


@pytest.mark.full
def test_a_daemon_ends_even_with_a_locked_database_and_a_full_queue(company: Workplace) -> None:
    master, slave = os.openpty()
    company.configure(
        f'[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = {{ path = "{os.ttyname(slave)}" }}\n',
    )
    os.set_blocking(master, False)
    with (
        company.daemon() as daemon,
        closing(sqlite3.connect(company.database, isolation_level=None)) as other,
    ):
        daemon.wait_for("scanner_changed")
        other.execute("BEGIN IMMEDIATE")
        left = [b"XX-1\r" * 1500]

        def is_written() -> bool:
            try:
                left[0] = left[0][os.write(master, left[0][:1000]) :]
            except BlockingIOError:
                return daemon.events("database_changed") != []
            return not left[0]

        wait_until(is_written)
        daemon.wait_for("database_changed")
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(60) == 0
        other.execute("ROLLBACK")
    assert daemon.events("scan_failed")
    os.close(master)
    os.close(slave)

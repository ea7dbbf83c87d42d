"""What a service tells systemd: that it is ready, how it stands, that it is alive (sd_notify(3)).

One datagram of ``KEY=value`` lines to the Unix socket that ``NOTIFY_SOCKET`` names; a name that begins with
``@`` is abstract. Where nobody set it, nothing is said.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from station.inert import inert

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

_PATIENCE_S = 1.0
_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


class ServiceManager:
    """Who started this process and waits for its messages; or nobody."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        """Know where to speak to.

        Args:
            address: Path of its socket, or ``@name`` of an abstract one; empty: nobody listens.
            watchdog_s: Seconds of silence after which it restarts the service; None: it doesn't.
        """
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = watchdog_s if address else None

    @classmethod
    def from_environment(cls, environment: MutableMapping[str, str] = os.environ) -> Self:
        """The one that started this process; programs that this one starts are not told of it."""
        address, watchdog_us, watchdog_pid = (environment.pop(name, "") for name in _VARIABLES)
        is_ours = watchdog_us.isdigit() and watchdog_pid in {"", str(os.getpid())}
        return cls(address, int(watchdog_us) / 1e6 if is_ours else None)

    def ready(self) -> None:
        """The service does from now on what it is for."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """It takes another configuration over; `ready` says when that is done."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """It has begun to end."""
        self._tell("STOPPING=1")

    def say(self, status: str) -> None:
        """How it stands, for ``systemctl status``: one line."""
        self._tell(f"STATUS={inert(status)}")

    def alive(self) -> None:
        """It still does what it is for."""
        self._tell("WATCHDOG=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        # A manager that takes no message must not keep the station from its work for long: it misses one.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
            end.settimeout(_PATIENCE_S)
            end.connect(self._address)
            end.send(message.encode())


class Pulse:
    """Signs of life of the thread that matters, as many as the watchdog needs and no more."""

    def __init__(self, feed: Callable[[], None], watchdog_s: float | None) -> None:
        """`feed` says that it is alive; `watchdog_s` as of `ServiceManager`."""
        self._feed = feed
        self.every_s = None if watchdog_s is None else watchdog_s / 2
        """How long the thread may wait without a sign; None: as long as it likes."""
        self._again_at = 0.0

    def beat(self) -> None:
        """The thread got as far as here; costs next to nothing where no sign is due."""
        if self.every_s is None or (now := time.monotonic()) < self._again_at:
            return
        # One that waits for `every_s` and wakes a little early must not miss its turn.
        self._again_at = now + self.every_s / 2
        self._feed()


STILL = Pulse(lambda: None, None)
"""Of a thread that nobody watches."""

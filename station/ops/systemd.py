"""Notifies systemd: readiness, watchdog, and a status line for ``systemctl status``."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from station.events import (
    DatabaseChanged,
    PublisherChanged,
    Reconfigured,
    ScannerChanged,
    ScannerState,
)
from station.i18n.messages import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from station.events import Event


class ServiceStatus:
    """Updates the status line when a scanner, a publisher or the database changes."""

    def __init__(self, manager: ServiceManager, scanners: Iterable[str]) -> None:
        self._manager = manager
        self._connected = dict.fromkeys(scanners, False)
        self._trouble = ""
        self._remark = ""
        self._unpublished: dict[str, str] = {}

    def on_event(self, event: Event) -> None:
        """Update the status if the event affects it."""
        match event:
            case ScannerChanged(scanner=scanner, state=state) if scanner in self._connected:
                self._connected[scanner] = state is ScannerState.CONNECTED
            case Reconfigured(scanners=names):
                self._connected = {name: self._connected.get(name, False) for name in names}
            case DatabaseChanged(ok=ok, detail=detail):
                self._trouble = "" if ok else detail
            case PublisherChanged(publisher=publisher, ok=ok, detail=detail):
                self._unpublished.pop(publisher, None)
                if not ok:
                    self._unpublished[publisher] = f"publisher {publisher}: {detail}"
            case _:
                return
        self.say()

    def remark(self, text: str) -> None:
        """Set the remark about the configuration; empty: none."""
        self._remark = text
        self.say()

    def say(self) -> None:
        """Send the status."""
        self._manager.say(self.text())

    def text(self) -> str:
        """``2 of 3 scanners connected, missing: left``."""
        missing = [name for name, connected in self._connected.items() if not connected]
        count = len(self._connected)
        text = f"{count - len(missing)} of {count} scanners connected" if count else "no scanners configured"
        if missing:
            text += f", missing: {', '.join(missing)}"
        remarks = (self._trouble, *self._unpublished.values(), self._remark)
        return "; ".join(part for part in (text, *remarks) if part)


_PATIENCE_S = 1.0
_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


class ServiceManager:
    """The service manager that started this process and receives its messages, if any."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        """Set it up.

        Args:
            address: Path of its socket, or ``@name`` of an abstract one; empty: no service manager.
            watchdog_s: Seconds of silence after which it restarts the service; None: never.
        """
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = watchdog_s if address else None

    @classmethod
    def from_environment(cls, environment: MutableMapping[str, str] = os.environ) -> Self:
        """The one in the environment, which is cleaned so that child processes don't use it."""
        address, watchdog_us, watchdog_pid = (environment.pop(name, "") for name in _VARIABLES)
        is_ours = watchdog_us.isdigit() and watchdog_pid in {"", str(os.getpid())}
        return cls(address, int(watchdog_us) / 1e6 if is_ours else None)

    def ready(self) -> None:
        """Report that the service is ready."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Report that the configuration is being reloaded; `ready` ends that."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Report that the service is stopping."""
        self._send("STOPPING=1")

    def say(self, status: str) -> None:
        """Report the status line for ``systemctl status``."""
        self._send(f"STATUS={escape_unprintable(status)}")

    def alive(self) -> None:
        """Report to the watchdog that the service is alive."""
        self._send("WATCHDOG=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A manager that doesn't read must not delay the station for long: the message is dropped.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as end:
            end.settimeout(_PATIENCE_S)
            end.connect(self._address)
            end.send(message.encode())

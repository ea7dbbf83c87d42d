"""How the station stands, as one line for ``systemctl status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import DatabaseChanged, ScannerChanged, ScannerState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.events import Event
    from station.notify import ServiceManager


class ServiceStatus:
    """Tells the service manager of scanners and database, each time one of them changes."""

    def __init__(self, manager: ServiceManager, scanners: Iterable[str]) -> None:
        self._manager = manager
        self._connected = dict.fromkeys(scanners, False)
        self._trouble = ""

    def on_event(self, event: Event) -> None:
        """Say it anew if this changes it."""
        match event:
            case ScannerChanged(scanner=scanner, state=state) if scanner in self._connected:
                self._connected[scanner] = state is ScannerState.CONNECTED
            case DatabaseChanged(ok=ok, detail=detail):
                self._trouble = "" if ok else detail
            case _:
                return
        self.say()

    def say(self) -> None:
        """Say it."""
        self._manager.say(self.text())

    def text(self) -> str:
        """``2 of 3 scanners connected, missing: left``."""
        missing = [name for name, connected in self._connected.items() if not connected]
        count = len(self._connected)
        text = f"{count - len(missing)} of {count} scanners connected" if count else "no scanners configured"
        if missing:
            text += f", missing: {', '.join(missing)}"
        return f"{text}; {self._trouble}" if self._trouble else text

"""How the station stands, as one line for ``systemctl status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import DatabaseChanged, PublisherChanged, Reconfigured, ScannerChanged, ScannerState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.events import Event
    from station.host.notify import ServiceManager


class ServiceStatus:
    """Tells the service manager of scanners and database, each time one of them changes."""

    def __init__(self, manager: ServiceManager, scanners: Iterable[str]) -> None:
        self._manager = manager
        self._connected = dict.fromkeys(scanners, False)
        self._trouble = ""
        self._remark = ""
        self._unpublished: dict[str, str] = {}

    def on_event(self, event: Event) -> None:
        """Say it anew if this changes it."""
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
        """What is to be said of its configuration, until something else is; empty: nothing."""
        self._remark = text
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
        remarks = (self._trouble, *self._unpublished.values(), self._remark)
        return "; ".join(part for part in (text, *remarks) if part)

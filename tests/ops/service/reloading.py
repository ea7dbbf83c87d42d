"""A daemon whose configuration changes while it runs, with scanners on pseudo-terminals."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import struct
import termios
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from tests.running import Daemon, Workplace

UNITS = 3000
"""Units of item A that are out and on the memo CM-1, which expects ten of them."""


def company(place: Workplace) -> None:
    """Import the company into the database."""
    files = place.directory / "company"
    files.mkdir()
    serials = "".join(f"{serial},A,SOLD\n" for serial in all_serials())
    for name, text in {
        "locations": "code,name,default\nMAIN,Main,yes\n",
        "stock_areas": "code,name,type,location\nSOLD,Sold,out,MAIN\nBACK,Back,stock,MAIN\n",
        "items": "code,tracking\nA,serialized\nB,serialized\n",
        "serial_numbers": f"serial_number,item,stock_area\n{serials}B1,B,SOLD\nB2,B,SOLD\n",
        "documents": "number,kind,location\nCM-1,credit_memo,MAIN\n",
        "lines": "document,item,requested\nCM-1,A,10\n",
    }.items():
        (files / f"{name}.csv").write_text(text)
    place.configure()
    place.run("import", files)


def all_serials() -> Sequence[str]:
    """Serial numbers of item A."""
    return [f"A{number:05}" for number in range(UNITS)]


@dataclass
class Scanner:
    """A plugged-in scanner."""

    name: str
    _fds: tuple[int, int] = field(default_factory=os.openpty)

    def table(self, more: str = "", driver: str = "serial") -> str:
        """Its configuration."""
        path = os.ttyname(self._fds[1])
        return (
            f'[[scanner]]\nname = "{self.name}"\ndriver = "{driver}"\nmatch = {{ path = "{path}" }}\n{more}\n'
        )

    def send(self, data: bytes) -> None:
        """Send all data; waits while nobody reads."""
        while data:
            data = data[os.write(self._fds[0], data) :]

    def scan(self, *labels: str) -> None:
        """Send each label with the usual terminator."""
        self.send("".join(f"{label}\r" for label in labels).encode())

    @property
    def is_read(self) -> bool:
        """Whether all data has been read."""
        (waiting,) = struct.unpack("i", fcntl.ioctl(self._fds[1], termios.FIONREAD, bytes(4)))
        return bool(waiting == 0)

    def unplug(self) -> None:
        """Unplug it."""
        for fd in self._fds:
            os.close(fd)


def reload(daemon: Daemon) -> None:
    """Make the daemon reload its configuration; don't wait."""
    daemon.process.send_signal(signal.SIGHUP)


def reloaded(daemon: Daemon) -> dict[str, Any]:
    """Make the daemon reload its configuration; return the log line with the result."""
    before = len(_outcomes(daemon))
    reload(daemon)
    wait_until(lambda: len(_outcomes(daemon)) > before or daemon.process.poll() is not None, daemon.log_path)
    return _outcomes(daemon)[-1]


def _outcomes(daemon: Daemon) -> list[dict[str, Any]]:
    names = {"configuration_reloaded", "configuration_refused"}
    return [line for line in daemon.log() if line["event"] in names]


def state(daemon: Daemon) -> dict[str, Any]:
    """The state that displays show."""
    shown: dict[str, Any] = json.loads(get(daemon, "/api/v1/state"))
    return shown


def get(daemon: Daemon, path: str) -> bytes:
    """Fetch a path."""
    with closing(connection(daemon)) as line:
        line.request("GET", path)
        return line.getresponse().read()


def connection(daemon: Daemon, tls: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    """Connect to the daemon, with TLS if given."""
    port = int(daemon.url.rpartition(":")[2])
    if tls is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE_S, context=tls)


def scanners(daemon: Daemon) -> list[tuple[str, str]]:
    """The scanners on the display, with their states."""
    return [(each["name"], each["state"]) for each in state(daemon)["scanners"]]


def history(place: Workplace) -> list[dict[str, Any]]:
    """The document's history, oldest first."""
    return place.run("history", "--document", "CM-1", "--json").rows

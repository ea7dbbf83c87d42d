"""The last of the log, from the journal."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from station.errors import StationError
from station.inert import inert
from station.stamping import timestamp
from station.support.part import File, Missing
from station.support.programs import said
from station.support.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.support.part import Asked

ENTRIES = 3000
CHARACTERS = 2_000_000
"""Of a longer log the end is kept."""
WITHOUT_SCANS = frozenset(
    {
        *("station_started", "station_stopping", "station_stopped", "scanner_changed", "database_changed"),
        *("reply_lost", "sound_failed", "connections_not_taken"),
    }
)
"""Events that never bear a label's text or a serial number."""
_EVENT = re.compile(r"event=(\w+)( |$)")


class _Entry(msgspec.Struct, frozen=True):
    """One entry as ``journalctl -o json`` prints it; a value that isn't plain text is a list of bytes."""

    at_us: str = msgspec.field(name="__REALTIME_TIMESTAMP")
    message: str | list[int] | None = msgspec.field(name="MESSAGE", default="")
    priority: str = msgspec.field(name="PRIORITY", default="6")
    identifier: str = msgspec.field(name="SYSLOG_IDENTIFIER", default="")
    process: str = msgspec.field(name="_PID", default="")
    event: str = msgspec.field(name="SCANSTATION_EVENT", default="")

    @property
    def text(self) -> str:
        """The message."""
        if isinstance(self.message, list):
            return bytes(byte & 0xFF for byte in self.message).decode(errors="backslashreplace")
        return self.message or ""

    def may_bear_a_scan(self) -> bool:
        """Whether what was scanned may stand there: anything but what systemd says and some events."""
        found = _EVENT.match(self.text)
        event = self.event or (found[1] if found else "")
        return self.identifier != "systemd" and event not in WITHOUT_SCANS

    def line(self, *, with_scans: bool) -> str:
        """The entry as a line; a traceback's further ones are set in."""
        at = timestamp(datetime.fromtimestamp(int(self.at_us) / 1e6, UTC))
        text = self.text
        if not with_scans and self.may_bear_a_scan():
            text = f"event={self.event} (left out)" if self.event else "(left out)"
        shown = "\n    ".join(inert(each) for each in text.split("\n"))
        return f"{at} <{self.priority}> {self.identifier}[{self.process}]: {shown}\n"


_entry = msgspec.json.Decoder(_Entry)


def log(asked: Asked) -> Iterator[File | Missing]:
    """What the unit said last."""
    unit = unit_of(asked)
    fields = ",".join(each for each in _Entry.__struct_encode_fields__ if not each.startswith("__"))
    told = said(
        *("journalctl", "--no-pager", "--all", "-u", unit, "-n", str(ENTRIES)),
        *("-o", "json", f"--output-fields={fields}"),
    )
    lines = "".join(_entry.decode(line).line(with_scans=asked.with_scans) for line in told.out.splitlines())
    if not lines:
        raise StationError(_nothing(unit, told.errors, told.code, told.complaint))
    what = f"the last {ENTRIES} entries of {unit} in the journal"
    yield File("log.txt", what, lines[-CHARACTERS:])


def _nothing(unit: str, errors: str, code: int, complaint: str) -> str:
    if "not seeing messages" in errors or "ermission" in errors:
        return (
            f"this user may not read the journal of {unit}: make the bundle with sudo, or join the group "
            "systemd-journal"
        )
    return f"journalctl fails: {complaint}" if code else f"the journal holds nothing of {unit}"

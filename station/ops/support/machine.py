"""What systemd, udev, ``doctor`` and ``devices`` report about the station."""

from __future__ import annotations

import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from drivers.base import DeviceGoneError
from station.config.loading import DEFAULT_PATH
from station.errors import StationError
from station.i18n.messages import escape_unprintable
from station.inputs.scanner_table import node_of, offers
from station.ops.doctor.diagnosis import diagnosis
from station.ops.support.part import File, Missing, printed, run
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from station.ops.support.part import BundleRequest


_OWN = "scanstation.service"
_OF_CGROUP = re.compile(r"/([^/\n]+\.service)$", re.MULTILINE)

ENTRIES = 3000
CHARACTERS = 2_000_000
"""Only the end of a longer log is kept."""
WITHOUT_SCANS = frozenset(
    {
        *("station_started", "station_stopping", "station_stopped", "scanner_changed", "database_changed"),
        *("reply_lost", "sound_failed", "connections_not_taken"),
    }
)
"""Events that never contain a label's text or a serial number."""
_EVENT = re.compile(r"event=(\w+)( |$)")


def unit_of(request: BundleRequest) -> str:
    """The unit's name: that of the running station, else the one that runs with this configuration.

    ``scanstation@left.service`` is configured by ``/etc/scanstation/left.toml``.
    """
    if request.holder is not None:
        try:
            groups = Path(request.machine.root / f"proc/{request.holder.pid}/cgroup").read_text()
        except OSError:
            groups = ""
        if found := _OF_CGROUP.search(groups):
            return found[1]
    path = request.reading.path
    if path.parent == DEFAULT_PATH.parent and path.suffix == ".toml" and path != DEFAULT_PATH:
        return f"scanstation@{path.stem}.service"
    return _OWN


def unit(request: BundleRequest) -> Iterator[File | Missing]:
    """What systemd reports about it, and about all units of scanstation."""
    name = unit_of(request)
    for file, what, arguments in (
        ("unit/units.txt", "all units of scanstation", ("list-units", "--all", "--full", "scanstation*")),
        ("unit/status.txt", f"the state of {name}", ("status", "--full", "--lines=0", name)),
        ("unit/show.txt", f"all properties of {name}", ("show", name)),
        ("unit/cat.txt", f"{name} and its drop-ins", ("cat", name)),
    ):
        yield _output_of(file, what, ("systemctl", "--no-pager", *arguments))


def _output_of(file: str, what: str, arguments: tuple[str, ...]) -> File | Missing:
    try:
        result = run(*arguments)
    except StationError as error:
        return Missing(file, str(error))
    # `status` of a stopped unit exits with 3, but its output is what we want.
    return File(file, what, result.out) if result.out.strip() else Missing(file, result.complaint)


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

    def may_contain_a_scan(self) -> bool:
        """Whether it may contain a scan: any entry except those of systemd and some events."""
        found = _EVENT.match(self.text)
        event = self.event or (found[1] if found else "")
        return self.identifier != "systemd" and event not in WITHOUT_SCANS

    def line(self, *, with_scans: bool) -> str:
        """The entry as a line; the following lines of a traceback are indented."""
        at = timestamp(datetime.fromtimestamp(int(self.at_us) / 1e6, UTC))
        text = self.text
        if not with_scans and self.may_contain_a_scan():
            text = f"event={self.event} (left out)" if self.event else "(left out)"
        shown = "\n    ".join(escape_unprintable(each) for each in text.split("\n"))
        return f"{at} <{self.priority}> {self.identifier}[{self.process}]: {shown}\n"


_entry = msgspec.json.Decoder(_Entry)


def log(request: BundleRequest) -> Iterator[File | Missing]:
    """The unit's last log entries."""
    unit = unit_of(request)
    fields = ",".join(each for each in _Entry.__struct_encode_fields__ if not each.startswith("__"))
    result = run(
        *("journalctl", "--no-pager", "--all", "-u", unit, "-n", str(ENTRIES)),
        *("-o", "json", f"--output-fields={fields}"),
    )
    lines = "".join(
        _entry.decode(line).line(with_scans=request.with_scans) for line in result.out.splitlines()
    )
    if not lines:
        raise StationError(_nothing(unit, result.errors, result.code, result.complaint))
    what = f"the last {ENTRIES} entries of {unit} in the journal"
    yield File("log.txt", what, lines[-CHARACTERS:])


def _nothing(unit: str, errors: str, code: int, complaint: str) -> str:
    if "not seeing messages" in errors or "ermission" in errors:
        return (
            f"this user may not read the journal of {unit}: create the bundle with sudo, or join the group "
            "systemd-journal"
        )
    return f"journalctl fails: {complaint}" if code else f"the journal has no entries of {unit}"


def nodes(request: BundleRequest) -> Iterator[File | Missing]:
    """The device nodes of the configured scanners that are plugged in."""
    for settings in request.config().scanner:
        name = f"udev/{settings.name}.txt"
        try:
            node = node_of(settings, request.machine.root)
            if node is None:
                continue
            udev = printed("udevadm", "info", "--query=all", f"--name={node.path}")
            text = f"{_permissions(node.path)}\n{udev}"
        except (DeviceGoneError, StationError, OSError) as error:
            yield Missing(name, str(error))
        else:
            yield File(name, f"permissions and udev properties of the node of {settings.name}", text)


def _permissions(path: str) -> str:
    found = os.stat(path)  # noqa: PTH116 - nodes are text
    return f"{stat.filemode(found.st_mode)} {found.st_uid}:{found.st_gid} {path}"


def findings(request: BundleRequest) -> Iterator[File]:
    """The findings of ``doctor``, for people and for programs."""
    found = list(diagnosis(request.config, request.machine))
    text = "".join(escape_unprintable(line) + "\n" for finding in found for line in finding.lines())
    yield File("doctor.txt", "output of scanstation doctor", text)
    yield File("doctor.jsonl", "the same for programs", _json_lines(found))


def devices(request: BundleRequest) -> Iterator[File]:
    """The output of ``devices``."""
    found = offers(request.reading.config.scanner, request.machine.root)
    yield File("devices.jsonl", "output of scanstation devices --json", _json_lines(found))
    text = "\n\n".join(offer.text() for offer in found)
    yield File("devices.txt", "the same for people", f"{text}\n" if found else "nothing is plugged in\n")


def _json_lines(values: Iterable[object]) -> str:
    return "".join(msgspec.json.encode(value).decode() + "\n" for value in values)

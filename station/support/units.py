"""The unit by which systemd runs the station."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from station.config import DEFAULT_PATH
from station.errors import StationError
from station.support.part import File, Missing
from station.support.programs import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.support.part import Asked

_OWN = "scanstation.service"
_OF_CGROUP = re.compile(r"/([^/\n]+\.service)$", re.MULTILINE)


def unit_of(asked: Asked) -> str:
    """The unit's name: that of the running station, else the one that runs with this configuration.

    ``scanstation@left.service`` is configured by ``/etc/scanstation/left.toml``.
    """
    if asked.holder is not None:
        try:
            groups = Path(asked.machine.root / f"proc/{asked.holder.pid}/cgroup").read_text()
        except OSError:
            groups = ""
        if found := _OF_CGROUP.search(groups):
            return found[1]
    path = asked.reading.path
    if path.parent == DEFAULT_PATH.parent and path.suffix == ".toml" and path != DEFAULT_PATH:
        return f"scanstation@{path.stem}.service"
    return _OWN


def unit(asked: Asked) -> Iterator[File | Missing]:
    """What systemd says of it, and of all units of scanstation."""
    name = unit_of(asked)
    for file, what, arguments in (
        ("unit/units.txt", "all units of scanstation", ("list-units", "--all", "--full", "scanstation*")),
        ("unit/status.txt", f"the state of {name}", ("status", "--full", "--lines=0", name)),
        ("unit/show.txt", f"all properties of {name}", ("show", name)),
        ("unit/cat.txt", f"{name} and its drop-ins", ("cat", name)),
    ):
        yield _told(file, what, ("systemctl", "--no-pager", *arguments))


def _told(file: str, what: str, arguments: tuple[str, ...]) -> File | Missing:
    try:
        told = said(*arguments)
    except StationError as error:
        return Missing(file, str(error))
    # `status` of a unit that doesn't run ends with 3, and is just what is wanted.
    return File(file, what, told.out) if told.out.strip() else Missing(file, told.complaint)

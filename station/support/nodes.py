"""The device nodes of the configured scanners, with what udev knows of them."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from drivers.base import DeviceGoneError
from drivers.finding.listing import SUBSYSTEM_OF
from drivers.finding.nodes import find_node
from station.errors import StationError
from station.intake.scanner_table import match_of
from station.support.part import File, Missing
from station.support.programs import printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.support.part import Asked


def nodes(asked: Asked) -> Iterator[File | Missing]:
    """Of each configured scanner that is plugged in."""
    for settings in asked.config().scanner:
        name = f"udev/{settings.name}.txt"
        try:
            path = find_node(SUBSYSTEM_OF[settings.driver], match_of(settings), asked.machine.root).path
            text = f"{_rights(path)}\n{printed('udevadm', 'info', '--query=all', f'--name={path}')}"
        except (DeviceGoneError, StationError, OSError) as error:
            yield Missing(name, str(error))
        else:
            yield File(name, f"rights and udev properties of the node of {settings.name}", text)


def _rights(path: str) -> str:
    found = os.stat(path)  # noqa: PTH116 - nodes are text
    return f"{stat.filemode(found.st_mode)} {found.st_uid}:{found.st_gid} {path}"

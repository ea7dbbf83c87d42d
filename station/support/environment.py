"""The variables of the environment that the program or its libraries look at."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from station.config.shown import without_secrets
from station.support.part import File, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from station.support.part import Asked

_TOLD = re.compile(
    r"^(SCANSTATION_.*|PG.*|XDG_.*|PYTHON.*|LC_.*|LANG|LANGUAGE|TZ|PATH|HOME|USER|TERM|VIRTUAL_ENV|SSL_CERT_.*"
    r"|JOURNAL_STREAM|NOTIFY_SOCKET|WATCHDOG_(USEC|PID)|INVOCATION_ID|[A-Z]+_DIRECTORY)$"
)
"""Others are nobody's business."""


def environment(asked: Asked) -> Iterator[File | Missing]:
    """Of this command and of the running station."""
    yield File(
        "environment/command.txt",
        "variables of the environment in which this bundle was made, those that count",
        _told(os.environ),
    )
    name = "environment/station.txt"
    if asked.holder is None:
        yield Missing(name, "the station does not run")
        return
    try:
        raw = (asked.machine.root / f"proc/{asked.holder.pid}/environ").read_bytes()
    except OSError as error:
        yield Missing(name, f"this user may not see it: {error.strerror}")
        return
    variables = dict(
        variable.partition("=")[::2] for variable in raw.decode(errors="backslashreplace").split("\0")
    )
    yield File(name, "the same of the running station", _told(variables))


def _told(variables: Mapping[str, str]) -> str:
    return "".join(
        f"{name}={without_secrets(value, name)}\n"
        for name, value in sorted(variables.items())
        if _TOLD.match(name)
    )

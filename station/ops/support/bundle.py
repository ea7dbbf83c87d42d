"""Collects all parts of the bundle, each independently: one that fails doesn't affect the others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from station.config.loading import read
from station.errors import ConfigError, StationError
from station.ops.lock import holder
from station.ops.support.installed import configuration, environment, versions
from station.ops.support.machine import devices, findings, log, nodes, unit
from station.ops.support.part import BundlePart, BundleRequest, File, Missing
from station.ops.support.redaction import Redactor, secrets
from station.ops.support.running import frames, process, running
from station.ops.support.storage import check, database, space

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PARTS = (
    BundlePart("versions", versions),
    BundlePart("configuration", configuration),
    BundlePart("environment", environment),
    BundlePart("doctor", findings, 60),
    BundlePart("devices", devices),
    BundlePart("frames", frames),
    BundlePart("http", running, 60),
    BundlePart("process.txt", process),
    BundlePart("log.txt", log, 60),
    BundlePart("unit", unit, 90),
    BundlePart("database", database, 60),
    BundlePart("database/check.txt", check, 120),
    BundlePart("space.txt", space),
    BundlePart("udev", nodes, 60),
)
"""In the order of the manifest."""


def bundle_request(path: Path | None, *, with_scans: bool = True) -> BundleRequest:
    """The request for a bundle; a wrong configuration is accepted, the bundle describes it.

    `path` is the configuration file from the command line.
    """
    reading = read(path)
    try:
        config = reading.right()
        running_now = holder(config.state_directory(), config.station.name)
    except ConfigError:
        running_now = None
    return BundleRequest(reading, running_now, with_scans)


def collected(request: BundleRequest, parts: Iterable[BundlePart] = PARTS) -> list[File | Missing]:
    """Collect all parts, without secrets."""
    found = [each for part in parts for each in _collected(part, request)]
    redactor = Redactor(secrets(request))
    return [_clean(each, redactor) for each in found]


def _collected(part: BundlePart, request: BundleRequest) -> list[File | Missing]:
    """Collect a part within its time limit; its thread is abandoned if it hangs."""
    found: list[File | Missing] = []

    def collect() -> None:
        try:
            for each in part.collect(request):
                found.append(each)  # noqa: PERF402 - files before a failure are kept
        except Exception as error:  # noqa: BLE001 - the other parts are still wanted
            found.append(Missing(part.name, _sentence(error)))

    thread = threading.Thread(target=collect, name=f"part {part.name}", daemon=True)
    thread.start()
    thread.join(part.patience_s)
    given = list(found)
    if thread.is_alive():
        given.append(Missing(part.name, f"took longer than {part.patience_s:.0f} s"))
    return given


def _sentence(error: Exception) -> str:
    if isinstance(error, StationError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"internal error: {error!r}"


def _clean(each: File | Missing, redactor: Redactor) -> File | Missing:
    if isinstance(each, Missing):
        return Missing(each.name, redactor.clean(each.why))
    return File(each.name, redactor.clean(each.what), redactor.clean(each.text))

"""What the station needs of the system: the right time, and its unit."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from station.doctor.finding import Finding, ok, warning, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.doctor.machine import Machine

UNIT = "scanstation.service"
_FIRST_YEAR, _LAST_YEAR = 2026, 2100
"""No history row can be older than the program; a clock far ahead is as wrong."""


def clock(machine: Machine, now_s: float | None = None) -> Finding:
    """Whether the time is right: history rows bear it for ever."""
    check = "clock"
    now = datetime.fromtimestamp(time.time() if now_s is None else now_s, UTC)
    shown = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    if not _FIRST_YEAR <= now.year <= _LAST_YEAR:
        return wrong(check, f"it is {shown}, says the clock", "set it: sudo timedatectl set-ntp true")
    by_service = (machine.root / "run/systemd/timesync/synchronized").exists()
    if by_service or machine.synchronised():
        return ok(check, f"{shown}, synchronised")
    return warning(
        check,
        f"{shown}, but not synchronised: history rows bear this time for ever",
        "sudo timedatectl set-ntp true, or install chrony",
    )


def unit(machine: Machine) -> Iterator[Finding]:
    """Whether systemd runs the station, where systemd is."""
    if not (machine.root / "run/systemd/system").exists():
        return
    shown = machine.run(["systemctl", "show", UNIT, "-p", "LoadState,ActiveState,UnitFileState"])
    state = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    if not state:
        yield warning("unit", "systemctl does not answer", "look at systemctl status")
    elif state.get("LoadState") != "loaded":
        yield warning(
            "unit",
            f"{UNIT} is not installed: nothing starts the station with the machine",
            f"write a unit {UNIT} that runs scanstation run, and sudo systemctl enable --now {UNIT}",
        )
    else:
        yield _loaded(state)


def _loaded(state: dict[str, str]) -> Finding:
    active, enabled = state.get("ActiveState", ""), state.get("UnitFileState", "")
    shown = f"{UNIT} is {active}, {enabled or 'not enabled'}"
    if active == "failed":
        return wrong("unit", shown, f"journalctl -u {UNIT} says why; then sudo systemctl restart {UNIT}")
    if active not in ("active", "activating", "reloading") or enabled != "enabled":
        return warning("unit", shown, f"sudo systemctl enable --now {UNIT}")
    return ok("unit", shown)

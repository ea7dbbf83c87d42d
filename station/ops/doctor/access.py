"""Checks whether a device node may be opened, and which group or rule it needs."""

from __future__ import annotations

import grp
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.discovery.known import maker_of
from station.ops.doctor.machine import Finding, Identity, ok, warning, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.discovery.nodes import DeviceNode
    from station.ops.doctor.machine import Machine

GROUP = "scanstation"
RULES = "70-scanstation.rules"
_RULE_DIRECTORIES = ("etc", "run", "usr/local/lib", "usr/lib", "lib")
LOCAL_RULES = "/etc/udev/rules.d/69-scanstation-local.rules"
INSTALL_RULE = (
    f"install systemd/{RULES} (sudo cp systemd/{RULES} /etc/udev/rules.d/ && sudo udevadm control --reload "
    "&& sudo udevadm trigger)"
)


def rule_for(node: DeviceNode) -> str:
    """The remedy that gives a node to the group: the rule, plus a local line for unknown devices."""
    if node.vid is not None and maker_of(node.vid) is not None:
        return INSTALL_RULE
    if node.vid is not None and node.pid is not None:
        which = f'ATTRS{{idVendor}}=="{node.vid:04x}", ATTRS{{idProduct}}=="{node.pid:04x}"'
    else:
        which = f'SUBSYSTEM=="{node.subsystem}", KERNEL=="{Path(node.path).name}"'
    return f'{INSTALL_RULE}, with the line {which}, ENV{{SCANSTATION}}="1" in {LOCAL_RULES}'


def permission(
    check: str, path: str, machine: Machine, *, write: bool, remedy: str = INSTALL_RULE
) -> Finding:
    """Whether this user may open a node; as root, whether the service may."""
    try:
        status = os.stat(path)  # noqa: PTH116 - nodes are text
    except OSError as error:
        return wrong(check, f"{path} can't be examined: {error.strerror}", "plug the scanner in again")
    group = _group_name(status.st_gid)
    shown = f"{path} has mode {stat.S_IMODE(status.st_mode):04o}, group {group}"
    for_group = stat.S_IRGRP | (stat.S_IWGRP if write else 0)
    # Members of the group "input" can read every keyboard of the machine.
    is_of_a_group = status.st_gid != 0 and group != "input" and status.st_mode & for_group == for_group
    if machine.identity.uid == 0 and not is_of_a_group:
        return warning(check, f"{shown}: only root may open it, and the service is not root", remedy)
    if _may(status, machine.identity, write=write) or _really_may(path, machine.identity, write=write):
        return ok(check, shown)
    user = machine.identity.name
    return wrong(
        check,
        f"{shown}: user {user} may not open it",
        _joining(group, user) if is_of_a_group else remedy,
    )


def _joining(group: str, user: str) -> str:
    if _is_member(user, group):
        return f'log in again: the user is in the group "{group}", but wasn\'t at this login'
    return f"sudo usermod -aG {group} {user}, and log in again"


def udev_rule(machine: Machine) -> Iterator[Finding]:
    """Whether the rule that gives scanners to a group is installed, and the group exists."""
    check = "udev rule"
    places = [machine.root / directory / "udev/rules.d" / RULES for directory in _RULE_DIRECTORIES]
    path = next((place for place in places if place.exists()), None)
    if path is None:
        yield warning(check, f"{RULES} is not installed: only root may open raw USB scanners", INSTALL_RULE)
        return
    if GROUP in _groups(machine):
        yield ok(check, f"{path} is installed")
    else:
        yield wrong(
            check,
            f'{path} is installed, but its group "{GROUP}" does not exist',
            f"sudo groupadd --system {GROUP} && sudo udevadm control --reload && sudo udevadm trigger",
        )


def _may(status: os.stat_result, identity: Identity, *, write: bool) -> bool:
    """Check the mode bits (``path_resolution(7)``): the first match of owner, group and others decides."""
    wanted = stat.S_IROTH | (stat.S_IWOTH if write else 0)
    if identity.uid == 0:
        return True
    if identity.uid == status.st_uid:
        wanted <<= 6
    elif status.st_gid in identity.groups:
        wanted <<= 3
    return status.st_mode & wanted == wanted


def _really_may(path: str, identity: Identity, *, write: bool) -> bool:
    """Ask the kernel, which also knows access control lists."""
    return identity == Identity.own() and os.access(path, os.R_OK | (os.W_OK if write else 0))


def _groups(machine: Machine) -> set[str]:
    try:
        lines = (machine.root / "etc/group").read_text().splitlines()
    except OSError:
        lines = []
    return {line.partition(":")[0] for line in lines}


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _is_member(user: str, group: str) -> bool:
    try:
        return user in grp.getgrnam(group).gr_mem
    except KeyError:
        return False

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from drivers.discovery.nodes import DeviceNode
from station.ops.doctor.access import INSTALL_RULE, RULES, permission, rule_for, udev_rule
from station.ops.doctor.machine import Identity, Machine, State

if TYPE_CHECKING:
    from pathlib import Path

DAEMON_GID = 1
"""The group "daemon", which exists on every Debian."""
ROOT = Identity(0, frozenset({0}))
OUTSIDER = Identity(65534, frozenset({65534}))
MEMBER = Identity(65534, frozenset({65534, DAEMON_GID}))


@pytest.fixture
def node(tmp_path: Path) -> Path:
    if os.geteuid() != 0:
        pytest.skip("only root may give a file to a group: run the tests as root")
    node = tmp_path / "ttyACM0"
    node.touch()
    os.chown(node, 0, DAEMON_GID)
    node.chmod(0o660)
    return node


def test_a_member_of_the_nodes_group_may(node: Path) -> None:
    finding = permission("scanner left", str(node), Machine(identity=MEMBER), write=True)
    assert (finding.state, finding.what) == (State.OK, f"{node} has mode 0660, group daemon")


def test_a_user_outside_the_group_learns_its_name_and_the_command(node: Path) -> None:
    finding = permission("scanner left", str(node), Machine(identity=OUTSIDER), write=True)
    assert finding.state is State.WRONG
    assert finding.what == f"{node} has mode 0660, group daemon: user nobody may not open it"
    assert finding.remedy == "sudo usermod -aG daemon nobody, and log in again"


@pytest.mark.parametrize(("mode", "group"), [(0o600, DAEMON_GID), (0o660, 0)])
def test_a_node_that_no_group_may_open_needs_the_udev_rule(node: Path, mode: int, group: int) -> None:
    os.chown(node, 0, group)
    node.chmod(mode)
    finding = permission("scanner left", str(node), Machine(identity=OUTSIDER), write=True)
    assert finding.state is State.WRONG
    assert finding.remedy.startswith(f"install systemd/{RULES}")
    # Root may open it, and learns that the service may not.
    assert permission("scanner left", str(node), Machine(identity=ROOT), write=True).state is State.WARNING


def test_read_permission_is_enough_for_a_device_without_replies(node: Path) -> None:
    node.chmod(0o640)
    assert permission("x", str(node), Machine(identity=MEMBER), write=False).state is State.OK
    assert permission("x", str(node), Machine(identity=MEMBER), write=True).state is State.WRONG


def test_root_needs_no_group_of_its_own(node: Path) -> None:
    assert permission("x", str(node), Machine(identity=ROOT), write=True).state is State.OK


def test_a_node_that_was_just_unplugged_is_reported(tmp_path: Path) -> None:
    finding = permission("x", str(tmp_path / "gone"), Machine(), write=True)
    assert (finding.state, finding.remedy) == (State.WRONG, "plug the scanner in again")


@pytest.mark.parametrize(
    ("place", "groups", "states"),
    [
        (None, "", [State.WARNING]),
        ("etc", "root:x:0:\nscanstation:x:99:\n", [State.OK]),
        ("usr/lib", "root:x:0:\nscanstation:x:99:\n", [State.OK]),
        ("etc", "root:x:0:\n", [State.WRONG]),
    ],
)
def test_the_udev_rule_and_its_group_are_looked_for(
    tmp_path: Path, place: str | None, groups: str, states: list[State]
) -> None:
    if place:
        (tmp_path / place / "udev/rules.d").mkdir(parents=True)
        (tmp_path / place / "udev/rules.d" / RULES).touch()
    (tmp_path / "etc").mkdir(exist_ok=True)
    (tmp_path / "etc/group").write_text(groups)
    findings = list(udev_rule(Machine(tmp_path)))
    assert [finding.state for finding in findings] == states
    if states == [State.WRONG]:
        assert findings[0].remedy.startswith("sudo groupadd --system scanstation")


@pytest.mark.parametrize(
    ("node", "line"),
    [
        (DeviceNode(path="/dev/ttyACM0", subsystem="tty", vid=0x05E0, pid=0x1701), ""),
        (
            DeviceNode(path="/dev/ttyACM0", subsystem="tty", vid=0x1D6B, pid=0x0102),
            'ATTRS{idVendor}=="1d6b", ATTRS{idProduct}=="0102", ENV{SCANSTATION}="1"',
        ),
        (
            DeviceNode(path="/dev/ttyS0", subsystem="tty"),
            'SUBSYSTEM=="tty", KERNEL=="ttyS0", ENV{SCANSTATION}="1"',
        ),
    ],
)
def test_a_device_that_the_rule_does_not_know_needs_a_line_of_its_own(node: DeviceNode, line: str) -> None:
    assert rule_for(node).startswith(INSTALL_RULE)
    assert ("with the line" in rule_for(node)) == bool(line)
    assert line in rule_for(node)

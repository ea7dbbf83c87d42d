from __future__ import annotations

import errno
import fcntl
import os
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from drivers.base import DeviceBusyError, DeviceGoneError
from drivers.raw_usb.choosing import NotPermittedError
from drivers.raw_usb.transport_hidraw import HidrawReports
from tests.drivers.raw_usb.layouts import COMMON
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Node:
    """A named pipe instead of ``/dev/hidraw0``."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = str(path)
        # Both ways, so that it opens without a reader.
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def send(self, report: bytes) -> None:
        os.write(self.fd, report)

    def unplug(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path / "hidraw0")
    yield node
    node.unplug()


@pytest.fixture
def reports(node: Node) -> Iterator[HidrawReports]:
    reports = HidrawReports(node.path)
    yield reports
    reports.close()


def _soon() -> float:
    return time.monotonic() + PATIENCE_S


def test_a_report_is_returned_unchanged(node: Node, reports: HidrawReports) -> None:
    node.send(COMMON.report(b"SN-1"))
    assert reports.read(_soon()) == COMMON.report(b"SN-1")


def test_a_read_ends_at_its_deadline(reports: HidrawReports) -> None:
    assert reports.read(time.monotonic() + 0.01) is None
    assert reports.read(time.monotonic() - 1) is None


def test_closing_wakes_a_waiting_read(reports: HidrawReports) -> None:
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(EOFError):
            reports.read(None)
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    reports.close()
    assert ended.wait(PATIENCE_S)
    reports.close()
    with pytest.raises(EOFError):
        reports.read(None)


def test_what_came_before_the_node_was_closed_is_still_read(node: Node, reports: HidrawReports) -> None:
    node.send(COMMON.report(b"SN-1"))
    reports.close()
    assert reports.read(_soon()) == COMMON.report(b"SN-1")
    with pytest.raises(EOFError):
        reports.read(None)


def test_what_came_before_a_reader_hears_of_the_closing_is_read_first(
    node: Node, reports: HidrawReports
) -> None:
    node.send(COMMON.report(b"SN-1"))
    os.eventfd_write(reports._wake_fd, 1)
    assert reports.read(_soon()) == COMMON.report(b"SN-1")
    with pytest.raises(EOFError):
        reports.read(None)


def test_a_device_that_goes_is_told(node: Node, reports: HidrawReports) -> None:
    node.unplug()
    with pytest.raises(DeviceGoneError, match=f"^{node.path} went away: it no longer answers$"):
        reports.read(_soon())


def test_a_kernel_error_is_reported(
    node: Node, reports: HidrawReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_fd: int, _length: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    node.send(b"x")
    monkeypatch.setattr(os, "read", gone)
    with pytest.raises(DeviceGoneError, match="went away: Input/output error"):
        reports.read(_soon())


def test_a_node_held_by_another_reader_is_busy(node: Node, reports: HidrawReports) -> None:
    assert reports.name == node.path
    with pytest.raises(DeviceBusyError, match="is in use by another program; `fuser -v"):
        HidrawReports(node.path)


def test_a_missing_node_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DeviceGoneError, match="is not there: is the scanner plugged in"):
        HidrawReports(str(tmp_path / "hidraw9"))


def test_a_node_without_permission_is_reported_with_the_rule_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(path: str, _flags: int) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(NotPermittedError, match=r'70-scanstation\.rules.*group "scanstation"'):
        HidrawReports("/dev/hidraw0")


def test_the_kernel_returns_the_report_descriptor(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = COMMON.descriptor()

    def ioctl(_fd: int, request: int, argument: Any) -> Any:
        # The numbers are from the kernel's headers on a 64-bit machine.
        if request == 0x80044801:
            return struct.pack("=I", len(descriptor))
        assert request == 0x90044802
        assert struct.unpack("=I", argument[:4]) == (len(descriptor),)
        argument[4 : 4 + len(descriptor)] = descriptor
        return 0

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    reports = HidrawReports(node.path)
    assert reports.descriptor == descriptor
    reports.close()


def test_a_node_that_disappears_while_it_is_opened_is_closed_again(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_arguments: object) -> bytes:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names are compared
    monkeypatch.setattr(fcntl, "ioctl", gone)
    with pytest.raises(DeviceGoneError, match="is not there"):
        HidrawReports(node.path)
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208

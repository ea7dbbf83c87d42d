"""Hotplug events: as messages on a socket pair, and the kernel's own."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.discovery import hotplug
from drivers.discovery.hotplug import Hotplug
from tests.conftest import NOTHING_SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 60
KERNEL = (
    b"add@/devices/pci0000:00/usb1/1-1/tty/ttyACM0\0ACTION=add\0SUBSYSTEM=tty\0DEVNAME=ttyACM0\0SEQNUM=7\0"
)
UDEV = b"libudev\0\xfe\xed\xca\xfe(\0\0\0(\0\0\0ACTION=add\0SUBSYSTEM=tty\0DEVNAME=/dev/ttyACM0\0"


class Announcer:
    """Sends hotplug events to the station."""

    def __init__(self) -> None:
        self._here, self.there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.there.setblocking(False)

    def say(self, *messages: bytes) -> None:
        for message in messages:
            self._here.send(message)

    def close(self) -> None:
        self._here.close()


@pytest.fixture
def announcer() -> Iterator[Announcer]:
    announcer = Announcer()
    yield announcer
    announcer.close()


@pytest.fixture
def bell() -> threading.Event:
    return threading.Event()


@pytest.fixture
def listening(announcer: Announcer, bell: threading.Event) -> Iterator[Hotplug]:
    with Hotplug(lambda: announcer.there) as listening:
        listening.subscribe(bell)
        yield listening


@pytest.mark.usefixtures("listening")
def test_a_udev_event_counts_at_once(announcer: Announcer, bell: threading.Event) -> None:
    announcer.say(UDEV)
    assert bell.wait(PATIENCE_S)


def test_every_scanner_is_woken(announcer: Announcer, listening: Hotplug) -> None:
    bells = [threading.Event() for _ in range(3)]
    for bell in bells:
        listening.subscribe(bell)
    announcer.say(UDEV)
    assert all(bell.wait(PATIENCE_S) for bell in bells)


def test_a_kernel_event_waits_for_udevs_rules(
    announcer: Announcer, bell: threading.Event, monkeypatch: pytest.MonkeyPatch, listening: Hotplug
) -> None:
    monkeypatch.setattr(hotplug, "GRACE_S", PATIENCE_S * 10)
    announcer.say(KERNEL)
    # A second one shows that the first was taken without ringing.
    other = threading.Event()
    listening.subscribe(other)
    assert not bell.is_set()
    announcer.say(UDEV)
    assert other.wait(PATIENCE_S)


@pytest.mark.usefixtures("listening")
def test_without_udev_the_kernels_event_counts(
    announcer: Announcer, bell: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotplug, "GRACE_S", 0.01)
    announcer.say(KERNEL)
    assert bell.wait(PATIENCE_S)


@pytest.mark.usefixtures("listening")
def test_other_devices_wake_nobody(announcer: Announcer, bell: threading.Event) -> None:
    rung: list[bool] = []
    announcer.say(UDEV.replace(b"tty\0", b"net\0"), b"", os.urandom(64))
    announcer.say(UDEV)
    rung.append(bell.wait(PATIENCE_S))
    bell.clear()
    announcer.say(UDEV.replace(b"tty\0", b"block\0"))
    assert rung == [True]
    assert not bell.wait(0.05)


def test_unsubscribed_scanners_are_not_woken(
    announcer: Announcer, bell: threading.Event, listening: Hotplug
) -> None:
    listening.unsubscribe(bell)
    other = threading.Event()
    listening.subscribe(other)
    announcer.say(UDEV)
    assert other.wait(PATIENCE_S)
    assert not bell.is_set()


def test_without_netlink_it_is_not_listening() -> None:
    def refused() -> socket.socket:
        raise OSError(97, "Address family not supported by protocol")

    with Hotplug(refused) as deaf:
        assert not deaf.is_listening


def test_a_real_kernel_event_is_noticed(bell: threading.Event) -> None:
    uevent = Path("/sys/class/tty/tty1/uevent")
    if not os.access(uevent, os.W_OK) and not NOTHING_SKIPPED:
        pytest.skip("only root can trigger a kernel event: run the tests as root")
    with Hotplug() as listening:
        listening.subscribe(bell)
        uevent.write_text("change")
        assert bell.wait(PATIENCE_S)

from __future__ import annotations

import errno
import threading
import time
from typing import TYPE_CHECKING

import libusb_package
import pytest
import usb.backend.libusb1  # type: ignore[import-untyped]

from drivers.base import DeviceBusyError, DeviceGoneError, DeviceOptionError
from drivers.discovery.usb_tree import UsbDevice
from drivers.raw_usb.choosing import NotPermittedError
from drivers.raw_usb.interrupt_in import InterruptIn, asynchronous
from drivers.raw_usb.transport_libusb import LibusbReports, load_backend
from tests.drivers.raw_usb.fake_libusb import ERROR, GONE, NO_DEVICE, OVERFLOW, Backend, Transfers
from tests.drivers.raw_usb.layouts import COMMON, Layout
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

SCANNER = UsbDevice(
    vid=0x05E0,
    pid=0x1701,
    manufacturer="Zebra",
    product="DS2208",
    usb_serial="",
    port_path="1-1.2",
    bus=1,
    address=4,
    node="/dev/bus/usb/001/004",
    interfaces=(),
)
NAME = r"Zebra DS2208 \(05e0:1701\) at port 1-1.2"


@pytest.fixture
def backend() -> Backend:
    return Backend(descriptor=COMMON.descriptor())


@pytest.fixture
def transfers() -> Transfers:
    return Transfers()


@pytest.fixture
def opened(backend: Backend, transfers: Transfers) -> Callable[[], LibusbReports]:
    return lambda: LibusbReports(SCANNER, 1, lambda: backend, lambda _path: transfers)


def _soon() -> float:
    return time.monotonic() + PATIENCE_S


def test_the_kernels_driver_is_detached_first_and_attached_last(
    backend: Backend, opened: Callable[[], LibusbReports]
) -> None:
    reports = opened()
    assert backend.log == ["open", "detach 1", "claim 1", "ask 1"]
    reports.close()
    assert backend.log[4:] == ["release 1", "attach 1", "close"]
    reports.close()
    assert len(backend.log) == 7


def test_an_unconfigured_device_gets_its_first_configuration_after_detaching(
    backend: Backend, opened: Callable[[], LibusbReports]
) -> None:
    backend.configuration = 0
    opened().close()
    assert backend.log[:4] == ["open", "detach 1", "configure 1", "claim 1"]


def test_without_a_kernel_driver_none_is_attached(
    backend: Backend, opened: Callable[[], LibusbReports]
) -> None:
    backend.kernel_driver = False
    opened().close()
    assert backend.log == ["open", "claim 1", "ask 1", "release 1", "close"]


@pytest.mark.parametrize("configuration", [1, 2, 7])
def test_a_report_is_returned_unchanged(
    backend: Backend, transfers: Transfers, opened: Callable[[], LibusbReports], configuration: int
) -> None:
    backend.configuration = configuration
    reports = opened()
    transfers.send(COMMON.report(b"SN-1"))
    assert (reports.descriptor, reports.name) == (COMMON.descriptor(), str(SCANNER))
    assert reports.read(_soon()) == COMMON.report(b"SN-1")
    assert transfers.sizes == [64]


@pytest.mark.parametrize(
    ("descriptor", "packet", "size"),
    [
        (COMMON.descriptor(), 8, 64),
        (COMMON.descriptor(), 64, 64),
        (Layout((("data", 504),)).descriptor(), 64, 64),
        (Layout((("data", 800),)).descriptor(), 64, 128),
        (b"", 64, 64),
        (b"\xc0", 64, 64),
        (b"", 0, 1),
    ],
)
def test_a_transfer_fits_the_longest_report_in_whole_packets(
    transfers: Transfers, descriptor: bytes, packet: int, size: int
) -> None:
    backend = Backend(descriptor=descriptor, packet=packet)
    LibusbReports(SCANNER, 1, lambda: backend, lambda _path: transfers).read(time.monotonic())
    assert transfers.sizes == [size]


def test_a_report_between_two_reads_is_not_lost(
    transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    reports = opened()
    assert reports.read(time.monotonic() + 0.01) is None
    transfers.send(b"first")
    transfers.send(b"second")
    assert (reports.read(_soon()), reports.read(_soon())) == (b"first", b"second")


def test_a_packet_without_data_is_no_report(
    transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    reports = opened()
    transfers.send(b"")
    transfers.send(b"report")
    assert reports.read(_soon()) == b"report"


def test_an_idle_scanner_causes_no_wakeups(transfers: Transfers, opened: Callable[[], LibusbReports]) -> None:
    reports = opened()
    assert reports.read(time.monotonic() + 0.2) is None
    assert transfers.waits == 1


def test_closing_wakes_a_waiting_read(
    backend: Backend, transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    reports, ended = opened(), threading.Event()

    def read() -> None:
        with pytest.raises(EOFError):
            reports.read(None)
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    while not transfers.sizes:
        time.sleep(0.001)
    reports.close()
    assert ended.wait(PATIENCE_S)
    assert (transfers.freed, backend.log[-1]) == (1, "close")
    with pytest.raises(EOFError):
        reports.read(None)


def test_what_came_before_the_device_was_closed_is_still_read(
    backend: Backend, transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    reports = opened()
    assert reports.read(time.monotonic()) is None
    transfers.send(b"report")
    reports.close()
    assert (transfers.freed, backend.log[-1]) == (1, "close")
    assert reports.read(_soon()) == b"report"
    with pytest.raises(EOFError):
        reports.read(None)


def test_closing_takes_back_what_is_under_way(
    transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    reports = opened()
    assert reports.read(time.monotonic()) is None
    reports.close()
    assert transfers.freed == 1


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (NO_DEVICE, "No such device"),
        (ERROR, "Input/output error"),
        (OVERFLOW, "Value too large"),
        (77, "Input"),
    ],
)
def test_a_disconnected_device_is_reported(
    transfers: Transfers, opened: Callable[[], LibusbReports], status: int, why: str
) -> None:
    reports = opened()
    transfers.end(status)
    with pytest.raises(DeviceGoneError, match=f"^{NAME} went away: {why}"):
        reports.read(_soon())
    reports.close()
    assert transfers.freed == 1


def test_a_device_that_disappears_before_the_read_is_reported(
    transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    transfers.submit_result = GONE
    with pytest.raises(DeviceGoneError, match="went away: No such device"):
        opened().read(_soon())


def test_an_interrupted_wait_continues_and_a_failed_one_is_reported(
    transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    reports = opened()
    transfers.handle_result = -10
    assert reports.read(time.monotonic() + 0.01) is None
    transfers.handle_result = -99
    with pytest.raises(DeviceGoneError, match="went away: Input/output error"):
        reports.read(_soon())


@pytest.mark.parametrize(
    ("fails", "error", "text"),
    [
        (
            {"open": errno.EACCES},
            NotPermittedError,
            "/dev/bus/usb/001/004: permission denied; install the udev rule",
        ),
        (
            {"open": errno.ENODEV},
            DeviceGoneError,
            "/dev/bus/usb/001/004 is not there: is the scanner plugged in?",
        ),
        ({"claim": errno.EBUSY}, DeviceBusyError, "/dev/bus/usb/001/004 is in use by another program"),
        ({"ask": errno.EPIPE}, DeviceGoneError, "/dev/bus/usb/001/004 can't be opened: Broken pipe"),
        ({"ask": errno.EIO}, DeviceGoneError, "/dev/bus/usb/001/004 is not there"),
    ],
)
def test_a_device_that_can_not_be_opened_is_restored(
    transfers: Transfers, fails: dict[str, int], error: type[DeviceGoneError], text: str
) -> None:
    backend = Backend(fails=fails)
    with pytest.raises(error) as raised:
        LibusbReports(SCANNER, 1, lambda: backend, lambda _path: transfers)
    assert str(raised.value).startswith(text)
    done = [line.partition(" ")[0] for line in backend.log]
    assert done.count("attach") == done.count("detach")
    assert done.count("close") == ("open" not in fails)


def test_releasing_a_disconnected_device_is_no_error(
    backend: Backend, opened: Callable[[], LibusbReports]
) -> None:
    backend.fails = {"release": errno.ENODEV, "attach": errno.ENODEV, "close": errno.EIO}
    opened().close()
    assert backend.log[-3:] == ["release 1", "attach 1", "close"]


def test_a_device_that_disappears_during_the_search_is_reported(
    backend: Backend, opened: Callable[[], LibusbReports]
) -> None:
    backend.address = 5
    with pytest.raises(DeviceGoneError, match=f"^{NAME} is not there: is the scanner plugged in"):
        opened()


def test_the_endpoint_is_known_by_its_transfer_type_whatever_else_its_attributes_say(
    backend: Backend, transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    isochronous, interrupt = 0x0D, 0x13
    backend.endpoints = ((0x82, isochronous), (0x84, interrupt))
    opened().read(time.monotonic())
    assert transfers._transfer.endpoint == 0x84


def test_an_interface_that_sends_nothing_is_told(
    backend: Backend, opened: Callable[[], LibusbReports]
) -> None:
    backend.endpoints = ((0x02, 3),)
    with pytest.raises(DeviceGoneError, match="/dev/bus/usb/001/004"):
        opened()
    assert backend.log[-3:] == ["release 1", "attach 1", "close"]


def test_without_memory_for_a_transfer_the_device_is_released(
    backend: Backend, transfers: Transfers, opened: Callable[[], LibusbReports]
) -> None:
    transfers.allocated = False
    with pytest.raises(DeviceGoneError, match="Cannot allocate memory"):
        opened()
    assert backend.log[-1] == "close"


def test_a_transfer_that_libusb_keeps_is_not_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    transfers = Transfers()
    endpoint = InterruptIn(transfers, None, None, 0x84, 64)
    assert endpoint.read(time.monotonic()) is None
    monkeypatch.setattr("drivers.raw_usb.interrupt_in._LAST_WAIT_S", 0.0)
    monkeypatch.setattr(transfers, "libusb_cancel_transfer", lambda _transfer: 0)
    endpoint.free()
    assert transfers.freed == 0
    transfers.send(b"late")
    transfers.handle_result = -99
    endpoint.free()
    assert transfers.freed == 0


def test_without_libusb_the_error_names_possible_causes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libusb_package, "get_libusb1_backend", lambda: None)
    monkeypatch.setattr(usb.backend.libusb1, "get_backend", lambda: None)
    with pytest.raises(DeviceOptionError, match=r"libusb can't be used: .*AF_NETLINK"):
        load_backend()


def test_the_real_library_has_all_required_functions() -> None:
    lib = asynchronous(load_backend().lib._name)
    transfer = lib.libusb_alloc_transfer(0)
    assert transfer.contents.num_iso_packets == 0
    lib.libusb_free_transfer(transfer)

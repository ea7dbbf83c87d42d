"""Reads reports through libusb, with pyusb: the kernel's driver is detached while the scanner is open.

USB HID 1.11: the report descriptor is requested from the interface (section 7.1.1), reports are read from
its interrupt-IN endpoint (section 4.4).
"""

from __future__ import annotations

import contextlib
import errno
from array import array
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import libusb_package
import usb.backend.libusb1  # type: ignore[import-untyped]

from drivers.base import DeviceGoneError, DeviceOptionError
from drivers.raw_usb.choosing import went_away, why_not
from drivers.raw_usb.descriptor import MAX_DESCRIPTOR_BYTES, parse
from drivers.raw_usb.interrupt_in import InterruptIn, asynchronous
from drivers.raw_usb.items import DescriptorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.discovery.usb_tree import UsbDevice

_FROM_INTERFACE: Final = 0x81
_GET_DESCRIPTOR: Final = 0x06
_REPORT_DESCRIPTOR: Final = 0x22
_CONTROL_TIMEOUT_MS: Final = 1000
_IN: Final = 0x80
_TRANSFER_TYPE: Final = 0x03
_INTERRUPT: Final = 3
_PACKET_BYTES: Final = 0x7FF
"""The bits of ``wMaxPacketSize`` with the size."""


def load_backend() -> Any:
    """Load pyusb's backend: with libusb from the wheel, or else the system's.

    Raises:
        DeviceOptionError: neither works.
    """
    backend = libusb_package.get_libusb1_backend() or usb.backend.libusb1.get_backend()
    if backend is None:
        raise DeviceOptionError(
            "libusb can't be used: is libusb-1.0-0 installed, and does the service's "
            "RestrictAddressFamilies allow AF_NETLINK?"
        )
    return backend


class LibusbReports:
    """An open interface of a USB device."""

    def __init__(
        self,
        device: UsbDevice,
        interface: int,
        load: Callable[[], Any] = load_backend,
        functions: Callable[[str], Any] = asynchronous,
    ) -> None:
        """Detach the kernel's driver and claim the interface.

        Args:
            device: The device.
            interface: Its ``bInterfaceNumber``.
            load: Returns pyusb's backend.
            functions: Returns the functions for transfers from the library at a path.

        Raises:
            DeviceGoneError: it is missing, not permitted, or in use; the text says which.
            DeviceOptionError: libusb can't be used.
        """
        self.name = str(device)
        backend = load()
        with contextlib.ExitStack() as undo:
            try:
                handle, raw = _opened(backend, device, undo)
                _claim(backend, handle, raw, interface, undo)
                self.descriptor = _report_descriptor(backend, handle, interface)
                endpoint, packet = _endpoint(backend, raw, _configuration(backend, handle, raw), interface)
                size = _whole_packets(self.descriptor, packet)
                lib = functions(backend.lib._name)  # noqa: SLF001 - ctypes has no other way to ask
                self._in = InterruptIn(lib, backend.ctx, handle.handle, endpoint, size)
                undo.callback(self._in.free)
            except OSError as error:
                raise why_not(device.node, error.errno) from error
            self._undo = undo.pop_all()
        self._reading = Lock()
        """Held while `read` may be running, so that nobody releases the device."""

    def read(self, until: float | None) -> bytes | None:
        """Wait for a report, at most until `until` on `time.monotonic`.

        Raises:
            DeviceGoneError: the device was disconnected.
            EOFError: it was closed.
        """
        with self._reading:
            try:
                # A packet without data only marks the end of a full one.
                while (report := self._in.read(until)) == b"":
                    pass
            except OSError as error:
                raise went_away(self.name, error.errno) from error
            return report

    def close(self) -> None:
        """Return the device to the kernel's driver; a waiting `read` raises EOFError."""
        self._in.cancel()
        with self._reading:
            self._undo.close()


def _opened(backend: Any, device: UsbDevice, undo: contextlib.ExitStack) -> tuple[Any, Any]:
    for raw in backend.enumerate_devices():
        found = backend.get_device_descriptor(raw)
        if (found.bus, found.address) == (device.bus, device.address):
            handle = backend.open_device(raw)
            undo.callback(_quietly, backend.close_device, handle)
            return handle, raw
    raise DeviceGoneError(f"{device} is not there: is the scanner plugged in?")


def _claim(backend: Any, handle: Any, raw: Any, interface: int, undo: contextlib.ExitStack) -> None:
    """Detach the kernel's driver first: it would prevent setting a configuration."""
    if backend.is_kernel_driver_active(handle, interface):
        backend.detach_kernel_driver(handle, interface)
        undo.callback(_quietly, backend.attach_kernel_driver, handle, interface)
    if not backend.get_configuration(handle):
        backend.set_configuration(handle, backend.get_configuration_descriptor(raw, 0).bConfigurationValue)
    backend.claim_interface(handle, interface)
    undo.callback(_quietly, backend.release_interface, handle, interface)


def _report_descriptor(backend: Any, handle: Any, interface: int) -> bytes:
    buffer = array("B", bytes(MAX_DESCRIPTOR_BYTES))
    length = backend.ctrl_transfer(
        handle,
        _FROM_INTERFACE,
        _GET_DESCRIPTOR,
        _REPORT_DESCRIPTOR << 8,
        interface,
        buffer,
        _CONTROL_TIMEOUT_MS,
    )
    return bytes(buffer[:length])


def _configuration(backend: Any, handle: Any, raw: Any) -> int:
    """The index of the device's active configuration."""
    value = backend.get_configuration(handle)
    for index in range(backend.get_device_descriptor(raw).bNumConfigurations):
        if backend.get_configuration_descriptor(raw, index).bConfigurationValue == value:
            return index
    return 0


def _endpoint(backend: Any, raw: Any, configuration: int, interface: int) -> tuple[int, int]:
    """Address and packet size of the interface's interrupt-IN endpoint."""
    for index in range(backend.get_configuration_descriptor(raw, configuration).bNumInterfaces):
        found = backend.get_interface_descriptor(raw, index, 0, configuration)
        if found.bInterfaceNumber != interface:
            continue
        for number in range(found.bNumEndpoints):
            endpoint = backend.get_endpoint_descriptor(raw, number, index, 0, configuration)
            is_interrupt = endpoint.bmAttributes & _TRANSFER_TYPE == _INTERRUPT
            if is_interrupt and endpoint.bEndpointAddress & _IN:
                return endpoint.bEndpointAddress, (endpoint.wMaxPacketSize & _PACKET_BYTES) or 1
    raise OSError(errno.ENXIO, "it has no interrupt-IN endpoint")


def _whole_packets(descriptor: bytes, packet: int) -> int:
    """Size for the longest report: less would truncate it, a packet more would wait for the next one."""
    try:
        reports = parse(descriptor)
    except DescriptorError:
        return packet
    longest = max(reports.report_bits.values(), default=0)
    length = -(-longest // 8) + reports.is_numbered
    return max(1, -(-length // packet)) * packet


def _quietly(undo: Callable[..., object], *arguments: object) -> None:
    """Undo a step, even if the device is gone."""
    with contextlib.suppress(OSError, NotImplementedError):
        undo(*arguments)

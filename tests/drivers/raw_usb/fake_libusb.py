"""A fake of pyusb's backend with one USB device, and of libusb's transfers."""

from __future__ import annotations

import ctypes
import os
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drivers.raw_usb.interrupt_in import Transfer

COMPLETED, ERROR, CANCELLED, NO_DEVICE, OVERFLOW = 0, 1, 3, 5, 6
NOT_FOUND, GONE = -5, -4


@dataclass
class Transfers:
    """The functions of the C library; `send` and `end` act for the device."""

    submit_result: int = 0
    handle_result: int = 0
    waits: int = 0
    """How often a wait returned."""
    freed: int = 0
    allocated: bool = True
    sizes: list[int] = field(default_factory=list)
    _waiting: list[tuple[bytes, int]] = field(default_factory=list)
    _pending: Any = None
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def send(self, report: bytes, status: int = COMPLETED) -> None:
        with self._changed:
            self._waiting.append((report, status))
            self._changed.notify_all()

    def end(self, status: int) -> None:
        self.send(b"", status)

    def libusb_alloc_transfer(self, _packets: int) -> Any:
        from drivers.raw_usb.interrupt_in import Transfer  # noqa: PLC0415

        self._transfer = Transfer()
        return ctypes.pointer(self._transfer) if self.allocated else ctypes.POINTER(Transfer)()

    def libusb_free_transfer(self, _transfer: Any) -> None:
        assert self._pending is None
        self.freed += 1

    def libusb_submit_transfer(self, transfer: Any) -> int:
        assert self._pending is None
        assert transfer.contents.type == 3
        self.sizes.append(transfer.contents.length)
        if self.submit_result == 0:
            self._pending = transfer
        return self.submit_result

    def libusb_cancel_transfer(self, _transfer: Any) -> int:
        if self._pending is None:
            return NOT_FOUND
        self.end(CANCELLED)
        return 0

    def libusb_handle_events_timeout_completed(self, _context: Any, wait: Any, _completed: Any) -> int:
        seconds = wait._obj.tv_sec + wait._obj.tv_usec / 1_000_000
        with self._changed:
            if self.handle_result == 0:
                self._changed.wait_for(lambda: self._waiting and self._pending, seconds)
            self.waits += 1
            if self._waiting and self._pending:
                report, status = self._waiting.pop(0)
                self._complete(self._pending, report, status)
        return self.handle_result

    def _complete(self, transfer: ctypes._Pointer[Transfer], report: bytes, status: int) -> None:
        contents: Any = transfer.contents
        ctypes.memmove(contents.buffer, report, min(len(report), contents.length))
        contents.actual_length, contents.status = len(report), status
        self._pending = None
        contents.callback(transfer)


@dataclass
class Backend:
    """pyusb's `IBackend` with one device; `log` records the calls."""

    bus: int = 1
    address: int = 4
    descriptor: bytes = b""
    packet: int = 64
    configuration: int = 1
    kernel_driver: bool = True
    fails: dict[str, int] = field(default_factory=dict)
    """Errno by function that fails."""
    endpoints: tuple[tuple[int, int], ...] = ((0x02, 3), (0x81, 2), (0x84, 3))
    """Address and transfer type of each."""
    log: list[str] = field(default_factory=list)
    ctx: None = None
    lib: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(_name="libusb-1.0.so"))

    def enumerate_devices(self) -> list[str]:
        return ["another", "device"]

    def get_device_descriptor(self, device: str) -> SimpleNamespace:
        address = self.address if device == "device" else 99
        return SimpleNamespace(bus=self.bus, address=address, bNumConfigurations=2)

    def get_configuration_descriptor(self, _device: str, index: int) -> SimpleNamespace:
        return SimpleNamespace(bConfigurationValue=index + 1, bNumInterfaces=2)

    def get_interface_descriptor(
        self, _device: str, index: int, _alternative: int, _configuration: int
    ) -> SimpleNamespace:
        return SimpleNamespace(bInterfaceNumber=index, bNumEndpoints=len(self.endpoints))

    def get_endpoint_descriptor(
        self, _device: str, number: int, *_interface_alternative_configuration: int
    ) -> SimpleNamespace:
        address, kind = self.endpoints[number]
        return SimpleNamespace(bEndpointAddress=address, bmAttributes=kind, wMaxPacketSize=self.packet)

    def open_device(self, _device: str) -> SimpleNamespace:
        self._do("open")
        return SimpleNamespace(handle=None)

    def close_device(self, _handle: Any) -> None:
        self._do("close")

    def is_kernel_driver_active(self, _handle: Any, _interface: int) -> bool:
        return self.kernel_driver

    def detach_kernel_driver(self, _handle: Any, interface: int) -> None:
        self._do("detach", interface)

    def attach_kernel_driver(self, _handle: Any, interface: int) -> None:
        self._do("attach", interface)

    def get_configuration(self, _handle: Any) -> int:
        return self.configuration

    def set_configuration(self, _handle: Any, value: int) -> None:
        self._do("configure", value)
        self.configuration = value

    def claim_interface(self, _handle: Any, interface: int) -> None:
        self._do("claim", interface)

    def release_interface(self, _handle: Any, interface: int) -> None:
        self._do("release", interface)

    def ctrl_transfer(
        self, _handle: Any, kind: int, request: int, value: int, index: int, data: Any, _timeout: int
    ) -> int:
        assert (kind, request, value) == (0x81, 0x06, 0x2200)
        self._do("ask", index)
        for number, byte in enumerate(self.descriptor):
            data[number] = byte
        return len(self.descriptor)

    def _do(self, what: str, *which: int) -> None:
        self.log.append(" ".join((what, *map(str, which))))
        if number := self.fails.get(what):
            raise OSError(number, os.strerror(number))

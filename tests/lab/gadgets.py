"""Emulated scanners, as the tests hold them: plugged, unplugged, and made to scan.

An object here is a handle only; the device is in the guest, and may have been saved with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from tests.lab import descriptors, reports

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future
    from typing import Self

    from tests.lab.channel import Channel

PORTS = 6
"""USB ports of the guest; each gadget takes one. The kernel has at most four HID gadgets at once."""
PATIENCE_S = 20.0
"""For the host to fetch a report: a daemon that is busy takes its time."""
_REPORT_INTERVAL_S = 0.01
"""At which a keyboard is asked on a real bus, as its descriptor (``bInterval``) usually says."""
_RESERVED_BYTES = 1
"""A report as long as the gadget allows is followed by an empty packet, which no scanner sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a device says it is."""

    vid: int
    pid: int
    product: str
    usb_serial: str = ""
    """Empty: it has none."""

    @property
    def by_id(self) -> str:
        """What its links in ``…/by-id`` begin with."""
        parts = ("Lab", self.product, self.usb_serial)
        return "usb-" + "_".join(part.replace(" ", "_") for part in parts if part)


@dataclass(frozen=True, slots=True)
class Gadget:
    """A device at one of the guest's ports."""

    guest: Channel
    port: int
    identity: Identity
    functions: ClassVar[tuple[dict[str, Any], ...]] = ()
    device_class: ClassVar[int] = 0

    @property
    def name(self) -> str:
        return f"port{self.port}"

    def called(self, **identity: Any) -> Self:
        """The same with another identity."""
        return replace(self, identity=replace(self.identity, **identity))

    def create(self) -> Self:
        """Bring it into being, unplugged."""
        strings = {"manufacturer": "Lab", "product": self.identity.product}
        if self.identity.usb_serial:
            strings["serialnumber"] = self.identity.usb_serial
        device = {
            "idVendor": hex(self.identity.vid),
            "idProduct": hex(self.identity.pid),
            "bcdUSB": "0x0200",
            "bcdDevice": "0x0100",
            "bDeviceClass": hex(self.device_class),
        }
        self.guest.do(
            "create", name=self.name, port=self.port, device=device, strings=strings, functions=self.functions
        )
        return self

    def plug(self) -> None:
        """Plug it in; udev has dealt with it afterwards."""
        self.guest.do("plug", name=self.name)
        # The host's hub sees it a little later: before that, udev has nothing to settle.
        state = f"/sys/class/udc/dummy_udc.{self.port}/state"
        self.guest.run(f"until grep -qx configured {state}; do sleep 0.02; done; udevadm settle")

    def unplug(self) -> None:
        """Pull its cable."""
        self.guest.do("unplug", name=self.name)

    def flap(self, times: int, period_s: float) -> None:
        """Out and in again, so often; it is in at the end."""
        self.begin_to_flap(times, period_s).result()

    def begin_to_flap(self, times: int, period_s: float) -> Future[None]:
        """Begin to go out and in."""
        return self.guest.ask("flap", name=self.name, times=times, period_s=period_s)

    def scan(self, text: str) -> object:
        """Send a label's text, as a scanner of this kind does."""
        raise NotImplementedError

    @property
    def nodes(self) -> list[str]:
        """Its own ends, inside the device as it were."""
        return [str(node) for node in self.guest.do("nodes", name=self.name)]

    @property
    def port_path(self) -> str:
        """Where it is plugged in, as the kernel names it: ``3-1``."""
        buses = self.guest.run(f"echo /sys/devices/platform/dummy_hcd.{self.port}/usb*").out
        return f"{buses.strip().rpartition('/usb')[2]}-1"


class ReportGadget(Gadget):
    """A HID device: it sends reports."""

    __slots__ = ()

    def begin(
        self, sent: Iterable[bytes], *, gap_s: float = 0, patience_s: float = PATIENCE_S
    ) -> Future[int]:
        """Begin to send reports; the result is how many the host took."""
        return self.guest.ask(
            "send_reports",
            node=self.nodes[0],
            reports=[report.hex() for report in sent],
            patience_s=patience_s,
            gap_s=gap_s,
        )

    def send(self, *sent: bytes, gap_s: float = 0) -> None:
        """Send reports; all of them must be taken."""
        taken = self.begin(sent, gap_s=gap_s).result()
        assert taken == len(sent), f"the host took {taken} of {len(sent)} reports"


def _hid(descriptor: bytes, report_bytes: int, subclass: int = 0, protocol: int = 0) -> dict[str, Any]:
    return {
        "kind": "hid",
        "subclass": subclass,
        "protocol": protocol,
        "report_length": report_bytes + _RESERVED_BYTES,
        "report_desc": descriptor.hex(),
    }


@dataclass(frozen=True, slots=True)
class Keyboard(ReportGadget):
    """A scanner in keyboard mode."""

    identity: Identity = field(
        default=Identity(vid=0x05E0, pid=0x1200, product="Keyboard Scanner", usb_serial="K-0001")
    )
    functions = (_hid(descriptors.BOOT_KEYBOARD, report_bytes=8, subclass=1, protocol=1),)

    @property
    def by_id(self) -> str:
        return f"{self.identity.by_id}-event-kbd"

    def scan(self, text: str, terminator: str = "\n") -> None:
        """Type a label's text, as a scanner set to the layout us does, and no faster.

        The emulated bus would fetch one report a millisecond. The kernel keeps twenty or so for whoever reads
        them, and an emulated machine sleeps longer than that now and then.
        """
        self.send(*reports.keys(text + terminator), gap_s=_REPORT_INTERVAL_S)


@dataclass(frozen=True, slots=True)
class SerialScanner(Gadget):
    """A scanner in virtual COM port mode (CDC-ACM)."""

    identity: Identity = field(
        default=Identity(vid=0x05F9, pid=0x4204, product="Serial Scanner", usb_serial="A-0001")
    )
    functions = ({"kind": "acm"},)
    device_class = 2

    @property
    def by_id(self) -> str:
        return f"{self.identity.by_id}-if00"

    def scan(self, text: str, answer_bytes: int = 0) -> bytes:
        """Send a label's text; the result is what the host answers."""
        return self.send(f"{text}\r".encode(), answer_bytes=answer_bytes)

    def send(self, *chunks: bytes, answer_bytes: int = 0) -> bytes:
        """Send bytes, each chunk as a transfer of its own; the result is what the host answers."""
        answer = self.guest.do(
            "exchange",
            node=self.nodes[0],
            chunks=[chunk.hex() for chunk in chunks],
            gap_s=0.05,
            answer_bytes=answer_bytes,
            patience_s=PATIENCE_S,
        )
        return bytes.fromhex(answer)


@dataclass(frozen=True, slots=True)
class PosScanner(ReportGadget):
    """A scanner in HID POS mode."""

    identity: Identity = field(
        default=Identity(vid=0x05E0, pid=0x1701, product="POS Scanner", usb_serial="P-0001")
    )
    functions = (_hid(descriptors.HID_POS, report_bytes=64),)

    def scan(self, text: str, symbology_identifier: str = "]C0") -> None:
        self.send(*reports.pos_reports(text.encode(), symbology_identifier))


@dataclass(frozen=True, slots=True)
class IbmScanner(ReportGadget):
    """A scanner in IBM hand-held mode."""

    identity: Identity = field(
        default=Identity(vid=0x05E0, pid=0x1300, product="IBM Scanner", usb_serial="I-0001")
    )
    functions = (_hid(descriptors.IBM_HAND_HELD, report_bytes=64),)

    def scan(self, text: str, symbology_identifier: str = "]C0") -> None:
        self.send(reports.ibm_report(text.encode(), symbology_identifier))


@dataclass(frozen=True, slots=True)
class ComScanner(ReportGadget):
    """A Symbol scanner in its simple COM emulation, which is HID.

    The kernel has two drivers for it: usbhid, and symbolserial, which makes a serial port of it.
    """

    identity: Identity = field(
        default=Identity(vid=0x05E0, pid=0x0600, product="COM Scanner", usb_serial="C-0001")
    )
    functions = (_hid(descriptors.SYMBOL_COM, report_bytes=64),)

    def scan(self, text: str) -> None:
        self.send(*reports.com_reports(f"{text}\r".encode()))

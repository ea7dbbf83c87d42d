"""Serial scanners: RS-232 and USB CDC-ACM, with plain text or SSI on the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.description import DriverDescription
from drivers.discovery.known import UsbMode
from drivers.recording_lines import BytesLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Decoder, DeviceDriver


def _device() -> type[DeviceDriver]:
    from drivers.serial_line.serial_port import SerialPort  # noqa: PLC0415

    return SerialPort


def _decoder(options: Mapping[str, object]) -> Decoder:
    from drivers.framing import FramingOptions, SerialFraming  # noqa: PLC0415
    from drivers.serial_line.ssi import SsiDecoder  # noqa: PLC0415

    if options.get("protocol") == "ssi":
        return SsiDecoder.from_options(options)
    return SerialFraming(FramingOptions.from_options(options))


SERIAL = DriverDescription(
    name="serial",
    device=_device,
    decoder=_decoder,
    line=BytesLine,
    subsystem="tty",
    modes=(UsbMode.SERIAL,),
    is_split_among_readers=True,
    settings={"preamble": "", "gap_ms": "", "encoding": "", "protocol": '"ssi"'},
    device_settings={
        "match": "",
        "baud_rate": "a whole number from 50 to 4000000",
        "data_bits": "7 or 8",
        "parity": '"none", "even" or "odd"',
        "stop_bits": "1 or 2",
        "flow_control": '"none", "xonxoff" or "rtscts"',
        "reply": "",
    },
    protocols=("ssi",),
    is_framed=True,
)

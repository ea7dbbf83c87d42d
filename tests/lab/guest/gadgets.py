"""Emulated USB devices of the kernel's own gadget stack: dummy_hcd and configfs.

To the rest of the kernel they are devices on a bus. Binding a gadget to its controller plugs it in, unbinding
it pulls the cable. See the kernel's Documentation/usb/gadget_configfs.rst.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

_GADGETS = Path("/sys/kernel/config/usb_gadget")
_controllers: dict[str, str] = {}
"""Which controller each gadget is bound to when it is plugged in."""


def load(ports: int) -> None:
    """Make USB ports, each on a bus of its own."""
    subprocess.run(["modprobe", "dummy_hcd", f"num={ports}"], check=True)
    subprocess.run(["modprobe", "-a", "libcomposite", "usb_f_hid", "usb_f_acm"], check=True)
    if not _GADGETS.exists():
        subprocess.run(["mount", "-t", "configfs", "none", "/sys/kernel/config"], check=True)


def create(
    name: str,
    port: int,
    device: dict[str, str],
    strings: dict[str, str],
    functions: list[dict[str, Any]],
) -> None:
    """Describe a device; it isn't plugged in yet.

    Args:
        name: What the other operations call it.
        port: Number of its port, from 0.
        device: Numbers of the device descriptor by configfs's names (``idVendor``).
        strings: Its strings by configfs's names (``serialnumber``); without one it has none.
        functions: What it can do: ``kind`` (``hid`` or ``acm``) and configfs's attributes; bytes in hex.
    """
    gadget = _GADGETS / name
    gadget.mkdir()
    _write(gadget, device)
    texts = gadget / "strings/0x409"
    texts.mkdir()
    _write(texts, strings)
    configuration = gadget / "configs/c.1"
    configuration.mkdir()
    for number, attributes in enumerate(functions):
        values = dict(attributes)
        function = gadget / "functions" / f"{values.pop('kind')}.{name}{number}"
        function.mkdir()
        if "report_desc" in values:
            (function / "report_desc").write_bytes(bytes.fromhex(values.pop("report_desc")))
        _write(function, values)
        (configuration / function.name).symlink_to(function)
    _controllers[name] = f"dummy_udc.{port}"


def _write(directory: Path, values: dict[str, Any]) -> None:
    for key, value in values.items():
        (directory / key).write_text(str(value))


def plug(name: str) -> None:
    """Plug the device in."""
    (_GADGETS / name / "UDC").write_text(_controllers[name])


def unplug(name: str) -> None:
    """Pull the cable."""
    (_GADGETS / name / "UDC").write_text("\n")


def flap(name: str, times: int, period_s: float) -> None:
    """Unplug and plug again, so often, with so long a period; it is plugged in at the end."""
    for _ in range(times):
        unplug(name)
        time.sleep(period_s / 2)
        plug(name)
        time.sleep(period_s / 2)


def nodes(name: str) -> list[str]:
    """The device's own ends: where its reports and bytes are written."""
    return [_node(function) for function in sorted((_GADGETS / name / "functions").iterdir())]


def _node(function: Path) -> str:
    if function.name.startswith("acm."):
        return f"/dev/ttyGS{(function / 'port_num').read_text().strip()}"
    numbers = (function / "dev").read_text().strip()
    return str(Path(f"/dev/char/{numbers}").resolve())

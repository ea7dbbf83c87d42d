"""Other machines, as far as the guest's firewall can tell: it has no network, but can have more addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.lab.channel import Channel

_ADD = """\
import fcntl, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
    address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(sys.argv[1]))
    fcntl.ioctl(end, 0x8916, address)  # SIOCSIFADDR
with socket.socket() as end:
    assert end.connect_ex((sys.argv[1], 9)) == 111  # ECONNREFUSED: it can be reached
"""


def add_address(guest: Channel, address: str) -> None:
    """Give the guest an address that isn't loopback's."""
    guest.put("/run/address.py", _ADD)
    guest.run(f"python3 /run/address.py {address}")

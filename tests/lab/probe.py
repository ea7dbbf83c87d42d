"""Run inside the station's unit, in its place: tries what the station must not be able to do.

Prints the names of what succeeded, one a line.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LINUX_CLONE_NEWUSER = 0x10000000
_libc = ctypes.CDLL(None, use_errno=True)


def _libc_call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def _open(path: str, flags: int = os.O_RDWR) -> None:
    os.close(os.open(path, flags))


def _connect(address: str) -> None:
    with socket.socket() as end:
        end.settimeout(2)
        try:
            end.connect((address, 9))
        except ConnectionRefusedError:
            # The packet went out and came back.
            return


def _executable_memory() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


FORBIDDEN: dict[str, Callable[[], object]] = {
    "write /etc": lambda: Path("/etc/probe").write_text("x"),
    "write /usr": lambda: Path("/usr/lib/scanstation/probe").write_text("x"),
    "write its configuration": lambda: Path("/etc/scanstation/config.toml").open("a").close(),
    "write /var": lambda: Path("/var/probe").write_text("x"),
    "read /home": lambda: list(Path("/home").iterdir()) + list(Path("/root").iterdir()),
    "read /etc/shadow": lambda: Path("/etc/shadow").read_text(),
    "see other processes": lambda: Path("/proc/1/status").read_text(),
    "open a disk": lambda: _open("/dev/vda", os.O_RDONLY),
    "open the memory": lambda: _open("/dev/mem", os.O_RDONLY),
    "open a console": lambda: _open("/dev/tty1"),
    "make keyboards": lambda: _open("/dev/uinput"),
    "reach another machine": lambda: _connect("192.0.2.1"),
    "make raw packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "be root": lambda: os.setuid(0),
    "mount": lambda: _libc_call("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "make namespaces": lambda: _libc_call("unshare", _LINUX_CLONE_NEWUSER),
    "set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "load kernel modules": lambda: _libc_call("init_module", b"", 0, b""),
    "make memory executable": _executable_memory,
    "make a setuid program": lambda: _own_file().chmod(0o4755),
    "trace itself": lambda: _libc_call("ptrace", 0, 0, None, None),
}


def _own_file() -> Path:
    path = Path(os.environ["STATE_DIRECTORY"].split(":")[0]) / "probe"
    path.write_text("x")
    return path


def main() -> None:
    """Try everything; also what must go, so that a probe that can do nothing at all is noticed."""
    for name, attempt in FORBIDDEN.items():
        try:
            attempt()
        except OSError:
            continue
        print(name)  # noqa: T201 - the result
    _own_file().unlink()
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    sys.stdout.write("write its own state\nreach this machine\n")
    sys.stdout.write((Path(os.environ["CREDENTIALS_DIRECTORY"]) / "database-password").read_text())


if __name__ == "__main__":
    main()

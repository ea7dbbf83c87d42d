"""One virtual machine: QEMU without KVM, started, saved, restored, ended.

Its disks are read-only; what the guest writes stays in its memory. A saved machine is a file of its memory,
so any number of guests can be restored from it at once, and none sees another's doings.
"""

from __future__ import annotations

import contextlib
import shlex
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.channel import Channel, GuestError
from tests.lab.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOOT_S = 300
"""A busy machine takes half a minute; only a hang meets this."""
_KERNEL_COMMAND_LINE = (
    "console=ttyS0 quiet loglevel=4 systemd.show_status=0 mitigations=off nokaslr random.trust_cpu=on"
)
HARDWARE = (
    "-machine q35 -accel tcg,thread=multi,tb-size=256 -cpu Nehalem -smp 2 "
    "-nodefaults -no-user-config -display none -no-reboot "
    "-object rng-random,filename=/dev/urandom,id=random -device virtio-rng-pci,rng=random "
    "-device virtio-serial-pci -device virtserialport,chardev=agent,name=lab.agent "
    "-serial chardev:console -mon chardev=monitor,mode=control"
)
"""Of every guest. A saved machine can only be restored into the same."""


@dataclass(frozen=True, slots=True)
class Computer:
    """A guest's hardware: what it boots from, what it finds under /opt, and what only its kind has."""

    hardware: str
    kernel: Path
    initrd: Path
    root: Path
    opt: Path

    def arguments(self) -> list[str]:
        """All of it, as QEMU takes it."""
        drives = {"root": self.root, "opt": self.opt}
        return [
            *HARDWARE.split(),
            *self.hardware.split(),
            *("-kernel", str(self.kernel), "-initrd", str(self.initrd), "-append", _KERNEL_COMMAND_LINE),
            *(
                argument
                for name, path in drives.items()
                for argument in (
                    *("-drive", f"file={path},format=raw,if=none,id={name},readonly=on"),
                    *("-device", f"virtio-blk-pci,drive={name}"),
                )
            ),
        ]


class Machine(Channel):
    """A guest that runs."""

    def __init__(
        self, process: subprocess.Popen[bytes], agent: socket.socket, monitor: Monitor, logs: Path
    ) -> None:
        super().__init__(agent)
        self._process = process
        self.monitor = monitor
        self._logs = logs

    def wait_for_boot(self) -> None:
        """Until the guest's agent has started.

        Raises:
            GuestError: it doesn't come up; the text holds what the console says.
        """
        try:
            self.hello.result(_BOOT_S)
        except (GuestError, TimeoutError) as error:
            raise GuestError(f"the lab's guest doesn't boot: {error}\n{self.console()}") from error

    def save(self, to: Path) -> None:
        """Write the memory to a file; the guest stands still afterwards.

        Raises:
            GuestError: it could not be written.
        """
        self.monitor.execute("stop")
        self.monitor.execute("migrate-set-parameters", max_bandwidth=1 << 40)
        self.monitor.execute("migrate", uri=f"exec:cat > {shlex.quote(str(to))}")
        while (status := self.monitor.execute("query-migrate").get("status")) != "completed":
            if status in {"failed", "cancelled"}:
                raise GuestError(f"the guest can't be saved to {to}: {status}")
            time.sleep(0.05)

    def go_on(self) -> None:
        """Let a guest that was restored run, with its clock put right."""
        while self.monitor.execute("query-status")["status"] == "inmigrate":
            time.sleep(0.02)
        self.monitor.execute("cont")
        self.run(f"date --set=@{time.time():.3f}")

    def console(self) -> str:
        """What kernel and system wrote to the guest's serial console, and QEMU to its standard error."""
        return "".join(path.read_text(errors="replace")[-4000:] for path in sorted(self._logs.iterdir()))

    def kill(self) -> None:
        """The power goes."""
        self._process.kill()
        self._process.wait()
        self.close()
        self.monitor.close()


@contextlib.contextmanager
def booted(computer: Computer) -> Iterator[Machine]:
    """A guest from its power switch on, ready for commands; its power goes at the end."""
    with _started(computer, []) as machine:
        machine.wait_for_boot()
        yield machine


@contextlib.contextmanager
def restored(computer: Computer, memory: Path) -> Iterator[Machine]:
    """A guest as it was saved, within a second; its power goes at the end."""
    with _started(computer, ["-incoming", f"exec:cat {shlex.quote(str(memory))}"]) as machine:
        machine.go_on()
        yield machine


@contextlib.contextmanager
def _started(computer: Computer, more: list[str]) -> Iterator[Machine]:
    with contextlib.ExitStack() as parts:
        logs = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
        agent, agent_end = socket.socketpair()
        monitor, monitor_end = socket.socketpair()
        with agent_end, monitor_end, (logs / "qemu").open("wb") as errors:
            process = subprocess.Popen(
                # QEMU dies with us, whatever we die of.
                [
                    *("setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *computer.arguments()),
                    *("-chardev", f"socket,id=agent,fd={agent_end.fileno()}"),
                    *("-chardev", f"socket,id=monitor,fd={monitor_end.fileno()}"),
                    *("-chardev", f"file,id=console,path={logs / 'console'}"),
                    *more,
                ],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                pass_fds=(agent_end.fileno(), monitor_end.fileno()),
            )
        machine = Machine(process, agent, Monitor(monitor), logs)
        parts.callback(machine.kill)
        try:
            machine.monitor.greet()
        except GuestError as error:
            raise GuestError(f"{error}\n{machine.console()}") from error
        yield machine

"""Saved machines: boot once, then each test gets a fresh guest within a second."""

from __future__ import annotations

import contextlib
import hashlib
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.gadgets import PORTS
from tests.lab.image.build import cache_directory, image
from tests.lab.image.kinds import PLAIN, Kind
from tests.lab.image.opt_disk import build_opt_disk, build_wheel, opt_key
from tests.lab.locking import in_use, locked, remove_unused
from tests.lab.machine import HARDWARE, Computer, Machine, booted, restored
from tests.running import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.lab.image.build import Image

_PREPARE = """
set -e
modprobe -a cdc_acm usbhid hid_generic
groupadd --system scanstation
useradd --system --no-create-home --groups dialout dialer
useradd --system --no-create-home --gid scanstation stationer
useradd --system --no-create-home nobody2
/opt/scanstation/bin/scanstation import /run/company
"""
"""Users: one in the group of serial ports, one in the group of the udev rule, one in neither."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A machine that was saved at some moment."""

    computer: Computer
    memory: Path

    def restored(self) -> AbstractContextManager[Machine]:
        """A fresh guest, as it was at that moment."""
        return restored(self.computer, self.memory)

    @contextlib.contextmanager
    def later(self, prepare: Callable[[Machine], object]) -> Iterator[Saved]:
        """The machine as it is after some more preparation; forgotten at the end."""
        with tempfile.TemporaryDirectory(prefix="lab-") as directory:
            saved = replace(self, memory=Path(directory) / "memory")
            with self.restored() as machine:
                prepare(machine)
                machine.save(saved.memory)
            yield saved


def put_sample(machine: Machine, directory: str) -> None:
    """Put the sample company's files into a directory."""
    for file in (SAMPLE / "company").iterdir():
        machine.put(f"{directory}/{file.name}", file.read_bytes())


@contextlib.contextmanager
def prepared(kind: Kind = PLAIN) -> Iterator[Saved]:
    """The machine with this scanstation installed and the sample company imported; kept for the next run."""
    system = image(kind)
    with contextlib.ExitStack() as using, tempfile.TemporaryDirectory(prefix="lab-") as work:
        wheel = build_wheel(Path(work))
        directory = cache_directory() / f"machine-{kind.name}-{_key(system, wheel)}"
        computer = Computer(
            kind.hardware, system.kernel, system.initrd, system.root_disk, directory / "opt.ext4"
        )
        saved = Saved(computer, directory / "memory")
        with locked(cache_directory() / "machine.lock"):
            if not saved.memory.exists():
                remove_unused(cache_directory().glob(f"machine-{kind.name}-*"))
                directory.mkdir(exist_ok=True)
                build_opt_disk(wheel, computer.opt, Path(work))
                _boot(saved)
            using.enter_context(in_use(directory))
        using.enter_context(in_use(system.directory))
        yield saved


def _key(system: Image, wheel: Path) -> str:
    parts = [system.key, opt_key(wheel), _PREPARE, str(PORTS), HARDWARE]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _boot(saved: Saved) -> None:
    sys.stderr.write("lab: booting the guest, half a minute\n")
    with booted(saved.computer) as machine:
        put_sample(machine, "/run/company")
        machine.do("load", ports=PORTS)
        machine.run(_PREPARE)
        unfinished = saved.memory.with_suffix(".part")
        machine.save(unfinished)
        unfinished.rename(saved.memory)

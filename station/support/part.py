"""What a part of the bundle is given, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.doctor.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.config import Config
    from station.config.reading import Reading
    from station.host.lock import Holder


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bundle is made of."""

    reading: Reading
    holder: Holder | None
    """The running station; None: it doesn't run, or the configuration doesn't say where to look."""
    with_scans: bool = True
    """Whether what was scanned may be in it."""
    machine: Machine = field(default_factory=Machine)

    def config(self) -> Config:
        """The configuration.

        Raises:
            ConfigError: it is wrong.
        """
        return self.reading.right()


@dataclass(frozen=True, slots=True)
class File:
    """One file of the bundle."""

    name: str
    what: str
    """What it is, in a few words."""
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What could not be had."""

    name: str
    """Of the file or the part."""
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bundle."""

    name: str
    collect: Callable[[Asked], Iterable[File | Missing]]
    patience_s: float = 30
    """What takes longer is left out."""


def left_out(name: str) -> Missing:
    """What is not in a bundle without scans."""
    return Missing(name, "left out by --no-scans")

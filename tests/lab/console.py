"""The guest's first virtual console: what keyboards type when nobody has grabbed them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.channel import HANG_S

if TYPE_CHECKING:
    from tests.lab.channel import Channel

_SHOWN = "/run/console.txt"


@dataclass(frozen=True, slots=True)
class Console:
    """A program that reads tty1, key by key."""

    guest: Channel

    def open(self) -> None:
        """Begin to read; what was typed before is not seen."""
        self.guest.run(
            "systemd-run --quiet --unit=console --service-type=exec "
            f"sh -c 'exec <>/dev/tty1; stty raw -echo; exec dd bs=1 of={_SHOWN}'"
        )
        while not self.guest.run(f"ls {_SHOWN}", code=None).out:
            time.sleep(0.05)

    def typed(self) -> str:
        """What has been typed so far; Enter is a CR."""
        return self.guest.get(_SHOWN).decode()

    def wait_for(self, text: str) -> None:
        """Until exactly this has been typed."""
        end = time.monotonic() + HANG_S
        while len(typed := self.typed()) < len(text) and time.monotonic() < end:
            time.sleep(0.05)
        assert typed == text, f"the console was typed {typed!r}, not {text!r}"

"""The lab by hand: ``python -m tests.lab`` starts a guest and takes commands until Ctrl-D.

``help`` lists what it knows; any other line is run in the guest, as root.
"""

from __future__ import annotations

import cmd
import sys
from typing import TYPE_CHECKING

from tests.lab.channel import HANG_S, GuestError, done
from tests.lab.gadgets import ComScanner, IbmScanner, Keyboard, PosScanner, SerialScanner
from tests.lab.needs import missing
from tests.lab.saved import prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.channel import Channel
    from tests.lab.gadgets import Gadget

KINDS: dict[str, Callable[[Channel, int], Gadget]] = {
    "serial": SerialScanner,
    "keyboard": Keyboard,
    "pos": PosScanner,
    "ibm": IbmScanner,
    "com": ComScanner,
}


class Shell(cmd.Cmd):
    """Commands to one guest."""

    def __init__(self, guest: Channel) -> None:
        super().__init__()
        self.prompt = "lab> "
        self.intro = "A guest with scanstation in /opt/scanstation/bin; help lists the lab's commands."
        self._guest = guest
        self._plugged: dict[str, Gadget] = {}

    def do_plug(self, line: str) -> None:
        """plug PORT KIND: plug a scanner into port 0 to 5; kinds are serial, keyboard, pos, ibm, com."""
        port, kind = line.split()
        if port not in self._plugged:
            self._plugged[port] = KINDS[kind](self._guest, int(port)).create()
        self._plugged[port].plug()
        self._say(f"{self._plugged[port].identity} at {self._plugged[port].port_path}")

    def do_unplug(self, line: str) -> None:
        """unplug PORT: pull the cable; plug puts the same scanner in again."""
        self._plugged[line.strip()].unplug()

    def do_scan(self, line: str) -> None:
        """scan PORT TEXT: scan a label."""
        port, _, text = line.partition(" ")
        self._plugged[port].scan(text)

    def do_EOF(self, _line: str) -> bool:  # noqa: N802 - cmd calls it so
        """End."""
        return True

    def default(self, line: str) -> None:
        """Run it in the guest."""
        ended = done(self._guest.begin(line, timeout_s=HANG_S - 1))
        self._say(ended.out + ended.err + (f"exit {ended.code}" if ended.code else ""))

    def emptyline(self) -> bool:
        """Do nothing: the last command isn't repeated."""
        return False

    def onecmd(self, line: str) -> bool:
        """Obey a line; a mistake ends nothing."""
        try:
            return super().onecmd(line)
        except (GuestError, KeyError, ValueError, AssertionError, TimeoutError) as error:
            self._say(f"{type(error).__name__}: {error}")
            return False

    def _say(self, text: str) -> None:
        self.stdout.write(text.rstrip("\n") + "\n")


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    with prepared() as saved, saved.restored() as guest:
        Shell(guest).cmdloop()

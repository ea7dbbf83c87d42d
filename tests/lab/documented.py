"""The commands of a page of the documentation, run in the guest in the page's order, as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.docs.blocks import ROOT, blocks
from tests.lab.channel import done

if TYPE_CHECKING:
    from tests.docs.blocks import Block
    from tests.lab.channel import Channel, Done

_PAGES = ROOT / "docs"
HOME = "/root"
"""Where the one who reads the page is: files that it names without a directory are here."""
_LONG_S = 900
"""Compiling three thousand modules takes minutes in the guest."""


class Script:
    """The blocks of a page that are marked to be run in the lab."""

    def __init__(self, page: str) -> None:
        self._left = [block for block in blocks(_PAGES / page) if block.where == "lab"]

    def run(self, guest: Channel, beginning: str) -> Done:
        """Run the next block, which must be the one that begins so; it must end well.

        Whoever asks back (apt does) is told yes.
        """
        block = self._left.pop(0)
        assert block.text.startswith(beginning), f"{block}: {block.text}"
        return run_block(guest, block)

    def skip(self, *beginnings: str) -> None:
        """Leave out the next blocks, which must be those that begin so: another test runs them."""
        for beginning in beginnings:
            block = self._left.pop(0)
            assert block.text.startswith(beginning), f"{block}: {block.text}"

    def run_all(self, guest: Channel) -> None:
        """Run what is left."""
        while self._left:
            run_block(guest, self._left.pop(0))

    @property
    def left(self) -> list[str]:
        """What has not been run."""
        return [str(block) for block in self._left]


def run_block(guest: Channel, block: Block) -> Done:
    """Run one block as root; it must end well."""
    command = f"cd {HOME}; exec < <(yes); set -e -o pipefail\n{block.text}"
    result = done(guest.begin(command, timeout_s=_LONG_S), _LONG_S)
    assert result.code == 0, f"{block}: exit {result.code}\n{block.text}\n{result.out}{result.err}"
    return result


def type_into_editors(guest: Channel, text: str) -> None:
    """What ``sudoedit`` opens gets this text: it stands for the one who types."""
    guest.put("/run/typed", f"{text}\n")
    guest.put("/usr/local/bin/typist", '#!/bin/sh\ncat /run/typed >"$1"\n', 0o755)
    guest.put("/etc/sudoers.d/editor", "Defaults editor=/usr/local/bin/typist\n", 0o440)


def example(page: str, beginning: str) -> str:
    """The page's example of a file that begins so."""
    (text,) = (block.text for block in blocks(_PAGES / page) if block.text.startswith(beginning))
    return text

"""What of the display may change while it is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.languages.language import ENGLISH
from station.web.page import read_page

if TYPE_CHECKING:
    from collections.abc import Iterable


class Facing:
    """How the station shows itself, and by which names it may be called."""

    def __init__(
        self, command_prefix: str = "$$", language: str = ENGLISH, host_names: Iterable[str] = ()
    ) -> None:
        """Read the page.

        Args:
            command_prefix: What command barcodes begin with; the page shows some.
            language: What the page speaks unless told.
            host_names: Beside the machine's own addresses.
        """
        self.page = read_page(command_prefix, language)
        """Another object as soon as it is another page."""
        self.host_names = frozenset(name.lower() for name in host_names)

    def become(self, other: Facing) -> None:
        """From now on as `other`; called by another thread than the one that serves."""
        self.host_names = other.host_names
        if other.page != self.page:
            self.page = other.page

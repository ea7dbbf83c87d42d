"""One layer of the configuration: what one file or one variable says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from station.config.lines import lines_of

if TYPE_CHECKING:
    from station.config.keys import Key


@dataclass(frozen=True, eq=False)
class Layer:
    """A table, and where it stands."""

    kind: Literal["file", "variable"]
    source: str
    """The file's path, or the variable's name."""
    table: dict[str, Any]
    text: str = ""
    """The file's."""

    def line(self, key: Key) -> int | None:
        """The line of the file where a key stands, counted from 1; None: in no file."""
        return lines_of(self.text).get(key) if self.kind == "file" else None

"""What is wrong with one value of the configuration."""

from __future__ import annotations

from typing import NamedTuple

from station.config.keys import Key, dotted


class Mistake(NamedTuple):
    """A sentence that has a key in it: where the value comes from decides how the key is written."""

    key: Key
    says: str
    """What follows the key."""
    opening: str = ""
    """What stands before it."""
    also: tuple[Key, ...] = ()
    """Other keys that have a part in it, for when the key itself is only a default."""

    def about(self, key: Key) -> str:
        """The sentence, with the key as it is there."""
        return f"{self.opening}{dotted(key)}{self.says}"

    def __str__(self) -> str:
        return self.about(self.key)

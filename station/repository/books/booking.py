"""Saving and cancelling (D3, D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.repository.unit_of_work import SqlUnitOfWork
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class BookingBooks(SqlUnitOfWork):
    """Units that a document moves or releases."""

    def areas_needed(self, document: str) -> set[bool]:
        """Which signs of lines have units attached: True for negative ones."""
        return {bool(row[0]) for row in self._rows("signs", document=document)}

    def book(
        self, document: str, area: str, *, negative: Sequence[bool], at: datetime, operator: str | None
    ) -> int:
        """Move the document's units on lines with these signs to `area`; returns how many changed area."""
        moved = 0
        for sign in negative:
            kind = "negative" if sign else "regular"
            moved += self._run(
                f"book_{kind}", document=document, area=area, at=timestamp(at), operator=operator
            )
            self._run(f"rebook_{kind}", document=document, area=area)
        return moved

    def release(self, document: str, at: datetime, operator: str | None) -> int:
        """Take everything off the document; returns how many."""
        self._run("release_moves", document=document, at=timestamp(at), operator=operator)
        return self._run("release", document=document)

"""New units with serial numbers of ours (M5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.errors import DatabaseError
from station.repository.unit_of_work import SqlUnitOfWork

if TYPE_CHECKING:
    from station.rules.model import Unit


class GeneratingBooks(SqlUnitOfWork):
    """Numbers that are given, and those that are taken."""

    def last_number(self, prefix: str) -> int:
        """The last number that was given with a prefix, 0 at first; its row is locked."""
        self._run("know_series", prefix=prefix)
        row = self._one("last_number", prefix=prefix)
        if row is None:
            raise DatabaseError(f"the database lost the count of the serial numbers {prefix}…")
        return int(row[0])

    def taken(self, first: str, last: str) -> set[str]:
        """Serial numbers that units bear, `first` to `last` in byte order, of the same length."""
        return {row[0] for row in self._rows("taken", first=first, last=last)}

    def add_generated(self, unit: Unit, prefix: str, number: int, history_id: str) -> None:
        """Store a new unit, which got its prefix's `number`."""
        key = {"serial_number": unit.serial_number, "item": unit.item}
        self._run("set_last_number", prefix=prefix, number=number)
        self._run("add_unit", **key, stock_area=unit.area)
        self._run("add_generated", **key, prefix=prefix, number=number, history_id=history_id)

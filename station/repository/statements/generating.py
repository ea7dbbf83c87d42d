"""New units with serial numbers of ours (M5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, null, select, update

from station.repository.statements.parts import P, parameters
from station.repository.tables import generated_numbers, number_series, serial_numbers
from station.repository.unit_of_work import insert_or_skip

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Dialect


def of_generating(dialect: Dialect) -> dict[str, ClauseElement]:
    """New units with serial numbers of ours (M5)."""
    column = serial_numbers.c.serial_number
    its_series = number_series.c.prefix == P("prefix")
    return {
        "know_series": insert_or_skip(number_series, dialect).values(prefix=P("prefix"), last=0),
        "last_number": select(number_series.c.last).where(its_series).with_for_update(),
        "set_last_number": update(number_series).where(its_series).values(last=P("number")),
        "taken": select(column).where(
            column >= P("first"), column <= P("last"), func.length(column) == func.length(P("first"))
        ),
        "add_unit": insert(serial_numbers).values(parameters(serial_numbers, mfr_serial_number=null())),
        "add_generated": insert(generated_numbers).values(parameters(generated_numbers)),
    }

"""The statements of the scan path, written once for every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.repository.statements.attaching import of_attachments
from station.repository.statements.booking import of_booking
from station.repository.statements.documents import of_documents
from station.repository.statements.generating import of_generating
from station.repository.statements.places import of_places
from station.repository.statements.standing import of_the_station
from station.repository.statements.units import of_units, units_by

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Dialect

__all__ = ["all_statements", "units_by"]


def all_statements(dialect: Dialect) -> dict[str, ClauseElement]:
    """Every statement of the scan path by its name."""
    return {
        **of_the_station(dialect),
        **of_places(),
        **of_documents(),
        **of_units(),
        **of_generating(dialect),
        **of_attachments(dialect),
        **of_booking(),
    }

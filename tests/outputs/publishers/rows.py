"""A history row as the outbox returns it."""

from __future__ import annotations

from station.history import HistoryRow
from station.outcomes import Action
from tests.outputs.publishers.books import AT


def row(key: str = "a") -> HistoryRow:
    return HistoryRow(
        id=key, at=AT, station="dock-1", session=1, document="CM-1", action=Action.ASSIGNED, reason=None,
        serial_number="SN-1", mfr_serial_number=None, item="PROC-1", description="Processor",
        stock_area="SOLD", operator=None, scanner="left", text="SN-1",
    )  # fmt: skip

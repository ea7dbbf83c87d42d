from __future__ import annotations

from typing import TYPE_CHECKING

from station.repository.view import View
from tests.terminal.dock import DOCK, assigned, record, refused

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_history_is_found_by_serial_number_by_document_and_for_the_station(company: Engine) -> None:
    rows = [assigned("SN-1"), assigned("SN-2"), refused("X", "unknown", session=None)]
    for number, row in enumerate(rows, start=1):
        record(company, number, row)
    view = View(company, DOCK)
    assert view.history("SN-1", None, 10) == [rows[0]]
    assert view.history(None, "CM-1001", 10) == [rows[1], rows[0]]
    assert view.history("SN-1", "CO-2001", 10) == []
    assert view.history(None, None, 2) == [rows[2], rows[1]]
    assert View(company, "dock-2").history(None, None, 10) == []


def test_open_documents_come_first(company: Engine) -> None:
    view = View(company, DOCK)
    assert [each.number for each in view.documents(10)] == ["CM-1001", "CO-2001", "CM-1000"]
    assert len(view.documents(1)) == 1

"""Opening, closing, saving and cancelling documents (D1 to D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import DocumentCancelled, DocumentSaved, Mode, SessionClosed, SessionOpened
from station.retrieval import rules
from station.retrieval.model import AreaType, DocumentKind, Session, Status

if TYPE_CHECKING:
    from station.retrieval.case import Case
    from station.retrieval.model import Document, Location
    from station.settings import AreaSettings


def open_document(case: Case, number: str) -> None:
    """D1, R11: work on a document; another one that is open is closed first."""
    session = case.standing.session
    if session is not None and session.document.number == number:
        case.refuse_command(f"{number} is open already")
        return
    document = case.books.document(number)
    if document is None:
        case.refuse_command(f"document {number} is unknown")
        return
    if reason := _cannot_open(case, document):
        case.refuse_command(reason)
        return
    if session is not None:
        end_session(case, session, "replaced")
    opened = case.books.begin_session(number, case.source.at, case.standing.operator)
    case.events.append(SessionOpened(opened, number, case.standing.operator))


def _cannot_open(case: Case, document: Document) -> str | None:
    """R11."""
    if document.status is not Status.OPEN:
        return f"document {document.number} is {document.status}"
    if case.preferences.own_location_only and document.location != case.home_code():
        return f"document {document.number} is of another location: {document.location}"
    return None


def end_session(case: Case, session: Session, why: str) -> None:
    """D2: the station works on the document no longer; a question or a mode goes with it."""
    if case.standing.question is not None:
        case.books.drop_question()
    case.change_mode(Mode.ATTACH)
    case.books.end_session(session.number, case.source.at, why)
    case.events.append(SessionClosed(session.number, session.document.number, why))


def close(case: Case) -> None:
    """D2: end the session, book nothing."""
    if case.standing.session is None:
        case.refuse_command(rules.NO_DOCUMENT)
    else:
        end_session(case, case.standing.session, "closed")


def save(case: Case) -> None:
    """D3: book the document and end the session."""
    session = case.standing.session
    if session is None:
        case.refuse_command(rules.NO_DOCUMENT)
        return
    document = case.books.lock_document(session.document.number)
    if document is None or document.status is not Status.OPEN:
        end_session(case, session, str(document.status) if document else str(Status.CANCELLED))
        case.refuse_command(rules.NO_DOCUMENT)
        return
    try:
        targets = _targets(case, document)
    except _CannotBookError as error:
        case.refuse_command(str(error))
        return
    number = session.document.number
    moved = sum(
        case.books.book(number, area, negative=signs, at=case.source.at, operator=case.standing.operator)
        for area, signs in targets
    )
    case.books.set_status(number, Status.SAVED)
    case.events.append(DocumentSaved(number, moved))
    end_session(case, session, "saved")


class _CannotBookError(Exception):
    """Why a document can't be saved, and which setting cures it."""


def _targets(case: Case, document: Document) -> list[tuple[str, list[bool]]]:
    """Into which area the units of which lines (negative or not) are booked.

    Raises:
        _CannotBookError: an area that is needed isn't set, or isn't fit.
    """
    needed = case.books.areas_needed(document.number)
    if not needed:
        return []
    if document.kind is DocumentKind.CREDIT_ORDER:
        area = _area(case, "credit_orders", "credit_order_area", AreaType.OUT)
        return [(area, sorted(needed))] if area else []
    targets: list[tuple[str, list[bool]]] = []
    for negative, setting, column, kind in (
        (False, "returned", "returned_area", AreaType.STOCK),
        (True, "sold", "sold_area", AreaType.OUT),
    ):
        if negative in needed:
            area = _area(case, setting, column, kind)
            if not area:
                raise _CannotBookError(
                    f"no stock area for {setting} goods is set: set station.stock_areas.{setting}, "
                    f"or {column} of the location or of the default location",
                )
            targets.append((area, [negative]))
    return targets


def _area(case: Case, setting: str, column: str, kind: AreaType) -> str:
    """D3: the station's setting, else the location's, else the default location's; empty: none is set."""
    sources = [(_setting(case.settings.stock_areas, setting), f"station.stock_areas.{setting}")]
    sources += [
        (_column(location, column), f"{column} of location {location.code}")
        for location in (case.home(), case.books.location(""))
        if location is not None
    ]
    code, source = next(((code, source) for code, source in sources if code), ("", ""))
    if not code:
        return ""
    area = case.books.stock_area(code)
    if area is None:
        raise _CannotBookError(f"stock area {code} for {setting} is unknown: correct {source}")
    if area.type is not kind:
        raise _CannotBookError(
            f"stock area {code} for {setting} is of type {area.type}, not of type {kind}: correct {source}",
        )
    return code


def _setting(settings: AreaSettings, name: str) -> str:
    return {
        "returned": settings.returned,
        "sold": settings.sold,
        "credit_orders": settings.credit_orders,
    }[name]


def _column(location: Location, name: str) -> str:
    return {
        "returned_area": location.returned_area,
        "sold_area": location.sold_area,
        "credit_order_area": location.credit_order_area,
    }[name]


def cancel_document(case: Case, number: str) -> None:
    """D4: the office cancels a document; its serial numbers are free again."""
    document = case.books.lock_document(number)
    if document is None:
        case.refuse_command(f"document {number} is unknown")
        return
    if document.status is not Status.OPEN:
        case.refuse_command(f"document {number} is {document.status}")
        return
    session = case.standing.session
    released = case.books.release(number, case.source.at, case.standing.operator)
    case.books.set_status(number, Status.CANCELLED)
    case.events.append(DocumentCancelled(number, released))
    if session is not None and session.document.number == number:
        end_session(case, session, "cancelled")

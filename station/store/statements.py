"""The statements of the scan path, written once for every database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    not_,
    null,
    select,
    tuple_,
    union_all,
    update,
)

from station.store.prepared import insert_or_skip
from station.store.tables import (
    attachments,
    documents,
    generated_numbers,
    history,
    items,
    lines,
    locations,
    moves,
    number_series,
    operators,
    posts,
    questions,
    serial_numbers,
    sessions,
    stations,
    stock_areas,
)

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, ColumnElement, Dialect, Select, Table

P = bindparam

# A constant in the text, not a parameter: only then can the planner use the partial index.
_OPEN: ColumnElement[str] = literal_column("'open'")


def _values(table: Table, **given: Any) -> dict[str, Any]:
    """A parameter for each column, but for those given as an expression."""
    return {column.name: P(column.name) for column in table.columns} | given


def _next(table: Table) -> Any:
    """The station's next number in a table, without gaps."""
    return (
        select(func.coalesce(func.max(table.c.number), 0) + 1)
        .where(table.c.station == P("station"))
        .scalar_subquery()
    )


def _units() -> Select[Any]:
    held = attachments
    return (
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.mfr_serial_number,
            serial_numbers.c.item,
            items.c.description,
            items.c.tracking,
            serial_numbers.c.stock_area,
            stock_areas.c.type,
            stock_areas.c.location,
            held.c.document,
        )
        .join(items, items.c.code == serial_numbers.c.item)
        .join(stock_areas, stock_areas.c.code == serial_numbers.c.stock_area)
        .outerjoin(
            held,
            and_(
                held.c.serial_number == serial_numbers.c.serial_number,
                held.c.item == serial_numbers.c.item,
                held.c.document_status == _OPEN,
            ),
        )
        .order_by(serial_numbers.c.serial_number, serial_numbers.c.item)
    )


def _between() -> ColumnElement[bool]:
    column = serial_numbers.c.serial_number
    return and_(
        column > P("after"),
        column >= P("first"),
        column <= P("last"),
        func.length(column) == func.length(P("first")),
        serial_numbers.c.item == P("item"),
    )


def units_by(field: str, *, fold: bool, gtin: bool, document: bool, item: bool = False) -> ClauseElement:
    """Units that bear a number in one of their two fields (R2); of a GTIN, item, document where asked."""
    column = serial_numbers.c.serial_number if field == "serial" else serial_numbers.c.mfr_serial_number
    bears = func.lower(column) == P("number") if fold else column == P("number")
    statement = _units().where(bears).limit(P("limit"))
    if gtin:
        statement = statement.where(items.c.gtin == P("gtin"))
    if item:
        statement = statement.where(serial_numbers.c.item == P("item"))
    if document:
        statement = statement.where(attachments.c.document == P("document"))
    return statement


def _of_document(*, negative: bool) -> ColumnElement[bool]:
    sign = lines.c.negative if negative else not_(lines.c.negative)
    return and_(attachments.c.document == P("document"), sign)


def _on_line() -> ColumnElement[bool]:
    return and_(lines.c.document == attachments.c.document, lines.c.number == attachments.c.line)


def moves_of(event: str, signs: tuple[bool, ...], to_area: Any) -> ClauseElement:
    """A row of serial number history for each unit of the document that changes area, or is released."""
    rows = [
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.item,
            serial_numbers.c.stock_area,
        )
        .join(
            attachments,
            and_(
                attachments.c.serial_number == serial_numbers.c.serial_number,
                attachments.c.item == serial_numbers.c.item,
            ),
        )
        .join(lines, _on_line())
        .where(_of_document(negative=negative))
        for negative in signs
    ]
    unit = (union_all(*rows) if len(rows) > 1 else rows[0]).subquery("unit")
    number = func.row_number().over(order_by=[unit.c.serial_number, unit.c.item])
    source = select(
        P("station", type_=Text),
        _next(moves) - 1 + number,
        P("at", type_=Text),
        P("document", type_=Text),
        literal(event),
        unit.c.serial_number,
        unit.c.item,
        unit.c.stock_area,
        unit.c.stock_area if to_area is None else to_area,
        P("operator", type_=Text),
    )
    if to_area is not None:
        source = source.where(unit.c.stock_area != to_area)
    columns = [column.name for column in moves.columns]
    return insert(moves).from_select(columns, source)


def rebook(*, negative: bool) -> ClauseElement:
    """The units of the document's lines of one sign are in another area now (D3)."""
    keys = (
        select(attachments.c.serial_number, attachments.c.item)
        .join(lines, _on_line())
        .where(_of_document(negative=negative))
    )
    return (
        update(serial_numbers)
        .where(tuple_(serial_numbers.c.serial_number, serial_numbers.c.item).in_(keys))
        .values(stock_area=P("area"))
    )


def all_statements(dialect: Dialect) -> dict[str, ClauseElement]:
    """Every statement of the scan path by its name."""
    return {
        **_of_the_station(dialect),
        **_of_places(),
        **_of_documents(),
        **_of_units(),
        **_of_generating(dialect),
        **_of_attachments(dialect),
        **_of_booking(),
    }


def _of_the_station(dialect: Dialect) -> dict[str, ClauseElement]:
    """The station, its session and its question."""
    its_station = stations.c.name == P("station")
    return {
        "know_station": insert_or_skip(stations, dialect).values(name=P("station")),
        "standing": (
            select(
                stations.c.operator,
                stations.c.mode,
                stations.c.range_first,
                stations.c.range_item,
                sessions.c.number,
                sessions.c.document,
                documents.c.kind,
                documents.c.customer,
                documents.c.location,
                documents.c.status,
                questions.c.body,
            )
            .outerjoin(
                sessions,
                and_(sessions.c.station == stations.c.name, sessions.c.ended_at.is_(None)),
            )
            .outerjoin(documents, documents.c.number == sessions.c.document)
            .outerjoin(questions, questions.c.station == stations.c.name)
            .where(its_station)
        ),
        "set_mode": update(stations)
        .where(its_station)
        .values(mode=P("mode"), range_first=P("range_first"), range_item=P("range_item")),
        "set_operator": update(stations).where(its_station).values(operator=P("code")),
        "operator_name": select(operators.c.name).where(operators.c.code == P("code")),
        "begin_session": insert(sessions)
        .values(_values(sessions, number=_next(sessions), ended_at=null(), ended_why=null()))
        .returning(sessions.c.number),
        "end_session": update(sessions)
        .where(sessions.c.station == P("station"), sessions.c.number == P("session"))
        .values(ended_at=P("at"), ended_why=P("why")),
        "put_question": insert(questions).values(_values(questions)),
        "drop_question": delete(questions).where(questions.c.station == P("station")),
        "mark": update(stations).where(its_station).values(last_entry=P("id")),
        "marked": select(stations.c.last_entry).where(its_station),
    }


def _of_places() -> dict[str, ClauseElement]:
    """Locations and stock areas."""
    return {
        "location": select(
            locations.c.code,
            locations.c.returned_area,
            locations.c.sold_area,
            locations.c.credit_order_area,
        ).where(locations.c.code == P("code")),
        "default_location": select(
            locations.c.code,
            locations.c.returned_area,
            locations.c.sold_area,
            locations.c.credit_order_area,
        ).where(locations.c.is_default),
        "stock_area": select(stock_areas.c.code, stock_areas.c.type, stock_areas.c.location).where(
            stock_areas.c.code == P("code"),
        ),
    }


def _of_documents() -> dict[str, ClauseElement]:
    """Documents and their lines."""
    line = (
        lines.c.document,
        lines.c.number,
        lines.c.item,
        lines.c.requested,
        lines.c.negative,
        lines.c.added,
    )
    its_lines = and_(lines.c.document == P("document"), lines.c.item == P("item"))
    return {
        "document": select(
            documents.c.number,
            documents.c.kind,
            documents.c.customer,
            documents.c.location,
            documents.c.status,
        ).where(documents.c.number == P("number")),
        "lock_document": select(documents.c.number)
        .where(documents.c.number == P("number"))
        .with_for_update(),
        "set_status": update(documents).where(documents.c.number == P("number")).values(status=P("status")),
        "lines": select(*line).where(its_lines).order_by(lines.c.number),
        "lock_lines": select(lines.c.number).where(its_lines).order_by(lines.c.number).with_for_update(),
        "counted_lines": (
            select(*line, func.count(attachments.c.serial_number))
            .outerjoin(attachments, _on_line())
            .where(its_lines)
            .group_by(*line)
            .order_by(lines.c.number)
        ),
        "add_line": insert(lines)
        .values(
            _values(
                lines,
                number=select(func.coalesce(func.max(lines.c.number), 0) + 1)
                .where(lines.c.document == P("document"))
                .scalar_subquery(),
                requested=0,
                added=True,
            ),
        )
        .returning(lines.c.number),
        "drop_line_if_empty": delete(lines).where(
            lines.c.document == P("document"),
            lines.c.number == P("line"),
            lines.c.added,
            ~exists().where(_on_line()).correlate(lines),
        ),
    }


def _of_units() -> dict[str, ClauseElement]:
    """Items, and units by their key and by ranges; by number see `units_by`."""
    item = (items.c.code, items.c.description, items.c.gtin, items.c.tracking)
    return {
        "item": select(*item).where(items.c.code == P("item")),
        "item_of_gtin": select(*item).where(items.c.gtin == P("gtin")),
        "unit": _units().where(
            serial_numbers.c.serial_number == P("serial_number"),
            serial_numbers.c.item == P("item"),
        ),
        "units_between": _units().where(_between()).limit(P("limit")),
    }


def _of_generating(dialect: Dialect) -> dict[str, ClauseElement]:
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
        "add_unit": insert(serial_numbers).values(_values(serial_numbers, mfr_serial_number=null())),
        "add_generated": insert(generated_numbers).values(_values(generated_numbers)),
    }


def _of_attachments(dialect: Dialect) -> dict[str, ClauseElement]:
    """Attachments and the history that goes with them."""
    is_mine = and_(
        attachments.c.document == P("document"),
        attachments.c.serial_number == P("serial_number"),
        attachments.c.item == P("item"),
    )
    attachment = (
        attachments.c.document,
        attachments.c.line,
        attachments.c.serial_number,
        attachments.c.item,
    )
    return {
        "attach": insert_or_skip(attachments, dialect).values(
            _values(attachments, document_status="open"),
        ),
        "detach": delete(attachments).where(is_mine),
        "attachment": select(*attachment).where(is_mine),
        "last_attachment": (
            select(*attachment)
            .join(history, history.c.id == attachments.c.history_id)
            .where(
                attachments.c.document == P("document"),
                history.c.station == P("station"),
                history.c.session == P("session"),
            )
            .order_by(history.c.number.desc())
            .limit(1)
        ),
        "record": insert(history).values(_values(history, number=_next(history))),
        "is_applied": select(history.c.number).where(history.c.id == P("id")),
        "remember": insert(posts).values(_values(posts)),
        "remembered": select(posts.c.asked, posts.c.told).where(posts.c.id == P("id")),
    }


def _of_booking() -> dict[str, ClauseElement]:
    """Saving and cancelling (D3, D4)."""
    return {
        "signs": select(lines.c.negative)
        .join(attachments, _on_line())
        .where(attachments.c.document == P("document"))
        .distinct(),
        "book_regular": moves_of("Booked", (False,), P("area", type_=Text)),
        "book_negative": moves_of("Booked", (True,), P("area", type_=Text)),
        "rebook_regular": rebook(negative=False),
        "rebook_negative": rebook(negative=True),
        "release_moves": moves_of("Released", (False, True), None),
        "release": delete(attachments).where(attachments.c.document == P("document")),
    }

"""Finds or makes the document for a unit that is scanned while none is open (M8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station import patterns
from station.i18n.messages import OR, listed, msg, msg_count
from station.outcomes import Action
from station.questions import Mode, Question, QuestionKind
from station.rules import documents, judge, scanning
from station.rules.asking import candidate
from station.rules.lookup import MAX_BEARERS, find, narrowed, only_item, why_unknown
from station.rules.model import AreaType, Document, DocumentKind, LabelQuery, Status
from station.rules.numbering import Series

if TYPE_CHECKING:
    from station.questions import PendingSerials
    from station.rules.context import Context
    from station.rules.model import Unit

MAX_DOCUMENTS = 20
"""More can't be chosen from."""


def scan(context: Context, query: LabelQuery) -> None:
    """Handle a label while no document is open (R1, M8)."""
    if context.state.mode is Mode.NEW:
        _take_unannounced(context, query)
    elif context.preferences.open_by_unit:
        _open_by_unit(context, query)
    else:
        context.refuse(judge.NO_DOCUMENT)


def open_and_take(context: Context, number: str, label: PendingSerials) -> None:
    """Open a document and retrieve a label's units onto it."""
    document = context.repository.document(number)
    if document is None:
        context.refuse(msg("document {document} is unknown", document=number))
    elif reason := documents.cannot_open(context, document):
        context.refuse(reason)
    else:
        documents.begin_session(context, number)
        context.state = context.repository.state()
        scanning.process(context, label)


def _open_by_unit(context: Context, query: LabelQuery) -> None:
    """Open the document that a unit is for; a label with several serial numbers follows its first one."""
    wanted = narrowed(context, query)
    units = [] if isinstance(wanted, str) else _units(context, wanted)
    found = _documents_for(context, units)
    if isinstance(wanted, str) or not found:
        context.refuse(judge.NO_DOCUMENT)
    elif len(found) > MAX_DOCUMENTS:
        context.refuse(
            msg_count(
                "more than {count} document may be meant: scan the document's number first",
                "more than {count} documents may be meant: scan the document's number first",
                MAX_DOCUMENTS,
            )
        )
    elif len(found) == 1:
        open_and_take(context, found[0], scanning.pending(context, wanted, Mode.ATTACH))
    else:
        _ask_which(context, wanted, units, found)


def _ask_which(context: Context, wanted: LabelQuery, units: list[Unit], found: list[str]) -> None:
    context.rest = scanning.pending(context, wanted, Mode.ATTACH)
    context.raise_question(
        Question(
            kind=QuestionKind.DOCUMENT,
            text=msg(
                "{number} may be for {documents_list}. Which document is it?",
                number=wanted.serials[0],
                documents_list=listed(found, OR),
            ),
            document="",
            source=context.source,
            mode=Mode.ATTACH,
            candidates=(candidate(units[0]),) if len(units) == 1 else (),
            documents=tuple(found),
        )
    )


def _units(context: Context, wanted: LabelQuery) -> list[Unit]:
    """Return the units that bear the label's first number (R2)."""
    if not wanted.serials:
        return []
    units = find(context, wanted.serials[0], wanted, context.preferences.lookup)
    return units if len(units) <= MAX_BEARERS else []


def _documents_for(context: Context, units: list[Unit]) -> list[str]:
    """Return the documents that expect one of these units, else those of its customer that lack its item."""
    repository, most = context.repository, MAX_DOCUMENTS + 1
    expecting = [
        document
        for unit in units
        for document in repository.documents_expecting(unit.serial_number, unit.item, most)
    ]
    return _openable(context, expecting) or _openable(
        context,
        [
            document
            for unit in units
            # A unit that is on a document is for no other one.
            if unit.customer and unit.attached_to is None
            for document in repository.documents_of_customer(unit.customer, unit.item, most)
        ],
    )


def _openable(context: Context, found: list[Document]) -> list[str]:
    return sorted({each.number for each in found if documents.cannot_open(context, each) is None})


def _take_unannounced(context: Context, query: LabelQuery) -> None:
    """Make a credit memo for the customer of a unit, and retrieve it; until then the mode stays."""
    wanted = narrowed(context, query) if query.serials else only_item(context, query)
    if isinstance(wanted, str):
        context.refuse(wanted)
        return
    units = _units(context, wanted)
    if not units:
        context.refuse(why_unknown(context, wanted.serials[0], wanted, context.preferences.lookup))
        return
    home_code = context.home_code()
    turned_away = [judge.turned_away(unit, home_code, context.preferences) for unit in units]
    free = [unit for unit, rejection in zip(units, turned_away, strict=True) if rejection is None]
    coming_back = [unit for unit in free if unit.area_type is AreaType.OUT]
    customers = {unit.customer for unit in coming_back}
    if not free:
        first = next(each for each in turned_away if each is not None)
        context.record(first.action, first.reason, units[0])
    elif not coming_back:
        context.record(Action.REFUSED, judge.NOT_OUT, free[0])
    elif len(customers) > 1:
        context.refuse(msg("units of several customers bear this number: scan the unit's other number"))
    else:
        _make_and_take(context, customers.pop(), scanning.pending(context, wanted, Mode.ATTACH))


def _make_and_take(context: Context, customer: str, label: PendingSerials) -> None:
    made = _made(context, customer)
    if isinstance(made, str):
        context.refuse(made)
        return
    context.change_mode(Mode.ATTACH)
    open_and_take(context, made.number, label)


def _made(context: Context, customer: str) -> Document | str:
    """Store a new credit memo, or return why there is none."""
    home, generate = context.home(), context.settings.generate
    if home is None:
        return msg("the station's location is unknown: set station.location to the code of a location")
    series = Series(generate.document_prefix, generate.document_digits)
    if not patterns.linear(context.preferences.document_pattern).fullmatch(series.text(0)):
        return msg(
            "a document's number like {sample} would not be read as one: set generate.document_prefix",
            sample=series.text(0),
        )
    number = context.repository.last_number(series.prefix) + 1
    while context.repository.document(series.text(number)) is not None:
        number += 1
    if number > series.highest:
        return msg(
            "the documents' numbers {first} to {last} are used up: set generate.document_prefix",
            first=series.text(0),
            last=series.text(series.highest),
        )
    document = Document(
        series.text(number),
        DocumentKind.CREDIT_MEMO,
        customer,
        home.code,
        Status.OPEN,
        unannounced=True,
    )
    context.repository.add_document(document, series.prefix, number)
    return document

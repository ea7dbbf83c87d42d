"""The context in which the rules process one entry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from msgspec import structs

from station.errors import StationError
from station.events import (
    CommandRefused,
    DomainEvent,
    HistoryAdded,
    ModeChanged,
    QuantityNotUsed,
    QuestionRaised,
)
from station.history import HistoryRow
from station.i18n.messages import escape_unprintable, msg, msg_count
from station.outcomes import Action
from station.questions import Upcoming
from station.rules import judge
from station.rules.model import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.config.settings import Preferences, RuleSettings
    from station.questions import Mode, PendingSerials, Question
    from station.rules.model import Location, Session, StationState, Unit
    from station.rules.ports import Repository
    from station.source import Source

_TAKEN = {Action.ASSIGNED, Action.ADDED, Action.NEGATIVE, Action.COUNTED}
"""Actions that put something onto the document."""


@dataclass(slots=True)
class Context:
    """One entry, the station's state, and the events so far."""

    repository: Repository
    settings: RuleSettings
    source: Source
    state: StationState
    new_id: Callable[[], str]
    events: list[DomainEvent] = field(default_factory=list)
    rest: PendingSerials | None = None
    """If the label has several serial numbers: the current one and those that follow."""
    declined: str = judge.DECLINED
    """The reason for what a No refuses."""
    is_asked: bool = False
    """Whether a question was raised, which must be answered first."""
    _rows: int = 0
    _receipt: int | None = None
    _has_used_upcoming: bool = False

    @property
    def preferences(self) -> Preferences:
        """The company's preferences; on a document that nobody announced, no item is a surprise (M8)."""
        session = self.state.session
        if session is not None and session.document.unannounced:
            return structs.replace(self.settings.preferences, prompt_when_not_on_document=False)
        return self.settings.preferences

    @property
    def session(self) -> Session:
        """The open session.

        Raises:
            StationError: there is none, although callers check that (R1).
        """
        if self.state.session is None:
            raise StationError("no document is open")
        return self.state.session

    @property
    def operator(self) -> str | None:
        """Who acts: the program that posted this, otherwise the operator at work here (D5)."""
        return self.source.program or self.state.operator

    def home(self) -> Location | None:
        """Return the logged-in location: the configured one, otherwise the default one."""
        return self.repository.location(self.settings.station.location)

    def home_code(self) -> str:
        """Return its code; the configured one if the database doesn't know it."""
        if not self.preferences.own_location_only:
            return self.settings.station.location
        home = self.home()
        return home.code if home else self.settings.station.location

    def next_row_id(self) -> str:
        """Return the id of the next row: an entry's first row has the entry's id (I4)."""
        return self.source.id if self._rows == 0 else self.new_id()

    def record(  # noqa: PLR0913 - each becomes a part of the row or its event
        self,
        action: Action,
        reason: str | None = None,
        unit: Unit | None = None,
        row_id: str | None = None,
        *,
        note: str | None = None,
        quantity: int = 1,
        details: Upcoming | None = None,
        too_many: int = 0,
    ) -> None:
        """Add a row of history and its event; `too_many`: as in `events.HistoryAdded`.

        `details`: the reason and the condition; None: those scanned for this unit, if it is taken (M7).
        """
        session, is_next = self.state.session, details is None and action in _TAKEN
        if details is None:
            details = self.state.upcoming if is_next else Upcoming()
        row = HistoryRow(
            id=row_id or self.next_row_id(),
            at=self.source.at,
            station=self.settings.station.name,
            session=session.number if session else None,
            document=session.document.number if session else None,
            action=action,
            reason=escape_unprintable(reason) if reason else None,
            serial_number=(unit.serial_number or None) if unit else None,
            mfr_serial_number=unit.mfr_serial_number if unit else None,
            item=unit.item if unit else None,
            description=unit.description if unit else None,
            # A unit without a number is not in an area yet.
            stock_area=unit.area if unit and unit.serial_number else None,
            operator=self.operator,
            scanner=self.source.scanner,
            text=self.source.text,
            note=escape_unprintable(note) if note else None,
            quantity=quantity,
            reason_code=details.reason_code,
            condition=details.condition,
            receipt=self._next_receipt(),
        )
        self._rows += 1
        self.repository.record(row)
        self.events.append(HistoryAdded(row, too_many))
        if is_next:
            self._use_upcoming(row)

    def _use_upcoming(self, row: HistoryRow) -> None:
        """Forget what was scanned for this unit; it still holds for the others of the same entry."""
        upcoming = self.state.upcoming
        if self._has_used_upcoming or upcoming == Upcoming():
            return
        self._has_used_upcoming = True
        self.repository.set_upcoming(Upcoming())
        if upcoming.quantity is not None and row.action is not Action.COUNTED:
            self.events.append(QuantityNotUsed(upcoming.quantity, row.serial_number or ""))

    def _next_receipt(self) -> int | None:
        """Return the receipt that the row is for, if a part of the document is booked already (D7)."""
        session = self.state.session
        if session is None or session.document.status is not Status.BACKORDER:
            return None
        if self._receipt is None:
            self._receipt = self.repository.next_receipt(session.document.number)
        return self._receipt

    def refuse(self, reason: str, unit: Unit | None = None) -> None:
        """Record that nothing changed, and why."""
        self.record(Action.REFUSED, reason, unit)

    def refuse_command(self, reason: str) -> None:
        """Refuse a command."""
        self.events.append(CommandRefused(self.source.text, escape_unprintable(reason)))

    def which(self, reason: str) -> str:
        """Add the serial number to a reason if the label has several: the row's text is all of them."""
        if not (self.rest and self.rest.number):
            return reason
        return msg("{reason_text}: {number}", reason_text=reason, number=self.rest.number)

    def raise_question(self, question: Question) -> None:
        """Raise a question, which stays open until it is answered (P1)."""
        text, waiting = (
            escape_unprintable(question.text),
            len(self.rest.serials) if self.rest and self.rest.number else 0,
        )
        if waiting:
            text = msg_count(
                "{question_text} ({count} more on this label)",
                "{question_text} ({count} more on this label)",
                waiting,
                question_text=text,
            )
        question = replace(question, text=text, rest=self.rest)
        self.is_asked = True
        self.repository.put_question(question)
        self.events.append(QuestionRaised(question))

    def change_mode(self, mode: Mode, range_first: str = "", range_item: str = "") -> None:
        """Set what the next serial number is for."""
        if mode is not self.state.mode or range_first != self.state.range_first:
            self.repository.set_mode(mode, range_first, range_item)
            self.events.append(ModeChanged(mode))

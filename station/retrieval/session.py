"""The station's use cases: the one door through which an entry reaches the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import HistoryAsked, Mode, OperatorChanged
from station.retrieval import answering, documents, generating, rules, scanning
from station.retrieval.case import Case
from station.retrieval.model import Sought, Status
from station.saying import say
from station.settings import GenerateSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.events import DomainEvent, Source
    from station.retrieval.model import Standing
    from station.retrieval.ports import Books
    from station.settings import Preferences, StationSettings


class Retrieval:
    """Works off one entry at a time, inside the caller's transaction.

    Each method returns what happened; nobody may be told before the transaction is committed.
    """

    def __init__(
        self,
        books: Books,
        settings: StationSettings,
        preferences: Preferences,
        new_id: Callable[[], str],
        numbering: GenerateSettings = GenerateSettings(),  # noqa: B008 - frozen
    ) -> None:
        """`numbering`: what generated serial numbers look like."""
        self._books = books
        self._settings = settings
        self._preferences = preferences
        self._new_id = new_id
        self._numbering = numbering

    def take_over(
        self, settings: StationSettings, preferences: Preferences, numbering: GenerateSettings
    ) -> None:
        """Go by these from the next entry on; a question that stands goes on standing."""
        self._settings, self._preferences, self._numbering = settings, preferences, numbering

    def standing(self) -> Standing:
        """How the station stands."""
        return self._books.standing()

    def scan(self, source: Source, sought: Sought) -> list[DomainEvent]:
        """A label was read or typed: serial numbers, mostly one (R1 to R10, M1 to M5, P2)."""
        case = self._case(source)
        question = case.standing.question
        if question is None:
            scanning.scan(case, sought)
        else:
            answering.scanned_meanwhile(case, question, sought)
        return case.events

    def answer(self, source: Source, *, yes: bool, said: str | None = None) -> list[DomainEvent]:
        """YES or NO (P1); the time limit answers No (P4)."""
        case = self._case(source)
        if case.standing.question is not None:
            answering.answer(case, case.standing.question, yes=yes, said=said or ("yes" if yes else "no"))
        elif said is None:
            # When only the time is up, nobody has said anything.
            case.refuse_command(say("there is no question to answer"))
        return case.events

    def cancel(self, source: Source) -> list[DomainEvent]:
        """CANCEL: No to a question, else back to single serial numbers."""
        case = self._case(source)
        if case.standing.question is not None:
            answering.answer(case, case.standing.question, yes=False, said="no")
        elif case.standing.mode is not Mode.ATTACH:
            case.change_mode(Mode.ATTACH)
        else:
            case.refuse_command(say("there is nothing to cancel"))
        return case.events

    def choose(self, source: Source, place: str) -> list[DomainEvent]:
        """A place on the list of a choice, from 1 (R3)."""
        case = self._case(source)
        if case.standing.question is None:
            case.refuse_command(rules.NO_CHOICE)
        else:
            answering.choose_by_place(case, case.standing.question, place)
        return case.events

    def set_mode(self, source: Source, mode: Mode) -> list[DomainEvent]:
        """RANGE, MFG, DETACH, GENERATE: what the next scan is for."""
        case = self._case(source)
        if self._is_free(case, needs_document=True):
            case.change_mode(mode)
        return case.events

    def generate(self, source: Source, item: str) -> list[DomainEvent]:
        """GENERATE with an item's code or GTIN, as good as a scan: it gets a row of its own (M5, R1, P2)."""
        case = self._case(source)
        question = case.standing.question
        if question is not None:
            answering.scanned_meanwhile(case, question, Sought(()))
        elif case.standing.session is None:
            case.refuse(rules.NO_DOCUMENT)
        else:
            generating.named(case, item)
        return case.events

    def undo(self, source: Source) -> list[DomainEvent]:
        """UNDO: take off what this session attached last (M4)."""
        case = self._case(source)
        if self._is_free(case, needs_document=True):
            last = self._books.last_attachment(case.session.document.number, case.session.number)
            unit = self._books.unit(last.serial_number, last.item) if last else None
            if unit is None:
                case.refuse_command(say("there is nothing to undo"))
            else:
                scanning.detach(case, unit)
        return case.events

    def open(self, source: Source, number: str) -> list[DomainEvent]:
        """A document's number (D1, R11)."""
        case = self._case(source)
        if self._is_free(case):
            documents.open_document(case, number)
        return case.events

    def close(self, source: Source) -> list[DomainEvent]:
        """CLOSE (D2)."""
        case = self._case(source)
        if self._is_free(case):
            documents.close(case)
        return case.events

    def save(self, source: Source) -> list[DomainEvent]:
        """SAVE (D3)."""
        case = self._case(source)
        if self._is_free(case):
            documents.save(case)
        return case.events

    def cancel_document(self, source: Source, number: str) -> list[DomainEvent]:
        """The office cancels a document (D4)."""
        case = self._case(source)
        if self._is_free(case):
            documents.cancel_document(case, number)
        return case.events

    def badge(self, source: Source, code: str) -> list[DomainEvent]:
        """An operator's badge (D5)."""
        case = self._case(source)
        if self._is_free(case):
            name = self._books.operator_name(code)
            if name is None:
                case.refuse_command(say("badge {code} is unknown", code=code))
            else:
                self._books.set_operator(code)
                case.events.append(OperatorChanged(code, name))
        return case.events

    def show_history(self, source: Source) -> list[DomainEvent]:
        """HISTORY: changes nothing, so it needs no answer first."""
        case = self._case(source)
        case.events.append(HistoryAsked())
        return case.events

    def refuse_command(self, source: Source, reason: str) -> list[DomainEvent]:
        """A command that is none."""
        case = self._case(source)
        case.refuse_command(reason)
        return case.events

    def _case(self, source: Source) -> Case:
        """How things stand; a session whose document was booked or cancelled elsewhere ends now."""
        standing = self._books.standing()
        case = Case(
            self._books,
            self._settings,
            self._preferences,
            self._numbering,
            source,
            standing,
            self._new_id,
        )
        session = standing.session
        if session is not None and session.document.status is not Status.OPEN:
            documents.end_session(case, session, str(session.document.status))
            case.standing = self._books.standing()
        return case

    def _is_free(self, case: Case, *, needs_document: bool = False) -> bool:
        """P2: nothing else while a question stands; and some commands need a document (R1)."""
        if case.standing.question is not None:
            case.refuse_command(rules.ANSWER_FIRST)
        elif needs_document and case.standing.session is None:
            case.refuse_command(rules.NO_DOCUMENT)
        else:
            return True
        return False

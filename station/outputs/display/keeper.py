"""Keeps what displays show: the session's entries in memory; everything else is read on request."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import TYPE_CHECKING

from msgspec.structs import replace

from station.config.settings import Preferences
from station.errors import DatabaseError
from station.events import (
    DatabaseChanged,
    DocumentCancelled,
    DocumentReopened,
    DocumentSaved,
    HistoryAdded,
    HistoryAsked,
    LabelRead,
    ModeChanged,
    QuestionAnswered,
    RangeRetrieved,
    Reconfigured,
    ScannerChanged,
    ScannerState,
    ScanRejected,
    SessionClosed,
    SessionOpened,
    UpcomingChanged,
)
from station.labels.commands import Command, Signing
from station.outcomes import Tone
from station.outputs.display.changes import Changes
from station.outputs.display.messages import MODES, sentence
from station.outputs.display.state import (
    CodeShown,
    DatabaseShown,
    DisplayState,
    LabelShown,
    NoticeShown,
    OperatorShown,
    ScannerShown,
    StepShown,
    document_shown,
    entry_shown,
    lines_shown,
    question_shown,
    upcoming_shown,
)
from station.questions import Mode
from station.rules.model import StationState, Status
from station.rules.progress import progress
from station.source import now, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from station.events import Event
    from station.history import HistoryRow
    from station.labels.explain import Step
    from station.outputs.display.ports import Sight, StateReader
    from station.outputs.display.state import DocumentShown, EntryShown
    from station.rules.model import Document

ENTRIES = 500
"""Entries of the session that are shown by default."""
ENTRIES_MOST = 1000
"""The most entries of the session that are shown; the database has them all."""
_DEFAULTS = Preferences()
_NOTHING = StationState(operator=None, mode=Mode.ATTACH, range_first="", session=None, question=None)


class DisplayStateKeeper:
    """Knows what displays show. The desk's thread passes events; other threads call `state`."""

    def __init__(  # noqa: PLR0913 - what it shows comes from many places
        self,
        reader: StateReader,
        station: str,
        location: str,
        scanners: Iterable[str] = (),
        *,
        clock: Callable[[], datetime] = now,
        preferences: Preferences = _DEFAULTS,
        explain: Callable[[LabelRead], Sequence[Step]] = lambda _label: (),
    ) -> None:
        """Take the parts.

        `scanners`: the configured names; they count as disconnected until their first event.
        `preferences`: determine which commands can be given, and whether their codes are signed.
        `explain`: returns how a label was read.
        """
        self._preferences = preferences
        self._explain = explain
        self._label: LabelRead | ScanRejected | None = None
        self.changes = Changes()
        self._reader = reader
        self._station = station
        self._location = location
        self._preferences = preferences
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: deque[EntryShown] = deque(maxlen=ENTRIES_MOST)
        self._counts: Counter[str] = Counter()
        self._scanners = {name: self._scanner(name, ScannerState.DISCONNECTED, "") for name in scanners}
        self._notice: NoticeShown | None = None
        self._is_upcoming_noticed = False
        self._booked = ""
        self._history_asked = 0
        self._desk_database = DatabaseShown(ok=True, detail="")
        self._read_database = DatabaseShown(ok=True, detail="")
        self._sight: Sight | None = None
        self._composed: tuple[Sight | None, DisplayState] | None = None
        self._is_loaded = False
        self._look()

    @property
    def database(self) -> DatabaseShown:
        """Whether the database can be used, as last seen."""
        return self._desk_database if not self._desk_database.ok else self._read_database

    @property
    def newest(self) -> int:
        """The number of the station's newest history row, as last seen."""
        return self._sight.newest if self._sight else 0

    def on_event(self, event: Event) -> None:
        """Take note of an event; never waits, never raises."""
        with self._lock:
            self._note(event)
        self.changes.add()

    def _note(self, event: Event) -> None:
        match event:
            case HistoryAdded(row):
                self._add(row)
            case ScanRejected():
                self._label = event
                self._add(event)
            case LabelRead():
                self._label = event
            case ScannerChanged(scanner, state, detail):
                self._scanners[scanner] = self._scanner(scanner, state, detail)
            case Reconfigured():
                self._reconfigure(event)
            case DatabaseChanged(ok, detail):
                self._desk_database = DatabaseShown(ok=ok, detail=detail)
            case HistoryAsked():
                self._history_asked += 1
            case _:
                self._notify(event)

    def _reconfigure(self, event: Reconfigured) -> None:
        """Show the scanners of the new configuration, in its order."""
        self._location = event.settings.station.location
        self._preferences = event.settings.preferences
        known = self._scanners
        self._scanners = {
            name: known.get(name) or self._scanner(name, ScannerState.DISCONNECTED, "")
            for name in event.scanners
        }

    def _add(self, row: HistoryRow | ScanRejected) -> None:
        entry = entry_shown(row)
        self._entries.appendleft(entry)
        self._counts[entry.action] += 1
        self._notice = None

    def _notify(self, event: Event) -> None:
        """Show an event that is not an entry of the list as the notice; it may clear the list (D2)."""
        if isinstance(event, SessionClosed | SessionOpened):
            self._entries.clear()
            self._counts.clear()
        if isinstance(event, DocumentSaved | DocumentCancelled | DocumentReopened):
            self._booked = event.document
        elif isinstance(event, SessionClosed) and event.document == self._booked:
            # The notice of the saving says more than that of the session's end.
            self._booked = ""
            return
        if isinstance(event, RangeRetrieved) and event.is_whole:
            # The counts of its rows say as much.
            return
        if self._is_over(event):
            self._notice = None
        if notice := sentence(event):
            self._notice = NoticeShown(text=notice[0], tone=notice[1], at=timestamp(self._clock()))
            self._is_upcoming_noticed = isinstance(event, UpcomingChanged)

    def _is_over(self, event: Event) -> bool:
        """Whether the event makes the notice obsolete."""
        if self._notice is None:
            return False
        if isinstance(event, ModeChanged):
            return self._notice.text in MODES.values()
        if isinstance(event, UpcomingChanged):
            return self._is_upcoming_noticed
        return isinstance(event, QuestionAnswered) and self._notice.tone is Tone.QUESTION

    def _scanner(self, name: str, state: ScannerState, detail: str) -> ScannerShown:
        return ScannerShown(name=name, state=state, detail=detail, since=timestamp(self._clock()))

    def state(self, entries: int = ENTRIES) -> DisplayState:
        """Return all that a display shows; composed again only after a change or a write to the database.

        `entries`: the most entries of the session.
        """
        version, sight = self._look()
        seen, state = self._composed or (None, None)
        if state is None or seen is not sight or (state.version, state.database) != (version, self.database):
            state = self._compose(version, sight)
            self._composed = sight, state
        return replace(state, history=state.history[:entries])

    def _compose(self, version: int, sight: Sight | None) -> DisplayState:
        state = sight.state if sight else _NOTHING
        session = state.session
        with self._lock:
            shown, counts, scanners = (
                tuple(self._entries),
                dict(self._counts),
                tuple(self._scanners.values()),
            )
            notice, asked, label = self._notice, self._history_asked, self._label
            preferences = self._preferences
        return DisplayState(
            version=version,
            station=self._station,
            location=self._location,
            session=session.number if session else None,
            document=_document(session.document, sight) if session and sight else None,
            mode=state.mode,
            range_first=state.range_first,
            operator=_operator(sight),
            question=question_shown(state.question, self._signing(sight)) if state.question else None,
            history=shown,
            counts=counts,
            scanners=scanners,
            database=self.database,
            notice=notice,
            history_asked=asked,
            label=self._label_shown(label),
            newest=sight.newest if sight else 0,
            upcoming=upcoming_shown(state.upcoming),
            reasons=_codes(sight.reasons) if sight and preferences.reason != "off" else (),
            conditions=_codes(sight.conditions) if sight and preferences.condition != "off" else (),
            commands=_commands(preferences),
        )

    def _signing(self, sight: Sight | None) -> Signing:
        """Return what makes the codes that answer a question: signed only if that is demanded."""
        preferences = self._preferences
        key = sight.signing_key if sight and preferences.signed_commands else None
        return Signing(preferences.command_prefix, key)

    def _label_shown(self, label: LabelRead | ScanRejected | None) -> LabelShown | None:
        """Return the last label; explained on request, never while scans are booked."""
        if label is None:
            return None
        if isinstance(label, ScanRejected):
            steps = (StepShown(step="scan", found=f"rejected: {label.reason}"),)
            return LabelShown(
                at=timestamp(label.at),
                scanner=label.scanner,
                text=None,
                symbology_identifier=None,
                steps=steps,
            )
        source = label.source
        return LabelShown(
            at=timestamp(source.at),
            scanner=source.scanner,
            text=source.text,
            symbology_identifier=source.symbology_identifier,
            steps=tuple(StepShown(step=each.step, found=each.found) for each in self._explain(label)),
        )

    def _look(self) -> tuple[int, Sight | None]:
        """Read the database; when it can't be read, keep what was seen last, and mark the database as down.

        Returns:
            The version that this belongs to, and what was seen.
        """
        # The version first: a change meanwhile leads to another request, and is never missed.
        version, sight = self.changes.version, self._sight
        try:
            found = self._reader.look(sight)
            if not self._is_loaded:
                self._load(found)
            self._sight = sight = found
            seen = DatabaseShown(ok=True, detail="")
        except DatabaseError as error:
            seen = DatabaseShown(ok=False, detail=str(error))
        if seen == self._read_database:
            return version, sight
        self._read_database = seen
        self.changes.add()
        return self._look() if seen.ok else (self.changes.version, sight)

    def _load(self, sight: Sight) -> None:
        """Load the open session's entries after a restart; newer ones stay on top.

        Raises:
            DatabaseError: they can't be read.
        """
        session, question = sight.state.session, sight.state.question
        if session is not None:
            rows, counts = self._reader.session_history(session.number, ENTRIES_MOST)
            known = {row.id for row in rows}
            with self._lock:
                newer = [each for each in self._entries if each.id not in known]
                self._entries = deque([*newer, *map(entry_shown, rows)], maxlen=ENTRIES_MOST)
                self._counts = Counter(counts)
                self._counts.update(each.action for each in newer)
        if question is not None:
            self._notice = NoticeShown(
                text=question.text,
                tone=Tone.QUESTION,
                at=timestamp(question.source.at),
            )
        self._is_loaded = True


def _document(document: Document, sight: Sight) -> DocumentShown:
    receipt = sight.receipts + 1 if document.status is Status.BACKORDER else None
    lines = lines_shown(sight.lines, sight.missing)
    return document_shown(document, lines, progress(line for line, _ in sight.lines), receipt)


def _codes(known: Sequence[tuple[str, str]]) -> tuple[CodeShown, ...]:
    return tuple(CodeShown(code=code, text=text) for code, text in known)


def _commands(preferences: Preferences) -> tuple[str, ...]:
    allowed = {Command.QTY: preferences.count_items, Command.NEW: preferences.unannounced_returns}
    return tuple(command for command, is_allowed in allowed.items() if is_allowed)


def _operator(sight: Sight | None) -> OperatorShown | None:
    if sight is None or sight.state.operator is None:
        return None
    return OperatorShown(code=sight.state.operator, name=sight.operator_name or sight.state.operator)

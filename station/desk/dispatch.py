"""From what a text means to the use case that serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import Mode, ScanRejected
from station.inert import inert
from station.retrieval.model import Sought
from station.saying import say
from station.scans.commands import Command
from station.scans.interpret import (
    CommandRead,
    DocumentRead,
    ItemRead,
    OperatorRead,
    OtherRead,
    SerialRead,
    ShippingRead,
    command_of,
    interpret,
)
from station.scans.normalise import Label, Rejected, control_character
from station.settings import LabelSettings

if TYPE_CHECKING:
    from station.events import DomainEvent, Event, Reconfigured, Source
    from station.retrieval.model import Standing
    from station.retrieval.session import Retrieval
    from station.scans.interpret import Meaning
    from station.settings import HouseFormat, Preferences

_MODES = {
    Command.DETACH: Mode.DETACH,
    Command.RANGE: Mode.RANGE_FIRST,
    Command.MFG: Mode.MFR_SERIAL,
    Command.GENERATE: Mode.GENERATE,
}
_NO_SCANNER = LabelSettings()
"""Of what is typed or posted."""


class Dispatcher:
    """Serves one entry after the other."""

    def __init__(
        self,
        retrieval: Retrieval,
        preferences: Preferences,
        house_format: tuple[HouseFormat, ...] = (),
    ) -> None:
        """`house_format`: the station's own, tried after those of a label's scanner."""
        self._retrieval = retrieval
        self._preferences = preferences
        self._house_format = house_format

    def take_over(self, changed: Reconfigured) -> None:
        """Serve by these settings from the next entry on."""
        self._retrieval.take_over(changed.station, changed.preferences, changed.generate)
        self._preferences, self._house_format = changed.preferences, changed.house_format

    def standing(self) -> Standing:
        """How the station stands."""
        return self._retrieval.standing()

    def scanned(self, source: Source, settings: LabelSettings | None = None) -> list[Event]:
        """A label was read, or its text typed."""
        if reason := _unreadable(source.text):
            return [_rejected(source, reason)]
        label = Label(source.text, source.symbology_identifier)
        wanted = (settings or _NO_SCANNER).before(self._house_format)
        meaning = interpret(label, self._preferences, wanted)
        if isinstance(meaning, Rejected):
            return [_rejected(source, meaning.told)]
        if isinstance(meaning, OtherRead) and not source.text.startswith(self._preferences.command_prefix):
            return [*self._retrieval.scan(source, Sought((), unread=meaning.reason))]
        return [*self._serve(source, meaning)]

    def commanded(self, source: Source) -> list[Event]:
        """A command was given without its prefix, maybe one that has no barcode."""
        if reason := _unreadable(source.text):
            return [_rejected(source, reason)]
        word, _, argument = source.text.partition(" ")
        match word:
            case "choose":
                return [*self._retrieval.choose(source, argument)]
            case "cancel-document":
                return [*self._retrieval.cancel_document(source, argument)]
            case _:
                return [*self._serve(source, command_of(source.text))]

    def expired(self, source: Source) -> list[Event]:
        """The question's time is up (P4)."""
        return [*self._retrieval.answer(source, yes=False, said="timeout")]

    def _serve(self, source: Source, meaning: Meaning) -> list[DomainEvent]:  # noqa: PLR0911 - one line a meaning
        match meaning:
            case SerialRead(serials, gtin, items):
                return self._retrieval.scan(source, Sought(serials, gtin, items))
            case ItemRead(gtin, items):
                return self._retrieval.scan(source, Sought((), gtin, items))
            case ShippingRead(sscc):
                return self._retrieval.scan(source, Sought((), sscc=sscc))
            case DocumentRead(number):
                return self._retrieval.open(source, number)
            case OperatorRead(code):
                return self._retrieval.badge(source, code)
            case CommandRead(command, argument):
                return self._command(source, command, argument)
            case _:
                return self._retrieval.refuse_command(source, meaning.reason)

    def _command(self, source: Source, command: Command, argument: str | None) -> list[DomainEvent]:  # noqa: PLR0911 - one line a command
        serve = self._retrieval
        if command is Command.GENERATE and argument is not None:
            return serve.generate(source, argument)
        if command in _MODES:
            return serve.set_mode(source, _MODES[command])
        match command:
            case Command.YES | Command.NO:
                return serve.answer(source, yes=command is Command.YES)
            case Command.CANCEL:
                return serve.cancel(source)
            case Command.UNDO:
                return serve.undo(source)
            case Command.CLOSE:
                return serve.close(source)
            case Command.SAVE:
                return serve.save(source)
            case Command.OPEN:
                return serve.open(source, argument or "")
            case _:
                return serve.show_history(source)


def _unreadable(text: str) -> str | None:
    """Why a text can't be a label's: scanners' frames are checked already, typed and posted text is not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return say("is no Unicode text")
    return control_character(text)


def _rejected(source: Source, reason: str) -> ScanRejected:
    return ScanRejected(
        source.at, source.scanner, inert(reason), source.text.encode(errors="backslashreplace")
    )

"""The only way into the rules: interprets a request and calls the rule for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.config.settings import LabelSettings
from station.events import Event, ScanRejected
from station.i18n.messages import escape_unprintable, msg
from station.labels.commands import Command, is_genuine, without_check
from station.labels.interpret import (
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
from station.labels.normalise import Label, Rejected, control_character
from station.questions import Mode
from station.rules import commands, operators
from station.rules.context import Context
from station.rules.documents import end_session, gone_meanwhile
from station.rules.model import LabelQuery
from station.worker.entries import Commanded, DocumentGone, Expired

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.config.settings import RuleSettings
    from station.labels.interpret import Meaning
    from station.rules.model import StationState
    from station.rules.ports import DetailField, Repository
    from station.rules.saving import Rest
    from station.source import Source
    from station.worker.entries import Request

_MODES = {
    Command.DETACH: Mode.DETACH,
    Command.RANGE: Mode.RANGE_FIRST,
    Command.MFG: Mode.MFR_SERIAL,
    Command.GENERATE: Mode.GENERATE,
}
_PLAIN = {
    Command.CANCEL: commands.cancel,
    Command.UNDO: commands.undo,
    Command.CLOSE: commands.close,
    Command.SAVE: commands.save,
    Command.LATER: commands.later,
    Command.HISTORY: commands.show_history,
    Command.NEW: commands.new_document,
    Command.SIGNOFF: commands.sign_off,
}
_RESTS: dict[str, Rest] = {"yes": "yes", "later": "later", "no": "no"}
"""Answers that a command may give with SAVE, so that no question waits at the dock (D6)."""
_DETAILS: dict[Command, DetailField] = {Command.REASON: "reason_code", Command.CONDITION: "condition"}
_WITHOUT_OPERATOR = {Command.OPEN, Command.CLOSE, Command.HISTORY, Command.BADGE, Command.SIGNOFF}
"""Commands that book nothing: they need no operator even if the preference `operator` requires one (D5)."""
NOT_OURS = msg("not one of our command codes; print a new sheet with scanstation sheet")
_NO_SCANNER = LabelSettings()
"""For typed and posted texts."""


class RequestHandler:
    """Handles one request at a time, inside the caller's transaction."""

    def __init__(self, repository: Repository, settings: RuleSettings, new_id: Callable[[], str]) -> None:
        """`settings` may be replaced between two requests; an open question stays open."""
        self._repository = repository
        self.settings = settings
        self._new_id = new_id

    def state(self) -> StationState:
        """Return the station's state."""
        return self._repository.state()

    def handle(self, request: Request) -> list[Event]:
        """Handle a request; return the events, to be published after the commit."""
        source = request.source
        if isinstance(request, DocumentGone):
            return [*self._context(source).events]
        if isinstance(request, Expired):
            context = self._context(source)
            commands.answer(context, yes=False, how="timeout")
            return [*context.events]
        if reason := _unreadable(source.text):
            return [_rejected(source, reason)]
        if isinstance(request, Commanded):
            return self._command(source, is_trusted=request.is_trusted)
        return self._scan(source, request.settings or _NO_SCANNER, is_trusted=request.is_trusted)

    def _scan(self, source: Source, settings: LabelSettings, *, is_trusted: bool) -> list[Event]:
        preferences = self.settings.preferences
        label = Label(source.text, source.symbology_identifier)
        meaning = interpret(label, preferences, settings.before(self.settings.house_format))
        if isinstance(meaning, Rejected):
            return [_rejected(source, meaning.message)]
        context = self._context(source)
        operators.come_to_work(context)
        if isinstance(meaning, CommandRead | OperatorRead) and not (is_trusted or self._is_ours(meaning)):
            context.refuse(NOT_OURS)
        elif isinstance(meaning, OtherRead) and not source.text.startswith(preferences.command_prefix):
            commands.scan(context, LabelQuery((), unread=meaning.reason))
        elif isinstance(meaning, CommandRead) and meaning.command is Command.OPEN:
            commands.scan_document(context, meaning.argument or "")
        else:
            _dispatch(context, meaning)
        return [*context.events]

    def _is_ours(self, read: CommandRead | OperatorRead) -> bool:
        """Whether a scanned command is from our own paper or screen, by its check (D11)."""
        if read.check is None:
            return not self.settings.preferences.signed_commands
        return is_genuine(read.check, self._repository.signing_key(), *read.signed_part())

    def _command(self, source: Source, *, is_trusted: bool) -> list[Event]:
        """Handle a command without prefix, possibly one that has no bar code."""
        context = self._context(source)
        operators.come_to_work(context)
        word, _, argument = source.text.partition(" ")
        if word != "choose" and not is_trusted:
            self._signed_command(context, source.text)
            return [*context.events]
        match word:
            case "choose":
                commands.choose(context, argument)
            case "save" if argument in _RESTS and operators.is_missing(context):
                context.refuse_command(operators.BADGE_FIRST)
            case "save" if argument in _RESTS:
                commands.save(context, _RESTS[argument])
            case "cancel-document":
                commands.cancel_document(context, argument)
            case "reopen-document":
                commands.reopen_document(context, argument)
            case _:
                _dispatch(context, command_of(source.text))
        return [*context.events]

    def _signed_command(self, context: Context, text: str) -> None:
        """Handle a command that is not trusted by itself, like one that is scanned."""
        meaning = command_of(*without_check(text))
        if isinstance(meaning, CommandRead | OperatorRead) and not self._is_ours(meaning):
            context.refuse(NOT_OURS)
        else:
            _dispatch(context, meaning)

    def _context(self, source: Source) -> Context:
        """Create the context; end a session whose document was saved or cancelled elsewhere."""
        context = Context(self._repository, self.settings, source, self.state(), self._new_id)
        if (session := context.state.session) and (why := gone_meanwhile(session)):
            end_session(context, session, why)
            context.state = self.state()
        return context


def _dispatch(context: Context, meaning: Meaning) -> None:
    match meaning:
        case SerialRead(serials, gtin, items):
            commands.scan(context, LabelQuery(serials, gtin, items))
        case ItemRead(gtin, items):
            commands.scan(context, LabelQuery((), gtin, items))
        case ShippingRead(sscc):
            commands.scan(context, LabelQuery((), sscc=sscc))
        case DocumentRead(number):
            commands.scan_document(context, number)
        case OperatorRead(code, _):
            commands.badge(context, code)
        case CommandRead(command, argument, _):
            _execute(context, command, argument)
        case OtherRead(reason):
            context.refuse_command(reason)


def _execute(context: Context, command: Command, argument: str | None) -> None:
    if operators.is_missing(context) and command not in _WITHOUT_OPERATOR:
        context.refuse_command(operators.BADGE_FIRST)
    elif command in {Command.YES, Command.NO}:
        commands.answer(context, yes=command is Command.YES)
    elif command is Command.OPEN:
        commands.open_document(context, argument or "")
    elif command is Command.QTY:
        commands.set_quantity(context, argument or "")
    elif command in _DETAILS:
        commands.describe(context, _DETAILS[command], argument or "")
    elif command is Command.GENERATE and argument is not None:
        commands.generate(context, argument)
    elif command in _MODES:
        commands.set_mode(context, _MODES[command])
    else:
        _PLAIN[command](context)


def _unreadable(text: str) -> str | None:
    """Return why a text is invalid: typed and posted texts, unlike scanners' frames, are not checked yet."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return msg("is not Unicode text")
    return control_character(text)


def _rejected(source: Source, reason: str) -> ScanRejected:
    return ScanRejected(
        source.at, source.scanner, escape_unprintable(reason), source.text.encode(errors="backslashreplace")
    )

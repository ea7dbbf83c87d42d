"""All texts on paper, except those from the database, and the message about a label that was not printed."""

from __future__ import annotations

from typing import Protocol

from station.i18n.messages import msg
from station.labels.commands import Command


class Translate(Protocol):
    """A language's `text` (`station.i18n.catalogues`)."""

    def __call__(self, msgid: str, /, **values: object) -> str:
        """Translate a text, and fill in its values."""


class PaperTexts:
    """The texts of a sheet in one language."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate

    def command_title(self, command: Command) -> str:
        """Return a command's name, as short as on a button."""
        _ = self._translate
        return {
            Command.YES: _("Yes"),
            Command.NO: _("No"),
            Command.CANCEL: _("Cancel"),
            Command.UNDO: _("Undo"),
            Command.DETACH: _("Detach"),
            Command.RANGE: _("Range"),
            Command.MFG: _("Mfr serial #"),
            Command.GENERATE: _("New serial #"),
            Command.CLOSE: _("Close"),
            Command.SAVE: _("Save"),
            Command.HISTORY: _("History"),
            Command.NEW: _("New document"),
            Command.SIGNOFF: _("Sign off"),
            Command.LATER: _("Later"),
        }[command]

    def command_explanation(self, command: Command) -> str:
        """Return what a command does, in one plain line."""
        _ = self._translate
        return {
            Command.YES: _("Answers Yes to the question."),
            Command.NO: _("Answers No to the question."),
            Command.CANCEL: _("Answers No, and ends a command that needs more scans."),
            Command.UNDO: _("Detaches the serial number that was attached last."),
            Command.DETACH: _("Detaches the next serial number scanned."),
            Command.RANGE: _("Then scan the first and the last serial number."),
            Command.MFG: _("The next scan is a manufacturer's serial number."),
            Command.GENERATE: _("Then scan the item: the unit gets a new serial number."),
            Command.CLOSE: _("Closes the document; nothing is booked."),
            Command.SAVE: _("Books the document and closes it."),
            Command.HISTORY: _("Shows what was scanned."),
            Command.NEW: _("Makes a document for the next unit's customer."),
            Command.SIGNOFF: _("Signs the operator off."),
            Command.LATER: _("Answers: save now, the rest comes later."),
        }[command]

    def bars_heading(self) -> str:
        """Return the heading of the page of bar codes."""
        _ = self._translate
        return _("Commands: bar codes")

    def squares_heading(self) -> str:
        """Return the heading of the page of QR codes."""
        _ = self._translate
        return _("Commands: QR codes")

    def detail_bars_heading(self) -> str:
        """Return the heading of a page of bar codes of quantities, reasons and conditions."""
        _ = self._translate
        return _("Quantity, reason, condition: bar codes")

    def detail_squares_heading(self) -> str:
        """Return the heading of a page of QR codes of quantities, reasons and conditions."""
        _ = self._translate
        return _("Quantity, reason, condition: QR codes")

    def quantity(self, quantity: int) -> str:
        """Return the title of a quantity's code."""
        _ = self._translate
        return _("Quantity {quantity}", quantity=quantity)

    def quantity_explanation(self) -> str:
        """Return what a quantity's code does."""
        _ = self._translate
        return _("For the last count, or the next one.")

    def reason(self, code: str) -> str:
        """Return what is below the words of a reason."""
        _ = self._translate
        return _("Reason {code}", code=code)

    def condition(self, code: str) -> str:
        """Return what is below the words of a condition."""
        _ = self._translate
        return _("Condition {code}", code=code)

    def hint(self) -> str:
        """Return the text beside the heading of a page of commands."""
        _ = self._translate
        return _("Print at actual size; scan from up to half a metre.")

    def no_bars(self) -> str:
        """Return the text in place of a bar code that isn't possible."""
        _ = self._translate
        return _("QR code only: see the other page")

    def operator(self, code: str) -> str:
        """Return the text below the name on a badge."""
        _ = self._translate
        return _("Operator {code}", code=code)

    def document_kind(self, *, is_memo: bool) -> str:
        """Return the name of a document's kind."""
        _ = self._translate
        return _("Credit memo") if is_memo else _("Credit order")

    def title(self) -> str:
        """Return the file's title, which a viewer shows."""
        _ = self._translate
        return _("Codes to scan")


def label_not_printed(serial_number: str, reason: str) -> str:
    """Return the message about a label that was not, or may not have been, printed."""
    return msg(
        "the label of {serial_number} may be missing: {reason_text}; "
        "print it again with scanstation label {serial_number}",
        serial_number=serial_number,
        reason_text=reason,
    )

"""The sheets: commands, with quantities, reasons and conditions; badges; slips for documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.errors import ConfigError, PaperError
from station.labels.commands import Command, Signing
from station.outputs.paper.codes import badge_code, command_code, document_code
from station.outputs.paper.command_pages import (
    ON_SHEET,
    Detail,
    draw_bars_page,
    draw_details,
    draw_squares_page,
)
from station.outputs.paper.page import SIZES, Pages
from station.outputs.paper.reading import Readers
from station.outputs.paper.slips import Slip, draw_badges, draw_documents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.config.schema import Config
    from station.outputs.paper.page import Paper
    from station.outputs.paper.texts import PaperTexts


QUANTITIES: Final = (1, 2, 5, 10, 20, 50)
"""Quantities with a code of their own (M6); any other is typed."""


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator with a badge."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that its slip opens."""

    number: str
    is_memo: bool
    """A credit memo, else a credit order."""
    customer: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A reason or a condition of the office's lists."""

    code: str
    text: str


class Sheet:
    """Pages for one station; `left_out` lists what could not be printed, and why."""

    def __init__(self, config: Config, paper: Paper, texts: PaperTexts, key: bytes | None) -> None:
        """`key` signs the codes (D11); None: they are unsigned."""
        self._preferences = config.preferences
        self._signing = Signing(config.preferences.command_prefix, key)
        self._readers = Readers(config)
        self._texts = texts
        self._pages = Pages(SIZES[paper], texts.title())
        self.left_out: list[str] = []

    def add_commands(self) -> None:
        """Add one page of bar codes and one of QR codes.

        Raises:
            ConfigError: with this prefix, a scanner would misread them.
        """
        try:
            codes = {each: command_code(each, self._signing, self._readers) for each in ON_SHEET}
        except PaperError as error:
            raise ConfigError(
                f"preferences.command_prefix = {self._preferences.command_prefix!r}: {error}; choose another"
            ) from error
        if any(code.bars for code in codes.values()):
            draw_bars_page(self._pages, codes, self._texts)
            self._pages.end_page()
        if any(code.square for code in codes.values()):
            draw_squares_page(self._pages, codes, self._texts)
            self._pages.end_page()

    def add_details(self, reasons: Iterable[Listed], conditions: Iterable[Listed]) -> None:
        """Add pages for what the station takes of these: quantities, reasons and conditions (M6, M7)."""
        details = []
        if self._preferences.count_items:
            details += [
                self._detail(
                    Command.QTY, str(each), self._texts.quantity(each), self._texts.quantity_explanation()
                )
                for each in QUANTITIES
            ]
        if self._preferences.reason != "off":
            details += [
                self._detail(Command.REASON, each.code, each.text, self._texts.reason(each.code))
                for each in reasons
            ]
        if self._preferences.condition != "off":
            details += [
                self._detail(Command.CONDITION, each.code, each.text, self._texts.condition(each.code))
                for each in conditions
            ]
        draw_details(self._pages, [each for each in details if each is not None], self._texts)

    def _detail(self, command: Command, argument: str, title: str, explanation: str) -> Detail | None:
        try:
            code = command_code(command, self._signing, self._readers, argument)
        except PaperError as error:
            self.left_out.append(str(error))
            return None
        return Detail(code, title, explanation)

    def add_badges(self, operators: Iterable[Operator]) -> None:
        """Add a badge for each operator.

        Raises:
            PaperError: there are no operators, or no badge could be printed.
        """
        slips = []
        for each in operators:
            try:
                code = badge_code(each.code, self._signing, self._readers)
            except PaperError as error:
                self.left_out.append(str(error))
                continue
            slips.append(Slip(code, each.name, self._texts.operator(each.code), ""))
        self._require(slips, "there are no operators to print badges for; import operators.csv")
        draw_badges(self._pages, slips)

    def add_documents(self, documents: Iterable[OpenDocument]) -> None:
        """Add a slip for each document.

        Raises:
            PaperError: there are no documents, or no slip could be printed.
        """
        slips = []
        for each in documents:
            try:
                code = document_code(each.number, self._preferences, self._signing, self._readers)
            except PaperError as error:
                self.left_out.append(str(error))
                continue
            kind = self._texts.document_kind(is_memo=each.is_memo)
            slips.append(Slip(code, each.number, each.customer, kind))
        self._require(slips, "no document is open; import documents.csv, or look at scanstation memo list")
        draw_documents(self._pages, slips)

    def _require(self, slips: list[Slip], nothing: str) -> None:
        if not slips:
            raise PaperError("; ".join(self.left_out) or nothing)

    def pdf(self) -> bytes:
        """Return the file; the same contents give the same bytes."""
        return self._pages.done()

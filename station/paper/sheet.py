"""The sheet: commands, badges and documents to scan, as one PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.errors import ConfigError, PaperError
from station.paper.bars_page import draw_bars_page
from station.paper.codes import badge_code, command_code, document_code
from station.paper.commands import ON_SHEET
from station.paper.page import SIZES, Pages
from station.paper.reading import Readers
from station.paper.slips import Slip, draw_badges, draw_documents
from station.paper.squares_page import draw_squares_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.config import Config
    from station.paper.page import Paper
    from station.paper.texts import Texts


@dataclass(frozen=True, slots=True)
class Operator:
    """Who has a badge."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that may be opened by its slip."""

    number: str
    is_memo: bool
    """A credit memo, else a credit order."""
    customer: str


class Sheet:
    """Pages for one station; `left_out` says what could not be printed, and why."""

    def __init__(self, config: Config, paper: Paper, texts: Texts) -> None:
        self._preferences = config.preferences
        self._readers = Readers(config)
        self._texts = texts
        self._pages = Pages(SIZES[paper], texts.title())
        self.left_out: list[str] = []

    def add_commands(self) -> None:
        """One page of bar codes, one of QR codes.

        Raises:
            ConfigError: with this prefix, a scanner would misread them.
        """
        try:
            codes = {each: command_code(each, self._preferences, self._readers) for each in ON_SHEET}
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

    def add_badges(self, operators: Iterable[Operator]) -> None:
        """A badge for each.

        Raises:
            PaperError: there is nobody, or none could be printed.
        """
        slips = []
        for each in operators:
            try:
                code = badge_code(each.code, self._preferences, self._readers)
            except PaperError as error:
                self.left_out.append(str(error))
                continue
            slips.append(Slip(code, each.name, self._texts.operator(each.code), ""))
        self._require(slips, "there are no operators to print badges for; import operators.csv")
        draw_badges(self._pages, slips)

    def add_documents(self, documents: Iterable[OpenDocument]) -> None:
        """A slip for each.

        Raises:
            PaperError: there is none, or none could be printed.
        """
        slips = []
        for each in documents:
            try:
                code = document_code(each.number, self._preferences, self._readers)
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
        """The file; the same for the same contents, to the byte."""
        return self._pages.done()

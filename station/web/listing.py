"""History and documents, in pages."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from station.i18n.catalogues import language
from station.outputs.display.messages import entry_in
from station.outputs.display.state import DocumentHead, EntryShown, document_head, entry_shown
from station.web.endpoints import (
    DISPLAY,
    DOCUMENTS,
    JSON,
    Call,
    DescribedResponse,
    Endpoint,
    json_answer,
)
from station.web.requests import LanguageQuery, Text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from station.history import HistoryRow
    from station.outputs.display.ports import StateReader

MEDIA_TYPE = "text/csv"
COLUMNS = EntryShown.__struct_fields__

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width ones

ROWS = 200
ROWS_MOST = 1000
Limit = Annotated[int, msgspec.Meta(ge=1, le=ROWS_MOST)]
RowId = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[!-~]*$")]


def head() -> bytes:
    """The byte order mark and the header line."""
    return b"\xef\xbb\xbf" + _lines([COLUMNS])


def csv_rows(entries: Iterable[EntryShown]) -> bytes:
    """One line for each entry."""
    return _lines([_escape_formula(value) for value in msgspec.structs.astuple(each)] for each in entries)


def _lines(cells: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(cells)
    return text.getvalue().encode()


def _escape_formula(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_BEGIN_FORMULAS) else text


class HistoryQuery(LanguageQuery, frozen=True):
    """Which rows: those that match all the given parameters."""

    serial: Text | None = None
    document: Text | None = None
    session: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    """Of this station."""
    before: RowId | None = None
    """The id of a row: only the rows after it in the list."""
    limit: Limit | None = None
    format: Literal["json", "csv"] | None = None


class HistoryPage(msgspec.Struct, frozen=True):
    """Rows of history, newest first."""

    rows: tuple[EntryShown, ...]
    next: str | None
    """The value of `before` for the next page; null: this is the last page."""


class DocumentsQuery(msgspec.Struct, frozen=True):
    """How many documents."""

    limit: Limit = ROWS


class DocumentsPage(msgspec.Struct, frozen=True):
    """Documents without their lines, open ones first."""

    documents: tuple[DocumentHead, ...]


class Listing:
    """Serves lists."""

    def __init__(self, reader: StateReader) -> None:
        self._reader = reader

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        return [
            Endpoint(
                "GET",
                "/api/v1/history",
                self.history,
                {200: DescribedResponse("The rows.", {JSON: HistoryPage, MEDIA_TYPE: str})},
                DISPLAY | DOCUMENTS,
                query=HistoryQuery,
            ),
            Endpoint(
                "GET",
                "/api/v1/documents",
                self.documents,
                {200: DescribedResponse("The documents.", {JSON: DocumentsPage})},
                DISPLAY | DOCUMENTS,
                query=DocumentsQuery,
            ),
        ]

    async def history(self, call: Call[HistoryQuery, object, None]) -> Response:
        """History rows, newest first: of a serial number, a document or a session, otherwise of this station.

        A page has `limit` rows (default 200); `next` of one page is `before` of the following one. As CSV
        (`format=csv`, or `Accept: text/csv`) all rows are returned at once unless `limit` is given; cells
        that a spreadsheet would take for formulas begin with an apostrophe.
        """
        query = call.query
        if query.format == "csv" or (query.format is None and _wants_csv(call.request)):
            return await self._csv(query)
        limit = query.limit or ROWS
        found = await self._rows(query, query.before, limit + 1)
        speaking = language(query.language)
        shown = tuple(entry_in(speaking, entry_shown(row)) for row in found[:limit])
        return json_answer(HistoryPage(shown, shown[-1].id if len(found) > limit else None))

    async def _csv(self, query: HistoryQuery) -> Response:
        first = await self._rows(query, query.before, query.limit or ROWS_MOST)
        speaking = language(query.language)

        async def lines() -> AsyncIterator[bytes]:
            yield head()
            page = first
            while page:
                yield csv_rows(entry_in(speaking, entry_shown(row)) for row in page)
                page = [] if query.limit else await self._rows(query, page[-1].id, ROWS_MOST)

        attached = {"Content-Disposition": 'attachment; filename="history.csv"'}
        return StreamingResponse(lines(), headers=attached, media_type=MEDIA_TYPE)

    async def _rows(self, query: HistoryQuery, before: str | None, limit: int) -> Sequence[HistoryRow]:
        read = partial(
            self._reader.history,
            query.serial,
            query.document,
            limit,
            session=query.session,
            before=before,
        )
        try:
            return await to_thread.run_sync(read)
        except LookupError as error:
            raise HTTPException(400, "before must be the id of a row of this list") from error

    async def documents(self, call: Call[DocumentsQuery, object, None]) -> Response:
        """Documents without their lines, open ones first."""
        found = await to_thread.run_sync(self._reader.documents, call.query.limit)
        return json_answer(DocumentsPage(tuple(document_head(each) for each in found)))


def _wants_csv(request: Request) -> bool:
    """Whether CSV is requested by name: a client that accepts anything gets JSON."""
    accepted = ",".join(request.headers.getlist("accept")).lower().split(",")
    return any(each.partition(";")[0].strip() == MEDIA_TYPE for each in accepted)

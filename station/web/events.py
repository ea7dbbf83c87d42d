"""Server-sent events: each row of history, in order and without gaps, and changes of the state.

The rows are read from the database, starting after the last one sent, so nothing is queued for a reader: a
slow reader blocks nobody, and one that reconnects after a restart misses nothing. The format is that of the
HTML standard (WHATWG), 9.2.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import msgspec
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from station.errors import DatabaseError
from station.i18n.catalogues import language
from station.outputs.display.messages import entry_in
from station.outputs.display.state import SentEntry, sent_entry
from station.web.endpoints import DISPLAY, Call, DescribedResponse, Endpoint
from station.web.requests import LanguageQuery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractContextManager

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from station.history import HistoryRow
    from station.i18n.catalogues import Language
    from station.outputs.display.keeper import DisplayStateKeeper
    from station.outputs.display.ports import StateReader
    from station.web.access import Access
    from station.web.guard import Facing
    from station.web.limits import Waiting

EVENT_GAP_S = 0.05
"""The shortest time between two events: nobody sees more, and the desk needs the processor."""
KEEP_ALIVE_S = 15.0
UNWELL_S = 2.0
"""Between two attempts to read an unavailable database: only reading shows that it is back."""
RETRY_MS = 1000
"""How long a reader should wait before it reconnects."""
ROWS_AT_ONCE = 100
READING_THREADS = 2
"""For all readers together, so that threads for other requests stay free."""

EventId = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1, description="The number of the last row received.")]


class EventsQuery(LanguageQuery, frozen=True):
    """Where to start, and in which language."""

    last_event_id: EventId | None = None


class EventsHeaders(msgspec.Struct, frozen=True, rename={"last_event_id": "Last-Event-ID"}):
    """Where to start; takes precedence over the query, as a browser that reconnects sends both."""

    last_event_id: EventId | None = None


class NumberedEntry(SentEntry, frozen=True, kw_only=True):
    """A row of history with its number; a station's rows are numbered without gaps."""

    number: int


class Events:
    """Serves readers of events."""

    def __init__(
        self,
        keeper: DisplayStateKeeper,
        reader: StateReader,
        waiting: Waiting,
        access: Access,
        facing: Facing,
    ) -> None:
        self._facing = facing
        self._keeper = keeper
        self._reader = reader
        self._waiting = waiting
        self._access = access
        self._threads = anyio.CapacityLimiter(READING_THREADS)

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        stream = DescribedResponse("The stream.", {"text/event-stream": str})
        return [
            Endpoint(
                "GET",
                "/api/v1/events",
                self.events,
                {200: stream},
                DISPLAY,
                query=EventsQuery,
                headers=EventsHeaders,
            ),
        ]

    async def events(self, call: Call[EventsQuery, EventsHeaders, None]) -> Response:
        """Follow the station: server-sent events until the connection closes.

        There is an event `history` for each row of this station's history, with the row's number as its id
        and the row as its data, and an event `state` with `{"version": N}` when anything that a display shows
        has changed. With `Last-Event-ID` the stream starts with every row after that one, even after a
        restart; without it, only new rows are sent. The stream ends when the station's page changes, so that
        browsers load the new one.
        """
        if call.request.method == "HEAD":
            raise HTTPException(405, headers={"Allow": "GET"})
        in_header = call.headers.last_event_id
        after = call.query.last_event_id if in_header is None else in_header
        page = self._facing.page

        def may_continue() -> bool:
            return self._facing.page is page and self._access.still_admits(call.request, DISPLAY)

        stream = self._stream(after, language(call.query.language), may_continue)
        return _HeldResponse(stream, self._waiting.held.place(call.client.key, "events"))

    async def _stream(
        self, after: int | None, speaking: Language, may_continue: Callable[[], bool]
    ) -> AsyncIterator[str]:
        cursor, is_known = await self._start(after)
        # Sent even before the first row: a reader that is cut off now must resume here.
        yield f"retry: {RETRY_MS}\n" + ("\n" if is_known else f"id: {cursor}\n\n")
        seen = 0
        while not self._waiting.is_over and may_continue():
            version, patience_s = self._keeper.changes.version, KEEP_ALIVE_S
            try:
                while rows := await self._rows(cursor):
                    if not may_continue():
                        return
                    cursor = rows[-1][0]
                    yield "".join(_history_event(number, row, speaking) for number, row in rows)
            except DatabaseError:
                patience_s = UNWELL_S
            if version != seen:
                seen = version
                yield f'event: state\ndata: {{"version":{seen}}}\n\n'
                await asyncio.sleep(EVENT_GAP_S)
            if not await self._waiting.changed(seen, patience_s):
                yield ": still here\n\n"

    async def _start(self, after: int | None) -> tuple[int, bool]:
        """The row to start after, and whether the reader knows it already.

        A number that the station has not reached is from another database: then only new rows are sent.
        """
        try:
            newest = await self._in_thread(self._reader.newest)
        except DatabaseError:
            newest = self._keeper.newest if after is None else max(after, self._keeper.newest)
        return (newest, False) if after is None or after > newest else (after, True)

    async def _rows(self, after: int) -> Sequence[tuple[int, HistoryRow]]:
        rows: Sequence[tuple[int, HistoryRow]]
        rows = await self._in_thread(self._reader.history_after, after, ROWS_AT_ONCE)
        return rows

    async def _in_thread(self, read: Any, *arguments: object) -> Any:
        return await to_thread.run_sync(read, *arguments, limiter=self._threads)


class _HeldResponse(StreamingResponse):
    """A stream that occupies a place from before its first byte until its end, or is refused."""

    def __init__(self, stream: AsyncIterator[str], place: AbstractContextManager[None]) -> None:
        super().__init__(stream, media_type="text/event-stream")
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            await super().__call__(scope, receive, send)


def _history_event(number: int, row: HistoryRow, speaking: Language) -> str:
    shown = msgspec.structs.asdict(entry_in(speaking, sent_entry(row)))
    data = msgspec.json.encode(NumberedEntry(**shown, number=number)).decode()
    return f"id: {number}\nevent: history\ndata: {data}\n\n"

"""What is posted, on its way to the desk and back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import msgspec
from anyio import to_thread
from starlette.exceptions import HTTPException

from station.desk.entries import TEXT_CHARACTERS, Commanded, Scanned
from station.display.messages import answer
from station.display.state import Answer as Told
from station.display.translated import answer_in
from station.events import ScanFailed
from station.languages.language import language
from station.saying import say
from station.web.asked import Spoken
from station.web.endpoints import DISPLAY, DOCUMENTS, JSON, Answer, Call, Endpoint, json_answer
from station.web.idempotency import REPLAYED, PostHeaders, again, keyed, once

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from station.desk.entries import Entry, Inbox, Once, Outcome
    from station.events import Source
    from station.languages.language import Language

OUTCOME_WAIT_S = 30.0
POSTING_THREADS = 8
"""Posts that may wait for room in the queue at once; threads for reading stay free."""

OFFICE_COMMANDS = frozenset({"cancel-document"})
"""That no worker gives at the dock."""

PostedText = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARACTERS)]
SymbologyIdentifier = Annotated[str, msgspec.Meta(max_length=3, pattern=r"^\][A-Za-z][0-9A-Za-z]$")]
ScannerName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every post may say."""

    scanner: ScannerName = "display"


class PostedScan(Posted, frozen=True, kw_only=True):
    """A label's text."""

    text: PostedText
    symbology_identifier: SymbologyIdentifier | None = None


class PostedCommand(Posted, frozen=True, kw_only=True):
    """A command without its prefix."""

    command: PostedText


class Posting:
    """Puts entries into the queue and waits for what becomes of them."""

    def __init__(self, inbox: Inbox, stamp: Callable[[str, str], Source], station: str) -> None:
        self._station = station
        self._inbox = inbox
        self._stamp = stamp
        self._threads = anyio.CapacityLimiter(POSTING_THREADS)

    def endpoints(self) -> list[Endpoint]:
        """What of this is asked over HTTP."""
        replayed = {REPLAYED: "Set when this key came before: nothing was done now, the answer is the first."}
        answers = {200: Answer("What became of it.", {JSON: Told}, replayed)}
        problems = {
            422: "The body is not of this shape, or the Idempotency-Key was used for another.",
            503: "It could not be booked now, nothing of it is stored: post it again.",
            504: "No answer came in time: post it again with its Idempotency-Key, or look at the history.",
        }
        return [
            Endpoint(
                "POST",
                path,
                serve,
                answers,
                DISPLAY,
                query=Spoken,
                headers=PostHeaders,
                body=body,
                problems=problems,
            )
            for path, serve, body in (
                ("/api/v1/scans", self.scans, PostedScan),
                ("/api/v1/commands", self.commands, PostedCommand),
            )
        ]

    async def scans(self, call: Call[Spoken, PostHeaders, PostedScan]) -> Response:
        """Scan a label, or what could be scanned: a document's number, a command barcode's text.

        The answer comes after the commit. With an `Idempotency-Key` it is scanned once, however often it is
        posted, and each time answered the same.
        """
        posted = call.body
        source, once = self._source(posted.text, call, posted.symbology_identifier)
        read = replace(source, symbology_identifier=posted.symbology_identifier)
        return await self._post(Scanned(read, once=once), language(call.query.language))

    async def commands(self, call: Call[Spoken, PostHeaders, PostedCommand]) -> Response:
        """Give a command without its prefix: `yes`, `open CM-1001`, `choose 2`.

        The answer comes after the commit. With an `Idempotency-Key` it is given once, however often it is
        posted, and each time answered the same.
        """
        word = call.body.command.partition(" ")[0]
        if word in OFFICE_COMMANDS and not call.client.may(DOCUMENTS):
            raise HTTPException(403, f'"{word}" is for the office: it needs the scope documents')
        source, once = self._source(call.body.command, call)
        return await self._post(Commanded(source, once), language(call.query.language))

    def _source(
        self, text: str, call: Call[Spoken, PostHeaders, Any], symbology_identifier: str | None = None
    ) -> tuple[Source, Once | None]:
        """Who said what, and, with a key, that it counts once."""
        scanner: str = call.body.scanner
        if not scanner.isprintable():
            raise HTTPException(422, "scanner must have printable characters only")
        source, key = self._stamp(text, scanner), call.headers.idempotency_key
        if key is None:
            return source, None
        path = call.request.url.path
        return keyed(source, self._station, key), once(path, text, symbology_identifier, scanner)

    async def _post(self, entry: Scanned | Commanded, speaking: Language) -> Response:
        outcome = await self._outcome(entry)
        if outcome.before is not None and entry.once is not None:
            told, headers = again(outcome.before, entry.once.asked), {REPLAYED: "true"}
            return json_answer(answer_in(speaking, told), headers=headers)
        for event in outcome.events:
            if isinstance(event, ScanFailed):
                reason = say("not booked: {reason_text}", reason_text=event.reason)
                raise HTTPException(503, reason, {"Retry-After": "1"})
        return json_answer(answer_in(speaking, answer(outcome)))

    async def _outcome(self, entry: Entry) -> Outcome:
        """Queue an entry; answers after the commit.

        Raises:
            HTTPException: no answer came in time; whether the entry was booked is not known.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()

        def settle(value: Outcome) -> None:
            if not outcome.done():
                outcome.set_result(value)

        def done(value: Outcome) -> None:
            # In the desk's thread. The loop is closed when the station is stopping: nobody waits any more.
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, value)

        try:
            with anyio.fail_after(OUTCOME_WAIT_S):
                await to_thread.run_sync(
                    self._inbox.post,
                    entry,
                    done,
                    limiter=self._threads,
                    abandon_on_cancel=True,
                )
                return await outcome
        except TimeoutError as error:
            raise HTTPException(
                504,
                say(
                    "no answer within {seconds} s; look at the history whether it was booked",
                    seconds=int(OUTCOME_WAIT_S),
                ),
            ) from error

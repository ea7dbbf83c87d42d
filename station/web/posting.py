"""What is posted, on its way to the desk and back."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import msgspec
from anyio import to_thread
from starlette.exceptions import HTTPException

from station.events import ScanFailed
from station.i18n.catalogues import language
from station.i18n.messages import msg
from station.outputs.display.messages import answer, answer_in
from station.outputs.display.state import Answer
from station.outputs.display.state import Answer as Told
from station.web.endpoints import (
    DISPLAY,
    DOCUMENTS,
    JSON,
    Call,
    DescribedResponse,
    Endpoint,
    json_answer,
)
from station.web.requests import Spoken
from station.worker.entries import TEXT_CHARACTERS, Commanded, IdempotencyKey, Scanned

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from station.i18n.catalogues import Language
    from station.source import Source
    from station.worker.entries import Entry, Inbox, Outcome, StoredResponse

REPLAYED = "Idempotency-Replayed"
_NAMESPACE = uuid.UUID("5a1b7c53-3d0f-4f0e-9f5e-0d7f5d6c2b11")
"""Of the ids that are made of keys (UUID version 5, RFC 9562, 5.5); with another, retries would be booked."""

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]


class PostHeaders(msgspec.Struct, frozen=True, rename={"idempotency_key": "Idempotency-Key"}):
    """What a post may say beside its body."""

    idempotency_key: Key | None = None


def keyed(source: Source, station: str, key: str) -> Source:
    """The source under the id that this key always gives at this station."""
    return replace(source, id=str(uuid.uuid5(_NAMESPACE, f"{station}\0{key}")))


def once(*posted: str | None) -> IdempotencyKey:
    """Has what was posted count once."""
    return IdempotencyKey(sha256(msgspec.json.encode(posted)).hexdigest(), _told)


def _told(outcome: Outcome) -> str:
    return msgspec.json.encode(answer(outcome)).decode()


_answers = msgspec.json.Decoder(Answer)


def again(before: StoredResponse, asked: str) -> Answer:
    """The answer to a repeat.

    Raises:
        HTTPException: it is none.
    """
    if before.asked != asked:
        raise HTTPException(422, "this Idempotency-Key was used for another post; use a new one for each")
    return _answers.decode(before.told)


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
        answers = {200: DescribedResponse("What became of it.", {JSON: Told}, replayed)}
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
    ) -> tuple[Source, IdempotencyKey | None]:
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
                reason = msg("not booked: {reason_text}", reason_text=event.reason)
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
                msg(
                    "no answer within {seconds} s; look at the history whether it was booked",
                    seconds=int(OUTCOME_WAIT_S),
                ),
            ) from error

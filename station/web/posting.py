"""Posted scans and commands: queued for the desk, and answered with their outcome."""

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
from station.web.endpoints import (
    DISPLAY,
    DOCUMENTS,
    JSON,
    Call,
    DescribedResponse,
    Endpoint,
    json_answer,
)
from station.web.requests import LanguageQuery
from station.worker.entries import TEXT_CHARACTERS, Commanded, IdempotencyKey, Scanned

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from station.i18n.catalogues import Language
    from station.source import Source
    from station.worker.entries import Entry, Inbox, Outcome, StoredResponse

REPLAYED = "Idempotency-Replayed"
_NAMESPACE = uuid.UUID("5a1b7c53-3d0f-4f0e-9f5e-0d7f5d6c2b11")
"""For ids derived from keys (UUID version 5, RFC 9562, 5.5); changing it would have retries booked twice."""

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$")]

_answers = msgspec.json.Decoder(Answer)
OUTCOME_WAIT_S = 30.0
POSTING_THREADS = 8
"""How many posts may wait for room in the queue at once, so that threads for reading stay free."""
OFFICE_COMMANDS = frozenset({"cancel-document", "reopen-document"})
"""Commands that workers can't give at the dock."""
PostedText = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARACTERS)]
SymbologyIdentifier = Annotated[str, msgspec.Meta(max_length=3, pattern=r"^\][A-Za-z][0-9A-Za-z]$")]
ScannerName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PostHeaders(msgspec.Struct, frozen=True, rename={"idempotency_key": "Idempotency-Key"}):
    """A post's headers."""

    idempotency_key: Key | None = None


def keyed(source: Source, station: str, key: str) -> Source:
    """The source with the id that this key always has at this station."""
    return replace(source, id=str(uuid.uuid5(_NAMESPACE, f"{station}\0{key}")))


def once(*posted: str | None) -> IdempotencyKey:
    """Have a post processed only once."""
    return IdempotencyKey(sha256(msgspec.json.encode(posted)).hexdigest(), _answer_json)


def _answer_json(outcome: Outcome) -> str:
    return msgspec.json.encode(answer(outcome)).decode()


def again(before: StoredResponse, request_digest: str) -> Answer:
    """The answer to a repeated post.

    Raises:
        HTTPException: the key was used for another post.
    """
    if before.request_digest != request_digest:
        raise HTTPException(422, "this Idempotency-Key was used for another post; use a new one for each")
    return _answers.decode(before.response)


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields that every post may have."""

    scanner: ScannerName = "display"


class PostedScan(Posted, frozen=True, kw_only=True):
    """A label's text."""

    text: PostedText
    symbology_identifier: SymbologyIdentifier | None = None


class PostedCommand(Posted, frozen=True, kw_only=True):
    """A command without its prefix."""

    command: PostedText


class Posting:
    """Puts entries into the queue and waits for their outcomes."""

    def __init__(self, inbox: Inbox, stamp: Callable[[str, str], Source], station: str) -> None:
        self._station = station
        self._inbox = inbox
        self._stamp = stamp
        self._threads = anyio.CapacityLimiter(POSTING_THREADS)

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        replayed = {
            REPLAYED: "Set if this key was used before: nothing was done, and the answer is the first one."
        }
        answers = {200: DescribedResponse("The outcome.", {JSON: Answer}, replayed)}
        problems = {
            422: "The body does not match the schema, or the Idempotency-Key was used for another post.",
            503: "It could not be booked, and nothing was stored: post it again.",
            504: "No answer in time: post it again with its Idempotency-Key, or check the history.",
        }
        return [
            Endpoint(
                "POST",
                path,
                serve,
                answers,
                DISPLAY | DOCUMENTS,
                query=LanguageQuery,
                headers=PostHeaders,
                body=body,
                problems=problems,
            )
            for path, serve, body in (
                ("/api/v1/scans", self.scans, PostedScan),
                ("/api/v1/commands", self.commands, PostedCommand),
            )
        ]

    async def scans(self, call: Call[LanguageQuery, PostHeaders, PostedScan]) -> Response:
        """Scan a label, or anything else that can be scanned: a document number, a command barcode's text.

        The answer is sent after the commit. With an `Idempotency-Key` it is scanned only once, however often
        it is posted, and the answer is always the same. A command barcode needs its check, as from a scanner,
        unless the token has the scope documents or admin.
        """
        posted = call.body
        source, once = self._source(posted.text, call, posted.symbology_identifier)
        read = replace(source, symbology_identifier=posted.symbology_identifier)
        entry = Scanned(read, once=once, is_trusted=call.client.is_trusted)
        return await self._post(entry, language(call.query.language))

    async def commands(self, call: Call[LanguageQuery, PostHeaders, PostedCommand]) -> Response:
        """Give a command without its prefix: `yes`, `open CM-1001`, `choose 2`.

        The answer is sent after the commit. With an `Idempotency-Key` it is given only once, however often it
        is posted, and the answer is always the same. From a program whose token has neither the scope
        documents nor admin, a command needs the check of its code, except `choose`: `save~7KQ2`.
        """
        word = call.body.command.partition(" ")[0]
        if word in OFFICE_COMMANDS and not call.client.may(DOCUMENTS):
            raise HTTPException(403, f'"{word}" is for the office: it needs the scope documents')
        source, once = self._source(call.body.command, call)
        entry = Commanded(source, once, is_trusted=call.client.may_command)
        return await self._post(entry, language(call.query.language))

    def _source(
        self, text: str, call: Call[LanguageQuery, PostHeaders, Any], symbology_identifier: str | None = None
    ) -> tuple[Source, IdempotencyKey | None]:
        """The source, and the idempotency key if there is one."""
        scanner: str = call.body.scanner
        if not scanner.isprintable():
            raise HTTPException(422, "scanner must contain only printable characters")
        stamped, key = self._stamp(text, scanner), call.headers.idempotency_key
        source = replace(stamped, program=call.client.program)
        if key is None:
            return source, None
        path = call.request.url.path
        return keyed(source, self._station, key), once(path, text, symbology_identifier, scanner)

    async def _post(self, entry: Scanned | Commanded, speaking: Language) -> Response:
        outcome = await self._outcome(entry)
        if outcome.before is not None and entry.once is not None:
            first, headers = again(outcome.before, entry.once.request_digest), {REPLAYED: "true"}
            return json_answer(answer_in(speaking, first), headers=headers)
        for event in outcome.events:
            if isinstance(event, ScanFailed):
                reason = msg("not booked: {reason_text}", reason_text=event.reason)
                raise HTTPException(503, reason, {"Retry-After": "1"})
        return json_answer(answer_in(speaking, answer(outcome)))

    async def _outcome(self, entry: Entry) -> Outcome:
        """Queue an entry; returns after the commit.

        Raises:
            HTTPException: no answer came in time; it is unknown whether the entry was booked.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()

        def settle(value: Outcome) -> None:
            if not outcome.done():
                outcome.set_result(value)

        def done(value: Outcome) -> None:
            # Runs in the desk's thread. A closed loop means that the station is stopping and nobody waits.
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
                    "no answer within {seconds} s; check the history to see whether it was booked",
                    seconds=int(OUTCOME_WAIT_S),
                ),
            ) from error

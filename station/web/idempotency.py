"""The ``Idempotency-Key`` header: what is posted again under the same key is not done again.

As in the IETF's draft "The Idempotency-Key HTTP Header Field": a retry is answered as the first post was, the
same key with something else is refused. The entry's id is made of the key (I4): the database itself knows it.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

import msgspec
from starlette.exceptions import HTTPException

from station.desk.entries import Once
from station.display.messages import answer
from station.display.state import Answer

if TYPE_CHECKING:
    from station.desk.entries import Outcome, Remembered
    from station.events import Source

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


def once(*posted: str | None) -> Once:
    """Has what was posted count once."""
    return Once(sha256(msgspec.json.encode(posted)).hexdigest(), _told)


def _told(outcome: Outcome) -> str:
    return msgspec.json.encode(answer(outcome)).decode()


_answers = msgspec.json.Decoder(Answer)


def again(before: Remembered, asked: str) -> Answer:
    """The answer to a repeat.

    Raises:
        HTTPException: it is none.
    """
    if before.asked != asked:
        raise HTTPException(422, "this Idempotency-Key was used for another post; use a new one for each")
    return _answers.decode(before.told)

"""The question that stands, as the database holds it."""

from __future__ import annotations

import msgspec

from station.errors import DatabaseError
from station.i18n.messages import msg
from station.questions import Question

_decoder = msgspec.json.Decoder(Question)
"""The desk's thread and the displays' share it."""


def stored_question(body: str, station: str) -> Question:
    """The question of a station.

    Raises:
        DatabaseError: a newer version asked it.
    """
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise DatabaseError(
            msg(
                "the question of station {station} can't be read by this version ({error}); "
                "answer it with the version that asked",
                station=station,
                error=error,
            )
        ) from error

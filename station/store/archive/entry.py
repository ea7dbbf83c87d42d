"""One line of the archive: a document whole, or what belongs to none."""

from __future__ import annotations

from typing import Any

import msgspec

Row = dict[str, Any]
"""A row of a table, by column."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document with all its rows, each field's as the table of that name has them.

    Without a document: one row of history that belongs to none, or one post.
    """

    schema: str
    """The version of the database that the rows are of."""
    document: Row | None = None
    lines: tuple[Row, ...] = ()
    attachments: tuple[Row, ...] = ()
    generated_numbers: tuple[Row, ...] = ()
    history: tuple[Row, ...] = ()
    moves: tuple[Row, ...] = ()
    sessions: tuple[Row, ...] = ()
    posts: tuple[Row, ...] = ()

    @property
    def leaving(self) -> tuple[tuple[Row, ...], ...]:
        """The rows that leave the database: a document itself and its lines stay."""
        return (
            self.attachments,
            self.generated_numbers,
            self.history,
            self.moves,
            self.sessions,
            self.posts,
        )

    @property
    def weight(self) -> int:
        """How many leave."""
        return sum(map(len, self.leaving))

    @property
    def status(self) -> object:
        """The document's."""
        return self.document["status"] if self.document else None


_decoder = msgspec.json.Decoder(Entry)
_encoder = msgspec.json.Encoder()


def line_of(entry: Entry) -> bytes:
    """The entry as a line of JSON."""
    return _encoder.encode(entry) + b"\n"


def entry_of(line: bytes) -> Entry:
    """The entry of a line.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return _decoder.decode(line)


def month_of(at: str) -> str:
    """The month of a time as tables have it: ``2024-11``."""
    return at[:7]

"""Ids and times of entries in the queue."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One scan, typed number, touch or post: its origin, time and text."""

    id: str
    """UUIDv7; the key that ensures it is applied at most once (I4)."""
    at: datetime
    scanner: str
    text: str
    symbology_identifier: str | None = None
    """``]C1``, if the scanner sent it: the same text has another meaning under another one."""
    program: str | None = None
    """The name of the program that posted it: it acts in its own name, not in that of the badge (D5)."""


def now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def uuid7() -> str:
    """A UUID of version 7 (RFC 9562, 5.7): sorts by its millisecond, so an index grows at its end."""
    value = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def stamp(
    text: str, scanner: str, at: datetime | None = None, symbology_identifier: str | None = None
) -> Source:
    """A new source for something just read, typed or touched."""
    return Source(
        id=uuid7(), at=at or now(), scanner=scanner, text=text, symbology_identifier=symbology_identifier
    )


def timestamp(at: datetime) -> str:
    """A time as tables, JSON and the log have it: UTC, milliseconds, ``2026-11-23T05:00:00.812Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

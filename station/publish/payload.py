"""What receivers get, as JSON; docs/publishing.md has each key."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec

from station.display.state import entry_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.events import HistoryRow
    from station.outbox import EndedSession

_json = msgspec.json.Encoder()


def row_json(row: HistoryRow) -> bytes:
    """A row of history, with the keys that it has everywhere."""
    return _json.encode(entry_shown(row))


def session_json(session: EndedSession) -> bytes:
    """The end of a session."""
    return _json.encode(asdict(session))


def rows_request(rows: Sequence[HistoryRow]) -> bytes:
    """The body of a request with rows."""
    return _json.encode({"type": "history", "rows": [entry_shown(row) for row in rows]})


def session_request(session: EndedSession) -> bytes:
    """The body of a request with the end of a session."""
    return _json.encode({"type": "session_ended", "session": asdict(session)})

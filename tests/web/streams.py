"""A reader of server-sent events, as strict as a browser's."""

from __future__ import annotations

import http.client
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Received:
    """One event, or, if `kind` is empty, a block that only sets the id."""

    kind: str
    last_event_id: str
    data: Any


class Stream:
    """The events of one connection."""

    def __init__(self, response: http.client.HTTPResponse, last_event_id: str) -> None:
        self.response = response
        self.last_event_id = last_event_id

    def receive(self) -> Received:
        """The next block that is not a comment.

        Raises:
            EOFError: the stream has ended.
        """
        kind, data = "", ""
        while line := self.response.readline().decode():
            assert line.endswith("\n")
            name, _, value = line[:-1].partition(": ")
            if name == "id":
                self.last_event_id = value
            elif name == "event":
                kind = value
            elif name == "data":
                data += value
            elif not line[:-1] and (kind or not data):
                return Received(kind, self.last_event_id, json.loads(data) if data else None)
            else:
                assert name in {"", "retry"}, line
        raise EOFError

    def rows(self, count: int) -> list[dict[str, Any]]:
        """The next rows of history; other events between them are skipped."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            received = self.receive()
            if received.kind == "history":
                assert received.last_event_id == str(received.data["number"])
                found.append(received.data)
        return found


@contextmanager
def stream(
    url: str, last_event_id: str = "", query: str = "", headers: dict[str, str] | None = None
) -> Iterator[Stream]:
    """Connect; if `last_event_id` is empty, the header is not sent."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        sent = {"Last-Event-ID": last_event_id} if last_event_id else {}
        connection.request("GET", f"/api/v1/events{query}", headers=sent | (headers or {}))
        response = connection.getresponse()
        assert response.status == 200, response.read()
        assert response.getheader("content-type", "").startswith("text/event-stream")
        yield Stream(response, last_event_id)
    finally:
        connection.close()

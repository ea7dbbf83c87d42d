"""Requests to a station over HTTP, as programs send them."""

from __future__ import annotations

import http.client
import json
from typing import Any

JSON = {"Content-Type": "application/json"}


def ask(
    url: str,
    method: str,
    path: str,
    body: bytes | dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """The status and the decoded answer; an error must have the media type of problem details."""
    status, answer, _ = asked(url, method, path, body, headers)
    return status, answer


def asked(
    url: str,
    method: str,
    path: str,
    body: bytes | dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any, http.client.HTTPMessage]:
    """The same, with the answer's headers."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    try:
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request(method, path, sent, JSON if headers is None else headers)
        response = connection.getresponse()
        answer = response.read()
        kind = "application/json" if response.status < 300 else "application/problem+json"
        assert response.getheader("content-type") == kind
        return response.status, json.loads(answer), response.headers
    finally:
        connection.close()


def problem_of(*asked: Any) -> tuple[int, str]:
    """The status and detail of a problem response."""
    status, answer = ask(*asked)
    assert set(answer) == {"type", "title", "status", "detail"}
    assert answer["status"] == status
    assert "Traceback" not in answer["detail"]
    return status, answer["detail"]

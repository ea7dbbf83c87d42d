"""``GET /openapi.json``: what all the rest is."""

from __future__ import annotations

from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from station.web.endpoints import JSON, Answer, Call, Endpoint, json_answer
from station.web.openapi import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response


class Description:
    """Serves the description of all endpoints, itself included."""

    def __init__(self, others: Sequence[Endpoint], *, needs_token: bool) -> None:
        self._others = others
        self._needs_token = needs_token
        self._described: dict[str, Any] | None = None

    def endpoints(self) -> list[Endpoint]:
        """What of this is asked over HTTP."""
        answer = Answer("The description.", {JSON: dict[str, Any]})
        return [Endpoint("GET", "/openapi.json", self.openapi, {200: answer}, None)]

    async def openapi(self, _call: Call[object, object, None]) -> Response:
        """This description (OpenAPI 3.1)."""
        if self._described is None:
            # It takes a moment, and most stations are never asked.
            endpoints = [*self._others, *self.endpoints()]
            self._described = await to_thread.run_sync(
                partial(describe, endpoints, version("scanstation"), needs_token=self._needs_token)
            )
        return json_answer(self._described)

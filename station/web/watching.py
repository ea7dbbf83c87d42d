"""What monitoring asks: whether the station is ready, and its metrics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.responses import Response

from station.events import ScannerState
from station.web.endpoints import JSON, Answer, Call, Endpoint, json_answer
from station.web.problems import problem
from station.web.standing import Health

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.display.state import DisplayState
    from station.web.looking import Look
    from station.web.tokens import Scope

MEDIA_TYPE = "text/plain"
_CONTENT_TYPE = f"{MEDIA_TYPE}; version=0.0.4; charset=utf-8"
METRICS: frozenset[Scope] = frozenset({"metrics"})


class Watching:
    """Serves monitoring."""

    def __init__(
        self, look: Look, is_ready: Callable[[], bool], metrics: Callable[[DisplayState | None], bytes]
    ) -> None:
        """`is_ready`: whether scans can be processed. `metrics`: their text, of the state if it is known."""
        self._look = look
        self._is_ready = is_ready
        self._metrics = metrics

    def endpoints(self) -> list[Endpoint]:
        """What of this is asked over HTTP."""
        return [
            Endpoint("GET", "/readyz", self.ready, {200: Answer("A worker can scan.", {JSON: Health})}, None),
            Endpoint(
                "GET", "/metrics", self.metrics, {200: Answer("The metrics.", {MEDIA_TYPE: str})}, METRICS
            ),
        ]

    async def ready(self, _call: Call[object, object, None]) -> Response:
        """Whether a worker can scan now: scans can be processed, and every configured scanner is connected.

        The database is looked at; `/healthz` answers at once, by what was seen last.
        """
        state = await self._look.state()
        if state is None or not self._is_ready():
            return problem(503, "scans can't be processed now", {"Retry-After": "1"})
        connected = sum(scanner.state is ScannerState.CONNECTED for scanner in state.scanners)
        if connected < len(state.scanners):
            # Everybody may ask: the names are told to those who may see the display.
            detail = f"scanners connected: {connected} of {len(state.scanners)}; scanstation doctor says why"
            return problem(503, detail, {"Retry-After": "5"})
        return json_answer(Health())

    async def metrics(self, _call: Call[object, object, None]) -> Response:
        """Counters and states for Prometheus, in its text format (version 0.0.4)."""
        state = await self._look.state()
        text = await to_thread.run_sync(partial(self._metrics, state))
        return Response(text, media_type=_CONTENT_TYPE)

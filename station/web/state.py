"""The station's state, its health and its metrics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import anyio
import msgspec
from anyio import to_thread
from starlette.responses import Response

from station.events import ScannerState
from station.i18n.catalogues import language
from station.outputs.display.keeper import ENTRIES, ENTRIES_MOST
from station.outputs.display.messages import state_in
from station.outputs.display.state import DisplayState
from station.web.endpoints import DISPLAY, JSON, Call, DescribedResponse, Endpoint, json_answer
from station.web.problems import problem
from station.web.requests import LanguageQuery, Whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.outputs.display.keeper import DisplayStateKeeper
    from station.web.access import Access
    from station.web.limits import Waiting
    from station.web.tokens import Scope

WAIT_S = 30
"""The longest time that a request for the state is held."""
UNWELL_WAIT_S = 2
"""The same while the database is unavailable: only reading shows that it is back."""

LOOK_WAIT_S = 3.0
"""Shorter than the timeout of monitoring: without its database the station must not look unreachable."""
MEDIA_TYPE = "text/plain"
_CONTENT_TYPE = f"{MEDIA_TYPE}; version=0.0.4; charset=utf-8"
METRICS: frozenset[Scope] = frozenset({"metrics"})


class StateQuery(LanguageQuery, frozen=True):
    """How much of the state, and when."""

    after: Whole = 0
    wait: Annotated[int, msgspec.Meta(ge=0, le=WAIT_S)] = 0
    entries: Annotated[int, msgspec.Meta(ge=1, le=ENTRIES_MOST)] = ENTRIES


class Health(msgspec.Struct, frozen=True):
    """The station is healthy."""

    status: Literal["ok"] = "ok"


class StateRoutes:
    """Serves the state."""

    def __init__(
        self, keeper: DisplayStateKeeper, waiting: Waiting, access: Access, is_ready: Callable[[], bool]
    ) -> None:
        self._keeper = keeper
        self._waiting = waiting
        self._access = access
        self._is_ready = is_ready

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        return [
            Endpoint(
                "GET",
                "/api/v1/state",
                self.state,
                {200: DescribedResponse("The state.", {JSON: DisplayState})},
                DISPLAY,
                query=StateQuery,
            ),
            Endpoint(
                "GET",
                "/healthz",
                self.health,
                {200: DescribedResponse("Scans can be processed.", {JSON: Health})},
                None,
            ),
        ]

    async def state(self, call: Call[StateQuery, object, None]) -> Response:
        """Everything that a display shows.

        With `after` and `wait` the answer is sent as soon as the state differs from that version, at the
        latest after `wait` seconds. `entries` limits the session's history, newest first.
        """
        query = call.query
        if query.after and query.wait:
            longest_s = query.wait if self._keeper.database.ok else min(query.wait, UNWELL_WAIT_S)
            with self._waiting.held.place(call.client.key, "state"):
                await self._waiting.changed(query.after, longest_s)
            # The token may have been revoked meanwhile.
            self._access.admit(call.request, DISPLAY)
        return json_answer(await to_thread.run_sync(self._state_as, query))

    def _state_as(self, query: StateQuery) -> DisplayState:
        return state_in(language(query.language), self._keeper.state(query.entries))

    async def health(self, _call: Call[object, object, None]) -> Response:
        """Whether scans can be processed now."""
        if self._is_ready():
            return json_answer(Health())
        return problem(503, "scans can't be processed now", {"Retry-After": "1"})


class Look:
    """Reads the state; one read at a time, however many requests there are."""

    def __init__(self, keeper: DisplayStateKeeper) -> None:
        self._keeper = keeper
        self._one = anyio.CapacityLimiter(1)

    async def state(self) -> DisplayState | None:
        """The current state with only one entry of history; None: the database doesn't answer in time."""
        with anyio.move_on_after(LOOK_WAIT_S):
            look = partial(self._keeper.state, 1)
            return await to_thread.run_sync(look, abandon_on_cancel=True, limiter=self._one)
        return None


class Watching:
    """Serves readiness and metrics for monitoring."""

    def __init__(
        self, look: Look, is_ready: Callable[[], bool], metrics: Callable[[DisplayState | None], bytes]
    ) -> None:
        """`is_ready`: whether scans can be processed. `metrics`: their text, for the state if it is known."""
        self._look = look
        self._is_ready = is_ready
        self._metrics = metrics

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        return [
            Endpoint(
                "GET",
                "/readyz",
                self.ready,
                {200: DescribedResponse("A worker can scan.", {JSON: Health})},
                None,
            ),
            Endpoint(
                "GET",
                "/metrics",
                self.metrics,
                {200: DescribedResponse("The metrics.", {MEDIA_TYPE: str})},
                METRICS,
            ),
        ]

    async def ready(self, _call: Call[object, object, None]) -> Response:
        """Whether a worker can scan now: scans can be processed, and every configured scanner is connected.

        This reads the database; `/healthz` answers at once from what was last seen.
        """
        state = await self._look.state()
        if state is None or not self._is_ready():
            return problem(503, "scans can't be processed now", {"Retry-After": "1"})
        connected = sum(scanner.state is ScannerState.CONNECTED for scanner in state.scanners)
        if connected < len(state.scanners):
            # Without names: this endpoint is public, and the names need a token.
            detail = f"scanners connected: {connected} of {len(state.scanners)}; run scanstation doctor"
            return problem(503, detail, {"Retry-After": "5"})
        return json_answer(Health())

    async def metrics(self, _call: Call[object, object, None]) -> Response:
        """Counters and states for Prometheus, in its text format (version 0.0.4)."""
        state = await self._look.state()
        text = await to_thread.run_sync(partial(self._metrics, state))
        return Response(text, media_type=_CONTENT_TYPE)

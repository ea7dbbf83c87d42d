"""The metrics of how far publishers are behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.errors import DatabaseError
from station.history import Lag
from station.outputs.display.keeper import DisplayStateKeeper
from station.outputs.metrics.gauges import Sources
from station.outputs.metrics.registry import Metrics
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.repository.view import View
from tests.outputs.metrics.exposing import samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from station.outputs.display.state import DisplayState
    from tests.outputs.metrics.exposing import Samples

SOURCES = Sources(queued=lambda: 0, held=lambda: 0, is_healthy=lambda: True, clients=dict)


@pytest.fixture
def state(sqlite_url: str) -> Iterator[DisplayState]:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    yield DisplayStateKeeper(View(engine, "dock-1"), "dock-1", "").state()
    engine.dispose()


def _lags(lags: Callable[[], Iterable[Lag]], state: DisplayState | None) -> Samples:
    found = samples(Metrics(SOURCES, lags=lags).text(state).decode())
    return {key: value for key, value in found.items() if key[0].startswith("scanstation_publisher_lag")}


def test_each_publisher_has_its_rows_and_age(state: DisplayState) -> None:
    assert _lags(lambda: [Lag("erp", 12, 3.5), Lag("bus", 0, 0.0)], state) == {
        ("scanstation_publisher_lag_rows", ("erp",)): 12,
        ("scanstation_publisher_lag_seconds", ("erp",)): 3.5,
        ("scanstation_publisher_lag_rows", ("bus",)): 0,
        ("scanstation_publisher_lag_seconds", ("bus",)): 0,
    }


def test_a_publisher_that_is_no_longer_configured_has_no_metrics(state: DisplayState) -> None:
    lags = [Lag("erp", 12, 3.5)]
    metrics = Metrics(SOURCES, lags=lambda: lags)
    metrics.text(state)
    lags[:] = [Lag("bus", 0, 0.0)]
    assert ("scanstation_publisher_lag_rows", ("erp",)) not in samples(metrics.text(state).decode())


def test_while_the_database_is_down_it_is_not_queried(state: DisplayState) -> None:
    asked = []
    assert _lags(lambda: asked.append(1) or [], None) == {}  # type: ignore[func-returns-value]
    assert asked == []

    def refuse() -> list[Lag]:
        raise DatabaseError("away")

    assert _lags(refuse, state) == {}

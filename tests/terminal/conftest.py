from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.repository.database import open_engine
from station.repository.schema import upgrade
from tests.terminal import dock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Documents and items, on SQLite and on PostgreSQL."""
    dock.fill(engine)
    return engine


@pytest.fixture
def station(sqlite_url: str) -> Iterator[dock.Dock]:
    """A station that answers over HTTP."""
    engine = open_engine(sqlite_url)
    upgrade(engine)
    dock.fill(engine)
    dock.open_session(engine)
    with dock.running(engine) as running:
        yield running
    engine.dispose()

"""A small company in its own database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.repository.database import open_engine
from tests.stations import fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def company(engine: Engine) -> Engine:
    fill(engine)
    return engine


@pytest.fixture
def shared(postgres_url: str) -> Iterator[Engine]:
    """The company on PostgreSQL, where stations work concurrently."""
    engine = open_engine(postgres_url)
    fill(engine)
    yield engine
    engine.dispose()

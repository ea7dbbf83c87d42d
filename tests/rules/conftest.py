from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from station.repository.checking import findings
from tests.conftest import url_of
from tests.rules import world
from tests.rules.hall import Hall, company

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Use both databases only in `.ci/run`, as each test creates one; tests/repository always uses both."""
    return url_of(request)


@pytest.fixture
def hall(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[Hall]:
    """The company in its own database, whose invariants are checked after the test."""
    world.write(engine, company())
    with ExitStack() as at_work:
        yield Hall(engine, database_url, tmp_path, at_work)
    assert list(findings(engine)) == []

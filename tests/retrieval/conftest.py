from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from station.store.checking import findings
from tests.retrieval import world
from tests.retrieval.hall import Hall, company

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def hall(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[Hall]:
    """The company in a database of the test's own; whatever was done, its invariants hold afterwards."""
    world.write(engine, company())
    with ExitStack() as at_work:
        yield Hall(engine, database_url, tmp_path, at_work)
    assert list(findings(engine)) == []

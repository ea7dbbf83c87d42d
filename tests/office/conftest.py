from __future__ import annotations

import pytest

from tests.conftest import url_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Many files, each in a database of its own: on both in `.ci/run`; the store's own tests always are."""
    return url_of(request)

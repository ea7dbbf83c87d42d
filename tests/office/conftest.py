from __future__ import annotations

import pytest

from tests.conftest import url_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Many files, each in its own database: PostgreSQL only in `.ci/run`; repository tests always use it."""
    return url_of(request)

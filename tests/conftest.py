"""Databases for the tests: SQLite in a file of each test, PostgreSQL in a cluster of the run."""

from __future__ import annotations

import itertools
import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text

from station.repository.database import open_engine
from station.repository.schema import upgrade
from tests import postgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

NOTHING_SKIPPED = bool(os.environ.get("SCANSTATION_FULL"))
"""Set by `.ci/run`: what a machine lacks is then a failure, and the long tests run."""

LONG = "take long (SCANSTATION_FULL=1 runs them)"
DOT_FOR = 100

_numbers = itertools.count()
_passed = itertools.count(1)

# How long an example takes depends on the machine.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not os.environ.get("SCANSTATION_RELEASE"):
        later = [item for item in items if item.get_closest_marker("release")]
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if item not in later]
    if NOTHING_SKIPPED:
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason=LONG))


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """A run of everything shows a dot for every hundred tests, and no letter for one that is skipped."""
    is_split = getattr(config.option, "numprocesses", None) is not None
    if not is_split or config.get_verbosity() or report.failed or hasattr(report, "wasxfail"):
        return None
    if report.skipped:
        return "skipped", "", ""
    if report.when != "call":
        return None
    return "passed", "" if next(_passed) % DOT_FOR else ".", ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """In one line what was skipped, and why."""
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        summed = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        terminalreporter.line(f"{len(skipped)} tests are left to .ci/run: {summed}")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    if postgres.programs() is None and not NOTHING_SKIPPED:
        pytest.skip("PostgreSQL isn't installed: apt install postgresql")
    with postgres.cluster() as cluster:
        engine = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE template"))
        engine.dispose()
        template = open_engine(cluster.url("template"))
        upgrade(template)
        template.dispose()
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> str:
    """A database of the test's own, with the schema in it."""
    name = f"test_{next(_numbers)}"
    engine = create_engine(postgres_cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template"))
    engine.dispose()
    return postgres_cluster.url(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'scanstation.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it runs on both databases."""
    return url_of(request)


def url_of(request: pytest.FixtureRequest) -> str:
    """A database of the kind that the request's parameter names."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(fixture))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the newest schema: a copy takes a hundredth of the time that the migrations take."""
    file = tmp_path_factory.mktemp("template") / "scanstation.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def engine(database_url: str, sqlite_template: Path) -> Iterator[Engine]:
    """An empty database with the newest schema, on SQLite and on PostgreSQL."""
    if database_url.startswith("sqlite:///"):
        shutil.copyfile(sqlite_template, database_url.removeprefix("sqlite:///"))
    engine = open_engine(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()

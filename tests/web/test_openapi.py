"""The description covers everything that is served, and every answer conforms to it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from station.office.sending import SqlOffice
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.web import page
from station.web.app import Web
from station.web.login import Login
from tests.stations import assert_all_is_well, fill
from tests.web.asking import ask
from tests.web.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.terminal.dock import Dock
    from tests.web.served import Served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = (
    *(
        "GET /api/v1/state",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /openapi.json",
        "GET /api/v1/events",
    ),
    *("POST /api/v1/scans", "POST /api/v1/commands", "GET /api/v1/history", "GET /api/v1/frames"),
    *("GET /api/v1/documents", "GET /api/v1/documents/{number}", "PUT /api/v1/documents/{number}"),
    "POST /api/v1/units/{serial_number}",
)


@contextmanager
def _station(directory: Path) -> Iterator[Served]:
    engine = open_engine(f"sqlite:///{directory / 'scanstation.db'}")
    upgrade(engine)
    fill(engine)
    with served(engine) as here:
        here.seat.command("open CM-1")
        yield here
    assert_all_is_well(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with _station(tmp_path_factory.mktemp("described")) as here:
        yield here


def test_everything_that_is_served_is_described(station: Dock) -> None:
    _, described = ask(station.url, "GET", "/openapi.json")
    there = {f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods}
    assert there == set(OPERATIONS)
    web = Web(station.keeper, station.keeper._reader, station.inbox, None, None, SqlOffice(station.engine))  # type: ignore[arg-type]
    served: Any = web.app()
    while not hasattr(served, "routes"):
        served = served._app
    of_browsers = {route.path for route in [*Login(web.access, "").routes(), *page.routes(page.read_page)]}  # type: ignore[attr-defined]
    paths = {
        route.path.replace(":anything}", "}") for route in served.routes if route.path not in of_browsers
    }
    assert paths == set(described["paths"])


def test_each_operation_has_a_summary_and_its_errors(station: Dock) -> None:
    _, described = ask(station.url, "GET", "/openapi.json")
    assert described["openapi"] == "3.1.0"
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert {"400", "500", "503"} <= set(operation["responses"]), path
    shapes = described["components"]["schemas"]
    for name, shape in shapes.items():
        assert not re.match(r"^\w+\(", shape.get("description", "")), name
    assert shapes["LineShown"]["properties"]["credited"]["description"].startswith("Attached units")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize(
    "examples", [15, pytest.param(500, marks=[pytest.mark.full, pytest.mark.timeout(1800)])]
)
def test_every_answer_is_described(here: Served, label: str, mode: GenerationMode, examples: int) -> None:
    """Nor does any request lead to an internal error (500)."""
    schema = schemathesis.openapi.from_url(f"{here.url}/openapi.json")
    operation: Any = schema.find_operation_by_label(label)
    if mode is GenerationMode.NEGATIVE and not [*operation.iter_parameters(), *operation.body]:
        # It has no parameters that could be wrong.
        return

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask_anything(case: Any) -> None:
        _make_plausible(case)
        if label == "GET /api/v1/events":
            _begin_stream(case, here)
        else:
            case.validate_response(case.call(), checks=CHECKS)

    ask_anything()


def _make_plausible(case: Any) -> None:
    """Give some documents known items: otherwise all would be refused for unknown ones."""
    if case.method == "PUT" and isinstance(case.body, dict) and case.body.get("customer", "") == "":
        case.body["location"] = "MAIN"
        if isinstance(case.body.get("lines"), list):
            case.body["lines"] = [
                {"item": item, "requested": 1} for item, _ in zip("ABC", case.body["lines"], strict=False)
            ]


def _begin_stream(case: Any, here: Served) -> None:
    """A stream never ends: check only how it begins."""
    asked = case.as_transport_kwargs(base_url=here.url)
    with requests.request(**asked, stream=True, timeout=60) as answer:
        assert answer.status_code in {200, 400}
        kind = "text/event-stream" if answer.status_code == 200 else "application/problem+json"
        assert answer.headers["content-type"].partition(";")[0] == kind

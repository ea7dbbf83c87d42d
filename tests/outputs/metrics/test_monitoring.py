"""The examples of docs/monitoring, and the page: they name existing metrics, and Prometheus accepts them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from station.outputs.metrics.counting import SCAN_OUTCOMES, Rejection
from station.outputs.metrics.gauges import Sources
from station.outputs.metrics.registry import Metrics
from tests.outputs.metrics.exposing import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DOCS = Path(__file__).parents[3] / "docs"
MONITORING = DOCS / "monitoring"
RULES = MONITORING / "alerts.yml"
PAGE = DOCS / "metrics.md"
DASHBOARD = MONITORING / "dashboard.json"
OF_PROMETHEUS = {"up"}
_NAME = re.compile(r"\b(?:scanstation|process)_[a-z_]+\b")


@pytest.fixture(scope="module")
def exposed() -> dict[str, str]:
    """The names of all families in the text, with their types."""
    sources = Sources(lambda: 0, lambda: 0, lambda: True, dict)
    text = Metrics(sources, ["left"]).text(None).decode()
    return {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in text_string_to_metric_families(text)
    }


def _asked(expressions: Iterable[str], exposed: dict[str, str]) -> set[str]:
    """Return the named metrics; a histogram's three series are one metric."""
    named = {name for each in expressions for name in _NAME.findall(each)}
    histograms = {name for name, kind in exposed.items() if kind == "histogram"}
    series = {f"{name}_{part}": name for name in histograms for part in ("bucket", "sum", "count")}
    return {series.get(name, name) for name in named}


def _expressions_of_dashboard() -> Iterator[str]:
    board = json.loads(DASHBOARD.read_text())
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for variable in board["templating"]["list"]:
        yield str(variable.get("query", ""))


def _alerts() -> list[str]:
    return re.findall(r"^ +- alert: (\w+)$", RULES.read_text(), re.MULTILINE)


def _run(*command: str | Path, cwd: Path = MONITORING) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_alerts_name_metrics_that_are_exposed(exposed: dict[str, str]) -> None:
    text = "\n".join(line for line in RULES.read_text().splitlines() if not line.lstrip().startswith("#"))
    named = _asked([text], exposed)
    assert len(named) > 8
    assert named - exposed.keys() == set()


def test_the_dashboard_names_metrics_that_are_exposed_and_shows_nearly_all(exposed: dict[str, str]) -> None:
    named = _asked(_expressions_of_dashboard(), exposed)
    assert named - exposed.keys() == set()
    assert exposed.keys() - named <= {"scanstation_question_open", "process_open_fds", "process_max_fds"}


def test_the_page_has_every_metric_with_its_kind_and_no_other(exposed: dict[str, str]) -> None:
    rows = re.findall(r"^\| `((?:scanstation|process)_\w+)` \| (\w+) \|", PAGE.read_text(), re.MULTILINE)
    assert dict(rows) == exposed
    assert _asked([PAGE.read_text()], exposed) - exposed.keys() == set()


def test_the_page_has_every_outcome_reason_and_alert() -> None:
    page = PAGE.read_text()
    first_cells = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
    words = {word for cell in first_cells for word in re.findall(r"`(\w+)`", cell)}
    assert words >= {*SCAN_OUTCOMES, *Rejection, *_alerts()}
    assert {word for word in words if word.startswith("Scanstation")} == set(_alerts())


def test_each_alert_says_what_happened_and_what_to_do() -> None:
    rules = RULES.read_text().split("- alert: ")[1:]
    for rule in rules:
        for part in ("severity:", "summary:", "description:", "remedy:"):
            assert part in rule, rule


def test_prometheus_accepts_the_alerts_and_each_fires_when_it_must() -> None:
    promtool = program("promtool")
    _run(promtool, "check", "rules", RULES)
    _run(promtool, "test", "rules", Path(__file__).parent / "alerts.test.yml")


def test_each_alert_is_tested() -> None:
    tests = (Path(__file__).parent / "alerts.test.yml").read_text()
    assert [name for name in _alerts() if name not in tests] == []


def test_prometheus_accepts_the_example_configuration(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path)
    token = tmp_path / "token"
    token.write_text("scanstation_x")
    example = (MONITORING / "prometheus.yml").read_text()
    remote = re.sub(
        r"^( +)# (?=- targets|scheme|authorization|tls_config|  \w+_file)", r"\1", example, flags=re.MULTILINE
    )
    assert remote.count("#") < example.count("#") - 5
    files = {"scanstation.token": token, "scanstation-ca.pem": token}
    for name, path in files.items():
        remote = remote.replace(f"/etc/prometheus/{name}", str(path))
    for text in (example, remote):
        (tmp_path / "prometheus.yml").write_text(text)
        _run(program("promtool"), "check", "config", tmp_path / "prometheus.yml")


def test_prometheus_accepts_each_expression_of_the_dashboard(tmp_path: Path) -> None:
    """As rules, so that promtool checks them; the test fills in Grafana's variables."""
    filled = {"$__rate_interval": "5m", "$__range": "8h", "$job": "scanstation", "$instance": ".*"}
    rules: list[dict[str, Any]] = []
    for number, each in enumerate(_expressions_of_dashboard()):
        expression = each
        for name, value in filled.items():
            expression = expression.replace(name, value)
        if expression.startswith(("label_values", "{", "prometheus")):
            continue
        rules.append({"record": f"panel:{number}", "expr": expression})
    assert len(rules) > 20
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    _run(program("promtool"), "check", "rules", path)


def test_the_panels_of_the_dashboard_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    panels = json.loads(DASHBOARD.read_text())["panels"]
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)

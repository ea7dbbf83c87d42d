"""A stranger's label can't give commands at a serial port of the running daemon (D11, D5)."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from station.config.loading import read as read_configuration
from station.ops.support.part import BundleRequest
from station.ops.support.redaction import secrets
from station.outputs.display.client import StationLink
from station.repository.database import open_engine
from tests.ops.service.reloading import Scanner, company, state
from tests.ops.support.bundles import made
from tests.outputs.paper.reading_back import pages_of, read
from tests.running import Workplace, wait_until
from tests.stations import query
from tests.web.asking import JSON, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from tests.running import Daemon

NOT_OURS = "not one of our command codes; print a new sheet with scanstation sheet"


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """Memos CM-1 and CM-2, and a badge."""
    place = Workplace(tmp_path)
    company(place)
    more = place.directory / "more"
    more.mkdir()
    (more / "documents.csv").write_text("number,kind,location\nCM-2,credit_memo,MAIN\n")
    (more / "operators.csv").write_text("code,name\nBOSS,The boss\n")
    (more / "locations.csv").write_text("code,name,default,returned_area\nMAIN,Main,yes,BACK\n")
    place.run("import", more)
    return place


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    scanner = Scanner("left")
    yield scanner
    scanner.unplug()


@pytest.fixture
def daemon(place: Workplace, scanner: Scanner) -> Iterator[Daemon]:
    """At work on CM-1, with one unit attached."""
    place.configure(scanner.table())
    with place.daemon() as daemon:
        daemon.wait_for("scanner_changed")
        scanner.scan("CM-1", "A00001")
        daemon.wait_for("history_added")
        yield daemon


def _rows(daemon: Daemon, count: int) -> list[tuple[str, str | None, str]]:
    """What the next rows say, after the fixture's own."""
    return [
        (row["action"], row.get("reason"), row["text"])
        for row in daemon.wait_for("history_added", 1 + count)[1:]
    ]


def _sheet(place: Workplace, *options: str) -> dict[str, str]:
    """The codes of a printed sheet, by what they say without their check."""
    place.run("sheet", *options, "-o", "sheet.pdf")
    pdf = (place.directory / "sheet.pdf").read_bytes()
    texts = [found.text for page in pages_of(pdf) for found in read(page)]
    return {text.rpartition("~")[0]: text for text in texts}


def test_seen_12_a_label_gives_no_command(daemon: Daemon, scanner: Scanner) -> None:
    labels = ["$$BADGE BOSS", "$$UNDO", "$$SAVE", "$$CLOSE", "$$OPEN CM-2"]
    scanner.scan(*labels)
    assert _rows(daemon, 5) == [("Refused", NOT_OURS, label) for label in labels]
    shown = state(daemon)
    assert (shown["document"]["number"], shown["document"]["status"]) == ("CM-1", "open")
    assert (shown["document"]["lines"][0]["credited"], shown["operator"]) == (1, None)


def test_seen_12_a_label_answers_no_question(daemon: Daemon, scanner: Scanner) -> None:
    scanner.scan("B1", "$$YES", "$$NO")
    assert _rows(daemon, 2) == [("Refused", NOT_OURS, "$$YES"), ("Refused", NOT_OURS, "$$NO")]
    assert state(daemon)["question"]["kind"] == "add_item"


def test_seen_12_a_parcels_document_number_does_not_switch_the_document(
    daemon: Daemon, scanner: Scanner
) -> None:
    scanner.scan("CM-2")
    daemon.wait_for("question_raised")
    shown = state(daemon)
    assert shown["document"]["number"] == "CM-1"
    assert shown["question"]["kind"] == "switch_document"
    assert shown["question"]["text"] == "CM-1: 1 of 10 are here. Missing: 9 A. Leave it and open CM-2?"


def test_seen_12_one_qr_code_with_a_unit_and_a_save_saves_nothing(daemon: Daemon, scanner: Scanner) -> None:
    scanner.send(b"A00010\r$$SAVE\r")
    assert _rows(daemon, 2) == [("Assigned", None, "A00010"), ("Refused", NOT_OURS, "$$SAVE")]
    assert state(daemon)["document"]["status"] == "open"


def test_the_stations_own_paper_gives_commands_until_the_key_is_renewed(
    place: Workplace, daemon: Daemon, scanner: Scanner
) -> None:
    printed = _sheet(place, "--commands", "--badges")
    scanner.scan(printed["$$BADGE BOSS"], printed["$$UNDO"], "A00002")
    assert [row[0] for row in _rows(daemon, 2)] == ["Detached", "Assigned"]
    assert state(daemon)["operator"]["code"] == "BOSS"

    refused = place.run("commands", "renew-key", code=1, stdin="n\n")
    assert "the key is not renewed" in refused.err
    scanner.scan(printed["$$UNDO"])
    daemon.wait_for("history_added", 4)

    place.run("commands", "renew-key", "--yes")
    scanner.scan(printed["$$UNDO"])
    assert _rows(daemon, 4)[3] == ("Refused", NOT_OURS, printed["$$UNDO"])
    scanner.scan("A00003", _sheet(place)["$$UNDO"])
    assert [row[0] for row in _rows(daemon, 6)[4:]] == ["Assigned", "Detached"]


def test_the_code_on_the_screen_answers(daemon: Daemon, scanner: Scanner) -> None:
    scanner.scan("B1")
    daemon.wait_for("question_raised")
    codes = state(daemon)["question"]["codes"]
    assert set(codes) == {"yes", "no", "later"}
    scanner.scan(codes["yes"])
    assert _rows(daemon, 1) == [("Added", None, "B1")]


def test_the_page_is_no_more_trusted_than_a_scanner_but_programs_and_watch_are(daemon: Daemon) -> None:
    page = JSON | {"Origin": daemon.url, "Sec-Fetch-Site": "same-origin"}

    def post(text: str, headers: dict[str, str] = JSON) -> Any:
        return ask(daemon.url, "POST", "/api/v1/scans", {"text": text}, headers)[1]

    assert [row["reason"] for row in post("$$UNDO", page)["rows"]] == [NOT_OURS]
    # Touches on the page's own buttons are commands.
    command = {"command": "undo"}
    assert ask(daemon.url, "POST", "/api/v1/commands", command, page)[1]["rows"][0]["action"] == "Detached"
    post("A00001", page)
    assert post("$$UNDO")["rows"][0]["action"] == "Detached"
    with closing(StationLink(daemon.url)) as watch:
        watch.scan("A00001")
        assert watch.scan("$$UNDO").rows[0].action == "Detached"


def test_seen_11_a_badge_is_signed_off_and_a_program_acts_in_its_own_name(
    place: Workplace, daemon: Daemon, scanner: Scanner
) -> None:
    printed = _sheet(place, "--commands", "--badges")
    scanner.scan(printed["$$BADGE BOSS"])
    daemon.wait_for("operator_changed")
    row = ask(daemon.url, "POST", "/api/v1/scans", {"text": "A00002"})[1]["rows"][0]
    assert row["operator"] == "http"
    with closing(StationLink(daemon.url)) as watch:
        assert watch.scan("A00003").rows[0].operator == "BOSS"
    scanner.scan(printed["$$SIGNOFF"])
    wait_until(lambda: state(daemon)["operator"] is None, daemon.log_path)
    scanner.scan("A00004")
    daemon.wait_for("history_added", 4)
    place.run("memo", "save", "--yes")
    engine = open_engine(f"sqlite:///{place.database}")
    booked = query(engine, "SELECT DISTINCT operator FROM moves WHERE event = 'Booked'")
    rows = query(engine, "SELECT operator FROM history WHERE action = 'Assigned' ORDER BY number")
    engine.dispose()
    assert booked == [("command line",)]
    assert rows == [(None,), ("http",), ("BOSS",), (None,)]


@pytest.mark.usefixtures("daemon")
def test_the_key_is_not_in_the_support_bundle(place: Workplace) -> None:
    engine = open_engine(f"sqlite:///{place.database}")
    ((key,),) = query(engine, "SELECT key FROM signing_key")
    engine.dispose()
    assert not [name for name, text in made(place).files.items() if key in text]
    request = BundleRequest(read_configuration(place.config), None)
    assert key in set(secrets(request, {}))

"""Each command as users run it: its output and its exit code."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import make_url

from station.cli import COMMANDS
from station.outputs.display.client import StationLink
from station.outputs.journal import SOCKET
from station.repository.database import open_engine
from tests.conftest import NOTHING_SKIPPED
from tests.running import (
    COMMAND,
    EXPECTED,
    MORNING,
    PATIENCE_S,
    Workplace,
    alike,
    start,
    wait_until,
)
from tests.stations import execute, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.running import Daemon, Result

ROWS: list[dict[str, Any]] = [json.loads(line) for line in EXPECTED.read_text().splitlines()]
HIDDEN = "Geheim7"
GROUPS = {
    "memo": ("list", "show", "open", "close", "save", "cancel", "reopen"),
    "unit": ("show", "move", "retire"),
    "config": ("check", "show"),
    "db": ("upgrade", "check", "backup", "archive", "forget-publisher"),
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample company."""
    place = Workplace(tmp_path_factory.mktemp("imported"))
    place.configure()
    place.import_sample()
    return place.database


def _furnish(place: Workplace, imported: Path) -> Workplace:
    place.configure()
    place.database.parent.mkdir()
    shutil.copy(imported, place.database)
    return place


@pytest.fixture
def company(tmp_path: Path, imported: Path) -> Workplace:
    """A workplace with the sample company in its database."""
    return _furnish(Workplace(tmp_path), imported)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory, imported: Path) -> Workplace:
    """The sample company after its morning, for commands that only read."""
    place = _furnish(Workplace(tmp_path_factory.mktemp("morning")), imported)
    place.run("replay", MORNING)
    return place


@contextlib.contextmanager
def linked(daemon: Daemon) -> Iterator[StationLink]:
    link = StationLink(daemon.url)
    try:
        yield link
    finally:
        link.close()


# Help


@pytest.mark.parametrize(
    "command",
    [(), *((name,) for name in COMMANDS), *((group, name) for group in GROUPS for name in GROUPS[group])],
    ids=" ".join,
)
def test_help_of_each_command_says_what_it_does_and_gives_an_example(
    workplace: Workplace, command: tuple[str, ...]
) -> None:
    result = workplace.run(*command, "--help")
    assert result.out.startswith(f"Usage: {' '.join(['scanstation', *command])} [OPTIONS]")
    assert "Example:  scanstation" in result.out or 'Example:  eval "$(scanstation' in result.out
    assert result.err == ""
    assert not workplace.database.exists()


def test_the_version_is_printed(workplace: Workplace) -> None:
    assert workplace.run("--version").out.startswith("scanstation, version ")


# Documents


def test_documents_are_listed_as_a_table_and_as_json(morning: Workplace) -> None:
    documents = {row["number"]: row for row in morning.run("memo", "list", "--json").rows}
    assert list(documents) == ["CM-1000", "CM-1001", "CM-1002", "CM-1003", "CO-2001"]
    first = documents["CM-1001"]
    assert (first["customer"], first["status"], first["requested"]) == ("Bergholt and Sons", "saved", 16)
    attached = [row for row in ROWS if row["document"] == "CM-1001"]
    done = {action: sum(row["action"] == action for row in attached) for action in ("Negative", "Detached")}
    assert first["taken_away"] == done["Negative"]
    credited = sum(row["action"] in {"Assigned", "Added"} for row in attached) - done["Detached"]
    assert first["credited"] == credited
    table = morning.run("memo", "list", "--status", "open").out
    assert "Auenfeld Public Library" in table
    assert "Bergholt" not in table


def test_a_document_is_shown_with_its_lines_and_serial_numbers(morning: Workplace) -> None:
    shown = morning.run("memo", "show", "CM-1001").out
    assert "Bergholt and Sons" in shown
    assert "PR400001, PR400002" in shown
    (document,) = morning.run("memo", "show", "CM-1001", "--json").rows
    lines = [(line["item"], line["credited"], line["negative"], line["added"]) for line in document["lines"]]
    assert lines[0] == ("PROC-8C", 4, False, False)
    assert ("PROC-8C", -1, True, True) in lines


def test_an_exported_document_holds_the_same_as_json_and_as_csv(morning: Workplace) -> None:
    (document,) = morning.run("export", "CM-1001").rows
    assert morning.run("memo", "show", "CM-1001", "--json").rows == [document]
    rows = list(csv.DictReader(io.StringIO(morning.run("export", "CM-1001", "--format", "csv").out)))
    units = [
        (str(line["number"]), unit["serial_number"], unit["mfr_serial_number"] or "", unit["stock_area"])
        for line in document["lines"]
        for unit in line["serial_numbers"]
    ]
    assert len(units) == len({unit[1] for unit in units}) > 10
    assert [
        (row["line"], row["serial_number"], row["mfr_serial_number"], row["stock_area"])
        for row in rows
        if row["serial_number"]
    ] == units
    assert {row["document"] for row in rows} == {"CM-1001"}


def _memo_life(place: Workplace) -> None:
    """Open, close, open again, save in parts, undo that, save, cancel another."""
    assert place.run("memo", "open", "CM-1001").err.splitlines()[-1] == "CM-1001 is open"
    assert "CM-1001 is open already" in place.run("memo", "open", "CM-1001", code=1).err
    assert place.run("memo", "close").err.splitlines()[-1] == "CM-1001 is closed"
    assert "no document open" in place.run("memo", "close", code=1).err
    place.run("memo", "open", "CM-1001")
    assert place.run("memo", "open", "CM-1002").err.splitlines()[-1] == "CM-1002 is open"
    asked = place.run("memo", "save", code=1).err
    assert "CM-1002: 0 of " in asked
    assert "add --yes to save it without the rest, or --later if the rest comes later" in asked
    # Nothing is on it, so nothing is booked.
    assert place.run("memo", "save", "--later").err.splitlines()[-1] == "CM-1002 is closed"
    assert place.run("memo", "list", "--status", "backorder", "--json").rows == []
    place.run("memo", "open", "CM-1002")
    place.run("memo", "save", "--yes")
    assert "receipt 1: " in place.run("memo", "show", "CM-1002").err
    place.run("memo", "reopen", "CM-1002")
    assert "there is no Save to undo" in place.run("memo", "reopen", "CM-1002", code=1).err
    place.run("memo", "open", "CM-1002")
    saved = place.run("memo", "save", "--yes").err
    assert "CM-1002 is saved, 0 units moved" in saved
    assert "CM-1001 is cancelled, 0 serial numbers" in place.run("memo", "cancel", "CM-1001").err
    status = {row["number"]: row["status"] for row in place.run("memo", "list", "--json").rows}
    assert (status["CM-1001"], status["CM-1002"]) == ("cancelled", "saved")


def test_documents_are_opened_closed_saved_and_cancelled_from_the_command_line(company: Workplace) -> None:
    _memo_life(company)


def test_documents_are_opened_closed_saved_and_cancelled_at_the_running_station(company: Workplace) -> None:
    with company.daemon() as daemon:
        _memo_life(company)
        opened = [event["document"] for event in daemon.wait_for("session_opened", 5)]
        assert opened == ["CM-1001", "CM-1001", "CM-1002", "CM-1002", "CM-1002"]
        company.run("memo", "open", "CO-2001")
        with linked(daemon) as link:
            shown = link.state().document
            assert shown is not None
            assert shown.number == "CO-2001"
            assert link.scan("NB14-00101").rows[0].action == "Assigned"
            assert (
                "CO-2001 is cancelled, 1 serial number released"
                in company.run("memo", "cancel", "CO-2001").err
            )
            assert link.state().document is None


# History


def test_history_is_printed_as_a_table_and_as_json(morning: Workplace) -> None:
    rows = morning.run("history", "--serial", "PR400003", "--json").rows
    assert [(row["action"], row["document"]) for row in rows] == [
        ("Assigned", "CM-1001"),
        ("Skipped", "CM-1001"),
        ("Booked", "CM-1001"),
    ]
    assert [*rows[0]] == ["id", "at", "station", "session", *ROWS[0]]
    assert rows[2]["to_area"] == "MAIN-RETURNS"
    table = morning.run("history", "--serial", "PR400003").out
    for word in ("Assigned", "Skipped", "already on CM-1001", "Booked", "MAIN-RETURNS"):
        assert word in table
    both = morning.run("history", "--serial", "PR400003", "--document", "CM-1002", "--json").rows
    assert both == []


def test_the_history_of_a_return_shows_quantities_notes_reasons_and_receipts(morning: Workplace) -> None:
    table = morning.run("history", "--document", "CO-2001").out
    for word in ("Quantity", "Note", "unexpected", "Reason code", "WITHDRAWN"):
        assert word in table
    assert "Receipt" not in table
    table = morning.run("history", "--document", "CM-1001").out
    assert "Receipt" in table
    assert "MAIN-SCRAP" in table
    assert "Quantity" not in table


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_no_history_is_not_an_error(morning: Workplace, more: Sequence[str]) -> None:
    result = morning.run("history", "--serial", "NOBODY", *more)
    assert result.out == ""
    assert ("there is no history" in result.err) is (not more)


# The database


def test_the_database_is_created_checked_and_backed_up(workplace: Workplace) -> None:
    assert "upgraded, schema" in workplace.run("db", "upgrade").err
    assert "is up to date, schema" in workplace.run("db", "upgrade").err
    workplace.import_sample()
    assert workplace.run("db", "check").err.endswith("nothing is wrong\n")
    target = workplace.directory / "copy.db"
    assert "bytes, checked" in workplace.run("db", "backup", target).err
    assert "already exists" in workplace.run("db", "backup", target, code=2).err
    workplace.configure(f'[database]\nurl = "sqlite:///{target}"\n')
    workplace.run("db", "check")
    assert len(workplace.run("memo", "list", "--json").rows) == 5


def test_what_is_wrong_with_a_database_is_listed_and_fails(company: Workplace) -> None:
    engine = open_engine(f"sqlite:///{company.database}")
    execute(engine, "DROP TRIGGER history_no_delete", "DROP TRIGGER moves_no_update")
    engine.dispose()
    result = company.run("db", "check", code=1)
    assert result.out.splitlines() == [
        "I5: the trigger history_no_delete is gone, history can be changed",
        "I5: the trigger moves_no_update is gone, history can be changed",
    ]
    assert "2 things are wrong" in result.err


def test_a_running_stations_database_is_backed_up_and_checked(company: Workplace) -> None:
    with company.daemon() as daemon, linked(daemon) as link:
        link.scan("CM-1001")
        link.scan("PR400001")
        company.run("db", "backup", "copy.db")
        company.run("db", "check")
    company.configure(f'[database]\nurl = "sqlite:///{company.directory / "copy.db"}"\n')
    assert [row["action"] for row in company.run("history", "--serial", "PR400001", "--json").rows] == [
        "Assigned"
    ]


# Scanners without a database


@contextlib.contextmanager
def interrupted(place: Workplace, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that Ctrl-C ends."""
    process = start(
        *arguments,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=place.directory,
    )
    try:
        assert process.stderr is not None
        assert "left" in process.stderr.readline()
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


SENT = [
    b"PR400001\r",
    b"CM-1",
    b"001\r$$UNDO\r",
    b"\xff\xfe\r",
    "SN-ä\r".encode(),
    b"]C1010952100000101521SN7\r",
]


def test_a_recording_decodes_to_what_listen_prints(workplace: Workplace) -> None:
    master, slave = os.openpty()
    workplace.configure(
        f'[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = {{ path = "{os.ttyname(slave)}" }}\n',
    )
    with interrupted(workplace, "record", "left", "-o", "left.rec.jsonl") as process:
        recording = workplace.directory / "left.rec.jsonl"
        for number, data in enumerate(SENT):
            os.write(master, data)
            wait_until(lambda number=number: len(recording.read_text().splitlines()) == number + 2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (0, "")
    assert f"{len(SENT)} reads recorded" in err
    lines = [json.loads(line) for line in recording.read_text().splitlines()]
    assert [bytes.fromhex(line["bytes"]) for line in lines[1:]] == SENT
    assert set(lines[0]["options"]) == {
        *("terminator", "preamble", "gap_ms", "frame_timeout_ms", "max_length"),
        *("encoding", "aim", "protocol"),
    }
    decoded = workplace.run("decode", recording).rows
    with interrupted(workplace, "listen") as process:
        for data in SENT:
            os.write(master, data)
        assert process.stdout is not None
        heard = [json.loads(process.stdout.readline()) for _ in decoded]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    for line in (*decoded, *heard):
        del line["t"]
    assert decoded == heard
    assert [line["kind"] for line in decoded if line["outcome"] == "scan"] == [
        "serial",
        "document",
        "command",
        "serial",
        "serial",
    ]
    assert not workplace.database.exists()
    assert "exists already" in workplace.run("record", "left", "-o", recording, code=2).err
    for fd in (master, slave):
        os.close(fd)


def test_listen_shows_the_reads_of_each_scan_when_asked(workplace: Workplace) -> None:
    master, slave = os.openpty()
    workplace.configure(
        f'[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = {{ path = "{os.ttyname(slave)}" }}\n',
    )
    with interrupted(workplace, "listen", "--hex") as process:
        assert process.stdout is not None
        heard = []
        for data in (b"PR400001\r", b"\xff\xfe\r"):
            os.write(master, data)
            heard.append(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert [bytes.fromhex(read["bytes"]) for line in heard for read in line["reads"]] == [
        b"PR400001\r",
        b"\xff\xfe\r",
    ]
    assert [line["outcome"] for line in heard] == ["scan", "rejected"]
    for fd in (master, slave):
        os.close(fd)


def test_a_missing_scanner_cannot_be_recorded(workplace: Workplace) -> None:
    workplace.configure('[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/nothing" }\n')
    result = workplace.run("record", "left", "-o", "left.rec.jsonl", code=1)
    assert "left: /dev/nothing is not there: is the scanner plugged in?" in result.err
    assert not (workplace.directory / "left.rec.jsonl").exists()


# Shells


def test_a_label_is_explained_as_a_table_and_as_json_without_a_database(workplace: Workplace) -> None:
    explained = workplace.run("explain", "]C10109521000001015<GS>21SN-1").out
    assert "]C1: Code 128, GS1: FNC1 in first position" in explained
    assert "serial number SN-1 of GTIN 09521000001015" in explained
    for text in (r"0109521000001015\x1d21SN-1", "0109521000001015<FNC1>21SN-1"):
        (line,) = workplace.run("explain", text, "--symbology", "]d2", "--json").rows
        assert list(line)[:13] == list(json.loads(EXPLAINED))
        assert line | {"steps": None} == json.loads(EXPLAINED) | {"steps": None}
        assert {"step": "21 serial number", "found": "SN-1"} in line["steps"]
        assert line["steps"][-1]["step"] == "result"
    (line,) = workplace.run("explain", "]C10109521000001014", "--json").rows
    assert (line["outcome"], line["text"]) == ("rejected", None)
    assert line["steps"][-1]["found"].startswith("rejected: AI 01 (GTIN) has a wrong check digit")
    assert "does not begin with a format indicator" in workplace.run("explain", "[)><RS>x<RS><EOT>").out
    assert not workplace.database.exists()


EXPLAINED = (
    '{"t": 0.0, "scanner": "explain", "outcome": "scan", "text": "0109521000001015\\u001d21SN-1",'
    ' "symbology_identifier": "]d2", "kind": "serial", "serial_number": "SN-1", "gtin": "09521000001015",'
    ' "item": null, "command": null, "document": null, "operator": null, "reason": null}'
)


def test_the_running_station_shows_how_the_last_label_was_read(company: Workplace) -> None:
    company.configure('[[house_format]]\nname = "own"\nprefix = "S/N:"\n')
    with company.daemon() as daemon, linked(daemon) as link:
        assert link.state().label is None
        link.scan("S/N:PR400001")
        label = link.state().label
        assert label is not None
        assert (label.text, label.scanner) == ("S/N:PR400001", "display")
        steps = {each.step: each.found for each in label.steps}
        assert steps['house format "own"'] == "yes"
        assert steps["result"] == "serial number PR400001"


def test_a_label_is_explained_with_a_scanners_own_settings(workplace: Workplace) -> None:
    workplace.configure(
        '[[house_format]]\nname = "everybody"\nprefix = "E:"\n'
        '[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/nothing" }\n'
        'gs1 = "always"\nencoding = "ascii"\n[[scanner.house_format]]\nname = "its own"\nprefix = "L:"\n'
    )
    serials = {
        text: workplace.run("explain", text, "--scanner", "left", "--json").rows[0]["serial_number"]
        for text in ("E:1", "L:2", "213")
    }
    assert serials == {"E:1": "1", "L:2": "2", "213": "3"}
    plain = [workplace.run("explain", text, "--json").rows[0]["serial_number"] for text in ("E:1", "L:2")]
    # The only scanner needs no name.
    assert plain == ["1", "2"]
    missing = workplace.run("explain", "SN", "--scanner", "right", code=2)
    assert 'no scanner is named "right"; configured are: left' in missing.err
    foreign = workplace.run("explain", "Ä", "--scanner", "left", code=2)
    assert 'encoding = "ascii" does not have' in foreign.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_its_shell_can_read(workplace: Workplace, shell: str) -> None:
    script = workplace.run("completion", shell).out
    assert "scanstation" in script
    assert "_SCANSTATION_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_bash_completes_commands_and_options(workplace: Workplace) -> None:
    def completed(*words: str) -> set[str]:
        line = {
            "_SCANSTATION_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("scanstation", *words)),
            "COMP_CWORD": str(len(words)),
        }
        done = subprocess.run(
            [COMMAND], env=workplace.environment(line), capture_output=True, text=True, check=True
        )
        return {each.partition(",")[2] for each in done.stdout.splitlines()}

    assert completed("me") == {"memo"}
    assert completed("memo", "s") == {"show", "save"}
    assert completed("replay", "--sp") == {"--speed"}
    assert completed("export", "CM-1", "--format", "") == {"json", "csv"}


def test_a_closed_pipe_causes_no_traceback(morning: Workplace) -> None:
    with start(
        "history",
        "--document",
        "CM-1001",
        "--json",
        env=morning.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
    assert err == ""
    assert process.returncode == 1


# The daemon


def _kill(daemon: Daemon) -> None:
    daemon.process.send_signal(signal.SIGKILL)
    daemon.process.wait()


def test_session_operator_question_and_mode_survive_a_kill(company: Workplace) -> None:
    with company.daemon() as daemon, linked(daemon) as link:
        for text in ("$$BADGE E07", "CM-1001", "PR400001", "HB-0007"):
            link.scan(text)
        before = link.state()
        assert before.question is not None
        _kill(daemon)
    with company.daemon() as daemon, linked(daemon) as link:
        after = link.state()
        for name in ("session", "operator", "question", "document", "history", "mode"):
            assert getattr(after, name) == getattr(before, name), name
        assert [row.reason for row in link.scan("PR400002").rows] == ["answer first"]
        (row,) = link.command("yes").rows
        assert (row.action, row.text, row.operator) == ("Added", "HB-0007", "E07")
        link.command("range")
        link.scan("PR400002")
        before = link.state()
        _kill(daemon)
    with company.daemon() as daemon, linked(daemon) as link:
        after = link.state()
        assert (after.mode, after.range_first) == (before.mode, "PR400002")
        assert [row.text for row in link.scan("PR400004").rows] == ["PR400004"] * 3
    company.run("db", "check")


def test_a_document_is_still_saved_after_a_kill_and_not_twice(company: Workplace) -> None:
    with company.daemon() as daemon, linked(daemon) as link:
        link.scan("CM-1001")
        link.scan("PR400001")
        assert link.command("save yes").messages[0] == "CM-1001 is saved, 1 unit moved"
        _kill(daemon)
    with company.daemon() as daemon, linked(daemon) as link:
        assert link.state().document is None
        assert link.command("save").refused == "no document open"
    actions = [row["action"] for row in company.run("history", "--serial", "PR400001", "--json").rows]
    assert actions == ["Assigned", "Booked"]


def test_the_log_is_json_with_one_event_per_line_and_labels_escaped(company: Workplace) -> None:
    with company.daemon() as daemon, linked(daemon) as link:
        for text in ("CM-1001", "PR400001", "SN\x1b[2J\x07", "[red]\u202eX", "$$NOTHING", "HB-0007", "$$NO"):
            link.scan(text)
        daemon.wait_for("question_answered")
    text = daemon.log_path.read_text()
    assert all(character.isprintable() for character in text.replace("\n", ""))
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == [
        "station_started",
        "session_opened",
        "history_added",
        "scan_rejected",
        "history_added",
        "command_refused",
        "question_raised",
        "question_answered",
        "history_added",
        "station_stopping",
        "station_stopped",
    ]
    assert {line["station"] for line in lines} == {"dock-1"}
    assert all({"level", "timestamp"} <= line.keys() for line in lines)


@pytest.mark.skipif(SOCKET.exists(), reason="this machine has a journal: it takes the entries")
def test_without_a_journal_each_log_line_starts_with_its_priority(company: Workplace) -> None:
    company.config.write_text(company.config.read_text().replace('"json"', '"auto"'))
    log_path = company.directory / "journal.log"
    with log_path.open("w") as errors, contextlib.ExitStack() as parts:
        found = os.fstat(errors.fileno())
        process = parts.enter_context(
            start(
                "run",
                env=company.environment({"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}),
                stderr=errors,
            )
        )
        parts.callback(process.terminate)
        wait_until(lambda: "event=station_started" in log_path.read_text(), log_path)
    assert process.returncode == 0
    lines = log_path.read_text().splitlines()
    assert [line.split()[0] for line in lines] == [
        f"<6>event=station_{what}" for what in ("started", "stopping", "stopped")
    ]


def test_the_database_password_is_in_no_line_of_log_or_error(workplace: Workplace, postgres_url: str) -> None:
    url = make_url(postgres_url).set(password=HIDDEN).render_as_string(hide_password=False)
    workplace.configure(f'[database]\nurl = "{url}"\n')
    workplace.config.write_text(
        workplace.config.read_text().replace('"json"', '"json"\nlevel = "debug"'),
    )
    engine = open_engine(postgres_url)
    fill(engine)
    with workplace.daemon() as daemon, linked(daemon) as link:
        link.scan("CM-1")
        execute(
            engine,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()",
        )
        assert link.scan("A0001").rows[0].action == "Assigned"
        daemon.wait_for("database_changed", 2)
    engine.dispose()
    results = [workplace.run(*command) for command in (("db", "check"), ("db", "upgrade"), ("memo", "list"))]
    results.append(workplace.run("db", "backup", "x.db", code=2))
    for text in (daemon.log_path.read_text(), *(result.out + result.err for result in results)):
        assert "Geheim7" not in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[database]\nurl = "postgresql+psycopg://dock:Geheim7@host:port/db"\n', "is not a database URL"),
        ('[database]\nurl = "postgresql+psycopg://dock:Geheim7@/db?host=/nowhere"\n', "is temporarily"),
    ],
)
def test_an_unreachable_database_is_one_sentence_without_the_password(
    workplace: Workplace, text: str, says: str
) -> None:
    workplace.configure(text)
    for command in (("run",), ("db", "check")):
        result = workplace.run(*command, code=None)
        assert result.code == (2 if says.endswith("URL") else 1)
        assert says in result.err
        assert len(result.err.splitlines()) == 1
        assert "Geheim7" not in result.err


# Watching


class Terminal:
    """A program in its own terminal."""

    def __init__(self, socket: Path) -> None:
        self._socket = str(socket)

    def tmux(self, *arguments: str, **more: Any) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            ["tmux", "-S", self._socket, "-f", "/dev/null", *arguments],
            check=True, capture_output=True, text=True, **more,
        )  # fmt: skip
        return done.stdout

    def shows(self, *texts: str) -> None:
        wait_until(lambda: all(text in self.screen() for text in texts), _Late(self.screen))

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")


class _Late:
    """A value that is computed when it is needed."""

    def __init__(self, look: Callable[[], str]) -> None:
        self._look = look

    def __str__(self) -> str:
        return self._look()


@pytest.mark.skipif(
    shutil.which("tmux") is None and not NOTHING_SKIPPED, reason="tmux isn't installed: apt install tmux"
)
def test_the_running_station_is_watched_and_operated_in_a_terminal(company: Workplace) -> None:
    terminal = Terminal(company.directory / "tmux")
    with company.daemon() as daemon:
        terminal.tmux(
            "new-session", "-d", "-x", "130", "-y", "40", f"{COMMAND} watch; sleep 600",
            env=company.environment({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}),
        )  # fmt: skip
        try:
            terminal.shows("dock-1")
            terminal.type("CM-1001")
            terminal.shows("CM-1001", "Bergholt and Sons", "PROC-8C")
            terminal.type("PR400001")
            terminal.shows("PR400001", "Assigned")
            terminal.type("HB-0007")
            terminal.shows("Item HEAD-BT is not on CM-1001. Add it?")
            terminal.type("y")
            terminal.shows("HB-0007", "Added")
            rows = daemon.wait_for("history_added", 2)
            terminal.tmux("send-keys", "C-q")
            wait_until(lambda: "PROC-8C" not in terminal.screen(), "quit")
        finally:
            terminal.tmux("kill-server")
    assert [(row["action"], row["text"]) for row in rows] == [("Assigned", "PR400001"), ("Added", "HB-0007")]


# How it ends


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("memo", "list"), 0),
        (("history", "--serial", "NOBODY"), 0),
        (("decode", MORNING), 0),
        (("memo", "show", "CM-9"), 1),
        (("export", "CM-9"), 1),
        (("memo", "frobnicate"), 2),
        (("history",), 2),
        (("decode", "none.rec.jsonl"), 2),
        (("--config", "none.toml", "memo", "list"), 2),
    ],
    ids=lambda value: " ".join(map(str, value))[:30] if isinstance(value, tuple) else str(value),
)
def test_the_exit_code_shows_the_result(morning: Workplace, command: Any, code: int) -> None:
    result: Result = morning.run(*command, code=code)
    assert (result.err == "") is (code == 0 and command[0] != "history")


def test_replayed_rows_are_those_that_history_keeps(morning: Workplace) -> None:
    kept = morning.run("history", "--document", "CM-1002", "--json").rows
    assert [alike(row) for row in kept][:6] == [row for row in ROWS if row["document"] == "CM-1002"]

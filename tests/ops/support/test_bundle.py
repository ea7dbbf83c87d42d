"""The support bundle of real stations, by the installed command."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from station.config.loading import read
from station.ops.support.bundle import collected
from station.ops.support.part import BundlePart, BundleRequest, File, Missing
from tests.ops.support.bundles import made
from tests.ops.support.programs import Programs, entry
from tests.running import Workplace, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.ops.support.bundles import Bundle
    from tests.running import Daemon

SERIALS = ("PR400001", "PR400002")
LEFT = '[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "%s" }'


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.configure()
    return place


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[int]:
    """A serial scanner at `tmp_path` / "left": its sending end."""
    ours, theirs = os.openpty()
    (tmp_path / "left").symlink_to(os.ttyname(theirs))
    yield ours
    os.close(ours)
    os.close(theirs)


def _scan(daemon: Daemon, scanner: int) -> None:
    """Scan two units, and one label that is not text."""
    wait_until(lambda: any(each["state"] == "connected" for each in daemon.events("scanner_changed")))
    os.write(scanner, "".join(f"{serial}\r" for serial in SERIALS).encode())
    daemon.wait_for("history_added", 2)
    os.write(scanner, b"\xff\xfe\r")
    daemon.wait_for("scan_rejected")


def test_it_contains_what_a_maintainer_needs(place: Workplace, tmp_path: Path, scanner: int) -> None:
    place.configure(LEFT % (tmp_path / "left"))
    place.import_sample()
    with replace(place, may_fork=False).daemon() as daemon:
        _scan(daemon, scanner)
        bundle = made(place)
    assert bundle.mode == 0o600
    files = bundle.files
    assert "scanstation    0.1.0" in files["versions.txt"]
    assert "sqlalchemy==" in files["distributions.txt"].lower()
    assert f"file     {place.config}" in files["configuration/sources.txt"]
    assert json.loads(files["configuration/effective.json"])["scanner"][0]["name"] == "left"
    assert f"SCANSTATION_CONFIG={place.config}" in files["environment/station.txt"]
    assert "is read by the running station" in files["doctor.txt"]
    assert all(json.loads(line)["check"] for line in files["doctor.jsonl"].splitlines())
    assert [each["name"] for each in json.loads(files["http/state.json"])["scanners"]] == ["left"]
    assert json.loads(files["http/healthz.json"])["status"] == "ok"
    assert "VmRSS" in files["process.txt"]
    assert "schema     " in files["database/database.txt"]
    assert "           2 history" in files["database/database.txt"]
    assert files["database/check.txt"] == "nothing is wrong\n"
    assert "scanstation.db" in files["space.txt"]
    assert set(files) == {"MANIFEST.txt"} | {
        name for name in files if f"\n{name} " in bundle.manifest.partition("Missing, and why")[0]
    }


def test_the_last_frames_are_in_hex_and_can_be_decoded_again(
    place: Workplace, tmp_path: Path, scanner: int
) -> None:
    place.configure(LEFT % (tmp_path / "left"))
    place.import_sample()
    with place.daemon() as daemon:
        _scan(daemon, scanner)
        bundle = made(place)
    frames = [line.split(maxsplit=3)[1:] for line in bundle.files["frames/left.txt"].splitlines()]
    assert frames[:2] == [["scan", serial.encode().hex()] for serial in SERIALS]
    outcome, data, reason = frames[2]
    assert (outcome, data) == ("rejected", "fffe")
    assert "utf-8" in reason
    recording = tmp_path / "again.rec.jsonl"
    recording.write_text(bundle.files["frames/left.rec.jsonl"])
    decoded = place.run("decode", recording).rows
    assert [row["text"] for row in decoded] == [*SERIALS, None]
    assert [row["outcome"] for row in decoded] == ["scan", "scan", "rejected"]


def test_it_warns_about_the_scans_in_it_and_leaves_them_out_on_request(
    place: Workplace, tmp_path: Path, scanner: int
) -> None:
    programs = Programs(tmp_path / "bin")
    programs.put_journal(entry(f"event=history_added serial_number={SERIALS[0]}", "history_added"))
    place.configure(LEFT % (tmp_path / "left"))
    place.import_sample()
    with place.daemon() as daemon:
        _scan(daemon, scanner)
        whole = made(place, environment=programs.environment)
        bare = made(place, "--no-scans", environment=programs.environment)
    assert "--no-scans leaves them out" in whole.said
    assert _files_with(whole, *SERIALS) == {"http/state.json", "log.txt"}
    assert _files_with(whole, *(serial.encode().hex() for serial in SERIALS)) == {
        "frames/left.txt",
        "frames/left.rec.jsonl",
    }
    assert _files_with(bare, *SERIALS, *(serial.encode().hex() for serial in SERIALS)) == set()
    assert bare.why_missing("frames") == "left out by --no-scans"
    assert json.loads(bare.files["http/state.json"])["database"]["ok"] is True


def _files_with(bundle: Bundle, *texts: str) -> set[str]:
    return {name for name, text in bundle.files.items() if any(each in text for each in texts)}


def test_it_contains_no_secret_from_anywhere(place: Workplace, tmp_path: Path) -> None:
    planted: dict[str, str] = {
        name: f"planted-{number}-xQ7"
        for number, name in enumerate(
            ["url", "file", "environment", "token", "credential", "webhook", "key", "log", "unit", "header"]
        )
    }
    programs = Programs(tmp_path / "bin")
    programs.put_journal(
        entry(f"event=x error='postgresql://u:{planted['log']}@db/x' password={planted['log']}"),
        entry(f"event=x text={planted['file']} told={planted['key']} {planted['credential']}"),
        entry(list(f"event=x Authorization: Bearer {planted['header']}".encode())),
    )
    programs.put(
        "systemctl", f"Environment=DB_PASSWORD={planted['unit']}\nSetCredential=x:{planted['unit']}\n"
    )
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "given").write_text(planted["credential"] + "\n")
    (tmp_path / "token").write_text(planted["file"] + "\n")
    (tmp_path / "key.pem").write_text(
        f"-----BEGIN PRIVATE KEY-----\n{planted['key']}\n-----END PRIVATE KEY-----\n"
    )
    place.configure(
        f'[database]\nurl = "postgresql+psycopg://dock:{planted["url"]}@127.0.0.1:9/x?password={planted["url"]}"\n'
        f'[[publish]]\nname = "erp"\nkind = "webhook"\nurl = "https://example.com/hooks/{planted["webhook"]}-long"\n'
        f'token_file = "{tmp_path / "token"}"\n',
        display=f'certificate = "{tmp_path / "cert.pem"}"\nkey = "{tmp_path / "key.pem"}"',
    )
    created = place.run("token", "create", "erp", "--scope", "admin").out.strip()
    (hashed,) = [each["sha256"] for each in json.loads(_tokens(place))["tokens"]]
    bundle = made(
        place,
        environment={
            **programs.environment,
            "PGPASSWORD": planted["environment"],
            "SCANSTATION_TOKEN": planted["token"],
            "CREDENTIALS_DIRECTORY": str(credentials),
        },
    )
    assert {"log.txt", "unit/show.txt", "configuration/effective.json"} <= set(bundle.files)
    assert "***" in bundle.files["log.txt"]
    assert _files_with(bundle, *planted.values(), created, hashed) == set()
    assert not any(secret in bundle.said for secret in planted.values())
    assert "PGPASSWORD=***" in bundle.files["environment/command.txt"]


def test_a_password_from_a_file_is_in_no_error(place: Workplace, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("planted-xQ7\n")
    programs = Programs(tmp_path / "bin")
    programs.put_journal(entry("connecting as dock with planted-xQ7"))
    place.configure(
        '[database]\nurl = "postgresql+psycopg://dock@127.0.0.1:9/x"\n'
        f'password_file = "{tmp_path / "password"}"\n'
    )
    bundle = made(place, environment=programs.environment)
    assert "connecting as dock with ***" in bundle.files["log.txt"]
    assert f'"{tmp_path / "password"}"' in bundle.files["configuration/effective.json"]
    assert _files_with(bundle, "planted-xQ7") == set()


def _tokens(place: Workplace) -> str:
    return (place.directory / "state" / "dock-1.tokens.json").read_text()


def test_a_station_that_requires_a_token_returns_its_frames_for_one(
    place: Workplace, tmp_path: Path, scanner: int
) -> None:
    place.configure(LEFT % (tmp_path / "left"), display="require_token = true")
    place.import_sample()
    secrets = {scope: place.run("token", "create", scope, "--scope", scope).out.strip() for scope in _SCOPES}
    with place.daemon() as daemon:
        _scan(daemon, scanner)
        without = made(place)
        seeing = made(place, environment={"SCANSTATION_TOKEN": secrets["display"]})
        whole = made(place, environment={"SCANSTATION_TOKEN": secrets["admin"]})
    for name in ("frames", "http/state.json"):
        assert without.why_missing(name) == (
            "the station requires a token: set SCANSTATION_TOKEN to one with scope admin (scanstation token "
            "create support --scope admin)"
        )
    assert "needs the scope admin" in seeing.why_missing("frames")
    assert "http/state.json" in seeing.files
    assert {"frames/left.txt", "http/state.json"} <= set(whole.files)
    assert _files_with(whole, *secrets.values()) == set()


_SCOPES = ("display", "admin")


def test_a_stopped_station_leaves_the_other_parts_complete(place: Workplace) -> None:
    place.import_sample()
    bundle = made(place)
    for name in ("frames", "http", "process.txt", "environment/station.txt"):
        assert bundle.why_missing(name) == "the station is not running"
    assert bundle.files["database/check.txt"] == "nothing is wrong\n"
    assert "frames" in bundle.said.splitlines()[-1]


def test_a_wrong_configuration_is_reported_and_affects_nothing_else(place: Workplace) -> None:
    place.configure("[preferences]\nlookup = 3")
    bundle = made(place)
    assert "preferences.lookup" in bundle.files["configuration/sources.txt"]
    assert "preferences.lookup" in bundle.why_missing("database")
    assert "WRONG" in bundle.files["doctor.txt"]
    assert "versions.txt" in bundle.files


def test_a_missing_scanner_is_reported(place: Workplace) -> None:
    place.configure(LEFT % "/dev/nonexistent")
    assert "/dev/nonexistent is not there" in made(place).why_missing("udev/left.txt")


def test_an_existing_file_is_never_overwritten(place: Workplace) -> None:
    (place.directory / "there.tar.gz").write_text("mine")
    result = place.run("support-bundle", "-o", "there.tar.gz", code=1)
    assert result.err == "scanstation: there.tar.gz: already exists; choose another name with -o\n"
    assert (place.directory / "there.tar.gz").read_text() == "mine"


def test_a_file_that_can_not_be_written_is_named(place: Workplace) -> None:
    result = place.run("support-bundle", "-o", "nowhere/b.tar.gz", code=1)
    assert "nowhere/b.tar.gz: can't be written: No such file or directory" in result.err.splitlines()[-1]


def test_without_a_name_the_file_is_named_by_station_and_time(place: Workplace) -> None:
    place.run("support-bundle", "--no-scans")
    (made_file,) = place.directory.glob("scanstation-support-dock-1-*Z.tar.gz")
    assert made_file.stat().st_mode & 0o777 == 0o600


def _request() -> BundleRequest:
    return BundleRequest(read(), None)


def test_a_part_that_fails_keeps_its_earlier_files_and_every_other_part() -> None:
    def fail(_request: BundleRequest) -> Iterator[File | Missing]:
        yield File("one.txt", "one", "1")
        raise ZeroDivisionError("a fault")

    def go_on(_request: BundleRequest) -> Iterator[File | Missing]:
        yield File("two.txt", "two", "2")

    found = collected(_request(), [BundlePart("first", fail), BundlePart("second", go_on)])
    assert found == [
        File("one.txt", "one", "1"),
        Missing("first", "internal error: ZeroDivisionError('a fault')"),
        File("two.txt", "two", "2"),
    ]


def test_a_part_that_hangs_is_abandoned() -> None:
    gate = threading.Event()

    def hang(_request: BundleRequest) -> Iterator[File | Missing]:
        yield File("one.txt", "one", "1")
        gate.wait()

    found: list[Any] = collected(_request(), [BundlePart("first", hang, 0.1)])
    gate.set()
    assert found == [File("one.txt", "one", "1"), Missing("first", "took longer than 0 s")]

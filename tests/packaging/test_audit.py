"""The audit of the locked packages: real pip-audit, with services that answer, know nothing or are down."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from package import audit
from package.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

HASH = f"--hash=sha256:{64 * '1'}"
NOBODY = ("--vulnerability-service=osv", "--osv-url=http://127.0.0.1:9/")
CANARY = {audit.CANARY: ["PYSEC-2018-5"]}


@contextmanager
def osv(vulnerable: Mapping[str, Sequence[str]], status: int = 200) -> Iterator[tuple[str, ...]]:
    """Run a service like https://google.github.io/osv.dev/post-v1-query/; yield its pip-audit options."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = request["package"]["name"]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(entries(name, vulnerable.get(name, ()))).encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ("--vulnerability-service=osv", f"--osv-url=http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def entries(name: str, identifiers: Sequence[str]) -> dict[str, Any]:
    fixed = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9"}]}]
    affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": fixed}]
    listed = [{"id": each, "summary": "bad", "affected": affected} for each in identifiers]
    return {"vulns": listed} if listed else {}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Two packages."""
    path = tmp_path / "requirements.lock"
    path.write_text(f"left-pad==1.0 {HASH}\nright-pad==2.0 ; sys_platform == 'linux' {HASH}\n")
    return path


def test_a_known_vulnerability_is_reported_with_the_fixed_version(lock: Path) -> None:
    with osv({**CANARY, "right-pad": ["PYSEC-2026-1"]}) as service:
        answer = audit.audit([lock], {"OSV": service})

    assert answer is not None
    assert answer.vulnerable == ("right-pad 2.0: PYSEC-2026-1; fixed in 9.9",)
    assert answer.audited == 2


def test_an_ignored_vulnerability_is_left_out(lock: Path) -> None:
    with osv({**CANARY, "right-pad": ["PYSEC-2026-1"]}) as service:
        answer = audit.audit([lock], {"OSV": service}, {"PYSEC-2026-1": "we pad to the left only"})

    assert answer == audit.Answer("OSV", 2, (), ())


@pytest.mark.parametrize("status", [200, 404, 500, 503])
@pytest.mark.full
def test_a_service_that_knows_nothing_or_fails_is_not_trusted(lock: Path, status: int) -> None:
    with osv({}, status) as service:
        assert audit.audit([lock], {"OSV": service}) is None


def test_when_one_service_is_unreachable_the_next_one_is_asked(lock: Path) -> None:
    with osv(CANARY) as service:
        answer = audit.audit([lock], {"nobody": NOBODY, "OSV": service})

    assert answer == audit.Answer("OSV", 2, (), ())


def test_a_lock_without_hashes_is_an_error_of_the_lock(lock: Path) -> None:
    lock.write_text("left-pad==1.0\n")

    with pytest.raises(audit.AuditError, match="left-pad"):
        audit.audit([lock], {"nobody": NOBODY})


def test_a_package_unknown_to_the_service_is_named_and_not_taken_for_safe() -> None:
    canary = {"name": audit.CANARY, "version": "2.0", "vulns": [{"id": "PYSEC-2018-5"}]}
    known = {"name": "left-pad", "version": "1.0", "vulns": []}
    skipped = {"name": "right-pad", "skip_reason": "Dependency not found on PyPI"}

    answer = audit._answer("PyPI", json.dumps({"dependencies": [canary, known, skipped]}))

    assert answer == audit.Answer("PyPI", 1, (), ("right-pad",))


def run_command(monkeypatch: pytest.MonkeyPatch, service: tuple[str, ...]) -> tuple[int, str]:
    monkeypatch.setitem(audit.SERVICES, "PyPI", NOBODY)
    monkeypatch.setitem(audit.SERVICES, "OSV", service)
    result = CliRunner().invoke(main, ["audit"])
    return result.exit_code, result.output


def test_the_command_fails_when_one_of_our_own_packages_is_vulnerable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with osv({**CANARY, "click": ["PYSEC-2026-2"]}) as service:
        code, printed = run_command(monkeypatch, service)

    assert code == 1
    assert re.search(r"click \S+: PYSEC-2026-2; fixed in 9\.9", printed)


def test_without_a_service_the_command_prints_one_line_and_does_not_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, printed = run_command(monkeypatch, NOBODY)

    assert (code, len(printed.splitlines())) == (0, 1)
    assert printed.startswith("NOT AUDITED: ")


def test_the_command_prints_how_many_packages_are_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    with osv(CANARY) as service:
        code, printed = run_command(monkeypatch, service)

    assert code == 0
    assert re.fullmatch(r"OSV knows no vulnerability of the \d{2,3} locked packages\n", printed)


def test_the_version_that_shows_whether_a_service_knows_anything_is_not_one_of_ours() -> None:
    for lock in audit.LOCKS:
        assert not re.search(rf"(?m)^{audit.CANARY}==", lock.read_text())
    assert all(audit.IGNORED.values())

"""Which stations a link trusts, and when it sends its token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.config.settings import DisplaySettings
from station.errors import StationError, UsageError
from station.outputs.display.client import CA, TOKEN, StationLink, link_to, link_to_own
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.web.access import Access
from station.web.tokens import TokenFile
from tests.stations import fill
from tests.web.certificates import certificates
from tests.web.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web.certificates import Certificates


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return certificates(tmp_path, "localhost")


@pytest.fixture
def display(files: Certificates) -> DisplaySettings:
    return DisplaySettings(listen="127.0.0.1:0", certificate=str(files.certificate), key=str(files.key))


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path, "dock-1")


@pytest.fixture
def url(sqlite_url: str, display: DisplaySettings, tokens: TokenFile) -> Iterator[str]:
    """The URL of a station with TLS that needs a token; its certificate is only for the name localhost."""
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    with served(engine, display=display, access=Access(tokens)) as here:
        yield here.url
    engine.dispose()


def _by_name(url: str) -> str:
    return url.replace("127.0.0.1", "localhost")


def test_a_station_with_a_certificate_of_the_given_authority_is_trusted(
    url: str, files: Certificates, tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, tokens.create("tablet", ["display"]))
    assert link_to(_by_name(url), str(files.ca)).state().station == "dock-1"
    monkeypatch.setenv(CA, str(files.ca))
    assert link_to(_by_name(url)).state().station == "dock-1"


def test_a_station_without_a_trusted_certificate_gets_no_token(
    url: str, tokens: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, tokens.create("tablet", ["display"]))
    with pytest.raises(StationError, match=r"its certificate is not trusted: .*; name a CA certificate"):
        link_to(_by_name(url)).state()


def test_a_certificate_for_another_name_is_not_trusted(url: str, files: Certificates) -> None:
    with pytest.raises(StationError, match=r"not trusted: IP address mismatch"):
        link_to(url, str(files.ca)).state()


def test_the_station_on_this_machine_is_identified_by_its_certificate_itself(
    url: str, display: DisplaySettings, tokens: TokenFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, tokens.create("office", ["admin"]))
    assert link_to_own(url, display).state().station == "dock-1"
    (tmp_path / "other").mkdir()
    other = certificates(tmp_path / "other", "localhost")
    impostor = DisplaySettings(certificate=str(other.certificate), key=str(other.key))
    with pytest.raises(StationError, match="not trusted"):
        link_to_own(url, impostor).state()


def test_a_missing_token_is_reported_with_how_to_set_it(
    url: str, display: DisplaySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token in ("", "scanstation_wrong"):
        monkeypatch.setenv(TOKEN, token)
        with pytest.raises(StationError, match="it requires a token: set SCANSTATION_TOKEN to one"):
            link_to_own(url, display).command("close")


@pytest.mark.parametrize("host", ["dock-1.example", "10.0.0.1", "127.0.0.1.evil.example"])
def test_a_token_never_goes_over_the_network_without_tls(host: str) -> None:
    with pytest.raises(StationError, match="a token is not sent without TLS; use https"):
        StationLink(f"http://{host}:8321", "scanstation_secret")
    StationLink(f"http://{host}:8321")


@pytest.mark.parametrize("content", [None, "no certificate", ""])
def test_an_unusable_file_of_authorities_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match=r"ca\.pem: .*; name a PEM file"):
        link_to("https://localhost:1", str(file))


def test_an_unreadable_certificate_of_the_station_is_named(tmp_path: Path) -> None:
    for certificate in (tmp_path / "none.pem", tmp_path):
        display = DisplaySettings(certificate=str(certificate), key="x")
        with pytest.raises(UsageError, match=r"display\.certificate = .*: can't be read"):
            link_to_own("https://127.0.0.1:1", display)

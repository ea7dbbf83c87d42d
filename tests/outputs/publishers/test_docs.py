"""The examples of docs/publishing.md are correct."""

from __future__ import annotations

import json
import re
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from station.config.loading import from_table
from station.config.publishing import PublishSettings
from station.history import EndedSession, Move
from station.outputs.publishers.webhook import WebhookSender
from tests.outputs.publishers.rows import row

if TYPE_CHECKING:
    from tests.outputs.publishers.receiver import Receiver

PAGE = (Path(__file__).parents[3] / "docs" / "publishing.md").read_text()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the scheme's own example


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_configuration_on_the_page_is_right() -> None:
    publishers = from_table(tomllib.loads(_blocks("toml")[0]), "page").publish
    assert [each.kind for each in publishers] == ["webhook", "mqtt"]


def test_the_page_shows_the_keys_that_are_sent(receiver: Receiver) -> None:
    lines = [json.loads(line) for block in _blocks("json") for line in block.splitlines()]
    sender = WebhookSender(PublishSettings(name="erp", kind="webhook", url=receiver.url), "publish[1]")
    sender.send_rows([row()])
    sender.send_moves([msgspec.convert(lines[1] | {"is_generated": False}, Move)])
    sender.send_session(msgspec.convert(lines[2], EndedSession))
    history, moves, session = (request.json for request in receiver.requests)
    assert list(history["rows"][0]) == list(lines[0])
    assert moves["moves"] == [lines[1]]
    assert session["session"] == lines[2]
    assert [list(each) for each in lines[3:]] == [list(history), list(moves), list(session)]
    assert [each["type"] for each in lines[3:]] == [history["type"], moves["type"], session["type"]]


@pytest.mark.parametrize("fault", ["", "body", "key", "late", "id"])
def test_the_pages_check_accepts_only_our_requests(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    settings = PublishSettings(name="erp", kind="webhook", url=receiver.url, key_file=str(tmp_path / "key"))
    WebhookSender(settings, "publish[1]").send_rows([row()])
    (request,) = receiver.requests
    scope: dict[str, Any] = {}
    (example,) = _blocks("python")
    exec(example, scope)  # noqa: S102 - the page is ours
    secret = "whsec_" + "A" * 32 if fault == "key" else SECRET
    headers = request.headers | ({"webhook-id": "msg_0"} if fault == "id" else {})
    if fault == "late":
        later = time.time() + 3600
        monkeypatch.setattr("time.time", lambda: later)
    body = request.body + b" " if fault == "body" else request.body
    assert scope["is_ours"](secret, headers, body) is (fault == "")

"""The page as it is served: complete, without inline code, and with a new id when it changes."""

from __future__ import annotations

import http.client
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING

from station.outcomes import SHOWN_ACTIONS, Sign, outcome_type
from station.web.page import OUTCOMES_PART, read_page

if TYPE_CHECKING:
    from tests.terminal.dock import Dock

PAGE = files("station.web").joinpath("page")
PARTS = sorted(read_page().parts)


def _get(station: Dock, path: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection(station.url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.getheader("content-type", ""), response.read()
    finally:
        connection.close()


def test_the_page_is_served_under_a_policy_without_inline_script_or_style(station: Dock) -> None:
    connection = http.client.HTTPConnection(station.url.removeprefix("http://"), timeout=60)
    connection.request("GET", "/")
    response = connection.getresponse()
    policy = response.getheader("content-security-policy", "")
    page = response.read().decode()
    connection.close()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL) == [
        (' type="module" src="/page/js/main.js"', "")
    ]


def test_it_contains_its_id(station: Dock) -> None:
    _, _, page = _get(station, "/")
    status, kind, about = _get(station, "/page/page.json")
    assert (status, kind) == (200, "application/json")
    assert f'data-page="{json.loads(about)["page"]}"' in page.decode()


def test_every_part_is_served_in_its_media_type(station: Dock) -> None:
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    for part in PARTS:
        if part != "index.html":
            status, served_as, content = _get(station, f"/page/{part}")
            assert (status, served_as.partition(";")[0]) == (200, kinds[part.rpartition(".")[2]]), part
            assert content == read_page().parts[part], part
            assert part == OUTCOMES_PART or content == PAGE.joinpath(part).read_bytes(), part


def test_nothing_else_is_served(station: Dock) -> None:
    for path in (
        "/page/",
        "/page/js",
        "/page/js/none.js",
        "/page/index.html",
        "/page/../page.py",
        "/page/%2e%2e/page.py",
        "/page/js/..%2f..%2fpage.py",
        "/page/command/save.svg",
    ):
        status, kind, _ = _get(station, path)
        assert (status, kind) == (404, "application/problem+json"), path


def test_every_file_that_a_part_names_exists() -> None:
    named = {
        name
        for part, content in read_page().parts.items()
        for name in re.findall(r'"/page/([^"$#]+)"', content.decode())
    }
    assert named - {"page.json"} <= set(PARTS)
    assert set(PARTS) - {"index.html"} == named - {"page.json"}


def test_every_sign_that_is_used_is_among_the_icons() -> None:
    icons = set(re.findall(r'id="sign-([a-z]+)"', read_page().parts["icons.svg"].decode()))
    scripts = "".join(content.decode() for part, content in read_page().parts.items() if part.endswith(".js"))
    drawn = set(re.findall(r'icon\("([a-z]+)"\)', scripts))
    assert drawn | {sign.icon for sign in Sign} <= icons


def test_the_page_gets_the_table_of_outcomes() -> None:
    first = read_page().parts[OUTCOMES_PART].decode().splitlines()[0]
    outcomes = json.loads(first.removeprefix("export const OUTCOMES = ").removesuffix(";"))
    assert list(outcomes) == list(SHOWN_ACTIONS)
    for action, row in outcomes.items():
        known = outcome_type(action)
        assert row == {"tone": known.tone, "icon": known.sign.icon, "word": known.word}

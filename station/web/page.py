"""The display's page: ``GET /``, and its files under ``/page/``.

The files of the package are read once and served as they are: there is no build step. Only ``js/outcomes.js``
is generated, from the table of `station.outcomes`. The page reloads itself when ``/page/page.json`` shows
that the station has another page by now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import msgspec
import segno
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from station.i18n.catalogues import ENGLISH, LANGUAGES, language, texts
from station.outcomes import NOTICES, SHOWN_ACTIONS, outcome_type

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

    from starlette.requests import Request
    from starlette.routing import BaseRoute

MEDIA_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
OUTCOMES_PART = "js/outcomes.js"
QUIET_ZONE = 4
"""White modules around a QR code (ISO/IEC 18004, 9.1)."""


class Forms(msgspec.Struct, frozen=True):
    """A text that depends on a number, by plural categories of CLDR; all others are ``other``."""

    one: str
    other: str


class Table(msgspec.Struct, frozen=True):
    """All texts of the page in one language; the page itself holds them in English."""

    language: str
    """Its code, as in HTML."""
    languages: Mapping[str, str]
    """The languages to choose from, as in `LANGUAGES`."""
    texts: Mapping[str, str]
    """English text -> translation."""
    plurals: Mapping[str, Forms]
    """English singular -> translations."""


def table(code: str) -> Table:
    """The texts in one language."""
    catalogue, page = language(code).catalogue, texts().page
    return Table(
        language=code,
        languages=LANGUAGES,
        texts={one: catalogue.gettext(one) for one, many in page if many is None},
        plurals={
            one: Forms(catalogue.ngettext(one, many, 1), catalogue.ngettext(one, many, 2))
            for one, many in page
            if many is not None
        },
    )


@dataclass(frozen=True, slots=True)
class Page:
    """All files of the page."""

    parts: dict[str, bytes]
    """By path below ``/page/``."""
    texts: dict[str, bytes]
    """By language code."""
    language: str
    """The default language."""
    id: str
    """A hash of the content."""

    @property
    def index(self) -> bytes:
        """The page itself, which contains its id."""
        return self.parts["index.html"].replace(b"{page}", self.id.encode())


def read_page(language: str = ENGLISH) -> Page:
    """Read the page from the package; `language` is that of the settings."""
    parts = dict(_parts(files("station.web").joinpath("page"), "")) | {OUTCOMES_PART: _outcomes()}
    texts = {code: msgspec.json.encode(table(code)) for code in LANGUAGES}
    digest = hashlib.sha256(f"{version('scanstation')} {language}".encode())
    for name, content in [*sorted(parts.items()), *texts.items()]:
        digest.update(name.encode() + b"\0" + content + b"\0")
    return Page(parts, texts, language, digest.hexdigest()[:16])


def _parts(directory: Traversable, below: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in directory.iterdir():
        if each.is_dir():
            found += _parts(each, f"{below}{each.name}/")
        elif each.name.rpartition(".")[2] in MEDIA_TYPES:
            found.append((f"{below}{each.name}", each.read_bytes()))
    return found


def _outcomes() -> bytes:
    """The outcomes and notices for the page, in the order in which it lists the counts."""
    rows = map(outcome_type, SHOWN_ACTIONS)
    outcomes = {row.action: {"tone": row.tone, "icon": row.sign.icon, "word": row.word} for row in rows}
    notices = {tone: {"icon": sign.icon, "word": word} for tone, (word, sign) in NOTICES.items()}
    constants = {"OUTCOMES": outcomes, "NOTICES": notices}
    return b"".join(
        b"export const %b = %b;\n" % (name.encode(), msgspec.json.encode(value))
        for name, value in constants.items()
    )


def _drawn(code: str) -> bytes:
    """A command's bar code as SVG: a QR code, which every scanner that can read screens supports."""
    drawn = BytesIO()
    symbol = segno.make_qr(code, error="m")
    symbol.save(drawn, kind="svg", scale=4, border=QUIET_ZONE, dark="#000", light="#fff", xmldecl=False)
    return drawn.getvalue()


def routes(
    page: Callable[[], Page], codes: Callable[[Request], Mapping[str, str]] = lambda _request: {}
) -> list[BaseRoute]:
    """The routes of the current page.

    `codes` returns the codes that answer the open question, by command, to those who may see them.
    """

    async def index(_request: Request) -> Response:
        return _answer(page().index, "html")

    async def about(_request: Request) -> Response:
        content = msgspec.json.encode({"page": page().id, "version": version("scanstation")})
        return Response(content, media_type="application/json")

    async def code(request: Request) -> Response:
        text = (await to_thread.run_sync(codes, request)).get(request.path_params["command"])
        return _found(None if text is None else _drawn(text), "svg")

    async def texts(request: Request) -> Response:
        # An unknown language in the page's address must not keep it from showing.
        chosen, current = request.query_params.get("language", ""), page()
        content = current.texts.get(chosen, current.texts[current.language])
        return Response(content, media_type="application/json")

    async def part(request: Request) -> Response:
        path = request.path_params["path"]
        return _found(None if path == "index.html" else page().parts.get(path), path.rpartition(".")[2])

    return [
        Route("/", index),
        Route("/page/page.json", about),
        Route("/page/texts.json", texts),
        Route("/page/command/{command}.svg", code),
        Route("/page/{path:path}", part),
    ]


def _found(content: bytes | None, kind: str) -> Response:
    if content is None:
        raise HTTPException(404)
    return _answer(content, kind)


def _answer(content: bytes, kind: str) -> Response:
    return Response(content, media_type=MEDIA_TYPES[kind])

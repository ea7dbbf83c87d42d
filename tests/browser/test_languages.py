"""The page in other languages: everything except data is translated, and every word fits its place."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from station.i18n.catalogues import LANGUAGES, Language, language, texts
from tests.browser.kiosk import PATIENCE_MS, SeenPage
from tests.browser.states import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Route

    from tests.browser.kiosk import Floor

TRANSLATED = [code for code in LANGUAGES if code != "en"]
SIZES = {"kiosk": (1024, 600), "phone": (360, 740)}

ALL_TEXTS = """
() => {
  const isSeen = (element) => element.checkVisibility() && !element.closest("noscript, script, style");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [document.title];
  while (walker.nextNode()) {
    if (isSeen(walker.currentNode.parentElement)) found.push(walker.currentNode.data.trim());
  }
  for (const name of ["aria-label", "title", "alt", "placeholder"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (isSeen(element)) found.push(element.getAttribute(name));
    }
  }
  return found.filter(Boolean);
}
"""
"""Every text that is visible or read out by screen readers."""

CUT = """
() => {
  const isOver = ({ scrollWidth, clientWidth, scrollHeight, clientHeight }) =>
    clientWidth > 0 && (scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 6);
  const isBroken = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
    return element.matches("span, .word") && !/[\\s-]/.test(element.textContent) && lines.size > 1;
  };
  const places = "button, button span:not(.keys), #banner .word, #entry-label, #asking h2, #asking em";
  return [...document.querySelectorAll(places)]
    .filter((element) => element.checkVisibility() && (isOver(element) || isBroken(element)))
    .map((element) => `${element.id || element.className} ${element.textContent}`);
}
"""
"""Words that don't fit their places, or are broken in the middle."""


@dataclass
class SpeakingPage(SeenPage):
    """A page in another language; tests still use the English texts."""

    words: Callable[[str], str] = str
    sentences: Callable[[str], str] = str
    data: set[str] = field(default_factory=set)

    def shows(self, word: str, *_texts: str) -> None:
        super().shows(self.words(word))

    def asks(self, text: str) -> None:
        super().asks(self.sentences(text))


@pytest.fixture
def open_in(browser: Browser, floor: Floor) -> Iterator[Callable[..., SpeakingPage]]:
    """Opens the page in a language; `words` translates the page's own texts."""
    opened: list[SpeakingPage] = []

    def opens(
        code: str, size: str = "kiosk", words: Callable[[str], str] | None = None, query: str | None = None
    ) -> SpeakingPage:
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        speaking = language(code)
        seen = SpeakingPage(page, words=words or speaking.text, sentences=speaking.sentence)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        if words is not None:
            page.route("**/page/texts.json?*", lambda route: _answer(route, code, words))
        page.goto(f"{floor.url}/{f'?language={code}' if query is None else query}")
        seen.shows("Ready")
        opened.append(seen)
        return seen

    yield opens
    for seen in opened:
        seen.page.context.close()
        assert seen.errors == []


def _answer(route: Route, code: str, words: Callable[[str], str]) -> None:
    page = texts().page
    table = {
        "language": code,
        "languages": dict(LANGUAGES),
        "texts": {one: words(one) for one, many in page if many is None},
        "plurals": {one: {"one": words(one), "other": words(many)} for one, many in page if many is not None},
    }
    route.fulfill(json=table)


def bracketed(text: str) -> str:
    """A text of the page in a pseudo-language."""
    return f"⟦{text}⟧"


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _strings(each)
        case list():
            for each in value:
                yield from _strings(each)


def _known(floor: Floor, speaking: Language) -> set[str]:
    """The station's texts in a language, and the company's own words."""
    connection = http.client.HTTPConnection(floor.url.removeprefix("http://"), timeout=60)
    found = set(LANGUAGES.values())
    for path in (f"/api/v1/state?language={speaking.code}", "/api/v1/documents"):
        connection.request("GET", path)
        found |= set(_strings(json.loads(connection.getresponse().read())))
    connection.close()
    return found


@pytest.mark.full
def test_everything_except_data_is_translated(open_in: Callable[..., SpeakingPage], floor: Floor) -> None:
    speaking = language("fr")
    seen = open_in("fr", words=bracketed)
    known: set[str] = {"PR400009"}
    english: dict[str, set[str]] = {}
    for name in STATES.reach(seen, floor):
        if name not in {"not live", "not sent"}:
            known |= _known(floor, speaking)
        for text in seen.page.evaluate(ALL_TEXTS):
            left = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
            for each in sorted(known, key=len, reverse=True):
                left = left.replace(each, " ") if each else left
            if re.search(r"[^\W\d_]{2,}", left):
                english.setdefault(name, set()).add(text)
    assert english == {}


@pytest.mark.full
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_no_word_is_too_long_for_its_place(
    open_in: Callable[..., SpeakingPage], floor: Floor, code: str, size: str
) -> None:
    seen = open_in(code, size)
    cut = {name: found for name in STATES.reach(seen, floor) if (found := seen.page.evaluate(CUT))}
    assert cut == {}


ASKED = {
    "es": ("número de serie desconocido", "El artículo HEAD-BT no está en CM-1001. ¿Añadirlo?", "Sí", "s"),
    "de": ("unbekannte Seriennummer", "Artikel HEAD-BT steht nicht auf CM-1001. Hinzufügen?", "Ja", "j"),
    "fr": ("numéro de série inconnu", "L'article HEAD-BT n'est pas sur CM-1001. L'ajouter ?", "Oui", "o"),
}


@pytest.mark.parametrize("code", ASKED)
@pytest.mark.full
def test_an_outcome_and_a_question_in_each_language(
    open_in: Callable[..., SpeakingPage], floor: Floor, code: str
) -> None:
    reason, asks, yes, key = ASKED[code]
    seen = open_in(code)
    expect(seen.find("html")).to_have_attribute("lang", code)
    floor.scan("CM-1001", "XR-99999")
    expect(seen.find("#banner .word")).to_have_text(language(code).text("Refused"))
    expect(seen.find("#banner .lines")).to_have_text(reason)
    floor.scan("HB-0007")
    expect(seen.find("#asking h2")).to_have_text(asks)
    expect(seen.find("#asking .yes")).to_contain_text(yes)
    # The key of the language works.
    seen.page.keyboard.press(key)
    seen.shows("Added")
    seen.page.keyboard.press("F2")
    assert [row["reason"] for row in seen.history if row["serial"] == "XR-99999"] == [reason]
    expect(seen.find("#history .action").nth(1)).to_have_text(language(code).text("Added"))


def test_the_language_chosen_on_the_display_stays_and_the_address_comes_first(
    open_in: Callable[..., SpeakingPage], floor: Floor
) -> None:
    seen = open_in("de")
    seen.press("#settings-open")
    seen.press("#settings [lang=es]")
    expect(seen.find("html")).to_have_attribute("lang", "es")
    expect(seen.find("#banner .word")).to_have_text("Listo")
    seen.page.goto(f"{floor.url}/?language=fr")
    expect(seen.find("#banner .word")).to_have_text("Prêt")
    seen.page.goto(floor.url)
    expect(seen.find("#banner .word")).to_have_text("Listo")


def test_an_unknown_language_falls_back_to_the_stations(open_in: Callable[..., SpeakingPage]) -> None:
    seen = open_in("en", query="?language=xx")
    expect(seen.find("html")).to_have_attribute("lang", "en")

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from station.events import ScanRejected
from station.i18n.catalogues import language
from station.outcomes import WORDS, Sign, Tone
from station.outputs.display.state import (
    DatabaseShown,
    DisplayState,
    DocumentShown,
    LineShown,
    NoticeShown,
    ProgressShown,
    QuestionShown,
    entry_shown,
    question_shown,
)
from station.questions import Mode, QuestionKind
from station.terminal import banner
from station.terminal.banner import BannerContent, Trouble, banner_content
from station.terminal.question import answer_for, is_key
from station.terminal.tables import line_note, missing
from tests.terminal.dock import AT, assigned, question, refused

ENGLISH = language("en")

IDLE = DisplayState(
    version=1,
    station="dock-1",
    location="",
    session=None,
    document=None,
    mode=Mode.ATTACH,
    range_first="",
    operator=None,
    question=None,
    history=(),
    counts={},
    scanners=(),
    database=DatabaseShown(ok=True, detail=""),
    notice=None,
    history_asked=0,
)


def _with(**changes: object) -> DisplayState:
    return replace(IDLE, **changes)


def _banner(state: DisplayState, trouble: Trouble | None = None) -> BannerContent:
    return banner_content(state, trouble, ENGLISH)


def test_every_word_of_the_banner_can_be_drawn() -> None:
    words = ["NOT LIVE", "NOT SENT", "DATABASE", "DETACH", "RANGE", "MFR", "GENERATE", "WAIT", "NEW"]
    for word in (*map(str.upper, WORDS), *words):
        assert set(word) <= set(banner._DRAWINGS)
        assert len(banner.large(word)) == 5
        assert len({len(row) for row in banner.small(word)}) == 1


def test_every_sign_can_be_drawn() -> None:
    assert {sign.glyph for sign in Sign} <= set(banner._DRAWINGS)


def test_every_drawing_has_five_rows_of_one_width() -> None:
    for drawing in banner._DRAWINGS.values():
        assert len(drawing.split()) == 5
        assert len({len(row) for row in drawing.split()}) == 1


def test_an_outcome_has_its_own_colour_word_sign_and_reason() -> None:
    shown = _banner(_with(history=(entry_shown(refused("SN-9", "unknown serial number")),)))
    assert (shown.tone, shown.word, shown.sign.glyph) == (Tone.REFUSED, "REFUSED", "✖")
    assert shown.lines == ("SN-9", "unknown serial number")
    good = _banner(_with(history=(entry_shown(assigned("SN-1")),)))
    assert (good.tone, good.word, good.sign.glyph) == (Tone.GOOD, "ASSIGNED", "✔")
    rejected = entry_shown(ScanRejected(AT, "left", "noise", b""))
    assert _banner(_with(history=(rejected,))).word == "REJECTED"


def _on(*lines: LineShown) -> DocumentShown:
    """An open document with these lines."""
    shown = ProgressShown(here=0, requested=0, missing={}, too_many={}, taken_away={})
    return DocumentShown(
        number="CM-1001",
        kind="credit_memo",
        customer="Acme",
        location="MAIN",
        status="open",
        lines=lines,
        progress=shown,
    )


def test_r9_too_many_never_look_like_a_plain_good_scan() -> None:
    entry = entry_shown(assigned("SN-11"))
    regular = LineShown(
        number=1,
        item="PROC-1",
        description="",
        requested=3,
        credited=5,
        over=True,
        negative=False,
        added=False,
    )
    shown = _banner(_with(history=(entry,), document=_on(regular)))
    assert (shown.tone, shown.word, shown.sign) == (Tone.ATTENTION, "ASSIGNED", Sign.ALERT)
    assert shown.lines[:2] == ("SN-11", "2 too many")
    # A line that retrieval added has no requested quantity, and another item's says nothing about this one.
    for other in (
        replace(regular, added=True),
        replace(regular, item="DISK-1"),
        replace(regular, credited=3),
    ):
        assert _banner(_with(history=(entry,), document=_on(other))).tone is Tone.GOOD
    skipped = replace(entry, action="Skipped")
    assert "2 too many" not in _banner(_with(history=(skipped,), document=_on(regular))).lines


def test_m6_what_was_counted_is_shown_with_its_quantity_and_the_note_of_a_consent() -> None:
    entry = replace(entry_shown(assigned("SN-1")), serial_number=None, text="CABLE", quantity=5)
    assert _banner(_with(history=(entry,))).lines[0] == "5 × CABLE"  # noqa: RUF001 - a sign
    entry = replace(entry_shown(assigned("SN-1")), note="other customer: Acme")
    assert "other customer: Acme" in _banner(_with(history=(entry,))).lines


def test_a_trouble_that_puts_the_rest_in_doubt_hides_the_last_outcome() -> None:
    good = (entry_shown(assigned("SN-1")),)
    assert _banner(_with(history=good), Trouble("Not live", ("since 12:00",))).word == "NOT LIVE"
    away = DatabaseShown(ok=False, detail="away")
    assert _banner(_with(history=good, database=away)).word == "DATABASE"
    notice = NoticeShown(text="Add it?", tone=Tone.QUESTION, at="")
    assert _banner(_with(history=good, notice=notice)).word == "ANSWER"


def test_a_mode_is_named_in_the_banner() -> None:
    notice = NoticeShown(text="…", tone=Tone.ATTENTION, at="")
    assert _banner(_with(notice=notice, mode=Mode.DETACH)).word == "DETACH"
    assert _banner(_with(notice=notice)).word == "NOTE"


def test_control_characters_in_a_label_are_escaped() -> None:
    shown = _banner(_with(history=(entry_shown(refused("\x1b[2J\u202e", "unknown")),)))
    assert shown.lines[0] == "\\u001B[2J\\u202E"


ADD, CHOICE = question_shown(question()), question_shown(question(QuestionKind.CHOICE))
INCOMPLETE = question_shown(question(QuestionKind.INCOMPLETE))
DOCUMENT = replace(question_shown(question(QuestionKind.DOCUMENT)), documents=("CM-1", "CM-2"))


@pytest.mark.parametrize(
    ("asked", "typed", "answer"),
    [
        (ADD, "y", "yes"),
        (ADD, "YES", "yes"),
        (ADD, "n", "no"),
        (ADD, "No", "no"),
        (ADD, "1", None),
        (ADD, "yesterday", None),
        (CHOICE, "1", "choose 1"),
        (CHOICE, "2", "choose 2"),
        (CHOICE, "3", None),
        (CHOICE, "0", None),
        (CHOICE, "y", None),
        (CHOICE, "n", "no"),
        (CHOICE, "SN-7", None),
        (INCOMPLETE, "y", "yes"),
        (INCOMPLETE, "L", "later"),
        (INCOMPLETE, "later", "later"),
        (INCOMPLETE, "n", "no"),
        (ADD, "l", None),
        (DOCUMENT, "2", "choose 2"),
        (DOCUMENT, "3", None),
        (DOCUMENT, "y", None),
        (DOCUMENT, "CM-2", None),
        (DOCUMENT, "n", "no"),
    ],
)
def test_only_a_word_that_answers_is_an_answer(asked: QuestionShown, typed: str, answer: str | None) -> None:
    assert answer_for(asked, typed, ENGLISH) == answer


def test_with_more_than_nine_candidates_the_number_needs_enter() -> None:
    many = replace(CHOICE, candidates=CHOICE.candidates * 6)
    assert is_key(CHOICE, "1", ENGLISH)
    assert not is_key(many, "1", ENGLISH)
    assert answer_for(many, "12", ENGLISH) == "choose 12"
    assert is_key(many, "n", ENGLISH)


@pytest.mark.parametrize(
    ("credited", "marks", "note"),
    [
        (3, {"over": True}, "▲ 1 too many"),
        (2, {}, "✔ complete"),
        (0, {}, "  2 to come"),
        (-1, {"negative": True}, "\N{MINUS SIGN} negative"),
        (1, {"added": True}, "✚ added"),
    ],
)
def test_a_line_shows_its_status_in_words(credited: int, marks: dict[str, bool], note: str) -> None:
    flags: dict[str, Any] = {"over": False, "negative": False, "added": False} | marks
    line = LineShown(number=1, item="I", description="D", requested=2, credited=credited, **flags)
    assert line_note(line, ENGLISH)[0] == note


def test_r14_a_line_names_the_first_serial_numbers_that_are_missing() -> None:
    line = LineShown(
        number=1,
        item="I",
        description="",
        requested=9,
        credited=0,
        over=False,
        negative=False,
        added=False,
    )
    assert missing(line, ENGLISH) == ""
    two = replace(line, missing=("SN-1", "SN-2"), missing_count=2)
    assert missing(two, ENGLISH) == "still missing: SN-1, SN-2"
    many = replace(line, missing=tuple(f"SN-{number}" for number in range(1, 10)), missing_count=200)
    assert missing(many, ENGLISH) == "still missing: SN-1, SN-2, SN-3, SN-4, SN-5 and 195 more"

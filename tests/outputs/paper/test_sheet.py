from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.base import Frame
from station.config.schema import Config
from station.config.settings import (
    HouseFormat,
    LabelSettings,
    MatchSettings,
    Preferences,
    ScannerSettings,
)
from station.errors import ConfigError, PaperError
from station.inputs.reader import Reader
from station.labels.commands import Command, Signing
from station.labels.interpret import CommandRead, DocumentRead, Meaning, OperatorRead, interpret
from station.labels.normalise import Label
from station.outputs.paper.page import SIZES, Paper
from station.outputs.paper.sheet import QUANTITIES, Listed, OpenDocument, Operator, Sheet
from station.outputs.paper.symbols import code_128, qr_code
from station.outputs.paper.texts import PaperTexts
from tests.outputs.paper.reading_back import MM, Found, pages_of, read, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from station.outputs.paper.texts import Translate

COMMANDS = [
    command
    for command in Command
    if command not in {Command.OPEN, Command.BADGE, Command.QTY, Command.REASON, Command.CONDITION}
]
KEY = bytes(range(32))
PREFIXES = ["$$", "!", "%%STATION-7/WEST", "0123456789"]
LEAST_MODULE_MM = 0.33


def _english(msgid: str, /, **values: object) -> str:
    return msgid.format(**values)


def _longer(msgid: str, /, **values: object) -> str:
    """A language of long words and many accents."""
    return f"Ÿ{_english(msgid, **values)} ñçßœ überaus langwierig"


def _config(prefix: str = "$$", **keys: object) -> Config:
    return Config(preferences=Preferences(command_prefix=prefix, **keys))  # type: ignore[arg-type]


def _sheet(config: Config, paper: Paper = "a4", key: bytes | None = None) -> Sheet:
    return Sheet(config, paper, PaperTexts(_english), key)


def _commands(
    config: Config, paper: Paper = "a4", texts: PaperTexts | None = None, key: bytes | None = None
) -> bytes:
    sheet = Sheet(config, paper, texts or PaperTexts(_english), key)
    sheet.add_commands()
    return sheet.pdf()


def _found(pdf: bytes) -> list[Found]:
    return [each for page in pages_of(pdf) for each in read(page)]


def _meaning(config: Config, text: str, identifier: str) -> Meaning:
    label = Reader({}).read(Frame((identifier + text).encode(), 0.0))
    assert isinstance(label, Label)
    meaning = interpret(label, config.preferences, LabelSettings())
    assert not hasattr(meaning, "reason"), meaning
    return meaning


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("paper", get_args(Paper))
@pytest.mark.parametrize("prefix", PREFIXES)
def test_each_command_is_read_from_a_page_of_bars_and_from_one_of_qr_codes(
    prefix: str, paper: Paper, key: bytes | None
) -> None:
    config, signing = _config(prefix), Signing(prefix, key)
    bars, squares = [read(page) for page in pages_of(_commands(config, paper, key=key))]
    assert {found.kind for found in bars} == {"Code 128"}
    assert {found.kind for found in squares} == {"QR Code"}
    for page in (bars, squares):
        assert sorted(found.text for found in page) == sorted(map(signing.code, COMMANDS))
        meanings = [_meaning(config, found.text, found.identifier) for found in page]
        assert sorted(m.command for m in meanings if isinstance(m, CommandRead)) == sorted(COMMANDS)


@pytest.mark.parametrize("prefix", ["$$", "%%STATION-7/WEST"])
@pytest.mark.parametrize("translate", [_english, _longer])
@pytest.mark.parametrize("paper", get_args(Paper))
def test_codes_are_large_enough_to_be_read_from_half_a_metre_and_apart(
    paper: Paper, translate: Translate, prefix: str
) -> None:
    signing = Signing(prefix, KEY)
    for page in pages_of(_commands(_config(prefix), paper, PaperTexts(translate), KEY)):
        found = read(page)
        for each in found:
            _assert_readable(page, each)
        for one, other in combinations(found, 2):
            assert one.distance(other) >= 6.5, (one.text, other.text)
        yes, no = (
            next(f for f in found if f.text == signing.code(each)) for each in (Command.YES, Command.NO)
        )
        assert yes.distance(no) > 150
        others = [f for f in found if f not in (yes, no)]
        assert min(_height(yes), _height(no)) > 1.3 * max(_height(f) for f in others)


def _height(found: Found) -> float:
    return found.bottom - found.top


def _assert_readable(page: Image.Image, found: Found) -> None:
    """Check that its modules are wide enough, and that its quiet zone is empty."""
    symbol = (code_128 if found.kind == "Code 128" else qr_code)(found.text)
    assert symbol
    module = (found.right - found.left) / symbol.columns
    assert module > LEAST_MODULE_MM * 0.97, found
    # zxing's corners may be off by up to a module.
    inner, outer = module * MM, (symbol.quiet - 1) * module * MM
    left, right, top, bottom = (
        round(edge * MM) for edge in (found.left, found.right, found.top, found.bottom)
    )
    above = top + round(0.2 * (bottom - top)) if symbol.rows == 1 else round(top - outer)
    below = bottom - round(0.2 * (bottom - top)) if symbol.rows == 1 else round(bottom + outer)
    sides = [
        (round(left - outer), above, round(left - inner), below),
        (round(right + inner), above, round(right + outer), below),
    ]
    if symbol.rows > 1:
        sides += [
            (round(left - outer), above, round(right + outer), round(top - inner)),
            (round(left - outer), round(bottom + inner), round(right + outer), below),
        ]
    for side in sides:
        darkest, _ = page.crop(side).getextrema()
        assert darkest > 200, (found, side)  # type: ignore[operator]


def test_every_command_is_on_the_sheet_with_words_that_can_be_copied() -> None:
    words = words_of(_commands(_config()))
    texts = PaperTexts(_english)
    for command in COMMANDS:
        assert words.count(texts.command_title(command)) >= 2
        assert f"$${command.upper()}" in words
    assert words.count("Answers Yes to the question.") == 2


def test_badges_and_slips_are_signed() -> None:
    sheet = _sheet(_config(), key=KEY)
    sheet.add_badges([Operator("E07", "Ines Wolter")])
    sheet.add_documents(
        [OpenDocument(number, is_memo=True, customer="Acme") for number in ("CM-1", "R/2026/17")]
    )
    signing = Signing("$$", KEY)
    # A document's number stands on delivery notes, too.
    assert {found.text for found in _found(sheet.pdf())} == {
        signing.code(Command.BADGE, "E07"),
        "CM-1",
        signing.code(Command.OPEN, "R/2026/17"),
    }


def test_the_same_sheet_is_the_same_file() -> None:
    assert _commands(_config()) == _commands(_config())
    assert _commands(_config()) != _commands(_config("!"))


def test_pages_have_the_size_of_the_paper() -> None:
    for paper, (width, height) in SIZES.items():
        (page, _) = pages_of(_commands(_config(), paper))
        assert page.width == pytest.approx(width * MM, abs=2)
        assert page.height == pytest.approx(height * MM, abs=2)


def test_a_prefix_that_code_128_cannot_encode_gives_qr_codes_only() -> None:
    found = _found(_commands(_config("§")))
    assert sorted(f.text for f in found) == sorted(f"§{c.upper()}" for c in COMMANDS)
    assert {f.kind for f in found} == {"QR Code"}


@pytest.mark.parametrize(
    ("prefix", "scanner", "says"),
    [
        ("\t", {}, "control character"),
        ("]C1", {}, "would read it as"),
        ("#", {"terminator": "#"}, "two scans, split by the setting terminator = '#'"),
        ("§", {"encoding": "ascii"}, "is not ascii"),
        ("$$", {"aim": "always"}, None),
    ],
)
def test_a_prefix_that_a_scanner_would_misread_is_refused_with_the_scanners_name(
    prefix: str, scanner: dict[str, str], says: str | None
) -> None:
    left = ScannerSettings(
        name="left",
        driver="serial",
        match=MatchSettings(path="/dev/ttyS0"),
        **scanner,  # type: ignore[arg-type]
    )
    config = Config(preferences=Preferences(command_prefix=prefix), scanner=(left,))
    if says is None:
        _commands(config)
        return
    with pytest.raises(ConfigError, match='the scanner "left"') as refused:
        _commands(config)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"preferences.command_prefix = {prefix!r}: ")


# Quantities, reasons and conditions

REASONS = [Listed("DOA", "Dead on arrival"), Listed("WRONG ITEM", "Not what was ordered")]
CONDITIONS = [Listed("OPENED", "Box opened"), Listed("B-STOCK", "Scratched")]


def _details(sheet: Sheet, reasons: Sequence[Listed] = (), conditions: Sequence[Listed] = ()) -> bytes:
    sheet.add_details(reasons, conditions)
    return sheet.pdf()


def _fits_in_bars(text: str) -> bool:
    """Whether a line has room for its bars; a longer code is a QR Code only."""
    symbol = code_128(text)
    return symbol is not None and symbol.width * LEAST_MODULE_MM <= 128


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("paper", get_args(Paper))
@pytest.mark.parametrize("prefix", PREFIXES)
def test_each_quantity_reason_and_condition_is_read_from_bars_and_from_a_qr_code(
    prefix: str, paper: Paper, key: bytes | None
) -> None:
    config, signing = _config(prefix), Signing(prefix, key)
    meant = [
        *((Command.QTY, str(quantity)) for quantity in QUANTITIES),
        *((Command.REASON, each.code) for each in REASONS),
        *((Command.CONDITION, each.code) for each in CONDITIONS),
    ]
    in_bars = [each for each in meant if _fits_in_bars(signing.code(*each))]
    bars, squares = pages_of(_details(_sheet(config, paper, key), REASONS, CONDITIONS))
    for page, kind, expected in ((bars, "Code 128", in_bars), (squares, "QR Code", meant)):
        found = read(page)
        assert {each.kind for each in found} == {kind}
        assert sorted(each.text for each in found) == sorted(signing.code(*each) for each in expected)
        meanings = [_meaning(config, each.text, each.identifier) for each in found]
        assert {(m.command, m.argument) for m in meanings if isinstance(m, CommandRead)} == set(expected)
        for each in found:
            _assert_readable(page, each)
        for one, other in combinations(found, 2):
            assert one.distance(other) >= 6.5, (one.text, other.text)


def test_a_reason_has_the_words_of_the_offices_list() -> None:
    words = words_of(_details(_sheet(_config()), REASONS, CONDITIONS))
    for title in ("Quantity 10", "Dead on arrival", "Scratched"):
        assert words.count(title) == 2
    for explanation in ("Reason WRONG ITEM", "Condition B-STOCK"):
        assert words.count(explanation) == 2


def test_a_long_list_takes_more_sheets_with_the_same_codes_on_both_sides() -> None:
    reasons = [Listed(f"R{number:02}", f"The reason {number}") for number in range(40)]
    pages = [read(page) for page in pages_of(_details(_sheet(_config()), reasons))]
    texts = [{each.text for each in page} for page in pages]
    assert texts[0::2] == texts[1::2]
    assert [len(each) for each in texts[0::2]] == [15, 15, 15, 1]
    assert [{each.kind for each in page} for page in pages] == [{"Code 128"}, {"QR Code"}] * 4


def test_what_the_station_does_not_take_is_not_printed() -> None:
    config = _config(count_items=False, reason="off")
    texts = {found.text for found in _found(_details(_sheet(config), REASONS, CONDITIONS))}
    assert texts == {"$$CONDITION OPENED", "$$CONDITION B-STOCK"}
    off = _sheet(_config(count_items=False, reason="off", condition="off"))
    off.add_commands()
    off.add_details(REASONS, CONDITIONS)
    assert len(pages_of(off.pdf())) == 2


def test_a_reason_that_cannot_be_printed_is_left_out_and_named() -> None:
    left = ScannerSettings(
        name="left", driver="serial", match=MatchSettings(path="/dev/ttyS0"), encoding="ascii"
    )
    sheet = _sheet(Config(scanner=(left,)))
    pdf = _details(sheet, [Listed("É", "Écran"), *REASONS])
    assert "$$REASON DOA" in {found.text for found in _found(pdf)}
    (reason,) = sheet.left_out
    assert reason.startswith('"$$REASON É" can\'t be printed: the scanner "left" would read it as: ')


# Badges and documents


def _badges(config: Config, operators: Sequence[Operator]) -> bytes:
    sheet = _sheet(config)
    sheet.add_badges(operators)
    assert sheet.left_out == []
    return sheet.pdf()


def _documents(config: Config, numbers: Sequence[str]) -> bytes:
    sheet = _sheet(config)
    sheet.add_documents(
        [OpenDocument(number, is_memo=True, customer="Auenfeld Public Library") for number in numbers]
    )
    assert sheet.left_out == []
    return sheet.pdf()


def test_a_badge_is_read_as_its_operator_and_shows_the_name() -> None:
    operators = [
        Operator("E07", "Ines Wolter"),
        Operator("E 12", "Łukasz Żółć-Nuñez, Besançon"),
        Operator("Ä-9", "Σωκράτης Іваненко"),
        Operator("NIGHT-SHIFT-PRESS-ROOM-0000000000000000000000001", "W" * 500),
        *(Operator(f"A{number}", f"Worker {number}") for number in range(9)),
    ]
    pdf = _badges(_config(), operators)
    for page in pages_of(pdf):
        for each in read(page):
            _assert_readable(page, each)
    for code in operators:
        found = [f for f in _found(pdf) if f.text == f"$$BADGE {code.code}"]
        assert len(found) == (2 if code.code.isascii() and len(code.code) < 20 else 1)
        for each in found:
            assert _meaning(_config(), each.text, each.identifier) == OperatorRead(code.code)
    assert "Łukasz Żółć-Nuñez," in words_of(pdf)
    assert "Σωκράτης Іваненко" in words_of(pdf)


def test_a_documents_code_is_its_number_or_the_command_if_the_number_has_another_form() -> None:
    config = _config(document_pattern="C[OM]-[0-9]+")
    pdf = _documents(config, ["CM-1001", "R/2026/17", "CM-Ö1", "CM-" + "1" * 60])
    texts = {f.text for f in _found(pdf)}
    assert texts == {"CM-1001", "$$OPEN R/2026/17", "$$OPEN CM-Ö1", "CM-" + "1" * 60}
    assert _meaning(config, "CM-1001", "]C0") == DocumentRead("CM-1001")
    assert _meaning(config, "$$OPEN R/2026/17", "]Q1") == CommandRead(Command.OPEN, "R/2026/17")
    assert sum(f.text == "CM-1001" for f in _found(pdf)) == 2


def test_a_number_that_starts_like_a_command_is_opened_by_the_command() -> None:
    config = _config("C", document_pattern="C[OM]-[0-9]+")
    assert {f.text for f in _found(_documents(config, ["CM-1001"]))} == {"COPEN CM-1001"}


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=64),
        min_size=1,
        max_size=3,
        unique=True,
    ),
    st.sampled_from(["$$", "%%STATION-7/WEST", "ÄÖÜ"]),
)
@settings(deadline=None, max_examples=25)
def test_whatever_numbers_the_office_gives_its_documents_a_slip_opens_each(
    numbers: list[str], prefix: str
) -> None:
    config = _config(prefix)
    pages = pages_of(_documents(config, numbers))
    opened = set()
    for page in pages:
        for each in read(page):
            _assert_readable(page, each)
            match _meaning(config, each.text, each.identifier):
                case DocumentRead(number) | CommandRead(Command.OPEN, str(number)):
                    opened.add(number)
                case other:
                    raise AssertionError(other)
    assert opened == set(numbers)


def test_text_of_the_office_is_shown_inert() -> None:
    sheet = _sheet(_config())
    sheet.add_documents(
        [OpenDocument("CM-1", is_memo=False, customer="a\x1b[31m\u202e\u200b<b>(x)\\) Tj 張")]
    )
    words = words_of(sheet.pdf())
    assert "a\\u001B[31m\\u202E\\u200B<b>(x)\\) Tj \\u5F35" in words
    assert "Credit order" in words


def test_what_cannot_be_printed_is_left_out_and_named() -> None:
    left = ScannerSettings(
        name="left", driver="serial", match=MatchSettings(path="/dev/ttyS0"), encoding="ascii"
    )
    sheet = _sheet(Config(scanner=(left,)))
    sheet.add_badges([Operator("E07", "Ines Wolter"), Operator("É8", "Jonas Falk")])
    assert {f.text for f in _found(sheet.pdf())} == {"$$BADGE E07"}
    (reason,) = sheet.left_out
    assert reason.startswith('"$$BADGE É8" can\'t be printed: the scanner "left" would read it as: ')


def test_with_nothing_to_print_there_is_a_reason() -> None:
    with pytest.raises(PaperError, match="no operators to print badges for"):
        _sheet(_config()).add_badges([])
    with pytest.raises(PaperError, match="no document is open"):
        _sheet(_config()).add_documents([])


def test_a_house_format_of_the_station_does_not_change_what_a_command_is() -> None:
    config = Config(house_format=(HouseFormat(pattern="(?P<serial>.+)"),))
    assert len(_found(_commands(config))) == 2 * len(COMMANDS)

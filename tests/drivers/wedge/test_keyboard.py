from __future__ import annotations

import pytest

from drivers.base import BrokenFrame, DeviceOptionError, Frame
from drivers.wedge.input_events import CODES, EV_KEY
from drivers.wedge.keyboard import KeyboardDecoder
from tests.drivers.wedge.keys import (
    ENTER,
    chunk,
    down,
    found,
    keys,
    read,
    reasons,
    rejected,
    state,
    texts,
    up,
)
from tests.drivers.wedge.typist import SYNCHRONISED, Typist, alt_numpad, scan


def test_keys_become_text_and_enter_ends_the_scan() -> None:
    decoder = KeyboardDecoder.from_options({})
    assert decoder.feed(chunk(keys("LEFTSHIFT+S", "RIGHTSHIFT+N", "MINUS", "1"), 1.0)) == []
    assert decoder.feed(chunk(ENTER, 1.5)) == [Frame(b"SN-1", 1.5, encoding="utf-8")]


def test_shift_held_over_several_keys_holds_for_all_of_them() -> None:
    assert read([*down("LEFTSHIFT"), *keys("S", "N"), *up("LEFTSHIFT"), *keys("A"), *ENTER]) == "SNa"


def test_one_shift_key_released_leaves_the_other_held() -> None:
    events = [*down("LEFTSHIFT"), *down("RIGHTSHIFT"), *up("LEFTSHIFT"), *keys("A"), *ENTER]
    assert read(events) == "A"


@pytest.mark.parametrize(
    ("ending", "terminator"),
    [
        ("ENTER", "\r"),
        ("KPENTER", "\r"),
        ("LEFTCTRL+M", "\r"),
        ("LEFTSHIFT+ENTER", "\r"),
        ("TAB", "\t"),
        ("LEFTCTRL+I", "\t"),
        ("LEFTCTRL+J", "\n"),
        ("LEFTCTRL+C", "\x03"),
        ("ESC", "\x1b"),
        ("LEFTSHIFT+3", "#"),
        ("F1", "\u00a7"),
    ],
)
def test_a_scan_ends_with_each_notation_of_the_terminator(ending: str, terminator: str) -> None:
    events = keys("A", "1", ending)
    assert read(events, terminator=terminator, function_keys={"F1": "\u00a7"}) == "a1"


def test_a_terminator_may_be_two_keys() -> None:
    events = keys("A", "ENTER", "LEFTCTRL+J", "B", "ENTER", "LEFTCTRL+J")
    assert texts(found(events, terminator="\r\n")) == ["a", "b"]


def test_a_scan_may_end_by_silence() -> None:
    decoder = KeyboardDecoder.from_options({"terminator": "", "gap_ms": 50})
    decoder.feed(chunk(keys("A", "1"), 1.0))
    assert decoder.deadline() == 1.05
    assert decoder.idle(1.2) == [Frame(b"a1", 1.05, encoding="utf-8")]


def test_a_preamble_is_required_and_removed() -> None:
    assert read(keys("LEFTCTRL+B", "A", "ENTER"), preamble="\x02") == "a"
    assert rejected(keys("A", "ENTER"), preamble="\x02") == 'does not begin with the preamble "\\x02"'


def test_pressing_or_releasing_a_key_keeps_the_scan_open() -> None:
    decoder = KeyboardDecoder.from_options({"frame_timeout_ms": 100})
    decoder.feed(chunk(keys("A"), 1.0))
    decoder.feed(chunk(down("LEFTSHIFT"), 1.08))
    assert decoder.feed(chunk([*keys("B"), *up("LEFTSHIFT"), *ENTER], 1.16)) == [
        Frame(b"aB", 1.16, encoding="utf-8")
    ]


def test_a_stuck_key_does_not_keep_a_scan_open() -> None:
    decoder = KeyboardDecoder.from_options({"frame_timeout_ms": 100})
    decoder.feed(chunk(down("A"), 1.0))
    decoder.feed(chunk([(EV_KEY, CODES["A"], 2), SYNCHRONISED], 1.08))
    assert decoder.deadline() == 1.1
    (broken,) = decoder.feed(chunk([(EV_KEY, CODES["A"], 2), SYNCHRONISED], 1.2))
    assert isinstance(broken, BrokenFrame)


def test_a_held_key_that_repeats_types_once() -> None:
    repeats = [(EV_KEY, CODES["A"], 2), SYNCHRONISED] * 20
    assert read([*down("A"), *repeats, *up("A"), *ENTER]) == "a"


def test_a_modifier_that_repeats_is_still_held() -> None:
    repeats = [(EV_KEY, CODES["LEFTSHIFT"], 2), SYNCHRONISED] * 3
    assert read([*down("LEFTSHIFT"), *repeats, *keys("A"), *up("LEFTSHIFT"), *keys("B"), *ENTER]) == "Ab"


def test_other_events_than_keys_type_nothing() -> None:
    others = [(4, 4, 458_756), (2, 8, -1), (3, 0, 127), (17, 1, 1), (20, 0, 250), (0xFFFF, 0, 0)]
    assert read([*others, *keys("A"), *others, *ENTER]) == "a"


def test_caps_lock_inverts_the_case_of_letters_only() -> None:
    typed = keys("A", "LEFTSHIFT+B", "1", "LEFTSHIFT+1")
    assert read([*keys("CAPSLOCK"), *typed, *ENTER]) == "Ab1!"
    assert read([*keys("CAPSLOCK", "CAPSLOCK"), *typed, *ENTER]) == "aB1!"


def test_caps_lock_is_on_if_its_led_is_on_at_opening() -> None:
    decoder = KeyboardDecoder.from_options({})
    frames = decoder.feed(chunk([*keys("A", "CAPSLOCK", "A"), *ENTER], key_state=state(leds=[1])))
    assert texts(frames) == ["Aa"]


@pytest.mark.parametrize("num_lock", [[], keys("NUMLOCK"), keys("NUMLOCK", "NUMLOCK")])
@pytest.mark.parametrize("leds", [[], [0]])
def test_the_keypad_types_digits_with_or_without_num_lock(
    num_lock: list[tuple[int, int, int]], leds: list[int]
) -> None:
    decoder = KeyboardDecoder.from_options({})
    typed = keys(*(f"KP{digit}" for digit in range(10)), "KPMINUS", "KPENTER")
    frames = decoder.feed(chunk([*num_lock, *typed], key_state=state(leds=leds)))
    assert texts(frames) == ["0123456789-"]


def test_the_keypads_decimal_key_is_the_layouts() -> None:
    assert read([*keys("KPDOT"), *ENTER], layout="us") == "."
    assert read([*keys("KPDOT"), *ENTER], layout="de") == ","


@pytest.mark.parametrize("layout", ["us", "de", "fr", "ch-de", "nordic"])
@pytest.mark.parametrize(
    ("key", "character"),
    [
        ("A", "\x01"),
        ("Y", "\x19"),
        ("Z", "\x1a"),
        ("2", "\x00"),
        ("LEFTBRACE", "\x1b"),
        ("BACKSLASH", "\x1c"),
        ("RIGHTBRACE", "\x1d"),
        ("6", "\x1e"),
        ("MINUS", "\x1f"),
    ],
)
def test_control_characters_use_the_key_positions_of_the_us_layout(
    layout: str, key: str, character: str
) -> None:
    for ctrl in ("LEFTCTRL", "RIGHTCTRL", "LEFTCTRL+LEFTSHIFT"):
        assert read([*keys("1", f"{ctrl}+{key}", "1"), *ENTER], layout=layout)[1:-1] == character


def test_a_function_key_types_its_configured_text() -> None:
    options = {"function_keys": {"F8": "\x1d", "F24": "]C1"}}
    assert read([*keys("F24", "1", "F8", "2"), *ENTER], **options) == "]C11\x1d2"


def test_a_function_key_without_a_meaning_rejects_the_scan() -> None:
    assert rejected([*keys("1", "F8", "2"), *ENTER]) == (
        "KEY_F8 types no character: the setting function_keys can say what F8 stands for"
    )
    options = {"function_keys": {"F8": "\x1d"}}
    assert rejected([*keys("LEFTSHIFT+F8"), *ENTER], **options) == "Shift+KEY_F8 types no character"


@pytest.mark.parametrize(
    ("pressed", "named"),
    [
        ("HOME", "KEY_HOME"),
        ("102ND", "Ctrl+KEY_102ND"),
        ("LEFTALT+A", "Alt+KEY_A"),
        ("RIGHTALT+A", "Alt+KEY_A"),
        ("LEFTMETA+LEFTSHIFT+L", "Meta+Shift+KEY_L"),
        ("LEFTCTRL+1", "Ctrl+KEY_1"),
        ("LEFTCTRL+LEFTALT+Q", "Ctrl+Alt+KEY_Q"),
        ("DELETE", "KEY_DELETE"),
    ],
)
def test_a_key_without_a_character_rejects_the_scan_and_is_named(pressed: str, named: str) -> None:
    pressed = "LEFTCTRL+102ND" if pressed == "102ND" else pressed
    reason = rejected([*keys("1", pressed, "2"), *ENTER])
    assert reason == f'{named} types no character in layout "us": is the scanner set to another layout?'


def test_an_unknown_key_is_named_by_its_number() -> None:
    events = [*keys("1"), (EV_KEY, 0x2FF, 1), SYNCHRONISED, *ENTER]
    assert rejected(events).startswith("key 767 types no character")


def test_a_rejected_scan_ends_where_it_ends_and_the_next_one_is_read() -> None:
    events = [*keys("S", "HOME", "1"), *ENTER, *keys("S", "2"), *ENTER]
    first, second = found(events)
    assert isinstance(first, BrokenFrame)
    assert (first.data, second) == (b"s1", Frame(b"s2", 0.0, encoding="utf-8"))


def test_the_first_of_several_problems_is_reported() -> None:
    assert rejected([*keys("HOME", "END"), *ENTER]).startswith("KEY_HOME ")


def test_enter_with_ctrl_ends_the_scan_but_rejects_it() -> None:
    frames = found([*keys("A", "LEFTCTRL+ENTER"), *keys("B"), *ENTER])
    assert (len(reasons(frames)), texts(frames)) == (1, ["b"])


def test_altgr_reaches_the_third_level_if_there_is_one() -> None:
    assert read([*keys("RIGHTALT+Q", "RIGHTALT+E"), *ENTER], layout="de") == "@\u20ac"
    assert read([*down("LEFTSHIFT"), *keys("RIGHTALT+S"), *up("LEFTSHIFT"), *ENTER], layout="de") == "\u1e9e"


def test_a_key_in_which_the_nordic_layouts_differ_requires_the_countrys_layout() -> None:
    assert read([*keys("LEFTBRACE"), *ENTER], layout="nordic") == "\u00e5"
    assert rejected([*keys("SEMICOLON"), *ENTER], layout="nordic") == (
        'KEY_SEMICOLON types no character in layout "nordic": '
        "languages differ in it, so set the layout of the scanner's own"
    )


@pytest.mark.parametrize(
    ("digits", "character"),
    [
        ("065", "A"),
        ("0065", "A"),
        ("65", "A"),
        ("127", "\x7f"),
        ("029", "\x1d"),
        ("0029", "\x1d"),
        ("0228", "\u00e4"),
        ("132", "\u00e4"),
        ("0128", "\u20ac"),
        ("0223", "\u00df"),
    ],
)
@pytest.mark.parametrize("layout", ["us", "fr"])
def test_alt_and_a_number_is_a_character_in_any_layout(layout: str, digits: str, character: str) -> None:
    num_lock = keys("NUMLOCK")
    assert read([*num_lock, *alt_numpad(digits), *num_lock, *ENTER], layout=layout) == character


@pytest.mark.parametrize(
    ("digits", "why"),
    [
        ("0129", "stands for nothing in windows-1252"),
        ("155", "differs between code pages 437 and 850"),
        ("13", "is a control character only with a 0 in front"),
        ("0256", "is no number of a character"),
        ("300", "is no number of a character"),
        ("0", "is no number of a character"),
        ("00065", "is no number of a character"),
    ],
)
def test_alt_and_a_number_without_a_certain_meaning_rejects_the_scan(digits: str, why: str) -> None:
    assert rejected([*keys("1"), *alt_numpad(digits), *ENTER]) == f"Alt+{digits} {why}"


def test_alt_and_endless_digits_are_rejected_and_need_no_memory() -> None:
    assert rejected([*alt_numpad("0" * 10_000), *ENTER]) == "Alt+00000 is no number of a character"


def test_alt_and_cr_as_a_number_ends_the_scan() -> None:
    assert read([*alt_numpad("0083"), *alt_numpad("0013")]) == "S"


def test_alt_alone_types_nothing() -> None:
    assert read([*keys("LEFTALT", "A", "LEFTALT"), *ENTER]) == "a"


@pytest.mark.parametrize("pause_s", [0.0, 5.0])
def test_a_number_that_is_never_finished_rejects_the_scan(pause_s: float) -> None:
    decoder = KeyboardDecoder.from_options({})
    decoder.feed(chunk([*down("LEFTALT"), *keys("KP0", "KP6")], 1.0))
    frames = [*decoder.feed(chunk(up("KP6"), 1.0 + pause_s)), *decoder.reset(9.0)]
    assert reasons(frames) == ["Alt+06 was never finished"]


def test_another_key_within_a_number_rejects_the_scan() -> None:
    events = [*down("LEFTALT"), *keys("KP0", "KP6", "A"), *up("LEFTALT"), *ENTER]
    assert rejected(events) == "Alt+06 was never finished"


def test_a_dead_key_rejects_the_scan_unless_the_scanner_composes() -> None:
    assert rejected([*keys("EQUAL", "E"), *ENTER], layout="de") == (
        'KEY_EQUAL is a dead key (dead_acute) in layout "de"; '
        'dead_keys = "compose" joins it with the next key'
    )


@pytest.mark.parametrize(
    ("layout", "pressed", "text"),
    [
        ("de", ("EQUAL", "E"), "\u00e9"),
        ("de", ("LEFTSHIFT+EQUAL", "LEFTSHIFT+A"), "\u00c0"),
        ("de", ("GRAVE", "SPACE"), "^"),
        ("de", ("EQUAL", "SPACE"), "\u00b4"),
        ("us-international", ("APOSTROPHE", "SPACE"), "'"),
        ("us-international", ("LEFTSHIFT+APOSTROPHE", "SPACE"), '"'),
        ("us-international", ("APOSTROPHE", "E"), "\u00e9"),
    ],
)
def test_a_composing_scanners_dead_key_joins_the_next(
    layout: str, pressed: tuple[str, ...], text: str
) -> None:
    assert read([*keys(*pressed), *ENTER], layout=layout, dead_keys="compose") == text


@pytest.mark.parametrize(
    ("layout", "pressed"),
    [
        ("de", ("EQUAL", "1")),
        ("de", ("EQUAL", "EQUAL")),
        ("de", ("EQUAL", "ENTER")),
        ("us-international", ("APOSTROPHE", "C")),
    ],
)
def test_a_dead_key_without_a_certain_composition_rejects_the_scan(
    layout: str, pressed: tuple[str, ...]
) -> None:
    frames = found([*keys("A", *pressed), *ENTER], layout=layout, dead_keys="compose")
    assert reasons(frames) == ["dead_acute joins to no certain character with what came after it"]


def test_a_key_without_a_character_after_a_dead_key_rejects_the_scan() -> None:
    reason = rejected([*keys("EQUAL", "HOME", "E"), *ENTER], layout="de", dead_keys="compose")
    assert reason.startswith("KEY_HOME types no character")


@pytest.mark.parametrize("begun", [down("LEFTALT") + keys("KP6"), keys("EQUAL")])
def test_a_character_begun_before_the_key_state_was_queried_rejects_the_scan(
    begun: list[tuple[int, int, int]],
) -> None:
    decoder = KeyboardDecoder.from_options({"layout": "de", "dead_keys": "compose"})
    decoder.feed(chunk(begun))
    assert len(reasons(decoder.feed(chunk([*keys("E"), *ENTER], key_state=state())))) == 1


def test_a_dead_key_is_dropped_at_the_end_of_its_scan() -> None:
    decoder = KeyboardDecoder.from_options({"layout": "de", "dead_keys": "compose"})
    decoder.feed(chunk(keys("EQUAL"), 1.0))
    frames = decoder.feed(chunk([*keys("E"), *ENTER], 5.0))
    assert (reasons(frames), texts(frames)) == (["dead_acute had no key after it"], ["e"])


def test_two_scanners_share_nothing() -> None:
    left, right = KeyboardDecoder.from_options({}), KeyboardDecoder.from_options({"layout": "de"})
    left.feed(chunk([*down("LEFTSHIFT"), *keys("CAPSLOCK")]))
    assert texts(right.feed(chunk([*keys("Y"), *ENTER]))) == ["z"]
    assert texts(left.feed(chunk([*keys("Y"), *ENTER]))) == ["y"]


def test_keys_held_at_opening_type_nothing_but_modifiers_count() -> None:
    decoder = KeyboardDecoder.from_options({})
    events = [*up("ENTER"), *keys("A"), *up("LEFTSHIFT"), *keys("B"), *ENTER]
    assert texts(decoder.feed(chunk(events, key_state=state("ENTER", "LEFTSHIFT")))) == ["Ab"]


def test_a_scan_with_a_key_held_at_opening_may_lack_its_beginning() -> None:
    decoder = KeyboardDecoder.from_options({})
    frames = decoder.feed(chunk([*up("A"), *keys("1"), *ENTER, *keys("2"), *ENTER], key_state=state("A")))
    assert reasons(frames) == ["KEY_A was held when reading began: the scan may lack its beginning"]
    assert texts(frames) == ["2"]


def test_an_unfinished_scan_is_broken_when_the_scanner_is_disconnected() -> None:
    assert rejected(keys("S", "N")) == "the connection ended in the middle of a scan"


def test_endless_typing_is_rejected_once_and_needs_no_memory() -> None:
    frames = found([*keys("A") * 50_000, *ENTER, *keys("B"), *ENTER], max_length=100)
    assert (reasons(frames), texts(frames)) == (["longer than 100 bytes"], ["b"])


@pytest.mark.parametrize("layout", ["us", "de", "fr"])
def test_a_label_with_gs_is_read(layout: str) -> None:
    label = "]C10104012345678901211234\x1d10A"
    assert read(scan(label, layout), layout=layout) == label


def test_caps_lock_that_the_scanner_compensates_changes_nothing() -> None:
    events = [*keys("CAPSLOCK"), *Typist("es", caps=True).events("Sn-\u00f1\u00d11"), *ENTER]
    assert read(events, layout="es") == "Sn-\u00f1\u00d11"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": 1}, "layout = 1: must be a string"),
        ({"dead_keys": "join"}, 'dead_keys = \'join\': must be one of "reject", "compose"'),
        ({"function_keys": []}, 'function_keys = []: must be a table like { F8 = "\\u001d" }'),
        ({"function_keys": {"F25": "x"}}, "function_keys: 'F25' is not a function key (F1 to F24)"),
        ({"function_keys": {"F01": "x"}}, "function_keys: 'F01' is not a function key (F1 to F24)"),
        ({"function_keys": {"F8": ""}}, 'function_keys.F8 = "": must have at least one character'),
        ({"function_keys": {"F8": 29}}, "function_keys.F8 = 29: must be a string"),
        ({"function_keys": {"F8": "x" * 65}}, "function_keys.F8: has 65 characters; must have at most 64"),
        (
            {"function_keys": {"F8": "\u20ac"}},
            "function_keys.F8 = '\u20ac': each character stands for one byte, U+0000 to U+00FF",
        ),
        ({"terminator": ""}, 'terminator = "": frames need a terminator or gap_ms above 0'),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_allowed(options: dict[str, object], message: str) -> None:
    with pytest.raises(DeviceOptionError) as error:
        KeyboardDecoder.from_options(options)
    assert str(error.value) == message

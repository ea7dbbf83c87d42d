from __future__ import annotations

import pytest

from drivers.base import DeviceOptionError
from drivers.wedge.input_events import CODES
from drivers.wedge.keyboard import KeyboardDecoder
from drivers.wedge.layouts import ALIASES, is_dead, layout, layout_names
from tests.drivers.wedge.typist import Typist

ASCII = "".join(map(chr, range(32, 127)))


@pytest.mark.parametrize(
    ("name", "pressed", "typed"),
    [
        ("us", "LEFTSHIFT+2", "@"),
        ("uk", "LEFTSHIFT+3", "\u00a3"),
        ("de", "Y", "z"),
        ("fr", "Q", "a"),
        ("fr", "LEFTSHIFT+1", "1"),
        ("es", "SEMICOLON", "\u00f1"),
        ("it", "SEMICOLON", "\u00f2"),
        ("ch-de", "LEFTBRACE", "\u00fc"),
        ("ch-fr", "LEFTBRACE", "\u00e8"),
        ("se", "LEFTBRACE", "\u00e5"),
        ("no", "SEMICOLON", "\u00f8"),
        ("dk", "SEMICOLON", "\u00e6"),
        ("fi", "RIGHTALT+2", "@"),
        ("us-international", "RIGHTALT+Q", "\u00e4"),
        ("nordic", "RIGHTALT+7", "{"),
    ],
)
def test_a_key_types_its_label_on_the_countrys_keyboard(name: str, pressed: str, typed: str) -> None:
    *held, key = pressed.split("+")
    assert layout(name).types(CODES[key], shift="LEFTSHIFT" in held, altgr="RIGHTALT" in held) == typed


@pytest.mark.parametrize("name", layout_names())
def test_every_layout_types_all_of_ascii_by_keys_or_with_dead_keys(name: str) -> None:
    missing = set(ASCII) - set(Typist(name, compose_dead_keys=True).characters)
    assert missing == (set("\\|") if name == "nordic" else set())


def test_nordic_has_only_keys_that_its_four_layouts_share() -> None:
    four = [layout(name) for name in ("se", "no", "dk", "fi")]
    for code, shift, altgr, typed in layout("nordic").each():
        assert {one.types(code, shift=shift, altgr=altgr) for one in four} == {typed}


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_a_layout_has_its_name_in_xkb_too(alias: str, name: str) -> None:
    assert layout(alias).name == name


def test_an_unknown_layout_is_refused_with_all_names() -> None:
    with pytest.raises(DeviceOptionError) as error:
        KeyboardDecoder.from_options({"layout": "dvorak"})
    assert str(error.value) == (
        'layout = "dvorak": is unknown; the layouts are us, uk, de, fr, es, it, ch-de, ch-fr, '
        "se, no, dk, fi, us-international, nordic, gb, ch, ch(de), ch(fr), us(intl)"
    )


@pytest.mark.parametrize("name", layout_names())
def test_a_layout_has_characters_and_dead_keys_but_no_control_characters(name: str) -> None:
    for caps in (False, True):
        for _code, _shift, _altgr, typed in layout(name).each(caps=caps):
            assert typed.startswith("dead_") if is_dead(typed) else typed >= " "


@pytest.mark.parametrize(
    ("name", "key", "dead"),
    [("fr", "2", "dead_tilde"), ("fr", "7", "dead_grave"), ("es", "4", "dead_tilde")],
)
def test_a_dead_key_of_windows_is_dead_here(name: str, key: str, dead: str) -> None:
    assert layout(name).types(CODES[key], altgr=True) == dead


@pytest.mark.parametrize("name", ["de", "fr"])
def test_with_caps_lock_a_key_in_which_systems_differ_types_nothing(name: str) -> None:
    for key in ("1", "5", "MINUS", "COMMA"):
        for shift in (False, True):
            assert layout(name).types(CODES[key], shift=shift, caps=True) == ""
    assert layout(name).types(CODES["Q"], caps=True) == layout(name).types(CODES["Q"], shift=True)

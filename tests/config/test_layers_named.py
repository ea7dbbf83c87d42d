"""A mistake names the layer at fault, and the key as it is written there."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.layers import Layer
from station.config.loading import put_together, read

if TYPE_CHECKING:
    from collections.abc import Sequence

LEFT = '[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/ttyS0" }\n'
RIGHT = LEFT.replace("left", "right")


def mistakes(*texts: str, directory: Path) -> Sequence[str]:
    """The mistakes in layers named main, 1, 2 …, which the sentences begin with."""
    (directory / "main.d").mkdir()
    path = directory / "main.toml"
    for number, text in enumerate(texts):
        (directory / f"main.d/{number}.toml" if number else path).write_text(text)
    return [
        each.replace(f"{directory}/main.d/", "").replace(f"{directory}/", "") for each in read(path).mistakes
    ]


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (("[log]\nlevel = 'info'", "[log]\nlevel = 'loud'"), "1.toml: log.level = 'loud': must be \"debug\""),
        (("[log]\nlevel = 'loud'", "[station]\nname = 'x'"), "main.toml: log.level = 'loud': must be"),
        (("", "[station]\nnam = 'x'"), '1.toml: unknown key "station.nam"; see'),
        ((LEFT, RIGHT + "gap_ms = 'x'"), "1.toml: scanner[1].gap_ms = 'x': must be a whole number"),
        ((LEFT, LEFT + "gap_ms = -1", RIGHT), "1.toml: scanner[1].gap_ms = -1: must be a whole number"),
        ((LEFT, RIGHT, RIGHT + "layout = 'de'"), "2.toml: scanner[1].layout: means nothing for driver"),
        ((LEFT, "[[scanner]]\nname = 'lef'"), '1.toml: "scanner[1]" lacks the key "driver"'),
        ((LEFT, "[[scanner]]\ndriver = 'usb'"), '1.toml: "scanner[1]" lacks the key "name"'),
        ((LEFT, RIGHT + RIGHT), '1.toml: two [[scanner]] tables are named "right"'),
        ((LEFT, "[[scanner]]\nname = 'b'\ndriver = 'usb'"), "1.toml: scanner[1].match: does not identify"),
        ((LEFT, "[[scanner]]\nname = 'left'\nterminator = ''"), '1.toml: scanner[1].terminator = "": frames'),
        (
            (LEFT, "[[scanner]]\nname = 'left'\n[scanner.reply]\ngood = '€'"),
            "1.toml: scanner[1].reply.good = '€': each character",
        ),
        (
            (
                LEFT + "[[scanner.house_format]]",
                "[[scanner]]\nname = 'left'\nhouse_format = [{pattern = '('}]",
            ),
            "1.toml: scanner[1].house_format[1].pattern = '(': is not a regular",
        ),
        (
            ("[display]\ncertificate = 'a'\nkey = 'b'", "[display]\nkey = ''"),
            "main.toml: display.certificate is set, but display.key is not",
        ),
        (
            ("[station]\nname = 'a'", "[label_printer]\nkind = 'queue'"),
            '1.toml: label_printer.queue = "": kind = "queue" needs it',
        ),
        (
            ("[generate]\ndigits = 3", "[station]\nlocation = 'CM'"),
            "1.toml: generate.prefix = '{location}-': a serial number like CM-000",
        ),
        (("[display]\nlisten = '127.0.0.1:1'", "display = 5"), "1.toml: display = 5: must be a table"),
        (("", "scanner = 5"), "1.toml: scanner = 5: must be a list of tables"),
    ],
)
def test_a_mistake_names_its_file(tmp_path: Path, texts: Sequence[str], says: str) -> None:
    (message,) = mistakes(*texts, directory=tmp_path)
    assert message.startswith(says)


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    messages = mistakes(
        "colour = 1\n[log]\nlevel = 'loud'\nformat = 'x'\n" + LEFT + "aim = 'x'",
        "[station]\nname = '-'\n[[scanner]]\nname = 'new'",
        directory=tmp_path,
    )
    assert sorted(each.partition(": must")[0] for each in messages) == [
        '1.toml: "scanner[1]" lacks the key "driver"',
        "1.toml: station.name = '-'",
        "main.toml: log.format = 'x'",
        "main.toml: log.level = 'loud'",
        "main.toml: scanner[1].aim = 'x'",
        'main.toml: unknown key "colour"; see config.example.toml for the keys there are',
    ]


def test_a_message_never_contains_a_secret(tmp_path: Path) -> None:
    (message,) = mistakes("[database]\nurl = ['postgresql://me:geheim@host/db']", directory=tmp_path)
    assert "geheim" not in message
    assert "postgresql://me:***@host/db" in message


WRONG = st.sampled_from(
    [
        ("station", {"name": "-"}, "station.name"),
        ("log", {"level": 1}, "log.level"),
        ("colour", 1, "colour"),
        ("display", {"listen": []}, "display.listen"),
        ("preferences", {"lookup": ["x"]}, "preferences.lookup[1]"),
        ("scanner", [{"name": "n", "driver": "x"}], "scanner[1].driver"),
    ]
)
RIGHT_ONES = st.lists(
    st.sampled_from(["[sound]\ncommand = ['x']", "[generate]\ndigits = 7", LEFT, RIGHT]).map(tomllib.loads),
    max_size=4,
)


@given(RIGHT_ONES, WRONG, RIGHT_ONES)
def test_a_mistake_names_the_layer_at_fault_at_any_position(
    before: list[dict[str, Any]], wrong: tuple[str, Any, str], after: list[dict[str, Any]]
) -> None:
    name, value, key = wrong
    tables = [*before, {name: value}, *after]
    layers = tuple(Layer("file", f"file {number}", each) for number, each in enumerate(tables))
    (message,) = put_together(Path("x"), layers).mistakes
    assert message.startswith(f"file {len(before)}: ")
    assert key in message

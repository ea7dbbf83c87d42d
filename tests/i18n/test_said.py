"""Everything that workers read is built from templates, so that it can be translated."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import drivers
import station
from station.i18n.catalogues import texts
from station.i18n.templates import Templates
from tests.rules.test_decision_table import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWN = Templates(texts().sentences)
STATION, DRIVERS = Path(station.__file__).parent, Path(drivers.__path__[0])
RECORDINGS = Path(__file__).parent.parent / "recordings"

SPEAKERS = (
    *sorted(STATION.joinpath("rules").glob("*.py")),
    *(STATION / each for each in ("worker/handler.py", "worker/batch.py", "outputs/display/messages.py")),
)
"""All their sentences are for workers."""
NOT_SHOWN = {
    # An internal error, and a command that nobody reads.
    "no document is open",
    "choose 1",
}
REFUSALS = {
    "labels": {"LabelError", "ValueError", "Rejected", "OtherRead"},
    "outputs/paper": {"PaperError", "PrinterError", "PrinterDoubtError"},
}
"""Workers read what these report about labels, scanned or printed."""


def _strings(tree: ast.AST, excluded: set[ast.AST]) -> Iterator[tuple[int, str]]:
    """The sentences in a source, with ``1`` for values; not those in docstrings or in `excluded`.

    One without a letter has only values, such as a count and an item, so there is nothing to translate.
    """
    hidden = set(excluded)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.add(node.value)
        if isinstance(node, ast.JoinedStr):
            hidden |= {inner for inner in ast.walk(node) if inner is not node}
    for node in ast.walk(tree):
        if node not in hidden and (text := _text(node)) and " " in text.strip() and _has_letter(text):
            yield node.lineno, text  # type: ignore[attr-defined]


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "1" for part in parts)  # type: ignore[misc]
        case _:
            return None


def _within(tree: ast.AST, *names: str) -> set[ast.AST]:
    """All nodes within calls of these functions."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names
        for inner in ast.walk(node)
    }


@pytest.mark.parametrize("file", SPEAKERS, ids=lambda file: str(file.relative_to(STATION)))
def test_every_sentence_of_the_core_is_built_from_a_template(file: Path) -> None:
    tree = ast.parse(file.read_text())
    bare = [text for _, text in _strings(tree, _within(tree, "msg", "msg_count"))]
    assert set(bare) - NOT_SHOWN == set()


@pytest.mark.parametrize("part", REFUSALS)
def test_every_reason_about_a_label_is_built_from_a_template(part: str) -> None:
    for file in sorted(STATION.joinpath(part).glob("*.py")):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS[part]:
                bare = list(_strings(node, _within(node, "msg", "msg_count")))
                assert bare == [], f"{file}:{node.lineno}"


DECODERS = (
    *("framing.py", "serial_line/ssi.py", "serial_line/ssi_packets.py"),
    *(f"raw_usb/{each}.py" for each in ("hid_pos", "ibm", "symbol_com", "reassembly")),
    *(f"wedge/{each}.py" for each in ("keyboard", "typewriter", "strokes", "composing")),
)
"""All modules that create a `BrokenFrame`, or its reasons."""
WHERE = (
    "{}",
    "report {}",
    "the scanner {} (status 00 00 00)",
    "Alt+65 {}",
    'A types no character in layout "us": {}',
    "A types no character{}",
)
"""Sentences that contain some of their strings."""
JOINTS = {
    *("report 1", "Alt+1 1", "1, and 1", "1 to 1", "1 types no character1"),
    *("the scanner 1 (status 1)", '1 types no character in layout "1": 1'),
}
"""Strings that join such parts."""


def test_all_modules_that_create_a_broken_frame_are_listed() -> None:
    creating = {
        str(file.relative_to(DRIVERS))
        for file in DRIVERS.rglob("*.py")
        if re.search(r"BrokenFrame\(|\.reject\(|\.spoil\(|Stroke\(.*problem=", file.read_text())
    }
    assert creating - {"base.py"} <= set(DECODERS)


@pytest.mark.parametrize("name", DECODERS)
def test_every_reason_of_a_driver_has_a_template(name: str) -> None:
    tree = ast.parse(DRIVERS.joinpath(name).read_text())
    options = _within(tree, "DeviceOptionError", "DescriptorError", "fromhex", "ReportDescriptor")
    for line, text in _strings(tree, options):
        if text in JOINTS or re.fullmatch(r"[0-9a-f ]+|CR LF", text):
            continue
        sentences = [where.format(text) for where in WHERE]
        assert any(KNOWN.find(each) for each in sentences), f"{name}:{line}: {text}"


def test_every_reason_and_question_of_the_decision_table_has_a_template() -> None:
    outcomes = {line for _, _, lines in TABLE.values() for line in lines}
    reason = re.compile(r"(?:[!?]|(?:Refused|Skipped)[^:]*:) (.*)")
    sentences = {found[1] for line in outcomes if (found := reason.fullmatch(line))}
    assert len(sentences) > 30
    assert {each for each in sentences if KNOWN.find(each) is None} == set()


def test_every_reason_in_the_recordings_has_a_template() -> None:
    reasons = {
        line["reason"]
        for file in RECORDINGS.glob("*.expected.jsonl")
        for line in map(json.loads, file.read_text().splitlines())
        if line.get("outcome") == "rejected"
    }
    assert len(reasons) > 50
    assert {reason for reason in reasons if KNOWN.find(reason) is None} == set()

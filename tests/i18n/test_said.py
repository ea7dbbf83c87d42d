"""Whatever a worker may read is said by templates: nothing that the station tells stays English."""

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
"""Their every sentence is a worker's."""
NOT_SAID = {
    # A mistake of ours, and a command that nobody reads.
    "no document is open",
    "choose 1",
}
REFUSALS = {
    "labels": {"LabelError", "ValueError", "Rejected", "OtherRead"},
    "outputs/paper": {"PaperError", "PrinterError", "PrinterDoubtError"},
}
"""What these tell of labels, those that are read and those that are printed, workers read."""


def _strings(tree: ast.AST, but: set[ast.AST]) -> Iterator[tuple[int, str]]:
    """The sentences that stand in a source, values as ``1``; not in docstrings, and not in `but`."""
    hidden = set(but)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden.add(node.value)
        if isinstance(node, ast.JoinedStr):
            hidden |= {inner for inner in ast.walk(node) if inner is not node}
    for node in ast.walk(tree):
        if node not in hidden and (text := _text(node)) and " " in text.strip():
            yield node.lineno, text  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "1" for part in parts)  # type: ignore[misc]
        case _:
            return None


def _within(tree: ast.AST, *names: str) -> set[ast.AST]:
    """All that stands in calls of these."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names
        for inner in ast.walk(node)
    }


@pytest.mark.parametrize("file", SPEAKERS, ids=lambda file: str(file.relative_to(STATION)))
def test_the_core_says_every_sentence_by_a_template(file: Path) -> None:
    tree = ast.parse(file.read_text())
    bare = [text for _, text in _strings(tree, _within(tree, "msg", "msg_count"))]
    assert set(bare) - NOT_SAID == set()


@pytest.mark.parametrize("part", REFUSALS)
def test_what_is_wrong_with_a_label_is_said_by_a_template(part: str) -> None:
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
"""All that make a `BrokenFrame`, and what they have the reasons from."""
WHERE = (
    "{}",
    "report {}",
    "the scanner {} (status 00 00 00)",
    "Alt+65 {}",
    'A types no character in layout "us": {}',
    "A types no character{}",
)
"""The sentences that some of their strings are parts of."""
JOINTS = {
    *("report 1", "Alt+1 1", "1, and 1", "1 to 1", "1 types no character1"),
    *("the scanner 1 (status 1)", '1 types no character in layout "1": 1'),
}
"""They join such parts."""


def test_all_that_make_a_broken_frame_are_known() -> None:
    making = {
        str(file.relative_to(DRIVERS))
        for file in DRIVERS.rglob("*.py")
        if re.search(r"BrokenFrame\(|\.reject\(|\.spoil\(|Stroke\(.*problem=", file.read_text())
    }
    assert making - {"base.py"} <= set(DECODERS)


@pytest.mark.parametrize("name", DECODERS)
def test_why_a_driver_rejects_a_scan_is_known(name: str) -> None:
    tree = ast.parse(DRIVERS.joinpath(name).read_text())
    options = _within(tree, "DeviceOptionError", "DescriptorError", "fromhex", "ReportDescriptor")
    for line, text in _strings(tree, options):
        if text in JOINTS or re.fullmatch(r"[0-9a-f ]+|CR LF", text):
            continue
        said = [where.format(text) for where in WHERE]
        assert any(KNOWN.find(each) for each in said), f"{name}:{line}: {text}"


def test_every_reason_and_question_of_the_decision_table_is_known() -> None:
    told = {line for _, _, lines in TABLE.values() for line in lines}
    reason = re.compile(r"(?:[!?]|(?:Refused|Skipped)[^:]*:) (.*)")
    said = {found[1] for line in told if (found := reason.fullmatch(line))}
    assert len(said) > 30
    assert {each for each in said if KNOWN.find(each) is None} == set()


def test_every_reason_why_a_recorded_scan_was_rejected_is_known() -> None:
    reasons = {
        line["reason"]
        for file in RECORDINGS.glob("*.expected.jsonl")
        for line in map(json.loads, file.read_text().splitlines())
        if line.get("outcome") == "rejected"
    }
    assert len(reasons) > 50
    assert {reason for reason in reasons if KNOWN.find(reason) is None} == set()

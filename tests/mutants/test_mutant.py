from __future__ import annotations

import pytest

from tests.mutants.mutant import mutants


def _changes(text: str) -> set[str]:
    return {mutant.change for mutant in mutants("some.py", text.encode())}


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("x = a < b", {"a < b -> (a <= b)", "a < b -> (a >= b)"}),
        ("x = a and b", {"a and b -> (a or b)", "a and b -> (a)", "a and b -> (b)"}),
        ("if not x: f(1)", {"not x -> (x)", "f(1) -> pass", "1 -> (2)"}),
        ("x = f(a, key=b)", {"f(a, key=b) -> (f(a))"}),
        ("x = y & 3", {"y & 3 -> (y | 3)", "y & 3 -> (y)", "y & 3 -> (3)", "3 -> (4)"}),
        ("x = s.where(a, b)", {f"s.where(a, b) -> ({rest})" for rest in ("s", "s.where(a)", "s.where(b)")}),
        ("x = 'BEGIN IMMEDIATE'", {"'BEGIN IMMEDIATE' -> ('BEGIN')"}),
        ("with lock: pass", {'lock -> __import__("contextlib").nullcontext()'}),
        ("def f():\n return g(x)", {"return g(x) -> return None"}),
        ("self.x = y", {"self.x = y -> pass"}),
        ("x = a == 'ä'", {"a == 'ä' -> (a != 'ä')", "'ä' -> ('ä~')"}),
    ],
)
def test_a_mutant_changes_one_place(text: str, changes: set[str]) -> None:
    assert _changes(text) == changes


@pytest.mark.parametrize(
    "text",
    [
        '"""A text."""',
        "say('{count} of them', count=1)",
        "raise_ = SomeError('not 1')",
        "WAIT_S = 5",
        "x: Literal[1]",
        "if TYPE_CHECKING: y = 1",
        "import a.b",
        "x = f'{a + 1}'",
    ],
)
def test_what_decides_nothing_is_left_alone(text: str) -> None:
    assert _changes(text) == set()


def test_a_mutant_is_the_text_with_that_change() -> None:
    text = "ä = 'ö'\ndef f():\n    return a if b else 'ü'  # ß\n".encode()
    found = {mutant.applied(text).decode().splitlines()[2] for mutant in mutants("some.py", text)}
    assert found == {
        "    return None  # ß",
        "    return (a)  # ß",
        "    return ('ü')  # ß",
        "    return a if (not b) else 'ü'  # ß",
    }


def test_a_mutant_knows_the_lines_that_run_it() -> None:
    text = b"x = 1\ndef f():\n    if g(\n        2,\n    ):\n        h(3)\n"
    found = {mutant.was: (mutant.lines, mutant.at_import) for mutant in mutants("some.py", text)}
    assert found["1"] == ((1, 1), True)
    assert found["2"] == ((3, 5), False)
    assert found["h(3)"] == ((6, 6), False)

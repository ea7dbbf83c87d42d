"""Single mutants of a source file: one piece of its text replaced by another, with one change of meaning."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_UNSEEN = {"annotation", "returns", "decorator_list"}
"""Fields of the tree that no mutant is made of."""
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_PASSED_THROUGH = {"where", "order_by", "limit", "distinct", "strip", "lower", "upper", "with_for_update"}
"""Methods whose result is still what they were called on; a mutant leaves the call out."""
_CONDITIONS = {"where", "and_", "or_"}
"""Calls with one condition an argument; a mutant leaves one out."""
_KEYS = {"startswith", "endswith", "removeprefix", "removesuffix", "get", "getlist", "bindparam"}
"""Calls whose texts decide something."""
_FOR_PEOPLE = {"say", "say_count", "_", "log"}
"""Calls whose texts are for people."""
_MEASURE = re.compile(r"_?[A-Z_]*(_S|_MS|_BYTES|TRIES|PATIENCE)")
"""Constants that were chosen: a little more or less is as right."""


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    path: str
    source: str
    """The line that it begins in."""
    lines: tuple[int, int]
    """First and last line of the statement."""
    at_import: bool
    """The statement runs when the module is imported."""
    place: tuple[int, int]
    """Where `was` begins and ends in the file, in bytes."""
    was: str
    becomes: str

    @property
    def change(self) -> str:
        """The change as one line."""
        return " ".join(f"{self.was} -> {self.becomes}".split())

    def applied(self, text: bytes) -> bytes:
        """The file's text with the change."""
        start, end = self.place
        return text[:start] + self.becomes.encode() + text[end:]


def mutants(path: str, text: bytes) -> list[Mutant]:
    """All mutants of a file, in its order."""
    finder = _Finder(path, text)
    finder.visit(ast.parse(text))
    return sorted(set(finder.found), key=lambda mutant: (mutant.place, mutant.becomes))


class _Finder(ast.NodeVisitor):
    def __init__(self, path: str, text: bytes) -> None:
        self.found: list[Mutant] = []
        self._path, self._text = path, text
        self._lines = text.splitlines(keepends=True)
        self._above: list[ast.AST] = []

    def visit(self, node: ast.AST) -> None:
        if _decides_nothing(node):
            return
        for part, becomes in _changes(node, self._above[-1] if self._above else node):
            self._add(part, becomes)
        self._above.append(node)
        for name, value in ast.iter_fields(node):
            if name not in _UNSEEN:
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        self.visit(child)
        self._above.pop()

    def _add(self, node: ast.stmt | ast.expr, becomes: str) -> None:
        around = [node, *reversed(self._above)]
        statement = next(each for each in around if isinstance(each, ast.stmt))
        # Of a compound statement the head alone.
        body = getattr(statement, "body", None)
        last = body[0].lineno - 1 if body else statement.end_lineno
        place = self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)
        self.found.append(
            Mutant(
                path=self._path,
                source=self._lines[node.lineno - 1].decode().strip(),
                lines=(statement.lineno, max(statement.lineno, last or 0)),
                at_import=not any(isinstance(each, _FUNCTIONS) for each in self._above),
                place=place,
                was=self._text[slice(*place)].decode(),
                becomes=becomes,
            )
        )

    def _offset(self, line: int | None, column: int | None) -> int:
        assert line is not None
        assert column is not None
        return sum(map(len, self._lines[: line - 1])) + column


def _called(node: ast.AST) -> str:
    """The last name of what is called; of a logger its own."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="log"))):
            return "log"
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
    return ""


def _decides_nothing(node: ast.AST) -> bool:
    """Texts, docstrings, types, measures; and what has no place of its own in the text."""
    match node:
        case ast.JoinedStr() | ast.MatchValue() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Call() | ast.Expr(value=ast.Call()):
            name = _called(node.value if isinstance(node, ast.Expr) else node)
            return name in _FOR_PEOPLE or name.endswith("Error")
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return _MEASURE.fullmatch(name) is not None or name.istitle()
    return False


def _changes(node: ast.AST, parent: ast.AST) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    """Parts of the text, and what they become."""
    match node:
        case ast.stmt():
            for text in _statements(node):
                yield node, text
        case ast.withitem(context_expr=context, optional_vars=None):
            yield context, '__import__("contextlib").nullcontext()'
        case ast.expr():
            for expression in (*_conditions(node, parent), *_values(node, parent)):
                yield node, f"({ast.unparse(expression)})"


def _statements(node: ast.stmt) -> Iterator[str]:
    """What a statement may become."""
    match node:
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.AugAssign():
            yield "pass"
        case ast.Break() | ast.Continue() | ast.Delete():
            yield "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]):
            yield "pass"
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "return None"


def _conditions(node: ast.expr, parent: ast.AST) -> Iterator[ast.expr]:
    """What a condition may become."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            for place, operator in enumerate(ops):
                for other in _COMPARISONS[type(operator)]:
                    yield ast.Compare(left, [*ops[:place], other(), *ops[place + 1 :]], others)
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            for rest in _each_left_out(values):
                yield ast.BoolOp(operator, rest) if len(rest) > 1 else rest[0]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Name() | ast.Attribute() | ast.Call() | ast.NamedExpr():
            if isinstance(parent, ast.If | ast.While | ast.IfExp) and node is parent.test:
                yield ast.UnaryOp(ast.Not(), node)


def _values(node: ast.expr, parent: ast.AST) -> Iterator[ast.expr]:
    """What a value may become."""
    match node:
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            yield ast.BinOp(left, _OPERATORS[type(operator)](), right)
            if isinstance(operator, ast.BitAnd | ast.BitOr):
                yield from (left, right)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Call():
            yield from _calls(node)
        case ast.Constant(value=value):
            for other in _constants(value, parent):
                yield ast.Constant(other)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    for some in _each_left_out(node.keywords):
        yield ast.Call(node.func, node.args, some)
    if _called(node) in _CONDITIONS and len(node.args) > 1:
        for rest in _each_left_out(node.args):
            yield ast.Call(node.func, rest, node.keywords)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _PASSED_THROUGH:
        yield node.func.value


def _each_left_out(parts: list[T]) -> Iterator[list[T]]:
    for place in range(len(parts)):
        yield [*parts[:place], *parts[place + 1 :]]


def _constants(value: object, parent: ast.AST) -> Iterator[bool | int | str | bytes]:
    match value:
        case bool():
            yield not value
        case int():
            yield value + 1
        case str() if " IMMEDIATE" in value:
            yield value.replace(" IMMEDIATE", "")
        case str() | bytes() if isinstance(parent, ast.Compare | ast.Subscript) or _called(parent) in _KEYS:
            yield value + "~" if isinstance(value, str) else value + b"~"

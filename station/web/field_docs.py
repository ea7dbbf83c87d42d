"""The docstrings that stand under the fields of a type, which Python itself forgets."""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def structs_in(types: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """All structs that values of these types are made of."""
    found: set[type[msgspec.Struct]] = set()
    waiting = list(msgspec.inspect.multi_type_info(types))
    while waiting:
        each = waiting.pop()
        if isinstance(each, msgspec.inspect.StructType):
            if each.cls in found:
                continue
            found.add(each.cls)
            waiting += [field.type for field in each.fields]
        else:
            waiting += _inside(each)
    return found


def _inside(each: Any) -> Iterator[Any]:
    for name in ("type", "item_type", "key_type", "value_type"):
        if hasattr(each, name):
            yield getattr(each, name)
    for name in ("types", "item_types"):
        yield from getattr(each, name, ())


def field_docs(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Field -> its docstring, those of the types that it extends included."""
    docs: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            (defined,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
            docs |= dict(_documented(defined))
    return docs


def _documented(defined: Any) -> Iterator[tuple[str, str]]:
    for node, below in pairwise(defined.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield node.target.id, " ".join(text.split())

"""Values as TOML writes them: one in a line, or a whole file as people would have written it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def literal(value: Any) -> str:
    """One value in one line; empty for none."""
    match value:
        case None:
            return ""
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            pairs = ", ".join(_pair(name, each) for name, each in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case _:
            # Numbers, true and false are the same in both.
            return json.dumps(value)


def document(table: dict[str, Any]) -> str:
    """A whole file; lists of tables stand as ``[[name]]``, so that another one can be put below."""
    return "".join(f"{line}\n" for line in _body(table, "")).lstrip("\n")


def _body(table: dict[str, Any], above: str, *, is_row: bool = False) -> Iterator[str]:
    """A table's lines below its header: values first, as what follows a header belongs to that."""
    tables = {
        name: each
        for name, each in table.items()
        if _is_rows(each) or (isinstance(each, dict) and not is_row)
    }
    yield from (_pair(name, each) for name, each in table.items() if name not in tables)
    for name, each in tables.items():
        path = f"{above}{_key(name)}"
        if isinstance(each, dict):
            yield from ("", f"[{path}]", *_body(each, f"{path}."))
            continue
        for row in each:
            yield from ("", f"[[{path}]]", *_body(row, f"{path}.", is_row=True))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _pair(name: str, value: Any) -> str:
    return f"{_key(name)} = {literal(value)}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    """What JSON escapes, TOML does in the same way (TOML 1.0, "String"), and one character more."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

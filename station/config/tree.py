"""Layers put one over the other, where each value still knows its layer.

Tables merge key by key. Lists of tables are appended, but a table whose name stands already (a scanner's)
changes the one of that name. Anything else replaces what stood there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from station.config.keys import Key, has_names, is_rows

if TYPE_CHECKING:
    from station.config.layer import Layer


@dataclass(frozen=True)
class Origin:
    """Where something stands: in which layer, and by which key there."""

    layer: Layer
    key: Key


@dataclass(frozen=True)
class Leaf:
    """One value."""

    origin: Origin
    value: Any


@dataclass(frozen=True)
class Branch:
    """A table; its origin is the first layer that has it."""

    origin: Origin
    children: dict[str, Node]


@dataclass(frozen=True)
class Rows:
    """A list of tables."""

    items: tuple[Branch, ...]


Node = Leaf | Branch | Rows


def grown(layer: Layer) -> Branch:
    """The tree of one layer."""
    return _branch(layer, layer.table, ())


def _branch(layer: Layer, table: dict[str, Any], key: Key) -> Branch:
    children = {name: _node(layer, value, (*key, name)) for name, value in table.items()}
    return Branch(Origin(layer, key), children)


def _node(layer: Layer, value: Any, key: Key) -> Node:
    if isinstance(value, dict):
        return _branch(layer, value, key)
    if isinstance(value, list) and all(isinstance(each, dict) for each in value) and is_rows(key):
        return Rows(tuple(_branch(layer, each, (*key, place)) for place, each in enumerate(value)))
    return Leaf(Origin(layer, key), value)


def merged(below: Branch, above: Branch, key: Key = ()) -> Branch:
    """Two trees as one; what `above` says counts."""
    children = dict(below.children)
    for name, node in above.children.items():
        children[name] = _merged(children[name], node, (*key, name)) if name in children else node
    return Branch(below.origin, children)


def _merged(below: Node, above: Node, key: Key) -> Node:
    if isinstance(below, Branch) and isinstance(above, Branch):
        return merged(below, above, key)
    if isinstance(below, Rows) and isinstance(above, Rows):
        return Rows(_joined(below.items, above.items, key))
    return above


def _joined(below: tuple[Branch, ...], above: tuple[Branch, ...], key: Key) -> tuple[Branch, ...]:
    rows = list(below)
    places = {_name(row): place for place, row in enumerate(rows)} if has_names(key) else {}
    for row in above:
        place = places.get(name) if (name := _name(row)) else None
        if place is None:
            rows.append(row)
        else:
            changes = {name: node for name, node in row.children.items() if name != "name"}
            rows[place] = merged(rows[place], replace(row, children=changes), (*key, place))
    return tuple(rows)


def _name(row: Branch) -> str:
    node = row.children.get("name")
    return node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""


def plain(node: Node) -> Any:
    """The values alone, as TOML has them."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Rows):
        return [plain(each) for each in node.items]
    return {name: plain(each) for name, each in node.children.items()}


def child(node: Node, part: str | int) -> Node | None:
    """What a table has under a name, or a list at a place; None: nothing, or it is neither."""
    if isinstance(node, Branch) and isinstance(part, str):
        return node.children.get(part)
    if isinstance(node, Rows) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


def pruned(node: Any, key: Key) -> Any:
    """A tree without what stands at a key, or innermost on the way there."""
    inner = child(node, key[0]) if key else None
    if inner is None:
        return None
    kept = pruned(inner, key[1:])
    if isinstance(node, Branch):
        children = {name: kept if name == key[0] else each for name, each in node.children.items()}
        return replace(node, children={name: each for name, each in children.items() if each is not None})
    items = [kept if place == key[0] else each for place, each in enumerate(node.items)]
    return replace(node, items=tuple(each for each in items if each is not None))

"""Merges the layers of a configuration and keeps track of where values come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from station.config.schema import Key, has_names, is_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.layers import Layer
    from station.config.loading import Reading
    from station.config.problems import ConfigProblem


@dataclass(frozen=True)
class Origin:
    """The layer that sets something, and its key there."""

    layer: Layer
    key: Key


@dataclass(frozen=True)
class Leaf:
    """One value."""

    origin: Origin
    value: Any


@dataclass(frozen=True)
class Branch:
    """A table; its origin is the first layer that contains it."""

    origin: Origin
    children: dict[str, Node]


@dataclass(frozen=True)
class Rows:
    """A list of tables."""

    items: tuple[Branch, ...]


Node = Leaf | Branch | Rows


def grown(layer: Layer) -> Branch:
    """Build the tree of one layer."""
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
    """Merge two trees; `above` overrides `below`."""
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
    """The plain values, as in TOML."""
    if isinstance(node, Leaf):
        return node.value
    if isinstance(node, Rows):
        return [plain(each) for each in node.items]
    return {name: plain(each) for name, each in node.children.items()}


def child(node: Node, part: str | int) -> Node | None:
    """The node under a name in a table or at an index in a list; None: there is none."""
    if isinstance(node, Branch) and isinstance(part, str):
        return node.children.get(part)
    if isinstance(node, Rows) and isinstance(part, int) and part < len(node.items):
        return node.items[part]
    return None


def pruned(node: Any, key: Key) -> Any:
    """A tree without the node at a key, or the innermost one on the way to it."""
    inner = child(node, key[0]) if key else None
    if inner is None:
        return None
    kept = pruned(inner, key[1:])
    if isinstance(node, Branch):
        children = {name: kept if name == key[0] else each for name, each in node.children.items()}
        return replace(node, children={name: each for name, each in children.items() if each is not None})
    items = [kept if place == key[0] else each for place, each in enumerate(node.items)]
    return replace(node, items=tuple(each for each in items if each is not None))


def origin_of(tree: Branch, key: Key) -> tuple[Origin, bool]:
    """The origin of a key, and True; or, for a default, where it would be set, and False.

    A default would be set in the layer that contains the innermost table around it.
    """
    node: Node = tree
    origin, depth = tree.origin, 0
    for done, part in enumerate(key, start=1):
        inner = child(node, part)
        if inner is None:
            break
        node = inner
        if isinstance(node, Leaf | Branch):
            origin, depth = node.origin, done
    is_set = depth == len(key) or isinstance(node, Leaf)
    return Origin(origin.layer, (*origin.key, *key[depth:])), is_set


def sentence(tree: Branch, mistake: ConfigProblem) -> str:
    """A mistake as a sentence that names the layer at fault and the key as it is written there."""
    origin, is_set = origin_of(tree, mistake.key)
    if is_set:
        return f"{origin.layer.source}: {mistake.about(origin.key)}"
    for key in mistake.also:
        other, is_set = origin_of(tree, key)
        if is_set:
            return f"{other.layer.source}: {mistake}"
    return f"{origin.layer.source}: {mistake.about(origin.key)}"


@dataclass(frozen=True)
class Effective:
    """One key with its effective value."""

    key: Key
    value: Any
    """In JSON types; includes secrets."""
    is_changed: bool
    """Whether the value is not the default."""
    origin: Origin | None
    """None: it is a default."""


def effective(reading: Reading) -> Iterator[Effective]:
    """All keys in the order of `Config`, including those of each table in a list, such as a scanner."""
    for key, value, default in _walk(reading.config, type(reading.config)(), ()):
        plain = msgspec.to_builtins(value)
        plain = list(plain) if isinstance(plain, tuple) else plain
        is_changed = value != default
        origin, is_set = origin_of(reading.tree, key) if reading.tree else (None, False)
        yield Effective(key, plain, is_changed, origin if is_set else None)


def _walk(
    table: msgspec.Struct, defaults: msgspec.Struct | None, above: Key
) -> Iterator[tuple[Key, Any, Any]]:
    for field in msgspec.structs.fields(table):
        key = (*above, field.encode_name)
        value = getattr(table, field.name)
        default = _default(field) if defaults is None else getattr(defaults, field.name)
        if isinstance(value, msgspec.Struct):
            yield from _walk(value, default, key)
        elif value and is_rows(key):
            for place, row in enumerate(value):
                yield from _walk(row, None, (*key, place))
        else:
            yield key, value, default


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default

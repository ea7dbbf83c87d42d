"""Where the values of a configuration come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.config.tree import Branch, Leaf, Node, Origin, child

if TYPE_CHECKING:
    from station.config.keys import Key
    from station.config.mistake import Mistake


def origin_of(tree: Branch, key: Key) -> tuple[Origin, bool]:
    """Where a key stands, and True; or, for a default, where it would stand, and False.

    That is in the layer that has the innermost table around it.
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


def sentence(tree: Branch, mistake: Mistake) -> str:
    """A mistake told with the layer that made it, and the key as it is written there."""
    origin, is_set = origin_of(tree, mistake.key)
    if is_set:
        return f"{origin.layer.source}: {mistake.about(origin.key)}"
    for key in mistake.also:
        other, is_set = origin_of(tree, key)
        if is_set:
            return f"{other.layer.source}: {mistake}"
    return f"{origin.layer.source}: {mistake.about(origin.key)}"

"""The fenced blocks of the documentation, and where each is run.

An HTML comment right above a fence says where: `<!-- run: lab -->` in the virtual machine of `tests/lab`,
`<!-- run: never, REASON -->` nowhere. A block without one is run here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

ROOT = Path(__file__).parent.parent.parent
SHELL = ("sh", "bash", "console")

Where = Literal["here", "lab", "never"]

_MARK = re.compile(r"<!--\s*run:\s*(?P<where>here|lab|never)(?:,\s*(?P<reason>.+?))?\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: `line` is its fence's, counted from 1; `reason` why it isn't run here, or ""."""

    path: Path
    line: int
    language: str
    text: str
    where: Where
    reason: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path}:{self.line}"


def blocks(path: Path) -> list[Block]:
    """Every fenced block of a page, in order.

    Raises:
        ValueError: a comment `run:` says nothing that is known, or stands above no fence.
    """
    tokens = MarkdownIt("commonmark").parse(path.read_text())
    found: list[Block] = []
    for mark, token in pairwise([None, *tokens, None]):
        marked = mark is not None and mark.type == "html_block" and "run:" in mark.content
        fence = token if token is not None and token.type == "fence" else None
        if mark is not None and marked and (fence is None or _lines(fence)[0] != _lines(mark)[1]):
            raise ValueError(f"{path}:{_lines(mark)[0] + 1}: {mark.content.strip()} stands above no fence")
        if fence is not None:
            found.append(_block(path, fence, mark if marked else None))
    return found


def pages() -> list[Path]:
    """The pages whose blocks are run."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _lines(token: Token) -> tuple[int, int]:
    """First line and the one after the last, counted from 0."""
    first, end = token.map or (0, 0)
    return first, end


def _block(path: Path, token: Token, mark: Token | None) -> Block:
    line = _lines(token)[0] + 1
    language = token.info.split()[0] if token.info.strip() else ""
    where, reason = ("here", "") if mark is None else _said(f"{path}:{line}", mark.content)
    return Block(path, line, language, token.content, cast("Where", where), reason)


def _said(place: str, comment: str) -> tuple[str, str]:
    said = _MARK.fullmatch(comment.strip())
    if said is None or (said["where"] == "never" and not said["reason"]):
        raise ValueError(f"{place}: {comment.strip()} must be run: here, run: lab, or run: never, REASON")
    return said["where"], said["reason"] or ""

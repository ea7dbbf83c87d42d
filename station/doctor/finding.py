"""What a check found."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and may not for long."""
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; also a line of ``doctor --json``."""

    check: str
    """What was looked at: ``scanner left``, ``database``."""
    state: State
    what: str
    remedy: str = ""
    """What to do, in one sentence; empty: nothing."""

    def lines(self) -> list[str]:
        """As people read it."""
        said = [f"{self.state.upper():8}{self.check}: {self.what}"]
        return said + ([f"{'':8}→ {self.remedy}"] if self.remedy else [])


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, what)


def warning(check: str, what: str, remedy: str) -> Finding:
    """It works, and may not for long."""
    return Finding(check, State.WARNING, what, remedy)


def wrong(check: str, what: str, remedy: str) -> Finding:
    """It doesn't work."""
    return Finding(check, State.WRONG, what, remedy)

"""What became of a scan, and what that sounds like."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What became of one serial number; the words are fixed for integrators."""

    ASSIGNED = "Assigned"
    ADDED = "Added"
    NEGATIVE = "Negative"
    SKIPPED = "Skipped"
    DETACHED = "Detached"
    REFUSED = "Refused"


class Tone(StrEnum):
    """What the worker hears; also the keys of a scanner's ``reply``."""

    GOOD = "good"
    ATTENTION = "attention"
    REFUSED = "refused"
    QUESTION = "question"
    NONE = "none"

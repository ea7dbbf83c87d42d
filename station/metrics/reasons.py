"""Why a scan was rejected, as one word of few: the sentences hold values, a label must not."""

from __future__ import annotations

from enum import StrEnum


class Rejection(StrEnum):
    """Values of the label `reason`."""

    INCOMPLETE = "incomplete"
    """A part of it did not come, or it may be the rest of the scan before."""
    STALLED = "stalled"
    """The station stood still in the middle of a scan."""
    SETTING = "setting"
    """Terminator, preamble or another setting of the scanner doesn't fit what it sends."""
    TOO_LONG = "too_long"
    ENCODING = "encoding"
    """Its bytes are not in the encoding that is set."""
    DAMAGED = "damaged"
    """A packet or report contradicts its own form: checksum, length, kind."""
    CHECK_DIGIT = "check_digit"
    """A retail code came with a wrong check digit, or without one."""
    SCANNER = "scanner"
    """The scanner says that something is wrong with it, or answers a command."""
    KEYBOARD = "keyboard"
    """What it typed is no certain text in this layout."""
    EMPTY = "empty"
    LABEL = "label"
    """The scan came whole; what stands on the label contradicts its format."""
    OTHER = "other"


_PHRASES = (
    ("the station stood still", Rejection.STALLED),
    # Before what they contain of others.
    ("the scanner ends its scans with", Rejection.SETTING),
    ("input events", Rejection.INCOMPLETE),
    ("was held when reading began", Rejection.INCOMPLETE),
    ("came incomplete", Rejection.INCOMPLETE),
    ("was being opened", Rejection.INCOMPLETE),
    ("the connection ended", Rejection.INCOMPLETE),
    ("stopped half-way", Rejection.INCOMPLETE),
    ("not sent again", Rejection.INCOMPLETE),
    ("never completed", Rejection.INCOMPLETE),
    ("the beginning of the scan is lost", Rejection.INCOMPLETE),
    ("a segment is missing", Rejection.INCOMPLETE),
    ("may be the rest of", Rejection.INCOMPLETE),
    ("so it may be cut", Rejection.INCOMPLETE),
    ("doesn't say whether it goes on", Rejection.INCOMPLETE),
    ("(status ", Rejection.SCANNER),
    ("an answer of the scanner to a command", Rejection.SCANNER),
    ("check digit", Rejection.CHECK_DIGIT),
    (" digits; what came is", Rejection.CHECK_DIGIT),
    ("no SSI packet", Rejection.DAMAGED),
    ("the checksum is wrong", Rejection.DAMAGED),
    ("decode data", Rejection.DAMAGED),
    ("two scans", Rejection.DAMAGED),
    ("segments hold more", Rejection.DAMAGED),
    ("is not declared", Rejection.DAMAGED),
    ("report has", Rejection.DAMAGED),
    ("report says", Rejection.DAMAGED),
    ("report ends", Rejection.DAMAGED),
    ("types no character", Rejection.KEYBOARD),
    ("dead key", Rejection.KEYBOARD),
    ("no key after it", Rejection.KEYBOARD),
    ("joins to no certain character", Rejection.KEYBOARD),
    ("Alt+", Rejection.KEYBOARD),
    ("longer than", Rejection.TOO_LONG),
    ("does not begin with the preamble", Rejection.SETTING),
    ("a lone LF", Rejection.SETTING),
    ("starts with", Rejection.SETTING),
    ("ends with", Rejection.SETTING),
    ("a control character", Rejection.SETTING),
    ("no AIM identifier", Rejection.SETTING),
    ("a single backslash", Rejection.SETTING),
    ("in ECI", Rejection.ENCODING),
    ("is not ", Rejection.ENCODING),
    ("the label is empty", Rejection.EMPTY),
)
"""The first that stands in a reason tells; a test holds them against all that drivers and scans can say."""


def kind_of(reason: str) -> Rejection:
    """Of what kind the reason is why a frame was rejected."""
    return next((kind for phrase, kind in _PHRASES if phrase in reason), Rejection.OTHER)

"""Short notations for a keyboard's events and the decoded frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import BrokenFrame, Chunk, Frame, KeyState
from drivers.wedge.input_events import CODES, EV_KEY, EV_SYN, PRESSED, RELEASED, SYN_DROPPED
from drivers.wedge.keyboard import KeyboardDecoder
from tests.drivers.wedge.typist import SYNCHRONISED, press

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.base import InputEvent

DROPPED: InputEvent = (EV_SYN, SYN_DROPPED, 0)
ENTER = press(CODES["ENTER"])
NO_TIME = 0.0


def keys(*names: str) -> list[InputEvent]:
    """Keys pressed one after the other, ``LEFTCTRL+M`` at once."""
    return [event for name in names for event in press(*(CODES[key] for key in name.split("+")))]


def down(name: str) -> list[InputEvent]:
    return [(EV_KEY, CODES[name], PRESSED), SYNCHRONISED]


def up(name: str) -> list[InputEvent]:
    return [(EV_KEY, CODES[name], RELEASED), SYNCHRONISED]


def state(*names: str, leds: Iterable[int] = ()) -> KeyState:
    return KeyState(frozenset(CODES[name] for name in names), frozenset(leds))


def chunk(events: Iterable[InputEvent], t: float = NO_TIME, key_state: KeyState | None = None) -> Chunk:
    return Chunk(b"", t, tuple(events), key_state)


def found(events: Iterable[InputEvent], **options: object) -> list[Frame | BrokenFrame]:
    """Decode events that arrive at once with nothing after them."""
    decoder = KeyboardDecoder.from_options(options)
    return [*decoder.feed(chunk(events)), *decoder.reset(NO_TIME)]


def texts(frames: Iterable[Frame | BrokenFrame]) -> list[str]:
    return [frame.data.decode() for frame in frames if isinstance(frame, Frame)]


def reasons(frames: Iterable[Frame | BrokenFrame]) -> list[str]:
    return [frame.reason for frame in frames if isinstance(frame, BrokenFrame)]


def read(events: Iterable[InputEvent], **options: object) -> str:
    """The one scan the events must give."""
    (frame,) = found(events, **options)
    assert isinstance(frame, Frame), frame.reason
    return frame.data.decode()


def rejected(events: Iterable[InputEvent], **options: object) -> str:
    """Why the only scan in the events is rejected."""
    (frame,) = found(events, **options)
    assert isinstance(frame, BrokenFrame), frame.data
    return frame.reason

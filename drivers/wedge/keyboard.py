"""The decoder of keyboard wedges: turns input events into frames.

`typewriter` turns keys into text. `framing` finds the beginning and the end of a frame in its UTF-8 bytes, as
for a serial scanner. A key that can't be decoded spoils its frame, which is then broken at its end, so the
rest of such a scan is never taken for another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drivers import options as option
from drivers.base import Chunk, DeviceOptionError, Frame
from drivers.framing import FramingOptions, SerialFraming
from drivers.wedge.input_events import (
    EV_KEY,
    EV_SYN,
    FUNCTION_KEYS,
    PRESSED,
    RELEASED,
    SYN_DROPPED,
    SYN_REPORT,
)
from drivers.wedge.layouts import layout
from drivers.wedge.typewriter import Typewriter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import BrokenFrame, KeyState
    from drivers.wedge.layouts import Layout


def function_keys(options: Mapping[str, object]) -> dict[int, str]:
    r"""Text by key code, from ``function_keys = { F8 = "\u001d" }``.

    Raises:
        DeviceOptionError: a name is not a function key, or its text is empty, too long or beyond U+00FF.
    """
    table = options.get("function_keys", {})
    if not isinstance(table, dict):
        raise DeviceOptionError(f'function_keys = {table!r}: must be a table like {{ F8 = "\\u001d" }}')
    return {_code(name): _text(table, name) for name in table}


def _code(name: object) -> int:
    if not isinstance(name, str) or name not in FUNCTION_KEYS:
        raise DeviceOptionError(f"function_keys: {name!r} is not a function key (F1 to F24)")
    return FUNCTION_KEYS[name]


def _text(table: Mapping[str, object], name: str) -> str:
    try:
        value = option.raw_bytes(table, name, "").decode("latin-1")
    except DeviceOptionError as error:
        raise DeviceOptionError(f"function_keys.{error}") from error
    if not value:
        raise DeviceOptionError(f'function_keys.{name} = "": must have at least one character')
    return value


EVENTS_LOST = "the system lost input events: the scan came incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyboardOptions:
    """The settings for decoding a keyboard wedge."""

    layout: Layout
    framing: FramingOptions
    """Terminator and preamble in UTF-8."""
    function_keys: Mapping[int, str]
    """Text by key code."""
    compose_dead_keys: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> KeyboardOptions:
        """Read a recording's options or a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        framing = FramingOptions.from_options(options)
        dead_keys = option.one_of(options, "dead_keys", "reject", ("reject", "compose"))
        return cls(
            layout=layout(option.text(options, "layout", "us")),
            framing=replace(
                framing,
                terminator=_as_typed(framing.terminator),
                preamble=_as_typed(framing.preamble),
            ),
            function_keys=function_keys(options),
            compose_dead_keys=dead_keys == "compose",
        )


class KeyboardDecoder:
    """The decoder of one keyboard wedge."""

    def __init__(self, options: KeyboardOptions) -> None:
        self._typewriter = Typewriter(
            options.layout, options.function_keys, compose_dead_keys=options.compose_dead_keys
        )
        self._framing = SerialFraming(options.framing)
        self._dropping = False
        """Events up to the next SYN_REPORT are ignored."""

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> KeyboardDecoder:
        """Create a decoder for a recording's options or a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        return cls(KeyboardOptions.from_options(options))

    def feed(self, chunk: Chunk) -> list[Frame | BrokenFrame]:
        """Take one chunk; return each frame that is now complete or known to be broken."""
        found = self.idle(chunk.t)
        if chunk.key_state is not None:
            self._take(chunk.key_state, chunk.t)
        for kind, code, value in chunk.events:
            if kind == EV_SYN:
                self._synchronise(code, chunk.t)
            elif kind == EV_KEY and not self._dropping:
                found += self._key(code, value, chunk.t)
        return found

    def deadline(self) -> float | None:
        """When silence ends the current frame; None: there is none, or its silences have no limit."""
        return self._framing.deadline()

    def idle(self, t: float) -> list[Frame | BrokenFrame]:
        """Take note that no chunk has arrived up to `t`."""
        deadline = self.deadline()
        if deadline is None or t < deadline:
            return []
        self._spoil_pending(deadline)
        return [_in_utf_8(found) for found in self._framing.idle(t)]

    def reset(self, t: float) -> list[Frame | BrokenFrame]:
        """End the stream: an unfinished frame is broken."""
        found = self.idle(t)
        self._spoil_pending(t)
        self._typewriter.release()
        self._dropping = False
        return [*found, *self._framing.reset(t)]

    def _take(self, state: KeyState, t: float) -> None:
        self._spoil_pending(t)
        if problem := self._typewriter.take(state):
            self._framing.spoil(problem, t)

    def _synchronise(self, code: int, t: float) -> None:
        if code == SYN_DROPPED:
            self._dropping = True
            # Even without a current frame: the next events may be the end of a scan whose beginning is lost.
            self._framing.spoil(EVENTS_LOST, t)
        elif code == SYN_REPORT and self._dropping:
            self._dropping = False
            self._typewriter.release()

    def _key(self, code: int, value: int, t: float) -> list[Frame | BrokenFrame]:
        stroke = self._typewriter.key(code, value)
        if stroke.problem:
            self._framing.spoil(stroke.problem, t)
        if stroke.text:
            return [_in_utf_8(found) for found in self._framing.feed(Chunk(stroke.text.encode(), t))]
        # A held key repeats forever; only pressing and releasing is a sign of life.
        if value in (PRESSED, RELEASED) and (self._typewriter.pending or self._framing.under_way):
            self._framing.hold(t)
        return []

    def _spoil_pending(self, t: float) -> None:
        if pending := self._typewriter.pending:
            self._typewriter.drop_pending()
            self._framing.spoil(pending, t)


def _as_typed(raw: bytes) -> bytes:
    """Convert bytes of the settings, one per character, to the bytes of the typed text."""
    return raw.decode("latin-1").encode()


def _in_utf_8(found: Frame | BrokenFrame) -> Frame | BrokenFrame:
    return replace(found, encoding="utf-8") if isinstance(found, Frame) else found

"""Checks before printing how the station's own scanners would read a symbol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from drivers import DRIVERS
from drivers.base import Frame
from station.config.settings import ScannerSettings
from station.i18n.messages import escape_unprintable, msg
from station.inputs.reader import Reader
from station.labels.explain import explain
from station.labels.interpret import interpret
from station.labels.normalise import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.schema import Config
    from station.labels.interpret import Meaning
    from station.outputs.paper.symbols import Symbol

_ANY: Final = ScannerSettings(name="any", driver="serial")
"""Represents the scanners of a station without configured ones."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A symbol that a scanner would read as something else."""

    scanner: str
    """Its name; empty: any scanner, as none is configured."""
    found: str
    """What the station would take it for, in words."""

    def __str__(self) -> str:
        found = escape_unprintable(self.found)
        if not self.scanner:
            return msg("any scanner would read it as: {found}", found=found)
        return msg('the scanner "{scanner}" would read it as: {found}', scanner=self.scanner, found=found)


class Readers:
    """Every way in which a symbol can reach the station: from each scanner, with and without identifier."""

    def __init__(self, config: Config) -> None:
        self._preferences = config.preferences
        self._scanners = [
            (settings, Reader(msgspec.to_builtins(settings), config.house_format))
            for settings in config.scanner or (_ANY,)
        ]

    def misread(self, symbol: Symbol, text: str, meant: Meaning) -> Misread | None:
        """Return the first way in which the symbol doesn't mean `meant`; None: there is none."""
        for settings, reader in self._scanners:
            for sent in _sent(symbol, text, settings):
                found = self._found(settings, reader, sent, meant)
                if found is not None:
                    return Misread("" if settings is _ANY else settings.name, found)
        return None

    def _found(self, settings: ScannerSettings, reader: Reader, sent: str, meant: Meaning) -> str | None:
        """Return what the station would take the sent text for; None: for `meant`."""
        # A scanner sends a symbol's bytes as they are, whatever encoding is configured.
        data = sent.encode()
        if _is_cut(settings, data):
            return f"two scans, split by the setting terminator = {settings.terminator!r}"
        label = reader.read(Frame(data, 0.0))
        if isinstance(label, Rejected):
            return f"rejected, {label.reason}"
        if interpret(label, self._preferences, reader.settings) == meant:
            return None
        return explain(label, self._preferences, reader.settings)[-1].found


def _is_cut(settings: ScannerSettings, data: bytes) -> bool:
    terminator = settings.terminator.encode("latin-1")
    return DRIVERS[settings.driver].is_framed and bool(terminator) and terminator in data


def _sent(symbol: Symbol, text: str, settings: ScannerSettings) -> Iterator[str]:
    """Yield what the scanner may send: whether with an identifier in front is set in the scanner itself."""
    if settings.aim != "never":
        yield symbol.identifier + text
    if settings.aim != "always":
        yield text

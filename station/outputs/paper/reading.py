"""How the station's own scanners read what is to be printed: looked at before it is on paper."""

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
"""Stands for the scanners of a station that has none configured yet."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A symbol that a scanner would read as something else."""

    scanner: str
    """Its name; empty: any, as none is configured."""
    found: str
    """What it would be to the station, in words."""

    def __str__(self) -> str:
        found = escape_unprintable(self.found)
        if not self.scanner:
            return msg("any scanner would read it as: {found}", found=found)
        return msg('the scanner "{scanner}" would read it as: {found}', scanner=self.scanner, found=found)


class Readers:
    """Every way in which a symbol can come to the station: of each scanner, with and without identifier."""

    def __init__(self, config: Config) -> None:
        self._preferences = config.preferences
        self._scanners = [
            (settings, Reader(msgspec.to_builtins(settings), config.house_format))
            for settings in config.scanner or (_ANY,)
        ]

    def misread(self, symbol: Symbol, text: str, meant: Meaning) -> Misread | None:
        """The first way in which the symbol means something else than it should; None: there is none."""
        for settings, reader in self._scanners:
            for sent in _sent(symbol, text, settings):
                found = self._found(settings, reader, sent, meant)
                if found is not None:
                    return Misread("" if settings is _ANY else settings.name, found)
        return None

    def _found(self, settings: ScannerSettings, reader: Reader, sent: str, meant: Meaning) -> str | None:
        """What the station would find in what a scanner sent; None: what it should."""
        # A symbol's bytes are sent as they are, whatever the setting encoding takes them for.
        data = sent.encode()
        if _is_cut(settings, data):
            return f"two scans, as it holds the setting terminator = {settings.terminator!r}"
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
    """What the scanner may send: whether it puts the identifier in front is set in the scanner itself."""
    if settings.aim != "never":
        yield symbol.identifier + text
    if settings.aim != "always":
        yield text

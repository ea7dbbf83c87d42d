"""House formats: a company's own labels, recognized by prefix, suffix and a regular expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from station import patterns
from station.i18n.messages import msg
from station.labels import check_digits, gs1
from station.labels.contents import Contents, Field, LabelError

if TYPE_CHECKING:
    from station.config.settings import HouseFormat
    from station.labels.normalise import Label

MOST_CHARACTERS: Final = 4096
"""Longer texts are not matched against a pattern."""


@dataclass(frozen=True, slots=True)
class CompiledFormat:
    """One house format with its compiled pattern."""

    settings: HouseFormat
    pattern: Any
    """RE2's; the library has no types."""

    @property
    def name(self) -> str:
        """Its name, for people."""
        return f'house format "{self.settings.name or self.settings.pattern}"'

    def why_not(self, label: Label) -> str:
        """As `formats.LabelFormat.why_not`."""
        return f"no, {self._match(label.text)}"

    def read(self, label: Label) -> Contents | None:
        """Read a label of this format; None: it has another format.

        Raises:
            LabelError: it has this format, but a wrong check digit.
        """
        match = self._match(label.text)
        if isinstance(match, str):
            return None
        found = {name: value for name, value in match.groupdict().items() if value}
        serial = found.get("serial")
        return Contents(
            form=self.name,
            fields=tuple(Field(name, "", found[name]) for name in patterns.GROUPS if name in found),
            serials=(self._checked(serial),) if serial else (),
            gtin=_gtin(found["gtin"]) if "gtin" in found else None,
            items=(found["item"],) if "item" in found else (),
        )

    def _match(self, text: str) -> Any | str:
        """RE2's match, or why there is none."""
        prefix, suffix = self.settings.prefix, self.settings.suffix
        if len(text) > MOST_CHARACTERS:
            return f"longer than {MOST_CHARACTERS} characters"
        if not text.startswith(prefix):
            return f'does not begin with "{prefix}"'
        if not text[len(prefix) :].endswith(suffix):
            return f'does not end with "{suffix}"'
        inner = self._inner(text)
        return self.pattern.fullmatch(inner) or f'"{inner}" is not {self.settings.pattern}'

    def _inner(self, text: str) -> str:
        inner = text[len(self.settings.prefix) : len(text) - len(self.settings.suffix)]
        # ASCII only: other letters may become longer or different letters.
        return {"keep": inner, "upper": inner.translate(_UPPER), "lower": inner.translate(_LOWER)}[
            self.settings.case
        ]

    def _checked(self, serial: str) -> str:
        scheme = self.settings.check
        if scheme == "none":
            return serial
        if not check_digits.holds(scheme, serial):
            raise LabelError(
                msg(
                    "{serial} has a wrong check digit ({scheme} of {form})",
                    serial=serial,
                    scheme=scheme,
                    form=self.name,
                )
            )
        return serial[:-1] if self.settings.strip_check else serial


_SMALL, _LARGE = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_UPPER, _LOWER = str.maketrans(_SMALL, _LARGE), str.maketrans(_LARGE, _SMALL)


def compiled(settings: HouseFormat) -> CompiledFormat:
    """Compile a house format.

    Raises:
        ValueError: the pattern is invalid.
    """
    return CompiledFormat(settings, patterns.compiled(settings.pattern))


def _gtin(digits: str) -> str:
    gtin = gs1.gtin_of(digits) if digits.isascii() and digits.isdigit() else None
    if gtin is None:
        raise LabelError(msg("GTIN {digits} has a wrong check digit or is not a GTIN", digits=digits))
    return gtin

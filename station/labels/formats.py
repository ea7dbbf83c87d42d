"""The label formats, in the order in which they are tried: the first match decides.

House formats come first: they are the station's own choice. A label that matches no format is plain text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from station.i18n.messages import msg
from station.labels import check_digits, digital_link, gs1, house, iso15434, symbology
from station.labels.contents import Contents, Field, LabelError

if TYPE_CHECKING:
    from station.config.settings import Gs1, LabelSettings
    from station.labels.normalise import Label

_KEPT = 64
"""Number of settings whose formats are cached: a station has a handful."""
_RETAIL_LENGTHS = (12, 13)
_EAN_8 = 8
_UPC_E = msg("a UPC-E must be sent expanded to UPC-A, and with its check digit")
_ADD_ON = msg("it is an add-on, which must be sent together with the article number")


class LabelFormat(Protocol):
    """One label format."""

    @property
    def name(self) -> str:
        """Its name, for people."""

    def read(self, label: Label) -> Contents | None:
        """Read a label of this format; None: it has another format.

        Raises:
            LabelError: it has this format, but violates it.
        """

    def why_not(self, label: Label) -> str:
        """Explain why a label does not have this format."""


@dataclass(frozen=True, slots=True)
class CheckCharacter:
    """Not a format: verifies a check character again that the reader has verified, in case data got lost."""

    name: str = "check character"

    def read(self, label: Label) -> Contents | None:
        """Return None.

        Raises:
            LabelError: the last character is not the right check character, or there is a digit too many or
                too few.
        """
        identifier = label.symbology_identifier
        scheme = symbology.check_scheme(identifier)
        if scheme and not check_digits.holds(scheme, label.text):
            raise LabelError(
                msg(
                    "{identifier} means that the last character is a check character ({scheme}), "
                    "but it is wrong",
                    identifier=identifier,
                    scheme=scheme,
                )
            )
        if scheme and symbology.has_pairs(identifier) and len(label.text) % 2:
            raise LabelError(
                msg(
                    "{identifier} means Interleaved 2 of 5, which has an even number of digits, "
                    "but {text} has {digits}",
                    identifier=identifier,
                    text=label.text[:32],
                    digits=len(label.text),
                )
            )
        return None

    def why_not(self, label: Label) -> str:
        """Explain whether there is one."""
        scheme = symbology.check_scheme(label.symbology_identifier)
        return f"the last one ({scheme}), correct" if scheme else "none reported by the scanner"


@dataclass(frozen=True, slots=True)
class Gs1ByIdentifier:
    """GS1 element strings, if the symbology identifier indicates them."""

    setting: Gs1
    name: str = gs1.FORM

    def read(self, label: Label) -> Contents | None:
        """As `LabelFormat.read`."""
        if self.setting != "never" and symbology.is_gs1(label.symbology_identifier):
            return gs1.read(label.text)
        return None

    def why_not(self, label: Label) -> str:
        """As `LabelFormat.why_not`."""
        if self.setting == "never" and symbology.is_gs1(label.symbology_identifier):
            return f'no, {label.symbology_identifier} says so, but the scanner\'s setting is gs1 = "never"'
        return _nothing_says_so(label)


@dataclass(frozen=True, slots=True)
class Gs1BySetting:
    """GS1 element strings, if the scanner sends no identifier and its setting says that labels hold them.

    A valid article number is read as such: as element strings, an EAN-13 could mean an asset or a serial
    number that nobody printed.
    """

    setting: Gs1
    name: str = "GS1 element string by setting"

    def read(self, label: Label) -> Contents | None:
        """As `LabelFormat.read`."""
        text = label.text
        if self.setting != "always" or label.symbology_identifier is not None:
            return None
        if text.isascii() and text.isdigit() and (gtin := gs1.gtin_of(text)):
            return Contents(form="EAN/UPC", fields=(Field("GTIN", "", gtin),), gtin=gtin)
        try:
            return gs1.read(text)
        except LabelError as error:
            # The label itself doesn't say that it is GS1.
            reason = msg('because of the scanner\'s setting gs1 = "always": {error_text}', error_text=error)
            raise LabelError(reason, error.advice) from None

    def why_not(self, label: Label) -> str:
        """As `LabelFormat.why_not`."""
        if self.setting == "always":
            return f"no, {label.symbology_identifier} says otherwise"
        return f'no, the scanner\'s setting is gs1 = "{self.setting}"'


@dataclass(frozen=True, slots=True)
class Envelope:
    """The envelope of ISO/IEC 15434."""

    name: str = iso15434.FORM

    def read(self, label: Label) -> Contents | None:
        """As `LabelFormat.read`."""
        return iso15434.read(label.text)

    def why_not(self, label: Label) -> str:  # noqa: ARG002 - the same for all labels
        """As `LabelFormat.why_not`."""
        return 'no, does not begin with "[)>"'


@dataclass(frozen=True, slots=True)
class Link:
    """A GS1 Digital Link."""

    name: str = digital_link.FORM

    def read(self, label: Label) -> Contents | None:
        """As `LabelFormat.read`."""
        return digital_link.read(label.text)

    def why_not(self, label: Label) -> str:  # noqa: ARG002 - the same for all labels
        """As `LabelFormat.why_not`."""
        return "no, is not a web address with a GS1 key, like https://example.com/01/GTIN/21/SERIAL"


@dataclass(frozen=True, slots=True)
class Retail:
    """EAN and UPC symbols, which hold only a GTIN (General Specifications 5.2).

    Numbers with the prefixes 02, 04 and 20 to 29 (EAN-8: 0 and 2) are for internal use (1.4): plain text.
    """

    name: str = "EAN/UPC"

    def read(self, label: Label) -> Contents | None:
        """As `LabelFormat.read`."""
        digits = self._article(label)
        if digits is None:
            if symbology.is_retail(label.symbology_identifier) and not self._is_restricted(label):
                is_add_on = label.symbology_identifier in {"]E1", "]E2"}
                raise LabelError(
                    msg(
                        "the scanner says EAN/UPC by {identifier}, and {text} is no article number: "
                        "{advice_text}",
                        identifier=label.symbology_identifier,
                        text=label.text[:32],
                        advice_text=_ADD_ON if is_add_on else _UPC_E,
                    ),
                    advice="",
                )
            return None
        gtin = gs1.gtin_of(digits)
        if gtin is None:
            raise LabelError(msg("the article number {digits} has a wrong check digit", digits=digits))
        return Contents(form=self.name, fields=(Field("GTIN", "", gtin),), gtin=gtin)

    def why_not(self, label: Label) -> str:
        """As `LabelFormat.why_not`."""
        if symbology.is_retail(label.symbology_identifier):
            return "no, is a restricted circulation number, for internal use"
        return _nothing_says_so(label)

    @staticmethod
    def _is_restricted(label: Label) -> bool:
        """Whether it has the length of an article number: if it isn't one, it is for internal use."""
        text = label.text[:13] if label.symbology_identifier == "]E3" else label.text
        lengths = (_EAN_8,) if label.symbology_identifier == "]E4" else _RETAIL_LENGTHS
        return text.isascii() and text.isdigit() and len(text) in lengths

    @staticmethod
    def _article(label: Label) -> str | None:
        """The article number without add-on."""
        text = label.text
        if not symbology.is_retail(label.symbology_identifier) or not (text.isascii() and text.isdigit()):
            return None
        if label.symbology_identifier == "]E4":
            return text if text[0] not in "02" and len(text) == _EAN_8 else None
        digits = text[:13] if label.symbology_identifier == "]E3" else text
        full = digits.zfill(13)
        if len(digits) in _RETAIL_LENGTHS and full[:2] not in {"02", "04"} and full[0] != "2":
            return digits
        return None


def _nothing_says_so(label: Label) -> str:
    identifier = label.symbology_identifier
    if identifier:
        return f"no, {identifier} does not say so"
    return "no, the scanner sent no symbology identifier"


@lru_cache(_KEPT)
def formats_of(settings: LabelSettings) -> tuple[LabelFormat, ...]:
    """The formats to try, in order.

    Raises:
        ValueError: the pattern of a house format is invalid.
    """
    return (
        CheckCharacter(),
        *(house.compiled(each) for each in settings.house_format),
        Gs1ByIdentifier(settings.gs1),
        Envelope(),
        Link(),
        Gs1BySetting(settings.gs1),
        Retail(),
    )

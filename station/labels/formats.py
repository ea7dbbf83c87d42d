"""The formats a label is tried for, in order: the first that it is of says what it holds.

A house format comes first: it is the station's own word. What no format knows is plain text.
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
"""Settings whose formats are kept ready: a station has a handful."""
_RETAIL_LENGTHS = (12, 13)
_EAN_8 = 8
_UPC_E = msg("a UPC-E must be sent expanded to UPC-A, and with its check digit")
_ADD_ON = msg("it is an article's add-on, which must be sent together with the article's number")


class LabelFormat(Protocol):
    """One of the formats."""

    @property
    def name(self) -> str:
        """How people know it."""

    def read(self, label: Label) -> Contents | None:
        """What a label of this format says; None: it is of another.

        Raises:
            LabelError: it is of this one, and not as it wants it.
        """

    def why_not(self, label: Label) -> str:
        """What to say of a label that is not of this format."""


@dataclass(frozen=True, slots=True)
class CheckCharacter:
    """Not a format: makes sure that a check character which the reader has verified has arrived whole."""

    name: str = "check character"

    def read(self, label: Label) -> Contents | None:
        """Never anything.

        Raises:
            LabelError: the data's last character is not its check character, or a digit is lost or too many.
        """
        identifier = label.symbology_identifier
        scheme = symbology.check_scheme(identifier)
        if scheme and not check_digits.holds(scheme, label.text):
            raise LabelError(
                msg(
                    "the scanner says by {identifier} that the last character is a check "
                    "character ({scheme}), and it is wrong",
                    identifier=identifier,
                    scheme=scheme,
                )
            )
        if scheme and symbology.has_pairs(identifier) and len(label.text) % 2:
            raise LabelError(
                msg(
                    "the scanner says Interleaved 2 of 5 by {identifier}, which holds an even number of "
                    "digits, and {text} has {digits}",
                    identifier=identifier,
                    text=label.text[:32],
                    digits=len(label.text),
                )
            )
        return None

    def why_not(self, label: Label) -> str:
        """Whether there is one."""
        scheme = symbology.check_scheme(label.symbology_identifier)
        return f"the last one ({scheme}), and right" if scheme else "none that the scanner speaks of"


@dataclass(frozen=True, slots=True)
class Gs1ByIdentifier:
    """GS1 element strings, where the symbology identifier says that the label holds them."""

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
    """GS1 element strings, where the scanner sends no identifier and its setting says that labels hold them.

    A label that is an article number with a right check digit is one: read as element strings, an EAN-13
    would name an asset or a serial number that nobody printed.
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
            said = msg('by the scanner\'s setting gs1 = "always": {error_text}', error_text=error)
            raise LabelError(said, error.advice) from None

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

    def why_not(self, label: Label) -> str:  # noqa: ARG002 - it is the same for all labels
        """As `LabelFormat.why_not`."""
        return 'no, does not begin with "[)>"'


@dataclass(frozen=True, slots=True)
class Link:
    """A GS1 Digital Link."""

    name: str = digital_link.FORM

    def read(self, label: Label) -> Contents | None:
        """As `LabelFormat.read`."""
        return digital_link.read(label.text)

    def why_not(self, label: Label) -> str:  # noqa: ARG002 - it is the same for all labels
        """As `LabelFormat.why_not`."""
        return "no, is no web address with a GS1 key, like https://example.com/01/GTIN/21/SERIAL"


@dataclass(frozen=True, slots=True)
class Retail:
    """EAN and UPC symbols: a GTIN and nothing else, by the symbology (General Specifications 5.2).

    Numbers with the prefixes 02, 04 and 20 to 29 (EAN-8: 0 and 2) are a company's own (1.4): plain text.
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
            return "no, is a number of restricted circulation, a company's own"
        return _nothing_says_so(label)

    @staticmethod
    def _is_restricted(label: Label) -> bool:
        """Whether it is as long as an article's number: then it is a company's own."""
        text = label.text[:13] if label.symbology_identifier == "]E3" else label.text
        lengths = (_EAN_8,) if label.symbology_identifier == "]E4" else _RETAIL_LENGTHS
        return text.isascii() and text.isdigit() and len(text) in lengths

    @staticmethod
    def _article(label: Label) -> str | None:
        """The article's number, without add-on."""
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
    said = label.symbology_identifier
    return f"no, {said} does not say so" if said else "no, the scanner sent no symbology identifier"


@lru_cache(_KEPT)
def formats_of(settings: LabelSettings) -> tuple[LabelFormat, ...]:
    """The formats that labels are tried for, in order.

    Raises:
        ValueError: a house format's pattern is none.
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

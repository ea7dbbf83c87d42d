"""Labels in the envelope of ISO/IEC 15434: ``[)>`` RS, formats with a trailing RS each, EOT.

Supported are format 05 (GS1 Application Identifiers), 06 (ASC MH10 Data Identifiers) and 12 (Text Element
Identifiers), whose data elements are separated by GS. Other formats are skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.i18n.messages import msg
from station.labels import data_identifiers, gs1, separators
from station.labels.contents import Contents, LabelError, distinct, only

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.labels.contents import Field

RS: Final = "\x1e"
EOT: Final = "\x04"
GS: Final = "\x1d"
_HEAD: Final = "[)>"
_INDICATOR: Final = 2
_BINARY: Final = "09"

FORM: Final = "ISO/IEC 15434"


def read(text: str) -> Contents | None:
    """Read a label in the envelope; None: it has no envelope.

    Raises:
        LabelError: the envelope is damaged, or its contents violate their format.
    """
    if not text.startswith(_HEAD):
        return None
    return _joined([_contents(part[:_INDICATOR], part[_INDICATOR:]) for part in _formats(text)])


def _formats(text: str) -> list[str]:
    """The formats in an envelope, each from its indicator up to its trailer.

    Raises:
        LabelError: a part of the envelope is missing.
    """
    if text[len(_HEAD) : len(_HEAD) + 1] != RS:
        raise LabelError(
            msg(
                'the label begins with "[)>" like ISO/IEC 15434, but RS does not follow: {advice_text}',
                advice_text=separators.CONTROLS_DROPPED,
            ),
            advice="",
        )
    if not text.endswith(RS + EOT):
        raise LabelError(
            msg("the label is in the envelope of ISO/IEC 15434, but RS and EOT at its end are missing"),
            msg(
                "scan again; if it repeats, the label is wrong, or the scanner drops control characters, "
                'which "scanstation doctor --scan" tests'
            ),
        )
    parts = text[len(_HEAD) + 1 : -len(RS + EOT)].split(RS)
    for part in parts:
        indicator = part[:_INDICATOR]
        if not (indicator.isascii() and indicator.isdigit() and len(indicator) == _INDICATOR):
            raise LabelError(
                msg(
                    '"{text}" in the envelope of ISO/IEC 15434 does not begin with a format indicator',
                    text=part[:16],
                )
            )
        if indicator == _BINARY:
            raise LabelError(
                msg("the label holds binary data (ISO/IEC 15434 format 09), whose end cannot be determined")
            )
    return parts


def _contents(indicator: str, data: str) -> Contents:
    """The contents of one format.

    Raises:
        LabelError: they violate the format.
    """
    form = f"{FORM} format {indicator}"
    if indicator not in ("05", "06", "12"):
        return Contents(form=form, notes=(msg("format {indicator} is not supported", indicator=indicator),))
    if not data.startswith(GS):
        raise LabelError(
            msg(
                "GS is missing after the indicator of {form}: {advice_text}",
                form=form,
                advice_text=separators.CONTROLS_DROPPED,
            ),
            advice="",
        )
    if indicator == "05":
        return gs1.contents(gs1.elements(data), form)
    if indicator == "06":
        return data_identifiers.contents(_fields(data, data_identifiers.field), form)
    return data_identifiers.text_contents(_fields(data, data_identifiers.text_field), form)


def _fields(data: str, field: Callable[[str], Field]) -> list[Field]:
    """The data elements, each preceded by GS.

    Raises:
        LabelError: one is empty, or `field` raises it.
    """
    found: list[Field] = []
    parts = data[1:].split(GS)
    for number, part in enumerate(parts):
        if not part:
            raise LabelError(_empty(found, parts[number + 1 :]))
        found.append(field(part))
    return found


def _empty(before: list[Field], after: list[str]) -> str:
    """The message for an empty data element, which is identified by its neighbour."""
    if before:
        name = f"{before[-1].identifier} ({before[-1].title})" if before[-1].title else before[-1].identifier
        return msg("the data element after {name} is empty", name=name)
    if after:
        return msg('the data element before "{text}" is empty', text=after[0][:32])
    return msg("the label is in the envelope of ISO/IEC 15434, but it holds no data element")


def _joined(each: list[Contents]) -> Contents:
    """Combine all formats of an envelope.

    Raises:
        LabelError: they contradict each other.
    """
    if len(each) == 1:
        return each[0]
    # If one serial number is unreadable, the others must not be used alone.
    is_unsure = any(part.fields and part.notes and not part.serials for part in each)
    return Contents(
        form=" and ".join(part.form for part in each),
        fields=tuple(field for part in each for field in part.fields),
        serials=() if is_unsure else distinct([serial for part in each for serial in part.serials]),
        gtin=only([part.gtin for part in each if part.gtin], msg("the GTIN")),
        items=distinct([item for part in each for item in part.items]),
        sscc=only([part.sscc for part in each if part.sscc], msg("the SSCC")),
        notes=tuple(note for part in each for note in part.notes),
    )

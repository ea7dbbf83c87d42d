"""The reasons why drivers reject scans: templates as in `station.i18n.messages`.

Workers read them, but drivers don't depend on the station, so they can't use `msg`. A test compares this list
with the drivers' sources.
"""

from __future__ import annotations

from typing import Final

_FRAMES: Final = (
    "may be the rest of the scan before, which came incomplete",
    "no terminator after {milliseconds} ms: the scan came incomplete",
    "{reason_text}, or the scanner ends its scans with {name}; the setting is {terminator}",
    'a lone LF: the scanner seems to send CR LF; set terminator = "\\r\\n"',
    "does not begin with the preamble {preamble}",
    "the station stood still in the middle of a scan",
    "the connection ended in the middle of a scan",
    "longer than {bytes} bytes",
)

_SSI: Final = (
    "{first_text}, and {then_text}",
    "a packet stopped half-way",
    "it was not sent again",
    "a continued scan never completed",
    "the beginning of the scan is lost",
    "what came is no SSI packet",
    "the checksum is wrong",
    "a packet of decode data is empty",
    "packets of two scans are mixed",
    "a segment is missing",
    "segments hold more than they announced",
    "a first segment holds no decode data",
)

_REPORTS: Final = (
    "continued report never completed: its next part did not come in time",
    "its parts are of different kinds, {kind} and {other}: two scans ran into one",
    "came so late that it may be the rest of another scan",
    "came right behind a report that does not fit, so it may be the rest of that scan",
    "report id {report_id} is not declared",
    "report has {bytes} bytes, its fields {fields}",
    "report says that it holds {bytes} bytes, where there is room for {room}",
    "report says that it holds nothing, and holds something",
    "report is full, and the scanner doesn't say whether it goes on",
    "report has the symbology identifier {identifier}, which is none",
    "an answer of the scanner to a command ({identifier}), or a code it has no identifier for",
    "fills its last report, and none came behind it, so it may be cut: set the scanner to send CR at the end",
    "report says that it has {announced} bytes; it has {bytes}",
    "report ends with {bytes}, which names no kind of code",
    "{code} has a wrong check digit",
    "{code} came without its check digit: set the scanner to transmit it",
    "{code} is {wanted_text} digits; what came is {digits}",
    "{first} to {last}",
    "the scanner is being given new firmware (status {status})",
    "the scanner has a hardware error (status {status})",
    "the scanner is not ready (status {status})",
    "the scanner read a wrong check digit (status {status})",
    "the scanner answers a command (status {status})",
    "the scanner refuses a command (status {status})",
)

_KEYS: Final = (
    "the system lost input events: the scan came incomplete",
    "{key} was held when reading began: the scan may lack its beginning",
    "Alt+{digits} was never finished",
    "Alt+{digits} is no number of a character",
    "Alt+{digits} is a control character only with a 0 in front",
    "Alt+{digits} differs between code pages 437 and 850",
    "Alt+{digits} stands for nothing in windows-1252",
    "{key} had no key after it",
    "{key} joins to no certain character with what came after it",
    '{key} is a dead key ({dead}) in layout "{layout}"; dead_keys = "compose" joins it with the next key',
    "{key} types no character",
    "{key} types no character: the setting function_keys can say what {name} stands for",
    '{key} types no character in layout "{layout}": is the scanner set to another layout?',
    (
        '{key} types no character in layout "{layout}": languages differ in it, so set the layout of the '
        "scanner's own"
    ),
)

REASONS: Final = (*_FRAMES, *_SSI, *_REPORTS, *_KEYS)

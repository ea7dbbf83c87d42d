from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.config.loading import load_file
from station.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SCANNER = '[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/ttyS0" }\n'
KEYS = SCANNER.replace("serial", "evdev")
USB = SCANNER.replace("serial", "usb")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour = 1", 'unknown key "colour"; see config.example.toml for the keys there are'),
        ("[station]\nnam = 'x'", 'unknown key "station.nam"; see config.example.toml'),
        ("[station]\nname = 5", "station.name = 5: must be letters, digits,"),
        ("[station]\nname = '-x'", "station.name = '-x': must be letters, digits,"),
        (
            "[preferences]\nnegative = 'maybe'",
            'preferences.negative = \'maybe\': must be "prompt", "allow" or',
        ),
        ("[preferences]\nlookup = []", "preferences.lookup = []: must list"),
        ("[preferences]\nlookup = ['item']", "preferences.lookup[1] = 'item': must list"),
        (
            "[preferences]\nprompt_timeout_s = -1",
            "preferences.prompt_timeout_s = -1: must be a whole number from 0 to 86400",
        ),
        ("[preferences]\nfold_case = 1", "preferences.fold_case = 1: must be true or false"),
        ("[preferences]\ndocument_pattern = '('", "document_pattern = '(': is not a regular expression"),
        ("[preferences]\ncommand_prefix = ''", "preferences.command_prefix = '': must"),
        ("[generate]\nprefix = ''", "generate.prefix = '': must be letters, digits, dots, hyphens,"),
        ("[generate]\nprefix = '{station}-'", "generate.prefix = '{station}-': must be letters, digits,"),
        ("[generate]\nprefix = 'N 1'", "generate.prefix = 'N 1': must be letters, digits,"),
        ("[generate]\ndigits = 0", "generate.digits = 0: must be a whole number from 1 to 12"),
        (
            "[generate]\ndocument_digits = 13",
            "generate.document_digits = 13: must be a whole number from 1 to 12",
        ),
        (
            "[generate]\ndocument_prefix = '{location}'",
            "generate.document_prefix = '{location}': must be letters, digits, dots, hyphens,",
        ),
        (
            "[preferences]\nunannounced_returns = true\n[generate]\ndocument_prefix = 'R'",
            "generate.document_prefix = 'R': a document's number like R0000000 would not be read as one",
        ),
        (
            "[station]\nlocation = 'CM'\n[generate]\ndigits = 3",
            "generate.prefix = '{location}-': a serial number like CM-000 would be read as a document's",
        ),
        ("[display]\nlisten = '0.0.0.0:80'", "display.listen = '0.0.0.0:80': other machines are served with"),
        ("[display]\nlisten = '127.0.0.1:99999'", "display.listen = '127.0.0.1:99999': must be an address"),
        ("[display]\nlisten = '1.2.3:80'", "display.listen = '1.2.3:80': must be an address"),
        ("[display]\ncertificate = 'a.pem'", "display.certificate is set, but display.key is not"),
        ("[display]\nhost_names = ['dock:1']", "display.host_names[1] = 'dock:1': must list names without a"),
        ("[display]\nlanguage = 'it'", 'display.language = \'it\': must be "en", "es", "de" or "fr"'),
        ("[log]\nlevel = 'loud'", "log.level = 'loud': must be \"debug\""),
        ("[[scanner]]\nname = 'a'", '"scanner[1]" lacks the key "driver"'),
        ("[[scanner]]\nname = 'a'\ndriver = 'hid'", 'scanner[1].driver = \'hid\': must be "serial", "evdev"'),
        (SCANNER + "layout = 'de'", 'scanner[1].layout: means nothing for driver = "serial"; leave it out'),
        (USB + "reply = { good = 'x' }", 'scanner[1].reply: means nothing for driver = "usb"; leave it out'),
        (USB + "gap_ms = 50", 'scanner[1].gap_ms: means nothing for driver = "usb"'),
        (USB + "protocol = 'ssi'", "scanner[1].protocol = 'ssi': must be \"ssi\" for serial;"),
        (KEYS + "protocol = 'ssi'", 'scanner[1].protocol: means nothing for driver = "evdev"'),
        (KEYS + "layout = 'klingon'", 'scanner[1].layout = "klingon": is unknown; the layouts are us, uk,'),
        (KEYS + "function_keys = { F99 = 'x' }", "scanner[1].function_keys"),
        (KEYS + "dead_keys = 'maybe'", "scanner[1].dead_keys = 'maybe': must be \"reject\" or"),
        (USB + "transport = 'x'", 'scanner[1].transport = \'x\': must be "auto", "libusb" or'),
        ("[[scanner]]\nname = 'a'\ndriver = 'serial'", "scanner[1].match: does not identify a device"),
        (SCANNER + "gap_ms = 'x'", "scanner[1].gap_ms = 'x': must be a whole number from 0 to 60000"),
        (SCANNER + "terminator = ''", 'scanner[1].terminator = "": frames need a terminator or gap_ms'),
        (SCANNER + "preamble = '€'", "scanner[1].preamble = '€': each character stands for one byte"),
        (SCANNER + "reply = { good = '€' }", "scanner[1].reply.good = '€': each character"),
        (SCANNER + "gs1 = 'maybe'", "scanner[1].gs1 = 'maybe': must be \"identifier\""),
        ("house_format = 1", "house_format = 1: must be a list of tables: [[house_format]]"),
        ("[[house_format]]\ncase = 'x'", "house_format[1].case = 'x': must be \"keep\""),
        ("[[house_format]]\ncheck = 'x'", 'house_format[1].check = \'x\': must be "none", "mod10"'),
        ("[[house_format]]\npattern = ''", "house_format[1].pattern = '': must be a regular expression"),
        (
            "[[house_format]]\npattern = '('",
            "house_format[1].pattern = '(': is not a regular expression for RE2",
        ),
        (
            "[[house_format]]\n[[house_format]]\npattern = '(?P<serial>a)\\1'",
            "house_format[2].pattern = '(?P<serial>a)\\\\1': is not a regular expression for RE2",
        ),
        ("[[house_format]]\npattern = 'a+'", "house_format[1].pattern = 'a+': has none of the named groups"),
        (
            "[[house_format]]\npattern = '(?P<item>a)'\ncheck = 'luhn'",
            'house_format[1].check = "luhn": checks the serial number, but',
        ),
        (
            "[[house_format]]\nstrip_check = true",
            "house_format[1].strip_check = true: there is no check digit",
        ),
        (
            SCANNER + "[[scanner.house_format]]\npattern = '('",
            "scanner[1].house_format[1].pattern = '(': is not a regular expression for RE2",
        ),
        ("[preferences]\nunknown_item_code = 'x'", "unknown_item_code = 'x': must be \"refuse\" or"),
        (SCANNER + SCANNER, 'two [[scanner]] tables are named "left"; give each a name of its own'),
        ("[station", "is not valid TOML"),
    ],
)
def test_an_invalid_configuration_is_refused_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)

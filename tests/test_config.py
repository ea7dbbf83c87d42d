from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from station.config import Config, from_table, load, load_file
from station.errors import ConfigError
from station.settings import HouseFormat, ScannerSettings, Table

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def _with_examples() -> str:
    """The example file with its commented keys switched on."""
    return re.sub(r"^#(?=[a-z\[])", "", EXAMPLE.read_text(), flags=re.MULTILINE)


def test_the_example_says_the_defaults() -> None:
    assert load_file(EXAMPLE) == Config()


def test_the_examples_of_a_scanner_say_the_defaults_too() -> None:
    (scanner,) = from_table(tomllib.loads(_with_examples()), "example").scanner
    for field in msgspec.structs.fields(ScannerSettings):
        if field.name not in {"name", "driver", "match", "reply", "house_format"}:
            is_made = field.default is msgspec.NODEFAULT
            default = field.default_factory() if is_made else field.default
            assert getattr(scanner, field.name) == default, field.name


def test_the_examples_of_house_formats_say_the_defaults_too() -> None:
    config = from_table(tomllib.loads(_with_examples()), "example")
    assert config.house_format == config.scanner[0].house_format == (HouseFormat(),)


def test_the_example_names_every_key() -> None:
    raw = tomllib.loads(_with_examples())
    missing = [key for key in _keys(Config) if not _there(raw, key)]
    assert [key for key in missing if not key.startswith(("scanner.match.", "scanner.reply."))] == []
    for key in missing:
        assert re.search(rf"\b{key.rpartition('.')[2]}\b", EXAMPLE.read_text()), key


def _keys(table: type[Table], prefix: str = "") -> list[str]:
    keys = []
    for field in msgspec.structs.fields(table):
        inner = field.type
        if field.name == "scanner":
            inner = ScannerSettings
        elif field.name == "house_format" and not prefix:
            inner = HouseFormat
        if isinstance(inner, type) and issubclass(inner, Table):
            keys += _keys(inner, f"{prefix}{field.name}.")
        else:
            keys.append(prefix + field.name)
    return keys


def _there(raw: object, key: str) -> bool:
    for part in key.split("."):
        table = raw[0] if isinstance(raw, list) else raw
        if not isinstance(table, dict) or part not in table:
            return False
        raw = table[part]
    return True


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
        ("[preferences]\nnegative = 'maybe'", "preferences.negative = 'maybe': must be \"allow\" or"),
        ("[preferences]\nlookup = []", "preferences.lookup = []: must list"),
        ("[preferences]\nlookup = ['item']", "preferences.lookup[1] = 'item': must list"),
        (
            "[preferences]\nprompt_timeout_s = -1",
            "preferences.prompt_timeout_s = -1: must be a whole number from 0 to 86400",
        ),
        ("[preferences]\nfold_case = 1", "preferences.fold_case = 1: must be true or false"),
        ("[preferences]\ndocument_pattern = '('", "document_pattern = '(': is no regular expression"),
        ("[preferences]\ncommand_prefix = ''", "preferences.command_prefix = '': must"),
        ("[generate]\nprefix = ''", "generate.prefix = '': must be letters, digits, dots, hyphens,"),
        ("[generate]\nprefix = '{station}-'", "generate.prefix = '{station}-': must be letters, digits,"),
        ("[generate]\nprefix = 'N 1'", "generate.prefix = 'N 1': must be letters, digits,"),
        ("[generate]\ndigits = 0", "generate.digits = 0: must be a whole number from 1 to 12"),
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
        (KEYS + "layout = 'klingon'", 'scanner[1].layout = "klingon": is not known; the layouts are us, uk,'),
        (KEYS + "function_keys = { F99 = 'x' }", "scanner[1].function_keys"),
        (KEYS + "dead_keys = 'maybe'", "scanner[1].dead_keys = 'maybe': must be \"reject\" or"),
        (USB + "transport = 'x'", 'scanner[1].transport = \'x\': must be "auto", "libusb" or'),
        ("[[scanner]]\nname = 'a'\ndriver = 'serial'", "scanner[1].match: says of no device which it is"),
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
            "house_format[1].pattern = '(': is no regular expression that RE2",
        ),
        (
            "[[house_format]]\n[[house_format]]\npattern = '(?P<serial>a)\\1'",
            "house_format[2].pattern = '(?P<serial>a)\\\\1': is no regular expression that RE2",
        ),
        ("[[house_format]]\npattern = 'a+'", "house_format[1].pattern = 'a+': has none of the named groups"),
        (
            "[[house_format]]\npattern = '(?P<item>a)'\ncheck = 'luhn'",
            'house_format[1].check = "luhn": is of the serial number',
        ),
        (
            "[[house_format]]\nstrip_check = true",
            "house_format[1].strip_check = true: there is no check digit",
        ),
        (
            SCANNER + "[[scanner.house_format]]\npattern = '('",
            "scanner[1].house_format[1].pattern = '(': is no regular expression that RE2",
        ),
        ("[preferences]\nunknown_item_code = 'x'", "unknown_item_code = 'x': must be \"refuse\" or"),
        (SCANNER + SCANNER, 'two scanners are named "left"; give each a name of its own'),
        ("[station", "is no TOML"),
    ],
)
def test_a_wrong_configuration_is_refused_by_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        load(missing)
    monkeypatch.setenv("SCANSTATION_CONFIG", str(missing))
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        load()


def test_bytes_that_are_no_text_are_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is no TOML"):
        load_file(path)


def test_the_state_directory_is_the_one_set_else_that_of_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/scanstation/left:/other")
    assert Config().state_directory() == Path("/var/lib/scanstation/left")
    assert Config().database_url() == "sqlite:////var/lib/scanstation/left/scanstation.db"
    own = from_table({"station": {"state_directory": str(tmp_path)}}, "test")
    assert own.state_directory() == tmp_path


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    # A user that no password file knows.
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(ConfigError, match=r"set station\.state_directory"):
        Config().state_directory()

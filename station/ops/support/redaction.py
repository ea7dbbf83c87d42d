"""Removes secrets from texts: known ones, and anything that looks like one.

It is the last step, for every file of the bundle: it catches what a part has missed.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

import msgspec

from station.config.credentials import credential
from station.config.rendering import HIDDEN, without_secrets
from station.errors import ConfigError, StationError
from station.repository.database import open_engine
from station.repository.signing import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from station.ops.support.part import BundleRequest

SHORTEST = 4
"""A shorter known secret is removed only where it looks like one: elsewhere it is just ordinary text."""

_NAMES = (
    r"(?:pass(?:word|wd|phrase)?|secret|token|credential|(?<=[_.-])pwd"
    r"|(?:api|access|private|hmac|signing)[_-]?key)s?"
)
_VALUE = r"(?!(?:true|false|null|none)\b|\"\"|'')(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^\s\"']+)"
_PATTERNS = tuple(
    # No pattern begins with an unlimited repetition: long lines of hex are searched, too.
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        # user:password@ in a URL; a password is read up to the last @.
        r"(?P<kept>://[^\s:/?#@\"'<>]{0,200}:)[^\s\"'<>]{0,800}(?=@)",
        # Headers, as sent, as logged, and as in curl's arguments.
        r"(?P<kept>\b(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+",
        r"(?P<kept>\b(?:set-)?cookie[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+",
        r"(?P<kept>\bx-[\w-]{0,60}(?:signature|token|key)[\"']?\s*[:=]\s*[\"']?)[^\r\n\"']+",
        r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}",
        # NAME=value, as in the environment, TOML, logfmt, a query, libpq; "name": "value", as in JSON.
        rf"(?P<kept>{_NAMES}[\"']?\s*=\s*){_VALUE}",
        rf"(?P<kept>{_NAMES}[\"']\s*:\s*){_VALUE}",
        r"(?P<kept>\bpass(?:word|wd|phrase):\s+)[^\s\"']+",
        # systemd prints the values of SetCredential=.
        r"(?P<kept>\bSetCredential(?:Encrypted)?=)[^\n]+",
        r"(?P<kept>\bscanstation_)[\w-]{20,}",
        r"(?P<kept>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|\Z)",
    )
)

_FILE_BYTES = 64 * 1024
_UNGUESSABLE = 16
"""Length from which a part of a path is hard to guess."""
_NAMES_A_FILE = re.compile(
    r"(pass(word|wd|phrase)?|secret|token|credential|key)s?_(file|path)$|^key$", re.IGNORECASE
)
"""Configuration keys with the path of a secret."""
_PASSWORD = re.compile(r"://[^:/?#@]*:(.*)@", re.DOTALL)
_QUERY = re.compile(r"[?&;]([^=&;]*)=([^&;#]+)")
_PLAIN = frozenset({"true", "false", "yes", "no", "none", "null"})
_PLAIN_NAMES = frozenset({"PWD", "OLDPWD"})
"""Variables without a password, despite their names."""
_TOKEN = re.compile(r'"sha256":\s*"([^"]+)"')


class Redactor:
    """Removes the station's secrets, and what looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        # The longest first: a secret may begin with another.
        ordered = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def clean(self, text: str) -> str:
        """The text with ``***`` where secrets were."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
        return text


def _forms(secret: str) -> Iterable[str]:
    """How a secret may be written: as it is, in a URL, in JSON, in a Python string."""
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]


def secrets(request: BundleRequest, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """All secrets that can be found; the bundle can't contain those that this user may not read."""
    environment = os.environ if environment is None else environment
    for name, value in environment.items():
        if name not in _PLAIN_NAMES and value.lower() not in _PLAIN:
            yield from _hidden(value, name)
    for layer in request.reading.layers:
        yield from _of_table(layer.table, "")
    plain: dict[str, Any] = msgspec.to_builtins(request.reading.config)
    yield from _of_table(plain, "")
    yield from _of_files(Path(environment.get("CREDENTIALS_DIRECTORY") or "/nonexistent"))
    for directory in Path("/run/credentials").glob("scanstation*"):
        yield from _of_files(directory)
    yield from _of_tokens(request)
    yield from _of_database(request)


def _of_table(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _of_table(each, name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _of_table(each, key)
    elif isinstance(value, str) and value:
        yield from _hidden(value, key)
        if key == "url":
            yield from _of_address(value)
        if _NAMES_A_FILE.search(key):
            yield from _of_file(credential(value))
            yield from _of_file(Path(value))


def _of_address(url: str) -> Iterator[str]:
    """The path of a webhook: many services authenticate the sender by it alone."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and len(parts.path) > 1:
            yield from (parts.path, *(part for part in parts.path.split("/") if len(part) >= _UNGUESSABLE))


def _hidden(value: str, name: str) -> Iterator[str]:
    """The hidden parts of one value."""
    shown = without_secrets(value, name)
    if shown == HIDDEN:
        yield value
    elif shown != value:
        inner = [found[1] for found in _PASSWORD.finditer(value)]
        inner += [found[2] for found in _QUERY.finditer(value) if without_secrets("x", found[1]) == HIDDEN]
        for each in inner:
            yield each
            yield unquote(each)


def _of_files(directory: Path) -> Iterator[str]:
    with suppress(OSError):
        for path in directory.rglob("*"):
            yield from _of_file(path)


def _of_file(path: Path) -> Iterator[str]:
    """Each line: a key file has many, and none may leak."""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                text = file.read(_FILE_BYTES).decode(errors="replace")
            yield from (line for line in map(str.strip, text.splitlines()) if not line.startswith("-----"))


def _of_tokens(request: BundleRequest) -> Iterator[str]:
    """Hashes of tokens: useless to others, so better left out."""
    with suppress(OSError, ConfigError):
        config = request.config()
        path = config.state_directory() / f"{config.station.name}.tokens.json"
        yield from _TOKEN.findall(path.read_text(errors="replace"))


def _of_database(request: BundleRequest) -> Iterator[str]:
    """The key that signs the codes of commands (D11)."""
    with suppress(StationError):
        engine = open_engine(request.config().database_url(), read_only=True)
        try:
            if key := key_of(engine):
                yield key.hex()
        finally:
            engine.dispose()

"""The configuration without its secrets: what may be shown, logged and sent to whoever helps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.config.schema import Config

HIDDEN = "***"
"""Stands where a secret was."""
_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)|pwd$|secret|token$|credential|authorization|cookie|signature|(api|access|hmac)[-_]?key",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"_(file|path)$", re.IGNORECASE)
"""A key that names the file of a secret holds none itself, if it names one (`is_path`)."""
_USERINFO = re.compile(r"(?<=://)([^:/?#@]*):.*(?=@)", re.DOTALL)
"""User and password of a URL; whoever connects reads a password up to the last ``@``, so do we."""
_QUERY = re.compile(r"(?<=[?&;])([^=&;]*)=([^&;#]+)")
_TARGET = re.compile(r"^(https?://[^/?#]+)[/?#].+", re.DOTALL)
"""An address of the web: with many services, whoever knows the path may post."""


def is_path(text: str) -> bool:
    """Whether a text is the path of a file, as the configuration wants it; else it may be the secret."""
    return text.startswith(("/", "./", "../"))


def shown(config: Config) -> dict[str, Any]:
    """Every key of the configuration with its value, as JSON and TOML know values; secrets are ``***``.

    Hidden are passwords in URLs, wherever one stands (in ``database.url``, say), what follows the host in
    addresses of the web (many a webhook has its secret there), and the values of keys whose name says that
    they hold a secret (``password``, ``token``, ``authorization`` …). Keys that name the file of a secret are
    shown: the file itself is not read. Empty values stay empty: that there is none is no secret.
    """
    plain: dict[str, Any] = msgspec.to_builtins(config)
    return {key: without_secrets(value, key) for key, value in plain.items()}


def without_secrets(value: Any, key: str = "") -> Any:
    """A value, or a whole table, as it may be shown; `key` is its last name."""
    return _changed(value, key, lambda text, name: _without_target(_without_password(text, name)))


def has_secret(value: Any, key: str = "") -> bool:
    """Whether a secret certainly stands there; what follows a host is but suspected."""
    return bool(_changed(value, key, _without_password) != _changed(value, key, lambda text, _: text))


def _changed(value: Any, key: str, change: Callable[[str, str], str]) -> Any:
    if isinstance(value, dict):
        return {name: _changed(each, name, change) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_changed(each, key, change) for each in value]
    return change(value, key) if isinstance(value, str) and value else value


def _without_password(text: str, key: str) -> str:
    if _is_secret(key) or (_ELSEWHERE.search(key) and not is_path(text)):
        return HIDDEN
    if "://" not in text:
        return text
    text = _USERINFO.sub(rf"\1:{HIDDEN}", text)
    return _QUERY.sub(lambda found: f"{found[1]}={HIDDEN}" if _is_secret(found[1]) else found[0], text)


def _without_target(text: str) -> str:
    return _TARGET.sub(rf"\1/{HIDDEN}", text)


def _is_secret(key: str) -> bool:
    return bool(_SECRET_KEY.search(key)) and not _ELSEWHERE.search(key)


_BARE = re.compile(r"[A-Za-z0-9_-]+")


def literal(value: Any) -> str:
    """One value in one line; empty for none."""
    match value:
        case None:
            return ""
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            pairs = ", ".join(_pair(name, each) for name, each in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case _:
            # Numbers, true and false are the same in both.
            return json.dumps(value)


def document(table: dict[str, Any]) -> str:
    """A whole file; lists of tables stand as ``[[name]]``, so that another one can be put below."""
    return "".join(f"{line}\n" for line in _body(table, "")).lstrip("\n")


def _body(table: dict[str, Any], above: str, *, is_row: bool = False) -> Iterator[str]:
    """A table's lines below its header: values first, as what follows a header belongs to that."""
    tables = {
        name: each
        for name, each in table.items()
        if _is_rows(each) or (isinstance(each, dict) and not is_row)
    }
    yield from (_pair(name, each) for name, each in table.items() if name not in tables)
    for name, each in tables.items():
        path = f"{above}{_key(name)}"
        if isinstance(each, dict):
            yield from ("", f"[{path}]", *_body(each, f"{path}."))
            continue
        for row in each:
            yield from ("", f"[[{path}]]", *_body(row, f"{path}.", is_row=True))


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _pair(name: str, value: Any) -> str:
    return f"{_key(name)} = {literal(value)}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    """What JSON escapes, TOML does in the same way (TOML 1.0, "String"), and one character more."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

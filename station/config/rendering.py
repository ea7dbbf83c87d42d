"""The configuration without its secrets, as it may be shown, logged and sent to support."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.config.schema import Config

HIDDEN = "***"
"""Replaces a secret."""
_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)|pwd$|secret|token$|credential|authorization|cookie|signature|(api|access|hmac)[-_]?key",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"_(file|path)$", re.IGNORECASE)
"""A key that names the file of a secret is not secret itself, if its value is a path (`is_path`)."""
_USERINFO = re.compile(r"(?<=://)([^:/?#@]*):.*(?=@)", re.DOTALL)
"""User and password of a URL; clients read a password up to the last ``@``, and so does this."""
_QUERY = re.compile(r"(?<=[?&;])([^=&;]*)=([^&;#]+)")
_TARGET = re.compile(r"^(https?://[^/?#]+)[/?#].+", re.DOTALL)
"""A web address: with many services, the path itself is the secret."""


def is_path(text: str) -> bool:
    """Whether a text is a valid path in the configuration; otherwise it may be the secret itself."""
    return text.startswith(("/", "./", "../"))


def shown(config: Config) -> dict[str, Any]:
    """Every key of the configuration with its value, in JSON and TOML types; secrets are ``***``.

    These are hidden: passwords in all URLs, everything after the host in web addresses (webhooks often have
    their secret there), and the values of keys whose name indicates a secret (``password``, ``token``,
    ``authorization`` …). Keys that name the file of a secret are shown: the file itself is not read. Empty
    values stay empty: a missing secret need not be hidden.
    """
    plain: dict[str, Any] = msgspec.to_builtins(config)
    return {key: without_secrets(value, key) for key, value in plain.items()}


def without_secrets(value: Any, key: str = "") -> Any:
    """A value or a whole table without secrets; `key` is the last part of its key."""
    return _changed(value, key, lambda text, name: _without_target(_without_password(text, name)))


def has_secret(value: Any, key: str = "") -> bool:
    """Whether there certainly is a secret; the part after a host only may be one."""
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
    """A value in one line of TOML; empty for None."""
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
            # Numbers, true and false are the same in JSON and TOML.
            return json.dumps(value)


def document(table: dict[str, Any]) -> str:
    """A whole TOML file; lists of tables are written as ``[[name]]``, so that more can be appended."""
    return "".join(f"{line}\n" for line in _body(table, "")).lstrip("\n")


def _body(table: dict[str, Any], above: str, *, is_row: bool = False) -> Iterator[str]:
    """The lines of a table below its header: values first, before the headers of inner tables."""
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
    """A TOML string: the escapes are those of JSON (TOML 1.0, "String"), and one more character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

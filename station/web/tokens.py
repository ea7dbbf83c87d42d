"""Tokens: who may come over HTTP, and for what. They are kept as hashes, in the station's state directory.

A token is 256 random bits, so its SHA-256 is enough: slow and salted hashes are for passwords, which can be
guessed. The file belongs to the station, not to the configuration: a token that is made or revoked while the
station runs counts at once.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Literal

import msgspec

from station.config.settings import Name
from station.errors import StationError
from station.files import give_to_owner_of_directory
from station.source import now, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Scope = Literal["display", "documents", "metrics", "admin"]
"""``display``: see and scan; ``documents``: send and fetch credit documents; ``metrics``: read the metrics;
``admin``: all."""

PREFIX = "scanstation_"
"""By which programs that look for leaked secrets know one."""


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One token, as it is kept."""

    name: Name
    scopes: tuple[Scope, ...]
    sha256: str
    created_at: str


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tokens: tuple[Token, ...] = ()


_kept = msgspec.json.Decoder(_Kept)


class TokenFile:
    """The tokens of one station."""

    def __init__(self, directory: Path, station: str) -> None:
        """`directory`: the state directory."""
        self.path = directory / f"{station}.tokens.json"
        self._seen: tuple[int, int, int] | None = None
        self._tokens: tuple[Token, ...] = ()

    def tokens(self) -> tuple[Token, ...]:
        """All tokens; the file is read when it is another than before.

        Raises:
            StationError: it can't be read.
        """
        try:
            found = self.path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if seen != self._seen:
                self._tokens = _kept.decode(self.path.read_bytes()).tokens
                self._seen = seen
        except FileNotFoundError:
            self._tokens, self._seen = (), None
        except OSError as error:
            raise StationError(f"{self.path}: can't be read: {error.strerror}") from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise StationError(
                f"{self.path}: is damaged ({error}); move it away, and make the tokens anew"
            ) from error
        return self._tokens

    def holder(self, secret: str) -> Token | None:
        """Whose token this is; each is compared, in a time that tells nothing.

        Raises:
            StationError: the file can't be read.
        """
        given = _hash(secret)
        found = None
        for token in self.tokens():
            if compare_digest(token.sha256, given):
                found = token
        return found

    def create(self, name: str, scopes: Iterable[Scope]) -> str:
        """Make a token; returns it, which is the only time that it is seen.

        Raises:
            StationError: there is one of that name, or the file can't be written.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._locked():
            tokens = self.tokens()
            if any(token.name == name for token in tokens):
                raise StationError(
                    f'token "{name}" is there already; revoke it first, or give the new one another name'
                )
            token = Token(name, tuple(sorted(set(scopes))), _hash(secret), timestamp(now()))
            self._write((*tokens, token))
        return secret

    def revoke(self, name: str) -> None:
        """Take a token back; who holds it is refused from now on.

        Raises:
            StationError: there is none of that name, or the file can't be written.
        """
        with self._locked():
            tokens = self.tokens()
            left = tuple(token for token in tokens if token.name != name)
            if left == tokens:
                known = ", ".join(token.name for token in tokens) or "none"
                raise StationError(f'token "{name}" is unknown; there are: {known}')
            self._write(left)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise StationError(f"{self.path.parent}: can't be used: {error.strerror}") from error
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
            # A token that was revoked must not come back with a power cut.
            os.fsync(directory)
        finally:
            os.close(directory)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        data = msgspec.json.format(msgspec.json.encode(_Kept(tokens)), indent=2) + b"\n"
        new = self.path.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                give_to_owner_of_directory(new)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except OSError as error:
            raise StationError(f"{self.path}: can't be written: {error.strerror}") from error


def _hash(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()

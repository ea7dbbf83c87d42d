"""Tokens, which grant access over HTTP. They are kept as hashes in the station's state directory.

A token is 256 random bits, so its SHA-256 is enough: slow and salted hashes are for passwords, which can be
guessed. The file belongs to the station, not to the configuration: a token that is created or revoked while
the station runs takes effect at once.
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
``admin``: everything."""

PREFIX = "scanstation_"
"""Lets secret scanners recognize a leaked token."""


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One token, as it is stored."""

    name: Name
    scopes: tuple[Scope, ...]
    sha256: str
    created_at: str


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tokens: tuple[Token, ...] = ()


_stored = msgspec.json.Decoder(_Stored)


class TokenFile:
    """The tokens of one station."""

    def __init__(self, directory: Path, station: str) -> None:
        """`directory`: the state directory."""
        self.path = directory / f"{station}.tokens.json"
        self._seen: tuple[int, int, int] | None = None
        self._tokens: tuple[Token, ...] = ()

    def tokens(self) -> tuple[Token, ...]:
        """All tokens; the file is read again if it has changed.

        Raises:
            StationError: it can't be read.
        """
        try:
            found = self.path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if seen != self._seen:
                self._tokens = _stored.decode(self.path.read_bytes()).tokens
                self._seen = seen
        except FileNotFoundError:
            self._tokens, self._seen = (), None
        except OSError as error:
            raise StationError(f"{self.path}: can't be read: {error.strerror}") from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise StationError(
                f"{self.path}: is damaged ({error}); move it away and create the tokens again"
            ) from error
        return self._tokens

    def holder(self, secret: str) -> Token | None:
        """The token with this secret, if there is one; compared in constant time.

        Raises:
            StationError: the file can't be read.
        """
        digest = _hash(secret)
        found = None
        for token in self.tokens():
            if compare_digest(token.sha256, digest):
                found = token
        return found

    def create(self, name: str, scopes: Iterable[Scope]) -> str:
        """Create a token and return it; it is never shown again.

        Raises:
            StationError: a token with this name exists, or the file can't be written.
        """
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._locked():
            tokens = self.tokens()
            if any(token.name == name for token in tokens):
                raise StationError(f'token "{name}" already exists; revoke it first, or choose another name')
            token = Token(name, tuple(sorted(set(scopes))), _hash(secret), timestamp(now()))
            self._write((*tokens, token))
        return secret

    def revoke(self, name: str) -> None:
        """Revoke a token; from now on it is refused.

        Raises:
            StationError: there is no token with this name, or the file can't be written.
        """
        with self._locked():
            tokens = self.tokens()
            left = tuple(token for token in tokens if token.name != name)
            if left == tokens:
                known = ", ".join(token.name for token in tokens) or "none"
                raise StationError(f'token "{name}" is unknown; known tokens: {known}')
            self._write(left)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from changing the file."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise StationError(f"{self.path.parent}: can't be used: {error.strerror}") from error
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
            # A revoked token must not reappear after a power cut.
            os.fsync(directory)
        finally:
            os.close(directory)

    def _write(self, tokens: tuple[Token, ...]) -> None:
        data = msgspec.json.format(msgspec.json.encode(_Stored(tokens)), indent=2) + b"\n"
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

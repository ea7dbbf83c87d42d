"""``replay --expect``: history rows compared with those a tester expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from station.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

IGNORED = frozenset({"id", "at", "session"})
"""What differs from run to run."""

_row = msgspec.json.Decoder(dict[str, object])


class Expectation:
    """Expected rows, one JSON object a line; a key that a line leaves out isn't compared."""

    def __init__(self, path: Path) -> None:
        """Read them.

        Raises:
            UsageError: the file can't be read, or a line is no JSON object.
        """
        self._path = path
        self._expected: list[dict[str, object]] = []
        self._seen = 0
        self._difference: str | None = None
        try:
            lines = path.read_bytes().splitlines()
        except OSError as error:
            raise UsageError(f"{path}: can't be read: {error.strerror}") from error
        for number, line in enumerate(lines, start=1):
            try:
                self._expected.append(_row.decode(line))
            except msgspec.DecodeError as error:
                raise UsageError(f"{path}: line {number}: is no JSON object: {error}") from error

    def add(self, row: dict[str, object]) -> None:
        """One more row has come; the first difference is kept."""
        self._seen += 1
        if self._difference is not None:
            return
        if self._seen > len(self._expected):
            self._difference = f"row {self._seen} is more than expected: {_line(row)}"
            return
        expected = self._expected[self._seen - 1]
        unlike = {
            key: row.get(key)
            for key, value in expected.items()
            if key not in IGNORED and row.get(key) != value
        }
        if unlike:
            parts = ", ".join(f"{key} is {_line(row.get(key))}, not {_line(expected[key])}" for key in unlike)
            self._difference = f"row {self._seen} ({row.get('text')}): {parts}"

    def difference(self) -> str | None:
        """What differs first; None: all rows are as expected."""
        if self._difference is None and self._seen < len(self._expected):
            missing = _line(self._expected[self._seen])
            self._difference = f"row {self._seen + 1} never came: {missing}"
        return self._difference and f"{self._path}: {self._difference}"


def _line(value: object) -> str:
    return msgspec.json.encode(value).decode()

"""The output of commands: tables for people, JSON lines for programs."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from station.cli import configuration
from station.i18n.messages import escape_unprintable
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Engine

    from station.history import HistoryRow


def json_line(value: object) -> str:
    """Encode a value as one line of JSON."""
    return msgspec.json.encode(value).decode()


def row_as_json(row: HistoryRow) -> dict[str, object]:
    """Return a history row with the keys of the interface, in their order."""
    plain: dict[str, object] = msgspec.to_builtins(row, builtin_types=(datetime,))
    plain["at"] = timestamp(row.at)
    return plain


def emit(value: object) -> None:
    """Print one line of JSON and flush it: a program may wait for it."""
    sys.stdout.write(json_line(value) + "\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table for people; unprintable characters are escaped."""
    from rich.console import Console  # noqa: PLC0415 - JSON output needs no tables
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table(title=Text(escape_unprintable(title)) if title else None, title_justify="left")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(escape_unprintable("" if cell is None else str(cell))) for cell in row))
    console = Console()
    if not console.is_terminal:
        # Files and pipes don't need lines wrapped at 80 columns.
        console = Console(width=240)
    console.print(grid)


def engine_to_read() -> Engine:
    """Open the database read-only; it must have this version's schema.

    Raises:
        DatabaseError: there is none, or it has another schema.
    """
    # Imported late, for fast help and shell completion.
    from station.repository.database import open_engine  # noqa: PLC0415
    from station.repository.schema import require_newest  # noqa: PLC0415

    engine = open_engine(configuration().database_url(), read_only=True)
    require_newest(engine)
    return engine

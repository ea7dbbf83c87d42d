"""``replay``: plays recordings through the whole pipeline, as if a scanner sent them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from station.cli import configuration, example, fail, say
from station.cli.output import emit, row_as_json
from station.errors import StationError, UsageError
from station.events import CommandRefused, DatabaseChanged, HistoryAdded, ScanFailed, ScanRejected

if TYPE_CHECKING:
    from station.app.station import Station
    from station.events import Event


class Speed(click.ParamType[float | None]):
    """A factor, or ``max``."""

    name = "speed"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        """Return a number above 0, or None for ``max``."""
        if value == "max":
            return None
        try:
            speed = float(str(value))
        except ValueError:
            speed = 0.0
        if not 0 < speed < float("inf"):
            self.fail(f'{value} is not a speed: give a number above 0, or "max"', param, ctx)
        return speed


@click.command(epilog=example("scanstation replay --document CM-1001 morning.rec.jsonl"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--document", metavar="NUMBER", help="Open this document first.")
@click.option("--speed", type=Speed(), default="max", help="1 as recorded, 10 ten times as fast, or max.")
@click.option(
    "--answer",
    type=click.Choice(["yes", "no", "later"]),
    help="The answer to every question; yes takes the first of a choice. later is yes, but the rest of an "
    "incomplete document comes later.",
)
@click.option(
    "--expect",
    type=click.Path(path_type=Path),
    help="Compare with these rows (JSON lines; id, at, session are ignored); exit 1 on a difference.",
)
def replay(
    files: tuple[Path, ...],
    document: str | None,
    speed: float | None,
    answer: str | None,
    expect: Path | None,
) -> None:
    """Book the scans of recordings, like those of a live scanner.

    Prints one JSON line for each history row, after its commit.
    """
    from station.app.playback import play  # noqa: PLC0415
    from station.app.station import Station  # noqa: PLC0415 - invalid recordings are reported without it
    from station.cli.recordings import checked  # noqa: PLC0415
    from station.outputs import log  # noqa: PLC0415

    headers = checked(files)
    expectation = Expectation(expect) if expect else None
    config = configuration()
    log.configure(config.log)
    auto_answer = None if answer is None else answer != "no"
    station = Station(config, live=False, auto_answer=auto_answer, rest_comes_later=answer == "later")
    printer = Printer(expectation)
    with station:
        if document is not None:
            open_first(station, document)
        station.bus.subscribe(printer.on_event)
        for path, header in zip(files, headers, strict=True):
            play(station, path, header, speed, lambda: bool(printer.failure))
            if printer.failure:
                fail(printer.failure)
        question = station.desk.state().question
        if question is not None:
            station.command("no", "replay", question.source.at)
        if printer.failure:
            fail(printer.failure)
    if expectation and (difference := expectation.difference()):
        fail(difference)


class Printer:
    """Prints committed history rows, and everything else on standard error."""

    def __init__(self, expectation: object | None = None) -> None:
        self.failure = ""
        self._expect = getattr(expectation, "add", None)

    def on_event(self, event: Event) -> None:
        """Print one event."""
        match event:
            case HistoryAdded(row):
                plain = row_as_json(row)
                try:
                    emit(plain)
                except OSError as error:
                    self.failure = f"standard output: {error.strerror}"
                if self._expect:
                    self._expect(plain)
            case ScanRejected(scanner=scanner, reason=reason):
                say(f"{scanner}: scan rejected: {reason}")
            case CommandRefused(text=text, reason=reason):
                say(f"{text}: {reason}")
            case DatabaseChanged(ok=False, detail=detail):
                say(f"database: {detail}")
            case ScanFailed(reason=reason):
                self.failure = self.failure or reason
            case _:
                pass


def open_first(station: Station, number: str) -> None:
    """Open a document before the recording begins.

    Raises:
        StationError: it can't be opened.
    """
    session = station.desk.state().session
    if session is not None and session.document.number == number:
        return
    outcome = station.command(f"open {number}", "replay")
    for event in outcome.events:
        if isinstance(event, CommandRefused):
            raise StationError(f"--document {number}: {event.reason}")
        if isinstance(event, ScanFailed):
            raise StationError(event.reason)


IGNORED = frozenset({"id", "at", "session"})
"""The keys that differ from run to run."""

_row = msgspec.json.Decoder(dict[str, object])


class Expectation:
    """Expected rows, one JSON object per line; a key that a line leaves out isn't compared."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            UsageError: the file can't be read, or a line is not a JSON object.
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
                raise UsageError(f"{path}: line {number}: is not a JSON object: {error}") from error

    def add(self, row: dict[str, object]) -> None:
        """Compare the next row; only the first difference is kept."""
        self._seen += 1
        if self._difference is not None:
            return
        if self._seen > len(self._expected):
            self._difference = f"row {self._seen} is unexpected: {_line(row)}"
            return
        expected = self._expected[self._seen - 1]
        unlike = ", ".join(
            f"{key} is {_line(row.get(key))}, not {_line(value)}"
            for key, value in expected.items()
            if key not in IGNORED and row.get(key) != value
        )
        if unlike:
            self._difference = f"row {self._seen} ({row.get('text')}): {unlike}"

    def difference(self) -> str | None:
        """Return the first difference; None: all rows are as expected."""
        if self._difference is None and self._seen < len(self._expected):
            missing = _line(self._expected[self._seen])
            self._difference = f"row {self._seen + 1} is missing: {missing}"
        return self._difference and f"{self._path}: {self._difference}"


def _line(value: object) -> str:
    return msgspec.json.encode(value).decode()

"""``explain``: shows how a label is read, without a database or a scanner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import msgspec

from drivers.base import Frame
from station.cli import configuration, example
from station.cli.output import emit, table
from station.errors import UsageError
from station.inputs.reader import Reader
from station.labels.contents import NAMES, visible
from station.labels.explain import Step
from station.labels.explain import explain as steps_of
from station.labels.interpret import interpret
from station.labels.normalise import Rejected
from station.labels.report import rejected_line, scan_line

if TYPE_CHECKING:
    from station.config.schema import Config

_NAMES = {**NAMES, "FNC1": "\x1d"}
_IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})|<(" + "|".join(_NAMES) + r")>")


@click.command(epilog=example("scanstation explain ']C10109521000001015<GS>21SN-1'"))
@click.argument("text")
@click.option(
    "--scanner", metavar="NAME", help="Read it with this scanner's settings; default: the only scanner's."
)
@click.option(
    "--symbology", metavar="ID", help="The symbology identifier, if TEXT doesn't start with it: ]C1."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the keys of decode, and steps.")
def explain(text: str, scanner: str | None, symbology: str | None, *, as_json: bool) -> None:
    r"""Explain how a label is read.

    Shows each step, and why it is or isn't a serial number. In TEXT write <GS>, <RS>, <EOT> or \x1d for
    characters that can't be typed; TEXT may start with a symbology identifier.
    """
    config = configuration()
    if symbology is not None and not _IDENTIFIER.fullmatch(symbology):
        raise UsageError(f'--symbology "{symbology}": is not a symbology identifier; write it like ]C1')
    if scanner is None and len(config.scanner) == 1:
        scanner = config.scanner[0].name
    reader = Reader(_options(config, scanner), config.house_format)
    text = _unescaped(text)
    label = reader.read(_frame(text, symbology, reader.encoding))
    name = scanner or "explain"
    if isinstance(label, Rejected):
        line = rejected_line(0.0, name, label.reason)
        steps = [Step("scan", f"rejected: {label.reason}")]
    else:
        line = scan_line(0.0, name, label, interpret(label, config.preferences, reader.settings))
        steps = steps_of(label, config.preferences, reader.settings)
    if as_json:
        emit(
            {
                **msgspec.to_builtins(line),
                "steps": [{"step": s.step.strip(), "found": s.found} for s in steps],
            }
        )
    else:
        shown = text if isinstance(label, Rejected) else label.text
        head = [Step("text", visible(shown)), Step("settings", _settings(config, scanner))]
        table(["Step", "Found"], ((step.step, step.found) for step in [*head, *steps]))


def _settings(config: Config, scanner: str | None) -> str:
    """Return whose settings the label is read with."""
    if scanner is not None:
        return f'those of the scanner "{scanner}"'
    return "the station's defaults" + ("; use --scanner for a scanner's" if config.scanner else "")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _NAMES[found[2]], text)


def _frame(text: str, symbology: str | None, encoding: str) -> Frame:
    try:
        return Frame(text.encode(encoding), 0.0, symbology)
    except UnicodeEncodeError as error:
        raise UsageError(
            f'TEXT contains "{text[error.start]}", which the scanner\'s encoding = "{encoding}" does not have'
        ) from error


def _options(config: Config, name: str | None) -> dict[str, object]:
    """Return the settings of the named scanner; without a name, the defaults."""
    if name is None:
        return {}
    for settings in config.scanner:
        if settings.name == name:
            options: dict[str, object] = msgspec.to_builtins(settings)
            return options
    known = ", ".join(settings.name for settings in config.scanner) or "none"
    raise UsageError(f'no scanner is named "{name}"; configured are: {known}')

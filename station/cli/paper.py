"""``sheet``, ``label`` and ``commands``: bar codes to print, and the key that signs them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click
from msgspec.structs import replace

from station.cli import configuration, example, say
from station.cli.output import engine_to_read
from station.errors import StationError, UpgradeNeededError, UsageError
from station.files import write_output
from station.i18n.catalogues import LANGUAGES

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from station.outputs.paper.label import PrintedLabel
    from station.outputs.paper.page import Paper
    from station.outputs.paper.sheet import Sheet


@click.command(epilog=example("scanstation sheet -o commands.pdf"))
@click.option(
    "-o",
    "output",
    required=True,
    type=click.Path(path_type=Path),
    help="The PDF to write; -: standard output.",
)
@click.option("--commands", is_flag=True, help="The commands; the default without --badges and --documents.")
@click.option("--badges", is_flag=True, help="A badge for each operator, to cut out.")
@click.option("--documents", is_flag=True, help="A slip for each open document, to lay on the goods.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True)
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), help="The language; default: display.language."
)
def sheet(  # noqa: PLR0913 - one per option
    output: Path, paper: Paper, language: str | None, *, commands: bool, badges: bool, documents: bool
) -> None:
    """Make a PDF of bar codes to scan: commands, badges, documents.

    The commands are two pages, bar codes and QR codes: print them on both sides of one sheet and laminate it.
    Two more have quantities, and the office's reasons and conditions. They contain preferences.command_prefix
    and a check that only this company's key makes: print them again when the prefix, the key or the lists
    change.
    """
    from station.i18n.catalogues import language as speaking  # noqa: PLC0415 - for fast help
    from station.outputs.paper.sheet import Sheet  # noqa: PLC0415
    from station.outputs.paper.texts import PaperTexts  # noqa: PLC0415

    config = configuration()
    texts = PaperTexts(speaking(language or config.display.language).text)
    pages = Sheet(config, paper, texts, _key() if config.preferences.signed_commands else None)
    if commands or not (badges or documents):
        pages.add_commands()
        _add_details(pages)
    if badges:
        _add_badges(pages, engine_to_read())
    if documents:
        _add_documents(pages, engine_to_read())
    write_output(output, pages.pdf())
    for reason in pages.left_out:
        say(f"left out: {reason}")


def _key() -> bytes:
    """Return the key that signs the codes; before the station's first start it is made here.

    Raises:
        DatabaseError: the database can't be used.
    """
    from station.app.station import prepared_engine  # noqa: PLC0415
    from station.repository.signing import key_of, made_key  # noqa: PLC0415

    with suppress(UpgradeNeededError):
        if key := key_of(engine_to_read()):
            return key
    return made_key(prepared_engine(configuration()))


@click.group(epilog=example("scanstation commands renew-key"))
def commands() -> None:
    """Renew the key that signs the codes of commands."""


@commands.command("renew-key", epilog=example("scanstation commands renew-key"))
@click.option("--yes", is_flag=True, help="Don't ask.")
def renew_key(*, yes: bool) -> None:
    """Renew the key of all stations; every printed command and badge is void from then on.

    Do it if a sheet or badge is lost. Running stations use the new key at once.
    """
    from station.app.station import prepared_engine  # noqa: PLC0415
    from station.repository.signing import renew_key as renew  # noqa: PLC0415

    engine = prepared_engine(configuration())
    if not yes and not click.confirm("All printed sheets and badges become void. Renew the key?", err=True):
        raise StationError("the key is not renewed")
    renew(engine)
    say("the key is renewed; print new sheets and badges: scanstation sheet --commands --badges -o new.pdf")


def _add_details(pages: Sheet) -> None:
    from station.outputs.paper.sheet import Listed  # noqa: PLC0415
    from station.repository.queries import list_conditions, list_reasons  # noqa: PLC0415

    reasons: list[Listed] = []
    conditions: list[Listed] = []
    # Without a database there are no lists, and an unsigned sheet needs none.
    with suppress(UpgradeNeededError):
        engine = engine_to_read()
        reasons = [Listed(row["code"], row["text"]) for row in list_reasons(engine)]
        conditions = [Listed(row["code"], row["text"]) for row in list_conditions(engine)]
    pages.add_details(reasons, conditions)


def _add_badges(pages: Sheet, engine: Engine) -> None:
    from station.outputs.paper.sheet import Operator  # noqa: PLC0415
    from station.repository.queries import list_operators  # noqa: PLC0415

    pages.add_badges(Operator(row["code"], row["name"]) for row in list_operators(engine))


def _add_documents(pages: Sheet, engine: Engine) -> None:
    from station.outputs.paper.sheet import OpenDocument  # noqa: PLC0415
    from station.repository.queries import list_documents  # noqa: PLC0415

    pages.add_documents(
        OpenDocument(row["number"], row["kind"] == "credit_memo", row["customer"])
        for status in ("open", "backorder")
        for row in list_documents(engine, status=status)
    )


FORMATS = {".pdf": "pdf", ".zpl": "zpl"}


@click.command(epilog=example("scanstation label MAIN-000042"))
@click.argument("serial")
@click.option("--item", metavar="CODE", help="The item, if several items have this serial number.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write it to FILE.pdf or FILE.zpl instead."
)
def label(serial: str, item: str | None, output: Path | None) -> None:
    """Print the label of a serial number again, on the printer of [label_printer].

    The serial number must be written exactly as it is booked.
    """
    from station.outputs.paper.printer import TIMEOUT_S, drawn  # noqa: PLC0415 - for fast help
    from station.outputs.paper.reading import Readers  # noqa: PLC0415
    from station.outputs.paper.senders import sender_for  # noqa: PLC0415

    config = configuration()
    printer = config.label_printer
    if output is not None:
        printer = replace(printer, format=_format_of(output))
        write_output(output, drawn(_label(serial, item), printer, Readers(config)))
        return
    sender = sender_for(printer)
    found = _label(serial, item)
    sender.send(drawn(found, printer, Readers(config)), found.title, TIMEOUT_S)
    say(f"{serial}: the label is on its way to the printer")


def _format_of(output: Path) -> Literal["pdf", "zpl"]:
    if output.suffix.lower() not in FORMATS:
        raise UsageError(f'-o "{output}": must end in .pdf or .zpl, which is the format')
    return cast("Literal['pdf', 'zpl']", FORMATS[output.suffix.lower()])


def _label(serial: str, item: str | None) -> PrintedLabel:
    """Return the unit's label from the database.

    Raises:
        StationError: no unit has the serial number, or units of several items do.
    """
    from station.outputs.paper.label import PrintedLabel  # noqa: PLC0415
    from station.repository.queries import units_of_serial_number  # noqa: PLC0415

    units = units_of_serial_number(engine_to_read(), serial)
    if item is not None:
        units = [unit for unit in units if unit["item"] == item]
    if not units:
        raise StationError(f'no unit{f" of {item}" if item else ""} has the serial number "{serial}"')
    if len(units) > 1:
        items = ", ".join(unit["item"] for unit in units)
        raise StationError(f'several units have the serial number "{serial}"; add --item, one of {items}')
    return PrintedLabel(**units[0])

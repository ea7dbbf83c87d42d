"""``sheet``: bar codes to scan from, as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import configuration, example, say
from station.cli.database import engine_to_read
from station.cli.writing import write_output
from station.languages.language import LANGUAGES

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from station.paper.page import Paper
    from station.paper.sheet import Sheet


@click.command(epilog=example("scanstation sheet -o commands.pdf"))
@click.option(
    "-o",
    "output",
    required=True,
    type=click.Path(path_type=Path),
    help="The PDF to write; -: standard output.",
)
@click.option("--commands", is_flag=True, help="The commands; without any of these three it is they.")
@click.option("--badges", is_flag=True, help="A badge for each operator, to cut out.")
@click.option("--documents", is_flag=True, help="A slip for each open document, to lay on the goods.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True)
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), help="Of the words; else that of display.language."
)
def sheet(  # noqa: PLR0913 - one an option
    output: Path, paper: Paper, language: str | None, *, commands: bool, badges: bool, documents: bool
) -> None:
    """Make a PDF of bar codes to scan: commands, badges, documents.

    The commands are two pages, bar codes and QR codes: print them on both sides of one sheet and laminate it.
    They hold the prefix of preferences.command_prefix; print them anew when that changes.
    """
    from station.languages.language import language as speaking  # noqa: PLC0415 - help comes at once
    from station.paper.sheet import Sheet  # noqa: PLC0415
    from station.paper.texts import Texts  # noqa: PLC0415

    config = configuration()
    made = Sheet(config, paper, Texts(speaking(language or config.display.language).text))
    if commands or not (badges or documents):
        made.add_commands()
    if badges:
        _add_badges(made, engine_to_read())
    if documents:
        _add_documents(made, engine_to_read())
    write_output(output, made.pdf())
    for reason in made.left_out:
        say(f"left out: {reason}")


def _add_badges(made: Sheet, engine: Engine) -> None:
    from station.paper.sheet import Operator  # noqa: PLC0415
    from station.store.queries import list_operators  # noqa: PLC0415

    made.add_badges(Operator(row["code"], row["name"]) for row in list_operators(engine))


def _add_documents(made: Sheet, engine: Engine) -> None:
    from station.paper.sheet import OpenDocument  # noqa: PLC0415
    from station.store.queries import list_documents  # noqa: PLC0415

    made.add_documents(
        OpenDocument(row["number"], row["kind"] == "credit_memo", row["customer"])
        for row in list_documents(engine, status="open")
    )

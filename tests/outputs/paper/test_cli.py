"""``scanstation sheet`` and ``scanstation label``, as their users run them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.outputs.paper import zpl_printer
from tests.outputs.paper.printers import PATIENCE_S, free_port, port_printer
from tests.outputs.paper.reading_back import pages_of, read, words_of
from tests.running import COMMAND, Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.outputs.paper.reading_back import Found


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A directory with a configuration and no database."""
    place = Workplace(tmp_path)
    place.configure()
    return place


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The sample company, for commands that only read."""
    place = Workplace(tmp_path_factory.mktemp("company"))
    place.configure()
    place.import_sample()
    return place


def _codes(file: Path) -> list[Found]:
    return [each for page in pages_of(file.read_bytes()) for each in read(page)]


def _at(port: int) -> str:
    return f'[label_printer]\nkind = "socket"\naddress = "127.0.0.1:{port}"\nformat = "zpl"'


# sheet


def test_an_unsigned_sheet_needs_no_database_and_holds_the_configured_prefix(workplace: Workplace) -> None:
    workplace.configure('[preferences]\ncommand_prefix = "%%"\nsigned_commands = false')
    result = workplace.run("sheet", "-o", "commands.pdf")
    assert (result.out, result.err) == ("", "")
    texts = [each.text for each in _codes(workplace.directory / "commands.pdf")]
    assert texts.count("%%YES") == texts.count("%%SAVE") == texts.count("%%QTY 5") == 2
    assert not workplace.database.exists()


def test_the_first_sheet_makes_the_key_and_later_ones_are_the_same(workplace: Workplace) -> None:
    workplace.run("sheet", "-o", "one.pdf")
    workplace.run("sheet", "-o", "two.pdf")
    one, two = ((workplace.directory / name).read_bytes() for name in ("one.pdf", "two.pdf"))
    assert one == two
    assert all("~" in each.text for each in _codes(workplace.directory / "one.pdf"))


def test_badges_and_documents_are_those_of_the_database(company: Workplace) -> None:
    company.run("sheet", "--badges", "--documents", "-o", "all.pdf")
    file = company.directory / "all.pdf"
    assert {each.text.partition("~")[0] for each in _codes(file)} == {
        *("$$BADGE E07", "$$BADGE E12", "$$BADGE E21"),
        *("CM-1001", "CM-1002", "CO-2001"),
    }
    words = words_of(file.read_bytes())
    assert "Mara Lindquist" in words
    assert "Bergholt and Sons" in words
    assert "$$YES" not in words


def test_commands_are_printed_before_badges_and_documents(company: Workplace) -> None:
    company.run("sheet", "--commands", "--badges", "--paper", "letter", "-o", "two.pdf")
    pages = [read(page) for page in pages_of((company.directory / "two.pdf").read_bytes())]
    first = [page[0].text.partition("~")[0] for page in pages]
    assert first == ["$$YES", "$$YES", *["$$QTY 1"] * (len(pages) - 3), "$$BADGE E07"]


def test_the_offices_reasons_and_conditions_are_printed_with_the_commands(workplace: Workplace) -> None:
    workplace.import_sample()
    lists = workplace.directory / "lists"
    lists.mkdir()
    (lists / "reasons.csv").write_text("code,text\nLOUD,Louder than it should be\n", encoding="utf-8")
    (lists / "conditions.csv").write_text("code,text,stock_area\nWET,Water inside,\n", encoding="utf-8")
    workplace.run("import", lists)
    workplace.run("sheet", "-o", "commands.pdf")
    file = workplace.directory / "commands.pdf"
    texts = [each.text.partition("~")[0] for each in _codes(file)]
    assert texts.count("$$REASON LOUD") == texts.count("$$CONDITION WET") == 2
    assert words_of(file.read_bytes()).count("Louder than it should be") == 2


def test_a_document_of_which_the_rest_comes_later_has_a_slip(workplace: Workplace) -> None:
    workplace.import_sample()
    workplace.run("memo", "open", "CM-1001")
    workplace.run("memo", "save", "--later")
    workplace.run("sheet", "--documents", "-o", "documents.pdf")
    assert "CM-1001" in {each.text for each in _codes(workplace.directory / "documents.pdf")}


def test_a_sheet_can_be_written_to_standard_output(workplace: Workplace) -> None:
    workplace.run("sheet", "-o", "commands.pdf")
    made = subprocess.run(
        [COMMAND, "sheet", "-o", "-"], check=True, capture_output=True, env=workplace.environment()
    )
    assert made.stdout == (workplace.directory / "commands.pdf").read_bytes()


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("no/such/directory.pdf", "can't be written: No such file or directory"),
        ("config.toml/sheet.pdf", "can't be written: Not a directory"),
        (".", "can't be written: Is a directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(workplace: Workplace, output: str, says: str) -> None:
    workplace.configure("[preferences]\nsigned_commands = false")
    before = sorted(workplace.directory.iterdir())
    result = workplace.run("sheet", "-o", output, code=1)
    assert result.err == f"scanstation: {output}: {says}\n"
    assert sorted(workplace.directory.iterdir()) == before


def test_without_operators_or_documents_the_sheet_says_so(workplace: Workplace) -> None:
    workplace.run("db", "upgrade")
    assert (
        "there are no operators to print badges for; import"
        in workplace.run("sheet", "--badges", "-o", "badges.pdf", code=1).err
    )
    assert (
        "no document is open; import documents.csv"
        in workplace.run("sheet", "--documents", "-o", "documents.pdf", code=1).err
    )
    assert not list(workplace.directory.glob("*.pdf"))


def test_a_prefix_that_no_scanner_can_send_is_a_configuration_error(workplace: Workplace) -> None:
    workplace.configure('[preferences]\ncommand_prefix = "\\t"')
    result = workplace.run("sheet", "-o", "commands.pdf", code=2)
    assert "preferences.command_prefix = '\\t':" in result.err


# label


def test_a_label_is_written_in_the_format_of_the_files_name(company: Workplace) -> None:
    company.run("label", "PR400001", "-o", "label.pdf")
    company.run("label", "PR400001", "-o", "label.zpl")
    texts = sorted(each.text for each in _codes(company.directory / "label.pdf"))
    assert texts == ["HTTPS://ID.GS1.ORG/01/09521000001015/21/PR400001", "PR400001"]
    (label,) = zpl_printer.printed((company.directory / "label.zpl").read_bytes())
    assert label.texts == ["PROC-8C", "Processor 8 cores 3.6 GHz", "PR400001"]


def test_a_label_is_printed_again_on_the_configured_printer(company: Workplace, tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    with port_printer() as printer:
        place.configure(_at(printer.port))
        (tmp_path / "state").symlink_to(company.database.parent)
        result = place.run("label", "PR400001")
        (label,) = zpl_printer.printed(printer.jobs.get(timeout=PATIENCE_S))
    assert label.texts[-1] == "PR400001"
    assert result.err == "PR400001: the label is on its way to the printer\n"


def test_the_command_fails_if_the_printer_is_unreachable(company: Workplace, tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.configure(_at(free_port()))
    (tmp_path / "state").symlink_to(company.database.parent)
    result = place.run("label", "PR400001", code=1)
    assert "can't be reached: Connection refused" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["NOBODY", "-o", "l.pdf"], 1, 'no unit has the serial number "NOBODY"'),
        (["PR400001", "--item", "SSD-1T", "-o", "l.pdf"], 1, 'no unit of SSD-1T has the serial number "PR'),
        (["PR400001", "-o", "l.txt"], 2, '-o "l.txt": must end in .pdf or .zpl'),
        (["PR400001"], 2, "no label printer is configured; set label_printer.kind"),
        (["PR400001", "-o", "no/l.pdf"], 1, "no/l.pdf: can't be written: No such file"),
    ],
)
def test_a_label_that_cannot_be_printed_has_a_reason(
    company: Workplace, arguments: list[str], code: int, says: str
) -> None:
    assert says in company.run("label", *arguments, code=code).err
    assert not (company.directory / "l.pdf").exists()


def test_several_units_with_one_number_need_the_item(workplace: Workplace) -> None:
    workplace.import_sample()
    more = workplace.directory / "more"
    more.mkdir()
    (more / "serial_numbers.csv").write_text(
        "serial_number,item,stock_area\nPR400001,PROC-8C,MAIN-SOLD\nPR400001,KBD-DE,MAIN-SOLD\n",
        encoding="utf-8",
    )
    workplace.run("import", more)
    result = workplace.run("label", "PR400001", "-o", "label.pdf", code=1)
    assert "add --item, one of KBD-DE, PROC-8C" in result.err
    workplace.run("label", "PR400001", "--item", "KBD-DE", "-o", "label.pdf")
    (found,) = _codes(workplace.directory / "label.pdf")
    assert found.text == "PR400001"

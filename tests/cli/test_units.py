"""The office's hand on units: lists that are imported again, and single units."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.running import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.running import Workplace


def _list(place: Workplace) -> Path:
    """The list of serial numbers that was imported before, copied as `cp -p` does: with its time."""
    directory = place.directory / "list"
    directory.mkdir(exist_ok=True)
    shutil.copy2(SAMPLE / "company" / "serial_numbers.csv", directory)
    return directory


def test_yesterdays_list_does_not_put_a_returned_unit_back_into_the_sold_area(company: Workplace) -> None:
    """What was seen, 2, by the installed command."""
    scans = company.recording(["PR400001", "$$SAVE"])
    company.run("replay", scans, "--document", "CM-1001", "--answer", "yes")
    (unit,) = company.run("unit", "show", "PR400001", "--json").rows
    assert unit["stock_area"] == "MAIN-RETURNS"
    result = company.run("import", _list(company), "--json")
    (units,) = [row for row in result.rows if row["file"] == "serial_numbers.csv"]
    assert (units["kept"], units["first"]["kept"]) == (1, "PR400001 PROC-8C")
    assert "stays where a station booked it: PR400001" in result.err
    (unit,) = company.run("unit", "show", "PR400001", "--json").rows
    assert unit["stock_area"] == "MAIN-RETURNS"


def test_a_list_as_of_now_moves_the_unit_and_a_dry_run_only_says_so(company: Workplace) -> None:
    company.run(
        "replay",
        company.recording(["PR400001", "$$SAVE"]),
        "--document",
        "CM-1001",
        "--answer",
        "yes",
    )
    rehearsed = company.run("import", _list(company), "--as-of", "now", "--dry-run")
    assert "goes back to where it was before a station booked it: PR400001" in rehearsed.err
    assert "nothing was stored" in rehearsed.err
    (unit,) = company.run("unit", "show", "PR400001", "--json").rows
    assert unit["stock_area"] == "MAIN-RETURNS"
    company.run("import", _list(company), "--as-of", "now")
    history = company.run("history", "--serial", "PR400001", "--json").rows
    assert [(row["action"], row["station"]) for row in history][-2:] == [
        ("Booked", "dock-1"),
        ("Imported", "import"),
    ]
    assert (history[-1]["stock_area"], history[-1]["to_area"]) == ("MAIN-RETURNS", "MAIN-SOLD")


def test_a_time_that_is_none_is_named(workplace: Workplace) -> None:
    for text, why in (("yesterday", "is not a time"), ("2026-11-23T05:00:00", "has no time zone")):
        result = workplace.run("import", SAMPLE / "company", "--as-of", text, code=2)
        assert why in result.err
    assert not workplace.database.exists()


def test_a_unit_is_moved_retired_and_taken_back_into_use(company: Workplace) -> None:
    company.run("unit", "move", "PR400001", "MAIN-STOCK")
    company.run("unit", "retire", "PR400001")
    row = company.run("replay", company.recording(["PR400001"]), "--document", "CM-1001").rows[0]
    assert (row["action"], row["reason"]) == ("Refused", "unknown serial number")
    company.run("unit", "retire", "PR400001", "--undo")
    history = company.run("history", "--serial", "PR400001", "--json").rows
    assert [(row["action"], row["note"]) for row in history if row["station"] == "import"] == [
        ("Imported", None),
        ("Retired", None),
        ("Imported", "in use again"),
    ]
    assert "MAIN-STOCK" in company.run("unit", "show", "PR400001").out


def test_a_unit_that_is_unknown_or_held_is_refused_with_a_sentence(company: Workplace) -> None:
    company.run("replay", company.recording(["PR400001"]), "--document", "CM-1001")
    for arguments, why in (
        (("show", "NONE"), "there is no unit NONE; scanstation import adds units"),
        (("move", "PR400002", "NONE"), 'stock area "NONE" is unknown; there are MAIN-APPROVAL, '),
        (("retire", "PR400001"), "PR400001 of item PROC-8C is on the open document CM-1001; detach it there"),
    ):
        assert why in company.run("unit", *arguments, code=1).err

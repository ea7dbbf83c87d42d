"""Documents that an office system sends one by one: with the results of the import, and by the rules."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import DocumentChangedError, DocumentRefusedError, DocumentWrongError
from station.office.document import SentDocument, SentLine
from station.office.sending import SqlOffice
from station.repository.checking import findings
from station.repository.database import open_engine
from station.repository.schema import upgrade
from tests.office.office import COMPANY, attach, contents, execute, import_files, query

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from station.office.document import ExportedDocument


def _sent(*lines: tuple[str, int], **values: Any) -> SentDocument:
    given = {"kind": "credit_memo", "customer": "Bergholt", "location": "MAIN", **values}
    return SentDocument(lines=tuple(SentLine(item, requested) for item, requested in lines), **given)


def _lines(document: ExportedDocument | None) -> list[tuple[int, str, int]]:
    assert document is not None
    return [(line.number, line.item, line.requested) for line in document.lines]


@pytest.fixture
def company(engine: Engine, tmp_path: Path) -> Engine:
    import_files(engine, tmp_path, COMPANY)
    return engine


def test_a_new_document_is_created_and_open(company: Engine) -> None:
    stored, is_new = SqlOffice(company).put("CM-9", _sent(("PROC", 2), ("MEM", 1)))
    assert (is_new, stored.number, stored.status, stored.customer) == (True, "CM-9", "open", "Bergholt")
    assert _lines(stored) == [(1, "PROC", 2), (2, "MEM", 1)]
    assert SqlOffice(company).document("CM-9") == stored


def test_sent_again_it_changes_nothing(company: Engine) -> None:
    office = SqlOffice(company)
    sent = _sent(("PROC", 2), ("MEM", 1), ("PROC", 5))
    office.put("CM-9", sent)
    before = contents(company)
    stored, is_new = office.put("CM-9", sent)
    assert (is_new, contents(company)) == (False, before)
    assert _lines(stored) == [(1, "PROC", 2), (2, "MEM", 1), (3, "PROC", 5)]


def test_lines_left_out_are_removed_and_those_added_at_the_dock_stay(company: Engine) -> None:
    attach(company, "CM-1", 1, "SN1", "PROC")
    office = SqlOffice(company)
    stored, _ = office.put("CM-1", _sent(("PROC", 4)))
    assert _lines(stored) == [(1, "PROC", 4)]
    stored, _ = office.put("CM-1", _sent(("PROC", 4), ("MEM", 2)))
    assert _lines(stored) == [(1, "PROC", 4), (2, "MEM", 2)]
    assert [unit.serial_number for unit in stored.lines[0].serial_numbers] == ["SN1"]


def test_a_line_with_units_is_not_removed(company: Engine) -> None:
    attach(company, "CM-1", 1, "SN1", "PROC")
    before = contents(company)
    with pytest.raises(DocumentRefusedError, match="item PROC is left out, but its line 1 of document CM-1"):
        SqlOffice(company).put("CM-1", _sent(("MEM", 1)))
    assert contents(company) == before


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (
            _sent(("PROC", 1), customer="", status="open"),
            "CM-2 is saved, which is final: status can't become",
        ),
        (_sent(("PROC", 1), customer="Other"), "customer can't become Other"),
        (_sent(("PROC", 2), customer=""), "its line of item PROC can't change"),
        (_sent(("PROC", 1), ("MEM", 1), customer=""), "its line of item MEM can't change"),
        (_sent(customer=""), "its line of item PROC can't change"),
    ],
)
def test_a_document_that_is_saved_stays_as_it_is(company: Engine, sent: SentDocument, says: str) -> None:
    before = contents(company)
    with pytest.raises(DocumentRefusedError, match=says):
        SqlOffice(company).put("CM-2", sent)
    assert contents(company) == before


@pytest.mark.parametrize("status", [None, "saved"])
def test_sending_a_saved_document_unchanged_is_accepted(company: Engine, status: Any) -> None:
    before = contents(company)
    stored, is_new = SqlOffice(company).put("CM-2", _sent(("PROC", 1), customer="", status=status))
    assert (is_new, stored.status, contents(company)) == (False, "saved", before)


def test_only_a_save_makes_a_backorder(company: Engine) -> None:
    with pytest.raises(DocumentRefusedError, match="only a Save at the dock makes it a backorder; send open"):
        SqlOffice(company).put("CM-1", _sent(("PROC", 4), status="backorder"))


@pytest.mark.parametrize("status", ["open", "backorder", None])
def test_a_backorder_stays_one(company: Engine, status: Any) -> None:
    execute(company, "UPDATE documents SET status = 'backorder' WHERE number = 'CM-1'")
    SqlOffice(company).put("CM-1", _sent(("PROC", 4), status=status))
    assert query(company, "SELECT status FROM documents WHERE number = 'CM-1'") == [("backorder",)]


def test_a_cancelled_document_releases_its_serial_numbers(company: Engine) -> None:
    attach(company, "CM-1", 1, "SN1", "PROC")
    stored, _ = SqlOffice(company).put(
        "CM-1", _sent(("PROC", 2), ("MEM", 1), ("PROC", 3), customer="Bergholt", status="cancelled")
    )
    assert (stored.status, stored.lines[0].serial_numbers) == ("cancelled", ())
    assert len(contents(company)["moves"]) == 1
    assert list(findings(company)) == []


@pytest.mark.parametrize(
    "changed", [{"customer": "Birch"}, {"kind": "credit_order"}, {"location": "SHOP"}], ids=str
)
def test_d9_a_document_with_units_keeps_its_head_unless_they_are_released(
    company: Engine, changed: dict[str, str]
) -> None:
    """What was seen, 9: three changes under 200 units, and three times 200 OK."""
    attach(company, "CM-1", 1, "SN1", "PROC")
    office, before = SqlOffice(company), contents(company)
    sent = _sent(("PROC", 2), ("MEM", 1), ("PROC", 3), **changed)
    (name, value) = next(iter(changed.items()))
    with pytest.raises(DocumentRefusedError, match=f"has units, so its {name} can't become {value}; let the"):
        office.put("CM-1", sent)
    assert contents(company) == before
    stored, _ = office.put("CM-1", sent, release=True)
    assert getattr(stored, name) == value
    stored_now = contents(company)
    assert stored_now["attachments"] == []
    assert [row[4:6] for row in stored_now["moves"]] == [("Released", "SN1")]
    assert list(findings(company)) == []


def test_d9_the_office_names_the_customer_of_an_unannounced_return(company: Engine) -> None:
    attach(company, "CM-1", 1, "SN1", "PROC")
    execute(company, "UPDATE documents SET unannounced = true, customer = '' WHERE number = 'CM-1'")
    office, lines = SqlOffice(company), (("PROC", 2), ("MEM", 1), ("PROC", 3))
    stored, _ = office.put("CM-1", _sent(*lines, customer="Birch"))
    assert (stored.customer, stored.lines[0].credited) == ("Birch", 1)
    with pytest.raises(DocumentRefusedError, match="its customer can't become Cedar"):
        office.put("CM-1", _sent(*lines, customer="Cedar"))


def test_d9_reference_and_lines_may_change_under_units_and_release_is_not_used_in_vain(
    company: Engine,
) -> None:
    attach(company, "CM-1", 1, "SN1", "PROC")
    before = contents(company)["attachments"]
    SqlOffice(company).put(
        "CM-1", _sent(("PROC", 9), ("MEM", 1), ("PROC", 3), reference="RMA-7"), release=True
    )
    assert contents(company)["attachments"] == before
    assert contents(company)["documents"][0][5] == "RMA-7"


def test_d9_what_is_booked_is_not_released(company: Engine) -> None:
    attach(company, "CM-1", 1, "SN1", "PROC")
    execute(company, "UPDATE documents SET status = 'backorder' WHERE number = 'CM-1'")
    execute(company, "UPDATE attachments SET receipt = 1")
    before = contents(company)
    lines = (("PROC", 2), ("MEM", 1), ("PROC", 3))
    for sent, says in (
        (_sent(*lines, customer="Birch"), "a part of document CM-1 is booked, so its customer can't become"),
        (_sent(*lines, status="cancelled"), "so it can't become cancelled; send saved, or reopen it first"),
    ):
        with pytest.raises(DocumentRefusedError, match=says):
            SqlOffice(company).put("CM-1", sent, release=True)
    for status in ("open", "backorder", None):
        stored, _ = SqlOffice(company).put("CM-1", _sent(*lines, status=status))
        assert stored.status == "backorder"
    assert contents(company) == before


def test_only_the_dock_makes_a_backorder(company: Engine) -> None:
    for number in ("CM-1", "CM-9"):
        with pytest.raises(DocumentRefusedError, match="only a Save at the dock makes it a backorder"):
            SqlOffice(company).put(number, _sent(status="backorder"))


def test_references_and_expected_units_are_stored_and_stay_when_left_out(company: Engine) -> None:
    office = SqlOffice(company)
    proc = SentLine("PROC", 2, reference="10", expected=("SN7", "SN8"))
    head: dict[str, Any] = {"kind": "credit_memo", "location": "MAIN"}
    office.put("CM-9", SentDocument(lines=(proc, SentLine("MEM")), reference="RMA-7", **head))

    def stored() -> tuple[Any, ...]:
        tables = contents(company)
        return (
            [row[5] for row in tables["documents"] if row[0] == "CM-9"],
            [(row[2], row[6]) for row in tables["lines"] if row[0] == "CM-9"],
            [row[1:] for row in tables["expected_units"]],
        )

    first = (["RMA-7"], [("PROC", "10"), ("MEM", "")], [("PROC", "SN7"), ("PROC", "SN8")])
    assert stored() == first
    office.put("CM-9", SentDocument(lines=(SentLine("PROC", 2), SentLine("MEM")), **head))
    assert stored() == first
    changed = SentLine("PROC", 2, reference="", expected=("SN8", "SN9"))
    office.put("CM-9", SentDocument(lines=(changed,), reference="", **head))
    assert stored() == ([""], [("PROC", "")], [("PROC", "SN8"), ("PROC", "SN9")])
    office.put("CM-9", SentDocument(lines=(SentLine("MEM"),), **head))
    assert stored() == ([""], [("MEM", "")], [])


@pytest.mark.parametrize(
    ("number", "sent", "says"),
    [
        ("CM-9", _sent(("NONE", 1)), r'lines\[0\].item = "NONE": there is no such item'),
        ("CM-9", _sent(("PROC", 1), ("X\ud800", 1)), r"lines\[1\].item"),
        ("CM-9", _sent(location="MOON"), 'location = "MOON": there is no such location'),
        ("CM-9", _sent(reference=" A"), "reference = .* starts or ends with a blank"),
        (
            "CM-9",
            SentDocument(kind="credit_memo", location="MAIN", lines=(SentLine("PROC", expected=("A", "")),)),
            r'lines\[0\].expected\[1\] = "": must not be empty',
        ),
        ("CM-9", _sent(customer=" A"), "customer = .* starts or ends with a blank"),
        ("CM\x00", _sent(), "number = "),
        ("x" * 65, _sent(), "has 65 characters, at most 64 are allowed"),
    ],
)
def test_an_invalid_value_is_named_and_nothing_is_stored(
    company: Engine, number: str, sent: SentDocument, says: str
) -> None:
    before = contents(company)
    with pytest.raises(DocumentWrongError, match=says):
        SqlOffice(company).put(number, sent)
    assert contents(company) == before


def test_a_document_that_changed_since_its_sender_saw_it_is_left_alone(company: Engine) -> None:
    before = contents(company)
    with pytest.raises(DocumentChangedError):
        SqlOffice(company).put("CM-1", _sent(), lambda found: found is None)
    with pytest.raises(DocumentChangedError):
        SqlOffice(company).put("CM-9", _sent(), lambda found: found is not None)
    assert contents(company) == before


@pytest.mark.parametrize("number", ["NONE", "", "\x00", " CM-1", "x" * 65])
def test_an_unknown_document_is_none(company: Engine, number: str) -> None:
    assert SqlOffice(company).document(number) is None


def test_senders_of_one_new_document_at_once_create_it_once(company: Engine) -> None:
    made: list[bool] = []

    def send() -> None:
        made.append(SqlOffice(company).put("CM-9", _sent(("PROC", 2)))[1])

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 5 + [True]
    assert _lines(SqlOffice(company).document("CM-9")) == [(1, "PROC", 2)]


_lists = st.lists(st.tuples(st.sampled_from(["PROC", "MEM", "CABLE"]), st.integers(1, 4)), max_size=6)


@pytest.mark.full
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(versions=st.lists(_lists, min_size=1, max_size=4), customer=st.sampled_from(["", "Kühn"]))
def test_sending_growing_versions_has_the_result_of_importing_them(
    tmp_path_factory: pytest.TempPathFactory, versions: list[list[tuple[str, int]]], customer: str
) -> None:
    """The import never removes a line; if none is left out, both have the same result."""
    base = tmp_path_factory.mktemp("both")
    engines = [open_engine(f"sqlite:///{base / name}.db") for name in ("sent", "imported")]
    for engine in engines:
        upgrade(engine)
        import_files(engine, base, {name: text for name, text in COMPANY.items() if name != "lines"})
    sent, imported = engines
    grown: list[tuple[str, int]] = []
    for version in versions:
        grown = [*[(item, requested + 1) for item, requested in grown], *version]
        SqlOffice(sent).put("CM-1", _sent(*grown, customer=customer))
        head = f"number,kind,customer,location\nCM-1,credit_memo,{customer},MAIN\n"
        rows = "".join(f"CM-1,{item},{requested}\n" for item, requested in grown)
        import_files(imported, base, {"documents": head, "lines": f"document,item,requested\n{rows}"})
        assert contents(sent)["documents"] == contents(imported)["documents"]
        assert sorted(contents(sent)["lines"]) == sorted(contents(imported)["lines"])
    for engine in engines:
        engine.dispose()

"""Commands come from the station's own paper or screen; everything else that a label holds is goods (D11)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.config.settings import Preferences
from station.events import CommandRefused, HistoryAdded, QuestionRaised
from station.labels.commands import Command, Signing
from station.repository.database import reading
from station.repository.signing import key_of, made_key, renew_key
from station.repository.tables import metadata
from station.source import stamp
from station.worker.entries import Scanned
from station.worker.handler import NOT_OURS
from tests.stations import SILENT, execute, fill, query, station, together

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy import Engine

    from tests.stations import Seat

SIGNED = Preferences()
WORDS = [
    *("$$SAVE", "$$CLOSE", "$$UNDO", "$$YES", "$$NO", "$$CANCEL", "$$LATER", "$$HISTORY", "$$SIGNOFF"),
    *("$$BADGE BOSS", "$$OPEN CM-2", "$$DETACH", "$$RANGE", "$$MFG", "$$GENERATE A", "$$QTY 5", "$$NEW"),
]


@pytest.fixture
def company(engine: Engine) -> Engine:
    fill(engine)
    execute(engine, "INSERT INTO operators (code, name) VALUES ('BOSS', 'The boss')")
    return engine


@contextmanager
def _at_work(engine: Engine, preferences: Preferences = SIGNED) -> Iterator[Seat]:
    """A station with one unit on CM-1, and a question about another one open."""
    with station(engine, preferences=preferences) as here:
        here.scan("CM-1")
        here.scan("A0001")
        here.scan("B0001")
        yield here


def _code(engine: Engine, command: Command, argument: str | None = None) -> str:
    return Signing("$$", made_key(engine)).code(command, argument)


def _stored(engine: Engine) -> dict[str, Any]:
    """Everything but history, and the mark of an entry without a row."""
    with reading(engine) as connection:
        return {
            table.name: [
                {key: value for key, value in row._mapping.items() if key != "last_entry"}
                for row in connection.execute(table.select())
            ]
            for table in metadata.sorted_tables
            if table.name != "history"
        }


@pytest.mark.parametrize("text", WORDS)
def test_an_unsigned_command_from_a_scanner_is_refused_with_its_row(company: Engine, text: str) -> None:
    with _at_work(company) as here:
        before = _stored(company)
        (event,) = here.scan(text).events
        assert isinstance(event, HistoryAdded)
        assert (event.row.action, event.row.reason, event.row.text) == ("Refused", NOT_OURS, text)
        assert _stored(company) == before
    assert NOT_OURS.startswith("not one of our command codes; print a new sheet")


@pytest.mark.parametrize("preferences", [SIGNED, SILENT])
def test_a_wrong_check_from_a_scanner_is_refused_whether_or_not_one_is_demanded(
    company: Engine, preferences: Preferences
) -> None:
    with _at_work(company, preferences) as here:
        code = _code(company, Command.YES)
        wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
        assert here.scan(wrong).events[0].row.reason == NOT_OURS  # type: ignore[union-attr]
        # The check of another argument is as wrong.
        of_other = _code(company, Command.OPEN, "CM-2").replace("CM-2", "CM-3")
        assert here.scan(of_other).events[0].row.reason == NOT_OURS  # type: ignore[union-attr]


@pytest.mark.parametrize("preferences", [SIGNED, SILENT])
def test_a_signed_command_is_understood_whether_or_not_that_is_demanded(
    company: Engine, preferences: Preferences
) -> None:
    with _at_work(company, preferences) as here:
        here.scan(_code(company, Command.YES))
        here.scan(_code(company, Command.BADGE, "BOSS"))
        here.scan(_code(company, Command.UNDO).lower())
        here.scan("A0002")
        assert here.told[-2:] == [("Detached", here.rows[-2].text), ("Assigned", "A0002")]
        assert here.rows[-1].operator == "BOSS"


def test_a_trusted_text_needs_no_check_and_another_companys_is_ignored(company: Engine) -> None:
    with _at_work(company) as here:
        for text in ("$$YES", "$$UNDO", "$$UNDO~0000"):
            here._post(Scanned(stamp(text, "left"), is_trusted=True)).outcome()
        assert [row.action for row in here.rows] == ["Assigned", "Added", "Detached", "Detached"]


def test_a_renewed_key_holds_at_once(company: Engine) -> None:
    with _at_work(company) as here:
        old = _code(company, Command.NO)
        renew_key(company)
        assert here.scan(old).events[0].row.reason == NOT_OURS  # type: ignore[union-attr]
        here.scan(_code(company, Command.NO))
        assert here.rows[-1].reason == "declined"


def test_stations_that_start_at_once_have_one_key(company: Engine) -> None:
    def start(name: str) -> None:
        with station(company, name):
            pass

    together(*(lambda name=f"dock-{number}": start(name) for number in range(6)))
    assert len(query(company, "SELECT key FROM signing_key")) == 1
    key = key_of(company)
    with station(company, "dock-9"):
        assert key_of(company) == key


def test_nothing_that_a_label_holds_gives_a_command(company: Engine) -> None:
    with _at_work(company) as here:
        before = _stored(company)

        @given(
            st.one_of(
                st.sampled_from(WORDS),
                st.builds(
                    "$${}{}{}~{}".format,
                    st.sampled_from(sorted(Command)),
                    st.sampled_from(["", " "]),
                    st.text(max_size=8),
                    st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=4, max_size=4),
                ),
                st.text().map("$${}".format),
            )
        )
        @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
        def nothing_but_history(text: str) -> None:
            outcome = here.scan(text)
            assert not any(isinstance(event, QuestionRaised) for event in outcome.events)
            for event in outcome.events:
                if isinstance(event, HistoryAdded):
                    assert event.row.action == "Refused"

        nothing_but_history()
        assert _stored(company) == before


def test_an_unknown_command_says_so(company: Engine) -> None:
    with _at_work(company) as here:
        (event,) = here.scan("$$NOTHING").events
        assert isinstance(event, CommandRefused)

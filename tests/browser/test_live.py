"""The page while its station fails and recovers: never silently stale, never a gap, without help."""

from __future__ import annotations

import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import APIResponse, Route

    from tests.browser.kiosk import Floor, SeenPage

pytestmark = pytest.mark.full


def test_two_pages_show_the_same_and_one_answers_for_both(
    seen: SeenPage, floor: Floor, open_another: Callable[..., SeenPage]
) -> None:
    other = open_another(360, 740)
    floor.scan("CM-1001", "PR400001", "HB-0007")
    for each in (seen, other):
        each.asks("Item HEAD-BT is not on CM-1001. Add it?")
    other.press("#asking .yes button")
    for each in (seen, other):
        each.asks_nothing()
        each.shows("Added", "HB-0007", "No. 2")
        each.page.keyboard.press("F2")
        expect(each.find("#history .body .row")).to_have_count(2)


def test_after_a_power_cut_it_recovers_by_itself_without_a_gap(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "PR400001")
    seen.shows("Assigned", "PR400001")
    seen.page.keyboard.press("F2")
    floor.kill()
    seen.shows("Not live", "No connection to the station since")
    # The station is back before the page and books scans that the page doesn't see.
    seen.page.route("**/*", lambda route: route.abort())
    daemon = floor.start()
    floor.scan("PR400002", "PR400003")
    daemon.wait_for("history_added", 2)
    seen.shows("Not live")
    seen.page.unroute_all()
    seen.shows("Assigned", "PR400003", "No. 3")
    expect(seen.find("#history .body .row")).to_have_count(3)
    assert [row["serial"] for row in seen.history] == ["PR400003", "PR400002", "PR400001"]
    floor.scan("PR400004")
    seen.shows("Assigned", "PR400004", "No. 4")
    assert "refused" in seen.heard
    seen.hears_at_last("good")


def test_text_typed_while_it_is_not_live_is_shown_as_not_sent_and_kept(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "PR400001")
    seen.shows("Assigned", "PR400001")
    floor.kill()
    seen.shows("Not live")
    expect(seen.find("#apply")).to_be_disabled()
    seen.type("PR400009\nPR400010\n")
    seen.shows("Not live", "PR400009  PR400010", "2 not sent: scan them again")
    seen.hears_at_last("refused")
    floor.start()
    seen.shows("Not sent", "PR400009  PR400010")
    expect(seen.find("#apply")).to_be_enabled()
    seen.page.keyboard.press("Escape")
    seen.shows("Assigned", "PR400001")


def test_text_typed_just_before_it_hangs_is_shown_until_it_is_booked(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001")
    seen.shows("OK")
    floor.signal(signal.SIGSTOP)
    seen.type("PR400009\n")
    seen.shows("Not live", "PR400009", "Not confirmed by the station yet")
    floor.signal(signal.SIGCONT)
    seen.shows("Assigned", "PR400009")


def test_an_open_question_is_shown_again_after_a_restart(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "HB-0007")
    seen.asks("Item HEAD-BT is not on CM-1001. Add it?")
    floor.kill()
    seen.shows("Not live")
    seen.asks_nothing()
    floor.start()
    seen.asks("Item HEAD-BT is not on CM-1001. Add it?")
    seen.page.keyboard.press("y")
    seen.shows("Added", "HB-0007")


def test_a_hanging_station_is_reported_and_recovers(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001", "PR400001")
    seen.shows("Assigned")
    floor.signal(signal.SIGSTOP)
    seen.shows("Not live", "the station does not answer")
    expect(seen.find("#methods button").first).to_be_disabled()
    seen.hears_at_last("refused")
    floor.signal(signal.SIGCONT)
    seen.shows("Assigned", "PR400001")
    expect(seen.find("body.stale")).to_have_count(0)


def test_an_unavailable_database_is_shown_and_heard_and_the_scan_is_booked_later(
    seen: SeenPage, floor: Floor
) -> None:
    floor.scan("CM-1001", "HB-0007")
    seen.asks("Item HEAD-BT is not on CM-1001. Add it?")
    other = sqlite3.connect(floor.place.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    floor.scan("$$YES")
    expect(seen.find("#asking .meanwhile")).to_contain_text("Database Nothing is booked until it is back")
    seen.shows("Database", "Nothing is booked until it is back")
    expect(seen.find("#wrong")).to_contain_text("database")
    seen.hears_at_last("held")
    other.execute("ROLLBACK")
    other.close()
    seen.shows("Added", "HB-0007")
    seen.asks_nothing()


def test_text_that_could_not_be_sent_is_shown(seen: SeenPage, floor: Floor) -> None:
    floor.kill()
    seen.type("PR400001\n")
    seen.shows("Not live", "PR400001", "1 not sent: scan it again")
    seen.hears_at_last("refused")
    seen.press("#banner")
    expect(seen.find("#banner")).not_to_contain_text("PR400001")
    seen.shows("Not live")


def test_a_scan_sent_again_after_a_lost_answer_is_booked_once(seen: SeenPage, floor: Floor) -> None:
    floor.scan("CM-1001")
    seen.shows("OK")
    lost: list[APIResponse] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            # The station has booked it; its answer never arrives.
            lost.append(route.fetch())
            route.abort()

    seen.page.route("**/api/v1/scans*", lose_first)
    with seen.page.expect_response("**/api/v1/scans*"):
        seen.type("PR400001\n")
    seen.shows("Assigned", "PR400001", "No. 1")
    assert len(lost) == 1
    expect(seen.find("#counts")).to_have_text("Assigned 1")


def test_a_page_of_another_version_loads_the_stations_page(seen: SeenPage, floor: Floor) -> None:
    page = seen.find("html").get_attribute("data-page")
    seen.page.evaluate("document.documentElement.dataset.page = 'old'")
    floor.kill()
    seen.shows("Not live")
    floor.start()
    expect(seen.find("html")).to_have_attribute("data-page", page or "")
    seen.shows("Ready")

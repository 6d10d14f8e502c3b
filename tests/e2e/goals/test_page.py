"""What a person sees and can do on the goals page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e


def add(page: Page, text: str) -> None:
    page.get_by_label("New goal").fill(text)
    page.get_by_role("button", name="Add goal").click()


def test_an_empty_list_invites_to_write(page: Page) -> None:
    expect(page.get_by_text("No goals yet")).to_be_visible()
    expect(page.get_by_text("served by ip-10-0-1-37, version 1.4.2")).to_be_visible()


def test_a_goal_is_added_by_keyboard_and_is_there_after_a_reload(page: Page) -> None:
    page.get_by_label("New goal").fill("  Learn <b>Japanese</b> & juggle ")
    page.keyboard.press("Enter")
    goal = page.get_by_role("listitem").filter(has_text="Learn <b>Japanese</b> & juggle")
    expect(goal).to_be_visible()
    expect(page.get_by_label("New goal")).to_have_value("")
    expect(page.get_by_label("New goal")).to_be_focused()
    page.reload()
    expect(goal).to_be_visible()
    expect(page.get_by_text("1 goal", exact=True)).to_be_visible()


def test_deleting_moves_the_focus_to_the_neighbour_and_can_be_undone(page: Page, store: Any) -> None:
    for text in ("one", "two", "three"):
        store.put(text)
    page.reload()
    page.get_by_role("button", name="Delete “two”").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_role("button", name="Delete “one”")).to_be_focused()
    assert [goal.text for goal in store.kept] == ["one", "three"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_label("New goal")).to_be_focused()


def test_deleting_what_another_person_deleted_is_no_error(page: Page, store: Any) -> None:
    store.put("shared")
    page.reload()
    button = page.get_by_role("button", name="Delete “shared”")
    expect(button).to_be_visible()
    store.kept.clear()
    button.click()
    expect(page.get_by_text("No goals yet")).to_be_visible()
    expect(page.get_by_text("Not deleted")).to_have_count(0)


@pytest.mark.parametrize(
    ("text", "says"), [("   ", "Write a goal first."), ("x" * 201, "That is 201 characters; a goal has at most 200.")]
)
def test_a_text_that_is_no_goal_is_not_sent(page: Page, store: Any, text: str, says: str) -> None:
    add(page, text)
    expect(page.get_by_text(says)).to_be_visible()
    expect(page.get_by_label("New goal")).to_have_attribute("aria-invalid", "true")
    assert store.writes == 0


def test_an_outage_is_told_and_ends_by_itself(page: Page, api: Any, store: Any) -> None:
    store.put("still here")
    page.reload()
    expect(page.get_by_text("still here")).to_be_visible()
    api.stop()
    add(page, "written during the outage")
    expect(page.get_by_role("alert")).to_contain_text("Your goals can't be reached.")
    expect(page.get_by_text("Not added: there was no answer from the API. Your text is still here.")).to_be_visible()
    expect(page.get_by_label("New goal")).to_have_value("written during the outage")
    expect(page.get_by_text("still here", exact=True)).to_be_visible()
    api.start()
    expect(page.get_by_role("alert")).to_be_hidden(timeout=20_000)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    assert store.writes == 0  # the page repeats reads, never writes


def test_a_page_opened_in_an_outage_says_why_and_tries_again_at_a_click(page: Page, store: Any) -> None:
    store.down = "the database did not answer in time"
    store.put("behind the outage")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The database did not answer in time.")
    expect(page.get_by_text("No goals yet")).to_be_hidden()  # nobody knows whether there are any
    store.down = None
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("behind the outage")).to_be_visible()


def test_pauses_between_reads_grow(page: Page, store: Any) -> None:
    store.down = "x"
    page.clock.install()
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible()
    seen = []
    for _ in range(3):
        seconds = 0
        reads = store.reads
        while store.reads == reads:
            page.clock.run_for(500)
            seconds += 1
        expect(page.locator("#countdown")).to_have_text(re.compile("again in"))
        seen.append(seconds)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_older_goals_are_shown_on_demand(page: Page, store: Any) -> None:
    for number in range(130):
        store.put(f"goal {number}")
    page.reload()
    expect(page.get_by_role("listitem")).to_have_count(100)
    page.get_by_role("button", name="Show older goals").click()
    expect(page.get_by_role("listitem")).to_have_count(130)
    expect(page.get_by_role("button", name="Show older goals")).to_be_hidden()


def test_a_hostile_text_stays_text(page: Page, store: Any) -> None:
    store.put('<img src=x onerror="document.title=1">')
    page.reload()
    expect(page.get_by_text('<img src=x onerror="document.title=1">')).to_be_visible()
    expect(page).to_have_title("Goals")


@pytest.mark.parametrize("width", [320, 390, 1000])
def test_nothing_runs_over_the_edge(page: Page, store: Any, width: int) -> None:
    store.put("x" * 200)
    store.down = "the database refused the connection"
    page.set_viewport_size({"width": width, "height": 700})
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible()
    store.down = None
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("listitem")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""The deployment is validated by the frontend showing the goals, in a real browser."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_a_goal_that_a_person_adds_is_there_after_a_reload(site, chromium):
    text = f"Survive the loss of a zone {uuid.uuid4().hex[:8]}"
    page = chromium.new_page()
    page.goto(site.frontend)
    page.get_by_label("New goal").fill(text)
    page.get_by_role("button", name="Add goal").click()
    goal = page.get_by_role("listitem").filter(has_text=text)
    expect(goal).to_be_visible()
    page.reload()
    expect(goal).to_be_visible()
    expect(page.get_by_text("Connected")).to_be_visible()
    page.get_by_role("button", name=f"Delete “{text}”").click()
    expect(goal).to_have_count(0)
    page.close()

"""The goals API over a store in memory: what clients send and what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from goals.app import create_app
from goals.settings import Settings
from goals.store import Goal, StoreUnavailableError

ORIGIN = "http://frontend.example"
SETTINGS = Settings(version="7", instance="i-1", cors_allowed_origins=(ORIGIN,))


class MemoryStore:
    """A GoalStore of a list; ``down`` is why it can't be reached."""

    def __init__(self) -> None:
        self.kept: list[Goal] = []
        self.down: str | None = None
        self.opened = self.closed = False
        self.calls = 0

    async def open(self) -> None:
        self.opened = True

    async def close(self) -> None:
        self.closed = True

    async def ping(self) -> None:
        self.calls += 1
        if self.down:
            raise StoreUnavailableError(self.down)

    async def goals(self, limit: int, before: int | None) -> list[Goal]:
        await self.ping()
        return [goal for goal in reversed(self.kept) if before is None or goal.id < before][:limit]

    async def add(self, text: str) -> Goal:
        await self.ping()
        self.kept.append(Goal(max((g.id for g in self.kept), default=0) + 1, text, datetime(2024, 5, 1, tzinfo=UTC)))
        return self.kept[-1]

    async def delete(self, goal_id: int) -> bool:
        await self.ping()
        before = len(self.kept)
        self.kept = [goal for goal in self.kept if goal.id != goal_id]
        return len(self.kept) < before


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def client(store: MemoryStore) -> Iterator[TestClient]:
    with TestClient(create_app(SETTINGS, store)) as client:
        yield client


def test_the_store_lives_as_long_as_the_app(store: MemoryStore) -> None:
    with TestClient(create_app(SETTINGS, store)):
        assert store.opened
        assert not store.closed
    assert store.closed


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_health_check_never_asks_the_store(client: TestClient, store: MemoryStore, method: str) -> None:
    store.down = "gone"
    answer = client.request(method, "/")
    assert answer.status_code == 200
    assert store.calls == 0
    if method == "GET":
        assert answer.json() == {"service": "goals", "version": "7", "instance": "i-1"}


def test_ready_asks_the_store_and_says_why_not(client: TestClient, store: MemoryStore) -> None:
    assert client.get("/ready").json() == {"ready": True}
    store.down = "the database refused the password"
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "cause": "the database refused the password"}
    assert int(answer.headers["Retry-After"]) > 0


def test_a_goal_is_added_shown_and_deleted(client: TestClient) -> None:
    added = client.post("/goals", json={"text": "  Learn to juggle 🤹‍♀️ "})
    assert added.status_code == 201
    goal = added.json()
    assert goal == {"id": 1, "text": "Learn to juggle 🤹‍♀️", "created_at": "2024-05-01T00:00:00+00:00"}
    assert added.headers["Location"] == "/goals/1"
    assert client.get("/goals").json() == [goal]
    assert client.delete(added.headers["Location"]).status_code == 204
    assert client.get("/goals").json() == []


def test_pages_cover_every_goal_once_newest_first(client: TestClient) -> None:
    for number in range(1, 6):
        client.post("/goals", json={"text": f"goal {number}"})
    seen: list[int] = []
    page = "/goals?limit=2"
    while page:
        answer = client.get(page)
        seen += [goal["id"] for goal in answer.json()]
        page = answer.links.get("next", {}).get("url", "")
    assert seen == [5, 4, 3, 2, 1]
    assert "Link" not in client.get("/goals?limit=5").headers


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"text": ""}, "1 to 200 characters"),
        ({"text": " \t\n "}, "1 to 200 characters"),
        ({"text": "x" * 201}, "1 to 200 characters"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "nul\x00"}, "control characters"),
        ({"text": "two\nlines"}, "control characters"),
        ({"text": 5}, "text"),
        ({}, "text"),
        ([], "body"),
    ],
)
def test_a_text_that_is_no_goal_is_refused_in_a_sentence(client: TestClient, body: Any, says: str) -> None:
    answer = client.post("/goals", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    assert client.get("/goals").json() == []


def test_a_lone_surrogate_is_refused(client: TestClient) -> None:
    answer = client.post("/goals", content=b'{"text": "\\ud800"}', headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_200_characters_are_a_goal(client: TestClient) -> None:
    assert client.post("/goals", json={"text": " " + "é" * 200 + " "}).json()["text"] == "é" * 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/goals/9", 404), ("/goals/0", 422), ("/goals/x", 422), (f"/goals/{2**63}", 422), ("/goals/", 404)],
)
def test_deleting_what_is_not_there(client: TestClient, path: str, status: int) -> None:
    assert client.delete(path, follow_redirects=False).status_code in (status, 307 if path == "/goals/" else status)


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "before=0", f"before={2**63}"])
def test_a_page_out_of_range_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/goals?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json()["detail"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/goals"), ("POST", "/goals"), ("DELETE", "/goals/1")])
def test_without_its_database_it_says_so_and_when_to_come_back(
    client: TestClient, store: MemoryStore, method: str, path: str
) -> None:
    store.down = "the database did not answer in time"
    answer = client.request(method, path, json={"text": "x"} if method == "POST" else None, headers={"Origin": ORIGIN})
    assert answer.status_code == 503
    assert answer.json() == {"detail": "The database did not answer in time."}
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN  # or the page couldn't read the reason


@pytest.mark.parametrize("path", ["/", "/ready", "/goals", "/nowhere"])
def test_every_answer_says_who_gave_it(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert (headers["X-App-Version"], headers["X-Served-By"]) == ("7", "i-1")


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, True), ("http://elsewhere.example", False)])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_only_the_frontends_origin_may_write(client: TestClient, origin: str, allowed: bool, method: str) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    answer = client.options("/goals", headers=asked)
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed
    assert answer.is_success is allowed


def test_one_log_line_a_request_and_none_for_health_checks(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "goals.http")
    client.get("/")
    client.get("/goals", headers={"X-Forwarded-For": "6.6.6.6, 198.18.0.7"})
    fields = [record.fields for record in caplog.records if record.name == "goals.http"]  # type: ignore[attr-defined]
    assert [(line["path"], line["status"], line["client"]) for line in fields] == [("/goals", 200, "198.18.0.7")]

"""The goals page in a real browser, over the real API with its goals in memory: no region, no containers."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jinja2
import pytest
import uvicorn
from ansible.plugins.filter.core import FilterModule as CoreFilters
from ansible.plugins.filter.urlsplit import FilterModule as UrlFilters
from playwright.sync_api import Browser, Page

from goals.app import create_app
from goals.settings import Settings
from goals.store import Goal, StoreUnavailableError

FRONTEND = Path(__file__).parents[3] / "examples/goals/frontend"


class MemoryStore:
    """``down``: why the database can't be reached. ``gate``: closed, it holds every call back."""

    def __init__(self) -> None:
        self.kept: list[Goal] = []
        self.down: str | None = None
        self.reads = self.writes = 0

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None:
        if self.down:
            raise StoreUnavailableError(self.down)

    async def goals(self, limit: int, before: int | None) -> list[Goal]:
        self.reads += 1
        await self.ping()
        return [goal for goal in reversed(self.kept) if before is None or goal.id < before][:limit]

    async def add(self, text: str) -> Goal:
        self.writes += 1
        await self.ping()
        return self.put(text)

    async def delete(self, goal_id: int) -> bool:
        self.writes += 1
        await self.ping()
        found = [goal for goal in self.kept if goal.id == goal_id]
        self.kept = [goal for goal in self.kept if goal.id != goal_id]
        return bool(found)

    def put(self, text: str, age: timedelta = timedelta()) -> Goal:
        goal = Goal(max((kept.id for kept in self.kept), default=0) + 1, text, datetime.now(UTC) - age)
        self.kept.append(goal)
        return goal


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


class Api:
    """The API on a port of its own; ``stop`` and ``start`` make it unreachable and reachable again."""

    def __init__(self, store: MemoryStore, origin: str) -> None:
        self._settings = Settings(version="1.4.2", instance="ip-10-0-1-37", cors_allowed_origins=(origin,))
        self._store = store
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        app = create_app(self._settings, self._store)
        self._server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="error"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(timeout=10)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


def render(folder: Path, api_url: str) -> None:
    """Publish as the frontend role does: templates rendered with Ansible's own filters, the rest copied."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters |= CoreFilters().filters() | UrlFilters().filters()
    for source in FRONTEND.iterdir():
        if source.suffix == ".j2":
            text = environment.from_string(source.read_text()).render(frontend_api_url=api_url)
            (folder / source.stem).write_text(text)
        else:
            shutil.copy(source, folder)


@pytest.fixture
def published(tmp_path: Path, store: MemoryStore) -> Iterator[tuple[str, Api]]:
    """The published page's URL and its API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(tmp_path)))
    origin = f"http://127.0.0.1:{server.server_port}"
    api = Api(store, origin)
    render(tmp_path, api.url + "/")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield origin, api
    server.shutdown()
    api.stop()


@pytest.fixture
def api(published: tuple[str, Api]) -> Api:
    return published[1]


@pytest.fixture
def page(chromium: Browser, published: tuple[str, Api]) -> Iterator[Page]:
    """The page, opened; a script error or a breach of its content security policy fails the test."""
    page = chromium.new_page(viewport={"width": 1000, "height": 800})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto(published[0])
    yield page
    page.close()
    assert problems == []

"""The HTTP side: routes, validation, and what clients are told when the database is away."""

from __future__ import annotations

import logging
import time
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .settings import Settings
from .store import Goal, GoalStore, StoreUnavailableError

log = logging.getLogger("goals.http")

RETRY_AFTER = 2  # seconds
BIGINT_MAX = 2**63 - 1  # an id beyond it can't exist, and PostgreSQL refuses to compare with it


def goal_text(text: str) -> str:
    """``text`` without blanks around it: 1 to 200 characters that PostgreSQL keeps and a list shows on one line."""
    text = text.strip()
    if not 1 <= len(text) <= 200:
        raise ValueError("A goal has 1 to 200 characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("A goal has no control characters.")
    return text


class NewGoal(BaseModel):
    # The length before trimming only bounds the work on a hostile body.
    text: Annotated[str, Field(max_length=10_000), AfterValidator(goal_text)]


GoalId = Annotated[int, Path(ge=1, le=BIGINT_MAX)]
Limit = Annotated[int, Query(ge=1, le=1000, description="how many goals at most")]
Before = Annotated[int | None, Query(ge=1, le=BIGINT_MAX, description="only goals with a lower id: the next page")]


class ServedBy:
    """Say on every response which version and which host answered, and log one line a request.

    The load balancer's health checks of "/" are left out of the log: they are most of the requests of a quiet day.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = {"X-App-Version": settings.version, "X-Served-By": settings.instance}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            if scope["path"] != "/" or status != 200:
                _log_request(scope, status, time.perf_counter() - started)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 1),
        # The load balancer appends the address it saw, so only the last one can be believed.
        "client": Headers(scope=scope).get("x-forwarded-for", (scope.get("client") or ["-"])[0]).split(",")[-1].strip(),
    }
    log.log(logging.WARNING if status >= 500 else logging.INFO, "request", extra={"fields": fields})


def create_app(settings: Settings, store: GoalStore) -> FastAPI:
    """The application; ``store`` is opened and closed with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await store.open()
        yield
        await store.close()

    app = FastAPI(title="Goals", version=settings.version, lifespan=lifespan)
    _add_health(app, settings, store)
    _add_goals(app, store)
    app.add_exception_handler(RequestValidationError, _refuse)
    app.add_exception_handler(StoreUnavailableError, _unavailable)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_allowed_origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Content-Type"],
        expose_headers=["Link", "Retry-After", "X-App-Version", "X-Served-By"],
    )
    app.add_middleware(ServedBy, settings=settings)
    return app


def _add_health(app: FastAPI, settings: Settings, store: GoalStore) -> None:
    @app.api_route("/", methods=["GET", "HEAD"])
    async def alive() -> dict[str, str]:
        """For the load balancer: this process serves. A check that asked the database could condemn every instance
        at once, so this one neither asks it nor shares threads or connections with what does."""
        return {"service": "goals", "version": settings.version, "instance": settings.instance}

    @app.get("/ready")
    async def ready() -> Response:
        """For people and deployments: the database answers too."""
        try:
            await store.ping()
        except StoreUnavailableError as error:
            return JSONResponse({"ready": False, "cause": str(error)}, 503, headers={"Retry-After": str(RETRY_AFTER)})
        return JSONResponse({"ready": True})


def _add_goals(app: FastAPI, store: GoalStore) -> None:
    @app.get("/goals")
    async def read_goals(request: Request, limit: Limit = 100, before: Before = None) -> Response:
        """The newest goals first; a Link header names the next page (RFC 8288)."""
        found = await store.goals(limit + 1, before)
        response = JSONResponse([_as_json(goal) for goal in found[:limit]])
        if len(found) > limit:
            response.headers["Link"] = f'</goals?limit={limit}&before={found[limit - 1].id}>; rel="next"'
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.post("/goals", status_code=201)
    async def add_goal(new: NewGoal) -> Response:
        goal = await store.add(new.text)
        return JSONResponse(_as_json(goal), 201, headers={"Location": f"/goals/{goal.id}"})

    @app.delete("/goals/{goal_id}", status_code=204)
    async def delete_goal(goal_id: GoalId) -> None:
        if not await store.delete(goal_id):
            raise HTTPException(404, f"There is no goal {goal_id}.")


def _as_json(goal: Goal) -> dict[str, object]:
    return {**asdict(goal), "created_at": goal.created_at.isoformat()}


async def _refuse(_: Request, error: Exception) -> Response:
    """One sentence a mistake, naming the field; never the input itself."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    problems = [_sentence(problem["loc"], problem["msg"]) for problem in error.errors()]
    return JSONResponse({"detail": " ".join(problems)}, 422)


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    if message.startswith("Value error, "):  # one of ours, a sentence already
        return message.removeprefix("Value error, ")
    return f"{'.'.join(str(part) for part in location[1:]) or 'The body'}: {message}."


async def _unavailable(_: Request, error: Exception) -> Response:
    cause = str(error)
    return JSONResponse({"detail": f"{cause[:1].upper()}{cause[1:]}."}, 503, headers={"Retry-After": str(RETRY_AFTER)})

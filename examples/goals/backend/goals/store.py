"""Where goals are kept: the seam between HTTP and PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, Protocol, TypeVar

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

log = logging.getLogger("goals.store")


@dataclass(frozen=True)
class Goal:
    id: int
    text: str
    created_at: datetime


class StoreUnavailableError(Exception):
    """The goals can't be read or written now; the message says why in plain words, without addresses and secrets."""


class GoalStore(Protocol):
    """Every method answers within a few seconds, or raises StoreUnavailableError."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ping(self) -> None:
        """Return when the database answers."""

    async def goals(self, limit: int, before: int | None) -> list[Goal]:
        """The newest goals first, at most ``limit``, with ids below ``before``."""

    async def add(self, text: str) -> Goal: ...

    async def delete(self, goal_id: int) -> bool:
        """Whether there was such a goal."""


# A host that vanished sends no reset: these make a connection to it fail within seconds instead of minutes, and
# read-write keeps a client off a standby while a failover moves the database's name.
CONNECT: dict[str, Any] = {
    "connect_timeout": 2,  # seconds
    "tcp_user_timeout": 3000,  # milliseconds that sent data may stay unacknowledged
    "keepalives_idle": 3,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "target_session_attrs": "read-write",
}
POOL_WAIT = 3.0  # seconds to wait for a connection
DEADLINE = 5.0  # seconds for a whole call
PING_DEADLINE = 3.0

# Any number will do, as long as every instance takes the same one.
SCHEMA_LOCK = 0x676F616C73
CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS goals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL DEFAULT now()
)"""

# What libpq says (in English: the image sets no other locale), and what that means. The first match counts.
CAUSES = (
    ("could not translate host name", "the database's name does not resolve"),
    ("name or service not known", "the database's name does not resolve"),
    ("name resolution", "the database's name does not resolve"),
    ("no address associated", "the database's name does not resolve"),
    ("password authentication failed", "the database refused the password"),
    ("no password supplied", "the database wants a password and none was found"),
    ("no pg_hba.conf entry", "the database does not let this host in"),
    ("session is read-only", "the database is a standby that takes no writes"),
    ("too many clients", "the database has no connection left"),
    ("remaining connection slots", "the database has no connection left"),
    ("starting up", "the database is starting up"),
    ("shutting down", "the database is shutting down"),
    ("does not exist", "the database or its user does not exist"),
    ("certificate", "the database's certificate was not accepted"),
    ("connection refused", "the database refused the connection"),
    ("timeout", "the database did not answer in time"),
    ("timed out", "the database did not answer in time"),
)


def plain_words(error: BaseException) -> str:
    """Why the database can't be reached, without addresses or names."""
    said = str(error).lower()
    return next((cause for sign, cause in CAUSES if sign in said), "the connection to the database failed")


T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, or TimeoutError after ``seconds`` even if the work doesn't heed its cancellation at once.

    asyncio.timeout() would wait until psycopg has cancelled the query on a server that may have vanished.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody is left to be told
    try:
        finished, _ = await asyncio.wait({task}, timeout=seconds)
        if not finished:
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()


class PostgresStore:
    """Goals in the database that libpq's environment variables name."""

    def __init__(self, conninfo: str = "") -> None:
        self._conninfo = conninfo
        self._prepared = False
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            conninfo,
            kwargs={**CONNECT, "autocommit": True},
            min_size=1,
            max_size=10,
            max_waiting=100,
            timeout=POOL_WAIT,
            reconnect_timeout=3.0,  # so that it never backs off for longer than a failover takes
            check=AsyncConnectionPool.check_connection,
            name="goals",
            open=False,
        )

    async def open(self) -> None:
        await self._pool.open(wait=False)

    async def close(self) -> None:
        await self._pool.close(timeout=2.0)

    async def ping(self) -> None:
        await self._bounded(PING_DEADLINE, self._ping())

    async def goals(self, limit: int, before: int | None) -> list[Goal]:
        query = "SELECT id, text, created_at FROM goals WHERE %(before)s::bigint IS NULL OR id < %(before)s"
        return await self._query(f"{query} ORDER BY id DESC LIMIT %(limit)s", {"limit": limit, "before": before})

    async def add(self, text: str) -> Goal:
        added = await self._query(
            "INSERT INTO goals (text) VALUES (%(text)s) RETURNING id, text, created_at", {"text": text}
        )
        return added[0]

    async def delete(self, goal_id: int) -> bool:
        query = "DELETE FROM goals WHERE id = %(id)s RETURNING id, text, created_at"
        return bool(await self._query(query, {"id": goal_id}))

    async def _query(self, query: LiteralString, values: dict[str, object]) -> list[Goal]:
        async def run() -> list[Goal]:
            async with self._pool.connection() as connection:
                await self._prepare(connection)
                try:
                    async with connection.cursor(row_factory=class_row(Goal)) as cursor:
                        return await (await cursor.execute(query, values)).fetchall()
                except errors.ReadOnlySqlTransaction:  # the primary became a standby under this connection
                    await connection.close()
                    raise

        return await self._bounded(DEADLINE, run())

    async def _bounded(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """Do ``work`` within ``seconds``; whatever the database does wrong becomes StoreUnavailableError."""
        try:
            return await within(seconds, work)
        except errors.UndefinedTable as error:  # another, empty database stands behind the name now
            self._prepared = False
            raise StoreUnavailableError("the database lost its table; the next request makes it again") from error
        except (psycopg.OperationalError, psycopg.InternalError) as error:  # PoolTimeout and TooManyRequests too
            log.warning("database unavailable", extra={"fields": {"error": str(error)}})
            raise StoreUnavailableError(plain_words(error)) from error
        except TimeoutError as error:
            log.warning("database unavailable", extra={"fields": {"error": f"no answer in {seconds:g} s"}})
            raise StoreUnavailableError("the database did not answer in time") from error

    async def _ping(self) -> None:
        try:
            async with self._pool.connection(timeout=1.0) as connection:
                await connection.execute("SELECT 1")
        except PoolTimeout:  # the pool doesn't say why: ask libpq
            await (await AsyncConnection.connect(self._conninfo, **CONNECT)).close()

    async def _prepare(self, connection: AsyncConnection[Any]) -> None:
        """Make the table unless it exists. Instances that start together take turns: CREATE TABLE IF NOT EXISTS alone
        fails on one of two that run at once, as both insert the same row into PostgreSQL's catalogue."""
        if self._prepared:
            return
        found = await (await connection.execute("SELECT to_regclass('goals') IS NOT NULL")).fetchone()
        if found is None or not found[0]:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
                await connection.execute(CREATE_TABLE)
        self._prepared = True

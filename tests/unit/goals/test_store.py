"""What can be said of the PostgreSQL store without PostgreSQL: bounded times, and causes in plain words."""

from __future__ import annotations

import asyncio
import socket
import time

import psycopg
import pytest

from goals.store import PostgresStore, StoreUnavailableError, plain_words, within


@pytest.mark.parametrize(
    ("libpq", "words"),
    [
        ('could not translate host name "db.example" to address', "the database's name does not resolve"),
        ("[Errno -2] Name or service not known", "the database's name does not resolve"),
        ('FATAL:  password authentication failed for user "goals"', "the database refused the password"),
        ("connection to server at 10.0.1.5 failed: Connection refused", "the database refused the connection"),
        ("session is read-only", "the database is a standby that takes no writes"),
        ("connection timeout expired", "the database did not answer in time"),
        ("something new", "the connection to the database failed"),
    ],
)
def test_causes_hold_no_names_and_addresses(libpq: str, words: str) -> None:
    assert plain_words(psycopg.OperationalError(libpq)) == words


def test_within_gives_up_even_on_work_that_ignores_its_cancellation() -> None:
    async def stubborn(released: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await released.wait()

    async def run() -> float:
        released = asyncio.Event()
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            await within(0.05, stubborn(released))
        elapsed = time.monotonic() - started
        released.set()
        return elapsed

    assert asyncio.run(run()) < 1


def test_within_gives_the_result_and_the_error_of_the_work() -> None:
    async def result() -> int:
        return 5

    async def error() -> int:
        raise KeyError("x")

    assert asyncio.run(within(1, result())) == 5
    with pytest.raises(KeyError):
        asyncio.run(within(1, error()))


async def ping(conninfo: str) -> tuple[str, float]:
    store = PostgresStore(conninfo)
    await store.open()
    started = time.monotonic()
    try:
        with pytest.raises(StoreUnavailableError) as refused:
            await store.ping()
        return str(refused.value), time.monotonic() - started
    finally:
        await store.close()


def test_a_port_where_nobody_listens_is_told_as_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        words, _ = asyncio.run(ping(f"host=127.0.0.1 port={unused.getsockname()[1]} user=goals"))
    assert words == "the database refused the connection"


def test_a_database_that_accepts_and_says_nothing_is_told_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        words, seconds = asyncio.run(ping(f"host=127.0.0.1 port={silent.getsockname()[1]} user=goals"))
    assert words == "the database did not answer in time"
    assert seconds < 4

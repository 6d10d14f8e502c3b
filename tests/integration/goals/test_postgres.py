"""The goals backend against a real PostgreSQL: races, restarts, rotated passwords, silence, and a graceful end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from goals.store import PostgresStore, StoreUnavailableError
from tests.support.ports import free_port

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
BACKEND = Path(__file__).parents[3] / "examples/goals/backend"

pytestmark = pytest.mark.skipif(not BINARIES, reason="needs PostgreSQL: apt-get install postgresql")


class Cluster:
    """A PostgreSQL of its own in a temporary folder, which wants a password; PostgreSQL refuses to run as root."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.password = folder, free_port(), "first"
        self.passfile = folder / "passfile"
        user = pwd.getpwnam("nobody")
        self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        if self._as:
            os.chown(folder, user.pw_uid, user.pw_gid)
        (folder / "initial").write_text(self.password)
        (folder / "initial").chmod(0o644)
        self._run("initdb", "-U", "goals", "--auth=scram-sha-256", f"--pwfile={folder}/initial", "--no-sync")
        self.write_passfile()
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [BINARIES[-1].with_name(program), "-D", self.folder / "data", *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, **self._as)  # type: ignore[call-overload]

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-l", f"{self.folder}/log", "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate")

    def write_passfile(self) -> None:
        self.passfile.write_text(f"*:*:*:*:{self.password}\n")
        self.passfile.chmod(0o600)

    def conninfo(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=goals dbname={database} passfile={self.passfile}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(self.conninfo(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def signal_backends(self, number: int) -> None:
        """Signal the server's processes that serve a client of the database "goals"."""
        for (pid,) in self.execute("SELECT pid FROM pg_stat_activity WHERE datname = 'goals'"):
            os.kill(int(str(pid)), number)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="goals-postgres-"))
    cluster = Cluster(folder)
    yield cluster
    cluster.stop()
    shutil.rmtree(folder)


@pytest.fixture
def conninfo(cluster: Cluster) -> Iterator[str]:
    """An empty database."""
    cluster.execute("CREATE DATABASE goals")
    yield cluster.conninfo("goals")
    cluster.execute("DROP DATABASE goals WITH (FORCE)")


@contextlib.asynccontextmanager
async def opened(conninfo: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(conninfo)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def until_available(store: PostgresStore, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await store.ping()
        except StoreUnavailableError:
            if time.monotonic() > deadline:
                raise


def test_goals_are_kept_newest_first_by_page_and_deleted_once(conninfo: str) -> None:
    async def run() -> None:
        async with opened(conninfo) as store:
            assert await store.goals(10, None) == []
            added = [await store.add(text) for text in ("a", "b", "c")]
            assert await store.goals(2, None) == [added[2], added[1]]
            assert await store.goals(2, added[1].id) == [added[0]]
            assert await store.delete(added[0].id)
            assert not await store.delete(added[0].id)
        async with opened(conninfo) as another:
            assert await another.goals(10, None) == [added[2], added[1]]

    asyncio.run(run())


def test_instances_that_start_together_make_one_table(conninfo: str) -> None:
    async def run() -> None:
        async with contextlib.AsyncExitStack() as stack:
            stores = [await stack.enter_async_context(opened(conninfo)) for _ in range(8)]
            await asyncio.gather(*(store.add(f"from {number}") for number, store in enumerate(stores)))
            assert len(await stores[0].goals(100, None)) == 8

    asyncio.run(run())


def test_a_restarted_database_fails_no_later_request(cluster: Cluster, conninfo: str) -> None:
    async def run() -> None:
        async with opened(conninfo) as store:
            await asyncio.gather(*(store.add("before") for _ in range(20)))  # fills the pool
            cluster.stop()
            with pytest.raises(StoreUnavailableError):
                await store.add("during")
            cluster.start()
            await until_available(store)
            await asyncio.gather(*(store.add("after") for _ in range(20)))
            assert len(await store.goals(100, None)) == 40

    asyncio.run(run())


def test_a_rotated_password_is_read_at_the_next_connection(cluster: Cluster, conninfo: str) -> None:
    async def run() -> None:
        async with opened(conninfo) as store:
            await store.add("with the first password")
            cluster.execute("ALTER ROLE goals PASSWORD 'second'")
            cluster.password = "second"
            with psycopg.connect(conninfo, password="second") as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = 'goals' AND pid <> pg_backend_pid()"
                )
            with pytest.raises(StoreUnavailableError, match="refused the password"):
                await store.ping()
            cluster.write_passfile()
            await until_available(store)
            assert len(await store.goals(10, None)) == 1

    asyncio.run(run())


def test_a_silent_database_is_told_within_seconds_and_used_again_later(cluster: Cluster, conninfo: str) -> None:
    async def run() -> float:
        async with opened(conninfo) as store:
            await store.add("before")
            cluster.signal_backends(signal.SIGSTOP)
            started = time.monotonic()
            try:
                with pytest.raises(StoreUnavailableError, match="in time"):
                    await store.goals(10, None)
                elapsed = time.monotonic() - started
            finally:
                cluster.signal_backends(signal.SIGCONT)
            await until_available(store)
            assert len(await store.goals(10, None)) == 1
            return elapsed

    assert asyncio.run(run()) < 6


def test_a_lost_table_is_made_again(cluster: Cluster, conninfo: str) -> None:
    async def run() -> None:
        async with opened(conninfo) as store:
            await store.add("lost")
            cluster.execute("DROP TABLE goals", "goals")
            with pytest.raises(StoreUnavailableError, match="lost its table"):
                await store.goals(10, None)
            assert await store.goals(10, None) == []

    asyncio.run(run())


@pytest.fixture
def served(cluster: Cluster, conninfo: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The backend as a process, configured as in its container: by environment variables alone."""
    port = free_port()
    database = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGDATABASE": "goals", "PGUSER": "goals"}
    env = {**os.environ, **database, "PGPASSFILE": str(cluster.passfile), "PORT": str(port), "APP_VERSION": "9"}
    process = subprocess.Popen(
        [sys.executable, "-m", "goals"], cwd=BACKEND, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=2).close()
            break
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
    yield process, url
    process.kill()
    process.communicate()


def post(url: str) -> int:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/goals", json.dumps({"text": "in flight"}).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)


def waits_for_a_lock(cluster: Cluster) -> bool:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = 'goals' AND wait_event_type = 'Lock'"
    return bool(cluster.execute(waiting))


def test_sigterm_lets_what_has_begun_end(
    cluster: Cluster, conninfo: str, served: tuple[subprocess.Popen[bytes], str]
) -> None:
    process, url = served
    assert post(url) == 201
    with ThreadPoolExecutor() as threads, psycopg.connect(conninfo) as locker:
        locker.execute("LOCK TABLE goals IN ACCESS EXCLUSIVE MODE")
        in_flight = threads.submit(post, url)
        while not waits_for_a_lock(cluster):
            assert not in_flight.done(), in_flight.exception()
        assert json.load(urllib.request.urlopen(url, timeout=1))["version"] == "9"  # alive while the database is not
        process.send_signal(signal.SIGTERM)
        line = b""
        assert process.stdout
        while b"Shutting down" not in line:
            line = process.stdout.readline()
            assert line
        locker.rollback()
        assert in_flight.result(timeout=10) == 201
    log = process.communicate(timeout=10)[0]
    assert b"status=201" in log
    assert cluster.password.encode() not in log

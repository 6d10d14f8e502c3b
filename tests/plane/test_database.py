"""PostgreSQL in two zones: reached by its endpoint's name, and taken over without losing an acknowledged write."""

from __future__ import annotations

import subprocess
import time

import pytest

from local_region.plane.docker.layout import Layout
from tests.plane import site
from tests.plane.conftest import Region, wait_for

pytestmark = pytest.mark.data_plane

CLIENT = next(iter(site.INSTANCES))
CONNECTION = (
    f"host={site.DB_NAME} user=goals_admin dbname=goals sslmode=require connect_timeout=2 tcp_user_timeout=3000"
)
PSQL = f"PGPASSWORD='{site.PASSWORD}' psql -qtAX -v ON_ERROR_STOP=1 '{CONNECTION} target_session_attrs=read-write'"


@pytest.fixture(scope="module")
def client(region: Region) -> Region:
    """An instance with PostgreSQL's client, installed from Debian's archive through the NAT gateway."""
    install = "apt-get install -y -qq --no-install-recommends postgresql-client-15"
    script = f"apt-get update -qq && DEBIAN_FRONTEND=noninteractive {install}"
    done = region.inside(CLIENT, script, timeout=180)
    assert done.returncode == 0, done.stderr
    return region


def query(region: Region, sql: str) -> str:
    done = region.inside(CLIENT, f'{PSQL} -c "{sql}"')
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_master_user(client: Region) -> None:
    assert query(client, "SELECT current_user, current_database()") == "goals_admin|goals"
    assert (
        query(client, "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        == "f|t|t"
    )
    assert query(client, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t"
    assert query(client, "CREATE TABLE mine (id int); DROP TABLE mine; SELECT 1") == "1"


@pytest.mark.parametrize(
    "connection",
    [
        CONNECTION.replace("user=goals_admin", "user=rdsadmin"),
        CONNECTION.replace("user=goals_admin", "user=replicator"),
        CONNECTION,
    ],
)
def test_nobody_else_gets_in(client: Region, connection: str) -> None:
    done = client.inside(CLIENT, f"PGPASSWORD=wrong psql -c 'SELECT 1' '{connection}'")
    assert done.returncode != 0


def test_password_is_nowhere_to_be_read(client: Region) -> None:
    name = Layout(client.settings).object("db", "goals-a-1")
    for command in (["docker", "inspect", name], ["docker", "logs", name], ["ps", "axeww"]):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        mine = [line for line in done.stdout.splitlines() if site.PASSWORD in line and "psql" not in line]
        assert not mine


INSERT = f'{PSQL} -c "INSERT INTO drill VALUES ($n)" 2>/dev/null'  # noqa: S608 - the table is this file's own
WRITER = f"""
n=0
while [ ! -e /tmp/stop ]; do
  n=$((n+1))
  if {INSERT}; then echo $n $(date +%s.%N) >> /tmp/acknowledged; fi
done
"""


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_failover_loses_no_acknowledged_write(client: Region, how: str) -> None:
    query(client, "DROP TABLE IF EXISTS drill; CREATE TABLE drill (n int)")
    client.inside(CLIENT, "rm -f /tmp/stop /tmp/acknowledged")
    before = client.plane.observe().databases["goals"]
    name = Layout(client.settings).object("instance", CLIENT)
    writer = subprocess.Popen(["docker", "exec", name, "bash", "-c", WRITER])
    wait_for("writes", lambda: _acknowledged(client) > 10)
    primary = _primary(client)
    faulted = time.time()
    subprocess.run(["docker", how, primary], check=True, capture_output=True)
    wait_for(
        "the other zone is primary", lambda: client.plane.observe().databases["goals"].zone == before.standby_zone, 30
    )
    reached = _acknowledged(client)
    wait_for("writes again", lambda: _acknowledged(client) > reached + 10)
    client.inside(CLIENT, "touch /tmp/stop")
    writer.wait(30)
    lines = [line.split() for line in client.inside(CLIENT, "cat /tmp/acknowledged").stdout.splitlines()]
    there = set(query(client, "SELECT n FROM drill").split())
    assert {n for n, _ in lines} <= there
    first = min(float(at) for _, at in lines if float(at) > faulted + 0.5)
    print(f"{how}: first acknowledged write {first - faulted:.1f} s after the fault, {len(lines)} acknowledged in all")
    wait_for("a standby again", client.settled, 60)
    assert client.plane.observe().databases["goals"].standby_zone == before.zone


def test_a_lost_standby_stops_no_writes_for_long(client: Region) -> None:
    query(client, "DROP TABLE IF EXISTS drill; CREATE TABLE drill (n int)")
    zone = client.plane.observe().databases["goals"].zone
    standby = next(name for name in _members(client) if name != _primary(client))
    subprocess.run(["docker", "pause", standby], check=True, capture_output=True)
    began = time.monotonic()
    query(client, "INSERT INTO drill VALUES (1)")
    assert time.monotonic() - began < 20
    assert client.plane.observe().databases["goals"].zone == zone
    subprocess.run(["docker", "unpause", standby], check=True, capture_output=True)
    wait_for("synchronous again", client.settled, 60)


def _acknowledged(region: Region) -> int:
    return int(region.inside(CLIENT, "cat /tmp/acknowledged 2>/dev/null | wc -l").stdout)


def _members(region: Region) -> list[str]:
    filters = ["--filter", f"label=local-region={region.settings.name}", "--filter", "label=local-region-kind=db"]
    done = subprocess.run(
        ["docker", "ps", "--format", "{{.Names}}", *filters], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def _primary(region: Region) -> str:
    address = region.inside(CLIENT, f"getent ahostsv4 {site.DB_NAME}").stdout.split()[0]
    for name in _members(region):
        format_ = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        done = subprocess.run(["docker", "inspect", "-f", format_, name], capture_output=True, text=True, check=True)
        if done.stdout.strip() == address:
            return name
    raise LookupError(f"no member has {address}")

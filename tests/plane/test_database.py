"""PostgreSQL in two zones: reached by its endpoint's name, and taken over without losing an acknowledged write."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from local_region.plane.docker.layout import Layout
from local_region.world import Backup, NetworkAcl
from tests.plane import site
from tests.plane.conftest import Region, wait_for

pytestmark = pytest.mark.data_plane

CLIENT = next(iter(site.INSTANCES))
Fault = Callable[[Region, str], AbstractContextManager[None]]
CONNECTION = (
    f"host={site.DB_NAME} user=goals_admin dbname=goals sslmode=require connect_timeout=2 tcp_user_timeout=3000"
)
PSQL = f"PGPASSWORD='{site.PASSWORD}' psql -qtAX -v ON_ERROR_STOP=1 '{CONNECTION} target_session_attrs=read-write'"


@pytest.fixture(scope="module")
def client(region: Region) -> Region:
    """An instance with PostgreSQL's client, installed from Debian's archive through the NAT gateway."""
    install = "apt-get install -y -qq --no-install-recommends postgresql-client-15"
    # A mirror that is being written to fails the first time.
    script = f"for try in 1 2 3; do apt-get update -qq && DEBIAN_FRONTEND=noninteractive {install} && exit; done; false"
    done = region.inside(CLIENT, script, timeout=180)
    assert done.returncode == 0, done.stderr
    return region


def query(region: Region, sql: str, psql: str = PSQL) -> str:
    done = region.inside(CLIENT, f'{psql} -c "{sql}"')
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
    name = _primary(client)
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


class Writes:
    """Writes from an instance, one after another, each on a connection of its own; then what became of those that
    were acknowledged."""

    def __init__(self, region: Region) -> None:
        self.region = region

    def __enter__(self) -> Writes:
        query(self.region, "DROP TABLE IF EXISTS drill; CREATE TABLE drill (n int)")
        self.region.inside(CLIENT, "rm -f /tmp/stop /tmp/acknowledged")
        name = Layout(self.region.settings).object("instance", CLIENT)
        self._writer = subprocess.Popen(["docker", "exec", name, "bash", "-c", WRITER])
        self.await_more()
        return self

    def __exit__(self, *_: object) -> None:
        self.region.inside(CLIENT, "touch /tmp/stop")
        self._writer.wait(60)

    def _acknowledged(self) -> list[tuple[str, float]]:
        lines = self.region.inside(CLIENT, "cat /tmp/acknowledged 2>/dev/null").stdout.splitlines()
        return [(n, float(at)) for n, at in (line.split() for line in lines if line.count(" ") == 1)]

    def await_more(self) -> None:
        """Until ten more are acknowledged."""
        reached = len(self._acknowledged())
        wait_for("writes", lambda: len(self._acknowledged()) > reached + 10)

    def lost(self) -> set[str]:
        """Those that were acknowledged and are not there."""
        return {n for n, _ in self._acknowledged()} - set(query(self.region, "SELECT n FROM drill").split())

    def first_after(self, moment: float) -> float:
        """Seconds from ``moment`` to the end of the longest gap after it."""
        at = [moment, *(at for _, at in self._acknowledged() if at > moment)]
        return max(itertools.pairwise(at), key=lambda pair: pair[1] - pair[0])[1] - moment


@contextlib.contextmanager
def no_power(region: Region, member: str) -> Iterator[None]:
    """The subnet of a member lets nothing in and nothing out, as in a zone without power."""
    at = _address(member)
    subnet = next(s for s in region.world.subnets if IPv4Address(at) in IPv4Network(s.cidr))
    dark = tuple(replace(s, network_acl_id="acl-dark") if s is subnet else s for s in region.world.subnets)
    before = region.plane.observe().databases["goals"]
    region.apply(replace(region.world, subnets=dark, network_acls=(NetworkAcl("acl-dark", "vpc-1", ()),)))
    yield
    after = region.plane.observe().databases["goals"]
    assert (after.zone, after.standby_zone) == (before.standby_zone, None)  # a zone without power takes no standby
    region.apply(region.world)


@contextlib.contextmanager
def at_once(command: str, member: str) -> Iterator[None]:
    subprocess.run(["docker", command, member], check=True, capture_output=True)
    yield


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (lambda _, primary: at_once("kill", primary), "unhealthy"),
        (lambda _, primary: at_once("pause", primary), "unresponsive"),
        (no_power, "unreachable"),
    ],
    ids=["killed", "hung", "cut off"],
)
def test_failover_loses_no_acknowledged_write(client: Region, fault: Fault, cause: str) -> None:
    before = client.plane.observe().databases["goals"]
    primary = _primary(client)
    with Writes(client) as writes:
        faulted = time.time()
        with fault(client, primary):
            wait_for("the other zone is primary", lambda: _zone(client) == before.standby_zone, 30)
            writes.await_more()
    assert writes.lost() == set()
    wait_for("a standby again", client.safe, 60)
    after = client.plane.observe().databases["goals"]
    assert after.standby_zone == before.zone
    events = after.events[len(before.events) :]
    times = ", ".join(f"{event.what} {event.at.timestamp() - faulted:.1f} s" for event in events)
    print(f"{cause}: first acknowledged write {writes.first_after(faulted):.1f} s after the fault; {times}")
    assert [(event.what, event.cause) for event in events[:5]] == [
        ("failover started", None),
        ("restarted", None),
        ("failover completed", cause),
        ("standby recovery started", None),
        ("standby recovery completed", None),
    ], "a new standby that loses its connection once more recovers once more"


@pytest.mark.parametrize("synchronous", [True, False])
def test_what_the_standby_has_not_got_is_acknowledged_only_without_synchronous_replication(
    client: Region, synchronous: bool
) -> None:
    """The members lose each other, then the primary dies. That the other tests can fail is seen without synchronous
    replication: what was acknowledged is lost."""
    zone, primary = _zone(client), _primary(client)
    (standby,) = (name for name in _members(client) if name != primary)
    if not synchronous:
        _as_superuser(primary, "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()")
    with Writes(client) as writes:
        deaf = f"ip daddr {_address(standby)} ip saddr {_address(primary)} drop"
        rules = f"table ip deaf {{ chain input {{ type filter hook input priority 0; {deaf}; }}; }}"
        subprocess.run(["docker", "exec", standby, "nft", rules], check=True, capture_output=True)
        if synchronous:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            wait_for("a write waits for the standby", lambda: _as_superuser(primary, waiting) != "0")
        else:
            writes.await_more()
        subprocess.run(["docker", "kill", primary], check=True, capture_output=True)
        wait_for("the other zone is primary", lambda: _zone(client) != zone, 30)
        subprocess.run(["docker", "exec", standby, "nft", "delete table ip deaf"], check=True, capture_output=True)
        writes.await_more()
    assert bool(writes.lost()) is not synchronous
    wait_for("a standby again", client.safe, 60)


def test_failover_and_reboot_as_asked_for(client: Region) -> None:
    before = client.plane.observe().databases["goals"]
    _ask(client, failovers=1)
    wait_for("the failover is done", lambda: client.plane.observe().databases["goals"].failovers == 1, 30)
    assert client.plane.observe().databases["goals"].zone == before.standby_zone
    wait_for("a standby again", client.safe, 60)
    primary, started = _primary(client), query(client, "SELECT pg_postmaster_start_time()")
    _ask(client, reboots=1)
    wait_for("the reboot is done", lambda: client.plane.observe().databases["goals"].reboots == 1, 30)
    assert _primary(client) == primary
    assert query(client, "SELECT pg_postmaster_start_time()") != started
    assert client.plane.observe().databases["goals"].zone == before.standby_zone


def test_a_backup_brings_back_the_data_of_its_time(client: Region) -> None:
    query(client, "DROP TABLE IF EXISTS kept; CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
    backup = Backup("backup-1", "goals")
    client.apply(replace(client.world, backups=(backup,)))
    wait_for("the backup is there", lambda: client.plane.observe().backups == {backup.id: "available"}, 30)
    query(client, "INSERT INTO kept VALUES (2)")
    file = client.settings.state_dir / "backups" / "backup-1.tar.gz"
    assert file.stat().st_mode & 0o777 == 0o600
    restored = replace(
        site.database(multi_az=False), id="restored", address="restored.abc.us-east-1.rds.amazonaws.com",
        password="another horse", backup_id=backup.id,
    )  # fmt: skip
    world = replace(client.world, databases=(*client.world.databases, restored))
    client.apply(replace(world, backups=(backup,)))
    wait_for("it is restored", lambda: _status(client, restored.id) == "available", 60)
    client.apply(world)
    wait_for("nothing is kept of a backup that is deleted", lambda: not file.exists(), 10)
    psql = PSQL.replace(site.DB_NAME, restored.address)
    assert query(client, "SELECT n FROM kept", psql.replace(site.PASSWORD, restored.password)) == "1"
    assert client.inside(CLIENT, f'{psql} -c "SELECT 1"').returncode != 0
    assert query(client, "SELECT count(*) FROM kept") == "2"


def test_a_read_replica_follows_its_source_and_is_promoted(client: Region) -> None:
    query(client, "DROP TABLE IF EXISTS followed; CREATE TABLE followed (n int); INSERT INTO followed VALUES (1)")
    alone = len(_members(client))
    replica = replace(
        site.database(multi_az=False), id="replica", address="replica.abc.us-east-1.rds.amazonaws.com",
        source_id="goals",
    )  # fmt: skip
    writer = PSQL.replace(site.DB_NAME, replica.address)
    reader = writer.replace("read-write", "any")
    seen = "SELECT string_agg(n::text, chr(44) ORDER BY n) FROM followed"

    def at(following: bool) -> None:
        wanted = replica if following else replace(replica, source_id=None)
        client.apply(replace(client.world, databases=(*client.world.databases, wanted)))

    at(following=True)
    wait_for("the replica is there", lambda: _status(client, replica.id) == "available", 60)
    wait_for("it has what its source has", lambda: query(client, seen, reader) == "1", 10)
    done = client.inside(CLIENT, f'{reader} -c "INSERT INTO followed VALUES (0)"')  # noqa: S608 - the table is this file's own
    assert "read-only transaction" in done.stderr

    (database,) = client.world.databases
    zone = _zone(client)
    client.world = replace(client.world, databases=(replace(database, failovers=database.failovers + 1),))
    at(following=True)
    wait_for("the source has failed over", lambda: _zone(client) != zone, 30)
    query(client, "INSERT INTO followed VALUES (2)")
    wait_for("the replica follows the new primary", lambda: query(client, seen, reader) == "1,2", 30)
    wait_for("a standby again, which is not the replica", client.safe, 60)

    at(following=False)
    insert = f'{writer} -c "INSERT INTO followed VALUES (3)"'  # noqa: S608 - the table is this file's own
    wait_for("it takes writes", lambda: client.inside(CLIENT, insert).returncode == 0, 30)
    assert query(client, seen, reader) == "1,2,3"
    assert query(client, seen) == "1,2"
    client.apply(client.world)
    wait_for("it is gone", lambda: len(_members(client)) == alone, 30)


def test_multi_az_can_be_taken_away_and_given(client: Region) -> None:
    world = client.world
    for multi_az in (False, True):
        client.world = replace(world, databases=(replace(world.databases[0], multi_az=multi_az),))
        client.apply(client.world)
        wait_for(f"Multi-AZ is {multi_az}", client.safe, 60)
        wait_for("as many members as wanted", lambda count=1 + multi_az: len(_members(client)) == count, 10)
        query(client, "DROP TABLE IF EXISTS drill; CREATE TABLE drill (n int)")  # is acknowledged


def _ask(region: Region, **counted: int) -> None:
    (database,) = region.world.databases
    region.world = replace(region.world, databases=(replace(database, **counted),))
    region.apply(region.world)


def test_a_lost_standby_stops_no_writes_for_long(client: Region) -> None:
    query(client, "DROP TABLE IF EXISTS drill; CREATE TABLE drill (n int)")
    zone = client.plane.observe().databases["goals"].zone
    standby = next(name for name in _members(client) if name != _primary(client))
    subprocess.run(["docker", "pause", standby], check=True, capture_output=True)
    began = time.monotonic()
    query(client, "INSERT INTO drill VALUES (1)")
    assert time.monotonic() - began < 20
    assert client.plane.observe().databases["goals"].standby_zone is None
    subprocess.run(["docker", "unpause", standby], check=True, capture_output=True)
    wait_for("synchronous again", client.safe, 60)
    assert client.plane.observe().databases["goals"].zone == zone


def _status(region: Region, database: str) -> str | None:
    state = region.plane.observe().databases.get(database)
    return state.status if state else None


def _zone(region: Region) -> str | None:
    return region.plane.observe().databases["goals"].zone


def _as_superuser(member: str, *statements: str) -> str:
    commands = [word for statement in statements for word in ("-c", statement)]
    psql = ["psql", "-h", "/run/postgresql", "-U", "rdsadmin", "-d", "postgres", "-qtAX", *commands]
    done = subprocess.run(
        ["docker", "exec", "-u", "postgres", member, *psql], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _address(member: str) -> str:
    format_ = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    done = subprocess.run(["docker", "inspect", "-f", format_, member], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _members(region: Region) -> list[str]:
    filters = ["--filter", f"label=local-region={region.settings.name}", "--filter", "label=local-region-kind=db"]
    done = subprocess.run(
        ["docker", "ps", "--format", "{{.Names}}", *filters], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def _primary(region: Region) -> str:
    address = region.inside(CLIENT, f"getent ahostsv4 {site.DB_NAME}").stdout.split()[0]
    return next(name for name in _members(region) if _address(name) == address)

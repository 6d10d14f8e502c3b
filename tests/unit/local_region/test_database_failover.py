"""What is done about a database's members, and in which order: with servers that only remember what they were told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from local_region.plane.docker.databases import Backups, Databases
from local_region.plane.docker.databases.cluster import FAILURES, HOPELESS, Member
from local_region.plane.docker.workqueue import NotReady
from local_region.world import Database, NetworkAcl, Subnet, World

REBUILT = [("standby recovery started", None), ("standby recovery completed", None)]
ALONE = ["ALTER SYSTEM SET synchronous_standby_names = '' on db-1", "SELECT pg_reload_conf on db-1"]
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


class Remembering:
    """Stands in for ``Servers``: members that start at once and replicate as soon as they run."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.silent: set[str] = set()
        self.stopped: set[str] = set()
        self._made = 0

    def member(self, database, subnet, source=None):
        self._made += 1
        return Member(f"{database.id}-{self._made}", subnet, f"10.0.0.{self._made}")

    def replica(self, database, subnet, source):
        return replace(self.member(database, subnet), copied_from=source.primary.address)

    def ensure(self, cluster, member, data=None):
        if member.id in self.stopped:
            self.told.append(f"start {member.id}")
            self.stopped.discard(member.id)

    def discard(self, member):
        self.told.append(f"discard {member.id}")

    def running(self, member):
        return member.id not in self.stopped

    def kill(self, member):
        self.told.append(f"kill {member.id}")
        self.stopped.add(member.id)

    def shut_down(self, member):
        self.told.append(f"shut down {member.id}")
        self.stopped.add(member.id)

    def answers(self, cluster, member):
        return member.id not in self.silent | self.stopped

    def require_answer(self, cluster, member):
        if not self.answers(cluster, member):
            raise NotReady(member.id)

    def sql(self, cluster, member, statements):
        if statements == "SELECT pg_is_in_recovery()":
            return "t"
        if not statements.startswith("SELECT count"):
            words = [statement.partition("(")[0].strip() for statement in statements.split(";")]
            self.told += [f"{statement} on {member.id}" for statement in words if statement]
        return "1"


class Site:
    """A database in three zones."""

    def __init__(self, multi_az=True):
        self.servers, self.changes = Remembering(), 0
        self.databases = Databases(self.servers, Backups(self.servers, Path("/nowhere")), self._changed)
        subnets = tuple(Subnet(f"subnet-{z}", "vpc-1", f"10.0.{n}.0/24", z, "") for n, z in enumerate(ZONES))
        ids = tuple(subnet.id for subnet in subnets)
        self.world = World(
            subnets=subnets, databases=(Database("db", "db.rds", 5432, "16.4", None, "u", "p", ids, (), multi_az),)
        )
        self.make()
        self.servers.told.clear()

    def _changed(self):
        self.changes += 1

    @property
    def state(self):
        return self.databases.states(self.world)["db"]

    def make(self):
        self.databases.plan(self.world)
        self.databases.reconcile("db", self.world)

    def ask(self, **options):
        (database,) = self.world.databases
        self.world = replace(self.world, databases=(replace(database, **options),))
        self.make()

    def darken(self, *zones):
        """Subnets of these zones, and no other, let nothing pass."""
        dark = tuple(replace(s, network_acl_id="acl-dark" if s.zone in zones else "") for s in self.world.subnets)
        self.world = replace(self.world, subnets=dark, network_acls=(NetworkAcl("acl-dark", "vpc-1", ()),))
        self.databases.plan(self.world)

    def watch(self, times=FAILURES):
        needy = set()
        for _ in range(times):
            needy = self.databases.watch(self.world)
        return needy

    def happened(self):
        return [(event.what, event.cause) for event in self.state.events]


def test_a_database_is_available_once_its_standby_is_synchronous():
    state = Site().state
    assert (state.status, state.zone, state.standby_zone) == ("available", *ZONES[:2])
    state = Site(multi_az=False).state
    assert (state.status, state.zone, state.standby_zone) == ("available", ZONES[0], None)


@pytest.mark.parametrize(
    ("fault", "probes", "cause"),
    [
        (lambda site: site.servers.stopped.add("db-1"), 1, "unhealthy"),
        (lambda site: site.servers.silent.add("db-1"), FAILURES, "unresponsive"),
        (lambda site: site.darken(ZONES[0]), FAILURES, "unreachable"),
    ],
)
def test_a_dead_primary_is_fenced_before_the_standby_takes_over(fault, probes, cause):
    site = Site()
    fault(site)
    site.watch(probes - 1)
    assert site.servers.told == []
    site.watch(1)
    assert site.servers.told == [
        "kill db-1",
        "ALTER SYSTEM SET synchronous_standby_names = '' on db-2",
        "SELECT pg_reload_conf on db-2",
        "SELECT pg_promote on db-2",
        "discard db-1",
    ]
    assert (site.state.status, site.state.zone, site.state.standby_zone) == ("available", ZONES[1], None)
    assert site.databases.endpoints() == {"db.rds": "10.0.0.2"}
    assert site.changes == 1
    assert site.happened() == [("failover started", None), ("restarted", None), ("failover completed", cause)]


def test_the_new_standby_is_where_there_is_power():
    site = Site()
    site.darken(ZONES[0])
    needy = site.watch()
    assert needy == {"db"}
    site.make()
    assert (site.state.zone, site.state.standby_zone) == (ZONES[1], ZONES[2])
    site = Site()
    site.darken(ZONES[0], ZONES[2])
    site.watch()
    site.make()
    assert (site.state.zone, site.state.standby_zone) == (ZONES[1], None)
    site.darken()
    assert site.watch(1) == {"db"}
    site.make()
    assert (site.state.zone, site.state.standby_zone) == (ZONES[1], ZONES[0])


def test_a_primary_that_may_be_dead_is_not_started_again():
    site = Site()
    site.servers.silent.add("db-1")
    site.watch(1)
    site.servers.stopped.add("db-1")
    site.make()
    assert site.servers.told == []


def test_a_lost_standby_is_let_go_until_it_is_back():
    site = Site()
    site.servers.silent.add("db-2")
    site.watch()
    assert site.servers.told == ALONE
    assert (site.state.status, site.state.zone, site.state.standby_zone) == ("available", ZONES[0], None)
    site.servers.silent.clear()
    site.watch(1)
    site.make()
    assert site.state.standby_zone == ZONES[1]
    assert site.happened() == REBUILT


def test_a_standby_that_does_not_come_back_is_made_anew():
    site = Site()
    site.servers.silent.add("db-2")
    site.watch(HOPELESS)
    site.make()
    assert site.servers.told[:5] == [*ALONE, *ALONE, "discard db-2"]
    assert site.state.standby_zone == ZONES[1]
    assert site.happened() == REBUILT


def test_without_a_standby_the_primary_is_started_again():
    site = Site(multi_az=False)
    site.servers.silent.add("db-1")
    site.watch()
    assert site.servers.told == ["kill db-1"]
    site.servers.silent.clear()
    site.make()
    site.watch(1)
    assert site.servers.told == ["kill db-1", "start db-1"]
    assert site.happened() == [("recovery started", None), ("restarted", None), ("recovery completed", None)]


def test_members_that_are_both_dead_are_both_started_again():
    site = Site()
    site.servers.stopped |= {"db-1", "db-2"}
    site.watch()
    site.make()
    site.watch(1)
    assert site.servers.told == ["kill db-1", "start db-1", "start db-2"]
    assert (site.state.zone, site.state.standby_zone) == ZONES[:2]


def test_a_failover_that_was_asked_for():
    site = Site()
    site.ask(failovers=1)
    assert (site.state.failovers, site.state.zone, site.state.standby_zone) == (1, *ZONES[1::-1])
    taken_over = [("failover started", None), ("restarted", None), ("failover completed", "requested")]
    assert site.happened() == [*taken_over, *REBUILT]
    site.make()
    assert site.happened() == [*taken_over, *REBUILT]


def test_a_failover_without_a_standby_is_abandoned():
    site = Site()
    site.darken(*ZONES[1:])
    site.watch()
    site.ask(failovers=1)
    assert (site.state.failovers, site.state.zone) == (1, ZONES[0])
    assert site.happened() == [*REBUILT[:1], ("failover abandoned", None)]


def test_a_reboot_fails_nothing_over_however_long_it_takes():
    site = Site()
    site.servers.silent.add("db-1")
    with pytest.raises(NotReady):
        site.ask(reboots=1)
    site.watch(FAILURES + 1)
    with pytest.raises(NotReady):
        site.make()
    site.servers.silent.clear()
    site.make()
    assert site.servers.told == ["shut down db-1", "start db-1"]
    assert (site.state.reboots, site.state.zone) == (1, ZONES[0])
    assert site.happened() == [("shutdown", None), ("restarted", None)]


def test_multi_az_can_be_taken_away_and_given():
    site = Site()
    site.ask(multi_az=False)
    assert site.servers.told[-1] == "discard db-2"
    assert (site.state.status, site.state.standby_zone) == ("available", None)
    site.ask(multi_az=True)
    assert site.state.standby_zone == ZONES[1]


def followed(site):
    """The site with a read replica, which has been made."""
    (database,) = site.world.databases
    replica = replace(database, id="replica", address="replica.rds", source_id="db", multi_az=False)
    site.world = replace(site.world, databases=(database, replica))
    site.make()
    site.databases.reconcile("replica", site.world)
    return site


def test_a_read_replica_follows_its_sources_primary():
    site = followed(Site())
    assert site.databases.states(site.world)["replica"].status == "available"
    assert site.servers.told == [], "it was copied from its source"
    assert ("10.0.0.1", "10.0.0.3") in site.databases.peers()
    site.servers.stopped.add("db-1")
    assert "replica" in site.watch(1), "its source has failed over"
    site.servers.told.clear()
    site.databases.reconcile("replica", site.world)
    redirected, reloaded = site.servers.told
    assert redirected.startswith("ALTER SYSTEM SET primary_conninfo = 'host=10.0.0.2 port=5432 user=replicator ")
    assert "application_name=replica'" in redirected, "which the primary doesn't await"
    assert reloaded == "SELECT pg_reload_conf on replica-3"
    assert "replica" not in site.watch(1)


def test_a_read_replica_waits_for_its_source():
    site = Site()
    site.servers.silent.add("db-1")
    (database,) = site.world.databases
    replica = replace(database, id="replica", source_id="nobody", multi_az=False)
    site.world = replace(site.world, databases=(database, replica))
    site.databases.plan(site.world)
    with pytest.raises(NotReady):
        site.databases.reconcile("replica", site.world)
    assert "replica" not in site.databases.states(site.world)


def test_a_replica_that_is_promoted_awaits_nobody():
    site = followed(Site())
    database, replica = site.world.databases
    site.world = replace(site.world, databases=(database, replace(replica, source_id=None)))
    site.databases.plan(site.world)
    assert "replica" in site.watch(1)
    site.databases.reconcile("replica", site.world)
    assert site.servers.told[:3] == [
        "ALTER SYSTEM SET synchronous_standby_names = '' on replica-3",
        "SELECT pg_reload_conf on replica-3",
        "SELECT pg_promote on replica-3",
    ]
    assert "replica" not in site.watch(1)
    assert ("10.0.0.1", "10.0.0.3") not in site.databases.peers()


def test_a_standby_that_is_still_being_copied_is_not_awaited():
    """What copies it streams under its name, and acknowledges."""
    site = Site(multi_az=False)
    site.servers.silent.add("db-2")
    with pytest.raises(NotReady, match="db-2"):
        site.ask(multi_az=True)
    assert site.state.standby_zone is None
    site.servers.silent.clear()
    site.make()
    assert site.state.standby_zone == ZONES[1]

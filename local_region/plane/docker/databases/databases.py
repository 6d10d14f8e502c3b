"""All databases of a region: made as the world asks, and kept."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Literal

from local_region.plane.docker.databases.backups import Backups
from local_region.plane.docker.databases.cluster import FAILURES, Cluster, cut_off, zones
from local_region.plane.docker.databases.failover import Failover
from local_region.plane.docker.databases.postgres import identifier, scram_verifier
from local_region.plane.docker.databases.replicas import Replicas
from local_region.plane.docker.databases.servers import Servers
from local_region.plane.docker.engine import EngineError
from local_region.plane.docker.workqueue import NotReady
from local_region.world import Database, DatabaseState, Subnet, World

log = logging.getLogger(__name__)

PERIOD = 0.5  # seconds between two probes of a member; one that gets no answer takes PROBE_TIMEOUT


class Databases:
    """``reconcile`` makes databases; ``watch`` keeps them. ``changed`` is called when a member has come or gone, or a
    database's name means another one."""

    def __init__(self, servers: Servers, backups: Backups, changed: Callable[[], None]) -> None:
        self._servers = servers
        self._backups = backups
        self._changed = changed
        self._failover = Failover(servers, changed)
        self._replicas = Replicas(servers)
        self._clusters: dict[str, Cluster] = {}

    # what others need to know

    def plan(self, world: World) -> None:
        """Give every database its members' addresses, which the network needs before they run."""
        for database in world.databases:
            if found := self._clusters.get(database.id):
                found.database = database
            elif (own := list(zones(database, world))) and (made := self._planned(database, own)):
                self._clusters[database.id] = made

    def _planned(self, database: Database, own: list[Subnet]) -> Cluster | None:
        """None of a read replica whose source isn't planned yet."""
        source = self._clusters.get(database.source_id or "")
        if database.source_id and source is None:
            return None
        member = self._servers.replica(database, own[0], source) if source else self._servers.member(database, own[0])
        made = Cluster(database, member, reboots=database.reboots, failovers=database.failovers)
        made.follows = source.primary.address if source else None
        if database.multi_az and own[1:] and not source:
            made.standby = self._servers.member(database, own[1], made.primary)
        return made

    def interfaces(self, world: World) -> list[tuple[str, tuple[str, ...]]]:
        """(address, security groups) of every member."""
        return [
            (member.address, d.security_group_ids)
            for d in world.databases
            if d.id in self._clusters
            for member in self._clusters[d.id].members
        ]

    def peers(self) -> list[tuple[str, str]]:
        """The pairs that replicate."""
        standbys = [(c.primary.address, c.standby.address) for c in self._clusters.values() if c.standby]
        replicas = [(s.primary.address, c.primary.address) for c in self._clusters.values() if (s := self._source(c))]
        return standbys + replicas

    def _source(self, cluster: Cluster) -> Cluster | None:
        """Of a read replica."""
        return self._clusters.get(cluster.database.source_id or "")

    def endpoints(self) -> dict[str, str]:
        """Endpoint name -> the primary's address."""
        return {c.database.address: c.primary.address for c in self._clusters.values() if c.database.address}

    def states(self, world: World) -> dict[str, DatabaseState]:
        return {d.id: self._clusters[d.id].state() for d in world.databases if d.id in self._clusters}

    def backups(self, world: World) -> dict[str, Literal["creating", "available"]]:
        return {b.id: "available" if self._backups.there(b.id) else "creating" for b in world.backups}

    # making

    def reconcile(self, id_: str, world: World) -> None:
        """Make database ``id_``'s bodies as wanted, or remove them.

        Raises:
            NotReady: a member isn't up yet.
        """
        if not any(d.id == id_ for d in world.databases):
            return self._remove(id_)
        cluster = self._clusters.get(id_)
        if cluster is None:
            raise NotReady(f"database {id_} has no subnet yet")
        with cluster.lock:
            if cluster.in_doubt:
                return  # ``watch`` decides: a primary that may be dead is failed over from, not restarted
            self._failover.obey(cluster)
            if cluster.database.source_id:
                return self._replicas.follow(cluster, self._source(cluster))
            if cluster.follows:
                self._replicas.promote(cluster)
            if not cluster.takeover_possible:
                self._start_primary(cluster)
            self._servers.require_answer(cluster, cluster.primary)
            if not cluster.prepared:
                self._prepare(cluster)
            self._set_password(cluster)
            self._provide_standby(cluster, world)
            cluster.settled |= cluster.complete

    def _start_primary(self, cluster: Cluster) -> None:
        """A first one begins with the data of the backup that the instance is restored from, or empty."""
        restored = cluster.database.backup_id if not cluster.prepared else None
        self._servers.ensure(cluster, cluster.primary, self._backups.data(restored) if restored else None)

    def back_up(self, id_: str, world: World) -> None:
        """Take backup ``id_``, or forget it.

        Raises:
            NotReady: its database isn't up.
        """
        wanted = next((backup for backup in world.backups if backup.id == id_), None)
        if wanted is None:
            return self._backups.forget(id_)
        cluster = self._clusters.get(wanted.database_id)
        if self._backups.there(id_):
            return None
        if cluster is None or not cluster.prepared or cluster.primary.failures:
            raise NotReady(f"database {wanted.database_id} can't be backed up now")
        return self._backups.take(id_, cluster)

    def _remove(self, id_: str) -> None:
        cluster = self._clusters.pop(id_, None)
        if cluster is None:
            return
        with cluster.lock:
            for member in cluster.members:
                self._servers.discard(member)

    def _prepare(self, cluster: Cluster) -> None:
        """The roles and the database an RDS instance begins with. As there, the master user is no superuser."""
        database = cluster.database
        owner = identifier(database.username)
        roles = self._servers.sql(cluster, cluster.primary, "SELECT rolname FROM pg_roles").split()
        if "replicator" not in roles:
            self._servers.sql(cluster, cluster.primary, "CREATE ROLE replicator LOGIN REPLICATION")
        if database.username not in roles:
            self._servers.sql(cluster, cluster.primary, f"CREATE ROLE {owner} LOGIN CREATEDB CREATEROLE")
        present = self._servers.sql(cluster, cluster.primary, "SELECT datname FROM pg_database").split()
        if database.name and database.name not in present:
            create = f"CREATE DATABASE {identifier(database.name)} OWNER {owner}"
            self._servers.sql(cluster, cluster.primary, create)
        cluster.prepared = True

    def _set_password(self, cluster: Cluster) -> None:
        password = cluster.database.password
        digest = hashlib.sha256(password.encode()).hexdigest()
        if digest != cluster.verifier_of:
            role = identifier(cluster.database.username)
            verifier = scram_verifier(password)
            self._servers.sql(cluster, cluster.primary, f"ALTER ROLE {role} PASSWORD '{verifier}'")
            cluster.verifier_of = digest

    def _provide_standby(self, cluster: Cluster, world: World) -> None:
        """Have a synchronous standby where one is wanted: in another zone, and none that is cut off."""
        if not cluster.database.multi_az:
            cluster.standby_recovery = None
        standby = cluster.standby
        if standby and (not cluster.database.multi_az or (standby.hopeless and not cluster.synchronous)):
            self._failover.remove_standby(cluster, standby)
        if cluster.database.multi_az and not cluster.standby:
            self._add_standby(cluster, world)
        if cluster.standby:
            self._servers.ensure(cluster, cluster.standby)
            if not cluster.synchronous:
                self._failover.synchronise(cluster)
                zone = cluster.standby.subnet.zone
                log.info("database %s: the standby in %s is synchronous", cluster.database.id, zone)

    def _add_standby(self, cluster: Cluster, world: World) -> None:
        """None while every other zone is cut off: ``watch`` has it asked again."""
        away = (s for s in zones(cluster.database, world) if s.zone != cluster.primary.subnet.zone)
        if subnet := next((s for s in away if not cut_off(s, world)), None):
            cluster.standby = self._servers.member(cluster.database, subnet, cluster.primary)
            self._changed()
            self._failover.begin_recovery(cluster)

    # keeping

    def watch(self, world: World) -> set[str]:
        """Probe every member once and act on it; return the databases that need ``reconcile``."""
        needy = set()
        for cluster in list(self._clusters.values()):
            if not cluster.prepared or not cluster.lock.acquire(timeout=0):
                continue
            try:
                self._probe(cluster, world)
                self._failover.act(cluster)
                if any(member.failures for member in cluster.members) or not cluster.complete or self._strays(cluster):
                    needy.add(cluster.database.id)
            except EngineError as error:
                log.warning("database %s: %s", cluster.database.id, error)
            finally:
                cluster.lock.release()
        return needy

    def _strays(self, cluster: Cluster) -> bool:
        """Whether a read replica follows a primary that is none any more, or nobody though it still should."""
        source = self._source(cluster)
        return cluster.follows != (source.primary.address if source else None)

    def _probe(self, cluster: Cluster, world: World) -> None:
        """A primary whose body has ended is not asked first; a standby's may be about to begin."""
        for member in cluster.members:
            member.cut_off = cut_off(member.subnet, world)
            if member is cluster.primary and not self._servers.running(member):
                member.failures = max(member.failures + 1, FAILURES)
            elif not member.cut_off and self._servers.answers(cluster, member):
                member.failures = 0
            else:
                member.failures += 1

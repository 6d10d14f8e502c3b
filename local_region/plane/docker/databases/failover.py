"""Keeping a database up: a dead primary is failed over from, or restarted; a dead standby is let go.

An acknowledged write is on both members as long as the standby is synchronous. Only such a standby is ever promoted;
when it is lost instead, the primary goes on alone until a new one has caught up.
"""

from __future__ import annotations

from collections.abc import Callable

from local_region.plane.docker.databases.cluster import Cluster, Member
from local_region.plane.docker.databases.servers import Servers
from local_region.plane.docker.workqueue import NotReady
from local_region.world import Cause

PROMOTION = 10  # seconds that pg_promote may take
STANDBY = "standby"  # the name that a standby, and no read replica, connects with


class Failover:
    """Every method wants the cluster's lock held. ``moved`` is called when a database's name means another address."""

    def __init__(self, servers: Servers, moved: Callable[[], None]) -> None:
        self._servers = servers
        self._moved = moved

    # what the API asks for

    def obey(self, cluster: Cluster) -> None:
        """Do the failover and the reboot that were asked for since the last time.

        Raises:
            NotReady: it isn't done yet.
        """
        if cluster.failovers < cluster.database.failovers:
            self._fail_over_as_asked(cluster)
        if cluster.reboots < cluster.database.reboots:
            self._reboot(cluster)

    def _fail_over_as_asked(self, cluster: Cluster) -> None:
        standby = cluster.standby if cluster.synchronous else None
        if standby is None:  # RDS abandons it as well when another failover was just before
            cluster.failovers = cluster.database.failovers
            cluster.tell("failover abandoned")
        elif standby.failures:
            raise NotReady(f"the standby of {cluster.database.id} doesn't answer")
        else:
            self._fail_over(cluster, standby, "requested")

    def _reboot(self, cluster: Cluster) -> None:
        if cluster.away != "rebooting":
            cluster.away = "rebooting"
            self._servers.shut_down(cluster.primary)
            cluster.tell("shutdown")
        self._servers.ensure(cluster, cluster.primary)
        self._servers.require_answer(cluster, cluster.primary)
        cluster.away, cluster.primary.failures = None, 0
        cluster.reboots = cluster.database.reboots
        cluster.tell("restarted")

    # what happens by itself

    def act(self, cluster: Cluster) -> None:
        """Do what the last probes call for."""
        if cluster.away == "rebooting":
            return
        primary, standby = cluster.primary, cluster.standby if cluster.synchronous else None
        if primary.dead and standby and not standby.failures:
            self._fail_over(cluster, standby, self._cause(primary))
        elif primary.dead and not primary.cut_off and (standby is None or standby.dead):
            self._recover(cluster)
        elif standby and standby.dead and not primary.dead:
            self.let_go(cluster)
        if cluster.away == "recovering" and not cluster.primary.failures:
            cluster.away = None
            cluster.tell("restarted")
            cluster.tell("recovery completed")

    def _cause(self, primary: Member) -> Cause:
        if primary.cut_off:
            return "unreachable"
        return "unresponsive" if self._servers.running(primary) else "unhealthy"

    def _recover(self, cluster: Cluster) -> None:
        """Nobody can stand in for the primary: end it should it only hang, and ``reconcile`` starts it again."""
        if cluster.away is None:
            cluster.away = "recovering"
            cluster.tell("recovery started")
            self._servers.kill(cluster.primary)

    def _fail_over(self, cluster: Cluster, new: Member, cause: Cause) -> None:
        """Fence first: two primaries would each acknowledge writes. ``reconcile`` then makes a new standby, from
        nothing."""
        old = cluster.primary
        if cluster.failing_over is None:
            cluster.failing_over = cause
            cluster.tell("failover started")
        self._servers.kill(old)
        self._servers.sql(cluster, new, _awaiting("") + f"SELECT pg_promote(true, {PROMOTION});\n")
        cluster.primary, cluster.standby, cluster.synchronous = new, None, False
        cluster.away, cluster.failovers, cluster.standby_recovery = None, cluster.database.failovers, "due"
        self._moved()
        cluster.tell("restarted")
        cluster.tell("failover completed", cluster.failing_over)
        cluster.failing_over = None
        self._servers.discard(old)

    # replication

    def let_go(self, cluster: Cluster) -> None:
        """Have the primary acknowledge alone, until the standby has caught up or another one is there."""
        self._servers.sql(cluster, cluster.primary, _awaiting(""))
        cluster.synchronous, cluster.standby_recovery = False, "due"
        self.begin_recovery(cluster)

    def remove_standby(self, cluster: Cluster, standby: Member) -> None:
        """There is to be none, or another one, made from nothing."""
        self._servers.sql(cluster, cluster.primary, _awaiting(""))
        cluster.standby, cluster.synchronous = None, False
        self._servers.discard(standby)

    def begin_recovery(self, cluster: Cluster) -> None:
        if cluster.standby_recovery == "due":
            cluster.standby_recovery = "under way"
            cluster.tell("standby recovery started")

    def synchronise(self, cluster: Cluster) -> None:
        """Once the standby streams, no write is acknowledged without it.

        Raises:
            NotReady: it doesn't stream yet.
        """
        if cluster.standby:  # the copy that it begins with streams under its name too
            self._servers.require_answer(cluster, cluster.standby)
        self._require_replication(cluster, "state = 'streaming'")
        self._servers.sql(cluster, cluster.primary, _awaiting(STANDBY))
        self._require_replication(cluster, "sync_state = 'sync'")
        cluster.synchronous = True
        if cluster.standby:
            cluster.standby.caught_up = True
            cluster.standby.failures = 0
        if cluster.standby_recovery:
            cluster.standby_recovery = None
            cluster.tell("standby recovery completed")

    def _require_replication(self, cluster: Cluster, state: str) -> None:
        standbys = f"pg_stat_replication WHERE application_name = '{STANDBY}'"
        query = f"SELECT count(*) FROM {standbys} AND {state}"  # noqa: S608 - the words are this file's own
        if self._servers.sql(cluster, cluster.primary, query) == "0":
            raise NotReady(f"the standby of {cluster.database.id} is not there yet ({state})")


def _awaiting(names: str) -> str:
    """Statements after which a server awaits these standbys before it acknowledges a write; "" for none."""
    return f"ALTER SYSTEM SET synchronous_standby_names = '{names}';\nSELECT pg_reload_conf();\n"

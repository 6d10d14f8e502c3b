"""Read replicas: a server that follows another database's primary, whichever that is, until it is promoted."""

from __future__ import annotations

from local_region.plane.docker.databases.cluster import Cluster
from local_region.plane.docker.databases.postgres import following
from local_region.plane.docker.databases.servers import Servers
from local_region.plane.docker.workqueue import NotReady

PROMOTION = 10  # seconds that pg_promote may take


class Replicas:
    """Every method wants the replica's lock held."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def follow(self, cluster: Cluster, source: Cluster | None) -> None:
        """Have the replica copied from its source, and follow it, also after a failover.

        Raises:
            NotReady: one of the two isn't up yet.
        """
        if source is None or not source.prepared:
            raise NotReady(f"the source of {cluster.database.id} isn't up yet")
        self._servers.ensure(cluster, cluster.primary)
        self._servers.require_answer(cluster, cluster.primary)
        if cluster.follows != source.primary.address:
            self._servers.sql(cluster, cluster.primary, following(source.primary.address, source.database.port))
            cluster.follows = source.primary.address
        if not cluster.settled:
            self._require_stream(cluster)
        cluster.prepared = cluster.settled = True

    def _require_stream(self, cluster: Cluster) -> None:
        streams = "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'"
        if self._servers.sql(cluster, cluster.primary, streams) == "0":
            raise NotReady(f"{cluster.database.id} doesn't follow its source yet")

    def promote(self, cluster: Cluster) -> None:
        """Take writes. What it awaits was copied from its source."""
        self._servers.require_answer(cluster, cluster.primary)
        if self._servers.sql(cluster, cluster.primary, "SELECT pg_is_in_recovery()") == "t":
            alone = "ALTER SYSTEM SET synchronous_standby_names = '';\nSELECT pg_reload_conf();\n"
            self._servers.sql(cluster, cluster.primary, f"{alone}SELECT pg_promote(true, {PROMOTION});\n")
        cluster.follows = None

"""The bodies of a database's members: containers with a data volume, and SQL in them."""

from __future__ import annotations

import shutil
from pathlib import Path

from local_region.plane.docker.addresses import AddressBook
from local_region.plane.docker.ca import Authority, write_private
from local_region.plane.docker.databases.cluster import Cluster, Member
from local_region.plane.docker.databases.postgres import answers, configuration
from local_region.plane.docker.engine import Body, Engine, Leg, Mount, read_only
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.services import CONFIG
from local_region.plane.docker.workqueue import NotReady
from local_region.world import Database, Subnet

KIND = "db"
DATA = "/var/lib/postgresql/data"
PATIENCE = 15.0  # seconds that statements may take: whoever waits for a server that hangs can't fail over from it
FAST_SHUTDOWN = "SIGINT"  # sends the clients away; PostgreSQL would await them after SIGTERM


class Servers:
    """Makes, stops and asks members."""

    def __init__(self, layout: Layout, engine: Engine, authority: Authority, image: str, book: AddressBook) -> None:
        self._layout = layout
        self._engine = engine
        self._authority = authority
        self._image = image
        self._book = book
        self._made = 0

    def member(self, database: Database, subnet: Subnet, source: Member | None = None) -> Member:
        """A new member, a copy of ``source`` should there be one; it has an address but no body yet."""
        self._made += 1
        id_ = f"{database.id}-{self._made}"
        role = "standby" if source else "restored" if database.backup_id else "primary"
        return Member(id_, subnet, self._book.take(subnet, id_), role, source.address if source else None)

    def replica(self, database: Database, subnet: Subnet, source: Cluster) -> Member:
        """The server of a read replica, a copy of its source's primary."""
        member = self.member(database, subnet, source.primary)
        member.role, member.copied_from_port = "replica", source.database.port
        return member

    def ensure(self, cluster: Cluster, member: Member, data: Path | None = None) -> None:
        """Make the member's body, or start it. Its role, and the ``data`` to begin with, matter only to an empty data
        directory: a member keeps its body when it is promoted."""
        volume = self._engine.ensure_volume("dbdata", member.id)
        folder = self._folder(cluster, member)
        if not data:
            (folder / "data.tar.gz").unlink(missing_ok=True)
        elif not (folder / "data.tar.gz").exists():
            write_private(folder / "data.tar.gz", data.read_bytes())
        port = cluster.database.port
        source = {"PRIMARY": member.copied_from or "", "PRIMARY_PORT": str(member.copied_from_port or port)}
        environment = {"PGPORT": str(port), **source}
        legs = (Leg(member.subnet.id, member.address),)
        mounts = (read_only(folder, CONFIG), Mount(volume, DATA, volume=True))
        command = ("postgres", member.role)
        self._engine.ensure(
            Body(KIND, member.id, self._image, legs, command, environment, mounts, stop_signal=FAST_SHUTDOWN)
        )

    def _folder(self, cluster: Cluster, member: Member) -> Path:
        folder = self._layout.runtime_dir / "db" / member.id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (folder / "server.key").exists():
            # One certificate for both of its uses: the endpoint's name for clients, "replicator" towards the other
            # member.
            issued = self._authority.issue("replicator", cluster.database.address or member.id)
            write_private(folder / "server.crt", issued.certificate)
            write_private(folder / "server.key", issued.key)
            write_private(folder / "ca.crt", self._authority.pem)
            config = folder / "postgresql.conf"
            config.write_text(configuration(cluster.database.port))
        return folder

    def discard(self, member: Member) -> None:
        """Remove a member's body, its data and its address."""
        self._engine.remove(KIND, member.id)
        shutil.rmtree(self._layout.runtime_dir / "db" / member.id, ignore_errors=True)
        self._engine.remove_volume("dbdata", member.id)
        self._book.give_back(member.id)

    def running(self, member: Member) -> bool:
        found = self._engine.inspect(KIND, member.id)
        return bool(found and found["State"]["Running"])

    def kill(self, member: Member) -> None:
        """Stop a member at once: what it has not written by now it never will."""
        self._engine.kill(KIND, member.id)

    def shut_down(self, member: Member) -> None:
        """Stop a member in order."""
        self._engine.stop(KIND, member.id)

    def answers(self, cluster: Cluster, member: Member) -> bool:
        return answers(member.address, cluster.database.port)

    def require_answer(self, cluster: Cluster, member: Member) -> None:
        """
        Raises:
            NotReady: the member doesn't serve.
        """
        if not self.answers(cluster, member):
            raise NotReady(f"{member.id} doesn't answer yet")

    def copy_data(self, cluster: Cluster, member: Member, target: Path) -> None:
        """Write all of a member's data into a file, as one consistent whole."""
        how = ["-D", "-", "-F", "tar", "-X", "fetch", "-c", "fast", "-Z", "1"]
        command = ["pg_basebackup", *self._as_superuser(cluster), *how]
        self._engine.save(KIND, member.id, command, target, user="postgres")

    def _as_superuser(self, cluster: Cluster) -> list[str]:
        """Who can come in only from inside of the body."""
        return ["-h", "/run/postgresql", "-p", str(cluster.database.port), "-U", "rdsadmin"]

    def sql(self, cluster: Cluster, member: Member, statements: str) -> str:
        """Run statements as the superuser."""
        command = ["psql", *self._as_superuser(cluster), "-d", "postgres", "-qtAX", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        said = self._engine.run(KIND, member.id, command, statements.encode(), "postgres", PATIENCE)
        return said.strip()

"""RDS instances' bodies: PostgreSQL, with a synchronous standby in another zone where Multi-AZ is wanted.

An acknowledged write is on both members as long as the standby is synchronous. Only such a standby is ever promoted;
when it is lost instead, the primary goes on alone and the standby counts again once it has caught up.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

from local_region.plane.docker.addresses import AddressBook
from local_region.plane.docker.ca import Authority, write_private
from local_region.plane.docker.engine import Body, Engine, EngineError, Leg, Mount, read_only
from local_region.plane.docker.firewall import PROBE_MARK
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.services import CONFIG
from local_region.plane.docker.workqueue import NotReady
from local_region.world import Database, DatabaseState, Subnet, World

log = logging.getLogger(__name__)

PERIOD = 1.0  # seconds between two probes of a member
FAILURES = 3  # probes in a row that make a member count as dead
PROBE_TIMEOUT = 1.0  # seconds
# PostgreSQL's GSSENCRequest: answered by one byte, G or N, and not logged when the client then leaves.
GSS_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x30"
KIND = "db"


@dataclass
class Member:
    """One server of a database, in the subnet of its zone. ``generation`` counts the data directories it has had."""

    id: str
    subnet: Subnet
    address: str
    failures: int = 0
    generation: int = 1

    @property
    def body_id(self) -> str:
        return f"{self.id}-{self.generation}"


@dataclass
class Cluster:
    """What the plane knows of a database. ``synchronous`` is true from the moment no write is acknowledged without the
    standby."""

    database: Database
    primary: Member
    standby: Member | None = None
    prepared: bool = False
    synchronous: bool = False
    verifier_of: str | None = None  # digest of the master password that is set
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def members(self) -> list[Member]:
        return [self.primary, *([self.standby] if self.standby else [])]

    def state(self) -> DatabaseState:
        settled = self.prepared and (self.standby is None or self.synchronous)
        standby = self.standby.subnet.zone if self.standby else None
        return DatabaseState("available" if settled else "creating", self.primary.subnet.zone, standby)


def scram_verifier(password: str, salt: bytes | None = None, iterations: int = 4096) -> str:
    """What PostgreSQL keeps of a password (RFC 5803), so that the password itself never reaches the server."""
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    words = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${iterations}:{words[0]}${words[1]}:{words[2]}"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def configuration(port: int) -> str:
    """postgresql.conf of every member."""
    return f"""\
listen_addresses = '*'
port = {port}
hba_file = '/var/lib/postgresql/data/pg_hba.conf'
ident_file = ''
unix_socket_directories = '/run/postgresql'
ssl = on
ssl_cert_file = '/run/postgresql/tls/server.crt'
ssl_key_file = '/run/postgresql/tls/server.key'
ssl_ca_file = '/run/postgresql/tls/ca.crt'
password_encryption = 'scram-sha-256'
shared_buffers = 64MB
max_connections = 100
wal_level = replica
max_wal_senders = 5
wal_keep_size = 256MB
hot_standby = on
wal_retrieve_retry_interval = 200ms
wal_receiver_status_interval = 1s
wal_sender_timeout = 10s
tcp_user_timeout = 5000
log_destination = 'stderr'
log_min_error_statement = panic
"""


def probe(address: str, port: int) -> bool:
    """Whether a PostgreSQL server answers there. The mark lets the probe past the rule that keeps the host out of
    VPCs."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(PROBE_TIMEOUT)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, PROBE_MARK)
        try:
            connection.connect((address, port))
            connection.sendall(GSS_REQUEST)
            return connection.recv(1) in (b"G", b"N")
        except OSError:
            return False


class Databases:
    """All databases of a region. ``reconcile`` makes them; ``watch`` keeps them, and tells by ``moved`` that a name
    changed."""

    def __init__(self, layout: Layout, engine: Engine, authority: Authority, image: str, book: AddressBook) -> None:
        self._layout = layout
        self._engine = engine
        self._authority = authority
        self._image = image
        self._book = book
        self._clusters: dict[str, Cluster] = {}

    # what others need to know

    def plan(self, world: World) -> None:
        """Give every database its members' addresses, which the network needs before they run."""
        subnets = {subnet.id: subnet for subnet in world.subnets}
        for database in world.databases:
            found = self._clusters.get(database.id)
            if found:
                found.database = database
                continue
            zones = list({subnets[s].zone: subnets[s] for s in reversed(database.subnet_ids) if s in subnets}.values())[
                ::-1
            ]
            if not zones:
                continue
            chosen = zones[: 2 if database.multi_az else 1]
            members = [
                Member(f"{database.id}-{letter}", subnet, self._book.take(subnet, f"{database.id}-{letter}"))
                for letter, subnet in zip("ab", chosen, strict=False)
            ]
            self._clusters[database.id] = Cluster(database, members[0], members[1] if len(members) > 1 else None)

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
        return [(c.primary.address, c.standby.address) for c in self._clusters.values() if c.standby]

    def endpoints(self) -> dict[str, str]:
        """Endpoint name -> the primary's address."""
        return {c.database.address: c.primary.address for c in self._clusters.values() if c.database.address}

    def states(self, world: World) -> dict[str, DatabaseState]:
        return {d.id: self._clusters[d.id].state() for d in world.databases if d.id in self._clusters}

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
            if cluster.synchronous and cluster.primary.failures:
                return  # a primary that may be dead is failed over from, not restarted: ``watch`` decides
            if not cluster.synchronous:
                self._engine.ensure(self._body(cluster, cluster.primary, "primary"))
            self._require_answer(cluster, cluster.primary)
            if not cluster.prepared:
                self._prepare(cluster)
            self._set_password(cluster)
            if cluster.standby:
                self._engine.ensure(self._body(cluster, cluster.standby, "standby"))
                if not cluster.synchronous:
                    self._synchronise(cluster)

    def _remove(self, id_: str) -> None:
        cluster = self._clusters.pop(id_, None)
        if cluster is None:
            return
        with cluster.lock:
            for member in cluster.members:
                self._discard(member)
                self._book.give_back(member.id)

    def _discard(self, member: Member) -> None:
        """Remove a member's body and its data."""
        self._engine.remove(KIND, member.body_id)
        self._engine.remove_volume("dbdata", member.body_id)

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

    def _body(self, cluster: Cluster, member: Member, role: str) -> Body:
        """The role matters only to an empty data directory, so a member keeps its body when it is promoted."""
        data = self._engine.ensure_volume("dbdata", member.body_id)
        mounts = (
            read_only(self._folder(cluster, member), CONFIG),
            Mount(data, "/var/lib/postgresql/data", volume=True),
        )
        found = self._engine.inspect(KIND, member.body_id)
        if found:
            role = found["Config"]["Cmd"][1]
        environment = {"PGPORT": str(cluster.database.port)}
        if role == "standby":
            other = next(m for m in cluster.members if m is not member)
            environment["PRIMARY"] = other.address
        legs = (Leg(member.subnet.id, member.address),)
        return Body(KIND, member.body_id, self._image, legs, ("postgres", role), environment, mounts)

    def _require_answer(self, cluster: Cluster, member: Member) -> None:
        if not probe(member.address, cluster.database.port):
            raise NotReady(f"{member.id} doesn't answer yet")

    def _sql(self, cluster: Cluster, member: Member, statements: str) -> str:
        command = [
            "psql",
            "-h",
            "/run/postgresql",
            "-p",
            str(cluster.database.port),
            "-U",
            "rdsadmin",
            "-d",
            "postgres",
        ]
        command += ["-qtAX", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        return self._engine.run(KIND, member.body_id, command, stdin=statements.encode(), user="postgres").strip()

    def _prepare(self, cluster: Cluster) -> None:
        """The roles and the database an RDS instance begins with. As there, the master user is no superuser."""
        database = cluster.database
        owner = identifier(database.username)
        roles = self._sql(cluster, cluster.primary, "SELECT rolname FROM pg_roles").split()
        if "replicator" not in roles:
            self._sql(cluster, cluster.primary, "CREATE ROLE replicator LOGIN REPLICATION")
        if database.username not in roles:
            self._sql(cluster, cluster.primary, f"CREATE ROLE {owner} LOGIN CREATEDB CREATEROLE")
        present = self._sql(cluster, cluster.primary, "SELECT datname FROM pg_database").split()
        if database.name and database.name not in present:
            self._sql(cluster, cluster.primary, f"CREATE DATABASE {identifier(database.name)} OWNER {owner}")
        cluster.prepared = True

    def _set_password(self, cluster: Cluster) -> None:
        password = cluster.database.password
        digest = hashlib.sha256(password.encode()).hexdigest()
        if digest != cluster.verifier_of:
            role = identifier(cluster.database.username)
            self._sql(cluster, cluster.primary, f"ALTER ROLE {role} PASSWORD '{scram_verifier(password)}'")
            cluster.verifier_of = digest

    def _synchronise(self, cluster: Cluster) -> None:
        """Once the standby streams, no write is acknowledged without it."""
        streaming = self._sql(
            cluster, cluster.primary, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        )
        if streaming == "0":
            raise NotReady(f"the standby of {cluster.database.id} doesn't stream yet")
        self._wait_for_standby(cluster, "*")
        state = self._sql(
            cluster, cluster.primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        )
        if state == "0":
            raise NotReady(f"the standby of {cluster.database.id} isn't synchronous yet")
        cluster.synchronous = True
        log.info("database %s: the standby in %s is synchronous", cluster.database.id, cluster.members[1].subnet.zone)

    def _wait_for_standby(self, cluster: Cluster, names: str, member: Member | None = None) -> None:
        statement = f"ALTER SYSTEM SET synchronous_standby_names = '{names}';\nSELECT pg_reload_conf();\n"
        self._sql(cluster, member or cluster.primary, statement)

    # keeping

    def watch(self) -> tuple[bool, set[str]]:
        """Probe every member once; return whether a name moved, and the databases that need ``reconcile``."""
        moved, needy = False, set()
        for cluster in list(self._clusters.values()):
            if not cluster.prepared or not cluster.lock.acquire(timeout=PERIOD):
                continue
            try:
                for member in cluster.members:
                    alive = probe(member.address, cluster.database.port)
                    member.failures = 0 if alive else member.failures + 1
                moved |= self._act(cluster)
                if any(member.failures for member in cluster.members) or cluster.state().status != "available":
                    needy.add(cluster.database.id)
            except EngineError as error:
                log.warning("database %s: %s", cluster.database.id, error)
            finally:
                cluster.lock.release()
        return moved, needy

    def _act(self, cluster: Cluster) -> bool:
        """Fail over from a dead primary, or let go of a dead standby; True when the endpoint's name moved."""
        if not cluster.standby or not cluster.synchronous:
            return False
        primary_dead, standby_dead = (member.failures >= FAILURES for member in cluster.members)
        if primary_dead and not cluster.standby.failures:
            self._fail_over(cluster, cluster.standby)
            return True
        if standby_dead and not primary_dead:
            log.warning("database %s: the standby is lost, the primary goes on alone", cluster.database.id)
            self._wait_for_standby(cluster, "")
            cluster.synchronous = False
        return False

    def _fail_over(self, cluster: Cluster, new: Member) -> None:
        """Fence first: two primaries would each acknowledge writes. The old primary's data is then made anew as a
        standby's."""
        old = cluster.primary
        log.warning("database %s: failing over from %s to %s", cluster.database.id, old.subnet.zone, new.subnet.zone)
        self._engine.kill(KIND, old.body_id)
        self._wait_for_standby(cluster, "", new)
        self._sql(cluster, new, "SELECT pg_promote(true, 30)")
        cluster.primary, cluster.standby, cluster.synchronous = new, old, False
        self._discard(old)
        old.generation += 1
        old.failures = 0

    def fail_over(self, id_: str) -> bool:
        """Make the standby the primary now, as RebootDBInstance with ForceFailover does; False when there is none to
        take over."""
        cluster = self._clusters.get(id_)
        if cluster is None:
            return False
        with cluster.lock:
            if not cluster.synchronous or cluster.standby is None:
                return False
            self._fail_over(cluster, cluster.standby)
        return True

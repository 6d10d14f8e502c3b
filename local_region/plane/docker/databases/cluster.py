"""What the plane knows of a database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from local_region.plane.docker.network_acls import closes
from local_region.world import Cause, Database, DatabaseEvent, DatabaseState, Happening, Subnet, World

log = logging.getLogger(__name__)

HOPELESS = 60  # probes in a row after which a standby that hangs is made anew
FAILURES = 3  # probes in a row that make a member count as dead; one whose body has ended is so at once


@dataclass
class Member:
    """One server of a database, in the subnet of its zone, with a data directory of its own.

    ``cut_off``: its subnet's network ACL lets nothing pass, which is as good as dead. ``caught_up``: it was a
    synchronous standby once.
    """

    id: str
    subnet: Subnet
    address: str
    role: str = "primary"  # in which it began
    copied_from: str | None = None  # another member's address
    copied_from_port: int | None = None
    caught_up: bool = False
    failures: int = 0
    cut_off: bool = False

    @property
    def dead(self) -> bool:
        return self.failures >= FAILURES

    @property
    def hopeless(self) -> bool:
        """Whether another standby had better be made. One that is being made answers nobody, for however long."""
        return self.cut_off or (self.caught_up and self.failures >= HOPELESS)


@dataclass
class Cluster:
    """``synchronous`` is true while no write is acknowledged without the standby: only then may it take over.

    ``settled`` becomes true when everything asked for at creation is there, and stays. ``away`` says why the primary
    is down for a moment, ``failing_over`` why the standby is taking over, ``standby_recovery`` how far a new standby is
    after one was lost. ``follows`` is the address of the source's primary while it is a read replica.
    """

    database: Database
    primary: Member
    standby: Member | None = None
    prepared: bool = False
    synchronous: bool = False
    settled: bool = False
    failing_over: Cause | None = None
    away: Literal["rebooting", "recovering"] | None = None
    standby_recovery: Literal["due", "under way"] | None = None
    reboots: int = 0
    failovers: int = 0
    events: tuple[DatabaseEvent, ...] = ()
    follows: str | None = None
    verifier_of: str | None = None  # digest of the master password that is set
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def members(self) -> list[Member]:
        return [self.primary, *([self.standby] if self.standby else [])]

    @property
    def takeover_possible(self) -> bool:
        return self.synchronous and self.standby is not None and not self.standby.dead

    @property
    def in_doubt(self) -> bool:
        """Whether the primary may be dead, with a standby that would take over, or is out of reach."""
        doubtful = self.takeover_possible and self.primary.failures > 0 and self.away != "rebooting"
        return doubtful or self.primary.cut_off

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, a standby that can take over included. A read replica has none."""
        return self.prepared and (self.follows is not None or self.synchronous == self.database.multi_az)

    def state(self) -> DatabaseState:
        standby = self.standby if self.synchronous else None
        return DatabaseState(
            "available" if self.settled else "creating",
            self.primary.subnet.zone,
            standby.subnet.zone if standby else None,
            self.reboots,
            self.failovers,
            self.events,
        )

    def tell(self, what: Happening, cause: Cause | None = None) -> None:
        """Add to the events."""
        log.warning("database %s: %s%s", self.database.id, what, f" ({cause})" if cause else "")
        self.events += (DatabaseEvent(datetime.now(UTC), what, cause),)


def zones(database: Database, world: World) -> Iterator[Subnet]:
    """A subnet of each zone of the database's subnet group, in the group's order."""
    subnets = {subnet.id: subnet for subnet in world.subnets}
    seen = set()
    for id_ in database.subnet_ids:
        if id_ in subnets and subnets[id_].zone not in seen:
            seen.add(subnets[id_].zone)
            yield subnets[id_]


def cut_off(subnet: Subnet, world: World) -> bool:
    """Whether the subnet looks like one in a zone without power."""
    now = next((each for each in world.subnets if each.id == subnet.id), subnet)
    return any(closes(acl) for acl in world.network_acls if acl.id == now.network_acl_id)

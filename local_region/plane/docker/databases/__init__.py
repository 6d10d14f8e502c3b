"""RDS instances' bodies: PostgreSQL, with a synchronous standby in another zone where Multi-AZ is wanted."""

from local_region.plane.docker.databases.backups import Backups
from local_region.plane.docker.databases.databases import PERIOD, Databases
from local_region.plane.docker.databases.servers import Servers

__all__ = ["PERIOD", "Backups", "Databases", "Servers"]

"""RDS for PostgreSQL as AWS behaves: it takes its time, survives its servers, tells what happened, and refuses."""

from local_region.control.databases import (
    api,
    backups,
    events,
    lifecycle,
    parameters,
    passwords,
    reboots,
    replicas,
    subnet_groups,
)
from local_region.control.databases.lifecycle import step

__all__ = [
    "api",
    "backups",
    "events",
    "lifecycle",
    "parameters",
    "passwords",
    "reboots",
    "replicas",
    "step",
    "subnet_groups",
]

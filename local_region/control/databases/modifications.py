"""What a modification is told as while it goes on, and when it is done."""

from __future__ import annotations

from typing import Any

from local_region.control.databases.events import tell
from local_region.world import DatabaseState

# Attribute of an instance -> the event when a change of it begins; " finished" instead of " started" when it is done.
TOLD = {
    "db_instance_class": "class change started",
    "allocated_storage": "storage change started",
    "multi_az": "conversion started",
}


def noted(database: Any) -> dict[str, Any]:
    """What ``begin`` compares with."""
    return {name: getattr(database, name, None) for name in (*TOLD, "backup_retention_period")}


def begin(database: Any, before: dict[str, Any], request: Any) -> None:
    """Tell what changes."""
    database.changing = [name for name in TOLD if getattr(database, name, None) != before[name]]
    for name in database.changing:
        tell(database, _event(database, name))
    if request.get("master_user_password") or request.get("rotate_master_user_password"):
        tell(database, "credentials reset")
    kept, was_kept = database.backup_retention_period, before["backup_retention_period"]
    if bool(kept) != bool(was_kept):
        tell(database, "backups enabled" if kept else "backups disabled")


def _event(database: Any, name: str) -> str:
    prefix = "" if name != "multi_az" else "multi-az " if database.multi_az else "single-az "
    return prefix + TOLD[name]


def done(database: Any, body: DatabaseState | None) -> bool:
    """A conversion takes until the standby is there and synchronous, or gone."""
    if "multi_az" not in database.changing or database.engine != "postgres" or database.is_replica:
        return True  # a replica's body has no standby
    return body is not None and bool(body.standby_zone) == bool(database.multi_az)


def finish(database: Any) -> None:
    for name in database.changing:
        tell(database, _event(database, name).replace(" started", " finished"))
    database.changing = []

"""DB snapshots and automated backups hold real data, taken by the plane, and instances are restored from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBSnapshotAlreadyExistsError, InvalidParameterCombination, RDSClientError
from moto.rds.models import DBInstance, DBSnapshot, RDSBackend
from moto.rds.responses import RDSResponse

from local_region.control.databases.events import tell
from local_region.control.databases.passwords import master_password
from local_region.control.moment import Moment
from local_region.control.patching import around
from local_region.world import Backup

# What a restored instance doesn't take over from the one that was backed up (API_RestoreDBInstanceFromDBSnapshot): it
# stands in one zone, unprotected, and its password is no longer managed, unless the request says so. Tags it does.
NOT_RESTORED = {"multi_az": False, "deletion_protection": False, "manage_master_user_password": False}

# taking


@around(DBInstance, "save_automated_backup")
def wait_with_the_first_backup(original: Any, self: Any) -> None:
    """moto takes one while it creates the instance; RDS once the instance is there: ``back_up``."""
    if self.engine != "postgres":
        original(self)


def back_up(database: Any) -> None:
    """Take an automated backup, unless they are switched off."""
    if database.backup_retention_period:
        name = f"rds:{database.db_instance_identifier}-{datetime.now(UTC):%Y-%m-%d-%H-%M}"
        if name not in database.backend.database_snapshots:
            database.backend.create_db_snapshot(database.db_instance_identifier, name, "automated")


@around(RDSBackend, "create_db_snapshot")
def create(
    original: Any, self: Any, db_instance_identifier: str, db_snapshot_identifier: str, *options: Any, **more: Any
) -> Any:
    """Available once the plane has the data; the instance is "backing-up" meanwhile."""
    database = self.databases.get(db_instance_identifier)
    if database is None or database.engine != "postgres":
        return original(self, db_instance_identifier, db_snapshot_identifier, *options, **more)
    _require_available(database)
    snapshot = original(self, db_instance_identifier, db_snapshot_identifier, *options, **more)
    _begin(snapshot, database)
    database.status = "backing-up"
    return snapshot


def _require_available(database: Any) -> None:
    if database.status != "available":
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {database.db_instance_identifier} is not "
            "currently in the available state.",
        )


def _begin(snapshot: Any, database: Any) -> None:
    snapshot.status = "creating"
    snapshot.backup_id = "backup-" + secrets.token_hex(8)
    _remember(snapshot, database)
    tell(database, "backup started")
    tell(snapshot, f"{snapshot.snapshot_type} snapshot started")


def _remember(snapshot: Any, database: Any) -> None:
    """What moto makes a restored instance from is a copy of the instance."""
    vars(snapshot.database).update(NOT_RESTORED)
    snapshot.database.master_user_password = master_password(database)


def take_final_snapshot(database: Any, name: str | None) -> Any:
    """The snapshot that DeleteDBInstance asks for; None when it asks for none."""
    if not name:
        return None
    if name in database.backend.database_snapshots:
        raise DBSnapshotAlreadyExistsError(name)
    _require_available(database)
    return database.backend.create_db_snapshot(database.db_instance_identifier, name)


def _progress(snapshot: Any) -> int:
    return 0 if snapshot.status == "creating" else 100


DBSnapshot.percent_progress = property(_progress)


def step(moment: Moment) -> None:
    """Snapshots follow the plane's backups."""
    rds = moment.backends.rds
    for snapshot in list(rds.database_snapshots.values()):
        if snapshot.status == "creating" and moment.observed.backups.get(snapshot.backup_id) == "available":
            snapshot.status = "available"
            tell(snapshot, f"{snapshot.snapshot_type} snapshot finished")
            if database := rds.databases.get(snapshot.db_instance_identifier):
                tell(database, "backup finished")
                database.status = "available" if database.status == "backing-up" else database.status


def backups(rds: Any) -> Iterator[Backup]:
    """Every backup that there should be: one may have several snapshots, or be of an instance that is being made."""
    sources = {
        snapshot.backup_id: snapshot.db_instance_identifier
        for snapshot in rds.database_snapshots.values()
        if hasattr(snapshot, "backup_id")
    }
    for database in rds.databases.values():
        if database.status == "creating" and (made_from := getattr(database, "made_from", None)):
            sources.setdefault(made_from.backup_id, made_from.db_instance_identifier)
    return (Backup(*pair) for pair in sorted(sources.items()))


# copying and deleting


@around(RDSBackend, "copy_db_snapshot")
def copy(original: Any, self: Any, source_db_snapshot_identifier: str, *options: Any, **more: Any) -> Any:
    """Both snapshots have the same data."""
    source = self.get_db_snapshot(source_db_snapshot_identifier)
    _require_whole(source, "copy")
    target = original(self, source_db_snapshot_identifier, *options, **more)
    if hasattr(source, "backup_id"):
        target.backup_id = source.backup_id
        vars(target.database).update(vars(source.database))
    return target


def _require_whole(snapshot: Any, verb: str) -> None:
    if snapshot.status not in {"available", "failed"}:
        raise RDSClientError(
            "InvalidDBSnapshotState",
            f"Cannot {verb} the snapshot because it is not currently in the available or failed state.",
        )


def delete_db_snapshot(response: Any) -> ActionResult:
    """RDS itself deletes automated snapshots, through the backend; nobody else can."""
    name = response.params.get("DBSnapshotIdentifier")
    if snapshot := response.backend.database_snapshots.get(name):
        _require_whole(snapshot, "delete")
        if snapshot.snapshot_type == "automated":
            message = f"The snapshot {name} is an automated snapshot and cannot be deleted."
            raise RDSClientError("InvalidDBSnapshotState", message)
    deleted = response.backend.delete_db_snapshot(name)
    deleted.status = "deleted"
    tell(deleted, "snapshot deleted")
    return ActionResult({"DBSnapshot": deleted})


RDSResponse.delete_db_snapshot = delete_db_snapshot

# restoring


@around(RDSBackend, "restore_db_instance_from_db_snapshot")
def restore(original: Any, self: Any, from_snapshot_id: str, overrides: Any) -> Any:
    """The new instance begins with the data, the user and the password that the snapshot has."""
    snapshot = self.get_db_snapshot(from_snapshot_id)
    if not hasattr(snapshot, "backup_id"):
        return original(self, from_snapshot_id, overrides)
    if snapshot.status != "available":
        message = f"The DB snapshot {snapshot.db_snapshot_identifier} is not currently in the available state."
        raise RDSClientError("InvalidDBSnapshotState", message)
    return _made_from(snapshot, lambda: original(self, from_snapshot_id, overrides))


def _made_from(snapshot: Any, make: Callable[[], Any]) -> Any:
    database = make()
    database.made_from = snapshot
    database.birth = "restored from snapshot", {"snapshot": snapshot.db_snapshot_identifier}
    return database


@around(RDSBackend, "restore_db_instance_to_point_in_time")
def restore_to_now(
    original: Any, self: Any, source_db_identifier: str, target_db_identifier: str, overrides: Any
) -> Any:
    """From a backup of this moment, which is the latest restorable time: the region keeps no log to replay."""
    source = self.describe_db_instances(source_db_identifier)[0]
    if source.engine != "postgres":
        return original(self, source_db_identifier, target_db_identifier, overrides)
    _refuse_time(source, overrides)
    snapshot = DBSnapshot(self, source, f"latest-{secrets.token_hex(8)}", "automated")
    snapshot.backup_id = "backup-" + secrets.token_hex(8)
    _remember(snapshot, source)
    wanted = {**overrides, "db_instance_identifier": target_db_identifier}
    self.database_snapshots[snapshot.db_snapshot_identifier] = snapshot
    try:
        database = self.restore_db_instance_from_db_snapshot(snapshot.db_snapshot_identifier, wanted)
    finally:
        del self.database_snapshots[snapshot.db_snapshot_identifier]
    time = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S+0000}"
    database.birth = "restored to a time", {"source": source.db_instance_identifier, "time": time}
    return database


def _refuse_time(source: Any, request: Any) -> None:
    if not source.backup_retention_period:
        raise RDSClientError(
            "PointInTimeRestoreNotEnabled",
            f"The DB instance {source.db_instance_identifier} has a backup retention period of 0.",
        )
    if bool(request.get("restore_time")) == bool(request.get("use_latest_restorable_time")):
        raise InvalidParameterCombination("Specify either RestoreTime or UseLatestRestorableTime.")
    if request.get("restore_time"):
        message = "RestoreTime is not within the restorable times. The local region restores to the latest one only: "
        raise RDSClientError("InvalidRestoreFault", message + "use UseLatestRestorableTime.")
    if source.status not in {"available", "backing-up"}:
        message = f"Database instance: {source.db_instance_identifier} is not in available state."
        raise RDSClientError("InvalidDBInstanceState", message)

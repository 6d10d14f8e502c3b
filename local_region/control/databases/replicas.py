"""Read replicas: made from a source, promoted and deleted as on RDS. moto copies the source."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue, RDSClientError
from moto.rds.models import DBInstance, RDSBackend
from moto.rds.responses import RDSResponse

from local_region.control.databases.passwords import master_password
from local_region.control.patching import around

# What a replica takes over; the rest it has as any new instance (API_CreateDBInstanceReadReplica).
INHERITED = (
    "engine", "engine_version", "db_instance_class", "allocated_storage", "storage_type", "iops", "storage_encrypted",
    "kms_key_id", "port", "db_name", "master_username", "auto_minor_version_upgrade", "db_parameter_group_name",
    "license_model",
)  # fmt: skip
MANAGED = "ManageMasterUserPassword isn't supported for read replica"


def create_db_instance_read_replica(response: Any) -> ActionResult:
    replica = _create(response.backend, response.params)
    return ActionResult({"DBInstance": replica})


def _create(rds: Any, request: Any) -> Any:
    source = rds.describe_db_instances(request["SourceDBInstanceIdentifier"].lower())[0]
    _refuse_source(source)
    if request.get("db_parameter_group_name"):
        raise RDSClientError(
            "InvalidParameterCombination",
            "A parameter group can't be specified during Read Replica creation for the following DB engine: postgres",
        )
    inherited = {name: getattr(source, name, None) for name in INHERITED}
    asked = {name: request.get(name) for name in request if name != "source_db_instance_identifier"}
    group = getattr(source, "_db_subnet_group_name", None)
    settings = {
        **{name: value for name, value in inherited.items() if value is not None},
        "db_subnet_group_name": group,
        "master_user_password": master_password(source),
        **{name: value for name, value in asked.items() if value is not None},
        "backup_retention_period": 0,
    }
    replica = rds.create_db_instance({name: value for name, value in settings.items() if value is not None})
    replica.source_db_instance_identifier = source.db_instance_identifier
    replica.is_replica = True
    source.add_replica(replica)
    return replica


def _refuse_source(source: Any) -> None:
    if getattr(source, "master_user_secret", None):
        raise InvalidParameterValue(
            f"Creating read replicas for source instance with engine {source.engine} where ManageMasterUserPassword is "
            "enabled is not supported."
        )
    if source.status not in {"available", "backing-up"}:
        message = f"Database instance: {source.db_instance_identifier} is not in available state."
        raise RDSClientError("InvalidDBInstanceState", message)
    if not source.backup_retention_period:
        raise RDSClientError(
            "InvalidDBInstanceState",
            "Automated backups are not enabled for this database instance. To enable automated backups, use "
            "ModifyDBInstance to set the backup retention period to a non-zero value.",
        )


RDSResponse.create_db_instance_read_replica = create_db_instance_read_replica


def _status_infos(database: Any) -> list[dict[str, Any]]:
    if not database.is_replica:
        return []
    replicates = database.status != "creating"
    return [{"StatusType": "read replication", "Normal": True, "Status": "replicating" if replicates else "connecting"}]


DBInstance.status_infos = property(_status_infos)


@around(RDSBackend, "modify_db_instance")
def refuse_of_replicas_and_sources(
    original: Any, self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]
) -> Any:
    database = self.describe_db_instances(db_instance_identifier)[0]
    if database.is_replica and db_kwargs.get("manage_master_user_password"):
        raise InvalidParameterValue(MANAGED)
    if database.is_replica and db_kwargs.get("master_user_password"):
        raise InvalidParameterCombination(
            "Cannot change master user password on an RDS postgres Read Replica because it uses physical replication "
            "and therefore cannot differ from its parent."
        )
    if database.replicas and db_kwargs.get("backup_retention_period") == 0:
        message = "Backups cannot be disabled on a DB instance that is the source of read replicas."
        raise InvalidParameterCombination(message)
    return original(self, db_instance_identifier, db_kwargs)


@around(RDSBackend, "promote_read_replica")
def promote(original: Any, self: Any, request: Any) -> Any:
    """The replica is "modifying" until its body takes writes. Backups are kept for a day unless told otherwise."""
    database = self.describe_db_instances(request["db_instance_identifier"])[0]
    if not database.is_replica:
        raise RDSClientError("InvalidDBInstanceState", "DB Instance is not a read replica.")
    if database.status != "available":
        message = f"Database instance: {database.db_instance_identifier} is not in available state."
        raise RDSClientError("InvalidDBInstanceState", message)
    days = request.get("backup_retention_period")
    database.backup_retention_period = 1 if days is None else days
    if request.get("preferred_backup_window"):
        database.preferred_backup_window = request["preferred_backup_window"]
    _detach(self, database)
    database.changing = []
    database.status = "modifying"
    return database


def _detach(rds: Any, replica: Any) -> None:
    source = rds.databases.get(replica.source_db_instance_identifier)
    if source and replica.db_instance_identifier in source.replicas:
        source.remove_replica(replica)
    replica.is_replica = False
    replica.source_db_instance_identifier = None


@around(RDSBackend, "delete_db_instance")
def let_go(original: Any, self: Any, db_instance_identifier: str, **options: Any) -> Any:
    """No final snapshot of a replica; the replicas of a source become instances of their own."""
    database = self.describe_db_instances(db_instance_identifier)[0]
    if database.is_replica and options.get("final_db_snapshot_identifier"):
        message = "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance"
        raise InvalidParameterCombination(message)
    deleted = original(self, db_instance_identifier, **options)
    for name in list(database.replicas):
        _detach(self, self.databases[name])
    return deleted

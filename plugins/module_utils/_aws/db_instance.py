# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The RDS calls that make, change and delete an instance; those of its groups have files of their own.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import db_parameter_group, db_subnet_group
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.db_states import (
    describe,
    modify,
    put_tags,
    refuse_living,
    restart_is_due,
    status_of,
    until_applied,
    until_gone,
    until_ready,
    when_possible,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    RESTART_DUE,
    RESTARTED,
    WAITS_FOR_RESTART,
    parameter_status,
    version,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_settings import (
    CREATED_ONLY,
    GP3_LARGE,
    MODIFIED,
    MODIFY_MEMBERS,
    NOT_A_REPLICAS,
    SET_LATER,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

KIND = "DB instance"
# Members of ModifyDBInstance that PendingModifiedValues calls otherwise.
PENDING_NAMES = {
    "DBPortNumber": "Port",
    "CloudwatchLogsExportConfiguration": "PendingCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "ManageMasterUserPassword": "MasterUserPassword",
}


def preflight(session: Session, plan: Plan) -> None:
    for change in plan:
        if (change.kind, change.action) == (KIND, "delete"):
            _refuse_orphans(change)
        if (change.kind, change.action) == (KIND, "create") and change.after.get("source_db_instance"):
            _refuse_source(session, change.after["source_db_instance"])


def _refuse_orphans(change: Change) -> None:
    """RDS makes an instance of its own of each replica that loses its source, which then takes writes."""
    if change.have.replicas:
        raise StackError(
            f"{KIND} {change.name}: it has the read replicas {', '.join(change.have.replicas)}, which would become "
            "instances of their own. Delete them first (state: absent), or promote them (source_db_instance: '')."
        )


def _refuse_source(session: Session, name: str) -> None:
    """What RDS makes no replica of; a source in another region is left to it."""
    if name.startswith("arn:"):
        return
    source = describe(session, name)
    if source is None:
        raise StackError(f"source_db_instance: {name!r} is not there. Correct the name, or make it first.")
    if source.get("MasterUserSecret"):
        raise StackError(
            f"source_db_instance: {name!r} can have no read replica while RDS keeps its password. "
            "Give it master_user_secret_id, a secret with the password."
        )
    if not source.get("BackupRetentionPeriod"):
        raise StackError(
            f"source_db_instance: {name!r} can have no read replica, as it has no backups. "
            "Give it a backup_retention_period of 1 or more."
        )


def create(session: Session, change: Change) -> None:
    replica = change.after.get("source_db_instance")
    make = _replica_maker(session, change) if replica else _maker(session, change)

    def call() -> None:
        session.answers[KIND, change.name] = make()

    with ignoring("DBInstanceAlreadyExists"):
        call()
        return _set_later(session, change) if replica else None
    refuse_living(change.name, status_of(session, change.name))
    until_gone(session, change.name)
    call()
    return _set_later(session, change) if replica else None


def _maker(session: Session, change: Change) -> Callable[[], Any]:
    request = _creation(change)
    if not request.get("ManageMasterUserPassword", True):
        request["MasterUserPassword"] = _own_password(session)
        del request["ManageMasterUserPassword"]
    return lambda: _when_seen(
        session, request, lambda: session.client("rds").create_db_instance(DBInstanceIdentifier=change.name, **request)
    )


def _creation(change: Change) -> dict[str, Any]:
    members = {**CREATED_ONLY, **MODIFIED}
    request = {member: change.after[option] for option, member in members.items() if option in change.after}
    if not request.get("MaxAllocatedStorage"):
        request.pop("MaxAllocatedStorage", None)
    if change.want.availability_zone is not UNSET:
        request["AvailabilityZone"] = change.want.availability_zone
    request["Tags"] = tags.to_api(change.after.get("tags") or {})
    return request


def _own_password(session: Session) -> str:
    """The password in the secret that the options name."""
    name = session.params["master_user_secret_id"]
    value = session.client("secretsmanager").get_secret_value(SecretId=name).get("SecretString") or ""
    try:
        return str(json.loads(value)["password"])
    except (ValueError, KeyError, TypeError):
        raise StackError(
            f"master_user_secret_id: {name!r} holds no JSON object with the key password. Put it there."
        ) from None


def _when_seen(session: Session, request: dict[str, Any], call: Callable[[], Any]) -> Any:
    """What was made just now RDS may not see yet; a role of IAM's takes longest."""
    patience = PROPAGATION if request.get("MonitoringRoleArn") else ACROSS_SERVICES
    return retried(call, _is_unseen, min(patience, session.wait_timeout))


def _is_unseen(error: Exception) -> bool:
    return code(error) in ("DBSubnetGroupNotFoundFault", "DBParameterGroupNotFound") or (
        code(error) == "InvalidParameterValue" and "ENHANCED_MONITORING" in str(error)
    )


def _replica_maker(session: Session, change: Change) -> Callable[[], Any]:
    """RDS takes a source of the same region by name, and one of another by ARN."""
    client, source = session.client("rds"), change.after["source_db_instance"]
    request = {member: value for member, value in _creation(change).items() if member not in NOT_A_REPLICAS}
    region = source.split(":")[3] if source.startswith("arn:") else client.meta.region_name
    if region == client.meta.region_name:
        source = source.rsplit(":", 1)[-1]
    else:
        request["SourceRegion"] = region

    def ask() -> Any:
        return client.create_db_instance_read_replica(
            DBInstanceIdentifier=change.name, SourceDBInstanceIdentifier=source, **request
        )

    def make() -> Any:
        answers: list[Any] = []
        when_possible(session, source, lambda: answers.append(_when_seen(session, request, ask)))
        return answers[0]

    return make


def _set_later(session: Session, change: Change) -> None:
    """CreateDBInstanceReadReplica has no backups, windows and parameters: they are set once the replica is there."""
    request = {MODIFIED[option]: change.after[option] for option in SET_LATER if option in change.after}
    if request and not session.wait:
        session.left.append(f"{', '.join(sorted(request))} of {KIND} {change.name} is still to be set")
    elif request:
        until_ready(session, change.name, lambda instance: None)
        modify(session, change.name, ApplyImmediately=True, **request)
        until_applied(session, change.name, set(request))


def update(session: Session, change: Change) -> None:
    if "source_db_instance" in change.after:
        _promote(session, change)
    request = _modification(session, change)
    if request:
        immediately = {"ApplyImmediately": session.params["apply_immediately"]}
        _when_seen(session, request, lambda: modify(session, change.name, **immediately, **request))
        if session.wait and session.params["apply_immediately"]:
            until_applied(session, change.name, {PENDING_NAMES.get(member, member) for member in request})
    put_tags(session, change.have.arn, change)
    _restart(session, change)


def _promote(session: Session, change: Change) -> None:
    """PromoteReadReplica keeps backups for one day where it isn't told otherwise, also of a replica that has them."""
    days = change.have.backup_retention_period or None
    if change.want.backup_retention_period is not UNSET:
        days = change.want.backup_retention_period
    request = {} if days is None else {"BackupRetentionPeriod": days}
    when_possible(
        session,
        change.name,
        lambda: session.client("rds").promote_read_replica(DBInstanceIdentifier=change.name, **request),
    )
    until_ready(session, change.name, _still_replica)


def _still_replica(instance: dict[str, Any]) -> str | None:
    return "it is still a read replica" if instance.get("ReadReplicaSourceDBInstanceIdentifier") else None


def _restart(session: Session, change: Change) -> None:
    """Without a failover: a reboot with one doesn't apply the parameters of another group (ModifyDBInstance)."""
    if change.after.get("reboot") == RESTART_DUE and session.wait:
        restart_is_due(session, change.name)  # so that the result tells it
    if change.after.get("reboot") != RESTARTED or not restart_is_due(session, change.name):
        return
    when_possible(
        session, change.name, lambda: session.client("rds").reboot_db_instance(DBInstanceIdentifier=change.name)
    )
    if session.wait:
        until_ready(session, change.name, _still_waits)


def _still_waits(instance: dict[str, Any]) -> str | None:
    waits = parameter_status(instance) == WAITS_FOR_RESTART
    return "its parameters still wait for a restart" if waits else None


def _modification(session: Session, change: Change) -> dict[str, Any]:
    """The members of ModifyDBInstance for what changes."""
    after = {**change.after, **_companions(change)}
    request = {member: after[option] for option, member in MODIFY_MEMBERS.items() if option in after}
    if "MaxAllocatedStorage" in request and not request["MaxAllocatedStorage"]:
        # AWS: storage autoscaling is turned off by a limit that is the size itself.
        request["MaxAllocatedStorage"] = after.get("allocated_storage", change.have.allocated_storage)
    if "EnableCloudwatchLogsExports" in request:
        wanted, there = (
            set(request.pop("EnableCloudwatchLogsExports")),
            set(change.have.enabled_cloudwatch_logs_exports),
        )
        exports = {"EnableLogTypes": sorted(wanted - there), "DisableLogTypes": sorted(there - wanted)}
        request["CloudwatchLogsExportConfiguration"] = {key: types for key, types in exports.items() if types}
    if request.get("ManageMasterUserPassword") is False:
        request["MasterUserPassword"] = _own_password(session)
    if "source_db_instance" in change.after:
        request.pop("BackupRetentionPeriod", None)
    if "EngineVersion" in request and version(request["EngineVersion"])[0] != version(change.have.engine_version)[0]:
        request["AllowMajorVersionUpgrade"] = True
    return request


def _companions(change: Change) -> dict[str, Any]:
    """What RDS wants with what changes, even where it stays."""
    companions = _volume(change)
    if change.after.get("monitoring_interval", change.have.monitoring_interval):
        companions |= _kept_together(change, "monitoring_interval", "monitoring_role_arn")
    if "database_insights_mode" in change.after:
        companions |= _kept_together(
            change, "database_insights_mode", "performance_insights", "performance_insights_retention_period"
        )
    return companions


def _kept_together(change: Change, *options: str) -> dict[str, Any]:
    if not change.after.keys() & set(options):
        return {}
    values = {option: change.after.get(option, getattr(change.have, option)) for option in options}
    return {option: value for option, value in values.items() if value is not None and value is not UNSET}


def _volume(change: Change) -> dict[str, Any]:
    """RDS wants the size and the IOPS of a volume with provisioned IOPS together, even where one of them stays."""
    together = ("storage_type", "allocated_storage", "iops")
    if not change.after.keys() & set(together):
        return {}
    volume = {option: change.after.get(option, getattr(change.have, option)) for option in together}
    grows_over = change.have.allocated_storage < GP3_LARGE <= volume["allocated_storage"]
    if volume["storage_type"] == "gp3" and (volume["allocated_storage"] < GP3_LARGE or grows_over):
        return {}
    if volume["storage_type"] == "gp2":
        return {}
    return {option: value for option, value in volume.items() if option != "storage_type" and value}


def delete(session: Session, change: Change) -> None:
    params = session.params
    without = bool(params["skip_final_snapshot"] or change.have.source_db_instance)  # RDS takes none of a replica
    request: dict[str, Any] = {"SkipFinalSnapshot": without}
    if not without:
        request["FinalDBSnapshotIdentifier"] = params["final_snapshot_identifier"] or _final_snapshot(change.name)
    if params["delete_automated_backups"] is not None:
        request["DeleteAutomatedBackups"] = params["delete_automated_backups"]
    if change.have.deletion_protection:
        modify(session, change.name, DeletionProtection=False, ApplyImmediately=True)
    with ignoring("DBInstanceNotFound"):
        when_possible(
            session,
            change.name,
            lambda: session.client("rds").delete_db_instance(DBInstanceIdentifier=change.name, **request),
        )


def _final_snapshot(name: str) -> str:
    return f"{name}-final-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}"


OPERATIONS: dict[tuple[str, str], Operation] = {
    (KIND, "create"): create,
    (KIND, "update"): update,
    (KIND, "delete"): delete,
    **db_subnet_group.OPERATIONS,
    **db_parameter_group.OPERATIONS,
}

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An RDS instance of PostgreSQL with its DB subnet group. Sizes are GiB, throughput is MiB/s.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import db_parameter_group, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_settings import (
    ASSUMED,
    CREATED_ONLY,
    DEFAULTS,
    DESCRIBED,
    MODIFIED,
    PLACED,
    REPLICA_DEFAULTS,
    STRUCTURED,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_parameter_group import ParameterGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

STATUSES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html"
ABSENT = "absent"  # no status of RDS's: there is only the subnet group
DELETING = "deleting"
# RDS serves connections in these; what goes on may take hours (storage-optimization) and needs no waiting for.
READY = frozenset(
    {
        "available",
        "backing-up",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "storage-config-upgrade",
        "storage-initialization",
        "storage-optimization",
    }
)
# RDS doesn't come out of these by itself. The states that begin with incompatible- are of the same kind.
FAILED = frozenset(
    {
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "insufficient-capacity",
        "restore-error",
        "stopped",
        "storage-full",
    }
)
RESTART_DUE, RESTARTED = "due", "done"
WAITS_FOR_RESTART = "pending-reboot"  # parameters of the instance's group
# RDS can't snapshot an instance in these, so it deletes it only without a final snapshot.
WITHOUT_SNAPSHOT = frozenset({"failed", "incompatible-restore", "incompatible-network"})


@dataclass(frozen=True)
class Endpoint(Model):
    address: Any = KNOWN_AFTER_APPLY
    port: Any = KNOWN_AFTER_APPLY


@dataclass(frozen=True)
class SubnetGroup(Model):
    name: str
    subnet_ids: Any = UNSET
    description: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    vpc_id: str = identity()


@dataclass(frozen=True)
class DbInstance(Model):
    """``reboot`` says in the plan what comes of parameters that take effect when the engine starts: RESTART_DUE or
    RESTARTED. ``secret_expected``: RDS is to keep the master user's password. ``own_parameter_groups`` are those to be
    deleted with the instance."""

    name: str
    engine: Any = UNSET
    engine_version: Any = UNSET
    instance_class: Any = UNSET
    allocated_storage: Any = UNSET
    max_allocated_storage: Any = UNSET
    storage_type: Any = UNSET
    iops: Any = UNSET
    storage_throughput: Any = UNSET
    storage_encrypted: Any = UNSET
    kms_key_id: Any = UNSET
    multi_az: Any = UNSET
    db_name: Any = UNSET
    port: Any = UNSET
    master_username: Any = UNSET
    manage_master_user_password: Any = UNSET
    master_user_secret_kms_key_id: Any = UNSET
    subnet_group_name: Any = UNSET
    security_group_ids: Any = UNSET
    backup_retention_period: Any = UNSET
    backup_window: Any = UNSET
    maintenance_window: Any = UNSET
    auto_minor_version_upgrade: Any = UNSET
    deletion_protection: Any = UNSET
    publicly_accessible: Any = UNSET
    copy_tags_to_snapshot: Any = UNSET
    performance_insights: Any = UNSET
    performance_insights_retention_period: Any = UNSET
    performance_insights_kms_key_id: Any = UNSET
    enabled_cloudwatch_logs_exports: Any = UNSET
    parameter_group_name: Any = UNSET
    ca_certificate_identifier: Any = UNSET
    iam_database_authentication: Any = UNSET
    monitoring_interval: Any = UNSET
    monitoring_role_arn: Any = UNSET
    database_insights_mode: Any = UNSET
    network_type: Any = UNSET
    engine_lifecycle_support: Any = UNSET
    source_db_instance: Any = UNSET
    reboot: Any = field(default=UNSET, metadata={"fact": False})
    tags: Any = UNSET
    subnet_group: Any = children(UNSET)
    parameter_group: Any = children(UNSET)
    arn: str = identity()
    resource_id: str = identity()
    status: str = identity()
    endpoint: Endpoint = identity(default=Endpoint())
    zone: Any = identity()
    secondary_zone: Any = identity()
    vpc_id: Any = identity()
    master_user_secret_arn: Any = identity()
    pending_changes: Any = identity(default=())
    pending_reboot: Any = identity(default=False)
    replicas: Any = identity(default=())
    replication: Any = identity(default=None)
    availability_zone: Any = hidden()
    own_parameter_groups: Any = hidden(())
    secret_expected: Any = hidden(True)
    security_groups_changing: Any = hidden(())
    events: Any = hidden(())


def from_params(params: Mapping[str, Any]) -> DbInstance:
    """Identifiers are stored by RDS in lower case. The master user's password is always in Secrets Manager."""
    plain = {*CREATED_ONLY, *MODIFIED, *PLACED} - {"manage_master_user_password", "subnet_group_name"}
    options = {option: given(params[option]) for option in plain}
    for option in ("security_group_ids", "enabled_cloudwatch_logs_exports"):
        options[option] = given(_unordered(params[option]))
    if params["maintenance_window"] is not None:
        options["maintenance_window"] = params["maintenance_window"].lower()
    group, parameters = _subnet_group(params), db_parameter_group.from_params(params)
    named = given(_lower(params["parameter_group_name"]))
    options["parameter_group_name"] = parameters.name if parameters else named
    return DbInstance(
        name=params["name"].lower(),
        **options,
        manage_master_user_password=params["master_user_secret_id"] is None,
        source_db_instance=given(_source(params["source_db_instance"])),
        parameter_group=parameters,
        tags=given(tags.from_params(params["tags"])),
        subnet_group=group,
        subnet_group_name=group.name if group else given(_lower(params["subnet_group_name"])),
    )


def _source(name: str | None) -> str | None:
    """An ARN names an instance of another region; its parts have the case that AWS gave them."""
    return name if name is None or name.startswith("arn:") else name.lower()


def _subnet_group(params: Mapping[str, Any]) -> Any:
    group, name = params["subnet_group"], params["name"].lower()
    if group is None:
        return UNSET
    return SubnetGroup(
        name=_lower(group.get("name")) or name,
        subnet_ids=_unordered(group["subnet_ids"]),
        description=given(group.get("description")),
        tags=given(tags.from_params(params["tags"])),
    )


def own_subnet_group(params: Mapping[str, Any]) -> str | None:
    """The name of the DB subnet group that is this module's to make and delete; None where an existing one is used."""
    if params["subnet_group"] is not None:
        return _lower(params["subnet_group"].get("name")) or str(params["name"]).lower()
    absent = params["state"] == "absent" and params["subnet_group_name"] is None
    return str(params["name"]).lower() if absent else None


def created(want: DbInstance) -> DbInstance:
    """``want`` with what a new instance has where it isn't given. A replica takes after its source."""
    defaults = REPLICA_DEFAULTS if want.source_db_instance else DEFAULTS
    missing = {option: value for option, value in defaults.items() if getattr(want, option) is UNSET}
    if want.source_db_instance:
        return replace(want, **missing, engine=UNSET, engine_version=UNSET, manage_master_user_password=UNSET)
    return replace(want, **missing, source_db_instance=UNSET)


def version(engine_version: str) -> tuple[int, int | None]:
    """(16, 4) for 16.4, (16, None) for 16. What RDS adds to a minor version, as in 11.22-rds.20240418, is left out."""
    found = re.match(r"(\d+)(?:\.(\d+))?", engine_version)
    major, minor = found.groups() if found else ("0", None)
    return int(major), None if minor is None else int(minor)


def serves(wish: str, actual: str) -> bool:
    """Whether an instance of version ``actual`` is what ``wish`` asks for: the same major, and no older minor version.

    Newer minor versions come by themselves (auto_minor_version_upgrade), and RDS can't go back.
    """
    (major, minor), (actual_major, actual_minor) = version(wish), version(actual)
    return major == actual_major and (minor is None or minor <= (actual_minor or 0))


def from_api(
    instance: Mapping[str, Any],
    group: SubnetGroup | None,
    events: Iterable[str],
    parameters: ParameterGroup | None = None,
) -> DbInstance:
    """From a DBInstance of DescribeDBInstances. A value that is still to be applied counts as the actual one."""
    coming = instance.get("PendingModifiedValues") or {}
    return DbInstance(
        name=instance["DBInstanceIdentifier"],
        **_settings(instance, coming),
        tags=tags.from_api(instance.get("TagList")),
        subnet_group=group if group else UNSET,
        parameter_group=parameters if parameters else UNSET,
        **_state(instance),
        pending_changes=tuple(sorted(coming)),
        events=tuple(events),
    )


def _settings(instance: Mapping[str, Any], coming: Mapping[str, Any]) -> dict[str, Any]:
    now, secret = {**instance, **coming}, instance.get("MasterUserSecret") or {}
    memberships = instance.get("VpcSecurityGroups") or []
    return {
        **{
            option: now.get(member, ASSUMED.get(option))
            for option, member in DESCRIBED.items()
            if option not in STRUCTURED
        },
        "max_allocated_storage": now.get("MaxAllocatedStorage") or 0,
        "port": coming.get("Port") or (instance.get("Endpoint") or {}).get("Port"),
        "manage_master_user_password": bool(secret),
        "master_user_secret_kms_key_id": secret.get("KmsKeyId"),
        "subnet_group_name": (instance.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "security_group_ids": _unordered(each["VpcSecurityGroupId"] for each in memberships if _stays(each)),
        "enabled_cloudwatch_logs_exports": _log_exports(instance, coming),
        "parameter_group_name": _parameters_applied(instance).get("DBParameterGroupName"),
        "monitoring_interval": instance.get("MonitoringInterval") or 0,
        "source_db_instance": instance.get("ReadReplicaSourceDBInstanceIdentifier") or "",
        "reboot": RESTART_DUE if parameter_status(instance) == WAITS_FOR_RESTART else None,
    }


def _state(instance: Mapping[str, Any]) -> dict[str, Any]:
    changing = (each for each in instance.get("VpcSecurityGroups") or [] if each["Status"] != "active")
    return {
        "arn": instance["DBInstanceArn"],
        "resource_id": instance.get("DbiResourceId", ""),
        "status": instance["DBInstanceStatus"],
        "endpoint": _endpoint(instance),
        "zone": instance.get("AvailabilityZone"),
        "secondary_zone": instance.get("SecondaryAvailabilityZone"),
        "vpc_id": (instance.get("DBSubnetGroup") or {}).get("VpcId"),
        "master_user_secret_arn": (instance.get("MasterUserSecret") or {}).get("SecretArn"),
        "pending_reboot": parameter_status(instance) == WAITS_FOR_RESTART,
        "replicas": _unordered(instance.get("ReadReplicaDBInstanceIdentifiers") or ()),
        "replication": next((each["Status"] for each in instance.get("StatusInfos") or ()), None),
        "secret_expected": not instance.get("ReadReplicaSourceDBInstanceIdentifier"),
        "security_groups_changing": tuple(each["VpcSecurityGroupId"] for each in changing),
    }


def _parameters_applied(instance: Mapping[str, Any]) -> Mapping[str, str]:
    """The DBParameterGroupStatus that counts: an upgrade has the group of the version it leaves besides."""
    groups = instance.get("DBParameterGroups") or ()
    return next((each for each in groups if each.get("ParameterApplyStatus") != "removing"), {})


def parameter_status(instance: Mapping[str, Any]) -> str | None:
    """RDS's word for how far the parameters of a DBInstance's group have been applied."""
    return _parameters_applied(instance).get("ParameterApplyStatus")


def subnet_group_arn(instance_arn: str, name: str) -> str:
    """arn:aws:rds:REGION:ACCOUNT:db:NAME -> arn:aws:rds:REGION:ACCOUNT:subgrp:NAME.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.ARN.Constructing.html
    """
    return f"{instance_arn.rsplit(':', 2)[0]}:subgrp:{name}"


def subnet_group_from_api(group: Mapping[str, Any], arn: str, group_tags: list[Mapping[str, str]]) -> SubnetGroup:
    """From a DBSubnetGroup of DescribeDBSubnetGroups or DescribeDBInstances, its ARN and its tags."""
    return SubnetGroup(
        name=group["DBSubnetGroupName"],
        subnet_ids=_unordered(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
        description=group["DBSubnetGroupDescription"],
        tags=tags.from_api(group_tags),
        arn=arn,
        vpc_id=group["VpcId"],
    )


def without_instance(name: str, group: SubnetGroup | None, parameters: ParameterGroup | None = None) -> DbInstance:
    """What is there when an earlier run got no further than the groups."""
    return DbInstance(name=name, status=ABSENT, subnet_group=group or UNSET, parameter_group=parameters or UNSET)


def same_source(want: str, have: str) -> bool:
    """RDS tells the ARN of a source in another region, and the name of one in the same, whichever it was given."""
    return want == have or want.rsplit(":", 1)[-1] == have


def _endpoint(instance: Mapping[str, Any]) -> Endpoint:
    """RDS tells none before the instance was available once."""
    endpoint = instance.get("Endpoint") or {}
    return Endpoint(endpoint.get("Address"), endpoint.get("Port"))


def _stays(membership: Mapping[str, str]) -> bool:
    return membership["Status"] not in ("removing", "removed")


def _log_exports(instance: Mapping[str, Any], coming: Mapping[str, Any]) -> tuple[str, ...]:
    change = coming.get("PendingCloudwatchLogsExports") or {}
    exported = {*(instance.get("EnabledCloudwatchLogsExports") or ()), *(change.get("LogTypesToEnable") or ())}
    return tuple(sorted(exported - {*(change.get("LogTypesToDisable") or ())}))


def _unordered(values: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(sorted(values))


def _lower(name: str | None) -> str | None:
    return None if name is None else name.lower()


def has_failed(status: str) -> bool:
    return status in FAILED or status.startswith("incompatible-")


def pending(instance: DbInstance) -> str | None:
    """Ready is an instance that takes connections; the newest events tell how far it is."""
    if instance.status == ABSENT:
        return "it can't be seen yet"
    if has_failed(instance.status):
        raise StackError(
            f"DB instance {instance.name}: its status is {instance.status}, and RDS doesn't change that by itself"
            f"{_told(instance)}. What it means stands at {STATUSES}; mend it, and run this again."
        )
    if instance.status not in READY:
        return f"its status is {instance.status}{_told(instance)}"
    if not instance.endpoint.address:
        return "it has no endpoint yet"
    if instance.security_groups_changing:
        return f"its security groups {', '.join(instance.security_groups_changing)} are being changed"
    if instance.secret_expected and not instance.master_user_secret_arn:
        return "the secret with its master user's password can't be seen yet"
    return None


def remaining(instance: DbInstance) -> str:
    if instance.status == ABSENT and instance.subnet_group:
        return f"DB subnet group {instance.subnet_group.name} is still there"
    if instance.status == ABSENT:
        return "its DB parameter group is still there"
    return f"its status is {instance.status}{_told(instance)}"


def _told(instance: DbInstance) -> str:
    return f" (newest events: {'; '.join(instance.events)})" if instance.events else ""

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An RDS instance of PostgreSQL with its DB subnet group. Sizes are GiB, throughput is MiB/s.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
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

# Option -> member of CreateDBInstance, of ModifyDBInstance (where the name differs), and of what describes it.
CREATED_ONLY = {
    "engine": "Engine",
    "db_name": "DBName",
    "master_username": "MasterUsername",
    "storage_encrypted": "StorageEncrypted",
    "kms_key_id": "KmsKeyId",
    "subnet_group_name": "DBSubnetGroupName",
    "master_user_secret_kms_key_id": "MasterUserSecretKmsKeyId",
}
MODIFIED = {
    "engine_version": "EngineVersion",
    "instance_class": "DBInstanceClass",
    "allocated_storage": "AllocatedStorage",
    "max_allocated_storage": "MaxAllocatedStorage",
    "storage_type": "StorageType",
    "iops": "Iops",
    "storage_throughput": "StorageThroughput",
    "multi_az": "MultiAZ",
    "port": "Port",
    "security_group_ids": "VpcSecurityGroupIds",
    "backup_retention_period": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "deletion_protection": "DeletionProtection",
    "publicly_accessible": "PubliclyAccessible",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "performance_insights": "EnablePerformanceInsights",
    "performance_insights_retention_period": "PerformanceInsightsRetentionPeriod",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "enabled_cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
    "parameter_group_name": "DBParameterGroupName",
    "ca_certificate_identifier": "CACertificateIdentifier",
    "iam_database_authentication": "EnableIAMDatabaseAuthentication",
    "manage_master_user_password": "ManageMasterUserPassword",
}
MODIFY_MEMBERS = {**MODIFIED, "port": "DBPortNumber", "master_user_secret_kms_key_id": "MasterUserSecretKmsKeyId"}
DESCRIBED = {
    **CREATED_ONLY,
    **MODIFIED,
    "performance_insights": "PerformanceInsightsEnabled",
    "iam_database_authentication": "IAMDatabaseAuthenticationEnabled",
}
# Settings whose value stands in a structure of its own in a DBInstance.
STRUCTURED = {
    "port",
    "security_group_ids",
    "subnet_group_name",
    "parameter_group_name",
    "enabled_cloudwatch_logs_exports",
    "master_user_secret_kms_key_id",
    "manage_master_user_password",
    "max_allocated_storage",
}
# What a new instance has where it isn't given.
DEFAULTS: dict[str, Any] = {
    "storage_type": "gp3",
    "storage_encrypted": True,
    "multi_az": True,
    "port": 5432,
    "backup_retention_period": 7,
    "publicly_accessible": False,
}
GP3_LARGE = 400  # GiB; below it a gp3 volume of PostgreSQL has 3000 IOPS and 125 MiB/s, and takes no other
LOG_TYPES = ["postgresql", "upgrade", "iam-db-auth-error"]

SUBNET_GROUP_OPTIONS: dict[str, Any] = {
    "name": {},
    "subnet_ids": {"type": "list", "elements": "str", "required": True},
    "description": {},
}
OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "engine": {"choices": ["postgres"], "default": "postgres"},
    "engine_version": {},
    "allow_major_version_upgrade": {"type": "bool", "default": False},
    "instance_class": {},
    "allocated_storage": {"type": "int"},
    "max_allocated_storage": {"type": "int"},
    "storage_type": {"choices": ["gp2", "gp3", "io1", "io2"]},
    "iops": {"type": "int"},
    "storage_throughput": {"type": "int"},
    "storage_encrypted": {"type": "bool"},
    "kms_key_id": {},
    "multi_az": {"type": "bool"},
    "db_name": {},
    "port": {"type": "int"},
    "master_username": {},
    "master_user_secret_kms_key_id": {"no_log": False},
    "subnet_group": {"type": "dict", "options": SUBNET_GROUP_OPTIONS},
    "subnet_group_name": {},
    "security_group_ids": {"type": "list", "elements": "str"},
    "backup_retention_period": {"type": "int"},
    "backup_window": {},
    "maintenance_window": {},
    "auto_minor_version_upgrade": {"type": "bool"},
    "deletion_protection": {"type": "bool"},
    "publicly_accessible": {"type": "bool"},
    "copy_tags_to_snapshot": {"type": "bool"},
    "performance_insights": {"type": "bool"},
    "performance_insights_retention_period": {"type": "int"},
    "performance_insights_kms_key_id": {},
    "enabled_cloudwatch_logs_exports": {"type": "list", "elements": "str", "choices": LOG_TYPES},
    "parameter_group_name": {},
    "ca_certificate_identifier": {},
    "iam_database_authentication": {"type": "bool"},
    "apply_immediately": {"type": "bool", "default": True},
    "skip_final_snapshot": {"type": "bool", "default": False},
    "final_snapshot_identifier": {},
    "delete_automated_backups": {"type": "bool"},
    "wait_timeout": {"type": "int", "default": 3600},
    **tags.TAG_OPTIONS,
}

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
    tags: Any = UNSET
    subnet_group: Any = children(UNSET)
    arn: str = identity()
    resource_id: str = identity()
    status: str = identity()
    endpoint: Endpoint = identity(default=Endpoint())
    zone: Any = identity()
    secondary_zone: Any = identity()
    vpc_id: Any = identity()
    master_user_secret_arn: Any = identity()
    pending_changes: Any = identity(default=())
    security_groups_changing: Any = hidden(())
    events: Any = hidden(())


def from_params(params: Mapping[str, Any]) -> DbInstance:
    """Identifiers are stored by RDS in lower case. The master user's password is always Secrets Manager's."""
    plain = {*CREATED_ONLY, *MODIFIED} - {"manage_master_user_password", "subnet_group_name"}
    options = {option: given(params[option]) for option in plain}
    for option in ("security_group_ids", "enabled_cloudwatch_logs_exports"):
        options[option] = given(_unordered(params[option]))
    if params["maintenance_window"] is not None:
        options["maintenance_window"] = params["maintenance_window"].lower()
    options["parameter_group_name"] = given(_lower(params["parameter_group_name"]))
    group = _subnet_group(params)
    return DbInstance(
        name=params["name"].lower(),
        **options,
        manage_master_user_password=True,
        tags=given(tags.from_params(params["tags"])),
        subnet_group=group,
        subnet_group_name=group.name if group else given(_lower(params["subnet_group_name"])),
    )


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
    """``want`` with what a new instance has where it isn't given."""
    missing = {option: value for option, value in DEFAULTS.items() if getattr(want, option) is UNSET}
    return replace(want, **missing)


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


def from_api(instance: Mapping[str, Any], group: SubnetGroup | None, events: Iterable[str]) -> DbInstance:
    """From a DBInstance of DescribeDBInstances. A value that is still to be applied counts as the actual one."""
    coming = instance.get("PendingModifiedValues") or {}
    now = {**instance, **coming}
    secret = instance.get("MasterUserSecret") or {}
    described = instance.get("DBSubnetGroup") or {}
    memberships = instance.get("VpcSecurityGroups") or []
    return DbInstance(
        name=instance["DBInstanceIdentifier"],
        **{option: now.get(member) for option, member in DESCRIBED.items() if option not in STRUCTURED},
        max_allocated_storage=now.get("MaxAllocatedStorage") or 0,
        port=coming.get("Port") or (instance.get("Endpoint") or {}).get("Port"),
        manage_master_user_password=bool(secret),
        master_user_secret_kms_key_id=secret.get("KmsKeyId"),
        subnet_group_name=described.get("DBSubnetGroupName"),
        security_group_ids=_unordered(each["VpcSecurityGroupId"] for each in memberships if _stays(each)),
        enabled_cloudwatch_logs_exports=_log_exports(instance, coming),
        parameter_group_name=next(
            (each["DBParameterGroupName"] for each in instance.get("DBParameterGroups", ())), None
        ),
        tags=tags.from_api(instance.get("TagList")),
        subnet_group=group if group else UNSET,
        arn=instance["DBInstanceArn"],
        resource_id=instance.get("DbiResourceId", ""),
        status=instance["DBInstanceStatus"],
        endpoint=_endpoint(instance),
        zone=instance.get("AvailabilityZone"),
        secondary_zone=instance.get("SecondaryAvailabilityZone"),
        vpc_id=described.get("VpcId"),
        master_user_secret_arn=secret.get("SecretArn"),
        pending_changes=tuple(sorted(coming)),
        security_groups_changing=tuple(
            each["VpcSecurityGroupId"] for each in memberships if each["Status"] != "active"
        ),
        events=tuple(events),
    )


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


def without_instance(name: str, group: SubnetGroup) -> DbInstance:
    """What is there when an earlier run got no further than the subnet group."""
    return DbInstance(name=name, status=ABSENT, subnet_group=group)


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
    if not instance.master_user_secret_arn:
        return "the secret with its master user's password can't be seen yet"
    return None


def remaining(instance: DbInstance) -> str:
    if instance.status == ABSENT:
        return f"DB subnet group {instance.subnet_group.name} is still there"
    return f"its status is {instance.status}{_told(instance)}"


def _told(instance: DbInstance) -> str:
    return f" (newest events: {'; '.join(instance.events)})" if instance.events else ""

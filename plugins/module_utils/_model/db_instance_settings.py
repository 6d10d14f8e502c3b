# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of an RDS instance, and the members of RDS's requests and answers that they stand for.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

from __future__ import annotations

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_parameter_group import PARAMETER_GROUP_OPTIONS

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
    "monitoring_interval": "MonitoringInterval",
    "monitoring_role_arn": "MonitoringRoleArn",
    "database_insights_mode": "DatabaseInsightsMode",
    "network_type": "NetworkType",
    "engine_lifecycle_support": "EngineLifecycleSupport",
    "manage_master_user_password": "ManageMasterUserPassword",
}
MODIFY_MEMBERS = {**MODIFIED, "port": "DBPortNumber", "master_user_secret_kms_key_id": "MasterUserSecretKmsKeyId"}
DESCRIBED = {
    **CREATED_ONLY,
    **MODIFIED,
    "performance_insights": "PerformanceInsightsEnabled",
    "iam_database_authentication": "IAMDatabaseAuthenticationEnabled",
}
# What RDS takes for a new instance and may change by itself: never compared.
PLACED = {"availability_zone": "AvailabilityZone"}
# Members of CreateDBInstance that CreateDBInstanceReadReplica hasn't: what a replica has them from its source.
NOT_A_REPLICAS = frozenset(
    {
        "Engine",
        "EngineVersion",
        "DBName",
        "MasterUsername",
        "MasterUserSecretKmsKeyId",
        "ManageMasterUserPassword",
        "StorageEncrypted",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
        "PreferredMaintenanceWindow",
        "EngineLifecycleSupport",
        # PostgreSQL's replicas begin with their source's: "A parameter group can't be specified".
        "DBParameterGroupName",
    }
)
# Of these, what can be set once the replica is there.
SET_LATER = ("backup_retention_period", "backup_window", "maintenance_window", "parameter_group_name")
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
    "monitoring_interval",
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
# What an instance has where RDS doesn't say.
ASSUMED: dict[str, Any] = {"database_insights_mode": "standard", "network_type": "IPV4"}
REPLICA_DEFAULTS: dict[str, Any] = {"publicly_accessible": False}
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
    "master_user_secret_id": {"no_log": False},
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
    "parameter_group": {"type": "dict", "options": PARAMETER_GROUP_OPTIONS},
    "parameter_group_name": {},
    "reboot": {"choices": ["when_needed", "never"], "default": "never"},
    "ca_certificate_identifier": {},
    "iam_database_authentication": {"type": "bool"},
    "monitoring_interval": {"type": "int", "choices": [0, 1, 5, 10, 15, 30, 60]},
    "monitoring_role_arn": {},
    "database_insights_mode": {"choices": ["standard", "advanced"]},
    "network_type": {"choices": ["IPV4", "DUAL"]},
    "engine_lifecycle_support": {
        "choices": ["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"]
    },
    "availability_zone": {},
    "source_db_instance": {},
    "apply_immediately": {"type": "bool", "default": True},
    "skip_final_snapshot": {"type": "bool", "default": False},
    "final_snapshot_identifier": {},
    "delete_automated_backups": {"type": "bool"},
    "wait_timeout": {"type": "int", "default": 3600},
    **tags.TAG_OPTIONS,
}

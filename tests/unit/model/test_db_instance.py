"""What can't be right about a database, what RDS's answers mean, and when it is ready."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import db_instance as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_settings import OPTIONS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

GIVEN = {"name": "goals", "instance_class": "db.t4g.micro", "allocated_storage": 20, "master_username": "goals"}
SUBNETS = ["subnet-1", "subnet-2"]
INSTANCE = {
    "DBInstanceIdentifier": "goals",
    "DBInstanceArn": "arn:db",
    "DBInstanceClass": "db.t4g.micro",
    "DBInstanceStatus": "available",
    "Engine": "postgres",
    "EngineVersion": "16.4",
    "AllocatedStorage": 20,
    "MultiAZ": True,
    "Endpoint": {"Address": "goals.example", "Port": 5432},
    "VpcSecurityGroups": [
        {"VpcSecurityGroupId": "sg-2", "Status": "active"},
        {"VpcSecurityGroupId": "sg-1", "Status": "active"},
    ],
    "DBParameterGroups": [{"DBParameterGroupName": "default.postgres16"}],
    "DBSubnetGroup": {"DBSubnetGroupName": "goals", "VpcId": "vpc-1"},
    "MasterUserSecret": {"SecretArn": "arn:secret", "SecretStatus": "active", "KmsKeyId": "arn:key"},
    "EnabledCloudwatchLogsExports": ["upgrade", "postgresql"],
    "TagList": [{"Key": "stack", "Value": "goals"}],
}


def options(**given):
    everything = {option: spec.get("default") for option, spec in OPTIONS.items()}
    return {**everything, "state": "present", **GIVEN, **given}


def seen(**more):
    return model.from_api({**INSTANCE, **more}, None, ())


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"state": "absent", "instance_class": None}, [], id="absent needs a name alone"),
        pytest.param({"instance_class": None, "master_username": None}, ["instance_class", "master_username"]),
        pytest.param({"name": "9goals"}, ["name"], id="digit first"),
        pytest.param({"name": "goals--db"}, ["name"], id="two hyphens"),
        pytest.param({"name": "goals-"}, ["name"], id="hyphen last"),
        pytest.param({"name": "g" * 64}, ["name"], id="too long"),
        pytest.param({"name": "g" * 63}, [], id="long enough"),
        pytest.param({"engine_version": "16"}, [], id="major"),
        pytest.param({"engine_version": "11.22-rds.20240418"}, [], id="extended support"),
        pytest.param({"engine_version": "9.6"}, ["engine_version"], id="too old"),
        pytest.param({"engine_version": "latest"}, ["engine_version"], id="no version"),
        pytest.param({"instance_class": "t4g.micro"}, ["instance_class"], id="no class"),
        pytest.param({"master_username": "admin"}, ["master_username"], id="reserved by RDS"),
        pytest.param({"master_username": "User"}, ["master_username"], id="reserved by PostgreSQL"),
        pytest.param({"master_username": "postgres"}, [], id="postgres is no reserved word"),
        pytest.param({"master_username": "pg_owner"}, ["master_username"], id="pg_"),
        pytest.param({"master_username": "a" * 17}, ["master_username"], id="longer than 16"),
        pytest.param({"db_name": "my-goals"}, ["db_name"], id="hyphen"),
        pytest.param({"db_name": "postgres"}, ["db_name"], id="is there anyway"),
        pytest.param({"db_name": "table"}, ["db_name"], id="a reserved word"),
        pytest.param({"allocated_storage": 19}, ["allocated_storage"], id="too small"),
        pytest.param({"allocated_storage": 99, "storage_type": "io2"}, ["allocated_storage"], id="too small for io2"),
        pytest.param({"max_allocated_storage": 20}, ["max_allocated_storage"], id="no room"),
        pytest.param({"max_allocated_storage": 0}, [], id="no growth"),
        pytest.param({"storage_type": "gp3", "iops": 12000}, ["iops"], id="gp3 too small for IOPS"),
        pytest.param({"storage_type": "gp3", "iops": 12000, "allocated_storage": 400}, [], id="gp3 with IOPS"),
        pytest.param({"storage_type": "gp2", "storage_throughput": 500}, ["storage_throughput"], id="throughput"),
        pytest.param({"port": 1149}, ["port"], id="port"),
        pytest.param({"backup_retention_period": 36}, ["backup_retention_period"], id="retention"),
        pytest.param({"backup_window": "3:00-4:00"}, ["backup_window"], id="backup window"),
        pytest.param({"maintenance_window": "Sun:04:00-Sun:05:00"}, [], id="days in any case"),
        pytest.param({"maintenance_window": "04:00-05:00"}, ["maintenance_window"], id="no day"),
        pytest.param({"performance_insights_retention_period": 62}, [], id="two months"),
        pytest.param({"performance_insights_retention_period": 90}, ["performance_insights_retention_period"]),
        pytest.param({"subnet_group": {"subnet_ids": ["subnet-1"]}}, ["subnet_group.subnet_ids"], id="one subnet"),
        pytest.param(
            {"subnet_group": {"subnet_ids": ["subnet-1", "subnet-1"]}}, ["subnet_group.subnet_ids"], id="twice"
        ),
        pytest.param({"subnet_group": {"subnet_ids": [KNOWN_AFTER_APPLY] * 2}}, [], id="subnets to be made"),
        pytest.param(
            {"subnet_group": {"name": "default", "subnet_ids": SUBNETS}}, ["subnet_group.name"], id="default group"
        ),
        pytest.param(
            {"subnet_group": {"subnet_ids": SUBNETS}, "subnet_group_name": "c"}, ["subnet_group_name"], id="two ways"
        ),
        pytest.param(
            {"subnet_group": {"subnet_ids": ["subnet-1", "app"]}}, ["subnet_group.subnet_ids"], id="no subnet's id"
        ),
        pytest.param({"security_group_ids": ["sg-1", KNOWN_AFTER_APPLY]}, [], id="a group to be made"),
        pytest.param({"security_group_ids": ["goals-db"]}, ["security_group_ids"], id="a group's name, not its id"),
        pytest.param({"tags": {"aws:stack": "goals"}}, ["tags"], id="a tag of AWS's own"),
        pytest.param({"tags": {"stack": "g" * 257}}, ["tags"], id="a tag too long"),
        pytest.param(
            {"state": "absent", "skip_final_snapshot": True, "final_snapshot_identifier": "last"},
            ["final_snapshot_identifier"],
            id="a snapshot and none",
        ),
        pytest.param(
            {"state": "absent", "final_snapshot_identifier": "last--one"}, ["final_snapshot_identifier"], id="its name"
        ),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in faults(options(**given))] == faulty


def test_from_params_normalises():
    wish = model.from_params(
        options(
            name="Goals",
            subnet_group={"subnet_ids": ["b", "a"]},
            security_group_ids=["sg-2", "sg-1"],
            maintenance_window="Sun:04:00-Sun:05:00",
            parameter_group_name="Goals-PG16",
        )
    )
    assert wish.parameter_group_name == "goals-pg16"
    assert (wish.name, wish.subnet_group_name, wish.subnet_group.name) == ("goals", "goals", "goals")
    assert (wish.subnet_group.subnet_ids, wish.security_group_ids) == (("a", "b"), ("sg-1", "sg-2"))
    assert wish.maintenance_window == "sun:04:00-sun:05:00"
    assert wish.manage_master_user_password is True
    assert wish.multi_az is UNSET, "a new instance's default is no wish about one that is there"
    assert model.created(wish).multi_az is True
    assert model.created(replace(wish, multi_az=False)).multi_az is False


def test_from_api():
    there = seen()
    assert (there.security_group_ids, there.enabled_cloudwatch_logs_exports) == (
        ("sg-1", "sg-2"),
        ("postgresql", "upgrade"),
    )
    assert (there.port, there.max_allocated_storage, there.parameter_group_name) == (5432, 0, "default.postgres16")
    assert (there.manage_master_user_password, there.master_user_secret_arn) == (True, "arn:secret")
    assert there.facts()["endpoint"] == {"address": "goals.example", "port": 5432}
    assert seen(MasterUserSecret=None).manage_master_user_password is False


@pytest.mark.parametrize(
    ("coming", "settings"),
    [
        ({"DBInstanceClass": "db.m6g.large"}, {"instance_class": "db.m6g.large"}),
        ({"Port": 5433, "MultiAZ": False}, {"port": 5433, "multi_az": False}),
        ({"EngineVersion": "16.6", "AllocatedStorage": 40}, {"engine_version": "16.6", "allocated_storage": 40}),
        ({"IAMDatabaseAuthenticationEnabled": True}, {"iam_database_authentication": True}),
        (
            {"PendingCloudwatchLogsExports": {"LogTypesToDisable": ["upgrade"]}},
            {"enabled_cloudwatch_logs_exports": ("postgresql",)},
        ),
    ],
)
def test_what_is_still_to_be_applied_counts_as_actual(coming, settings):
    there = seen(PendingModifiedValues=coming)
    assert {option: getattr(there, option) for option in settings} == settings
    assert there.pending_changes == tuple(sorted(coming))


def test_security_groups_that_go_are_no_longer_counted_and_waited_for():
    there = seen(
        VpcSecurityGroups=[
            {"VpcSecurityGroupId": "sg-1", "Status": "removing"},
            {"VpcSecurityGroupId": "sg-2", "Status": "adding"},
        ]
    )
    assert there.security_group_ids == ("sg-2",)
    assert model.pending(there) == "its security groups sg-1, sg-2 are being changed"


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        ("available", None),
        ("backing-up", None),
        ("storage-optimization", None),
        ("creating", "its status is creating"),
        ("upgrading", "its status is upgrading"),
    ],
)
def test_pending(status, missing):
    assert model.pending(seen(DBInstanceStatus=status)) == missing


def test_pending_tells_the_newest_events():
    creating = model.from_api({**INSTANCE, "DBInstanceStatus": "creating"}, None, ["Backing up", "Finished backup"])
    assert model.pending(creating) == "its status is creating (newest events: Backing up; Finished backup)"
    assert model.remaining(creating) == model.pending(creating)


def test_an_instance_without_endpoint_is_not_ready():
    assert model.pending(seen(Endpoint=None)) == "it has no endpoint yet"


def test_an_instance_without_its_secret_is_not_ready():
    missing = model.pending(seen(MasterUserSecret=None))
    assert missing == "the secret with its master user's password can't be seen yet"


@pytest.mark.parametrize("status", ["failed", "incompatible-network", "storage-full", "stopped"])
def test_a_status_that_does_not_pass_by_itself_is_no_wait(status):
    with pytest.raises(StackError, match=f"its status is {status}, and RDS doesn't change that by itself"):
        model.pending(seen(DBInstanceStatus=status))


@pytest.mark.parametrize(
    ("wish", "actual", "served"),
    [
        ("16", "16.4", True),
        ("16.4", "16.4", True),
        ("16.4", "16.10", True),
        ("16.10", "16.4", False),
        ("15", "16.4", False),
        ("17", "16.4", False),
        ("11", "11.22-rds.20240418", True),
        ("11.22", "11.22-rds.20240418", True),
    ],
)
def test_serves(wish, actual, served):
    assert model.serves(wish, actual) is served


@pytest.mark.parametrize(
    ("given", "name"),
    [
        pytest.param({"subnet_group": {"subnet_ids": ["a", "b"]}}, "goals", id="named as the instance"),
        pytest.param({"subnet_group": {"name": "Other", "subnet_ids": ["a", "b"]}}, "other", id="by its name"),
        pytest.param({}, None, id="none wanted"),
        pytest.param({"subnet_group_name": "shared"}, None, id="another's"),
        pytest.param({"state": "absent"}, "goals", id="absent, from the name alone"),
        pytest.param({"state": "absent", "subnet_group_name": "shared"}, None, id="absent, another's"),
    ],
)
def test_own_subnet_group(given, name):
    assert model.own_subnet_group(options(**given)) == name

"""The database module, against the region."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

NEEDED = {"name": "goals", "instance_class": "db.t4g.micro", "allocated_storage": 20, "master_username": "goals"}


@pytest.fixture(scope="module")
def vpc(endpoint):
    """Three subnets in three zones and two security groups, for every test here."""
    from tests.integration.conftest import Aws

    ec2 = Aws(endpoint)("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.92.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.92.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("abc")
    ]
    groups = [
        ec2.create_security_group(VpcId=vpc_id, GroupName=name, Description=name)["GroupId"] for name in ("db", "more")
    ]
    yield SimpleNamespace(id=vpc_id, subnets=subnets, groups=groups)
    for group in groups:
        ec2.delete_security_group(GroupId=group)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc_id)


@pytest.fixture
def database(module, vpc):
    """The module, with what every database here has; what it made is removed, so that nothing outlives a test."""
    db_instance = module("db_instance")

    def make(**options):
        subnet_group = {"subnet_ids": vpc.subnets[:2]}
        return db_instance(**{**NEEDED, "subnet_group": subnet_group, "security_group_ids": vpc.groups[:1], **options})

    yield make
    db_instance(name="goals", state="absent", deletion_protection=False, skip_final_snapshot=True)


def after_the_first_backup(rds):
    """RDS takes changes from the API only then; the module waits by itself."""
    waiter = rds.get_waiter("db_instance_available")
    waiter.wait(DBInstanceIdentifier="goals", WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def refused_before_any_write(aws, call, match):
    aws.calls.clear()
    with pytest.raises(StackError, match=match):
        call()
    assert aws.writes() == []


def test_twelve_steps(twelve_steps, aws, vpc, database):
    given = {
        **NEEDED,
        "engine_version": "16",
        "db_name": "goals",
        "subnet_group": {"subnet_ids": vpc.subnets[:2]},
        "security_group_ids": vpc.groups[:1],
        "backup_window": "03:00-04:00",
        "maintenance_window": "Sun:05:00-Sun:06:00",
        "performance_insights": True,
        "enabled_cloudwatch_logs_exports": ["upgrade", "postgresql"],
        "tags": {"stack": "goals", "owner": "web"},
    }
    changed = {
        **given,
        "instance_class": "db.t4g.small",
        "allocated_storage": 30,
        "port": 5433,
        "backup_retention_period": 14,
        "subnet_group": {"subnet_ids": vpc.subnets, "description": "the database's"},
        "security_group_ids": vpc.groups,
        "enabled_cloudwatch_logs_exports": ["postgresql"],
        "performance_insights": False,
        "tags": {"stack": "goals", "tier": "database"},
    }
    created, updated, deleted = twelve_steps("db_instance")(
        given, changed, {"name": "goals", "skip_final_snapshot": True}
    )
    assert created["plan"] == ["create DB subnet group goals", "create DB instance goals"]
    facts = created["db_instance"]
    assert facts["status"] in {"available", "backing-up"}  # RDS takes the first backup at once
    assert (facts["multi_az"], facts["storage_encrypted"], facts["storage_type"]) == (
        True,
        True,
        "gp3",
    )
    assert {facts["zone"], facts["secondary_zone"]} == {"us-east-1a", "us-east-1b"}
    assert facts["endpoint"]["address"].startswith("goals.")
    assert facts["subnet_group"]["tags"] == {"stack": "goals", "owner": "web"}
    assert updated["plan"] == ["update DB subnet group goals", "update DB instance goals"]
    assert updated["diff"]["before"]["DB instance goals"] == {
        "instance_class": "db.t4g.micro",
        "allocated_storage": 20,
        "port": 5432,
        "security_group_ids": vpc.groups[:1],
        "backup_retention_period": 7,
        "performance_insights": True,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "tags": {"stack": "goals", "owner": "web"},
    }
    assert updated["db_instance"]["endpoint"]["port"] == 5433
    assert updated["db_instance"]["endpoint"]["address"] == facts["endpoint"]["address"]
    assert deleted["plan"] == ["delete DB instance goals", "delete DB subnet group goals"]
    with pytest.raises(aws("rds").exceptions.DBSubnetGroupNotFoundFault):
        aws("rds").describe_db_subnet_groups(DBSubnetGroupName="goals")


def test_the_password_is_in_secrets_manager_and_nowhere_else(database, aws):
    made = database()
    secret = aws("secretsmanager").get_secret_value(SecretId=made["db_instance"]["master_user_secret_arn"])
    password = json.loads(secret["SecretString"])["password"]
    assert password
    assert password not in json.dumps(made)


def test_what_is_not_given_is_left_alone(database, aws, vpc):
    database(multi_az=False, backup_retention_period=3, storage_encrypted=False, tags={"a": "1"})
    assert not database()["changed"], "a new instance's defaults are no wishes about one that is there"
    kept = database(tags={"b": "2"}, purge_tags=False)["db_instance"]
    assert kept["tags"] == kept["subnet_group"]["tags"] == {"a": "1", "b": "2"}
    assert (kept["multi_az"], kept["backup_retention_period"]) == (False, 3)


def test_a_newer_minor_version_fulfils_the_wish(database):
    made = database(engine_version="15.8")
    assert made["db_instance"]["engine_version"] == "15.8"
    for wish in ("15", "15.7", "15.8"):
        assert not database(engine_version=wish)["changed"], wish
    assert database(engine_version="15.10")["diff"]["after"] == {"DB instance goals": {"engine_version": "15.10"}}


def test_a_major_upgrade_is_made_only_when_allowed(database, aws):
    database(engine_version="15")
    refused_before_any_write(aws, lambda: database(engine_version="16"), "allow_major_version_upgrade: true")
    refused_before_any_write(aws, lambda: database(engine_version="14"), "can't go back to an older major version")
    upgraded = database(engine_version="16", allow_major_version_upgrade=True)
    assert upgraded["db_instance"]["engine_version"].startswith("16.")


def test_an_unknown_version_is_refused_with_those_there_are(database, aws):
    refused_before_any_write(aws, lambda: database(engine_version="16.99"), r"'16.99' is no version.*16\.4")
    refused_before_any_write(aws, lambda: database(engine_version="99", check_mode=True), r"Give one of 13, .*16")


def test_what_cannot_change_is_refused_before_anything_is_written(database, aws):
    database(db_name="goals")
    for wish, match in (
        ({"db_name": "other"}, "db_name is 'goals', wanted 'other'"),
        ({"master_username": "other"}, "master_username is 'goals', wanted 'other'"),
        ({"storage_encrypted": False}, "storage_encrypted is True, wanted False"),
        ({"subnet_group": None, "subnet_group_name": "other"}, "subnet_group_name is 'goals', wanted 'other'"),
    ):
        refused_before_any_write(aws, lambda wish=wish: database(port=5433, **wish), match)


def test_storage_grows_by_a_tenth_or_more_and_never_shrinks(database, aws):
    database(allocated_storage=40)
    refused_before_any_write(aws, lambda: database(allocated_storage=20), "can't make storage smaller. Give 40 or more")
    refused_before_any_write(aws, lambda: database(allocated_storage=41), "10 % at a time. Give 44 or more")
    assert not database(allocated_storage=40, max_allocated_storage=0)["changed"]
    assert database(allocated_storage=40, max_allocated_storage=100)["changed"]
    assert not database(allocated_storage=20, max_allocated_storage=100)["changed"], "it may have grown by itself"
    ended = database(allocated_storage=40, max_allocated_storage=0)
    assert ended["diff"]["after"] == {"DB instance goals": {"max_allocated_storage": 0}}
    assert not database(allocated_storage=40, max_allocated_storage=0)["changed"]


def test_drift_is_found_and_repaired(database, aws, vpc):
    wish = {"backup_retention_period": 7, "multi_az": True, "tags": {"stack": "goals"}}
    made = database(**wish)["db_instance"]
    rds = aws("rds")
    after_the_first_backup(rds)
    rds.modify_db_instance(
        DBInstanceIdentifier="goals",
        MultiAZ=False,
        VpcSecurityGroupIds=vpc.groups,
        ApplyImmediately=True,
    )
    rds.modify_db_subnet_group(DBSubnetGroupName="goals", SubnetIds=vpc.subnets)
    rds.add_tags_to_resource(ResourceName=made["arn"], Tags=[{"Key": "stray", "Value": "1"}])
    planned = database(**wish, check_mode=True)
    repaired = database(**wish)  # while RDS is still at the change above
    assert planned["diff"] == repaired["diff"]
    assert repaired["diff"]["after"] == {
        "DB subnet group goals": {"subnet_ids": sorted(vpc.subnets[:2])},
        "DB instance goals": {
            "multi_az": True,
            "security_group_ids": vpc.groups[:1],
            "tags": {"stack": "goals"},
        },
    }
    assert not database(**wish)["changed"]


def test_a_half_built_database_is_completed(database, module, aws, vpc):
    """A run that failed at the instance left the subnet group."""
    with pytest.raises(StackError, match=r"create DB instance goals: .*db\.zz9\.large"):
        database(instance_class="db.zz9.large")
    assert aws("rds").describe_db_subnet_groups(DBSubnetGroupName="goals")
    assert database()["plan"] == ["create DB instance goals"]


def test_a_half_built_database_is_deleted(database, module):
    with pytest.raises(StackError):
        database(instance_class="db.zz9.large")
    assert module("db_instance")(name="goals", state="absent")["plan"] == ["delete DB subnet group goals"]
    assert not module("db_instance")(name="goals", state="absent")["changed"]


def test_a_name_that_is_being_deleted_can_be_used_again(database, module, aws):
    first = database()["db_instance"]
    aws("rds").delete_db_instance(DBInstanceIdentifier="goals", SkipFinalSnapshot=True)
    assert database(check_mode=True)["plan"] == ["create DB instance goals"]
    second = database()
    assert second["plan"] == ["create DB instance goals"]
    assert second["db_instance"]["resource_id"] != first["resource_id"]


def test_absent_takes_a_final_snapshot_unless_told_otherwise(database, module, aws):
    database()
    module("db_instance")(name="goals", state="absent", final_snapshot_identifier="goals-last")
    database()
    module("db_instance")(name="goals", state="absent")
    snapshots = [each["DBSnapshotIdentifier"] for each in aws("rds").describe_db_snapshots()["DBSnapshots"]]
    named = [each for each in snapshots if each == "goals-last" or each.startswith("goals-final-20")]
    assert len(named) == 2, snapshots
    for snapshot in named:
        aws("rds").delete_db_snapshot(DBSnapshotIdentifier=snapshot)


def test_a_protected_database_is_deleted_only_when_protection_is_lifted(database, module, aws):
    database(deletion_protection=True)
    absent = {"name": "goals", "state": "absent", "skip_final_snapshot": True}
    for check_mode in (True, False):
        refused_before_any_write(
            aws,
            lambda check_mode=check_mode: module("db_instance")(**absent, check_mode=check_mode),
            r"deletion_protection is on.*Give deletion_protection: false",
        )
    assert module("db_instance")(**absent, deletion_protection=False)["changed"]


def test_an_existing_subnet_group_is_used_and_left(database, module, aws, vpc):
    aws("rds").create_db_subnet_group(
        DBSubnetGroupName="shared", DBSubnetGroupDescription="shared", SubnetIds=vpc.subnets[:2]
    )
    made = database(subnet_group=None, subnet_group_name="Shared")
    assert made["plan"] == ["create DB instance goals"]
    assert not database(subnet_group=None, subnet_group_name="Shared")["changed"]
    gone = module("db_instance")(name="goals", state="absent", subnet_group_name="shared", skip_final_snapshot=True)
    assert gone["plan"] == ["delete DB instance goals"]
    aws("rds").delete_db_subnet_group(DBSubnetGroupName="shared")


def test_check_mode_on_an_empty_account(module):
    planned = module("db_instance")(
        **{**NEEDED, "name": "planned"},
        subnet_group={"subnet_ids": [KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY]},
        security_group_ids=[KNOWN_AFTER_APPLY],
        check_mode=True,
    )
    facts = planned["db_instance"]
    assert planned["plan"] == ["create DB subnet group planned", "create DB instance planned"]
    assert facts["endpoint"] == {"address": KNOWN_AFTER_APPLY, "port": 5432}
    assert facts["master_user_secret_arn"] == facts["arn"] == KNOWN_AFTER_APPLY


def test_faults_are_told_all_at_once(database, aws):
    aws.calls.clear()
    with pytest.raises(InvalidOptions) as refused:
        database(name="9goals", instance_class="t4g.micro", allocated_storage=10, port=80, engine_version="9.6")
    assert {fault.option for fault in refused.value.faults} == {
        "name",
        "instance_class",
        "allocated_storage",
        "port",
        "engine_version",
    }
    assert aws.calls == []

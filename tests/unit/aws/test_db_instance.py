"""What is sent to RDS for a database, checked against the service's own model, and how its states are outwaited."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import db_instance as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import (
    db_instance_read,
    db_parameter_group,
    db_states,
    db_subnet_group,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import DbInstance, SubnetGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_parameter_group import Parameter, ParameterGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.db_instance import plan
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import reconcile
from ansible_collections.ha_stack.aws.plugins.modules.db_instance import RESOURCE
from botocore.stub import ANY

from tests.support.stubbed import stubbed

PARAMS = {
    **{option: spec.get("default") for option, spec in RESOURCE.options.items()},
    "name": "goals",
    "state": "present",
    "instance_class": "db.t4g.micro",
    "allocated_storage": 20,
    "master_username": "goals",
}
IDENTIFIER = {"DBInstanceIdentifier": "goals"}
INSTANCE = {
    **IDENTIFIER,
    "DBInstanceArn": "arn:db",
    "DBInstanceClass": "db.t4g.micro",
    "DBInstanceStatus": "available",
    "Engine": "postgres",
    "EngineVersion": "16.4",
    "AllocatedStorage": 20,
    "MasterUsername": "goals",
    "Endpoint": {"Address": "goals.example", "Port": 5432},
    "MasterUserSecret": {"SecretArn": "arn:secret"},
}
HAVE = DbInstance(
    "goals",
    engine_version="16.4",
    allocated_storage=20,
    max_allocated_storage=0,
    storage_type="gp3",
    iops=3000,
    port=5432,
    manage_master_user_password=True,
    enabled_cloudwatch_logs_exports=("upgrade",),
    deletion_protection=False,
    tags={"a": "1"},
    arn="arn:db",
    status="available",
)


def session(**params):
    return stubbed("rds", **{**PARAMS, "wait_timeout": 60, **params})


def change(have=HAVE, params=PARAMS, **want):
    (made,) = plan(DbInstance("goals", **want), have, params)
    return made


def described(stub, status="available", **more):
    answer = {"DBInstances": [{**INSTANCE, "DBInstanceStatus": status, **more}]}
    stub.add_response("describe_db_instances", answer, IDENTIFIER)


def gone(stub):
    stub.add_client_error("describe_db_instances", "DBInstanceNotFound")


def modified(stub, **request):
    stub.add_response("modify_db_instance", {}, {**IDENTIFIER, "ApplyImmediately": True, **request})


def test_create():
    made = change(
        None,
        engine="postgres",
        engine_version="16",
        instance_class="db.t4g.micro",
        allocated_storage=20,
        max_allocated_storage=0,
        manage_master_user_password=True,
        enabled_cloudwatch_logs_exports=("upgrade",),
        iam_database_authentication=True,
        security_group_ids=("sg-1",),
        tags={"stack": "goals"},
    )
    sent = {
        **IDENTIFIER,
        "Engine": "postgres",
        "EngineVersion": "16",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20,
        "StorageType": "gp3",
        "StorageEncrypted": True,
        "MultiAZ": True,
        "Port": 5432,
        "BackupRetentionPeriod": 7,
        "PubliclyAccessible": False,
        "ManageMasterUserPassword": True,
        "EnableCloudwatchLogsExports": ["upgrade"],
        "EnableIAMDatabaseAuthentication": True,
        "VpcSecurityGroupIds": ["sg-1"],
        "Tags": [{"Key": "stack", "Value": "goals"}],
    }
    with session() as (rds, stub):
        stub.add_response("create_db_instance", {}, sent)
        api.create(rds, made)


def test_create_waits_for_an_instance_of_that_name_to_be_gone():
    with session() as (rds, stub):
        stub.add_client_error("create_db_instance", "DBInstanceAlreadyExists")
        described(stub, "deleting")
        gone(stub)
        stub.add_response("create_db_instance", {})
        api.create(rds, change(None, engine="postgres", instance_class="db.t4g.micro"))


def test_create_does_not_take_over_an_instance_that_came_up_meanwhile():
    with session() as (rds, stub):
        stub.add_client_error("create_db_instance", "DBInstanceAlreadyExists")
        described(stub, "creating")
        with pytest.raises(StackError, match="it is there, and its status is creating"):
            api.create(rds, change(None, engine="postgres", instance_class="db.t4g.micro"))


@pytest.mark.parametrize(
    ("have", "want", "sent"),
    [
        pytest.param({}, {"port": 5433}, {"DBPortNumber": 5433}, id="another name"),
        pytest.param(
            {},
            {"enabled_cloudwatch_logs_exports": ("postgresql",)},
            {
                "CloudwatchLogsExportConfiguration": {
                    "EnableLogTypes": ["postgresql"],
                    "DisableLogTypes": ["upgrade"],
                }
            },
            id="logs as a difference",
        ),
        pytest.param({}, {"engine_version": "16.6"}, {"EngineVersion": "16.6"}, id="minor version"),
        pytest.param(
            {}, {"engine_version": "17"}, {"EngineVersion": "17", "AllowMajorVersionUpgrade": True}, id="major version"
        ),
        pytest.param({}, {"allocated_storage": 40}, {"AllocatedStorage": 40}, id="a small gp3 volume takes no IOPS"),
        pytest.param(
            {"allocated_storage": 400, "iops": 12000},
            {"allocated_storage": 500},
            {"AllocatedStorage": 500, "Iops": 12000},
            id="a large one wants them",
        ),
        pytest.param(
            {"storage_type": "io2", "allocated_storage": 100, "iops": 3000},
            {"iops": 5000},
            {"AllocatedStorage": 100, "Iops": 5000},
            id="and the size with them",
        ),
        pytest.param({}, {"allocated_storage": 400}, {"AllocatedStorage": 400}, id="from small to large"),
        pytest.param({}, {"max_allocated_storage": 100}, {"MaxAllocatedStorage": 100}, id="growth"),
        pytest.param(
            {"max_allocated_storage": 100}, {"max_allocated_storage": 0}, {"MaxAllocatedStorage": 20}, id="no growth"
        ),
    ],
)
def test_update_sends_what_differs_and_what_rds_wants_with_it(have, want, sent):
    params = {**PARAMS, "allow_major_version_upgrade": True}
    with session(**params) as (rds, stub):
        modified(stub, **sent)
        described(stub)
        api.update(rds, change(replace(HAVE, **have), params, **want))


def test_tags_alone_are_no_modification():
    with session() as (rds, stub):
        stub.add_response("add_tags_to_resource", {}, {"ResourceName": "arn:db", "Tags": [{"Key": "b", "Value": "2"}]})
        stub.add_response("remove_tags_from_resource", {}, {"ResourceName": "arn:db", "TagKeys": ["a"]})
        api.update(rds, change(tags={"b": "2"}))


def test_update_waits_until_rds_takes_it_and_has_applied_it():
    """AWS leaves an instance available for some seconds after ModifyDBInstance, with the change still pending."""
    with session() as (rds, stub):
        stub.add_client_error("modify_db_instance", "InvalidDBInstanceState")
        described(stub, "backing-up")
        described(stub)
        modified(stub, DBPortNumber=5433)
        described(stub, PendingModifiedValues={"Port": 5433})
        described(stub, "modifying")
        described(stub)
        api.update(rds, change(port=5433))


def test_update_does_not_wait_for_the_maintenance_window():
    params = {**PARAMS, "apply_immediately": False}
    with session(**params) as (rds, stub):
        stub.add_response("modify_db_instance", {}, {**IDENTIFIER, "ApplyImmediately": False, "DBPortNumber": 5433})
        api.update(rds, change(params=params, port=5433))


def test_a_password_that_is_handed_over_is_pending_until_rds_has_changed_it():
    with session() as (rds, stub):
        modified(stub, ManageMasterUserPassword=True)
        described(stub, PendingModifiedValues={"MasterUserPassword": "****"})
        described(stub)
        have = replace(HAVE, manage_master_user_password=False)
        api.update(rds, change(have, manage_master_user_password=True))


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        pytest.param({"skip_final_snapshot": True}, {"SkipFinalSnapshot": True}, id="no snapshot"),
        pytest.param(
            {"final_snapshot_identifier": "last", "delete_automated_backups": False},
            {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": "last", "DeleteAutomatedBackups": False},
            id="a snapshot by name",
        ),
        pytest.param({}, {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": ANY}, id="a snapshot"),
    ],
)
def test_delete(given, sent):
    params = {**PARAMS, **given}
    with session(**params) as (rds, stub):
        stub.add_response("delete_db_instance", {}, {**IDENTIFIER, **sent})
        api.delete(rds, plan(None, HAVE, params)[0])


def test_a_deletion_that_rds_does_not_tell_of_yet_is_waited_for():
    group = SubnetGroup("goals", ("a", "b"), "old", {}, arn="arn:group")
    with session() as (rds, stub):
        described(stub, "available")
        described(stub, "deleting")
        gone(stub)
        stub.add_response("delete_db_subnet_group", {}, {"DBSubnetGroupName": "goals"})
        db_subnet_group.delete(rds, plan(None, replace(HAVE, subnet_group=group), PARAMS)[1])


def test_a_final_snapshot_is_named_after_the_instance_and_the_time():
    assert re.fullmatch(r"goals-final-20\d{12}", api._final_snapshot("goals"))


def test_delete_lifts_protection_first_and_waits_until_rds_takes_it():
    params = {**PARAMS, "skip_final_snapshot": True, "deletion_protection": False}
    with session(**params) as (rds, stub):
        modified(stub, DeletionProtection=False)
        stub.add_client_error("delete_db_instance", "InvalidDBInstanceState")
        described(stub, "modifying")
        described(stub)
        stub.add_response("delete_db_instance", {})
        api.delete(rds, plan(None, replace(HAVE, deletion_protection=True), params)[0])


def test_the_subnet_group():
    group = SubnetGroup("goals", ("a", "b"), "old", {"x": "1"}, arn="arn:group")
    with session() as (rds, stub):
        sent = {"DBSubnetGroupName": "goals", "DBSubnetGroupDescription": "Subnets of goals", "SubnetIds": ["a", "b"]}
        stub.add_response("create_db_subnet_group", {}, {**sent, "Tags": []})
        sent = {"DBSubnetGroupName": "goals", "DBSubnetGroupDescription": "new", "SubnetIds": ["a", "b"]}
        stub.add_response("modify_db_subnet_group", {}, sent)
        described(stub, "deleting")
        gone(stub)
        stub.add_client_error("delete_db_subnet_group", "InvalidDBSubnetGroupStateFault")
        stub.add_response("delete_db_subnet_group", {}, {"DBSubnetGroupName": "goals"})
        new = DbInstance("goals", subnet_group=SubnetGroup("goals", ("a", "b")))
        db_subnet_group.create(rds, plan(new, None, PARAMS)[0])
        other = DbInstance("goals", subnet_group=replace(group, description="new"))
        have = replace(HAVE, subnet_group=group)
        db_subnet_group.update(rds, plan(other, have, PARAMS)[0])
        db_subnet_group.delete(rds, plan(None, have, PARAMS)[1])


def offered(stub, *versions):
    answer = {"DBEngineVersions": [{"EngineVersion": each} for each in versions]}
    stub.add_response("describe_db_engine_versions", answer, {"Engine": "postgres"})


@pytest.mark.parametrize(
    ("wish", "match"),
    [
        pytest.param("16.99", r"Give one of 16\.3, 16\.4", id="the minor versions there are"),
        pytest.param("99", r"Give one of 9, 15, 16", id="the major versions there are"),
        pytest.param("1", r"Give one of 9, 15, 16", id="1 is not the beginning of 15"),
    ],
)
def test_an_unknown_version_is_refused(wish, match):
    with session() as (rds, stub):
        gone(stub)
        offered(stub, "9.6.1", "15.7", "16.3", "16.4")
        with pytest.raises(StackError, match=match):
            db_instance_read.read(rds, DbInstance("goals", engine="postgres", engine_version=wish))


def test_versions_are_asked_for_only_when_one_is_to_come():
    wish = DbInstance("goals", engine="postgres", engine_version="16")
    with session() as (rds, stub):
        described(stub)
        assert db_instance_read.read(rds, wish).engine_version == "16.4"
    with session() as (rds, stub):
        gone(stub)
        offered(stub, "16.3", "16.4")
        assert db_instance_read.read(rds, wish) is None


def test_an_unfinished_creation_is_no_difference_and_is_waited_for():
    creating = {"Endpoint": {}}
    events = [
        {"Message": message, "Date": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)}
        for minute, message in enumerate(["one", "two", "three", "four"])
    ]
    params = {**PARAMS, "port": 5432, "wait": True}
    with session(**params) as (rds, stub):
        for status, more in (("creating", creating), ("creating", creating), ("available", {})):
            described(stub, status, **more)
            if status == "creating":
                stub.add_response("describe_events", {"Events": events})
        result = reconcile(RESOURCE, rds, params, check_mode=False)
    assert result["changed"] is False
    assert result["db_instance"]["endpoint"] == {"address": "goals.example", "port": 5432}


def test_a_wait_that_runs_out_tells_the_status_and_the_newest_events():
    params = {**PARAMS, "wait": True, "wait_timeout": 0}
    with session(**params) as (rds, stub):
        for _ in range(2):
            described(stub, "creating", Endpoint={})
            events = [{"Message": f"event {n}", "Date": datetime(2026, 1, n, tzinfo=UTC)} for n in (4, 2, 3, 1)]
            asked = {"SourceIdentifier": "goals", "SourceType": "db-instance", "Duration": 60}
            stub.add_response("describe_events", {"Events": events}, asked)
        with pytest.raises(StackError, match=r"its status is creating \(newest events: event 2; event 3; event 4\)"):
            reconcile(RESOURCE, rds, params, check_mode=False)


@pytest.mark.parametrize(
    ("have", "want", "sent"),
    [
        pytest.param(
            {"monitoring_interval": 60, "monitoring_role_arn": "arn:role"},
            {"monitoring_interval": 15},
            {"MonitoringInterval": 15, "MonitoringRoleArn": "arn:role"},
            id="the role with the interval",
        ),
        pytest.param(
            {"monitoring_interval": 60, "monitoring_role_arn": "arn:role"},
            {"monitoring_interval": 0},
            {"MonitoringInterval": 0},
            id="none when it is off",
        ),
        pytest.param(
            {"performance_insights": True, "performance_insights_retention_period": 465},
            {"database_insights_mode": "advanced"},
            {
                "DatabaseInsightsMode": "advanced",
                "EnablePerformanceInsights": True,
                "PerformanceInsightsRetentionPeriod": 465,
            },
            id="what the mode needs",
        ),
        pytest.param(
            {"parameter_group_name": "default.postgres16"},
            {"engine_version": "17", "parameter_group_name": "goals-postgres17"},
            {"EngineVersion": "17", "DBParameterGroupName": "goals-postgres17", "AllowMajorVersionUpgrade": True},
            id="version and group at once",
        ),
    ],
)
def test_what_goes_together(have, want, sent):
    params = {**PARAMS, "allow_major_version_upgrade": True, "wait": False}
    with session(**params) as (rds, stub):
        modified(stub, **sent)
        rds.wait = False
        for_now = change(replace(HAVE, **have), params, **want)
        api.update(rds, replace(for_now, after={k: v for k, v in for_now.after.items() if k != "reboot"}))


def waiting(stub, status, state="available"):
    described(stub, state, DBParameterGroups=[{"DBParameterGroupName": "g", "ParameterApplyStatus": status}])


def restarted():
    return change(replace(HAVE, reboot="due", pending_reboot=True), {**PARAMS, "reboot": "when_needed"})


def test_a_reboot_waits_for_the_word_that_one_is_due_and_has_no_failover():
    """AWS: a reboot with a failover doesn't apply the parameters of another group."""
    with session() as (rds, stub):
        for status in ("applying", "pending-reboot"):
            waiting(stub, status)
        stub.add_response("reboot_db_instance", {}, IDENTIFIER)
        waiting(stub, "pending-reboot")  # for some moments after the call
        waiting(stub, "pending-reboot", "rebooting")
        waiting(stub, "in-sync", "rebooting")
        waiting(stub, "in-sync")
        api.update(rds, restarted())


def test_no_reboot_where_nothing_waits_after_all(monkeypatch):
    """A change of the class, in the same run, has started the engine."""
    monkeypatch.setattr(db_states, "RESTART_TOLD", 0)
    with session() as (rds, stub):
        waiting(stub, "in-sync")
        api.update(rds, restarted())


SOURCE = {"SourceDBInstanceIdentifier": "goals-0"}


def test_a_replica_is_sent_what_its_call_takes_and_the_rest_once_it_is_there():
    made = change(
        None,
        source_db_instance="goals-0",
        engine_version="16",
        multi_az=False,
        backup_window="03:00-04:00",
        availability_zone="us-east-1b",
        tags={},
    )
    with session() as (rds, stub):
        sent = {
            **IDENTIFIER, **SOURCE, "MultiAZ": False, "PubliclyAccessible": False, "AvailabilityZone": "us-east-1b",
            "Tags": [],
        }  # fmt: skip
        stub.add_response("create_db_instance_read_replica", {}, sent)
        described(stub, "creating")
        described(stub)
        modified(stub, PreferredBackupWindow="03:00-04:00")
        described(stub)
        api.create(rds, made)


def test_a_run_that_does_not_wait_says_what_it_left_of_a_replica():
    with session() as (rds, stub):
        rds.wait = False
        stub.add_response("create_db_instance_read_replica", {})
        api.create(rds, change(None, source_db_instance="goals-0", backup_retention_period=3))
        assert rds.left == ["BackupRetentionPeriod of DB instance goals is still to be set"]


def test_a_replica_waits_for_its_source():
    busy = {"DBInstanceIdentifier": "goals-0"}
    with session() as (rds, stub):
        stub.add_client_error("create_db_instance_read_replica", "InvalidDBInstanceState")
        for status in ("modifying", "available"):
            answer = {"DBInstances": [{**INSTANCE, "DBInstanceStatus": status}]}
            stub.add_response("describe_db_instances", answer, busy)
        stub.add_response("create_db_instance_read_replica", {})
        api.create(rds, change(None, source_db_instance="goals-0"))


@pytest.mark.parametrize(
    ("have", "want", "sent"),
    [
        pytest.param({"backup_retention_period": 5}, {}, {"BackupRetentionPeriod": 5}, id="its own days"),
        pytest.param({"backup_retention_period": 0}, {}, {}, id="RDS's one day"),
        pytest.param(
            {"backup_retention_period": 0},
            {"backup_retention_period": 7},
            {"BackupRetentionPeriod": 7},
            id="those that are wanted",
        ),
    ],
)
def test_promotion(have, want, sent):
    replica = replace(HAVE, source_db_instance="goals-0", **have)
    with session() as (rds, stub):
        stub.add_response("promote_read_replica", {}, {**IDENTIFIER, **sent})
        described(stub, ReadReplicaSourceDBInstanceIdentifier="goals-0")
        described(stub, "modifying")
        described(stub)
        api.update(rds, change(replica, source_db_instance="", **want))


def test_a_replica_goes_without_a_snapshot():
    with session() as (rds, stub):
        stub.add_response("delete_db_instance", {}, {**IDENTIFIER, "SkipFinalSnapshot": True})
        api.delete(rds, plan(None, replace(HAVE, source_db_instance="goals-0"), PARAMS)[0])


def test_a_role_that_rds_does_not_see_yet_is_waited_for():
    with session() as (rds, stub):
        message = "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING"
        stub.add_client_error("create_db_instance", "InvalidParameterValue", message)
        stub.add_response("create_db_instance", {})
        wish = {"monitoring_interval": 60, "monitoring_role_arn": "arn:role"}
        api.create(rds, change(None, engine="postgres", instance_class="db.t4g.micro", **wish))


def test_a_parameter_group_waits_for_its_instance_to_be_gone():
    group = ParameterGroup("goals-postgres16", "postgres16", arn="arn:pg")
    (*_, gone_too) = plan(None, replace(HAVE, own_parameter_groups=(group,)), PARAMS)
    with session() as (rds, stub):
        described(stub, "deleting")
        gone(stub)
        stub.add_client_error("delete_db_parameter_group", "InvalidDBParameterGroupState")
        stub.add_response("delete_db_parameter_group", {}, {"DBParameterGroupName": "goals-postgres16"})
        db_parameter_group.delete(rds, gone_too)


def test_parameters_are_set_by_twenty_each_when_it_can_be():
    names = [f"p{n:02}" for n in range(21)]
    known = {name: Parameter(name, None, name == "p20", True, "string", "", "") for name in names}
    have = ParameterGroup("tuned", "postgres16", {"old": "1"}, "", {}, arn="arn:pg")
    wish = ParameterGroup("tuned", "postgres16", dict.fromkeys(names, "x"), known=known)
    (made, *_) = plan(DbInstance("goals", parameter_group=wish), replace(HAVE, parameter_group=have), PARAMS)
    sent = [
        {
            "ParameterName": name,
            "ParameterValue": "x",
            "ApplyMethod": "pending-reboot" if name == "p20" else "immediate",
        }
        for name in names
    ]
    group = {"DBParameterGroupName": "tuned"}
    with session() as (rds, stub):
        old = [{"ParameterName": "old", "ApplyMethod": "pending-reboot"}]
        stub.add_client_error("reset_db_parameter_group", "InvalidDBParameterGroupState")
        stub.add_response("reset_db_parameter_group", {}, {**group, "Parameters": old})
        stub.add_response("modify_db_parameter_group", {}, {**group, "Parameters": sent[:20]})
        stub.add_response("modify_db_parameter_group", {}, {**group, "Parameters": sent[20:]})
        db_parameter_group.update(rds, made)

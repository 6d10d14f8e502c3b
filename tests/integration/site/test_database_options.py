"""What the database of a stack may be asked for besides."""

from __future__ import annotations

import json

import pytest

from tests.integration.site.conftest import NAME, Region
from tests.support.left_over import left_over

TOPIC = "arn:aws:sns:us-east-1:123456789012:ops"
CARE = {
    "database_parameters": {"log_min_duration_statement": 500, "max_connections": 200},
    "database_reboot": "when_needed",
    "database_backup_window": "03:00-04:00",
    "database_maintenance_window": "sun:05:00-sun:06:00",
    "database_log_exports": ["postgresql"],
    "database_performance_insights": True,
    "database_monitoring_interval": 60,
    "database_max_allocated_storage": 100,
    "database_iam_authentication": True,
    "database_alarms": {"cpu_percent": 80},
    "database_alarm_actions": [TOPIC],
}
SECRET = f"{NAME}-app-database"  # with the master user's name in it
REPLICAS = {
    "database_password_secret": SECRET,
    "database_read_replicas": [{"suffix": "1", "availability_zone": "us-east-1b"}, {"suffix": "2"}],
}


@pytest.fixture(scope="module")
def replicated(tmp_path_factory):
    """A region of its own with a stack that had its replicas from the start."""
    region = Region(tmp_path_factory.mktemp("replicated"))
    region.up()
    yield region
    region.down()


def given(**wish):
    return "-e", json.dumps(wish)


def instances(region):
    return {each["DBInstanceIdentifier"]: each for each in region.aws("rds").describe_db_instances()["DBInstances"]}


def alarms(region):
    found = region.aws("cloudwatch").describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]
    return {each["AlarmName"]: each for each in found if each["Namespace"] == "AWS/RDS"}


def test_a_database_is_tuned_and_watched(region, built):
    done = region.site(*given(**CARE))
    assert done.returncode == 0, done.messages()
    assert done.plan() == [
        f"create role {NAME}-monitoring",
        f"create DB parameter group {NAME}-postgres15",
        f"update DB instance {NAME}",
        f"create alarm {NAME}-cpu",
        f"create alarm {NAME}-storage",
    ], done.messages()
    database = instances(region)[NAME]
    assert database["MonitoringInterval"] == 60
    assert database["MonitoringRoleArn"].endswith(f":role/{NAME}-monitoring")
    assert database["DBParameterGroups"] == [
        {"DBParameterGroupName": f"{NAME}-postgres15", "ParameterApplyStatus": "in-sync"}
    ], "it was rebooted"
    watched = alarms(region)
    assert watched[f"{NAME}-cpu"]["Threshold"] == 80
    assert watched[f"{NAME}-storage"]["Threshold"] == 2 * 1024**3, "a tenth of 20 GiB"
    assert all(each["AlarmActions"] == each["OKActions"] == [TOPIC] for each in watched.values())
    again = region.site(*given(**CARE))
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()


def test_what_is_no_longer_given_is_left_and_what_is_empty_is_cleared(region, built):
    assert region.site().plan() == []
    cleared = region.site(
        *given(
            database_parameters={},
            database_log_exports=[],
            database_monitoring_interval=0,
            database_alarms={"cpu_percent": 0, "free_storage_percent": 0},
        )
    )
    assert cleared.plan() == [
        f"update DB parameter group {NAME}-postgres15",
        f"update DB instance {NAME}",
        f"delete alarm {NAME}-cpu",
        f"delete alarm {NAME}-storage",
    ], cleared.messages()
    assert alarms(region) == {}


def test_replicas_follow_a_new_database(replicated):
    wish = {**REPLICAS, "database_alarms": {}, "database_parameters": {"hot_standby_feedback": True}}
    done = replicated.site(*given(**wish))
    assert done.returncode == 0, done.messages()
    there = instances(replicated)
    assert there.keys() == {NAME, f"{NAME}-1", f"{NAME}-2"}
    assert there[NAME]["ReadReplicaDBInstanceIdentifiers"] == [f"{NAME}-1", f"{NAME}-2"]
    assert there[f"{NAME}-1"]["AvailabilityZone"] == "us-east-1b"
    groups = [each["VpcSecurityGroups"] for each in there.values()]
    assert groups[0] == groups[1] == groups[2], "only the backend may come in"
    assert {each["DBParameterGroups"][0]["DBParameterGroupName"] for each in there.values()} == {f"{NAME}-postgres15"}
    secrets = replicated.aws("secretsmanager")
    kept = secrets.get_secret_value(SecretId=SECRET)
    value = json.loads(kept["SecretString"])
    policy = replicated.aws("iam").get_role_policy(RoleName=NAME, PolicyName="read-secrets")["PolicyDocument"]
    assert kept["ARN"] in policy["Statement"][0]["Resource"], "the instances may read it"
    assert (value["username"], len(value["password"])) == ("app", 32)
    assert value["password"] not in done.messages()
    assert alarms(replicated).keys() == {
        *(f"{each}-{kind}" for each in there for kind in ("cpu", "storage")),
        *(f"{NAME}-{each}-lag" for each in (1, 2)),
    }
    again = replicated.site(*given(**wish))
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()


def test_a_password_is_not_made_up_for_a_database_that_has_another(replicated):
    replicated.calls.mark()
    refused = replicated.site(*given(**{**REPLICAS, "database_password_secret": "another"}))
    assert f"there is no secret another, and {NAME} has a password" in refused.messages()
    assert not [call for call in replicated.calls.writes() if call.startswith("secretsmanager")]


def test_nothing_is_destroyed_while_a_replica_that_is_not_listed_follows(replicated):
    replicated.calls.mark()
    refused = replicated.destroy(*given(database_password_secret=SECRET))
    assert f"doesn't list, {NAME}-1, {NAME}-2" in refused.messages()
    assert replicated.calls.writes() == []


def test_a_replica_is_taken_away_by_its_state(replicated):
    fewer = [REPLICAS["database_read_replicas"][0], {"suffix": "2", "state": "absent"}]
    done = replicated.site(*given(**{**REPLICAS, "database_read_replicas": fewer, "database_alarms": {}}))
    assert done.plan() == [
        f"delete DB instance {NAME}-2",
        f"delete alarm {NAME}-2-cpu",
        f"delete alarm {NAME}-2-storage",
        f"delete alarm {NAME}-2-lag",
    ], done.messages()


def test_a_stack_with_a_protected_replica_is_not_destroyed(replicated):
    replicated.aws("rds").modify_db_instance(
        DBInstanceIdentifier=f"{NAME}-1", DeletionProtection=True, ApplyImmediately=True
    )
    refused = replicated.destroy(*given(**REPLICAS, database_deletion_protection=True))
    assert refused.returncode != 0
    assert "deletion_protection is on" in refused.messages()
    assert refused.plan() == []


def test_replicas_are_destroyed_first(replicated):
    done = replicated.destroy(*given(**REPLICAS, database_alarms={}))
    assert done.returncode == 0, done.messages()
    plan = done.plan()
    assert plan.index(f"delete DB instance {NAME}-1") < plan.index(f"delete DB instance {NAME}")
    assert left_over(replicated.aws) == {}

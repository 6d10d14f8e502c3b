"""Read replicas by the database module, against the region."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

from tests.integration.modules.databases import NEEDED, place, refused_before_any_write

REPLICA = {"name": "goals-1", "source_db_instance": "goals"}


@pytest.fixture(scope="module")
def vpc(endpoint):
    yield from place(endpoint, "10.94")


@pytest.fixture
def secret(aws):
    """A secret with the master user's password."""
    value = json.dumps({"username": "goals", "password": "long-enough-1"})
    name = aws("secretsmanager").create_secret(Name="goals-database", SecretString=value)["Name"]
    yield name
    aws("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def database(module, vpc):
    """The module, with what every source here has; what it made is removed, the replica first."""
    db_instance = module("db_instance")

    def make(**options):
        wish = {**NEEDED, "multi_az": False, "security_group_ids": vpc.groups[:1]}
        return db_instance(**{**wish, "subnet_group": {"subnet_ids": vpc.subnets[:2]}, **options})

    yield make
    for name in ("goals-1", "goals"):
        db_instance(name=name, state="absent", deletion_protection=False, skip_final_snapshot=True)


@pytest.fixture
def source(database, secret):
    return database(master_user_secret_id=secret)["db_instance"]


def described(aws, name="goals-1"):
    return aws("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def test_twelve_steps(twelve_steps, source, aws, vpc, database, secret):
    assert source["master_user_secret_arn"] is None
    given = {
        **REPLICA,
        "availability_zone": "us-east-1b",
        "security_group_ids": vpc.groups[:1],
        "backup_window": "03:00-04:00",
        "maintenance_window": "sun:05:00-sun:06:00",
        "tags": {"stack": "goals"},
    }
    changed = {**given, "instance_class": "db.t4g.small", "backup_retention_period": 3, "multi_az": False}
    created, updated, deleted = twelve_steps("db_instance")(given, changed, {"name": "goals-1"})
    assert created["plan"] == ["create DB instance goals-1"]
    facts = created["db_instance"]
    assert (facts["source_db_instance"], facts["replication"], facts["zone"]) == ("goals", "replicating", "us-east-1b")
    assert (facts["instance_class"], facts["multi_az"], facts["engine"]) == ("db.t4g.micro", False, "postgres")
    assert (facts["backup_retention_period"], facts["backup_window"]) == (0, "03:00-04:00"), "set once it was there"
    assert facts["endpoint"]["address"].startswith("goals-1.")
    assert updated["diff"]["after"]["DB instance goals-1"] == {
        "instance_class": "db.t4g.small",
        "backup_retention_period": 3,
    }
    assert deleted["plan"] == ["delete DB instance goals-1"]
    snapshots = aws("rds").describe_db_snapshots(DBInstanceIdentifier="goals-1", SnapshotType="manual")
    assert snapshots["DBSnapshots"] == []


def test_a_replica_is_promoted_and_gets_a_password_of_its_own(source, module, aws):
    replica = module("db_instance")
    replica(**REPLICA)
    left = replica(name="goals-1", instance_class="db.t4g.micro", allocated_storage=20, master_username="goals")
    assert not left["changed"], "what is not given is left"
    wish = {**NEEDED, "name": "goals-1", "source_db_instance": "", "backup_retention_period": 7}
    planned = replica(**wish, check_mode=True)
    promoted = replica(**wish)
    assert planned["diff"] == promoted["diff"]
    assert promoted["diff"]["after"]["DB instance goals-1"] == {
        "backup_retention_period": 7,
        "manage_master_user_password": True,
        "source_db_instance": "",
    }
    facts = promoted["db_instance"]
    assert facts["master_user_secret_arn"]
    assert facts["replication"] is None
    assert described(aws)["BackupRetentionPeriod"] == 7
    assert not replica(**wish)["changed"]


def test_a_replica_keeps_its_days_of_backups_when_it_is_promoted(source, module, aws, secret):
    module("db_instance")(**REPLICA, backup_retention_period=5)
    wish = {**NEEDED, "name": "goals-1", "source_db_instance": "", "master_user_secret_id": secret}
    promoted = module("db_instance")(**wish)
    assert promoted["diff"]["after"]["DB instance goals-1"] == {"source_db_instance": ""}
    assert described(aws)["BackupRetentionPeriod"] == 5


def test_what_can_be_no_replica_is_refused(source, module, aws):
    replica = module("db_instance")
    with pytest.raises(InvalidOptions) as refused:
        replica(**REPLICA, db_name="goals", master_username="goals", storage_encrypted=True)
    assert {fault.option for fault in refused.value.faults} == {"db_name", "master_username", "storage_encrypted"}
    refused_before_any_write(
        aws,
        lambda: replica(name="goals", source_db_instance="other"),
        "source_db_instance is 'other', but it is an instance of its own. RDS makes a replica only anew",
    )


def test_a_source_that_rds_makes_no_replica_of_is_refused(database, module, secret, aws):
    replica = module("db_instance")
    refused_before_any_write(aws, lambda: replica(**REPLICA), "'goals' is not there")
    database()
    refused_before_any_write(aws, lambda: replica(**REPLICA), "RDS keeps its password.*Give it master_user_secret_id")
    database(master_user_secret_id=secret, backup_retention_period=0)
    refused_before_any_write(aws, lambda: replica(**REPLICA), "has no backups.*backup_retention_period of 1 or more")


def test_a_source_is_not_deleted_before_its_replicas(source, module, aws):
    module("db_instance")(**REPLICA)
    absent = {"name": "goals", "state": "absent", "skip_final_snapshot": True}
    assert module("db_instance")(**absent, check_mode=True)["changed"], "they may go in the same run"
    refused_before_any_write(aws, lambda: module("db_instance")(**absent), "read replicas goals-1, which would become")
    refused_before_any_write(
        aws,
        lambda: module("db_instance")(name="goals-1", state="absent", final_snapshot_identifier="last"),
        "of which RDS takes no final snapshot",
    )


def test_the_password_moves_between_rds_and_a_secret(database, secret, aws):
    made = database(master_user_secret_id=secret)
    assert "long-enough-1" not in json.dumps(made)
    kept = database()
    assert kept["diff"]["after"] == {"DB instance goals": {"manage_master_user_password": True}}
    assert kept["db_instance"]["master_user_secret_arn"]
    back = database(master_user_secret_id=secret)
    assert back["db_instance"]["master_user_secret_arn"] is None
    assert not database(master_user_secret_id=secret)["changed"]


def test_a_secret_without_a_password_is_refused(database, aws):
    aws("secretsmanager").create_secret(Name="empty", SecretString="only text")
    with pytest.raises(StackError, match="master_user_secret_id: 'empty' holds no JSON object with the key password"):
        database(master_user_secret_id="empty")
    aws("secretsmanager").delete_secret(SecretId="empty", ForceDeleteWithoutRecovery=True)

"""Snapshots, restores and modifications: how long they take, what is told of them, and what RDS refuses."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from tests.integration.region.regions import Network, eventually, refused

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def network(region):
    return Network(region.client("ec2"))


@pytest.fixture(scope="module")
def subnet_group(rds, network):
    rds.create_db_subnet_group(DBSubnetGroupName="backups", DBSubnetGroupDescription="x", SubnetIds=network.subnets)
    return "backups"


@pytest.fixture
def database(rds, network, subnet_group):
    """An instance that was backed up once; Multi-AZ."""
    name = f"backups-{next(NUMBERS)}"
    rds.create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20, MultiAZ=True,
        MasterUsername="goals", MasterUserPassword="correct horse", DBSubnetGroupName=subnet_group, DBName="goals",
        VpcSecurityGroupIds=[network.group], BackupRetentionPeriod=7, DeletionProtection=True,
    )  # fmt: skip
    settled(rds, name)
    eventually(lambda: snapshots(rds, name), lambda seen: [each["Status"] for each in seen] == ["available"])
    yield name
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
    settled(rds, name)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def settled(rds, name):
    return eventually(lambda: described(rds, name), lambda seen: seen["DBInstanceStatus"] == "available")


def snapshots(rds, name):
    return rds.describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]


def snapshot(rds, name):
    """A new snapshot of an instance, once it is there."""
    made = f"{name}-{next(NUMBERS)}"
    rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=made)
    seen = eventually(lambda: whole(rds, made), lambda seen: seen["Status"] == "available")
    assert seen["PercentProgress"] == 100
    return made


def whole(rds, name):
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]


def told(rds, name, kind="db-instance", since=None):
    period = {"StartTime": since} if since else {}
    return [
        (*event["EventCategories"], event["Message"])
        for event in rds.describe_events(SourceType=kind, SourceIdentifier=name, **period)["Events"]
    ]


def delete(rds, name):
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def test_an_instance_is_backed_up_once_it_is_there(rds, database):
    assert told(rds, database) == [
        ("creation", "DB instance created"),
        ("backup", "Backing up DB instance"),
        ("backup", "Finished DB Instance backup"),
    ]
    (made,) = snapshots(rds, database)
    assert (made["SnapshotType"], made["DBSnapshotIdentifier"].startswith(f"rds:{database}-")) == ("automated", True)
    automated = {"DBSnapshotIdentifier": made["DBSnapshotIdentifier"]}
    refused(lambda: rds.delete_db_snapshot(**automated), "InvalidDBSnapshotState")


def test_a_snapshot_is_told_from_its_creation_to_its_deletion(rds, database):
    began = datetime.now(UTC)
    made = snapshot(rds, database)
    again = {"DBInstanceIdentifier": database, "DBSnapshotIdentifier": made}
    refused(lambda: rds.create_db_snapshot(**again), "DBSnapshotAlreadyExists")
    assert rds.delete_db_snapshot(DBSnapshotIdentifier=made)["DBSnapshot"]["Status"] == "deleted"
    refused(lambda: rds.delete_db_snapshot(DBSnapshotIdentifier=made), "DBSnapshotNotFound")
    assert told(rds, made, "db-snapshot") == [
        ("creation", "Creating manual snapshot"),
        ("creation", "Manual snapshot created"),
        ("deletion", "Deleted user snapshot"),
    ]
    assert told(rds, database, since=began) == [
        ("backup", "Backing up DB instance"),
        ("backup", "Finished DB Instance backup"),
    ]


def test_a_restored_instance_is_single_zone_and_unprotected(rds, database, subnet_group):
    made = snapshot(rds, database)
    answer = rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=f"{database}-restored", DBSnapshotIdentifier=made, DBSubnetGroupName=subnet_group
    )
    assert answer["DBInstance"]["DBInstanceStatus"] == "creating"
    seen = settled(rds, f"{database}-restored")
    for member, wanted in {"MultiAZ": False, "DeletionProtection": False, "MasterUsername": "goals"}.items():
        assert seen[member] == wanted
    assert seen["DbiResourceId"] != described(rds, database)["DbiResourceId"]
    assert told(rds, f"{database}-restored")[0] == ("restoration", f"Restored from snapshot {made}")
    delete(rds, f"{database}-restored")


def test_a_copy_of_a_snapshot_restores_too(rds, database):
    made = snapshot(rds, database)
    rds.copy_db_snapshot(SourceDBSnapshotIdentifier=made, TargetDBSnapshotIdentifier=f"{made}-copy")
    rds.delete_db_snapshot(DBSnapshotIdentifier=made)
    name = f"{database}-copied"
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{made}-copy", MultiAZ=True, DeletionProtection=False
    )
    assert settled(rds, name)["MultiAZ"]
    delete(rds, name)


def test_restoring_to_the_latest_time(rds, database):
    source, name = {"SourceDBInstanceIdentifier": database}, f"{database}-latest"
    target = {"TargetDBInstanceIdentifier": name}
    restore = rds.restore_db_instance_to_point_in_time
    refused(lambda: restore(**source, **target), "InvalidParameterCombination")
    refused(lambda: restore(**source, **target, RestoreTime=datetime.now(UTC)), "InvalidRestoreFault")
    assert restore(**source, **target, UseLatestRestorableTime=True)["DBInstance"]["DBInstanceStatus"] == "creating"
    settled(rds, name)
    assert told(rds, name)[0][1].startswith(f"Restored from DB instance {database} to ")
    rds.modify_db_instance(DBInstanceIdentifier=name, BackupRetentionPeriod=0, ApplyImmediately=True)
    settled(rds, name)
    unkept = {"SourceDBInstanceIdentifier": name, "TargetDBInstanceIdentifier": "x", "UseLatestRestorableTime": True}
    refused(lambda: restore(**unkept), "PointInTimeRestoreNotEnabled")
    assert all(each["DBSnapshotIdentifier"].startswith("rds:") for each in snapshots(rds, database))
    delete(rds, name)


def test_the_final_snapshot_comes_before_the_end(rds, database):
    made = snapshot(rds, database)
    name, final = f"{database}-short", f"{database}-final"
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=made)
    settled(rds, name)
    taken = {"DBInstanceIdentifier": name, "FinalDBSnapshotIdentifier": made}
    refused(lambda: rds.delete_db_instance(**taken), "DBSnapshotAlreadyExists")
    rds.delete_db_instance(DBInstanceIdentifier=name, FinalDBSnapshotIdentifier=final)
    eventually(lambda: rds.describe_db_instances()["DBInstances"], lambda seen: name not in str(seen))
    assert whole(rds, final)["Status"] == "available"
    assert told(rds, name)[-1] == ("deletion", "DB instance deleted")
    assert [each["DBSnapshotIdentifier"] for each in snapshots(rds, name)] == [final]  # no automated one is left
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=final)
    settled(rds, name)
    delete(rds, name)


def test_a_modification_is_told_when_it_begins_and_when_it_is_done(rds, database):
    def change(**request):
        began = datetime.now(UTC)
        rds.modify_db_instance(DBInstanceIdentifier=database, ApplyImmediately=True, **request)
        settled(rds, database)
        return [message for _, message in told(rds, database, since=began)]

    assert change(MultiAZ=False) == [
        "Applying modification to convert to a standard (Single-AZ) DB Instance",
        "Finished applying modification to convert to a standard (Single-AZ) DB Instance",
    ]
    seen = described(rds, database)
    assert (seen["MultiAZ"], "SecondaryAvailabilityZone" in seen) == (False, False)
    assert change(MultiAZ=True) == [
        "Applying modification to convert to a Multi-AZ DB Instance",
        "Finished applying modification to convert to a Multi-AZ DB Instance",
    ]
    seen = described(rds, database)
    assert {seen["AvailabilityZone"], seen["SecondaryAvailabilityZone"]} == {"us-east-1a", "us-east-1b"}
    assert change(MasterUserPassword="another horse") == ["Reset master credentials"]
    assert change(BackupRetentionPeriod=0) == ["Disabled automated backups"]
    assert change(DBInstanceClass="db.t4g.small", AllocatedStorage=30, BackupRetentionPeriod=1) == [
        "Applying modification to database instance class",
        "Applying modification to allocated storage",
        "Enabled automated backups",
        "Finished applying modification to DB instance class",
        "Finished applying modification to allocated storage",
    ]


def test_interfaces_come_and_go_with_the_standby(rds, ec2, database, network):
    def interfaces():
        found = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [network.group]}])
        return len(found["NetworkInterfaces"])

    before = interfaces()
    for multi_az, change in ((False, -1), (True, 0)):
        rds.modify_db_instance(DBInstanceIdentifier=database, MultiAZ=multi_az, ApplyImmediately=True)
        settled(rds, database)
        assert interfaces() == before + change

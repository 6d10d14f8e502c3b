"""Read replicas as API_CreateDBInstanceReadReplica, API_PromoteReadReplica and API_DeleteDBInstance have them."""

from __future__ import annotations

import itertools

import pytest

from tests.integration.region.regions import Network, eventually, refused

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def network(region):
    network = Network(region.client("ec2"))
    region.client("rds").create_db_subnet_group(
        DBSubnetGroupName="replicas", DBSubnetGroupDescription="x", SubnetIds=network.subnets
    )
    return network


@pytest.fixture
def source(rds, network):
    def make(**more):
        name = f"source{next(NUMBERS)}"
        wanted = {
            "DBInstanceIdentifier": name, "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
            "AllocatedStorage": 20, "MasterUsername": "goals", "MasterUserPassword": "long-enough-1",
            "DBSubnetGroupName": "replicas",
            "VpcSecurityGroupIds": [network.group], "StorageEncrypted": True, **more,
        }  # fmt: skip
        rds.create_db_instance(**wanted)
        available(rds, name)
        return name

    return make


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def available(rds, name):
    return eventually(lambda: described(rds, name), lambda seen: seen["DBInstanceStatus"] == "available")


def replica(rds, source, **more):
    name = f"{source}-1"
    wanted = {"DBInstanceIdentifier": name, "SourceDBInstanceIdentifier": source}
    return rds.create_db_instance_read_replica(**wanted, **more)["DBInstance"]


def test_a_replica_takes_after_its_source(rds, source, network):
    name = source(Tags=[{"Key": "a", "Value": "1"}], DeletionProtection=True, MultiAZ=True)
    made = replica(rds, name, VpcSecurityGroupIds=[network.group], AvailabilityZone="us-east-1b")
    assert made["DBInstanceStatus"] == "creating"
    seen = available(rds, f"{name}-1")
    assert described(rds, name)["ReadReplicaDBInstanceIdentifiers"] == [f"{name}-1"]
    assert seen["ReadReplicaSourceDBInstanceIdentifier"] == name
    assert seen["StatusInfos"] == [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}]
    assert seen["AvailabilityZone"] == "us-east-1b"
    assert (seen["StorageEncrypted"], seen["MasterUsername"], seen["AllocatedStorage"]) == (True, "goals", 20)
    assert (seen["MultiAZ"], seen["BackupRetentionPeriod"], seen["DeletionProtection"]) == (False, 0, False)
    assert seen["TagList"] == []
    assert seen["DbiResourceId"] != described(rds, name)["DbiResourceId"]


def test_what_can_have_no_replica(rds, source):
    managed = source(MasterUserPassword="", ManageMasterUserPassword=True)
    assert "ManageMasterUserPassword is enabled" in refused(lambda: replica(rds, managed), "InvalidParameterValue")
    without = source(BackupRetentionPeriod=0)
    assert "Automated backups are not enabled" in refused(lambda: replica(rds, without), "InvalidDBInstanceState")
    refused(lambda: replica(rds, "nobody"), "DBInstanceNotFound")


def test_what_a_replica_and_a_source_may_not(rds, source):
    name = source()
    replica(rds, name)
    available(rds, f"{name}-1")
    change = {"DBInstanceIdentifier": f"{name}-1", "ApplyImmediately": True}
    refused(lambda: rds.modify_db_instance(**change, MasterUserPassword="x" * 9), "InvalidParameterCombination")
    refused(lambda: rds.modify_db_instance(**change, ManageMasterUserPassword=True), "InvalidParameterValue")
    stop = {"DBInstanceIdentifier": name, "BackupRetentionPeriod": 0, "ApplyImmediately": True}
    refused(lambda: rds.modify_db_instance(**stop), "InvalidParameterCombination")
    last = {"DBInstanceIdentifier": f"{name}-1", "FinalDBSnapshotIdentifier": "last"}
    message = refused(lambda: rds.delete_db_instance(**last), "InvalidParameterCombination")
    assert "can not be specified when deleting a replica" in message


def test_a_replica_is_promoted(rds, source):
    name = source()
    refused(lambda: rds.promote_read_replica(DBInstanceIdentifier=name), "InvalidDBInstanceState")
    replica(rds, name)
    available(rds, f"{name}-1")
    assert rds.promote_read_replica(DBInstanceIdentifier=f"{name}-1")["DBInstance"]["DBInstanceStatus"] == "modifying"
    seen = available(rds, f"{name}-1")
    assert "ReadReplicaSourceDBInstanceIdentifier" not in seen
    assert seen["BackupRetentionPeriod"] == 1
    assert described(rds, name)["ReadReplicaDBInstanceIdentifiers"] == []


def test_replicas_outlive_their_source(rds, source):
    name = source()
    replica(rds, name)
    available(rds, f"{name}-1")
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in described(rds, f"{name}-1")
    rds.delete_db_instance(DBInstanceIdentifier=f"{name}-1", SkipFinalSnapshot=True)
    eventually(lambda: rds.describe_db_instances()["DBInstances"], lambda seen: name not in str(seen))


def test_a_deleted_replica_is_no_longer_its_sources(rds, source):
    name = source()
    replica(rds, name)
    available(rds, f"{name}-1")
    rds.delete_db_instance(DBInstanceIdentifier=f"{name}-1", SkipFinalSnapshot=True)
    eventually(lambda: described(rds, name), lambda seen: seen["ReadReplicaDBInstanceIdentifiers"] == [])

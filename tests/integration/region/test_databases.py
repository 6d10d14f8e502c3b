"""RDS as AWS behaves where moto does not."""

import itertools
import json

import pytest

from tests.integration.region.regions import eventually, refused

NUMBERS = itertools.count()


@pytest.fixture
def subnet_group(rds, network):
    name = f"subnets-{next(NUMBERS)}"
    rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="x", SubnetIds=network.subnets)
    return name


def options(network, subnet_group, **more):
    return {
        "DBInstanceIdentifier": f"db-{next(NUMBERS)}", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
        "EngineVersion": "16.4", "AllocatedStorage": 20, "StorageType": "gp3", "MasterUsername": "goals",
        "ManageMasterUserPassword": True, "MultiAZ": True, "DBSubnetGroupName": subnet_group,
        "VpcSecurityGroupIds": [network.group],
    } | more  # fmt: skip


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def status(rds, name):
    return described(rds, name)["DBInstanceStatus"]


def test_life_of_a_database(region, ec2, rds, network, subnet_group):
    wanted = options(network, subnet_group)
    name = wanted["DBInstanceIdentifier"]
    made = rds.create_db_instance(**wanted)["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in made
    modify = {"DBInstanceIdentifier": name, "BackupRetentionPeriod": 7, "ApplyImmediately": True}
    refused(lambda: rds.modify_db_instance(**modify), "InvalidDBInstanceState")
    eventually(lambda: status(rds, name), lambda seen: seen == "available")
    seen = described(rds, name)
    assert (seen["AvailabilityZone"], seen["SecondaryAvailabilityZone"]) == ("us-east-1a", "us-east-1b")
    assert (seen["StorageType"], seen["StorageThroughput"], seen["Iops"]) == ("gp3", 125, 3000)
    assert seen["Endpoint"]["Port"] == 5432

    assert rds.modify_db_instance(**modify)["DBInstance"]["DBInstanceStatus"] == "modifying"
    eventually(lambda: status(rds, name), lambda seen: seen == "available")
    assert described(rds, name)["BackupRetentionPeriod"] == 7

    message = refused(lambda: rds.delete_db_instance(DBInstanceIdentifier=name), "InvalidParameterCombination")
    assert "FinalDBSnapshotIdentifier is required" in message
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    assert status(rds, name) == "deleting"
    group = {"DBSubnetGroupName": subnet_group}
    refused(lambda: rds.delete_db_subnet_group(**group), "InvalidDBSubnetGroupStateFault")
    refused(lambda: ec2.delete_security_group(GroupId=network.group), "DependencyViolation")
    eventually(lambda: rds.describe_db_instances()["DBInstances"], lambda seen: name not in str(seen))
    refused(lambda: described(rds, name), "DBInstanceNotFound")
    rds.delete_db_subnet_group(**group)
    ec2.delete_security_group(GroupId=network.group)


def test_managed_password_is_a_secret_of_its_own(region, rds, network, subnet_group):
    secrets = region.client("secretsmanager")
    passwords = set()
    for _ in range(2):
        name = rds.create_db_instance(**options(network, subnet_group))["DBInstance"]["DBInstanceIdentifier"]
        arn = described(rds, name)["MasterUserSecret"]["SecretArn"]
        value = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
        assert value["username"] == "goals"
        assert len(value["password"]) >= 20
        passwords.add(value["password"])
        told = secrets.describe_secret(SecretId=arn)
        assert told["Name"].startswith("rds!db-")
        assert told["OwningService"] == "rds"
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        eventually(lambda: secrets.list_secrets()["SecretList"], lambda seen, arn=arn: arn not in str(seen))
    assert len(passwords) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"EngineVersion": "16.99"}, "InvalidParameterCombination"),
        ({"EngineVersion": "7"}, "InvalidParameterCombination"),
        ({"DBInstanceClass": "db.t9.nano"}, "InvalidParameterCombination"),
        ({"ManageMasterUserPassword": False}, "InvalidParameterValue"),
        ({"DBSubnetGroupName": "nowhere"}, "DBSubnetGroupNotFoundFault"),
    ],
)
def test_wrong_settings_are_refused(rds, network, subnet_group, wrong, code):
    wanted = options(network, subnet_group, **wrong)
    refused(lambda: rds.create_db_instance(**wanted), code)
    refused(lambda: described(rds, wanted["DBInstanceIdentifier"]), "DBInstanceNotFound")


def test_a_major_version_means_its_latest_minor(rds, network, subnet_group):
    made = rds.create_db_instance(**options(network, subnet_group, EngineVersion="16"))["DBInstance"]
    assert made["EngineVersion"].startswith("16.")
    assert made["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres16"


def test_subnet_group_needs_two_zones(rds, network, subnet_group):
    one = {"SubnetIds": network.subnets[:1]}
    make = {"DBSubnetGroupName": "one-zone", "DBSubnetGroupDescription": "x", **one}
    refused(lambda: rds.create_db_subnet_group(**make), "DBSubnetGroupDoesNotCoverEnoughAZs")
    change = {"DBSubnetGroupName": subnet_group, **one}
    refused(lambda: rds.modify_db_subnet_group(**change), "DBSubnetGroupDoesNotCoverEnoughAZs")
    again = {"DBSubnetGroupName": subnet_group, "DBSubnetGroupDescription": "x", "SubnetIds": network.subnets}
    refused(lambda: rds.create_db_subnet_group(**again), "DBSubnetGroupAlreadyExists")


def test_deletion_protection(rds, network, subnet_group):
    made = rds.create_db_instance(**options(network, subnet_group, DeletionProtection=True))["DBInstance"]
    delete = {"DBInstanceIdentifier": made["DBInstanceIdentifier"], "SkipFinalSnapshot": True}
    refused(lambda: rds.delete_db_instance(**delete), "InvalidParameterCombination")

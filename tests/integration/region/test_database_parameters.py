"""DB parameter groups as API_ModifyDBParameterGroup and "Working with parameter groups" have them."""

from __future__ import annotations

import pytest

from tests.integration.region.regions import Network, eventually, refused

GROUP = {"DBParameterGroupName": "tuned"}
NOW, LATER = {"ApplyMethod": "immediate"}, {"ApplyMethod": "pending-reboot"}
WORK = {"ParameterName": "work_mem", "ParameterValue": "8192", **NOW}
CONNECTIONS = {"ParameterName": "max_connections", "ParameterValue": "200", **LATER}


@pytest.fixture(scope="module")
def database(region):
    """An instance with a group of its own."""
    network, rds = Network(region.client("ec2")), region.client("rds")
    rds.create_db_parameter_group(**GROUP, DBParameterGroupFamily="postgres16", Description="x")
    rds.create_db_subnet_group(DBSubnetGroupName="tuned", DBSubnetGroupDescription="x", SubnetIds=network.subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="tuned", DBInstanceClass="db.t4g.micro", Engine="postgres", EngineVersion="16",
        AllocatedStorage=20, MasterUsername="goals", ManageMasterUserPassword=True, DBSubnetGroupName="tuned",
        VpcSecurityGroupIds=[network.group], DBParameterGroupName="tuned",
    )  # fmt: skip
    available(rds)
    return "tuned"


def described(rds):
    return rds.describe_db_instances(DBInstanceIdentifier="tuned")["DBInstances"][0]


def available(rds):
    return eventually(lambda: described(rds), lambda seen: seen["DBInstanceStatus"] == "available")


def status(rds):
    return described(rds)["DBParameterGroups"][0]["ParameterApplyStatus"]


def told(rds, **request):
    pages = rds.get_paginator("describe_db_parameters").paginate(**GROUP, **request)
    return {each["ParameterName"]: each for page in pages for each in page["Parameters"]}


def test_what_is_static_waits_for_a_reboot(rds, database):
    rds.modify_db_parameter_group(**GROUP, Parameters=[WORK])
    assert status(rds) == "in-sync"
    rds.modify_db_parameter_group(**GROUP, Parameters=[CONNECTIONS])
    assert status(rds) == "pending-reboot"
    own = told(rds, Source="user")
    assert {name: each["ParameterValue"] for name, each in own.items()} == {
        "work_mem": "8192",
        "max_connections": "200",
    }
    assert (own["work_mem"]["ApplyType"], own["max_connections"]["ApplyType"]) == ("dynamic", "static")
    rds.reboot_db_instance(DBInstanceIdentifier="tuned")
    available(rds)
    assert status(rds) == "in-sync"
    rds.reset_db_parameter_group(**GROUP, Parameters=[{"ParameterName": "work_mem", **NOW}])
    assert told(rds, Source="user").keys() == {"max_connections"}
    rds.reset_db_parameter_group(**GROUP, ResetAllParameters=True)
    assert told(rds, Source="user") == {}
    assert status(rds) == "pending-reboot"


@pytest.mark.parametrize(
    ("parameters", "code", "words"),
    [
        ([{**CONNECTIONS, **NOW}], "InvalidParameterCombination", "cannot use immediate apply method"),
        ([{**WORK, "ParameterName": "wrk_mem"}], "InvalidParameterValue", "Could not find parameter"),
        ([{**WORK, "ParameterValue": "64MB"}], "InvalidParameterValue", "allowed values are: 64-"),
        ([{**WORK, "ParameterName": "log_statement", "ParameterValue": "some"}], "InvalidParameterValue", "none,ddl"),
        ([{**WORK, "ParameterName": "autovacuum", "ParameterValue": "on"}], "InvalidParameterValue", "0,1"),
        ([{**WORK, "ParameterName": "data_directory", **LATER}], "InvalidParameterCombination", "cannot be modified"),
        ([WORK] * 21, "InvalidParameterValue", "At most 20"),
    ],
)
def test_what_rds_refuses(rds, database, parameters, code, words):
    assert words in refused(lambda: rds.modify_db_parameter_group(**GROUP, Parameters=parameters), code)


def test_a_group_in_use_and_one_of_no_family(rds, database):
    assert "still members" in refused(lambda: rds.delete_db_parameter_group(**GROUP), "InvalidDBParameterGroupState")
    wrong = {"DBParameterGroupName": "wrong", "DBParameterGroupFamily": "postgres8", "Description": "x"}
    refused(lambda: rds.create_db_parameter_group(**wrong), "InvalidParameterValue")


def test_defaults_are_told_by_family(rds, database):
    found = rds.describe_engine_default_parameters(DBParameterGroupFamily="postgres16")["EngineDefaults"]["Parameters"]
    assert {each["ParameterName"] for each in found} == told(rds).keys()
    refused(lambda: rds.describe_engine_default_parameters(DBParameterGroupFamily="postgres8"), "InvalidParameterValue")


def test_a_group_of_another_family_is_refused_and_an_upgrade_wants_one(rds, database):
    available(rds)
    other = {"DBParameterGroupName": "newer", "DBParameterGroupFamily": "postgres17", "Description": "x"}
    rds.create_db_parameter_group(**other)
    change = {"DBInstanceIdentifier": "tuned", "ApplyImmediately": True}
    upgrade = {**change, "EngineVersion": "17", "AllowMajorVersionUpgrade": True}
    refused(lambda: rds.modify_db_instance(**change, DBParameterGroupName="newer"), "InvalidParameterCombination")
    assert "explicitly specify" in refused(lambda: rds.modify_db_instance(**upgrade), "InvalidParameterCombination")
    rds.modify_db_instance(**upgrade, DBParameterGroupName="newer")
    available(rds)
    (group,) = described(rds)["DBParameterGroups"]
    assert group == {"DBParameterGroupName": "newer", "ParameterApplyStatus": "pending-reboot"}

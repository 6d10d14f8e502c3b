"""RDS calls and settings that moto lacks."""

from __future__ import annotations

import itertools

import pytest

from tests.integration.region.regions import eventually

NUMBERS = itertools.count()


@pytest.fixture
def subnet_group(rds, network):
    name = f"api-{next(NUMBERS)}"
    rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="x", SubnetIds=network.subnets)
    return name


def test_engine_versions(rds):
    def versions(**request):
        described = rds.describe_db_engine_versions(Engine="postgres", **request)["DBEngineVersions"]
        return [each["EngineVersion"] for each in described]

    assert {"15.7", "16.4"} <= set(versions())
    assert {each.partition(".")[0] for each in versions(EngineVersion="16")} == {"16"}
    assert versions(EngineVersion="16.4") == ["16.4"]
    assert versions(EngineVersion="9.3") == []


def test_a_changed_subnet_group_stays(rds, network, subnet_group):
    group = {"DBSubnetGroupName": subnet_group, "SubnetIds": network.subnets}
    rds.modify_db_subnet_group(**group, DBSubnetGroupDescription="y")
    described = rds.describe_db_subnet_groups(DBSubnetGroupName=subnet_group)["DBSubnetGroups"][0]
    assert described["DBSubnetGroupDescription"] == "y"


def test_port_and_performance_insights_can_be_changed(rds, network, subnet_group):
    name = f"api-{next(NUMBERS)}"
    instance = {"DBInstanceIdentifier": name}

    def seen():
        return rds.describe_db_instances(**instance)["DBInstances"][0]

    rds.create_db_instance(
        **instance,
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="goals",
        ManageMasterUserPassword=True,
        DBSubnetGroupName=subnet_group,
        VpcSecurityGroupIds=[network.group],
        EnablePerformanceInsights=True,
    )
    made = eventually(seen, lambda each: each["DBInstanceStatus"] == "available")
    assert (made["PerformanceInsightsEnabled"], made["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    rds.modify_db_instance(**instance, DBPortNumber=5433, EnablePerformanceInsights=False, ApplyImmediately=True)
    changed = eventually(seen, lambda each: each["DBInstanceStatus"] == "available")
    assert (changed["Endpoint"]["Port"], changed["PerformanceInsightsEnabled"]) == (5433, False)
    rds.delete_db_instance(**instance, SkipFinalSnapshot=True)

"""RebootDBInstance and its events, as API_RebootDBInstance and "Failing over a Multi-AZ DB instance" have them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.region.regions import Network, eventually, refused

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def database(region):
    """A Multi-AZ instance."""
    network, rds = Network(region.client("ec2")), region.client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="reboots", DBSubnetGroupDescription="x", SubnetIds=network.subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="reboots", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="goals", ManageMasterUserPassword=True, MultiAZ=True, DBSubnetGroupName="reboots",
        VpcSecurityGroupIds=[network.group],
    )  # fmt: skip
    settled(rds, "reboots")
    return "reboots"


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def settled(rds, name):
    """The instance once it is available, with a standby when it wants one."""

    def whole(seen):
        return seen["DBInstanceStatus"] == "available" and seen["MultiAZ"] == ("SecondaryAvailabilityZone" in seen)

    return eventually(lambda: described(rds, name), whole)


def messages(rds, name, since, **request):
    told = rds.describe_events(SourceType="db-instance", SourceIdentifier=name, StartTime=since, **request)["Events"]
    return [(event["Message"], event.get("EventCategories", [])) for event in told]


def test_a_reboot_restarts_the_primary_where_it_is(rds, database):
    began, before = datetime.now(UTC), settled(rds, database)
    assert rds.reboot_db_instance(DBInstanceIdentifier=database)["DBInstance"]["DBInstanceStatus"] == "rebooting"
    after = settled(rds, database)
    for zone in ("AvailabilityZone", "SecondaryAvailabilityZone"):
        assert after[zone] == before[zone]
    assert messages(rds, database, began) == [
        ("DB instance shutdown", ["availability"]),
        ("DB instance restarted", ["availability"]),
    ]


def test_a_forced_failover_swaps_the_zones(rds, database):
    began, before = datetime.now(UTC), settled(rds, database)
    answer = rds.reboot_db_instance(DBInstanceIdentifier=database, ForceFailover=True)["DBInstance"]
    assert answer["DBInstanceStatus"] == "rebooting"
    after = settled(rds, database)
    assert after["AvailabilityZone"] == before["SecondaryAvailabilityZone"]
    assert after["SecondaryAvailabilityZone"] == before["AvailabilityZone"]
    assert after["Endpoint"] == before["Endpoint"]
    assert messages(rds, database, began) == [
        ("Multi-AZ instance failover started.", ["failover"]),
        ("DB instance restarted", ["availability"]),
        ("Multi-AZ instance failover completed", ["failover"]),
        ("The user requested a failover of the DB instance.", []),
        ("Recovery of standby DB instance has started.", ["recovery"]),
        ("Recovery of standby DB instance has completed.", ["recovery"]),
    ]
    assert messages(rds, database, began, EventCategories=["availability"]) == [
        ("DB instance restarted", ["availability"])
    ]


def test_a_single_zone_instance_has_nothing_to_fail_over_to(rds, database):
    rds.modify_db_instance(DBInstanceIdentifier=database, MultiAZ=False, ApplyImmediately=True)
    settled(rds, database)
    force = {"DBInstanceIdentifier": database, "ForceFailover": True}
    message = refused(lambda: rds.reboot_db_instance(**force), "InvalidParameterCombination")
    assert message.startswith("ForceFailover cannot be specified")
    rds.modify_db_instance(DBInstanceIdentifier=database, MultiAZ=True, ApplyImmediately=True)
    settled(rds, database)


def test_events_are_those_of_the_last_hour_unless_told_otherwise(rds, database):
    rds.reboot_db_instance(DBInstanceIdentifier=database)
    settled(rds, database)
    of = {"SourceType": "db-instance", "SourceIdentifier": database}
    now = datetime.now(UTC)
    everything = rds.describe_events(**of)["Events"]
    assert everything
    assert rds.describe_events(**of, Duration=20_000)["Events"] == everything
    assert rds.describe_events(**of, EndTime=now - timedelta(minutes=30))["Events"] == []
    first = everything[0]["Date"]
    assert rds.describe_events(**of, StartTime=first, EndTime=first)["Events"] == everything[:1]
    assert [event["Date"] for event in everything] == sorted(event["Date"] for event in everything)
    page = rds.get_paginator("describe_events").paginate(**of, PaginationConfig={"PageSize": 20})
    assert page.build_full_result()["Events"] == everything
    backwards = {"StartTime": now, "EndTime": now - timedelta(minutes=1)}
    refused(lambda: rds.describe_events(**of, **backwards), "InvalidParameterCombination")
    refused(lambda: rds.describe_events(SourceIdentifier=database), "InvalidParameterCombination")
    refused(lambda: rds.describe_events(SourceType="table"), "InvalidParameterValue")

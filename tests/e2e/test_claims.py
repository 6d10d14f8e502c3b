"""The stack's claims, each read back through the AWS CLI and tried with real requests."""

from __future__ import annotations

from collections import Counter

import httpx2 as httpx
import pytest

pytestmark = pytest.mark.e2e


def zones(resources) -> list[str]:
    return sorted(resource["AvailabilityZone"] for resource in resources)


def test_the_group_spans_two_private_subnets_with_one_instance_each(site):
    group = site.group()
    assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]) == (2, 2, 3)
    private = site.subnets("app")
    assert set(group["VPCZoneIdentifier"].split(",")) == set(private)
    assert zones(private.values()) == ["us-east-1a", "us-east-1b"]
    assert sorted(i["Placement"]["AvailabilityZone"] for i in site.instances()) == ["us-east-1a", "us-east-1b"]
    assert all("PublicIpAddress" not in instance for instance in site.instances())


def test_the_load_balancer_faces_the_internet_on_port_80_only(site):
    balancer = site.load_balancer()
    assert (balancer["Scheme"], balancer["Type"], balancer["State"]["Code"]) == (
        "internet-facing",
        "application",
        "active",
    )
    assert {zone["SubnetId"] for zone in balancer["AvailabilityZones"]} == set(site.subnets("public"))
    arn = balancer["LoadBalancerArn"]
    (listener,) = site.aws("elbv2", "describe-listeners", "--load-balancer-arn", arn)["Listeners"]
    target_group = site.target_group()
    assert (listener["Port"], listener["Protocol"]) == (80, "HTTP")
    assert listener["DefaultActions"][0]["TargetGroupArn"] == target_group["TargetGroupArn"]
    assert target_group["Port"] == 8000
    (group,) = balancer["SecurityGroups"]
    permissions = site.aws("ec2", "describe-security-groups", "--group-ids", group)["SecurityGroups"][0][
        "IpPermissions"
    ]
    assert [(p["FromPort"], p["ToPort"], [r["CidrIp"] for r in p["IpRanges"]]) for p in permissions] == [
        (80, 80, ["0.0.0.0/0"])
    ]
    assert httpx.get(site.api).status_code == 200


def test_health_checks_ask_for_the_root_and_every_target_is_healthy(site):
    group = site.target_group()
    assert (group["HealthCheckPath"], group["Matcher"]["HttpCode"]) == ("/", "200")
    assert site.health() == {instance["InstanceId"]: "healthy" for instance in site.instances()}


def test_requests_are_spread_evenly(site):
    with httpx.Client() as client:
        url = site.api
        served = Counter(client.get(url).headers["x-served-by"] for _ in range(1000))
    assert len(served) == 2
    assert all(490 <= count <= 510 for count in served.values()), served


def test_the_database_is_private_and_has_a_standby_in_another_zone(site):
    database = site.database()
    assert (database["Engine"], database["MultiAZ"], database["PubliclyAccessible"]) == ("postgres", True, False)
    assert database["StorageEncrypted"] is True
    subnets = {subnet["SubnetIdentifier"] for subnet in database["DBSubnetGroup"]["Subnets"]}
    assert subnets == set(site.subnets("database"))
    assert {database["AvailabilityZone"], database["SecondaryAvailabilityZone"]} == {"us-east-1a", "us-east-1b"}
    assert database["MasterUserSecret"]["SecretStatus"] == "active"


def test_the_database_admits_the_backend_only(site):
    permissions = site.security_group("database")["IpPermissions"]
    backend = site.security_group("backend")["GroupId"]
    allowed = [
        (p["FromPort"], p["ToPort"], p["IpRanges"], [g["GroupId"] for g in p["UserIdGroupPairs"]]) for p in permissions
    ]
    assert allowed == [(5432, 5432, [], [backend])]


def test_private_subnets_leave_through_the_nat_gateway(site):
    filters = f"Name=tag:Name,Values={site.name}-app*"
    tables = site.aws("ec2", "describe-route-tables", "--filters", filters)["RouteTables"]
    exits = {route["NatGatewayId"] for table in tables for route in table["Routes"] if "NatGatewayId" in route}
    gateways = site.aws("ec2", "describe-nat-gateways", "--nat-gateway-ids", *exits)["NatGateways"]
    assert [gateway["State"] for gateway in gateways] == ["available"] * len(gateways)
    assert {gateway["SubnetId"] for gateway in gateways} <= set(site.subnets("public"))


def test_the_goals_api_keeps_goals(site):
    with httpx.Client(base_url=site.api) as client:
        made = client.post("/goals", json={"text": "Ship the stack"})
        assert made.status_code == 201, made.text
        goal = made.json()
        assert goal["id"] in [kept["id"] for kept in client.get("/goals").json()]
        assert client.delete(f"/goals/{goal['id']}").status_code == 204


def test_the_published_configuration_names_the_load_balancer(site):
    config = httpx.get(f"{site.frontend}/config.js")
    assert config.status_code == 200
    assert site.load_balancer()["DNSName"] in config.text

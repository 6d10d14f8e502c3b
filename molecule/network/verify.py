"""The network as EC2 tells it: zones, ways out, and who may speak to whom."""

from __future__ import annotations

from observer import client, group_id, subnets, vpc, zones

BOTH = ["us-east-1a", "us-east-1b"]
ec2 = client("ec2")
here = [{"Name": "vpc-id", "Values": [vpc()["VpcId"]]}]

assert vpc()["CidrBlock"] == "10.0.0.0/16"
for tier in ("public", "app", "database"):
    assert zones(subnets(tier)) == BOTH, tier

tables = ec2.describe_route_tables(Filters=here)["RouteTables"]
gateways = {
    gateway["NatGatewayId"]: gateway["SubnetId"]
    for gateway in ec2.describe_nat_gateways(Filters=[*here, {"Name": "state", "Values": ["available"]}])["NatGateways"]
}
assert sorted(gateways.values()) == sorted(subnet["SubnetId"] for subnet in subnets("public"))


def way_out(subnet: str) -> str:
    """Where a subnet's route table leads traffic for the world; empty for nowhere."""
    (table,) = [t for t in tables if any(a.get("SubnetId") == subnet for a in t["Associations"])]
    routes = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
    return str(routes[0].get("NatGatewayId") or routes[0].get("GatewayId")) if routes else ""


assert all(way_out(subnet["SubnetId"]).startswith("igw-") for subnet in subnets("public"))
assert all(way_out(subnet["SubnetId"]) == "" for subnet in subnets("database"))
public_zone = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in subnets("public")}
for subnet in subnets("app"):
    assert public_zone[gateways[way_out(subnet["SubnetId"])]] == subnet["AvailabilityZone"]

alb, backend, database = (group_id(f"goals-{name}") for name in ("alb", "backend", "database"))


def rules(group: str, egress: bool) -> set[tuple[str, int, str]]:
    """(protocol, port, other end) of a group's rules in a direction."""
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return {
        (rule["IpProtocol"], rule["FromPort"], rule.get("CidrIpv4") or rule["ReferencedGroupInfo"]["GroupId"])
        for rule in found
        if rule["IsEgress"] == egress
    }


assert rules(alb, egress=False) == {("tcp", 80, "0.0.0.0/0")}
assert rules(alb, egress=True) == {("tcp", 8000, backend)}
assert rules(backend, egress=False) == {("tcp", 8000, alb)}
assert rules(backend, egress=True) == {
    ("tcp", 5432, database),
    ("tcp", 443, "0.0.0.0/0"),
    ("tcp", 80, "0.0.0.0/0"),
    ("udp", 53, "10.0.0.0/16"),
    ("tcp", 53, "10.0.0.0/16"),
}
assert rules(database, egress=False) == {("tcp", 5432, backend)}
assert rules(database, egress=True) == set()

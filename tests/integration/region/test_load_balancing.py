"""Load balancers and target health as AWS behaves where moto does not."""

import ipaddress
import itertools

import pytest

from tests.integration.region.regions import eventually, launch, refused, state

NUMBERS = itertools.count()


@pytest.fixture
def balancer(elbv2, network):
    made = elbv2.create_load_balancer(
        Name=f"lb-{next(NUMBERS)}", Subnets=network.subnets, SecurityGroups=[network.group]
    )["LoadBalancers"][0]
    yield made
    elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])


@pytest.fixture
def group(elbv2, network):
    return elbv2.create_target_group(Name=f"tg-{next(NUMBERS)}", Protocol="HTTP", Port=8000, VpcId=network.vpc)[
        "TargetGroups"
    ][0]["TargetGroupArn"]


def listen(elbv2, balancer, group, port=80):
    return elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Port=port, Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )["Listeners"][0]["ListenerArn"]  # fmt: skip


def health(elbv2, group, *targets):
    asked = {"Targets": [{"Id": target} for target in targets]} if targets else {}
    described = elbv2.describe_target_health(TargetGroupArn=group, **asked)["TargetHealthDescriptions"]
    return {
        each["Target"]["Id"]: (each["TargetHealth"]["State"], each["TargetHealth"].get("Reason")) for each in described
    }


def test_provisioning_then_active(elbv2, balancer):
    assert balancer["State"]["Code"] == "provisioning"
    arns = [balancer["LoadBalancerArn"]]

    def code():
        return elbv2.describe_load_balancers(LoadBalancerArns=arns)["LoadBalancers"][0]["State"]["Code"]

    assert code() == "provisioning"
    eventually(code, lambda seen: seen == "active")


def test_nodes_hold_subnets_and_groups_until_they_are_gone(ec2, elbv2, network):
    made = elbv2.create_load_balancer(Name="nodes", Subnets=network.subnets, SecurityGroups=[network.group])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
    nodes = ec2.describe_network_interfaces(Filters=of_vpc)["NetworkInterfaces"]
    assert sorted(node["SubnetId"] for node in nodes) == sorted(network.subnets)
    public = [ipaddress.ip_address(node["Association"]["PublicIp"]) for node in nodes]
    assert len(set(public)) == 2
    assert all(each in ipaddress.ip_network("198.18.0.0/24") for each in public)
    elbv2.delete_load_balancer(LoadBalancerArn=arn)
    refused(lambda: ec2.delete_security_group(GroupId=network.group), "DependencyViolation")
    eventually(lambda: ec2.describe_network_interfaces(Filters=of_vpc)["NetworkInterfaces"], lambda seen: not seen)
    ec2.delete_security_group(GroupId=network.group)


def test_two_zones_are_required(ec2, elbv2, network):
    one = [network.subnets[0]]
    assert "two different Availability Zones" in refused(
        lambda: elbv2.create_load_balancer(Name="one-zone", Subnets=one), "ValidationError"
    )
    twin = ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="us-east-1a")["Subnet"]
    subnets = [*network.subnets, twin["SubnetId"]]
    refused(lambda: elbv2.create_load_balancer(Name="twins", Subnets=subnets), "InvalidConfigurationRequest")


def test_refusals(ec2, elbv2, network, balancer, group):
    again = {"Name": balancer["LoadBalancerName"], "Subnets": network.subnets}
    refused(lambda: elbv2.create_load_balancer(**again), "DuplicateLoadBalancerName")
    refused(lambda: elbv2.create_load_balancer(Name="x" * 33, Subnets=network.subnets), "ValidationError")
    unknown = {"Name": "unknown", "Subnets": ["subnet-0123456789abcdef0", *network.subnets]}
    refused(lambda: elbv2.create_load_balancer(**unknown), "SubnetNotFound")
    listen(elbv2, balancer, group)
    refused(lambda: listen(elbv2, balancer, group), "DuplicateListener")
    refused(lambda: elbv2.delete_target_group(TargetGroupArn=group), "ResourceInUse")


def test_deletion_protection(elbv2, balancer):
    arn = balancer["LoadBalancerArn"]
    protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect)
    refused(lambda: elbv2.delete_load_balancer(LoadBalancerArn=arn), "OperationNotPermitted")
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{**protect[0], "Value": "false"}])


def test_internet_facing_needs_an_internet_gateway(ec2, elbv2, network):
    ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    refused(lambda: elbv2.create_load_balancer(Name="cut-off", Subnets=network.subnets), "InvalidSubnet")


def test_attributes_are_all_told(elbv2, balancer):
    told = elbv2.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]
    values = {each["Key"]: each["Value"] for each in told}
    assert values["idle_timeout.timeout_seconds"] == "60"
    assert values["routing.http2.enabled"] == "true"


def test_a_change_of_a_target_groups_attributes_answers_all_of_them(elbv2, group):
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "9"}]
    answer = elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=delay)["Attributes"]
    assert delay[0] in answer
    told = elbv2.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    assert sorted(answer, key=str) == sorted(told, key=str)
    assert len(told) > 1


def test_health_of_a_target(region, ec2, elbv2, network, balancer, group):
    instance = launch(region, network)["InstanceId"]
    targets = [{"Id": instance}]
    refused(lambda: elbv2.register_targets(TargetGroupArn=group, Targets=targets), "InvalidTarget")
    eventually(lambda: state(ec2, instance), lambda seen: seen == "running")
    assert health(elbv2, group, instance) == {instance: ("unused", "Target.NotRegistered")}
    elbv2.register_targets(TargetGroupArn=group, Targets=targets)
    assert health(elbv2, group) == {instance: ("unused", "Target.NotInUse")}
    listener = listen(elbv2, balancer, group)
    assert health(elbv2, group)[instance][0] in {"initial", "healthy"}  # a busy machine may see it late
    eventually(lambda: health(elbv2, group)[instance], lambda seen: seen == ("healthy", None))

    ec2.stop_instances(InstanceIds=[instance])
    assert health(elbv2, group) == {instance: ("unused", "Target.InvalidState")}
    refused(lambda: ec2.start_instances(InstanceIds=[instance]), "IncorrectInstanceState")
    eventually(lambda: state(ec2, instance), lambda seen: seen == "stopped")
    ec2.start_instances(InstanceIds=[instance])
    eventually(lambda: health(elbv2, group)[instance][0], lambda seen: seen == "healthy")

    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "2"}]
    elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=delay)
    elbv2.deregister_targets(TargetGroupArn=group, Targets=targets)
    assert health(elbv2, group) == {instance: ("draining", "Target.DeregistrationInProgress")}
    eventually(lambda: health(elbv2, group), lambda seen: not seen)
    elbv2.deregister_targets(TargetGroupArn=group, Targets=targets)  # no error when it is not registered
    elbv2.delete_listener(ListenerArn=listener)


def test_target_group_knows_its_load_balancers(elbv2, balancer, group):
    def arns():
        return elbv2.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0].get("LoadBalancerArns", [])

    assert arns() == []
    listener = listen(elbv2, balancer, group)
    assert arns() == [balancer["LoadBalancerArn"]]
    elbv2.delete_listener(ListenerArn=listener)
    assert arns() == []


def test_set_subnets_moves_nodes(ec2, elbv2, network, balancer):
    third = ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.8.0/24", AvailabilityZone="us-east-1c")["Subnet"]
    subnets = [network.subnets[0], third["SubnetId"]]
    elbv2.set_subnets(LoadBalancerArn=balancer["LoadBalancerArn"], Subnets=subnets)
    of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
    nodes = ec2.describe_network_interfaces(Filters=of_vpc)["NetworkInterfaces"]
    assert sorted(node["SubnetId"] for node in nodes) == sorted(subnets)


def test_no_more_than_twenty_resources_are_described_at_once(elbv2, group):
    arns = [f"{group[:-3]}{number}" for number in range(100, 121)]
    refused(lambda: elbv2.describe_target_groups(TargetGroupArns=arns), "ValidationError")
    refused(lambda: elbv2.describe_target_groups(Names=[f"tg-{number}" for number in range(21)]), "ValidationError")
    refused(lambda: elbv2.describe_load_balancers(Names=[f"lb-{number}" for number in range(21)]), "ValidationError")
    refused(lambda: elbv2.describe_tags(ResourceArns=arns), "ValidationError")

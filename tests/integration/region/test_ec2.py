"""EC2 as AWS behaves where moto does not."""

import ipaddress
import json

import pytest

from tests.integration.region.regions import Network, eventually, launch, refused, state


def test_instance_states_take_time(region, ec2, network):
    made = launch(region, network)
    name = made["InstanceId"]
    assert made["State"]["Name"] == "pending"
    assert ipaddress.ip_address(made["PrivateIpAddress"]) in ipaddress.ip_network("10.0.0.0/24")
    eventually(lambda: state(ec2, name), lambda seen: seen == "running")
    ec2.stop_instances(InstanceIds=[name])
    assert state(ec2, name) == "stopping"
    eventually(lambda: state(ec2, name), lambda seen: seen == "stopped")
    assert ec2.start_instances(InstanceIds=[name])["StartingInstances"][0]["CurrentState"]["Name"] == "pending"
    eventually(lambda: state(ec2, name), lambda seen: seen == "running")
    ec2.terminate_instances(InstanceIds=[name])
    assert state(ec2, name) == "shutting-down"
    refused(lambda: ec2.delete_subnet(SubnetId=network.subnets[0]), "DependencyViolation")
    refused(lambda: ec2.start_instances(InstanceIds=[name]), "IncorrectInstanceState")
    eventually(lambda: state(ec2, name), lambda seen: seen == "terminated")
    ec2.delete_subnet(SubnetId=network.subnets[0])


def nat_state(ec2, gateway):
    return ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]["State"]


def test_nat_gateway_takes_time_and_holds_its_subnet_and_address(ec2, network):
    allocation = ec2.allocate_address(Domain="vpc")
    assert ipaddress.ip_address(allocation["PublicIp"]) in ipaddress.ip_network("198.18.0.0/24")
    make = {"SubnetId": network.subnets[0], "AllocationId": allocation["AllocationId"]}
    tags = [{"ResourceType": "natgateway", "Tags": [{"Key": "Name", "Value": "nat"}]}]
    made = ec2.create_nat_gateway(**make, TagSpecifications=tags)["NatGateway"]
    gateway = made["NatGatewayId"]
    assert made["State"] == "pending"
    address = made["NatGatewayAddresses"][0]
    assert ipaddress.ip_address(address["PrivateIp"]) in ipaddress.ip_network("10.0.0.0/24")
    refused(lambda: ec2.create_nat_gateway(**make), "Resource.AlreadyAssociated")
    eventually(lambda: nat_state(ec2, gateway), lambda seen: seen == "available")

    refused(lambda: ec2.release_address(AllocationId=allocation["AllocationId"]), "InvalidIPAddress.InUse")
    refused(lambda: ec2.delete_subnet(SubnetId=network.subnets[0]), "DependencyViolation")
    detach = {"InternetGatewayId": network.gateway, "VpcId": network.vpc}
    assert "mapped public address" in refused(lambda: ec2.detach_internet_gateway(**detach), "DependencyViolation")
    by_type = [{"Name": "resource-type", "Values": ["natgateway"]}, {"Name": "resource-id", "Values": [gateway]}]
    assert ec2.describe_tags(Filters=by_type)["Tags"][0]["ResourceType"] == "natgateway"

    ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert nat_state(ec2, gateway) == "deleting"
    eventually(lambda: nat_state(ec2, gateway), lambda seen: seen == "deleted")
    assert ec2.describe_tags(Filters=by_type)["Tags"] == []
    ec2.release_address(AllocationId=allocation["AllocationId"])
    ec2.detach_internet_gateway(**detach)
    ec2.delete_subnet(SubnetId=network.subnets[0])


def test_nat_gateway_without_an_internet_gateway_fails(ec2, network):
    ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=allocation)["NatGateway"]["NatGatewayId"]
    eventually(lambda: nat_state(ec2, gateway), lambda seen: seen == "failed")
    described = ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]
    assert described["FailureCode"] == "Gateway.NotAttached"


def test_unknown_nat_gateway(ec2):
    refused(lambda: ec2.delete_nat_gateway(NatGatewayId="nat-0123456789abcdef0"), "NatGatewayNotFound")
    refused(lambda: ec2.describe_nat_gateways(NatGatewayIds=["nat-0123456789abcdef0"]), "NatGatewayNotFound")


def test_a_vpc_goes_last(ec2, network):
    refused(lambda: ec2.delete_vpc(VpcId=network.vpc), "DependencyViolation")
    for subnet in network.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    refused(lambda: ec2.delete_vpc(VpcId=network.vpc), "DependencyViolation")
    ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    refused(lambda: ec2.delete_vpc(VpcId=network.vpc), "DependencyViolation")
    ec2.delete_security_group(GroupId=network.group)
    ec2.delete_vpc(VpcId=network.vpc)
    of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
    assert ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"] == []
    assert ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"] == []


def test_security_group_named_by_another_stays(ec2, network):
    other = ec2.create_security_group(VpcId=network.vpc, GroupName="other", Description="other")["GroupId"]
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "UserIdGroupPairs": [{"GroupId": network.group}],
    }
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[permission])
    refused(lambda: ec2.delete_security_group(GroupId=network.group), "DependencyViolation")
    ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=[permission])
    ec2.delete_security_group(GroupId=network.group)


def test_default_security_group_cannot_be_deleted(ec2, network):
    named = [{"Name": "vpc-id", "Values": [network.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    default = ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"]
    refused(lambda: ec2.delete_security_group(GroupId=default), "CannotDelete")


def test_launch_template_keeps_its_own_tags_apart_and_versions_build_on_their_source(ec2):
    made = ec2.create_launch_template(
        LaunchTemplateName="built-on-source",
        LaunchTemplateData={
            "InstanceType": "t3.micro", "UserData": "aGVsbG8=",
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "kind", "Value": "instance"}]}],
        },
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "kind", "Value": "template"}]}],
    )["LaunchTemplate"]  # fmt: skip
    assert made["Tags"] == [{"Key": "kind", "Value": "template"}]
    ec2.create_launch_template_version(
        LaunchTemplateName="built-on-source", SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    ec2.create_launch_template_version(
        LaunchTemplateName="built-on-source", LaunchTemplateData={"UserData": "aGVsbG8="}
    )
    described = ec2.describe_launch_template_versions(LaunchTemplateName="built-on-source")["LaunchTemplateVersions"]
    data = {version["VersionNumber"]: version["LaunchTemplateData"] for version in described}
    kinds = [specification["ResourceType"] for specification in data[1]["TagSpecifications"]]
    assert kinds == ["instance"]
    assert data[2] == {**data[1], "InstanceType": "t3.small"}
    assert data[3] == {"UserData": "aGVsbG8="}


@pytest.mark.parametrize(
    "parameter",
    [
        "/aws/service/debian/release/12/latest/amd64",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "/local-region/ami/debian-12",
        "/local-region/ami/debian-12-docker",
    ],
)
def test_public_parameters_name_images_that_exist(region, ec2, parameter):
    value = region.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    found = ec2.describe_images(ImageIds=[value])["Images"]
    assert [(each["ImageId"], each["State"], each["Architecture"]) for each in found] == [
        (value, "available", "x86_64")
    ]


def test_two_networks_do_not_share_addresses(ec2):
    Network(ec2)
    addresses = [ec2.allocate_address(Domain="vpc")["PublicIp"] for _ in range(3)]
    assert len(set(addresses)) == 3


def test_console_output_is_what_the_instance_printed(region, ec2, network):
    name = launch(region, network)["InstanceId"]
    assert ec2.get_console_output(InstanceId=name).get("Output", "") == ""
    log = region.state_dir / "instances" / name / "console.log"
    log.parent.mkdir(parents=True)
    log.write_text("first line\n" + "x" * 70_000 + "\nbackend: boot failed: line 7\n")
    output = ec2.get_console_output(InstanceId=name)["Output"]
    assert output.endswith("backend: boot failed: line 7\n")
    assert len(output) == 64 * 1024
    ec2.terminate_instances(InstanceIds=[name])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"ImageId": "ami-0badbadbadbadbad0"}, "InvalidAMIID.NotFound"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
    ],
)
def test_nothing_is_launched_from_what_is_not_there(region, ec2, network, options, code):
    refused(lambda: launch(region, network, **options), code)


def test_an_instance_takes_what_the_call_leaves_out_from_its_launch_template(region, ec2, network):
    iam = region.client("iam")
    iam.create_instance_profile(InstanceProfileName="from-template")
    data = {
        "ImageId": json.loads((region.state_dir / "region.json").read_text())["images"]["debian-12"],
        "InstanceType": "t3.micro",
        "IamInstanceProfile": {"Name": "from-template"},
        "MetadataOptions": {"HttpTokens": "required"},
    }
    ec2.create_launch_template(LaunchTemplateName="from-template", LaunchTemplateData=data)
    made = ec2.run_instances(
        LaunchTemplate={"LaunchTemplateName": "from-template"}, SubnetId=network.subnets[0], MinCount=1, MaxCount=1
    )["Instances"][0]["InstanceId"]
    (instance,) = ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"]
    assert instance["ImageId"] == data["ImageId"]
    assert instance["IamInstanceProfile"]["Arn"].endswith("/from-template")
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    ec2.terminate_instances(InstanceIds=[made])

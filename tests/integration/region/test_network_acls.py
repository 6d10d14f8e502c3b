"""Network ACLs as AWS answers for them."""

import pytest

from tests.integration.region.regions import Network, refused

EVERYWHERE = "0.0.0.0/0"


def acls(ec2, vpc, **filters):
    given = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    return ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}, *given])["NetworkAcls"]


def entries(acl):
    return sorted((each["Egress"], each["RuleNumber"], each["RuleAction"], each["Protocol"]) for each in acl["Entries"])


def by_id(ec2, acl):
    return ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]


@pytest.fixture
def acl(ec2, network):
    return ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]["NetworkAclId"]


def test_a_vpc_begins_with_one_that_lets_all_pass_and_has_every_subnet(ec2, network):
    (default,) = acls(ec2, network.vpc)
    assert default["IsDefault"] is True
    assert entries(default) == [
        (egress, number, action, "-1")
        for egress in (False, True)
        for number, action in ((100, "allow"), (32767, "deny"))
    ]
    assert {each["SubnetId"] for each in default["Associations"]} == set(network.subnets)
    refused(lambda: ec2.delete_network_acl(NetworkAclId=default["NetworkAclId"]), "InvalidParameterValue")


def test_a_new_one_denies_everything(ec2, network):
    made = ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]
    assert made["IsDefault"] is False
    assert entries(made) == [(False, 32767, "deny", "-1"), (True, 32767, "deny", "-1")]


def test_entries_are_kept_as_aws_tells_them(ec2, acl):
    given = {"NetworkAclId": acl, "RuleNumber": 10, "RuleAction": "allow", "Egress": False}
    ports = {"From": 80, "To": 81}
    ec2.create_network_acl_entry(**given, Protocol="tcp", CidrBlock="100.68.0.18/18", PortRange=ports)
    (entry,) = [each for each in by_id(ec2, acl)["Entries"] if each["RuleNumber"] == 10]
    assert entry == {
        "CidrBlock": "100.68.0.0/18", "Egress": False, "PortRange": ports, "Protocol": "6", "RuleAction": "allow",
        "RuleNumber": 10,
    }  # fmt: skip
    refused(
        lambda: ec2.create_network_acl_entry(**given, Protocol="-1", CidrBlock=EVERYWHERE),
        "NetworkAclEntryAlreadyExists",
    )
    icmp = {"Type": 3, "Code": -1}
    ec2.replace_network_acl_entry(**given, Protocol="1", CidrBlock=EVERYWHERE, IcmpTypeCode=icmp)
    (entry,) = [each for each in by_id(ec2, acl)["Entries"] if each["RuleNumber"] == 10]
    assert (entry["Protocol"], entry["IcmpTypeCode"]) == ("1", icmp)
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=10, Egress=False)
    assert len(by_id(ec2, acl)["Entries"]) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"RuleNumber": 0}, "InvalidParameterValue"),
        ({"RuleNumber": 32767}, "InvalidParameterValue"),
        ({"Protocol": "carrier-pigeon"}, "InvalidParameterValue"),
        ({"Protocol": "6"}, "MissingParameter"),
        ({"Protocol": "1"}, "MissingParameter"),
        ({"CidrBlock": "10.0.0.0/33"}, "InvalidParameterValue"),
        ({"NetworkAclId": "acl-0123456789abcdef0"}, "InvalidNetworkAclID.NotFound"),
    ],
)
def test_a_wrong_entry_is_refused(ec2, acl, wrong, code):
    right = {
        "NetworkAclId": acl, "RuleNumber": 1, "Protocol": "-1", "RuleAction": "deny", "Egress": True,
        "CidrBlock": EVERYWHERE,
    }  # fmt: skip
    refused(lambda: ec2.create_network_acl_entry(**{**right, **wrong}), code)


def test_what_is_not_there_is_said_so(ec2, acl):
    unknown = "acl-0123456789abcdef0"
    refused(lambda: ec2.describe_network_acls(NetworkAclIds=[unknown]), "InvalidNetworkAclID.NotFound")
    refused(lambda: ec2.delete_network_acl(NetworkAclId=unknown), "InvalidNetworkAclID.NotFound")
    entry = {"NetworkAclId": acl, "RuleNumber": 7, "Egress": True}
    refused(lambda: ec2.delete_network_acl_entry(**entry), "InvalidNetworkAclEntry.NotFound")
    whole = {**entry, "Protocol": "-1", "RuleAction": "deny", "CidrBlock": EVERYWHERE}
    refused(lambda: ec2.replace_network_acl_entry(**whole), "InvalidNetworkAclEntry.NotFound")
    refused(lambda: ec2.delete_network_acl_entry(**{**entry, "RuleNumber": 32767}), "InvalidParameterValue")


def association(ec2, subnet):
    found = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]
    (mine,) = [each for each in found[0]["Associations"] if each["SubnetId"] == subnet]
    return mine["NetworkAclAssociationId"], mine["NetworkAclId"]


def test_a_subnet_moves_from_one_to_another_and_back(ec2, network, acl):
    subnet = network.subnets[0]
    before, default = association(ec2, subnet)
    new = ec2.replace_network_acl_association(AssociationId=before, NetworkAclId=acl)["NewAssociationId"]
    assert association(ec2, subnet) == (new, acl)
    refused(lambda: ec2.delete_network_acl(NetworkAclId=acl), "DependencyViolation")
    gone = {"AssociationId": before, "NetworkAclId": default}
    refused(lambda: ec2.replace_network_acl_association(**gone), "InvalidAssociationID.NotFound")
    unknown = {"AssociationId": new, "NetworkAclId": "acl-0123456789abcdef0"}
    refused(lambda: ec2.replace_network_acl_association(**unknown), "InvalidNetworkAclID.NotFound")
    assert association(ec2, subnet) == (new, acl)  # a refused change leaves the subnet what it has
    ec2.replace_network_acl_association(AssociationId=new, NetworkAclId=default)
    ec2.delete_network_acl(NetworkAclId=acl)


def test_another_vpcs_is_refused(ec2, network, acl):
    other = Network(ec2)
    mine, _ = association(ec2, other.subnets[0])
    across = {"AssociationId": mine, "NetworkAclId": acl}
    refused(lambda: ec2.replace_network_acl_association(**across), "InvalidParameterValue")


def test_it_goes_with_its_subnets_but_not_with_its_vpc(ec2, network, acl):
    mine, _ = association(ec2, network.subnets[0])
    ec2.replace_network_acl_association(AssociationId=mine, NetworkAclId=acl)
    for subnet in network.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.detach_internet_gateway(InternetGatewayId=network.gateway, VpcId=network.vpc)
    ec2.delete_security_group(GroupId=network.group)
    refused(lambda: ec2.delete_vpc(VpcId=network.vpc), "DependencyViolation")
    ec2.delete_network_acl(NetworkAclId=acl)
    ec2.delete_vpc(VpcId=network.vpc)
    assert acls(ec2, network.vpc) == []

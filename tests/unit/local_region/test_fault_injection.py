"""The pure parts of the Fault Injection Service: durations, filters, selection, IAM policies, network ACLs."""

import ipaddress

import pytest

from local_region.control.fault_injection.actions.network import clone_entries, outside
from local_region.control.fault_injection.durations import seconds
from local_region.control.fault_injection.permissions import Request, allowed, trusts
from local_region.control.fault_injection.resource_types import Resource
from local_region.control.fault_injection.targets import matches, select


@pytest.mark.parametrize(
    ("duration", "length"),
    [
        ("PT2M", 120),
        ("PT90S", 90),
        ("PT1H30M", 5400),
        ("P1DT1S", 86401),
        ("P1D", 86400),
        ("PT", None),
        ("P", None),
        ("P1DT", None),
        ("2M", None),
        ("PT1.5M", None),
        ("", None),
    ],
)
def test_durations_are_iso_8601(duration, length):
    assert seconds(duration) == length


DESCRIBED = {
    "State": {"Name": "running", "Code": 16},
    "EbsOptimized": False,
    "NetworkInterfaces": [{"Groups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]}, {"Groups": []}],
    "zonalAutoshiftStatus": "ENABLED",
    "Zones": ["a", "b"],
}


@pytest.mark.parametrize(
    ("path", "values", "found"),
    [
        ("State.Name", ["stopped", "running"], True),
        ("State.Name", ["stopped"], False),
        ("State.Code", ["16"], True),
        ("EbsOptimized", ["false"], True),
        ("NetworkInterfaces.Groups.GroupId", ["sg-2"], True),
        ("NetworkInterfaces.Groups.GroupId", ["sg-3"], False),
        ("ZonalAutoshiftStatus", ["ENABLED"], True),
        ("Zones", ["b"], True),
        ("State.Nothing", ["running"], False),
        ("State", ["running"], False),
    ],
)
def test_filters_look_at_what_is_described(path, values, found):
    assert matches(DESCRIBED, path, values) is found


@pytest.mark.parametrize(
    ("mode", "of", "chosen"),
    [
        ("ALL", 5, 5),
        ("COUNT(2)", 5, 2),
        ("COUNT(9)", 5, 5),
        ("PERCENT(50)", 5, 2),
        ("PERCENT(5)", 4, 0),
        ("PERCENT(100)", 3, 3),
        ("ALL", 0, 0),
    ],
)
def test_the_selection_mode_takes_a_part(mode, of, chosen):
    resources = [Resource(f"arn:{number}", {}, {}) for number in range(of)]
    selected = select(mode, resources)
    assert len({resource.arn for resource in selected}) == chosen
    assert all(resource in resources for resource in selected)


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


INSTANCE = "arn:aws:ec2:us-east-1:123456789012:instance/i-1"
STOP = Request("ec2:StopInstances", INSTANCE)
TAGGED = {"Condition": {"StringEquals": {"ec2:ResourceTag/drill": ["yes", "true"]}}}


@pytest.mark.parametrize(
    ("documents", "request_", "outcome"),
    [
        ([], STOP, False),
        ([policy(allow("ec2:StopInstances"))], STOP, True),
        ([policy(allow("EC2:stop*"))], STOP, True),
        ([policy(allow(["ec2:Run*", "ec2:St?pInstances"]))], STOP, True),
        ([policy(allow("*", "arn:aws:ec2:*:*:instance/*"))], STOP, True),
        ([policy(allow("*", "arn:aws:ec2:*:*:volume/*"))], STOP, False),
        ([policy(allow("rds:*"))], STOP, False),
        ([{"Statement": allow("ec2:*")}], STOP, True),
        ([policy({"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"})], STOP, False),
        ([policy({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:*"})], STOP, True),
        ([policy(allow("*")), policy({**allow("ec2:Stop*"), "Effect": "Deny"})], STOP, False),
        ([policy(allow("*", **TAGGED))], STOP, False),
        ([policy(allow("*", **TAGGED))], Request("ec2:X", "*", {"ec2:resourcetag/Drill": ["true"]}), True),
        ([policy(allow("*", **TAGGED))], Request("ec2:X", "*", {"ec2:ResourceTag/drill": ["no"]}), False),
        ([policy(allow("*", Condition={"StringNotEquals": {"aws:x": "1"}}))], STOP, True),
        ([policy(allow("*", Condition={"StringEqualsIfExists": {"aws:x": "1"}}))], STOP, True),
        ([policy(allow("*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))], STOP, False),
        (
            [policy(allow("*", Condition={"ForAllValues:StringEquals": {"k": ["a", "b"]}}))],
            Request("x:Y", "*", {"k": ["a", "c"]}),
            False,
        ),
        (
            [policy(allow("*", Condition={"ForAnyValue:StringLike": {"k": ["c*"]}}))],
            Request("x:Y", "*", {"k": ["a", "cd"]}),
            True,
        ),
    ],
)
def test_policies_allow_what_they_say(documents, request_, outcome):
    assert allowed(documents, request_) is outcome


def trust(**statement):
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", **statement})


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (trust(Principal={"Service": "fis.amazonaws.com"}), True),
        (trust(Principal={"Service": ["ec2.amazonaws.com", "fis.amazonaws.com"]}), True),
        (trust(Principal={"Service": "ec2.amazonaws.com"}), False),
        (trust(Principal={"AWS": "arn:aws:iam::123456789012:root"}), False),
        (trust(Principal={"Service": "fis.amazonaws.com"}, Action="sts:TagSession"), False),
        (
            trust(
                Principal={"Service": "fis.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}},
            ),
            True,
        ),
    ],
)
def test_a_trust_policy_names_the_service(document, outcome):
    assert trusts(document, "fis.amazonaws.com", {"aws:SourceAccount": ["123456789012"]}) is outcome


def entry(number, egress=False, action="allow", cidr="0.0.0.0/0", **more):
    return {"RuleNumber": number, "Egress": egress, "RuleAction": action, "CidrBlock": cidr, "Protocol": "-1", **more}


def test_denials_come_before_a_network_acls_own_entries():
    own = [
        entry(200), entry(100, action="deny", cidr="10.0.0.0/8"), entry(32767, action="deny"),
        entry(1, egress=True, Protocol="6", PortRange={"From": 80, "To": 81}), entry(32767, egress=True, action="deny"),
    ]  # fmt: skip
    denied = ["10.1.0.0/16", "10.2.0.0/16"]
    assert clone_entries(own, denied) == [
        entry(1, action="deny", cidr="10.1.0.0/16"),
        entry(2, action="deny", cidr="10.2.0.0/16"),
        entry(3, action="deny", cidr="10.0.0.0/8"),
        entry(4),
        entry(1, egress=True, action="deny", cidr="10.1.0.0/16"),
        entry(2, egress=True, action="deny", cidr="10.2.0.0/16"),
        entry(3, egress=True, Protocol="6", PortRange={"From": 80, "To": 81}),
    ]


@pytest.mark.parametrize("blocks", [["10.0.0.0/16"], ["10.0.0.0/16", "10.1.0.0/16", "100.64.0.0/24"], ["0.0.0.0/0"]])
def test_outside_a_vpc_is_every_address_but_its_own(blocks):
    own, rest = ([ipaddress.ip_network(each) for each in some] for some in (blocks, outside(blocks)))
    assert not any(network.overlaps(block) for network in rest for block in own)
    assert sum(network.num_addresses for network in (*rest, *own)) == 2**32

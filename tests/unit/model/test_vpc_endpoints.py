"""What can't be right about VPC endpoints, what AWS's answers mean, and when they work."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import vpc_endpoints as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints import (
    FULL_ACCESS,
    VpcEndpoint,
    VpcEndpoints,
    from_api,
    from_params,
    pending,
    remaining,
    resolved,
    whole,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

MAPS = {
    "route_table_ids": {"app": ["rtb-2", "rtb-1"], "database": ["rtb-3"]},
    "subnet_ids": {"app": ["subnet-2", "subnet-1"], "database": ["subnet-3"]},
    "security_group_ids": {"endpoints": "sg-1"},
}
S3 = {"service": "s3", "tiers": ["app"]}
SECRETS = {"service": "secretsmanager", "tiers": ["app"], "security_groups": ["endpoints"]}
PARTNER = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"


def params(*endpoints, **given):
    options = {"name": "goals", "vpc_id": "vpc-1", "endpoints": [dict(each) for each in endpoints], **MAPS, **given}
    validated = ArgumentSpecValidator({**COMMON_OPTIONS, **model.OPTIONS}).validate(options)
    assert validated.error_messages == []
    return validated.validated_parameters


CASES = [
    pytest.param([], [], id="none"),
    pytest.param([S3, SECRETS], [], id="nothing wrong"),
    pytest.param([{"service": "dynamodb", "route_table_ids": ["rtb-9"]}], [], id="a route table's id"),
    pytest.param([{**S3, "route_table_ids": ["rtb-9"]}], [], id="one more than the tier's"),
    pytest.param([{"service": "S 3", "tiers": ["app"]}], ["endpoints[0].service"], id="not a service"),
    pytest.param([S3, S3], ["endpoints[1].service"], id="twice"),
    pytest.param([S3, {**S3, "type": "interface"}], [], id="one of each type"),
    pytest.param([{**SECRETS, "type": "gateway"}], ["endpoints[0].type", "endpoints[0].security_groups"], id="type"),
    pytest.param([{"service": "com.amazonaws.us-east-1.s3", "tiers": ["app"]}], [], id="a whole name"),
    pytest.param([{**S3, "private_dns": True}], ["endpoints[0].private_dns"], id="a gateway has no names"),
    pytest.param([{**S3, "ip_address_type": "dualstack"}], [], id="a gateway has addresses"),
    pytest.param([{**S3, "dns_record_ip_type": "ipv4"}], ["endpoints[0].dns_record_ip_type"], id="nor records"),
    pytest.param([{**S3, "subnet_ids": ["subnet-1"]}], ["endpoints[0].subnet_ids"], id="a gateway is in no subnet"),
    pytest.param([{**SECRETS, "route_table_ids": ["rtb-1"]}], ["endpoints[0].route_table_ids"], id="no route"),
    pytest.param([{"service": "s3"}], ["endpoints[0].route_table_ids"], id="serves nobody"),
    pytest.param([{"service": "sts"}], ["endpoints[0].subnet_ids"], id="is nowhere"),
    pytest.param([{**S3, "tiers": ["web"]}], ["endpoints[0].tiers"], id="unknown tier"),
    pytest.param([{**S3, "tiers": ["app", "database"]}], [], id="routes of two tiers"),
    pytest.param([{**SECRETS, "tiers": ["app", "database"]}], ["endpoints[0].tiers"], id="two subnets a zone"),
    pytest.param([{**SECRETS, "security_groups": ["web"]}], ["endpoints[0].security_groups"], id="unknown group"),
    pytest.param([{**SECRETS, "security_groups": ["sg-0a"]}], [], id="a group's id"),
    pytest.param([{**S3, "policy": "allow"}], ["endpoints[0].policy"], id="no document"),
    pytest.param([{**S3, "policy": {}}], [], id="an empty policy"),
    pytest.param([{**S3, "policy": ""}], [], id="no policy"),
    pytest.param([{**S3, "tags": {"Name": "mine"}}], ["endpoints[0].tags"], id="a tag that is its own"),
]


@pytest.mark.parametrize(("endpoints", "options"), CASES)
def test_faults(endpoints, options):
    assert [fault.option for fault in faults(params(*endpoints))] == options


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({"vpc_id": None}, ["vpc_id"]),
        ({"endpoints": None}, ["endpoints"]),
        ({"vpc_id": "goals"}, ["vpc_id"]),
        ({"name": "go*ls"}, ["name"]),
        ({"tags": {"ha_stack:network": "mine"}}, ["tags"]),
        ({"state": "absent", "vpc_id": None, "endpoints": None}, []),
        ({"vpc_id": KNOWN_AFTER_APPLY}, []),
    ],
)
def test_faults_of_the_whole(given, options):
    assert [fault.option for fault in faults(params(**given))] == options


def test_an_option_that_names_nothing_says_what_there_is():
    (fault,) = faults(params({**S3, "tiers": ["web"]}))
    assert str(fault) == "endpoints[0].tiers: 'web' is not a tier that route_table_ids has. Give one of app, database."


def test_each_type_has_its_own():
    gateway, interface = from_params(params(S3, SECRETS)).endpoints
    assert (gateway.type, gateway.route_table_ids, gateway.subnet_ids) == ("gateway", ["rtb-1", "rtb-2"], UNSET)
    assert (interface.type, interface.route_table_ids) == ("interface", UNSET)
    assert (interface.subnet_ids, interface.security_group_ids) == (["subnet-1", "subnet-2"], ["sg-1"])


def test_interfaces_share_groups_and_may_have_their_own():
    shared = from_params(params({"service": "sts", "tiers": ["app"]}, SECRETS, S3, security_groups=["sg-9"])).endpoints
    assert [each.security_group_ids for each in shared] == [["sg-9"], ["sg-1"], UNSET]


def test_what_is_not_known_yet_is_as_many():
    unknown = {"app": [KNOWN_AFTER_APPLY] * 2}
    (endpoint,) = from_params(params(SECRETS, subnet_ids=unknown)).endpoints
    assert endpoint.subnet_ids == [KNOWN_AFTER_APPLY] * 2


def test_a_service_of_the_region_is_called_by_its_short_name():
    want = from_params(params({"service": "com.amazonaws.us-east-1.logs", "tiers": ["app"]}, SECRETS))
    first, second = resolved(want, "us-east-1").endpoints
    assert (first.service, first.tags["Name"]) == ("logs", "goals-logs")
    assert second.service == "secretsmanager"
    assert resolved(want, "eu-west-1").endpoints[0].service == "com.amazonaws.us-east-1.logs"


@pytest.mark.parametrize(
    ("service", "name"),
    [
        ("ecr.api", "com.amazonaws.eu-west-1.ecr.api"),
        (PARTNER, PARTNER),
        ("aws.sagemaker.eu-west-1.notebook", "aws.sagemaker.eu-west-1.notebook"),
        ("cn.com.amazonaws.cn-north-1.ec2", "cn.com.amazonaws.cn-north-1.ec2"),
    ],
)
def test_the_whole_name(service, name):
    assert whole(service, "eu-west-1") == name


def answer(**members):
    return {
        "VpcEndpointId": "vpce-1",
        "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.us-east-1.sts",
        "State": "available",
        "SubnetIds": ["subnet-2", "subnet-1"],
        "Groups": [{"GroupId": "sg-1", "GroupName": "web"}],
        "PrivateDnsEnabled": True,
        "IpAddressType": "ipv4",
        "DnsOptions": {"DnsRecordIpType": "ipv4"},
        "PolicyDocument": json.dumps(FULL_ACCESS),
        "DnsEntries": [{"DnsName": "vpce-1.sts.us-east-1.vpce.amazonaws.com"}],
        "Tags": [{"Key": "ha_stack:network", "Value": "goals"}],
        **members,
    }


def read(*answers):
    return from_api(VpcEndpoints("goals"), answers, "us-east-1")


def test_what_an_answer_means():
    (seen,) = read(answer()).endpoints
    assert seen.settings() == {
        "type": "interface",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_ids": ["sg-1"],
        "private_dns": True,
        "dns_record_ip_type": "ipv4",
        "ip_address_type": "ipv4",
        "policy": FULL_ACCESS,
        "tags": {"ha_stack:network": "goals"},
    }
    assert (seen.service, seen.own, seen.state) == ("sts", True, "available")


def test_states_are_read_as_the_model_writes_them_and_as_aws_does():
    assert [each.state for each in read(answer(State="PendingAcceptance")).endpoints] == ["pendingacceptance"]
    assert read(answer(State="deleted")).endpoints == ()


def test_without_a_policy_all_is_allowed():
    (seen,) = read(answer(PolicyDocument=None)).endpoints
    assert seen.policy == FULL_ACCESS


def endpoint(state, **other):
    given = {"service": "sts", "id": "vpce-1", "state": state, **other}
    return VpcEndpoint("interface", **given)


WANTED = (("sts", "interface"),)


@pytest.mark.parametrize(
    ("endpoints", "said"),
    [
        ([endpoint("available")], None),
        ([endpoint("pending")], "VPC endpoint sts (vpce-1) is pending"),
        ([endpoint("available"), endpoint("deleting", service="logs")], "VPC endpoint logs (vpce-1) is deleting"),
        ([endpoint("available"), endpoint("pending", service="logs", own=False)], None),
        ([endpoint("available"), endpoint("failed", id="vpce-0")], None),
        ([], "VPC endpoint sts can't be seen yet"),
    ],
)
def test_pending(endpoints, said):
    assert pending(VpcEndpoints("goals", tuple(endpoints), WANTED)) == said


def test_what_failed_never_works():
    lost = endpoint("failed", failure="InsufficientFreeAddresses: no address")
    with pytest.raises(StackError, match=r"sts: vpce-1 is failed: InsufficientFreeAddresses: no address\. Mend the"):
        pending(VpcEndpoints("goals", (lost,), WANTED))


def test_remaining():
    assert remaining(VpcEndpoints("goals", (endpoint("deleting"),))) == "VPC endpoint sts (vpce-1) is deleting"

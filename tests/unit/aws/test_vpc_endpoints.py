"""What is sent to EC2 for VPC endpoints, checked against the service's own model."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual, waiting
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import vpc_endpoints as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints import (
    FULL_ACCESS,
    VpcEndpoint,
    VpcEndpoints,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare
from botocore.exceptions import ClientError

from tests.support.stubbed import stubbed

TAGS = {"Name": "goals-s3"}
SENT_TAGS = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "goals-s3"}]}]
GATEWAY = VpcEndpoint("gateway", route_table_ids=["rtb-1"], tags=TAGS, service="s3", id="vpce-1")
INTERFACE = VpcEndpoint(
    "interface",
    subnet_ids=["subnet-1"],
    security_group_ids=["sg-1"],
    private_dns=True,
    tags=TAGS,
    service="ecr.api",
    id="vpce-2",
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    for wait in (eventual.retried, waiting.wait_until):
        monkeypatch.setitem(wait.__kwdefaults__, "sleep", lambda seconds: None)


def make(want, have, *calls):
    """Carry out the one change from ``have`` to ``want``; ``calls`` are (operation, request, answer or error code)."""
    (change,) = compare(api.KIND, "s3", want, have)
    with stubbed("ec2", name="goals", vpc_id="vpc-1", wait_timeout=60) as (session, stub):
        for operation, request, answer in calls:
            if isinstance(answer, str):
                stub.add_client_error(operation, answer, expected_params=request)
            else:
                stub.add_response(operation, answer, request)
        api.OPERATIONS[api.KIND, change.action](session, change)


@pytest.mark.parametrize(
    ("given", "filters"),
    [
        ({"vpc_id": "vpc-1", "state": "present"}, [{"Name": "vpc-id", "Values": ["vpc-1"]}]),
        ({"vpc_id": None, "state": "absent"}, [{"Name": "tag:ha_stack:network", "Values": ["goals"]}]),
    ],
)
def test_read_asks_once(given, filters):
    with stubbed("ec2", name="goals", **given) as (session, stub):
        stub.add_response("describe_vpc_endpoints", {"VpcEndpoints": []}, {"Filters": filters})
        seen = api.read(session, VpcEndpoints("goals"))
    assert seen == (VpcEndpoints("goals") if given["state"] == "present" else None)


def test_read_of_a_vpc_that_is_still_to_be_made_asks_nothing():
    with stubbed("ec2", name="goals", vpc_id=KNOWN_AFTER_APPLY, state="present") as (session, _):
        assert api.read(session, VpcEndpoints("goals")) is None


def test_a_gateway_is_made_with_its_routes_once_they_are_seen():
    request = {
        "VpcId": "vpc-1",
        "VpcEndpointType": "Gateway",
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "RouteTableIds": ["rtb-1"],
        "TagSpecifications": SENT_TAGS,
    }
    make(
        *(GATEWAY, None),
        ("create_vpc_endpoint", request, "InvalidRouteTableId.NotFound"),
        ("create_vpc_endpoint", request, {}),
    )


def test_an_interface_is_made_whole():
    request = {
        "VpcId": "vpc-1",
        "VpcEndpointType": "Interface",
        "ServiceName": "com.amazonaws.us-east-1.ecr.api",
        "SubnetIds": ["subnet-1"],
        "SecurityGroupIds": ["sg-1"],
        "PrivateDnsEnabled": True,
        "PolicyDocument": json.dumps(FULL_ACCESS),
        "TagSpecifications": SENT_TAGS,
    }
    make(replace(INTERFACE, policy=FULL_ACCESS), None, ("create_vpc_endpoint", request, {}))


def test_one_that_goes_is_waited_for():
    looked = {"Filters": [{"Name": "vpc-endpoint-id", "Values": ["vpce-0"]}]}
    request = {
        "VpcId": "vpc-1",
        "VpcEndpointType": "Gateway",
        "ServiceName": "com.amazonaws.us-east-1.s3",
        "RouteTableIds": ["rtb-1"],
        "TagSpecifications": SENT_TAGS,
    }
    make(
        *(replace(GATEWAY, after=("vpce-0",)), None),
        ("describe_vpc_endpoints", looked, {"VpcEndpoints": [{"VpcEndpointId": "vpce-0", "State": "deleting"}]}),
        ("describe_vpc_endpoints", looked, {"VpcEndpoints": [{"VpcEndpointId": "vpce-0", "State": "deleted"}]}),
        ("create_vpc_endpoint", request, {}),
    )


def test_a_change_says_what_joins_and_what_leaves():
    want = replace(
        INTERFACE, subnet_ids=["subnet-2"], security_group_ids=["sg-1", "sg-2"], private_dns=False, policy=FULL_ACCESS
    )
    request = {
        "VpcEndpointId": "vpce-2",
        "AddSubnetIds": ["subnet-2"],
        "RemoveSubnetIds": ["subnet-1"],
        "AddSecurityGroupIds": ["sg-2"],
        "PrivateDnsEnabled": False,
        "PolicyDocument": json.dumps(FULL_ACCESS),
    }
    make(
        *(want, INTERFACE),
        ("modify_vpc_endpoint", request, "IncorrectState"),
        ("modify_vpc_endpoint", request, {"Return": True}),
    )


def test_names_and_addresses_are_said_as_the_api_has_them():
    names = {"dns_record_ip_type": "dualstack", "private_dns_only_for_inbound_resolver": False}
    request = {
        "VpcEndpointId": "vpce-2",
        "IpAddressType": "dualstack",
        "DnsOptions": {"DnsRecordIpType": "dualstack", "PrivateDnsOnlyForInboundResolverEndpoint": False},
    }
    want = replace(INTERFACE, ip_address_type="dualstack", **names)
    make(want, INTERFACE, ("modify_vpc_endpoint", request, {"Return": True}))


def test_tags_alone_need_no_other_call():
    request = {"Resources": ["vpce-1"], "Tags": [{"Key": "cost", "Value": "none"}]}
    make(replace(GATEWAY, tags={**TAGS, "cost": "none"}), GATEWAY, ("create_tags", request, {}))


@pytest.mark.parametrize("code", ["InvalidVpcEndpoint.NotFound", "InvalidVpcEndpointId.NotFound"])
def test_what_is_gone_is_deleted(code):
    answer = {"Unsuccessful": [{"ResourceId": "vpce-1", "Error": {"Code": code, "Message": "no"}}]}
    make(None, GATEWAY, ("delete_vpc_endpoints", {"VpcEndpointIds": ["vpce-1"]}, answer))


def test_what_is_not_deleted_is_told():
    answer = {"Unsuccessful": [{"ResourceId": "vpce-1", "Error": {"Code": "OperationNotPermitted", "Message": "held"}}]}
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        make(None, GATEWAY, ("delete_vpc_endpoints", {"VpcEndpointIds": ["vpce-1"]}, answer))

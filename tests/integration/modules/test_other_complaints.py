"""What users of other tools complain of about networks and databases, where no other test would have caught it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError


@pytest.fixture
def network(module):
    yield module("network")
    module("network")(name="complaints", state="absent")


def test_a_nat_gateway_that_gets_no_address_fails_the_run_and_the_next_one_goes_on(network, aws):
    """The message names the address, AWS's code and what to do; no route leads to a gateway that isn't there."""
    options = {"name": "complaints", "availability_zones": ["us-east-1a", "us-east-1b"]}
    refused = {"Error": {"Code": "AddressLimitExceeded", "Message": "Too many addresses"}, "ResponseMetadata": {}}
    events = aws("ec2").meta.events
    limit = {"event_name": "before-call.ec2.AllocateAddress", "unique_id": "limit"}
    events.register(limit["event_name"], lambda **_: (SimpleNamespace(status_code=400), refused), limit["unique_id"])
    with pytest.raises(StackError, match=r"create Elastic IP us-east-1a: .*AddressLimitExceeded.*higher quota"):
        network(**options)
    assert aws("ec2").describe_nat_gateways()["NatGateways"] == []
    events.unregister(limit["event_name"], unique_id=limit["unique_id"])
    done = network(**options)
    assert {"create Elastic IP us-east-1a", "create NAT gateway us-east-1a"} <= set(done["plan"])
    (told,) = aws("ec2").describe_nat_gateways(NatGatewayIds=[each["id"] for each in done["network"]["nat_gateways"]])[
        "NatGateways"
    ]
    assert told["State"] == "available"


def test_a_database_is_waited_for_as_long_as_is_said(module, aws):
    """The wait is the task's, not fifteen minutes: it ends when its time is over, and the same task waits on."""
    vpc = aws("ec2").create_vpc(CidrBlock="10.93.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        aws("ec2").create_subnet(VpcId=vpc, CidrBlock=f"10.93.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    options = {
        "name": "complaints",
        "engine_version": "16",
        "instance_class": "db.t4g.micro",
        "allocated_storage": 20,
        "master_username": "goals",
        "subnet_group": {"subnet_ids": [each["SubnetId"] for each in subnets]},
    }
    database = module("db_instance")
    with pytest.raises(StackError, match=r"db_instance: not done after 0 s \(wait_timeout\): its status is creating"):
        database(**options, wait_timeout=0)
    on = database(**options)
    assert (on["changed"], on["db_instance"]["status"]) in ((False, "available"), (False, "backing-up"))
    database(name="complaints", state="absent", skip_final_snapshot=True)
    for each in subnets:
        aws("ec2").delete_subnet(SubnetId=each["SubnetId"])
    aws("ec2").delete_vpc(VpcId=vpc)

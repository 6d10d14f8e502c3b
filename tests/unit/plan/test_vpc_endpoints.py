"""What should change about VPC endpoints."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints import (
    FULL_ACCESS,
    VpcEndpoint,
    VpcEndpoints,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.vpc_endpoints import plan, settled, turn

OWN = {"ha_stack:network": "goals"}
GATEWAY = VpcEndpoint("gateway", route_table_ids=["rtb-1"], tags=OWN, service="s3")
INTERFACE = VpcEndpoint("interface", subnet_ids=["subnet-1"], security_group_ids=["sg-1"], tags=OWN, service="sts")
THERE = {"policy": FULL_ACCESS, "state": "available"}
HAVE_GATEWAY = replace(GATEWAY, id="vpce-s3", **THERE)
HAVE_INTERFACE = replace(INTERFACE, id="vpce-sts", private_dns=True, **THERE)
READ = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*", "Principal": "*"},
}


def of(*endpoints):
    return VpcEndpoints("goals", endpoints, tuple(each.key for each in endpoints))


def changes(want, have, purge=False):
    params = {"name": "goals", "tags": {} if purge else None, "purge_tags": True}
    return plan(None if want is None else of(*want), None if have is None else of(*have), params)


def told(want, have, **given):
    return [str(change) for change in changes(want, have, **given)]


ALLOWS_ALL = {**FULL_ACCESS, "Statement": {**FULL_ACCESS["Statement"][0], "Action": ["*"]}}
FAILED = replace(HAVE_INTERFACE, state="failed")
CASES = [
    pytest.param([GATEWAY, INTERFACE], None, ["create VPC endpoint s3", "create VPC endpoint sts"], id="create"),
    pytest.param([GATEWAY, INTERFACE], [HAVE_INTERFACE, HAVE_GATEWAY], [], id="as it is"),
    pytest.param([], [HAVE_GATEWAY], ["delete VPC endpoint s3"], id="not listed any more"),
    pytest.param(
        None, [HAVE_GATEWAY, HAVE_INTERFACE], ["delete VPC endpoint sts", "delete VPC endpoint s3"], id="absent"
    ),
    pytest.param([], [replace(HAVE_GATEWAY, own=False, tags={})], [], id="another's is left alone"),
    pytest.param(
        [replace(GATEWAY, route_table_ids=["rtb-1", "rtb-2"])], [HAVE_GATEWAY], ["update VPC endpoint s3"], id="tables"
    ),
    pytest.param([replace(GATEWAY, policy=READ)], [HAVE_GATEWAY], ["update VPC endpoint s3"], id="policy"),
    pytest.param([replace(GATEWAY, policy=ALLOWS_ALL)], [HAVE_GATEWAY], [], id="a policy that means the same"),
    pytest.param([replace(INTERFACE, private_dns=False)], [HAVE_INTERFACE], ["update VPC endpoint sts"], id="names"),
    pytest.param([INTERFACE], [FAILED], ["delete VPC endpoint sts", "create VPC endpoint sts"], id="a failed one"),
    pytest.param([INTERFACE], [replace(HAVE_INTERFACE, state="deleting")], ["create VPC endpoint sts"], id="going"),
    pytest.param([], [replace(HAVE_INTERFACE, state="deleting")], [], id="gone in time"),
    pytest.param(
        [GATEWAY],
        [replace(INTERFACE, service="s3", id="vpce-9", **THERE)],
        ["create VPC endpoint s3", "delete VPC endpoint s3 interface"],
        id="another type",
    ),
    pytest.param(
        [GATEWAY], [HAVE_GATEWAY, replace(HAVE_GATEWAY, id="vpce-0")], ["delete VPC endpoint s3"], id="one too many"
    ),
]


@pytest.mark.parametrize(("want", "have", "expected"), CASES)
def test_plan(want, have, expected):
    assert told(want, have) == expected


OTHERS = replace(HAVE_GATEWAY, own=False, tags={"team": "platform"})


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (OTHERS, ["update VPC endpoint s3"]),
        (replace(OTHERS, route_table_ids=[]), ["update VPC endpoint s3"]),
        (replace(OTHERS, route_table_ids=["rtb-9"]), ["create VPC endpoint s3"]),
        (replace(OTHERS, state="deleting"), ["create VPC endpoint s3"]),
    ],
)
def test_anothers_endpoint_is_taken_over_where_it_stands_in_the_way(there, expected):
    assert told([GATEWAY], [there]) == expected


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ([replace(OTHERS, route_table_ids=["rtb-1", "rtb-9"])], "which is another's and serves rtb-9 too"),
        ([replace(OTHERS, tags={"ha_stack:network": "other"})], "which is of other. Leave"),
        ([OTHERS, replace(OTHERS, route_table_ids=[])], "which is another's. Leave"),
    ],
)
def test_what_others_would_lose_is_refused(there, said):
    with pytest.raises(StackError, match=said):
        told([GATEWAY], there)


def test_an_interface_without_the_private_name_stands_in_nobodys_way():
    there = replace(HAVE_INTERFACE, own=False, tags={}, private_dns=False)
    assert told([INTERFACE], [there]) == ["create VPC endpoint sts"]


ANOTHERS_NAME = replace(HAVE_INTERFACE, own=False, tags={"team": "platform"})


def test_nor_does_one_with_the_private_name_where_none_is_wanted():
    assert told([replace(INTERFACE, private_dns=False)], [ANOTHERS_NAME]) == ["create VPC endpoint sts"]
    there = replace(ANOTHERS_NAME, service="s3")
    assert told([replace(INTERFACE, service="s3")], [there]) == ["create VPC endpoint s3 interface"]
    assert told([INTERFACE], [ANOTHERS_NAME]) == ["update VPC endpoint sts"]


def test_another_ones_interface_keeps_the_groups_that_it_wears():
    there = replace(ANOTHERS_NAME, security_group_ids=["sg-1", "sg-9"])
    with pytest.raises(StackError, match=r"another's and wears sg-9 too.*tag ha_stack:network to hand it over"):
        told([INTERFACE], [there])
    both = replace(INTERFACE, security_group_ids=["sg-1", "sg-9"])
    assert told([both], [there]) == ["update VPC endpoint sts"]
    assert told([replace(INTERFACE, security_group_ids=UNSET)], [there]) == ["update VPC endpoint sts"]


def test_a_new_interface_needs_a_group_and_one_that_is_there_keeps_its_own():
    bare = replace(INTERFACE, security_group_ids=UNSET)
    with pytest.raises(InvalidOptions, match=r"security_groups: None is missing, and there is no endpoint sts yet"):
        told([bare], None)
    assert told([bare], [HAVE_INTERFACE]) == []


@pytest.mark.parametrize(
    ("service", "private"),
    [("sts", True), ("s3", False), ("com.amazonaws.vpce.us-east-1.vpce-svc-1", False)],
)
def test_who_has_a_private_name(service, private):
    (change,) = changes([replace(INTERFACE, service=service)], None)
    assert change.after["private_dns"] is private


def test_what_is_still_going_is_waited_for():
    (change,) = changes([INTERFACE], [replace(HAVE_INTERFACE, state="deleting")])
    assert change.want.after == ("vpce-sts",)
    *_, change = changes([INTERFACE], [FAILED])
    assert change.want.after == ("vpce-sts",)


def test_unlisted_tags_stay_unless_tags_are_given():
    tagged = replace(HAVE_GATEWAY, tags={**OWN, "cost": "none"})
    assert told([GATEWAY], [tagged]) == []
    assert told([GATEWAY], [tagged], purge=True) == ["update VPC endpoint s3"]


def test_what_is_made_is_made_side_by_side_and_before_what_goes():
    planned = changes([GATEWAY, INTERFACE], [replace(HAVE_INTERFACE, service="logs", id="vpce-2")])
    assert [(str(change), turn(change)) for change in planned] == [
        ("create VPC endpoint s3", 1),
        ("create VPC endpoint sts", 2),
        ("delete VPC endpoint logs", 3),
    ]
    gone = changes([], [HAVE_GATEWAY, HAVE_INTERFACE])
    assert [str(change) for change in gone] == ["delete VPC endpoint sts", "delete VPC endpoint s3"]


def test_the_facts_of_check_mode():
    seen = settled(of(GATEWAY, INTERFACE), of(OTHERS)).facts()
    assert seen.keys() == {"s3", "sts"}
    assert (seen["s3"]["id"], seen["sts"]["private_dns"]) == ("vpce-s3", True)

"""The figures are functions of the evidence, and hold for any."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import Evidence, Request, fault_at
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.figures import TOGETHER, figures, outages
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.timeline import (
    address_lanes,
    capacity,
    database_lanes,
    instance_lanes,
    percentile,
    seconds,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.drills import (
    ADDRESSES,
    FAULT,
    ONE,
    THREE,
    TWO,
    drill,
    instance,
    probe_log,
    request,
    stack_log,
    write,
)

TIMES = st.floats(-20, 60, allow_nan=False).map(lambda at: round(at, 3))


@st.composite
def made_requests(draw) -> Request:
    outcome = draw(st.sampled_from(["200", "201", "502", "timeout", "connect_refused", "not_sent"]))
    return Request(
        at=draw(TIMES),
        type=draw(st.sampled_from(["read", "write"])),
        ok=outcome in ("200", "201"),
        outcome=outcome,
        path=draw(st.sampled_from(["/", "/goals"])),
        seconds=draw(st.floats(0, 5)),
        address=draw(st.sampled_from(["", *ADDRESSES])),
        instance=draw(st.sampled_from(["", "ip-10-0-1-5", "i-2", "someone"])),
        version=draw(st.sampled_from(["", "1.0.0", "2.0.0"])),
    )


LOGS = st.lists(made_requests(), max_size=40).map(lambda requests: tuple(sorted(requests, key=lambda each: each.at)))


@settings(deadline=None)
@given(LOGS)
def test_every_request_is_counted_once(requests):
    found = figures(Evidence(requests=requests, instances=drill().instances))
    sent = found["requests"]["total"] - found["requests"]["not_sent"]
    phases = [found[name] for name in ("before", "during", "after")]
    assert found["requests"]["total"] == len(requests)
    assert sum(phase["requests"] for phase in phases) == sent
    assert sum(phase["failed"] for phase in phases) == found["requests"]["failed"]
    assert sum(kind["sent"] for kind in found["requests"]["by_kind"].values()) == sent
    assert sum(found["requests"]["errors"].values()) == found["requests"]["failed"]
    failures = found["failures"]
    assert failures["reads"]["count"] + failures["writes"]["count"] == failures["requests"]["count"]
    assert failures["requests"]["count"] == found["requests"]["failed"] - found["before"]["failed"]
    assert found["after"]["failed"] == 0, "the last failure ends what is called during"


@settings(deadline=None)
@given(LOGS)
def test_the_last_failure_is_the_last(requests):
    found = figures(Evidence(requests=requests))["failures"]["requests"]
    for each in requests:
        if each.sent and not each.ok and each.ended >= 0:
            assert found["first_seconds"] <= max(0, each.at) <= found["last_seconds"]
            assert each.ended <= found["last_seen_seconds"] + 0.001


@settings(deadline=None)
@given(st.lists(st.floats(0, 30, allow_nan=False), max_size=30).map(sorted))
def test_outages_hold_every_failure_and_are_apart(at):
    found = outages(at)
    assert all(any(start <= each <= end for start, end in found) for each in at)
    assert all(start in at and end in at for start, end in found)
    assert all(later[0] - earlier[1] > TOGETHER for earlier, later in pairwise(found))


@settings(deadline=None)
@given(st.lists(st.floats(0, 10), min_size=1).map(sorted), st.integers(1, 100))
def test_a_percentile_was_measured_and_no_smaller_one_would_do(values, percent):
    found = percentile(values, percent)
    assert found in values
    needed = math.ceil(len(values) * percent / 100)
    assert sum(value <= found for value in values) >= needed
    assert sum(value < found for value in values) < needed


@settings(deadline=None)
@given(LOGS)
def test_the_seconds_have_no_gap_and_miss_no_request(requests):
    found = seconds(requests)
    assert all(later.at == earlier.at + 1 for earlier, later in pairwise(found))
    assert sum(each.ok for each in found) == sum(each.ok for each in requests)
    assert sum(each.failed for each in found) == sum(each.sent and not each.ok for each in requests)
    assert sum(each.not_sent for each in found) == sum(not each.sent for each in requests)


PHASES = st.sampled_from(["healthy", "unhealthy", "initial", "gone"])
CHANGES = st.lists(st.tuples(st.floats(-9, 30), st.sampled_from([ONE, TWO, THREE]), PHASES), max_size=20)


@settings(deadline=None)
@given(CHANGES)
def test_capacity_and_lanes_tell_the_same(changes):
    states = [
        instance(at, identity, gone=True) if target == "gone" else instance(at, identity, target)
        for at, identity, target in sorted(changes)
    ]
    evidence = drill(stack=states)
    lanes = instance_lanes(evidence, 31)
    for lane in lanes:
        assert all(one.end <= other.start for one, other in pairwise(lane.spans))
    for at, count in capacity(evidence):
        healthy = sum(span.state == "healthy" and span.start <= at < span.end for lane in lanes for span in lane.spans)
        assert healthy == count


def test_a_request_under_way_as_the_fault_began_belongs_to_the_fault():
    hung = request(100_000, -0.5, ok=False, outcome="timeout", seconds=5.0)
    found = figures(drill([*probe_log(), hung]))
    assert found["before"]["failed"] == 0
    assert found["failures"]["requests"]["first_seconds"] == 0.0


def test_a_failure_just_before_is_the_faults_first_since_clocks_differ():
    found = figures(drill([*probe_log(), request(100_000, -0.9, ok=False, outcome="502")]))
    assert (found["before"]["failed"], found["failures"]["requests"]["first_seconds"]) == (0, 0.0)


def test_a_request_that_failed_before_the_fault_does_not():
    found = figures(drill([*probe_log(), request(100_000, -3, ok=False, outcome="503")]))
    assert found["before"]["failed"] == 1
    assert found["failures"]["requests"]["count"] == figures(drill(probe_log()))["failures"]["requests"]["count"]


def test_instances_are_known_by_the_names_they_call_themselves():
    found = figures(drill())["instances"]
    assert {identity: each["zone"] for identity, each in found["answered"].items()} == {
        ONE: "us-east-1a",
        TWO: "us-east-1b",
        THREE: "us-east-1a",
    }
    assert [found["answered"][each]["share_before"] for each in (ONE, TWO, THREE)] == [0.5, 0.5, 0.0]


@pytest.mark.parametrize("name", ["i-1", "ip-10-0-1-5", "ip-10-0-1-5.ec2.internal"])
def test_an_instance_may_be_named_by_its_identifier_or_its_host(name):
    assert drill().server(answer(name)) == ONE
    assert drill().server(answer("someone.else")) == "someone.else"


def answer(by: str, at: float = 0.0) -> Request:
    return Request(at=at, type="read", ok=True, outcome="200", instance=by)


def test_an_address_that_another_instance_had_before_is_told_apart():
    had = {"zone": "us-east-1a", "private_ip": "10.0.1.5"}
    evidence = Evidence((), instances={"i-new": {**had, "at": 30.0}, "i-old": {**had, "at": -5.0}})
    assert [evidence.server(answer("ip-10-0-1-5", at)) for at in (-9.0, 0.0, 29.9, 30.0, 60.0)] == [
        *("i-old", "i-old", "i-old"),
        *("i-new", "i-new"),
    ]


def test_connections_that_an_address_did_not_take_are_counted_apart():
    attempts = [[ADDRESSES[0], 0.001, 1.0, "connect_timeout"], [ADDRESSES[1], 1.001, 0.01, "connected"]]
    found = figures(drill([request(0, 1, attempts=attempts, address=ADDRESSES[1])]))["addresses"]
    assert found[ADDRESSES[0]]["connections_failed"] == 1
    assert (found[ADDRESSES[0]]["requests"], found[ADDRESSES[1]]["requests"]) == (0, 1)
    assert found[ADDRESSES[1]]["zone"] == "us-east-1b"


def test_requests_that_reach_the_zone_after_the_fault_do_not_count():
    found = figures(drill(), "us-east-1a", 15.0)["zone"]
    assert found == {"name": "us-east-1a", "known": True, "last_request_seconds": 14.9}


def test_versions_come_in_the_order_in_which_they_were_last_seen():
    more = [request(100_000 + n, 30 + n / 10, version="2.0.0") for n in range(30)]
    assert [each["version"] for each in figures(drill([*probe_log(), *more]))["versions"]] == ["1.0.0", "2.0.0"]


def test_writes_that_were_not_read_back_are_not_called_kept():
    evidence = replace(drill([write(0, 1)]), read_back=None)
    assert figures(evidence)["writes"]["lost"] is None
    assert figures(evidence)["writes"]["read_back_error"] == "the writes were not read back"


def test_recovery_is_when_enough_targets_were_healthy_for_good():
    assert figures(drill())["capacity"]["recovered_seconds"] == 20.0
    again = sorted(
        [*stack_log(), instance(27, TWO, "unhealthy"), instance(28, TWO, "healthy")], key=lambda each: each["at"]
    )
    assert figures(drill(stack=again))["capacity"]["recovered_seconds"] == 28.0
    assert figures(drill(stack=again[:-4]))["capacity"]["recovered_seconds"] in (20.0, None)


def test_the_databases_lanes_tell_where_primary_and_standby_are():
    primary, standby = database_lanes(drill(), 31)
    assert [(span.state, span.told) for span in primary.spans] == [
        ("us-east-1a", "available"),
        ("us-east-1a", "failing-over"),
        ("us-east-1b", "available"),
    ]
    assert [span.state for span in standby.spans] == ["us-east-1b", "us-east-1b", "none", "us-east-1a"]


def test_an_address_is_in_dns_from_when_to_when():
    moves = [(-10, ADDRESSES), (5, ADDRESSES[1:]), (20, ADDRESSES)]
    evidence = drill([{"kind": "addresses", "at": FAULT + at, "addresses": list(names)} for at, names in moves])
    first, second = address_lanes(evidence, 31)
    assert [(span.start, span.end) for span in first.spans] == [(-10, 5), (20, 31)]
    assert [(span.start, span.end) for span in second.spans] == [(-10, 31)]
    assert (first.note, second.note) == ("us-east-1a", "us-east-1b")


def test_the_fault_began_with_the_first_action_of_an_experiment():
    def event(at, source):
        return {"kind": "event", "at": at, "source": source, "what": "x"}

    assert fault_at([event(5, "autoscaling"), event(9, "fault"), event(8, "fault"), event(7, "refresh")]) == 8
    assert fault_at([event(5, "autoscaling"), event(7, "refresh")]) == 7
    assert fault_at([event(5, "autoscaling")]) is None
    watched = [{"kind": "recorder", "at": 6}, event(5, "zonal shift"), event(7, "refresh")]
    assert fault_at(watched) == 7, "a shift that was there before is not the fault"

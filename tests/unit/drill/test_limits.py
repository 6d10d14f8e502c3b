"""Each limit is kept by a drill that went well, and broken by one that did not: none is there for show."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.figures import figures
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.limits import RULES, faults, judge, shown, watch_for
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.report import Drill, report

from tests.support.drills import (
    ADDRESSES,
    FAULT,
    HOSTS,
    LIMITS,
    ONE,
    THREE,
    TWO,
    database,
    drill,
    instance,
    probe_log,
    request,
    stack_log,
    write,
)


def result(name, limit, evidence):
    (only,) = judge(figures(evidence, "us-east-1a"), {name: limit})
    return only


def with_requests(*more):
    return drill(probe=[*probe_log(), *more])


def with_states(*more):
    return drill(stack=sorted([*stack_log(), *more], key=lambda record: record["at"]))


def lost_one():
    return drill([{**each, "lost": ["probe one 9"]} if each["kind"] == "read_back" else each for each in probe_log()])


def without_a_new_instance():
    return drill(stack=[each for each in stack_log() if each.get("id") != THREE])


def failed(at, **more):
    return request(100_000, at, ok=False, outcome="503", **more)


def in_zone(at):
    """A request of which only the load balancer's node is in the zone."""
    return request(100_001, at, address=ADDRESSES[0], instance=HOSTS[TWO])


# What breaks each limit, and what is measured then.
BROKEN = {
    "failed_requests": (with_requests(failed(3)), 39),
    "failed_reads": (with_requests(failed(3)), 39),
    "failed_writes": (with_requests(write(100_000, 3, ok=False, outcome="503")), 1),
    "failed_reads_of_root": (with_requests(failed(3)), 39),
    "last_failed_request_within": (with_requests(failed(11.5)), 11.5),
    "last_failed_read_within": (with_requests(failed(11.5, path="/goals")), 11.5),
    "last_failed_write_within": (with_requests(write(100_000, 11.5, ok=False, outcome="timeout")), 11.5),
    "longest_outage": (with_requests(failed(8.3), failed(9.2)), 9.2),
    "lost_writes": (lost_one(), 1),
    "p99_after": (with_requests(*[request(100_000 + n, 25, seconds=0.3) for n in range(9)]), 0.3),
    "min_healthy": (with_states(instance(12, TWO, "unhealthy"), instance(13, TWO, "healthy")), 0),
    "healthy_at_end": (with_states(instance(31, TWO, "unhealthy")), 1),
    "recovered_within": (with_states(instance(29, TWO, "unhealthy"), instance(31, TWO, "healthy")), 31.0),
    "instances_replaced": (without_a_new_instance(), 0),
    "spread_over_zones": (with_states(instance(31, TWO, gone=True)), False),
    "round_robin_within": (with_requests(*[request(100_000 + n, -5, instance=HOSTS[ONE]) for n in range(20)]), 0.0833),
    "last_request_in_zone_within": (with_requests(in_zone(33)), 33.0),
    "failed_over": (with_states(database(30, "us-east-1a", "us-east-1b")), False),
    "standby_at_end": (with_states(database(30, "us-east-1b", "")), False),
    "version_at_end": (with_requests(request(100_000, 40, version="2.0.0")), "2.0.0"),
    "only_version": (with_requests(request(100_000, 5, version="2.0.0")), "1.0.0, 2.0.0"),
}


def test_the_drill_that_went_well_is_passed():
    found = report(Drill("instance_crash", "goals", FAULT, zone="us-east-1a", limits=LIMITS), drill())
    assert [each["sentence"] for each in found["limits"] if not each["passed"]] == []
    assert (found["verdict"], found["invalid"]) == ("passed", [])


def test_every_limit_is_tried():
    assert LIMITS.keys() == BROKEN.keys() == RULES.keys()


@pytest.mark.parametrize("name", RULES)
def test_a_limit_that_is_broken_is_not_kept(name):
    evidence, measured = BROKEN[name]
    assert result(name, LIMITS[name], drill()).passed
    broken = result(name, LIMITS[name], evidence)
    assert (broken.passed, broken.measured) == (False, measured)


# What a drill of which nothing was recorded says of each limit: those about failures are kept, the others not known.
KNOWN_WITHOUT_A_LOG = {name for name in RULES if "failed_" in name and name != "failed_over"} | {"longest_outage"}


@pytest.mark.parametrize("name", sorted(RULES.keys() - KNOWN_WITHOUT_A_LOG))
def test_a_limit_of_which_nothing_is_known_is_not_kept(name):
    nothing = result(name, LIMITS[name], drill(probe=[], stack=[]))
    assert (nothing.measured, nothing.passed) == (None, False)
    assert "not known" in nothing.sentence()


def test_where_nothing_was_written_it_is_not_known_whether_writes_are_lost():
    read_only = [each for each in probe_log() if each.get("type") != "write"]
    assert result("lost_writes", 0, drill(read_only)).measured is None


def test_no_failure_at_all_keeps_a_limit_of_the_last_one():
    well = [{**each, "ok": True} if each["kind"] == "request" else each for each in probe_log()]
    kept = result("last_failed_request_within", 0, drill(well))
    assert (kept.measured, kept.passed) == ("none", True)
    assert kept.sentence() == "last failed request after it began: none; limit: at most 0 s"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("failed_request", 0),
        ("failed_requests", -1),
        ("failed_requests", "none"),
        ("last_failed_request_within", None),
        ("spread_over_zones", "perhaps"),
        ("version_at_end", ""),
    ],
)
def test_a_limit_that_can_not_be_is_refused(name, value):
    (fault,) = faults({name: value})
    assert fault.option == f"limits.{name}"


@pytest.mark.parametrize(("name", "value"), [("failed_requests", "0"), ("spread_over_zones", "True"), ("p99_after", 1)])
def test_a_limit_may_be_text_as_templates_give_it(name, value):
    assert faults({name: value}) == ()
    assert result(name, value, drill()).limit in (0, True, 1.0)


def test_only_what_must_be_seen_to_stay_well_is_watched_for_its_whole_time():
    assert watch_for({"recovered_within": 300, "last_failed_write_within": "15", "failed_requests": 99}) == 15


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (7.4, "s", "7.4 s"),
        (26.239, "s", "26.2 s"),
        (20.0, "s", "20 s"),
        (0.02, "s", "0.02 s"),
        (0.0, "s", "0 s"),
        (1234.0, "s", "1,234 s"),
        (3, "", "3"),
        (True, "", "yes"),
        (None, "s", "not known"),
        ("none", "s", "none"),
    ],
)
def test_values_are_shown_as_people_read_them(value, unit, text):
    assert shown(value, unit) == text

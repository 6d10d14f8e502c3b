"""Where Auto Scaling launches, what it moves, and what it takes away."""

from types import SimpleNamespace

import pytest

from local_region.control.auto_scaling import termination, zones


def subnet(name):
    return SimpleNamespace(id=name, availability_zone=name[0])


def member(name, version="1", protected=False, subnet_id=""):
    """The instance a1 is in zone a."""
    return SimpleNamespace(
        id=name,
        availability_zone=name[0],
        instance=SimpleNamespace(subnet_id=subnet_id or f"{name[0]}-subnet"),
        launch_template={"Version": version} if version else None,
        protected_from_scale_in=protected,
    )


@pytest.mark.parametrize(
    ("there", "first", "expected"),
    [
        ([], [], ["a", "b", "c"]),
        (["a1"], [], ["b", "c", "a"]),
        (["a1", "b1"], [], ["c", "a", "b"]),
        (["a1", "b1", "c1", "b2"], [], ["a", "c", "b"]),
        (["a1", "b1", "a2"], ["a2"], ["c", "b", "a"]),  # an instance refresh: a2 is new, so a has its share
        (["a1", "b1", "c1", "a2"], ["a2"], ["b", "c", "a"]),
    ],
)
def test_the_zone_with_fewest_instances_comes_first(there, first, expected):
    members = {name: member(name) for name in there}
    ordered = zones.order([subnet(zone) for zone in "abc"], members.values(), [members[name] for name in first])
    assert [each.id for each in ordered] == expected


def test_of_a_zones_subnets_the_emptier_one_is_taken():
    subnets = [subnet("a-one"), subnet("a-two"), subnet("b-one")]
    there = [member("a1", subnet_id="a-one"), member("b1"), member("b2")]
    assert [each.id for each in zones.order(subnets, there)] == ["a-two", "b-one"]


def test_balanced_only_takes_no_fuller_zone():
    subnets = [subnet(zone) for zone in "abc"]
    assert [each.id for each in zones.emptiest(subnets, [member("a1")])] == ["b", "c"]


@pytest.mark.parametrize(
    ("own", "occupied", "expected"),
    [
        ("ab", "ab", ""),
        ("ab", "aab", ""),  # no two differ by more than one
        ("ab", "aa", "b"),
        ("ab", "aaaa", "bb"),
        ("abc", "aaab", "c"),
        ("abc", "aaaa", "bc"),
        ("ab", "ac", "b"),  # the group has left zone c
        ("ab", "cc", "ab"),
        ("ab", "", ""),
        ("", "a", ""),
    ],
)
def test_moves(own, occupied, expected):
    assert "".join(zones.moves(list(own), occupied)) == expected


FAILING = "failing"


@pytest.mark.parametrize(
    ("members", "policies", "expected"),
    [
        (["a1", "b1", "a2"], ["Default"], "a1"),  # the fullest zone, then the oldest
        (["b1", "a1", "a2"], ["NewestInstance"], "a2"),
        (["a1 v2", "a2 v1", "b1 v2"], ["Default"], "a2"),  # of the oldest template version
        (["a1 v2", "a2 v1", "b1 v2"], ["OldestInstance"], "a1"),
        (["a1 v2", "a2 v0", "b1 v2"], ["OldestLaunchConfiguration", "NewestInstance"], "a2"),
        (["a1 protected", "a2", "b1"], ["Default"], "a2"),
        (["a1 protected", "a2 protected", "b1"], ["Default"], "b1"),
        (["a1 protected"], ["Default"], None),
        (["a1", "a2 failing", "b1"], ["OldestInstance"], "a2"),
        (["a1", "b1 failing", "a2"], ["OldestInstance"], "a1"),  # zones are balanced first whatever the policy
    ],
)
def test_termination(members, policies, expected):
    made, failing = [], []
    for text in members:
        name, *marks = text.split()
        version = next((mark[1:] for mark in marks if mark.startswith("v")), "1")
        made.append(member(name, None if version == "0" else version, "protected" in marks))
        failing += [made[-1]] if FAILING in marks else []
    chosen = termination.choose(made, policies, failing)
    assert (chosen and chosen.id) == expected


def test_an_instance_in_a_zone_that_the_group_has_left_goes_first():
    members = [member(name) for name in ("b1", "b2", "a1")]
    assert termination.choose(members, ["Default"], zones={"b"}).id == "a1"
    assert termination.choose(members, ["Default"], zones={"a", "b"}).id == "b1"

"""What an instance refresh launches and terminates next: a table of cases against what AWS documents."""

import pytest

from local_region.control.auto_scaling.bounds import Bounds, bounds
from local_region.control.auto_scaling.refresh_plan import Member, Step, goal, next_step


@pytest.mark.parametrize(
    ("desired", "least", "most", "expected"),
    [
        # User Guide, instance maintenance policy: "as few as 90 instances and as many as 120"
        (100, 90, 120, Bounds(100, 90, 120)),
        (10, 90, 100, Bounds(10, 9, 10)),
        # "expressed as a percentage of the desired capacity (rounded up to the nearest integer)"
        (4, 60, None, Bounds(4, 3, 4)),
        # the default of an SDK, 90 % and none: an instance is terminated and its replacement launched
        (2, 90, None, Bounds(2, 1, 2)),
        (1, 90, None, Bounds(1, 0, 1)),
        (2, 100, None, Bounds(2, 1, 2)),
        # "To replace one instance at a time, set both to 100 percent": launch before terminating
        (2, 100, 100, Bounds(2, 2, 3)),
        (2, 90, 100, Bounds(2, 2, 3)),
        (2, 100, 110, Bounds(2, 2, 3)),
        (2, 100, 150, Bounds(2, 2, 3)),
        (2, 100, 200, Bounds(2, 2, 4)),
        # "To replace all instances at once, set a minimum healthy percentage of 0 percent"
        (3, 0, None, Bounds(3, 0, 3)),
        (2, 50, 100, Bounds(2, 1, 2)),
    ],
)
def test_percentages_become_numbers(desired, least, most, expected):
    assert bounds(desired, least, most) == expected


def test_launching_first_is_a_maximum_above_the_desired_capacity():
    assert bounds(2, 100, 110).launches_first
    assert not bounds(2, 50, None).launches_first


ONE_EXTRA = Bounds(2, 2, 3)
ONE_LESS = Bounds(2, 1, 2)


def member(text):
    """ "a1 old ready" -> the instance a1 in zone a."""
    name, age, fitness, *more = text.split()
    return Member(name, name[0], age == "old", fitness, held="held" in more)


CASES = {
    # --- launch before terminate
    "first an extra one is launched": (ONE_EXTRA, 2, ["a1 old ready", "b1 old ready"], Step(1)),
    "nothing goes while it is not ready": (ONE_EXTRA, 2, ["a1 old ready", "b1 old ready", "a2 new coming"], Step()),
    "nothing goes while it fails": (ONE_EXTRA, 2, ["a1 old ready", "b1 old ready", "a2 new failing"], Step()),
    "an old one goes when it is ready, from the fullest zone, and the next is launched": (
        ONE_EXTRA, 2, ["b1 old ready", "a1 old ready", "a2 new ready"], Step(1, ("a1",)),
    ),
    "the last old one goes, and no more is launched": (
        ONE_EXTRA, 2, ["b1 old ready", "a2 new ready", "b2 new ready"], Step(0, ("b1",)),
    ),
    "all new: nothing more": (ONE_EXTRA, 2, ["a2 new ready", "b2 new ready"], Step()),
    "two at a time when there is room for two": (Bounds(2, 2, 4), 2, ["a1 old ready", "b1 old ready"], Step(2)),
    # --- terminate and launch
    "one goes and its replacement is launched at once": (
        ONE_LESS, 2, ["a1 old ready", "b1 old ready"], Step(1, ("a1",)),
    ),
    "the minimum healthy holds the next one up": (ONE_LESS, 2, ["b1 old ready", "a2 new coming"], Step()),
    "a replacement that fails holds the next one up": (ONE_LESS, 2, ["b1 old ready", "a2 new failing"], Step()),
    "the next one goes when the replacement is ready": (
        ONE_LESS, 2, ["b1 old ready", "a2 new ready"], Step(1, ("b1",)),
    ),
    "a minimum of none replaces all at once": (
        Bounds(2, 0, 2), 2, ["a1 old ready", "b1 old ready"], Step(2, ("a1", "b1")),
    ),
    # --- both
    "ten instances, 90 to 120 percent: one goes, three come": (
        Bounds(10, 9, 12), 10, [f"a{number} old ready" for number in range(10)], Step(3, ("a0",)),
    ),
    # --- what is not ready
    "an old one that fails goes first, at no cost": (
        ONE_LESS, 2, ["a1 old ready", "b1 old failing"], Step(1, ("b1",)),
    ),
    "an old one that fails goes even below the minimum": (
        ONE_EXTRA, 2, ["a1 old ready", "b1 old failing"], Step(2, ("b1",)),
    ),
    "an old one that is still coming is given up while enough are ready": (
        ONE_LESS, 2, ["a1 old ready", "b1 old coming"], Step(1, ("b1",)),
    ),
    "an old one that is still coming is waited for otherwise": (
        ONE_EXTRA, 2, ["a1 old ready", "b1 old coming"], Step(1),
    ),
    # --- held: protected from scale-in, with "Wait"
    "a protected one stays, the others are replaced": (
        ONE_EXTRA, 2, ["a1 old ready held", "b1 old ready"], Step(1),
    ),
    "only protected ones left: nothing": (ONE_EXTRA, 2, ["a1 old ready held", "b2 new ready"], Step()),
    # --- checkpoints
    "up to the checkpoint and no further": (ONE_EXTRA, 1, ["a2 new ready", "b1 old ready"], Step()),
    "towards the checkpoint": (
        Bounds(4, 0, 4), 2, [f"{zone}1 old ready" for zone in "abcd"], Step(2, ("a1", "b1")),
    ),
    # --- the desired capacity is kept whatever happens
    "a lost instance is made up for": (ONE_LESS, 1, ["a2 new ready"], Step(1)),
    "a lost instance is made up for at a checkpoint": (ONE_EXTRA, 0, ["a1 old ready"], Step(1)),
    "a scale-out is followed": (Bounds(4, 4, 5), 4, ["a2 new ready", "b2 new ready"], Step(2)),
    "a scale-in is followed": (
        Bounds(1, 0, 1), 1, ["a1 old ready", "b1 old ready"], Step(1, ("a1", "b1")),
    ),
    # --- a rollback: what the refresh launched is old, what was there is new
    "the bad replacement goes, nothing is launched": (
        ONE_EXTRA, 2, ["a1 new ready", "b1 new ready", "a2 old failing"], Step(0, ("a2",)),
    ),
    "the bad replacement goes and the one it replaced comes back": (
        ONE_LESS, 2, ["b1 new ready", "a2 old failing"], Step(1, ("a2",)),
    ),
    "two bad replacements go although too few are healthy": (
        ONE_EXTRA, 2, ["a1 new ready", "b2 old failing", "a2 old failing"], Step(1, ("a2", "b2")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_step(case):
    limits, new, members, expected = CASES[case]
    assert next_step([member(each) for each in members], limits, new) == expected


@pytest.mark.parametrize(("desired", "percentage", "new"), [(10, 20, 2), (10, 25, 3), (2, 50, 1), (2, 100, 2)])
def test_a_checkpoint_in_instances(desired, percentage, new):
    assert goal(desired, percentage) == new


@pytest.mark.parametrize("limits", [bounds(4, *each) for each in [(100, 150), (50, None), (90, None), (75, 125)]])
def test_a_refresh_of_healthy_instances_ends_and_keeps_to_its_bounds(limits):
    members = [Member(f"old{number}", "ab"[number % 2], True, "ready") for number in range(4)]
    made = 0
    for _ in range(20):
        step = next_step(members, limits, 4)
        members = [each for each in members if each.id not in step.terminate]
        assert sum(each.fitness == "ready" for each in members) >= limits.minimum
        members += [Member(f"new{made + more}", "ab"[more % 2], False, "coming") for more in range(step.launch)]
        made += step.launch
        assert len(members) <= limits.maximum
        members = [Member(each.id, each.zone, each.old, "ready") for each in members]
    assert [each.old for each in members] == [False] * 4
    assert made == 4

"""What should change about a network's flow log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.flow_log import FlowLog, completed
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.flow_log import changes, settled

TAGS = {"ha_stack:network": "goals"}
WANT = FlowLog("arn:aws:s3:::logs", tags=TAGS)
HAVE = replace(completed(WANT), id="fl-1")
OTHERS = replace(HAVE, id="fl-9", own=False, tags={})


def told(want, found, purge=False):
    return [str(change) for change in changes("goals", want, found, purge)]


@pytest.mark.parametrize(
    ("want", "found", "expected"),
    [
        pytest.param(UNSET, [HAVE], [], id="let alone"),
        pytest.param(None, [], [], id="none"),
        pytest.param(None, [HAVE, OTHERS], ["delete flow log goals"], id="none any more"),
        pytest.param(WANT, [], ["create flow log goals"], id="create"),
        pytest.param(WANT, [OTHERS, HAVE], [], id="as it is"),
        pytest.param(WANT, [OTHERS], ["update flow log goals"], id="taken over"),
        pytest.param(WANT, [replace(OTHERS, traffic="REJECT")], ["create flow log goals"], id="another's"),
        pytest.param(
            replace(WANT, aggregation_interval=60),
            [HAVE],
            ["create flow log goals", "delete flow log goals"],
            id="another one instead",
        ),
        pytest.param(replace(WANT, tags={**TAGS, "cost": "low"}), [HAVE], ["update flow log goals"], id="tags"),
        pytest.param(WANT, [HAVE, replace(HAVE, id="fl-2")], ["delete flow log goals"], id="one too many"),
    ],
)
def test_plan(want, found, expected):
    assert told(want, found) == expected


def test_unlisted_tags_stay_unless_tags_are_given():
    tagged = [replace(HAVE, tags={**TAGS, "cost": "low"})]
    assert told(WANT, tagged) == []
    assert told(WANT, tagged, purge=True) == ["update flow log goals"]


def test_a_successor_is_whole_and_knows_what_it_replaces():
    create, _ = changes("goals", replace(WANT, aggregation_interval=60), [replace(HAVE, traffic="REJECT")], False)
    assert (create.after["traffic"], create.after["aggregation_interval"]) == ("REJECT", 60)
    assert create.want.replaces == ("fl-1",)


def test_it_replaces_none_that_is_kept_elsewhere():
    """Where AWS takes no second one, what it replaces goes first: elsewhere nothing is in its way."""
    found = [replace(HAVE, id="fl-1", destination="arn:aws:s3:::audit"), replace(HAVE, id="fl-2")]
    create, *gone = changes("goals", replace(WANT, aggregation_interval=60), found, False)
    assert create.want.replaces == ("fl-2",)
    assert [each.have.id for each in gone] == ["fl-1", "fl-2"]


def test_the_facts_of_check_mode():
    assert (settled(UNSET, [HAVE]), settled(None, [HAVE])) == (UNSET, None)
    assert settled(WANT, [OTHERS]).facts()["id"] == "fl-9"
    assert settled(WANT, []).facts()["aggregation_interval"] == 600

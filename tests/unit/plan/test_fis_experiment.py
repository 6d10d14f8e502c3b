"""What should change about an experiment, as a table."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment import Experiment
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.fis_experiment import plan

RUN = {"name": "run-1", "template_id": "EXT1"}
RUNNING = Experiment(**RUN, state="present", status="running", tags={"stack": "goals"})
ENDED = Experiment(**RUN, state="stopped", status="failed", tags={"stack": "goals"})


@pytest.mark.parametrize(
    ("want", "have", "expected"),
    [
        pytest.param(Experiment(**RUN), None, [("create", {**RUN})], id="it starts"),
        pytest.param(Experiment(**RUN), RUNNING, [], id="it goes on"),
        pytest.param(Experiment(**RUN), ENDED, [], id="it never starts twice"),
        pytest.param(
            Experiment("run-1", template_id=KNOWN_AFTER_APPLY), ENDED, [], id="it outlives the template it ran from"
        ),
        pytest.param(
            Experiment("run-1", state="stopped"), RUNNING, [("update", {"state": "stopped"})], id="it is stopped"
        ),
        pytest.param(Experiment("run-1", state="stopped"), ENDED, [], id="it has stopped"),
        pytest.param(Experiment("run-1", state="stopped"), None, [], id="it never ran, and is not running"),
        pytest.param(Experiment(**RUN, tags={"a": "1"}), ENDED, [("update", {"tags": {"a": "1"}})], id="tags"),
    ],
)
def test_plan(want, have, expected):
    changes = plan(want, have, {"purge_tags": True})
    assert [(change.action, change.after) for change in changes] == expected


def test_a_name_that_ran_from_another_template_is_refused():
    with pytest.raises(StackError, match=r"template_id is 'EXT1', wanted 'EXT2'.*another name"):
        plan(Experiment("run-1", template_id="EXT2"), ENDED, {"purge_tags": True})

"""What should change about a parameter group, and what waits for a restart, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import DbInstance, without_instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_parameter_group import Parameter, ParameterGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.db_instance import plan

KNOWN = {
    name: Parameter(name, value, static, True, kind, allowed, "")
    for name, value, static, kind, allowed in (
        ("work_mem", None, False, "integer", "64-2147483647"),
        ("max_connections", "{x}", True, "integer", "6-8388607"),
        ("log_lock_waits", "1", False, "boolean", "0,1"),
    )
}
GROUP = ParameterGroup("goals-postgres16", "postgres16", {"work_mem": "8192"}, "Parameters of goals", {}, arn="arn:pg")
HAVE = DbInstance(
    "goals", engine_version="16.4", parameter_group_name="goals-postgres16", reboot=None, status="available",
    source_db_instance="", tags={}, parameter_group=GROUP,
)  # fmt: skip
PARAMS = {"purge_tags": True, "deletion_protection": None, "skip_final_snapshot": True}


def wish(parameters, name="goals-postgres16", **more):
    group = ParameterGroup(name, "postgres16", parameters, known=KNOWN)
    return DbInstance("goals", parameter_group=group, parameter_group_name=name, **more)


def told(parameters, have=HAVE, reboot="never", **more):
    changes = plan(wish(parameters, **more), have, {**PARAMS, "reboot": reboot})
    return {str(change): dict(change.after) for change in changes}


UPDATE = "update DB parameter group goals-postgres16"
INSTANCE = "update DB instance goals"


@pytest.mark.parametrize(
    ("parameters", "reboot", "expected"),
    [
        pytest.param({"work_mem": "8192"}, "when_needed", {}, id="equal"),
        pytest.param(
            {"work_mem": 64}, "when_needed", {UPDATE: {"parameters": {"work_mem": "64"}}}, id="dynamic: at once"
        ),
        pytest.param(
            {"work_mem": 8192, "max_connections": 200},
            "never",
            {UPDATE: {"parameters": {"work_mem": "8192", "max_connections": "200"}}, INSTANCE: {"reboot": "due"}},
            id="static: told",
        ),
        pytest.param(
            {"work_mem": 8192, "max_connections": 200},
            "when_needed",
            {UPDATE: {"parameters": {"work_mem": "8192", "max_connections": "200"}}, INSTANCE: {"reboot": "done"}},
            id="static: done",
        ),
        pytest.param({}, "when_needed", {UPDATE: {"parameters": {}}}, id="none: exactly these"),
        pytest.param({"work_mem": 8192, "log_lock_waits": True}, "never", {}, id="the default anyway"),
    ],
)
def test_parameters(parameters, reboot, expected):
    assert told(parameters, reboot=reboot) == expected


def test_a_static_parameter_that_goes_waits_too():
    have = replace(HAVE, parameter_group=replace(GROUP, parameters={"max_connections": "200"}))
    assert told({}, have)[INSTANCE] == {"reboot": "due"}


@pytest.mark.parametrize(("reboot", "expected"), [("never", {}), ("when_needed", {INSTANCE: {"reboot": "done"}})])
def test_what_waits_from_before(reboot, expected):
    have = replace(HAVE, reboot="due", pending_reboot=True)
    assert told({"work_mem": 8192}, have, reboot) == expected


def test_the_parameters_of_another_group_wait_the_dynamic_ones_too():
    have = replace(HAVE, parameter_group_name="default.postgres16")
    assert told({"work_mem": 8192}, have) == {INSTANCE: {"parameter_group_name": "goals-postgres16", "reboot": "due"}}


def test_a_new_instance_starts_with_its_group():
    changes = told({"max_connections": 200}, None, "when_needed")
    assert list(changes) == ["create DB parameter group goals-postgres16", "create DB instance goals"]
    assert "reboot" not in changes["create DB instance goals"]
    left = without_instance("goals", None, GROUP)
    assert list(told({"work_mem": 8192}, left)) == ["create DB instance goals"]


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        (
            {"work_men": 1},
            r"parameter_group.parameters.work_men: 1 is for a parameter that postgres16 hasn't.*work_mem",
        ),
        ({"zzz": 1}, "hasn't. Leave it out"),
        ({"work_mem": "64MB"}, "'64MB' is no whole number. Give what RDS takes, integer 64-2147483647"),
    ],
)
def test_refusals(parameters, match):
    with pytest.raises(StackError, match=match):
        told(parameters)


def test_family_and_description_stay():
    have = replace(HAVE, parameter_group=replace(GROUP, family="postgres15"))
    with pytest.raises(StackError, match="family is 'postgres15', wanted 'postgres16'"):
        told({"work_mem": 8192}, have)


def test_groups_go_last():
    older = replace(GROUP, name="goals-postgres15")
    changes = plan(None, replace(HAVE, deletion_protection=False, own_parameter_groups=(older, GROUP)), PARAMS)
    assert [str(change) for change in changes] == [
        "delete DB instance goals",
        "delete DB parameter group goals-postgres15",
        "delete DB parameter group goals-postgres16",
    ]

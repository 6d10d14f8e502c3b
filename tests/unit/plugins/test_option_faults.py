"""A module's faults in the names of a role's variables."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.plugin_utils.option_faults import filled, option_faults

GOOD = {"name": "goals", "vpc_id": "(known after apply)", "port": 8000}
VARIABLES = {"name": "backend_name", "port": "backend_port", "health_check_interval": "backend_interval"}


def test_good_options_have_no_fault() -> None:
    assert option_faults(GOOD, "target_group", VARIABLES) == []


def test_a_fault_names_the_variable_its_value_and_the_remedy() -> None:
    (message,) = option_faults({**GOOD, "port": 99999}, "target_group", VARIABLES)
    assert message == "backend_port: 99999 is out of range. Give 1 to 65535."


def test_every_fault_is_told() -> None:
    messages = option_faults({**GOOD, "name": "x" * 33, "port": 0}, "target_group", VARIABLES)
    assert [message.split(":")[0] for message in messages] == ["backend_name", "backend_port"]


def test_an_option_that_no_variable_holds_keeps_its_name() -> None:
    (message,) = option_faults({**GOOD, "healthy_threshold": 11}, "target_group", VARIABLES)
    assert message.startswith("healthy_threshold: 11 ")


def test_options_of_another_type_are_told_too() -> None:
    (message,) = option_faults({**GOOD, "port": "eighty"}, "target_group", VARIABLES)
    assert "'port'" in message or "backend_port" in message


def test_missing_options_have_their_defaults() -> None:
    assert option_faults({"name": "goals", "state": "absent"}, "target_group", {}) == []


def test_the_remedy_speaks_of_variables() -> None:
    options = {**GOOD, "health_check_interval": 5, "health_check_timeout": 5}
    (message,) = option_faults(options, "target_group", VARIABLES)
    assert "health_check_timeout: 5 " in message
    assert "backend_interval" in message


def test_children_keep_what_follows_the_options_name() -> None:
    options = {
        "name": "goals",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "listeners": [{"port": 0, "target_group": "goals"}],
    }
    messages = option_faults(options, "load_balancer", {"listeners": "backend_listeners"})
    assert any(message.startswith("backend_listeners") for message in messages), messages


@pytest.mark.parametrize(
    ("options", "values", "whole"),
    [
        ({}, {"name": "goals", "size": 0}, {"name": "goals", "size": 0}),
        ({"vpc_id": "later"}, {"name": "goals"}, {"vpc_id": "later", "name": "goals"}),
        ({}, {"subnet_group.name": "goals"}, {"subnet_group": {"name": "goals"}}),
        ({"rules": [{"a": 1}]}, {"rules[0].b": 2}, {"rules": [{"a": 1, "b": 2}]}),
        ({"subnets": ["later"]}, {"subnets": []}, {"subnets": ["later"]}),
        ({"subnets": ["later"]}, {"subnets": ["subnet-1"]}, {"subnets": ["subnet-1"]}),
        ({}, {"subnets": []}, {"subnets": []}),
    ],
)  # fmt: skip
def test_values_stand_by_their_path_and_empty_ones_give_way(options, values, whole) -> None:
    assert filled(options, values) == whole

"""Whether a stack is whole, asked of the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.modules.stack_health import seen


@pytest.fixture
def group(ground, module):
    """A group of two, in service."""
    module("autoscaling_group")(**ground.options(target_group_arns=[ground.target_group]))
    return ground.options()["name"]


def ask(aws, group, *, wait=True, timeout=60, database=None):
    params = {"autoscaling_group": group, "db_instance": database}
    return seen(Session(aws, wait=wait, wait_timeout=timeout, params=params))


def test_a_whole_stack_is_told(aws, group, ground):
    stack = ask(aws, group)
    assert [each["target"] for each in stack["instances"].values()] == ["healthy"] * 2
    assert stack["target_group_arns"] == [ground.target_group]
    assert stack["group"][group]["desired"] == 2
    assert stack["database"] == {}
    (balancer,) = stack["load_balancers"]
    assert balancer["dns_name"].endswith(".elb.amazonaws.com")


def test_a_stack_that_is_not_whole_is_refused_and_waited_for(aws, group):
    lost = min(ask(aws, group)["instances"])
    aws("ec2").terminate_instances(InstanceIds=[lost])
    with pytest.raises(StackError, match=lost):
        ask(aws, group, wait=False)
    assert lost not in ask(aws, group)["instances"]


def test_what_is_not_there_is_named(aws, group):
    with pytest.raises(StackError, match="autoscaling_group: 'other' is not there"):
        ask(aws, "other")
    with pytest.raises(StackError, match="database other is not there"):
        ask(aws, group, wait=False, database="other")

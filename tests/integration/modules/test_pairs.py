"""From any valid desired state to any other one run is enough, the next finds nothing to do, and check mode told it.

Hypothesis looks at 25 pairs of states a module, always the same ones; at as many others as PAIRS says, where it is set.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.modules import states

PAIRS = os.environ.get("PAIRS")
looking_at_pairs = settings(
    max_examples=int(PAIRS or 25),
    derandomize=PAIRS is None,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # making a failure smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def removed(module):
    """What the modules made under the name of pairs is removed in the end."""
    yield
    module("autoscaling_group")(name="pairs", state="absent", deletion_protection="none")
    module("launch_template")(name="pairs", state="absent")
    module("load_balancer")(name="pairs", state="absent")
    module("target_group")(name="pairs", state="absent")


def takes_one_run(module: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    """From ``first``, whatever was there before it."""
    module(**first)
    planned, done = module(**second, check_mode=True), module(**second)
    assert (planned["diff"], planned["plan"]) == (done["diff"], done["plan"])
    assert done["changed"] is bool(done["plan"])
    again = module(**second)
    assert again["plan"] == [], again["diff"]


@looking_at_pairs
@given(data=st.data())
def test_target_groups(data, module, vpc, removed):
    fixed = {"name": "pairs", "vpc_id": vpc.id, "port": 8000, "target_type": "ip"}
    pair = data.draw(st.tuples(states.target_groups(), states.target_groups()))
    takes_one_run(module("target_group"), *({**fixed, **state} for state in pair))


@looking_at_pairs
@given(data=st.data())
def test_load_balancers(data, module, vpc, target_groups, certificates, removed):
    state = states.load_balancers(tuple(certificates), tuple(vpc.subnets), tuple(vpc.groups))
    pair = data.draw(st.tuples(state, state))
    takes_one_run(module("load_balancer"), *({"name": "pairs", **each} for each in pair))


@looking_at_pairs
@given(data=st.data())
def test_launch_templates(data, module, removed):
    pair = data.draw(st.tuples(states.launch_templates(), states.launch_templates()))
    takes_one_run(
        module("launch_template"), *({"name": "pairs", "image_id": "ami-0123456789abcdef0", **state} for state in pair)
    )


@looking_at_pairs
@given(data=st.data())
def test_autoscaling_groups(data, module, ground, removed):
    state = states.autoscaling_groups(tuple(ground.subnets), (ground.target_group,), ground.template)
    pair = data.draw(st.tuples(state, state))
    takes_one_run(module("autoscaling_group"), *({"name": "pairs", **each} for each in pair))

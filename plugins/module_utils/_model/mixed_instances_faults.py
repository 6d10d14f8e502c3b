# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about a mixed instances policy, found before AWS is asked anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_template, checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances import (
    LOWEST_PRICE,
    ON_DEMAND,
    SEGMENTS,
)

# The most overrides that one policy has with each of these.
MOST = {"instance_type": 40, "instance_requirements": 4, "launch_template": 19}
# Of each two of these requirements AWS takes one.
EITHER = (
    ("allowed_instance_types", "excluded_instance_types"),
    ("spot_max_price_percentage_over_lowest_price", "max_spot_price_as_percentage_of_optimal_on_demand_price"),
)
# Allocation strategies that go by the order of instance types, which requirements don't have.
ORDERED = {"on_demand_allocation_strategy": "prioritized", "spot_allocation_strategy": "capacity-optimized-prioritized"}


def faults(policy: Mapping[str, Any] | None) -> checks.Faults:
    if policy is None:
        return ()
    overrides, distribution = policy.get("overrides") or (), policy.get("distribution") or {}
    return (*_overrides("mixed_instances.overrides", overrides), *_distribution(distribution, overrides))


def _overrides(where: str, overrides: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for option, most in MOST.items():
        count = sum(each.get(option) is not None for each in overrides)
        if count > most:
            yield Fault(f"{where}.{option}", count, f"are more than {most}", "Give fewer: AWS takes no more")
    weights = [each.get("weight") for each in overrides]
    if None in weights and any(weights):
        yield Fault(f"{where}.weight", weights, "are given for some only", "Give each override a weight, or none")
    for each in overrides:
        yield from _override(where, each)


def _override(where: str, override: Mapping[str, Any]) -> Iterator[Fault]:
    requirements, kind = override.get("instance_requirements"), override.get("instance_type")
    if requirements is not None and kind is not None:
        remedy = "Give either instance_type or instance_requirements"
        yield Fault(f"{where}.instance_type", kind, "is given beside instance_requirements", remedy)
    if all(value is None for value in override.values()):
        yield Fault(where, dict(override), "overrides nothing", "Give instance_type or instance_requirements")
    yield from checks.between(f"{where}.weight", override.get("weight"), 1, 999)
    yield from checks.identifier(f"{where}.image_id", override.get("image_id"), "ami", "image")
    yield from autoscaling_template.faults(override.get("launch_template"), f"{where}.launch_template")
    for one, other in EITHER:
        if requirements and requirements.get(one) is not None and requirements.get(other) is not None:
            cause = f"is given beside {other}"
            yield Fault(f"{where}.instance_requirements.{one}", requirements[one], cause, "Give one of the two")


def _distribution(distribution: Mapping[str, Any], overrides: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    where, get = "mixed_instances.distribution", distribution.get
    base, percentage = ON_DEMAND
    if (get(base) or 0) < 0:
        yield Fault(f"{where}.{base}", get(base), "is too small", "Give 0 or more")
    yield from checks.between(f"{where}.{percentage}", get(percentage), 0, 100, "percent")
    pools, strategy = get("spot_instance_pools"), get("spot_allocation_strategy")
    yield from checks.between(f"{where}.spot_instance_pools", pools, 1, 20)
    if pools is not None and strategy not in (None, LOWEST_PRICE):
        remedy = f"Leave it out, or use {LOWEST_PRICE}"
        yield Fault(f"{where}.spot_instance_pools", pools, f"has no meaning with {strategy}", remedy)
    for option in ON_DEMAND:
        if get(SEGMENTS) and get(option) is not None:
            yield Fault(f"{where}.{option}", get(option), f"is given beside {SEGMENTS}", "Give one of the two")
    by_requirements = any(each.get("instance_requirements") is not None for each in overrides)
    for option, ordered in ORDERED.items():
        if by_requirements and get(option) == ordered:
            cause = "goes by the order of instance types, and instance_requirements have none"
            yield Fault(f"{where}.{option}", ordered, cause, "Choose another strategy")

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An Auto Scaling Group's own settings: the options, and what they are in requests and answers.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    number,
    one,
    switch,
    text,
    words,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET, given

UNITS = "units"
UNPROTECTED = "none"
PLAIN: Structure = {
    "min_size": number("MinSize"),
    "max_size": number("MaxSize"),
    "desired_capacity": number("DesiredCapacity"),
    "desired_capacity_type": text("DesiredCapacityType", UNITS, "vcpu", "memory-mib"),
    "health_check_grace_period": number("HealthCheckGracePeriod"),
    "default_cooldown": number("DefaultCooldown"),
    "new_instances_protected_from_scale_in": switch("NewInstancesProtectedFromScaleIn"),
    "max_instance_lifetime": number("MaxInstanceLifetime"),
    "capacity_rebalance": switch("CapacityRebalance"),
    "placement_group": text("PlacementGroup"),
    "service_linked_role_arn": text("ServiceLinkedRoleARN"),
    "deletion_protection": text("DeletionProtection", UNPROTECTED, "prevent-force-deletion", "prevent-all-deletion"),
}
# What it means that the API leaves one out: it has never been set.
ABSENT = {
    "desired_capacity_type": UNITS,
    "new_instances_protected_from_scale_in": False,
    "max_instance_lifetime": 0,
    "capacity_rebalance": False,
    "placement_group": "",
    "deletion_protection": UNPROTECTED,
}
# Options that are structures of the API.
NESTED: Structure = {
    "availability_zone_impairment_policy": one(
        "AvailabilityZoneImpairmentPolicy",
        {
            "zonal_shift_enabled": switch("ZonalShiftEnabled"),
            "impaired_zone_health_check_behavior": text(
                "ImpairedZoneHealthCheckBehavior", "ReplaceUnhealthy", "IgnoreUnhealthy"
            ),
        },
    ),
    "capacity_reservation_specification": one(
        "CapacityReservationSpecification",
        {
            "preference": text(
                "CapacityReservationPreference",
                "capacity-reservations-only",
                "capacity-reservations-first",
                "none",
                "default",
            ),
            "target": one(
                "CapacityReservationTarget",
                {
                    "reservation_ids": words("CapacityReservationIds"),
                    "resource_group_arns": words("CapacityReservationResourceGroupArns"),
                },
            ),
        },
    ),
    "instance_lifecycle_policy": one(
        "InstanceLifecyclePolicy",
        {
            "retention_triggers": one(
                "RetentionTriggers", {"terminate_hook_abandon": text("TerminateHookAbandon", "retain", "terminate")}
            )
        },
    ),
}
# What the API means where it leaves such a structure out, and what an empty dictionary asks for.
DEFAULTS: dict[str, dict[str, Any]] = {
    "availability_zone_impairment_policy": {"zonal_shift_enabled": False},
    "capacity_reservation_specification": {"preference": "default"},
    "instance_lifecycle_policy": {"retention_triggers": {"terminate_hook_abandon": "terminate"}},
}
TARGET = "target"
UNTARGETED = ("none", "default")  # preferences of Capacity Reservations that go with no target
SETS = ("subnet_ids", "target_group_arns", "metrics_enabled", "suspended_processes")
MAINTENANCE: Structure = {
    "min_healthy_percentage": number("MinHealthyPercentage"),
    "max_healthy_percentage": number("MaxHealthyPercentage"),
}
SOURCE: Structure = {
    "identifier": text("Identifier", required=True),
    "type": text("Type", "elb", "elbv2", "vpc-lattice"),
}
TARGET_GROUP = "elbv2"
HEALTH_CHECKS = ("EC2", "ELB", "EBS", "VPC_LATTICE")
METRICS = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    *(f"Group{which}Instances" for which in ("InService", "Pending", "Standby", "Terminating", "Total")),
    *(f"Group{which}Capacity" for which in ("InService", "Pending", "Standby", "Terminating", "Total")),
    *(f"WarmPool{which}Capacity" for which in ("Desired", "Warmed", "Pending", "Terminating", "Total")),
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
)
PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)
OPTIONS: dict[str, Any] = {
    "subnet_ids": {"type": "list", "elements": "str"},
    **structure.spec(PLAIN),
    "target_group_arns": {"type": "list", "elements": "str"},
    "traffic_sources": {"type": "list", "elements": "dict", "options": structure.spec(SOURCE)},
    "health_check_type": {},
    "default_instance_warmup": {"type": "int"},
    "termination_policies": {"type": "list", "elements": "str"},
    "instance_maintenance_policy": {"type": "dict", "options": structure.spec(MAINTENANCE)},
    "availability_zone_distribution": {
        "choices": ["balanced-best-effort", "balanced-only", "reservations-then-balanced"]
    },
    **structure.spec(NESTED),
    "skip_zonal_shift_validation": {"type": "bool", "default": False},
    "metrics_enabled": {"type": "list", "elements": "str", "choices": list(METRICS)},
    "suspended_processes": {"type": "list", "elements": "str", "choices": list(PROCESSES)},
}


def from_params(params: Mapping[str, Any]) -> dict[str, Any]:
    policies, checks, sources = (
        params[option] for option in ("termination_policies", "health_check_type", "traffic_sources")
    )
    return {
        **{option: given(params[option]) for option in (*PLAIN, "availability_zone_distribution")},
        **{option: UNSET if params[option] is None else _each_once(params[option]) for option in SETS},
        **{option: _nested_from_params(option, params[option]) for option in NESTED},
        "health_check_type": UNSET if checks is None else health_checks(checks),
        "traffic_sources": UNSET if sources is None else _sources(sources),
        "default_instance_warmup": _cleared(params["default_instance_warmup"]),
        "termination_policies": UNSET if policies is None else tuple(policies or ("Default",)),
        "instance_maintenance_policy": _maintenance_from_params(params["instance_maintenance_policy"]),
    }


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    """Sorted, and without repetitions but of what is not known yet."""
    values = list(values)
    return tuple(sorted({*values} - {KNOWN_AFTER_APPLY}) + [each for each in values if each == KNOWN_AFTER_APPLY])


def health_checks(checks: str) -> str:
    """In one order and without EC2, which is always among them, unless it is alone."""
    kinds = {each.strip() for each in checks.split(",")} - {"", "EC2"}
    return ",".join(sorted(kinds)) or "EC2"


def _cleared(value: int | None) -> Any:
    """-1 takes the value away, which the API tells by leaving it out (None)."""
    return None if value == -1 else given(value)


def _nested_from_params(option: str, value: Mapping[str, Any] | None) -> Any:
    if value is None:
        return UNSET
    return structure.given({option: NESTED[option]}, {option: value})[option] or DEFAULTS[option]


def _maintenance_from_params(policy: Mapping[str, Any] | None) -> Any:
    if policy is None:
        return UNSET
    return dict(policy) if any(value is not None for value in policy.values()) else None


def _sources(sources: Iterable[Mapping[str, Any]]) -> tuple[dict[str, str], ...]:
    """AWS finds out the type where it isn't given, but for the name of a Classic Load Balancer."""
    found = {each["identifier"]: each.get("type") or _type(each["identifier"]) for each in sources}
    return tuple({"identifier": identifier, "type": found[identifier]} for identifier in sorted(found))


def _type(identifier: str) -> str:
    if not identifier.startswith("arn:"):
        return "elb"
    return "vpc-lattice" if ":vpc-lattice:" in identifier else TARGET_GROUP


def from_api(group: Mapping[str, Any]) -> dict[str, Any]:
    """From an AutoScalingGroup of DescribeAutoScalingGroups."""
    distribution = group.get("AvailabilityZoneDistribution") or {}
    return {
        **{
            option: group.get(member.name) or ABSENT.get(option, group.get(member.name))
            for option, member in PLAIN.items()
        },
        **{option: _nested_from_api(option, group) for option in NESTED},
        "health_check_type": health_checks(group.get("HealthCheckType") or ""),
        "subnet_ids": tuple(sorted(each for each in (group.get("VPCZoneIdentifier") or "").split(",") if each)),
        "target_group_arns": tuple(sorted(target_groups(group))),
        "traffic_sources": _sources([*_told_sources(group), *({"identifier": arn} for arn in target_groups(group))]),
        "default_instance_warmup": group.get("DefaultInstanceWarmup"),
        "termination_policies": tuple(group.get("TerminationPolicies") or ("Default",)),
        "instance_maintenance_policy": _maintenance_from_api(group.get("InstanceMaintenancePolicy")),
        "availability_zone_distribution": distribution.get("CapacityDistributionStrategy"),
        "metrics_enabled": tuple(sorted(metric["Metric"] for metric in group.get("EnabledMetrics", ()))),
        "suspended_processes": tuple(sorted(each["ProcessName"] for each in group.get("SuspendedProcesses", ()))),
    }


def target_groups(group: Mapping[str, Any]) -> list[str]:
    """The ARNs of the target groups that instances are registered in, whichever call attached them."""
    sources = [each["identifier"] for each in _sources(_told_sources(group)) if each["type"] == TARGET_GROUP]
    return list(dict.fromkeys([*group.get("TargetGroupARNs", ()), *sources]))


def _told_sources(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [structure.from_api(SOURCE, each) for each in group.get("TrafficSources") or ()]


def _nested_from_api(option: str, group: Mapping[str, Any]) -> dict[str, Any]:
    told = structure.from_api({option: NESTED[option]}, group).get(option) or {}
    return {name: value for name, value in told.items() if value != {}} or DEFAULTS[option]


def _maintenance_from_api(policy: Mapping[str, Any] | None) -> Any:
    if not policy or -1 in policy.values():
        return None
    return structure.from_api(MAINTENANCE, policy)


def over(option: str, want: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    """A nested option as it will be: what it doesn't give of what is there stays. A target is a value of its own, which
    an empty one, and a preference that has none, takes away."""
    given = {name: value for name, value in want.items() if not isinstance(value, Mapping) or any(value.values())}
    whole = {**have, **given}
    if TARGET in have and TARGET not in given and (TARGET in want or whole.get("preference") in UNTARGETED):
        del whole[TARGET]
    return whole or DEFAULTS[option]


def to_api(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``settings`` that CreateAutoScalingGroup and UpdateAutoScalingGroup take alike."""
    request = structure.to_api({**PLAIN, **NESTED, "health_check_type": text("HealthCheckType")}, settings)
    if "subnet_ids" in settings:
        request["VPCZoneIdentifier"] = ",".join(settings["subnet_ids"])
    if "termination_policies" in settings:
        request["TerminationPolicies"] = list(settings["termination_policies"])
    if "default_instance_warmup" in settings:
        warmup = settings["default_instance_warmup"]
        request["DefaultInstanceWarmup"] = -1 if warmup is None else warmup
    if "instance_maintenance_policy" in settings:
        policy = settings["instance_maintenance_policy"] or dict.fromkeys(MAINTENANCE, -1)
        request["InstanceMaintenancePolicy"] = structure.to_api(MAINTENANCE, policy)
    if "availability_zone_distribution" in settings:
        strategy = settings["availability_zone_distribution"]
        request["AvailabilityZoneDistribution"] = {"CapacityDistributionStrategy": strategy}
    return request

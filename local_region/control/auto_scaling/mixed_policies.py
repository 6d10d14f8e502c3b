"""A group's mixed instances policy as AWS keeps and tells it: with its defaults, and each template by id and name.

What an update leaves out stays. moto keeps a request as it is, and tells a launch template beside the policy.
"""

from __future__ import annotations

from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup

from local_region.control.patching import around

DEFAULTS = {
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 100,
    "SpotAllocationStrategy": "lowest-price",
}


def whole(ec2: Any, policy: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    own, there = policy.get("LaunchTemplate") or {}, (before or {}).get("LaunchTemplate") or {}
    overrides = own["Overrides"] if own.get("Overrides") is not None else there.get("Overrides") or []
    spec = own.get("LaunchTemplateSpecification") or there["LaunchTemplateSpecification"]
    given = policy.get("InstancesDistribution") or {}
    return {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": _told(ec2, spec),
            "Overrides": [_override(ec2, each) for each in overrides],
        },
        "InstancesDistribution": _distribution(overrides, given, (before or {}).get("InstancesDistribution") or {}),
    }


def _override(ec2: Any, override: dict[str, Any]) -> dict[str, Any]:
    spec = override.get("LaunchTemplateSpecification")
    return {**override, "LaunchTemplateSpecification": _told(ec2, spec)} if spec else dict(override)


def _told(ec2: Any, spec: dict[str, Any]) -> dict[str, Any]:
    if spec.get("LaunchTemplateId"):
        template = ec2.get_launch_template(spec["LaunchTemplateId"])
    else:
        template = ec2.get_launch_template_by_name(spec["LaunchTemplateName"])
    named = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
    return {**named, "Version": str(spec.get("Version") or "$Default")}


def _distribution(overrides: list[Any], given: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    by_requirements = any(each.get("InstanceRequirements") for each in overrides)
    strategy = "lowest-price" if by_requirements else "prioritized"
    merged = {"OnDemandAllocationStrategy": strategy, **DEFAULTS, **before, **given}
    if merged["SpotAllocationStrategy"] == "lowest-price":
        merged.setdefault("SpotInstancePools", 2)
    elif "SpotInstancePools" not in given:
        merged.pop("SpotInstancePools", None)
    return {member: value for member, value in merged.items() if value not in ("", [])}


def spec_to_take(policy: dict[str, Any]) -> dict[str, Any]:
    """A launch template's specification by its id alone: moto takes no more than one of the two."""
    spec = policy["LaunchTemplate"]["LaunchTemplateSpecification"]
    return {member: value for member, value in spec.items() if member != "LaunchTemplateName"}


@around(FakeAutoScalingGroup, "_set_launch_configuration")
def keep_whole(original: Any, self: Any, config: Any, template: Any, mixed_instances_policy: Any) -> None:
    """A plain launch template takes the policy's place."""
    policy = mixed_instances_policy
    if not policy:
        original(self, config, template, None)
        self.own_policy = None if template else self.own_policy
        return
    policy = whole(self.ec2_backend, policy, self.own_policy)
    original(self, config, spec_to_take(policy), None)
    self.mixed_instances_policy = self.own_policy = policy


def _launch_template(original: Any) -> Any:
    def told(group: Any) -> Any:
        return None if group.mixed_instances_policy else original(group)

    return property(told)


FakeAutoScalingGroup.launch_template = _launch_template(FakeAutoScalingGroup.launch_template.fget)

"""AttachTrafficSources and its like, which moto lacks.

DetachLoadBalancerTargetGroups is for target groups "that were attached by using AttachLoadBalancerTargetGroups, but not
for target groups that were attached by using AttachTrafficSources" (API reference), and TargetGroupARNs tells the
former alone. Here each call detaches what its like has attached.
"""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from local_region.control.auto_scaling.groups import named
from local_region.control.patching import around

TARGET_GROUP = ":elasticloadbalancing:"
MOST = 10  # a call


def _named(request: Any) -> tuple[Any, list[str], list[str]]:
    """The group, the target groups, and the other sources that a request names."""
    group = named(request.autoscaling_backend, request._get_param("AutoScalingGroupName"))
    sources = [each["Identifier"] for each in request._get_param("TrafficSources", [])]
    if len(sources) > MOST:
        raise ValidationError(f"You can specify up to {MOST} traffic sources.")
    groups = [each for each in sources if TARGET_GROUP in each]
    return group, groups, [each for each in sources if TARGET_GROUP not in each]


def _attach(self: Any) -> Any:
    group, arns, others = _named(self)
    for arn in arns:
        if arn not in self.autoscaling_backend.elbv2_backend.target_groups:
            raise ValidationError(f"Provided Target Groups may not be valid. Target Group {arn} not found")
    new = [arn for arn in arns if arn not in group.target_group_arns]
    group.target_group_arns = [*group.target_group_arns, *new]
    group.source_groups = [*group.source_groups, *new]
    group.other_sources = [*group.other_sources, *(each for each in others if each not in group.other_sources)]
    return ActionResult({})


def _detach(self: Any) -> Any:
    group, arns, others = _named(self)
    gone = [arn for arn in arns if arn in group.source_groups]
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in gone]
    group.source_groups = [arn for arn in group.source_groups if arn not in gone]
    group.other_sources = [each for each in group.other_sources if each not in others]
    return ActionResult({})


@around(AutoScalingBackend, "detach_load_balancer_target_groups")
def detach_groups(original: Any, self: Any, group_name: str, target_group_arns: list[str]) -> None:
    group = self.autoscaling_groups[group_name]
    gone = [arn for arn in target_group_arns if arn not in group.source_groups]
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in gone]


class AsTold:
    """A group as DescribeAutoScalingGroups tells it."""

    def __init__(self, group: Any) -> None:
        self._group = group

    def __getattr__(self, name: str) -> Any:
        return getattr(self._group, name)

    @property
    def target_group_arns(self) -> list[str]:
        return [arn for arn in self._group.target_group_arns if arn not in self._group.source_groups]


@around(AutoScalingResponse, "describe_auto_scaling_groups")
def describe(original: Any, self: Any) -> Any:
    answer = original(self).result
    return ActionResult({**answer, "AutoScalingGroups": [AsTold(group) for group in answer["AutoScalingGroups"]]})


def _sources(group: Any) -> list[dict[str, str]]:
    kinds = {True: "vpc-lattice", False: "elb"}
    return [
        *({"Identifier": arn, "Type": "elbv2"} for arn in group.target_group_arns),
        *({"Identifier": each, "Type": kinds[":vpc-lattice:" in each]} for each in group.other_sources),
    ]


AutoScalingResponse.attach_traffic_sources = _attach
AutoScalingResponse.detach_traffic_sources = _detach
FakeAutoScalingGroup.traffic_sources = property(_sources)

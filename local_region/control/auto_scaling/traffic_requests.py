"""AttachTrafficSources and its like, which moto lacks. A target group is the same whichever call attached it."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from local_region.control.auto_scaling.groups import named

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
    group.target_group_arns = [*group.target_group_arns, *(arn for arn in arns if arn not in group.target_group_arns)]
    group.other_sources = [*group.other_sources, *(each for each in others if each not in group.other_sources)]
    return ActionResult({})


def _detach(self: Any) -> Any:
    group, arns, others = _named(self)
    group.target_group_arns = [arn for arn in group.target_group_arns if arn not in arns]
    group.other_sources = [each for each in group.other_sources if each not in others]
    return ActionResult({})


def _sources(group: Any) -> list[dict[str, str]]:
    kinds = {True: "vpc-lattice", False: "elb"}
    return [
        *({"Identifier": arn, "Type": "elbv2"} for arn in group.target_group_arns),
        *({"Identifier": each, "Type": kinds[":vpc-lattice:" in each]} for each in group.other_sources),
    ]


AutoScalingResponse.attach_traffic_sources = _attach
AutoScalingResponse.detach_traffic_sources = _detach
FakeAutoScalingGroup.traffic_sources = property(_sources)

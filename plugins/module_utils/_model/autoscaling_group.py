# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An Auto Scaling Group: how many instances of a launch template there are, where, and how their health is judged.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import (
    autoscaling_parts,
    autoscaling_settings,
    autoscaling_template,
    mixed_instances,
    tags,
    warm_pool,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

ON_CREATE = "on_create"

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "launch_template": {"type": "dict", "options": {"id": {}, "name": {}, "version": {}}},
    **mixed_instances.OPTIONS,
    "update_launch_template": {"choices": ["always", ON_CREATE], "default": "always"},
    **autoscaling_settings.OPTIONS,
    "propagate_tags": {"type": "bool", "default": True},
    **autoscaling_parts.OPTIONS,
    **warm_pool.OPTIONS,
    "wait_timeout": {"type": "int", "default": 900},
    **tags.TAG_OPTIONS,
}

ACTIVE = "active"
DELETING = "Delete in progress"  # the only Status that the API gives a group
DELETED = "deleted"  # no group any more, but instances that have not terminated


@dataclass(frozen=True)
class AutoScalingGroup(Model):
    """``propagated`` tells by tag whether instances get it. ``attached`` are those target groups that were not attached
    as traffic sources, and have to be detached as they were attached. ``template_ids`` has the ids of the launch
    templates that have the wanted names now. ``template_stays`` says of what is wanted that a group which is there
    keeps its template, and ``to_be_refreshed`` of what is there that it is another one. ``activities`` are the newest
    scaling activities, in the API's shape, read where instances are missing; ``failures`` those that failed since this
    run changed the group. ``warm_pool_leaves`` says that the group's warm pool is being deleted."""

    name: str
    launch_template: Any = UNSET
    mixed_instances: Any = UNSET
    subnet_ids: Any = UNSET
    min_size: Any = UNSET
    max_size: Any = UNSET
    desired_capacity: Any = UNSET
    desired_capacity_type: Any = UNSET
    target_group_arns: Any = UNSET
    traffic_sources: Any = UNSET
    health_check_type: Any = UNSET
    health_check_grace_period: Any = UNSET
    default_instance_warmup: Any = UNSET
    default_cooldown: Any = UNSET
    termination_policies: Any = UNSET
    new_instances_protected_from_scale_in: Any = UNSET
    max_instance_lifetime: Any = UNSET
    capacity_rebalance: Any = UNSET
    instance_maintenance_policy: Any = UNSET
    availability_zone_distribution: Any = UNSET
    availability_zone_impairment_policy: Any = UNSET
    capacity_reservation_specification: Any = UNSET
    instance_lifecycle_policy: Any = UNSET
    placement_group: Any = UNSET
    service_linked_role_arn: Any = UNSET
    deletion_protection: Any = UNSET
    metrics_enabled: Any = UNSET
    suspended_processes: Any = UNSET
    tags: Any = UNSET
    propagate_tags: Any = UNSET
    lifecycle_hooks: Any = children(UNSET)
    notifications: Any = children(UNSET)
    scaling_policies: Any = children(UNSET)
    scheduled_actions: Any = children(UNSET)
    warm_pool: Any = children(UNSET)
    arn: str = identity()
    status: str = identity(default=ACTIVE)
    zones: Any = identity(default=())
    instances: tuple[Instance, ...] = identity(default=())
    propagated: Mapping[str, bool] = hidden(default=None)
    attached: tuple[str, ...] = hidden(default=())
    template_ids: Mapping[str, str | None] = hidden(default=None)
    template_stays: bool = hidden(default=False)
    to_be_refreshed: bool = hidden(default=False)
    activities: tuple[Mapping[str, Any], ...] = hidden(default=())
    failures: tuple[Mapping[str, Any], ...] = hidden(default=())
    warm_pool_leaves: bool = hidden(default=False)

    @property
    def leaving(self) -> bool:
        return self.status in {DELETING, DELETED}

    @property
    def in_service(self) -> tuple[Instance, ...]:
        return tuple(instance for instance in self.instances if instance.lifecycle_state == "InService")

    @property
    def capacity(self) -> int:
        """What is in service, in the unit of the desired capacity where that is instances or weights."""
        return sum(each.weight or 1 for each in self.in_service)

    @property
    def counted(self) -> bool:
        """Whether an instance is one of the desired capacity. Otherwise they may be more than it."""
        in_units = self.desired_capacity_type in (UNSET, None, autoscaling_settings.UNITS)
        return in_units and not any(each.weight for each in self.instances)

    @property
    def enough(self) -> bool:
        """Whether what is in service is what is wanted. How many vCPUs or MiB it has, AWS doesn't tell: it is enough
        when no more is coming."""
        if self.counted:
            return bool(self.capacity == self.desired_capacity)
        if any(each.weight for each in self.instances):
            return bool(self.capacity >= self.desired_capacity)
        coming = any(str(each.lifecycle_state).startswith("Pending") for each in self.instances)
        return not coming and bool(self.in_service or not self.desired_capacity)

    @property
    def ready(self) -> bool:
        """As many instances in service as are wanted, each of them healthy. Instances on their way out don't count."""
        return self.enough and all(each.healthy for each in self.in_service)


def from_params(params: Mapping[str, Any]) -> AutoScalingGroup:
    wanted_tags = tags.from_params(params["tags"])
    return AutoScalingGroup(
        name=params["name"],
        launch_template=autoscaling_template.from_params(params["launch_template"]),
        mixed_instances=mixed_instances.from_params(params["mixed_instances"]),
        template_stays=params["update_launch_template"] == ON_CREATE,
        **autoscaling_settings.from_params(params),
        tags=given(wanted_tags),
        propagate_tags=UNSET if wanted_tags is None else params["propagate_tags"],
        **autoscaling_parts.given(params),
        warm_pool=warm_pool.from_params(params["name"], params["warm_pool"]),
    )


def from_api(
    group: Mapping[str, Any],
    health: Mapping[str, Mapping[str, Any]],
    template_ids: Mapping[str, str | None] | None = None,
) -> AutoScalingGroup:
    """From an AutoScalingGroup of DescribeAutoScalingGroups.

    ``health``: target group ARN -> instance id -> its TargetHealth, of the target groups that were asked.
    """
    own_tags = group.get("Tags", [])
    propagated = {tag["Key"]: tag["PropagateAtLaunch"] for tag in own_tags if not tag["Key"].startswith("aws:")}
    return AutoScalingGroup(
        name=group["AutoScalingGroupName"],
        arn=group["AutoScalingGroupARN"],
        status=group.get("Status") or ACTIVE,
        launch_template=autoscaling_template.from_api(autoscaling_template.launches(group)),
        mixed_instances=mixed_instances.from_api(group),
        **autoscaling_settings.from_api(group),
        tags=tags.from_api(own_tags),
        propagate_tags=all(propagated.values()),
        propagated=propagated,
        attached=tuple(group.get("TargetGroupARNs", ())),
        zones=tuple(sorted(set(group.get("AvailabilityZones", ())))),
        instances=tuple(Instance.from_api(each, health) for each in group.get("Instances", ())),
        template_ids=template_ids or {},
        warm_pool=warm_pool.from_api(group),
        warm_pool_leaves=warm_pool.leaving(group),
    )


def tags_to_api(group: str, values: Mapping[str, str], *, propagate: bool) -> list[dict[str, Any]]:
    own = {"ResourceId": group, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": propagate}
    return [{**tag, **own} for tag in tags.to_api(values)]

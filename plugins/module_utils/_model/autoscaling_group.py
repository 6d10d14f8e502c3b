# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An Auto Scaling Group: how many instances of a launch template there are, where, and how their health is judged.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_parts, tags, warm_pool
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

# Option -> member of CreateAutoScalingGroup, UpdateAutoScalingGroup and the API's AutoScalingGroup.
PLAIN = {
    "min_size": "MinSize",
    "max_size": "MaxSize",
    "desired_capacity": "DesiredCapacity",
    "health_check_type": "HealthCheckType",
    "health_check_grace_period": "HealthCheckGracePeriod",
    "default_cooldown": "DefaultCooldown",
}
# The same for those that the API leaves out while they have never been set; what that means.
SWITCHES = {
    "new_instances_protected_from_scale_in": ("NewInstancesProtectedFromScaleIn", False),
    "max_instance_lifetime": ("MaxInstanceLifetime", 0),
    "capacity_rebalance": ("CapacityRebalance", False),
}
SETS = ("subnet_ids", "target_group_arns", "metrics_enabled", "suspended_processes")
TEMPLATE = {"id": "LaunchTemplateId", "name": "LaunchTemplateName", "version": "Version"}
MAINTENANCE = {
    "min_healthy_percentage": "MinHealthyPercentage",
    "max_healthy_percentage": "MaxHealthyPercentage",
}
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

ON_CREATE = "on_create"

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "launch_template": {"type": "dict", "options": {"id": {}, "name": {}, "version": {}}},
    "update_launch_template": {"choices": ["always", ON_CREATE], "default": "always"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "min_size": {"type": "int"},
    "max_size": {"type": "int"},
    "desired_capacity": {"type": "int"},
    "target_group_arns": {"type": "list", "elements": "str"},
    "health_check_type": {"choices": ["EC2", "ELB"]},
    "health_check_grace_period": {"type": "int"},
    "default_instance_warmup": {"type": "int"},
    "default_cooldown": {"type": "int"},
    "termination_policies": {"type": "list", "elements": "str"},
    "new_instances_protected_from_scale_in": {"type": "bool"},
    "max_instance_lifetime": {"type": "int"},
    "capacity_rebalance": {"type": "bool"},
    "instance_maintenance_policy": {
        "type": "dict",
        "options": {"min_healthy_percentage": {"type": "int"}, "max_healthy_percentage": {"type": "int"}},
    },
    "availability_zone_distribution": {"choices": ["balanced-best-effort", "balanced-only"]},
    "metrics_enabled": {"type": "list", "elements": "str", "choices": list(METRICS)},
    "suspended_processes": {"type": "list", "elements": "str", "choices": list(PROCESSES)},
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
    """``propagated`` tells by tag whether instances get it. ``template_of_name`` is the id of the launch template that
    has the wanted name now. ``template_stays`` says of what is wanted that a group which is there keeps its template,
    and ``to_be_refreshed`` of what is there that it is another one. ``activities`` are the newest scaling activities,
    in the API's shape, read where instances are missing; ``failures`` those that failed since this run changed the
    group. ``warm_pool_leaves`` says that the group's warm pool is being deleted."""

    name: str
    launch_template: Any = UNSET
    subnet_ids: Any = UNSET
    min_size: Any = UNSET
    max_size: Any = UNSET
    desired_capacity: Any = UNSET
    target_group_arns: Any = UNSET
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
    template_of_name: str | None = hidden(default=None)
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
    def ready(self) -> bool:
        """As many instances in service as are wanted, each of them healthy. Instances on their way out don't count."""
        return len(self.in_service) == self.desired_capacity and all(each.healthy for each in self.in_service)


def from_params(params: Mapping[str, Any]) -> AutoScalingGroup:
    policies, wanted_tags = params["termination_policies"], tags.from_params(params["tags"])
    options: dict[str, Any] = {
        **{option: given(params[option]) for option in (*PLAIN, *SWITCHES, "availability_zone_distribution")},
        **{option: UNSET if params[option] is None else _each_once(params[option]) for option in SETS},
    }
    return AutoScalingGroup(
        name=params["name"],
        launch_template=_template_from_params(params["launch_template"]),
        **options,
        template_stays=params["update_launch_template"] == ON_CREATE,
        default_instance_warmup=_cleared(params["default_instance_warmup"]),
        termination_policies=UNSET if policies is None else tuple(policies or ("Default",)),
        instance_maintenance_policy=_policy_from_params(params["instance_maintenance_policy"]),
        tags=given(wanted_tags),
        propagate_tags=UNSET if wanted_tags is None else params["propagate_tags"],
        **autoscaling_parts.given(params),
        warm_pool=warm_pool.from_params(params["name"], params["warm_pool"]),
    )


def named(template: Any, have: AutoScalingGroup) -> Any:
    """``template`` as the group would tell it, with its id, where it is the group's own; as it is otherwise.

    A group refers to its template by id. A template that was deleted and made again has the same name, and perhaps the
    same version's number, but is another one.
    """
    there = have.launch_template
    if template is UNSET or not there:
        return template
    meant = template if "id" in template else {**template, "id": have.template_of_name or KNOWN_AFTER_APPLY}
    return there if all(there.get(key) == value for key, value in meant.items()) else template


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    """Sorted, and without repetitions but of what is not known yet."""
    values = list(values)
    return tuple(sorted({*values} - {KNOWN_AFTER_APPLY}) + [each for each in values if each == KNOWN_AFTER_APPLY])


def _template_from_params(template: Mapping[str, Any] | None) -> Any:
    if template is None:
        return UNSET
    wanted = {key: value for key, value in template.items() if value is not None}
    return {**wanted, "version": _number(wanted["version"])}


def _number(version: str) -> int | str:
    return int(version) if str(version).isdecimal() else version


def _cleared(value: int | None) -> Any:
    """-1 takes the value away, which the API tells by leaving it out (None)."""
    return None if value == -1 else given(value)


def _policy_from_params(policy: Mapping[str, Any] | None) -> Any:
    if policy is None:
        return UNSET
    return dict(policy) if any(value is not None for value in policy.values()) else None


def from_api(
    group: Mapping[str, Any], health: Mapping[str, Mapping[str, Any]], template_of_name: str | None = None
) -> AutoScalingGroup:
    """From an AutoScalingGroup of DescribeAutoScalingGroups.

    ``health``: target group ARN -> instance id -> its TargetHealth, of the target groups that were asked.
    """
    own_tags = group.get("Tags", [])
    propagated = {tag["Key"]: tag["PropagateAtLaunch"] for tag in own_tags if not tag["Key"].startswith("aws:")}
    options: dict[str, Any] = {
        **{option: group.get(member) for option, member in PLAIN.items()},
        **{option: group.get(member) or default for option, (member, default) in SWITCHES.items()},
    }
    return AutoScalingGroup(
        name=group["AutoScalingGroupName"],
        arn=group["AutoScalingGroupARN"],
        status=group.get("Status") or ACTIVE,
        **options,
        launch_template=_template_from_api(group.get("LaunchTemplate")),
        subnet_ids=tuple(sorted(each for each in (group.get("VPCZoneIdentifier") or "").split(",") if each)),
        target_group_arns=tuple(sorted(group.get("TargetGroupARNs", ()))),
        default_instance_warmup=group.get("DefaultInstanceWarmup"),
        termination_policies=tuple(group.get("TerminationPolicies") or ("Default",)),
        instance_maintenance_policy=_policy_from_api(group.get("InstanceMaintenancePolicy")),
        availability_zone_distribution=group.get("AvailabilityZoneDistribution", {}).get(
            "CapacityDistributionStrategy"
        ),
        metrics_enabled=tuple(sorted(metric["Metric"] for metric in group.get("EnabledMetrics", ()))),
        suspended_processes=tuple(sorted(each["ProcessName"] for each in group.get("SuspendedProcesses", ()))),
        tags=tags.from_api(own_tags),
        propagate_tags=all(propagated.values()),
        propagated=propagated,
        zones=tuple(sorted(set(group.get("AvailabilityZones", ())))),
        instances=tuple(Instance.from_api(each, health) for each in group.get("Instances", ())),
        template_of_name=template_of_name,
        warm_pool=warm_pool.from_api(group),
        warm_pool_leaves=warm_pool.leaving(group),
    )


def _template_from_api(template: Mapping[str, Any] | None) -> Any:
    """None for a group with a launch configuration or a mixed instances policy."""
    if not template:
        return None
    found = {option: template[member] for option, member in TEMPLATE.items() if member in template}
    return {**found, "version": _number(found.get("version", "$Default"))}


def _policy_from_api(policy: Mapping[str, Any] | None) -> Any:
    if not policy or -1 in policy.values():
        return None
    return {option: policy[member] for option, member in MAINTENANCE.items()}


def to_api(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``settings`` that CreateAutoScalingGroup and UpdateAutoScalingGroup take alike."""
    members = {**PLAIN, **{option: member for option, (member, _) in SWITCHES.items()}}
    request = {member: settings[option] for option, member in members.items() if option in settings}
    if template := settings.get("launch_template"):
        named = "id" if "id" in template else "name"
        request["LaunchTemplate"] = {TEMPLATE[named]: template[named], "Version": str(template["version"])}
    if "subnet_ids" in settings:
        request["VPCZoneIdentifier"] = ",".join(settings["subnet_ids"])
    if "termination_policies" in settings:
        request["TerminationPolicies"] = list(settings["termination_policies"])
    if "default_instance_warmup" in settings:
        warmup = settings["default_instance_warmup"]
        request["DefaultInstanceWarmup"] = -1 if warmup is None else warmup
    if "instance_maintenance_policy" in settings:
        policy = settings["instance_maintenance_policy"] or dict.fromkeys(MAINTENANCE, -1)
        request["InstanceMaintenancePolicy"] = {member: policy[option] for option, member in MAINTENANCE.items()}
    if "availability_zone_distribution" in settings:
        strategy = settings["availability_zone_distribution"]
        request["AvailabilityZoneDistribution"] = {"CapacityDistributionStrategy": strategy}
    return request


def tags_to_api(group: str, values: Mapping[str, str], *, propagate: bool) -> list[dict[str, Any]]:
    own = {"ResourceId": group, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": propagate}
    return [{**tag, **own} for tag in tags.to_api(values)]

"""Requests about a group: they only say what is wanted (the loop brings it about), and AWS refuses some."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult

from local_region.control.auto_scaling.activities import stamp
from local_region.control.auto_scaling.groups import DELETING, deleting, named
from local_region.control.auto_scaling.hook_requests import put as put_hook
from local_region.control.auto_scaling.refresh_record import active
from local_region.control.patching import around

UNPROTECTED = "none"
STATES = ("InService", "Pending", "Standby", "Terminating", "Total")
METRICS = tuple(
    [f"Group{kind}" for kind in ("MinSize", "MaxSize", "DesiredCapacity")]
    + [f"Group{state}{what}" for what in ("Instances", "Capacity") for state in STATES]
    + [f"WarmPool{state}Capacity" for state in ("Desired", "Warmed", "Pending", "Terminating", "Total")]
    + ["GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity"]
)


@around(FakeAutoScalingGroup, "set_desired_capacity")
def only_want(original: Any, self: Any, new_capacity: int | None) -> None:
    """moto launches and terminates at once; here the loop does."""
    wanted = self.min_size if new_capacity is None else int(new_capacity)
    _refuse_sizes(self.min_size, self.max_size, wanted)
    self.desired_capacity = wanted


def _refuse_sizes(smallest: int, largest: int, desired: int) -> None:
    if smallest > largest:
        message = f"Max bound, {largest}, must be greater than or equal to min bound, {smallest}"
        raise ValidationError(message)
    if not smallest <= desired <= largest:
        message = f"Desired capacity:{desired} must be between the specified min size:{smallest} "
        raise ValidationError(f"{message}and max size:{largest}")


@around(FakeAutoScalingGroup, "update")
def keep_desired(original: Any, self: Any, **options: Any) -> None:
    """Desired capacity follows when the bounds pass it; moto compares the bounds with the instances there are."""
    smallest = self.min_size if options.get("min_size") is None else options["min_size"]
    largest = self.max_size if options.get("max_size") is None else options["max_size"]
    if options.get("desired_capacity") is None:
        options["desired_capacity"] = max(smallest, min(largest, self.desired_capacity))
    _refuse_sizes(smallest, largest, options["desired_capacity"])
    if not options.get("launch_template") and not options.get("launch_config_name"):
        options["mixed_instances_policy"] = options.get("mixed_instances_policy") or self.mixed_instances_policy
    original(self, **options)


@around(AutoScalingBackend, "create_auto_scaling_group")
def refuse_second(original: Any, self: Any, name: str, **options: Any) -> Any:
    if name in self.autoscaling_groups:
        gone = deleting(self.autoscaling_groups[name])
        message = f"A group with the name {name} {'is being deleted' if gone else 'already exists'}"
        raise AutoscalingClientError("AlreadyExists", f"AutoScalingGroup by this name already exists - {message}")
    for arn in options.get("target_group_arns") or ():
        if arn not in self.elbv2_backend.target_groups:
            raise ValidationError(f"Provided Target Groups may not be valid. Target Group {arn} not found")
    return original(self, name=name, **options)


@around(AutoScalingResponse, "create_auto_scaling_group")
def create_with_all_options(original: Any, self: Any) -> Any:
    answer = original(self)
    group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
    group.health_check_grace_period = self._get_int_param("HealthCheckGracePeriod") or 0
    _remember_request(group, "created an AutoScalingGroup", 0)
    _keep_dropped(self, group)
    for hook in self._get_param("LifecycleHookSpecificationList", []):
        put_hook(group, hook)
    return answer


@around(AutoScalingResponse, "update_auto_scaling_group")
def update_all_options(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    _refuse_while_refreshing(self, group)
    before = group.desired_capacity
    answer = original(self)
    _keep_dropped(self, group)
    sizes = f"min: {group.min_size}, max: {group.max_size}, desired: {group.desired_capacity}"
    _remember_request(group, f"update of AutoScalingGroup constraints to {sizes}", before)
    return answer


def _remember_request(group: Any, what: str, before: int) -> None:
    """The activities that come of the request tell it as their first cause."""
    if group.desired_capacity != before:
        change = f"changing the desired capacity from {before} to {group.desired_capacity}"
        group.wanted_because = f"At {stamp()} a user request {what} {change}."


def _refuse_while_refreshing(request: Any, group: Any) -> None:
    """User Guide, "How an instance refresh works": "Update restriction"."""
    refresh = active(group)
    changes = ("LaunchTemplate", "LaunchConfigurationName", "MixedInstancesPolicy")
    if refresh and refresh.desired and any(request._get_param(change) for change in changes):
        message = "An active instance refresh with a desired configuration exists. All configuration options derived "
        message += "from the desired configuration are not available for update while the instance refresh is active."
        raise ValidationError(message)


# What is kept as it is given.
WHOLE = {
    "AvailabilityZoneDistribution": "availability_zone_distribution",
    "AvailabilityZoneImpairmentPolicy": "availability_zone_impairment_policy",
    "CapacityReservationSpecification": "capacity_reservation_specification",
    "DeletionProtection": "deletion_protection",
    "DesiredCapacityType": "desired_capacity_type",
    "InstanceLifecyclePolicy": "instance_lifecycle_policy",
    "PlacementGroup": "placement_group",
    "ServiceLinkedRoleARN": "service_linked_role_arn",
}


def _keep_dropped(request: Any, group: Any) -> None:
    """Options that moto's model has no place for, or does not update."""
    if (cooldown := request._get_int_param("DefaultCooldown")) is not None:
        group.default_cooldown = cooldown
    if (warmup := request._get_int_param("DefaultInstanceWarmup")) is not None:
        group.default_instance_warmup = None if warmup == -1 else warmup  # -1 removes it
    if (lifetime := request._get_int_param("MaxInstanceLifetime")) is not None:
        group.max_instance_lifetime = lifetime or None  # 0 removes it
    if policies := request._get_param("TerminationPolicies"):
        group.termination_policies = policies
    if (rebalance := request._get_bool_param("CapacityRebalance", None)) is not None:
        group.capacity_rebalance = rebalance
    for member, attribute in WHOLE.items():
        if (value := request._get_param(member)) is not None:
            setattr(group, attribute, value or None)  # an empty placement group is none
    if policy := request._get_param("InstanceMaintenancePolicy"):
        bounds = {key: int(value) for key, value in policy.items()}
        group.instance_maintenance_policy = None if set(bounds.values()) == {-1} else bounds  # -1 removes it


@around(AutoScalingResponse, "set_desired_capacity")
def refuse_outside_bounds(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    wanted, before = self._get_int_param("DesiredCapacity"), group.desired_capacity
    if wanted > group.max_size:
        message = f"New SetDesiredCapacity value {wanted} is above max value {group.max_size} for the AutoScalingGroup."
        raise ValidationError(message)
    if wanted < group.min_size:
        message = f"New SetDesiredCapacity value {wanted} is below min value {group.min_size} for the AutoScalingGroup."
        raise ValidationError(message)
    answer = original(self)
    _remember_request(group, "explicitly set group desired capacity", before)
    return answer


@around(AutoScalingResponse, "delete_auto_scaling_group")
def delete_slowly(original: Any, self: Any) -> Any:
    """The loop removes the group when its instances are gone."""
    name = self._get_param("AutoScalingGroupName")
    group = self.autoscaling_backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    if group.instance_states and not self._get_bool_param("ForceDelete", False):
        message = "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
        raise AutoscalingClientError("ResourceInUse", f"{message}still in the group.")
    _refuse_protected(group, force=self._get_bool_param("ForceDelete", False))
    group.min_size = group.desired_capacity = 0
    group.status = DELETING
    if refresh := active(group):
        refresh.end("Cancelled", "The Auto Scaling group is being deleted.")
    return EmptyResult()


def _refuse_protected(group: Any, *, force: bool) -> None:
    protection = UNPROTECTED if deleting(group) else group.deletion_protection
    if protection == "prevent-all-deletion" or (force and protection == "prevent-force-deletion"):
        message = f"AutoScalingGroup {group.name} cannot be deleted: its deletion protection is {protection}."
        raise AutoscalingClientError("ResourceInUse", message)


@around(AutoScalingBackend, "notify_terminate_instances")
def notice_later(original: Any, self: Any, instance_ids: list[str]) -> None:
    """moto replaces an instance that EC2 terminates at once; here the group's health check finds it."""


@around(AutoScalingBackend, "update_attached_target_groups")
def register_in_service_only(original: Any, self: Any, group_name: str) -> None:
    """moto registers all instances at once; here each is registered when it goes into service."""


PROCESSES = frozenset(
    {"Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck", "InstanceRefresh"}
    | {"ReplaceUnhealthy", "ScheduledActions"}
)


@around(AutoScalingResponse, "suspend_processes")
def suspend(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    _refuse_processes(self)
    answer = original(self)
    since = {process: group.suspended_at.get(process) or stamp() for process in group._suspended_processes}
    group.suspended_at = since
    return answer


@around(AutoScalingResponse, "resume_processes")
def resume(original: Any, self: Any) -> Any:
    named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    _refuse_processes(self)
    return original(self)


def _refuse_processes(request: Any) -> None:
    if unknown := set(request._get_param("ScalingProcesses", [])) - PROCESSES:
        raise ValidationError(f"Unknown process types: {', '.join(sorted(unknown))}")


def _suspended(group: Any) -> list[dict[str, str]]:
    """With AWS's reason; moto gives none."""
    return [
        {"ProcessName": process, "SuspensionReason": f"User suspended at {group.suspended_at.get(process, '')}"}
        for process in sorted(group._suspended_processes)
    ]


FakeAutoScalingGroup.suspended_processes = property(
    _suspended, lambda group, processes: setattr(group, "_suspended_processes", processes)
)


def _disable_metrics_collection(self: Any) -> Any:
    """moto has no such call."""
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    unwanted = self._get_param("Metrics", []) or METRICS
    group.metrics = [metric for metric in group.metrics if metric not in unwanted]
    return EmptyResult()


AutoScalingResponse.disable_metrics_collection = _disable_metrics_collection


@around(FakeAutoScalingGroup, "enable_metrics_collection")
def enable_all_by_default(original: Any, self: Any, metrics: list[str]) -> None:
    self.metrics = sorted({*self.metrics, *(metrics or METRICS)})

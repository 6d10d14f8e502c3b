"""Requests about single instances: termination, standby, attaching and detaching, protection from scale-in."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import ASG_NAME_TAG, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from local_region.control.auto_scaling.activities import begin
from local_region.control.auto_scaling.groups import named
from local_region.control.auto_scaling.lifecycle import leave_targets, retire
from local_region.control.auto_scaling.members import find
from local_region.control.patching import around


def _named_members(request: Any, *states: str) -> tuple[Any, list[Any]]:
    """The group and the instances that a request names; each has to be in one of ``states``, if any are given."""
    group = named(request.autoscaling_backend, request._get_param("AutoScalingGroupName"))
    there = {member.instance.id: member for member in group.instance_states}
    chosen = []
    for instance in request._get_param("InstanceIds", []):
        if instance not in there:
            raise ValidationError(f"The instance {instance} is not part of Auto Scaling group {group.name}.")
        if states and there[instance].lifecycle_state not in states:
            state = there[instance].lifecycle_state
            message = f"The instance {instance} is in {state}: it has to be in {' or '.join(states)}."
            raise ValidationError(message)
        chosen.append(there[instance])
    return group, chosen


def _change_desired(group: Any, by: int) -> None:
    wanted = group.desired_capacity + by
    if not group.min_size <= wanted <= group.max_size:
        sizes = f"min-size={group.min_size}, max-size={group.max_size}, and desired-size={group.desired_capacity}"
        message = f"AutoScalingGroup {group.name} has {sizes}. To change the desired-size to {wanted}, please update "
        raise ValidationError(f"{message}the AutoScalingGroup sizes appropriately.")
    group.desired_capacity = wanted


def _tell(group: Any, member: Any, description: str, done: str, capacity: int, by: int) -> Any:
    """The activity; ``capacity`` is what it was before, which changes by ``by``."""
    changing = {1: "increasing", -1: "shrinking"}.get(by)
    change = f", {changing} the capacity from {capacity} to {capacity + by}" if changing else ""
    cause = f"instance {member.instance.id} was {done} in response to a user request{change}."
    subnet = group.ec2_backend.get_subnet(member.instance.subnet_id)
    member.activity = begin(group, f"{description}: {member.instance.id}", cause, subnet=subnet)
    member.activity.progress = 50
    return member.activity


@around(AutoScalingResponse, "terminate_instance_in_auto_scaling_group")
def terminate_one(original: Any, self: Any) -> Any:
    member = find(self.autoscaling_backend, self._get_param("InstanceId"))
    group = self.autoscaling_backend.autoscaling_groups[member.auto_scaling_group_name]
    cause = f"instance {member.instance.id} was taken out of service in response to a user request"
    if self._get_bool_param("ShouldDecrementDesiredCapacity", False):
        before = group.desired_capacity
        if before == group.min_size:
            message = (
                f"Currently, desiredSize equals minSize ({before}). Terminating instance without replacement will "
            )
            message += "violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false "
            raise ValidationError(f"{message}or lower group's min size.")
        group.desired_capacity -= 1
        cause += f", shrinking the capacity from {before} to {before - 1}"
    return ActionResult({"Activity": retire(group, member, f"{cause}.")})


@around(AutoScalingResponse, "enter_standby")
def enter_standby(original: Any, self: Any) -> Any:
    group, chosen = _named_members(self, "InService")
    by = -1 if self._get_bool_param("ShouldDecrementDesiredCapacity") else 0
    capacity = group.desired_capacity
    _change_desired(group, by * len(chosen))
    told = []
    for number, member in enumerate(chosen):
        before = capacity + by * number
        told.append(_tell(group, member, "Moving EC2 instance to Standby", "moved to standby", before, by))
        member.lifecycle_state = "EnteringStandby"
        leave_targets(group, member)
    return ActionResult({"Activities": told})


@around(AutoScalingResponse, "exit_standby")
def exit_standby(original: Any, self: Any) -> Any:
    """Back by way of Pending; lifecycle hooks are for instances that are launched."""
    group, chosen = _named_members(self, "Standby")
    capacity = group.desired_capacity
    _change_desired(group, len(chosen))
    told = []
    for number, member in enumerate(chosen):
        before = capacity + number
        told.append(_tell(group, member, "Moving EC2 instance out of Standby", "moved out of standby", before, 1))
        member.activity.status_code, member.activity.progress = "PreInService", 30
        member.lifecycle_state = "Pending"
    return ActionResult({"Activities": told})


@around(AutoScalingResponse, "detach_instances")
def detach(original: Any, self: Any) -> Any:
    group, chosen = _named_members(self, "InService", "Standby")
    by = -1 if self._get_bool_param("ShouldDecrementDesiredCapacity") else 0
    capacity = group.desired_capacity
    _change_desired(group, by * len(chosen))
    told = []
    for number, member in enumerate(chosen):
        told.append(_tell(group, member, "Detaching EC2 instance", "detached", capacity + by * number, by))
        member.lifecycle_state = "Detaching"
        leave_targets(group, member)
        group.ec2_backend.delete_tags([member.instance.id], {ASG_NAME_TAG: group.name})
    return ActionResult({"Activities": told})


@around(AutoScalingResponse, "attach_instances")
def attach(original: Any, self: Any) -> Any:
    """The desired capacity grows by the instances attached."""
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    ids = self._get_param("InstanceIds", [])
    instances = [group.ec2_backend.get_instance(instance) for instance in ids]
    for instance in instances:
        if instance.state != "running":
            message = f"Invalid Instance ID(s): [{instance.id}] specified for attaching to AutoScalingGroup: "
            raise ValidationError(f"{message}Instance is in {instance.state} state and not in running state.")
    capacity = group.desired_capacity
    _change_desired(group, len(instances))
    for number, instance in enumerate(instances):
        instance.autoscaling_group = group
        member = InstanceState(instance, lifecycle_state="Pending", autoscaling_group=group)
        member.admitted = True
        member.protected_from_scale_in = group.new_instances_protected_from_scale_in
        group.instance_states.append(member)
        group.ec2_backend.create_tags([instance.id], {ASG_NAME_TAG: group.name})
        _tell(group, member, "Attaching an existing EC2 instance", "attached", capacity + number, 1)
    return EmptyResult()


@around(AutoScalingResponse, "set_instance_protection")
def protect(original: Any, self: Any) -> Any:
    _, chosen = _named_members(self)
    for member in chosen:
        member.protected_from_scale_in = self._get_bool_param("ProtectedFromScaleIn")
    return EmptyResult()

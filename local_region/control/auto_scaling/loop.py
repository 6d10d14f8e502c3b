"""Auto Scaling groups reach the capacity that is wanted: balanced over zones, in time, and replace what is unhealthy.

Lifecycle: Pending -> InService -> Terminating -> gone. An instance is registered in the group's target groups when it
goes into service, and terminated when they have drained it.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG, InstanceState
from moto.core.exceptions import ServiceException

from local_region.control import capacity
from local_region.control.auto_scaling.activities import begin, end
from local_region.control.auto_scaling.requests import DELETING
from local_region.control.launches import give_profile
from local_region.control.moment import Moment
from local_region.control.patching import around
from local_region.control.target_health import health_of

RETRY = 5.0  # seconds at time scale 1 until a launch that failed is tried again
LIVE = frozenset({"Pending", "InService"})


@around(InstanceState, "__init__")
def remember_more(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.activity = None  # the launch or termination in progress
    self.registered = set()  # ARNs of target groups
    self.own_template = None
    self.in_service_since = time.monotonic()
    self.unhealthy_because = "a user health-check"


def step(moment: Moment) -> None:
    """One turn for every group."""
    for group in list(moment.backends.autoscaling.autoscaling_groups.values()):
        suspended = {process["ProcessName"] for process in group.suspended_processes}
        for member in list(group.instance_states):
            _advance(moment, group, member, suspended)
        _scale(moment, group, suspended)
        _attach(moment, group, suspended)
        if getattr(group, "status", None) == DELETING and not group.instance_states:
            _forget(moment, group)


def _forget(moment: Moment, group: Any) -> None:
    if moment.clock.over("group.deleting", group.arn):
        backend = moment.backends.autoscaling
        del backend.autoscaling_groups[group.name]
        backend.deleted_groups = [group, *getattr(backend, "deleted_groups", [])][:20]


def _advance(moment: Moment, group: Any, member: Any, suspended: set[str]) -> None:
    state, instance = member.lifecycle_state, member.instance
    if state == "Pending" and instance.state == "running":
        member.lifecycle_state, member.in_service_since = "InService", time.monotonic()
        end(member.activity)
    elif state in LIVE and "HealthCheck" not in suspended:
        _check(moment, group, member)
        if member.health_status == "Unhealthy" and not suspended & {"Terminate", "ReplaceUnhealthy"}:
            retire(group, member, f"an instance was taken out of service in response to {member.unhealthy_because}.")
    elif state == "Terminating":
        _finish(moment, group, member)


def _check(moment: Moment, group: Any, member: Any) -> None:
    """Mark the instance unhealthy when EC2 or, after the grace period, a target group says so."""
    if member.health_status == "Unhealthy":  # by SetInstanceHealth
        return
    if member.instance.state not in {"pending", "running"}:
        member.health_status = "Unhealthy"
        member.unhealthy_because = "an EC2 health check indicating it has been terminated or stopped"
    elif member.lifecycle_state == "InService" and "ELB" in group.health_check_type:
        grace = float(group.health_check_grace_period or 0) * moment.clock.scale
        if time.monotonic() - member.in_service_since >= grace and _failed_target(moment, group, member):
            member.health_status = "Unhealthy"
            member.unhealthy_because = "an ELB system health check failure"


def _failed_target(moment: Moment, group: Any, member: Any) -> bool:
    groups = (moment.backends.elbv2.target_groups.get(arn) for arn in group.target_group_arns)
    return any(health_of(each, member.instance.id, moment.backends.ec2).state == "unhealthy" for each in groups if each)


def retire(group: Any, member: Any, cause: str) -> Any:
    """Take an instance out of the target groups and let it terminate; the activity."""
    elbv2 = group.autoscaling_backend.elbv2_backend
    end(member.activity, "Cancelled")
    member.lifecycle_state = "Terminating"
    for arn in member.registered:
        if arn in elbv2.target_groups:
            elbv2.target_groups[arn].deregister([{"Id": member.instance.id}])
    member.activity = begin(group, f"Terminating EC2 instance: {member.instance.id}", cause)
    return member.activity


def terminate_on_request(group: Any, member: Any, decrement: bool) -> Any:
    """TerminateInstanceInAutoScalingGroup."""
    cause = f"instance {member.instance.id} was taken out of service in response to a user request"
    if decrement:
        wanted = group.desired_capacity - 1
        cause += f", shrinking the capacity from {group.desired_capacity} to {wanted}"
        group.set_desired_capacity(wanted)
    return retire(group, member, f"{cause}.")


def _finish(moment: Moment, group: Any, member: Any) -> None:
    instance = member.instance
    if instance.state == "terminated":
        group.instance_states.remove(member)
        end(member.activity)
    elif instance.state != "shutting-down" and not _draining(moment, group, instance.id):
        moment.backends.ec2.terminate_instances([instance.id])


def _draining(moment: Moment, group: Any, instance_id: str) -> bool:
    """Whether a target group still waits for the instance's requests; a group that is force-deleted does not wait."""
    if getattr(group, "status", None) == DELETING:
        return False
    return any(instance_id in each.draining for each in moment.backends.elbv2.target_groups.values())


def _scale(moment: Moment, group: Any, suspended: set[str]) -> None:
    members = [member for member in group.instance_states if member.lifecycle_state in LIVE]
    difference = group.desired_capacity - len(members)
    if not difference:
        moment.clock.forget("group.scaling", group.arn)
    elif moment.clock.over("group.scaling", group.arn):
        if difference > 0 and "Launch" not in suspended:
            for _ in range(difference):
                _launch(moment, group)
        elif difference < 0 and "Terminate" not in suspended:
            _shrink(group, members, -difference)


def _shrink(group: Any, members: list[Any], surplus: int) -> None:
    """From the zone with most instances, the one with the oldest template version, then the oldest."""
    for number in range(surplus):
        free = [member for member in members if not member.protected_from_scale_in]
        if not free:
            return
        crowd = Counter(member.availability_zone for member in members)
        chosen = min(free, key=lambda each: (-crowd[each.availability_zone], _version(each), each.instance.launch_time))
        members.remove(chosen)
        before = group.desired_capacity + surplus - number
        cause = "an instance was taken out of service in response to a difference between desired and actual capacity, "
        retire(group, chosen, f"{cause}shrinking the capacity from {before} to {before - 1}.")


def _version(member: Any) -> int:
    return int((member.launch_template or {}).get("Version") or 0)


def _launch(moment: Moment, group: Any) -> None:
    """In the zone with fewest instances; where that has no capacity, in another."""
    if time.monotonic() < getattr(group, "launch_not_before", 0.0):
        return
    if not any(_launch_in(moment, group, subnet) for subnet in _subnets(moment, group)):
        group.launch_not_before = time.monotonic() + RETRY * moment.clock.scale


def _launch_in(moment: Moment, group: Any, subnet: Any) -> bool:
    """Whether an instance was launched; the activity tells why not."""
    actual = sum(member.lifecycle_state in LIVE for member in group.instance_states)
    cause = "an instance was started in response to a difference between desired and actual capacity, increasing the "
    activity = begin(group, "Launching a new EC2 instance", f"{cause}capacity from {actual} to {actual + 1}.")
    try:
        instance = _run(moment, group, subnet)
    except ServiceException as error:
        end(activity, "Failed", f"{error.message} Launching EC2 instance failed.")
        return False
    activity.description += f": {instance.id}"
    member = InstanceState(
        instance,
        lifecycle_state="Pending",
        protected_from_scale_in=group.new_instances_protected_from_scale_in,
        autoscaling_group=group,
    )
    member.activity, member.own_template = activity, _template(group)
    group.instance_states.append(member)
    return True


def _subnets(moment: Moment, group: Any) -> list[Any]:
    """The group's subnets, first those in the zone with fewest of its instances; of equals, in the order given."""
    subnets = [moment.backends.ec2.get_subnet(subnet) for subnet in (group.vpc_zone_identifier or "").split(",")]
    live = [member for member in group.instance_states if member.lifecycle_state in LIVE]
    in_zone = Counter(member.availability_zone for member in live)
    in_subnet = Counter(member.instance.subnet_id for member in live)
    subnets.sort(key=lambda subnet: (in_zone[subnet.availability_zone], in_subnet[subnet.id]))
    first_of_zone = {subnet.availability_zone: subnet for subnet in reversed(subnets)}
    return [subnet for subnet in subnets if subnet is first_of_zone[subnet.availability_zone]]


def _template(group: Any) -> dict[str, Any] | None:
    template = group.ec2_launch_template
    if template is None:
        return None
    number = template.get_version(group.launch_template_version).number
    return {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": str(number)}


def _run(moment: Moment, group: Any, subnet: Any) -> Any:
    """RunInstances as Auto Scaling calls it: from the launch template's version, with the group's tags."""
    ec2, own = moment.backends.ec2, _template(group)
    data = ec2.get_launch_template(own["LaunchTemplateId"]).get_version(own["Version"]).data if own else {}
    interface = (data.get("NetworkInterfaces") or [{}])[0]
    capacity.check(ec2, group.arn, subnet.availability_zone, group.instance_type)
    tags = {**group.instance_tags, **group.get_propagated_tags(), ASG_NAME_TAG: group.name}
    if own:
        tags |= {"aws:ec2launchtemplate:id": own["LaunchTemplateId"], "aws:ec2launchtemplate:version": own["Version"]}
    reservation = ec2.run_instances(
        _image(moment, group.image_id),
        1,
        group.user_data,
        list(group.security_groups or ()) if not own else list(data.get("SecurityGroups") or ()),
        security_group_ids=list(interface.get("Groups") or data.get("SecurityGroupIds") or ()),
        instance_type=group.instance_type,
        is_instance_type_default=False,
        tags={"instance": tags},
        launch_config=group.launch_config,
        subnet_id=subnet.id,
        associate_public_ip=interface.get("AssociatePublicIpAddress"),
        key_name=data.get("KeyName"),
        metadata_options=data.get("MetadataOptions") or {},
        region_name=ec2.region_name,
        **({"block_device_mappings": data["BlockDeviceMappings"]} if data.get("BlockDeviceMappings") else {}),
    )
    instance = reservation.instances[0]
    instance.autoscaling_group = group
    give_profile(ec2, instance, data.get("IamInstanceProfile"))
    return instance


def _image(moment: Moment, image: str) -> str:
    """The image, or the one that its parameter names ("resolve:ssm:/path")."""
    if not image.startswith("resolve:ssm:"):
        return image
    return str(moment.backends.ssm.get_parameter(image.removeprefix("resolve:ssm:")).value)


def _attach(moment: Moment, group: Any, suspended: set[str]) -> None:
    """Register each instance in service once in each of the group's target groups; leave those detached."""
    if "AddToLoadBalancer" in suspended:
        return
    for member in group.instance_states:
        if member.lifecycle_state == "InService":
            groups = moment.backends.elbv2.target_groups
            for arn in set(group.target_group_arns) - member.registered:
                if arn in groups and member.instance.state == "running":
                    groups[arn].register([{"Id": member.instance.id, "Port": groups[arn].port}])
                    member.registered.add(arn)
            for arn in member.registered - set(group.target_group_arns):
                if arn in groups:
                    groups[arn].deregister([{"Id": member.instance.id}])
                member.registered.discard(arn)

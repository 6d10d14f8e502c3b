"""Launches: from what (the group's own configuration, or an instance refresh's), where, and with which outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG, InstanceState
from moto.core.exceptions import ServiceException

from local_region.control import capacity
from local_region.control.auto_scaling.activities import begin, end
from local_region.control.launches import give_profile
from local_region.control.moment import Moment

SSM = "resolve:ssm:"
SYMBOLIC = frozenset({"$Latest", "$Default"})  # versions that are not a number


@dataclass(frozen=True)
class Source:
    """A launch template's version, and the instance type and image that a mixed instances policy puts before all
    others."""

    template: Any
    version: str
    instance_type: str | None = None
    image_id: str | None = None

    def resolved(self) -> Any:
        """moto's version. Raises EC2ClientError where there is none (any more)."""
        return self.template.get_version(self.version)

    def described(self) -> dict[str, str]:
        """As the launched instance tells it: with the number of the version."""
        number = str(self.resolved().number)
        return {"LaunchTemplateId": self.template.id, "LaunchTemplateName": self.template.name, "Version": number}


def source_of(group: Any) -> Source | None:
    """What the group launches from now; None for a launch configuration."""
    desired = group.refresh.launching() if group.refresh else None
    return resolve(group.ec2_backend, desired) if desired else saved_source(group)


def saved_source(group: Any) -> Source | None:
    """What was last saved on the group."""
    if group.ec2_launch_template is None:
        return None
    version = str(group.launch_template_version)
    return _overridden(group.ec2_backend, group.mixed_instances_policy, group.ec2_launch_template, version)


def resolve(ec2: Any, configuration: dict[str, Any]) -> Source:
    """A desired configuration's launch template or mixed instances policy. Raises EC2ClientError for an unknown one."""
    policy = configuration.get("MixedInstancesPolicy") or {}
    told = configuration.get("LaunchTemplate") or policy["LaunchTemplate"]["LaunchTemplateSpecification"]
    return _overridden(ec2, policy, *_template(ec2, told))


def _template(ec2: Any, told: dict[str, Any]) -> tuple[Any, str]:
    """A launch template, and which version of it."""
    version = str(told.get("Version") or "$Default")
    if told.get("LaunchTemplateId"):
        return ec2.get_launch_template(told["LaunchTemplateId"]), version
    return ec2.get_launch_template_by_name(told["LaunchTemplateName"]), version


def _overridden(ec2: Any, policy: dict[str, Any] | None, template: Any, version: str) -> Source:
    """With what the policy's first override has of its own: nothing ever lacks capacity for it."""
    first: dict[str, Any] = next(iter(((policy or {}).get("LaunchTemplate") or {}).get("Overrides") or ()), {})
    if told := first.get("LaunchTemplateSpecification"):
        template, version = _template(ec2, told)
    return Source(template, version, first.get("InstanceType"), first.get("ImageId"))


def save(group: Any, configuration: dict[str, Any]) -> None:
    """Make a desired configuration the group's own. moto takes a template by its id or its name, not by both."""
    template, policy = configuration.get("LaunchTemplate"), configuration.get("MixedInstancesPolicy")
    by_id = {key: value for key, value in (template or {}).items() if key != "LaunchTemplateName"}
    group.mixed_instances_policy = policy
    group._set_launch_configuration(None, by_id or None, policy)


def launch(moment: Moment, group: Any, subnets: list[Any], *causes: str) -> Any:
    """The new member, in the first of the subnets that has capacity; None after a Failed activity for each."""
    if not subnets:
        activity = begin(group, "Launching a new EC2 instance", *causes)
        told = f"None of the subnets '{group.vpc_zone_identifier}' exists. Launching EC2 instance failed."
        end(activity, "Failed", told)
    for subnet in subnets:
        if member := _launch_in(moment, group, subnet, causes):
            return member
    return None


def _launch_in(moment: Moment, group: Any, subnet: Any, causes: tuple[str, ...]) -> Any:
    activity = begin(group, "Launching a new EC2 instance", *causes, subnet=subnet)
    try:
        source = source_of(group)
        instance = _run(moment, group, source, subnet)
    except ServiceException as error:
        reason = f"{error.message} Launching EC2 instance failed."
        activity.description += f".  Status Reason: {reason}"
        end(activity, "Failed", reason)
        return None
    activity.description += f": {instance.id}"
    member = InstanceState(
        instance,
        lifecycle_state="Pending",
        protected_from_scale_in=group.new_instances_protected_from_scale_in,
        autoscaling_group=group,
    )
    member.activity, member.own_template = activity, source.described() if source else None
    member.image_id = source.image_id if source else None
    activity.status_code, activity.progress = "PreInService", 30
    group.instance_states.append(member)
    return member


def _run(moment: Moment, group: Any, source: Source | None, subnet: Any) -> Any:
    """RunInstances as Auto Scaling calls it: from the launch template's version, with the group's tags."""
    ec2 = moment.backends.ec2
    version = ec2.get_launch_template(source.template.id).get_version(source.version) if source else None
    data = version.data if version else {}
    interface = (data.get("NetworkInterfaces") or [{}])[0]
    instance_type = (source and source.instance_type) or (version or group).instance_type
    capacity.check(ec2, group.arn, subnet.availability_zone, instance_type)
    reservation = ec2.run_instances(
        _image(moment, (source and source.image_id) or (version or group).image_id),
        1,
        (version or group).user_data,
        list(group.security_groups or ()) if not version else list(data.get("SecurityGroups") or ()),
        security_group_ids=list(interface.get("Groups") or data.get("SecurityGroupIds") or ()),
        instance_type=instance_type,
        is_instance_type_default=False,
        tags={"instance": _tags(group, source)},
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


def _tags(group: Any, source: Source | None) -> dict[str, str]:
    own = source.resolved().instance_tags if source else {}
    tags = {**own, **group.get_propagated_tags(), ASG_NAME_TAG: group.name}
    if source:
        told = source.described()
        tags |= {"aws:ec2launchtemplate:id": told["LaunchTemplateId"]}
        tags |= {"aws:ec2launchtemplate:version": told["Version"]}
    return tags


def _image(moment: Moment, image: str) -> str:
    """The image, or the one that its parameter names ("resolve:ssm:/path")."""
    if not image.startswith(SSM):
        return image
    return str(moment.backends.ssm.get_parameter(image.removeprefix(SSM)).value)

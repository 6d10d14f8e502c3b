# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An instance of an Auto Scaling Group, with what the group and its target groups say of its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import Model

NOT_REGISTERED = {"state": "unused", "reason": "Target.NotRegistered", "description": "It is not registered yet"}


@dataclass(frozen=True)
class Instance(Model):
    """``target_health``: target group ARN -> state, reason, description, as ELB tells them. ``weight`` is how much of
    the group's capacity it is, where overrides have weights; ``image_id`` is told where an override gave it."""

    id: str
    zone: str | None = None
    lifecycle_state: str | None = None
    health_status: str | None = None
    launch_template_id: str | None = None
    launch_template_version: str | None = None
    protected_from_scale_in: bool = False
    target_health: Any = None
    healthy: bool = False
    instance_type: str | None = None
    weight: int | None = None
    image_id: str | None = None

    @classmethod
    def from_api(cls, instance: Mapping[str, Any], health: Mapping[str, Mapping[str, Any]]) -> Instance:
        """From an Instance of DescribeAutoScalingGroups; ``health`` as in the group's from_api."""
        targets = {arn: _target(of_group.get(instance["InstanceId"])) for arn, of_group in health.items()}
        serving = instance["LifecycleState"] == "InService" and instance["HealthStatus"] == "Healthy"
        return cls(
            id=instance["InstanceId"],
            zone=instance.get("AvailabilityZone"),
            lifecycle_state=instance["LifecycleState"],
            health_status=instance["HealthStatus"],
            launch_template_id=instance.get("LaunchTemplate", {}).get("LaunchTemplateId"),
            launch_template_version=instance.get("LaunchTemplate", {}).get("Version"),
            protected_from_scale_in=instance.get("ProtectedFromScaleIn", False),
            target_health=targets,
            healthy=serving and all(_takes_requests(target) for target in targets.values()),
            instance_type=instance.get("InstanceType"),
            weight=int(instance["WeightedCapacity"]) if instance.get("WeightedCapacity") else None,
            image_id=instance.get("ImageId"),
        )

    @property
    def template(self) -> dict[str, str | None]:
        """What it was launched from."""
        return {"id": self.launch_template_id, "version": self.launch_template_version}

    def __str__(self) -> str:
        """What keeps it from being healthy, or that it is."""
        words = [str(self.lifecycle_state)]
        if self.health_status != "Healthy":
            words.append(str(self.health_status))
        for arn, target in (self.target_health or {}).items():
            if not _takes_requests(target):
                words.append(f"{target['state']} in target group {_group_name(arn)}{_why(target)}")
        return f"{self.id} is {', '.join(words)}"


def _target(health: Mapping[str, Any] | None) -> dict[str, Any]:
    if health is None:
        return dict(NOT_REGISTERED)
    return {"state": health["State"], "reason": health.get("Reason"), "description": health.get("Description")}


def _takes_requests(target: Mapping[str, Any]) -> bool:
    """Healthy, or not checked because no load balancer uses the target group yet (or the group checks nothing)."""
    unused = target["reason"] == "Target.NotInUse" and "Availability Zone" not in (target["description"] or "")
    return target["state"] == "healthy" or unused or target["reason"] == "Target.HealthCheckDisabled"


def _group_name(arn: str) -> str:
    """arn:...:targetgroup/<name>/<id>"""
    return arn.split("/")[1] if "/" in arn else arn


def _why(target: Mapping[str, Any]) -> str:
    told = ": ".join(target[key] for key in ("reason", "description") if target[key])
    return f" ({told})" if told else ""

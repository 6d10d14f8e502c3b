"""An instance in a group: what the region knows of it beyond what moto does, and when it counts as ready."""

from __future__ import annotations

import time
from typing import Any, Literal

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import InstanceState

from local_region.control.moment import Moment
from local_region.control.patching import around
from local_region.control.target_health import health_of

LAUNCHING = frozenset({"Pending", "Pending:Wait", "Pending:Proceed"})
LIVE = LAUNCHING | {"InService"}  # what counts towards the desired capacity
LEAVING = frozenset({"Terminating", "Terminating:Wait", "Terminating:Proceed"})

Fitness = Literal["ready", "coming", "failing"]


@around(InstanceState, "__init__")
def remember_more(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.activity = None  # the launch or termination in progress
    self.actions = {}  # lifecycle hook's name -> hooks.Action that is awaited
    self.admitted = False  # launch hooks are for instances that the group launches, and once
    self.registered = set()  # ARNs of target groups
    self.own_template = self.image_id = None
    self.in_service_since = time.monotonic()
    self.grace_ends = time.monotonic()  # health checks of load balancers and users count from then on
    self.unhealthy_because = "a user health-check"
    self.extra = None  # why the instance is there beyond the desired capacity: "balance", "unhealthy", or None


# The version that an instance was launched from, whatever the group's is now.
InstanceState.launch_template = property(lambda member: member.own_template)


def live(group: Any) -> list[Any]:
    """The members that count towards the desired capacity."""
    return [member for member in group.instance_states if member.lifecycle_state in LIVE]


def find(backend: Any, instance_id: str) -> Any:
    """The member that a request names by its instance."""
    for group in backend.autoscaling_groups.values():
        for member in group.instance_states:
            if member.instance.id == instance_id:
                return member
    raise ValidationError(f"Instance Id not found - No managed instance found for instance ID: {instance_id}")


def target_states(moment: Moment, group: Any, member: Any) -> set[str]:
    """The states of the member's targets in the group's target groups."""
    groups = (moment.backends.elbv2.target_groups.get(arn) for arn in group.target_group_arns)
    return {health_of(each, member.instance.id, moment.backends.ec2).state for each in groups if each}


def fitness(moment: Moment, group: Any, member: Any, warmup: float) -> Fitness:
    """Ready: in service, healthy by the checks that the group uses, and warmed up.

    EC2 Auto Scaling User Guide, "Instance maintenance policy": "An instance is considered healthy and ready to use
    after it successfully completes its first health check and the specified warmup time passes." A target group that
    no load balancer uses checks nothing.
    """
    states = target_states(moment, group, member) if "ELB" in group.health_check_type else set()
    if member.health_status == "Unhealthy" or "unhealthy" in states or member.lifecycle_state not in LIVE:
        return "failing"
    served = member.lifecycle_state == "InService" and time.monotonic() - member.in_service_since
    warm = served is not False and served >= warmup * moment.clock.scale
    return "ready" if warm and states <= {"healthy", "unused"} else "coming"

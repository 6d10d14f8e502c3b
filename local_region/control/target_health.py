"""Target health is what the health check saw: initial, healthy, unhealthy, draining or unused, with ELB's reasons."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from local_region.control.load_balancers import forwarding
from local_region.control.moment import Moment
from local_region.control.patching import around
from local_region.world import TargetHealth

REGISTERING = TargetHealth("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
DRAINING = TargetHealth("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
NOT_REGISTERED = TargetHealth("unused", "Target.NotRegistered", "Target is not registered to the target group")
NOT_IN_USE = TargetHealth(
    "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
)
ZONE_DISABLED = TargetHealth(
    "unused", "Target.NotInUse", "Target is in an Availability Zone that is not enabled for the load balancer"
)
STOPPED = TargetHealth("unused", "Target.InvalidState", "Target is in the stopped state")


@around(FakeTargetGroup, "__init__")
def begin_unobserved(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.observed = {}  # (target id, port) -> TargetHealth
    self.draining = {}  # target id -> (target, since when)
    if self.protocol in {"HTTP", "HTTPS"}:
        self.attributes.setdefault("stickiness.lb_cookie.duration_seconds", "86400")


@around(FakeTargetGroup, "register")
def register_again(original: Any, self: Any, targets: list[dict[str, Any]]) -> None:
    """moto forgets which zone an address is said to be in."""
    original(self, targets)
    for target in targets:
        self.draining.pop(target["Id"], None)
        if zone := target.get("AvailabilityZone"):
            self.targets[target["Id"]]["AvailabilityZone"] = zone


@around(FakeTargetGroup, "deregister")
def begin_draining(original: Any, self: Any, targets: list[dict[str, Any]]) -> None:
    """A target that is not registered is no error: AWS says the action returns successfully."""
    for target in targets:
        if (registered := self.targets.pop(target["Id"], None)) and self.load_balancer_arns:
            self.draining[target["Id"]] = (registered, time.monotonic())


@around(ELBv2Backend, "notify_terminate_instances")
def drain_terminated(original: Any, self: Any, instance_ids: list[str]) -> None:
    for group in self.target_groups.values():
        group.deregister([{"Id": instance} for instance in instance_ids])


@around(ELBv2Backend, "describe_target_health")
def list_draining_too(original: Any, self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> Any:
    if not target_group_arn.startswith("arn:"):
        raise ELBClientError("ValidationError", f"'{target_group_arn}' is not a valid target group ARN")
    group = self.target_groups.get(target_group_arn)
    if group is not None and not targets:
        targets = [*group.targets.values(), *(target for target, _ in group.draining.values())]
    return original(self, target_group_arn, targets) if targets or group is None else []


@around(FakeTargetGroup, "health_for")
def tell_health(original: Any, self: Any, target: dict[str, Any], ec2_backend: Any) -> Any:
    known = self.targets.get(target["Id"]) or self.draining.get(target["Id"], (target, 0))[0]
    port = int(known.get("Port") or self.port)
    health = health_of(self, target["Id"], ec2_backend)
    checked = str(port) if self.health_check_port in {None, "traffic-port"} else str(self.health_check_port)
    told = FakeHealthStatus(target["Id"], str(port), checked, health.state, health.reason, health.description)
    told.availability_zone = known.get("AvailabilityZone")
    return told


FakeHealthStatus.target = property(
    lambda self: {"Id": self.instance_id, "Port": self.port, "AvailabilityZone": self.availability_zone}
)


def health_of(group: Any, target_id: str, ec2: Any) -> TargetHealth:
    """As DescribeTargetHealth tells it."""
    if target_id in group.draining:
        return DRAINING
    if target_id not in group.targets:
        return NOT_REGISTERED
    balancers = list(_balancers(group))
    if not balancers:
        return NOT_IN_USE
    if target_id.startswith("i-") and (refused := _unusable(ec2.get_instance(target_id), balancers)):
        return refused
    seen: TargetHealth = group.observed.get((target_id, int(group.targets[target_id]["Port"])), REGISTERING)
    return seen


def _balancers(group: Any) -> Iterator[Any]:
    from moto.elbv2.models import elbv2_backends

    yield from forwarding(elbv2_backends[group.account_id][group.region_name], group.arn)


def _unusable(instance: Any, balancers: list[Any]) -> TargetHealth | None:
    if instance.state in {"stopping", "stopped"}:
        return STOPPED
    enabled = {subnet.availability_zone for balancer in balancers for subnet in balancer.subnets}
    return None if instance.placement.zone in enabled else ZONE_DISABLED


def step(moment: Moment) -> None:
    """Health follows the checks; a drained target is forgotten after its group's deregistration delay."""
    for group in moment.backends.elbv2.target_groups.values():
        group.observed = {
            (target, port): health
            for (arn, target, port), health in moment.observed.targets.items()
            if arn == group.arn
        }
        delay = float(group.attributes["deregistration_delay.timeout_seconds"]) * moment.clock.scale
        for target, (_, since) in list(group.draining.items()):
            if time.monotonic() - since >= delay:
                del group.draining[target]

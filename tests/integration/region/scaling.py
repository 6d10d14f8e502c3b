"""An Auto Scaling group behind a load balancer in a region whose clock and bodies the test drives.

An instance is healthy once it has run for ``BOOT`` seconds, unless its user data says "bad": its application answers
every health check with 503.
"""

from __future__ import annotations

import base64
import inspect
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from local_region.control import capacity
from local_region.world import Observed, TargetHealth, World
from tests.integration.region.inside import Inside, outcome

BOOT = 3.0
BACKEND = {"AutoScalingGroupName": "backend"}
FIRST = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150}  # launch before terminate
IMAGE = "ami-0deb1200000000001"
HEALTHY = TargetHealth("healthy")
CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
REFUSING = TargetHealth("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]")


class Clock:
    """time.monotonic, and what was slept away."""

    def __init__(self) -> None:
        self._real, self.ahead = time.monotonic, 0.0
        time.monotonic = self.now  # type: ignore[assignment]

    def now(self) -> float:
        return self._real() + self.ahead


class Bodies:
    """Every instance runs at once; a target is healthy after a while, or never."""

    def __init__(self) -> None:
        self.world, self._since = World(), dict[str, float]()

    def apply(self, world: World) -> None:
        self.world = world

    def observe(self) -> Observed:
        running = {each.id: each for each in self.world.instances if each.wanted == "running"}
        for name in running:
            self._since.setdefault(name, time.monotonic())
        targets = {
            (group.arn, target.id, target.port): self._health(running[target.id])
            for group in self.world.target_groups
            for target in group.targets
            if target.id in running
        }
        states = {each.id: "running" if each.wanted == "running" else "stopped" for each in self.world.instances}
        return Observed(instances=states, targets=targets)  # type: ignore[arg-type]

    def _health(self, instance: Any) -> TargetHealth:
        if time.monotonic() - self._since[instance.id] < BOOT:
            return CHECKING
        return REFUSING if b"bad" in instance.user_data else HEALTHY


class Scaling(Inside):
    """A region with the group "backend": two instances, one a zone, from version 1 of the launch template."""

    def __init__(self) -> None:
        self.clock = Clock()
        super().__init__(Bodies(), time_scale=1)
        self.ec2, self.elbv2 = self.client("ec2"), self.client("elbv2")
        self.autoscaling, self.cloudwatch = self.client("autoscaling"), self.client("cloudwatch")
        made = self.ec2.create_launch_template(LaunchTemplateName="backend", LaunchTemplateData=self._data("good"))
        self.template = made["LaunchTemplate"]["LaunchTemplateId"]
        self.targets = self._target_group()
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName="backend", MinSize=2, MaxSize=4, VPCZoneIdentifier=",".join(self.network.subnets),
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": "1"}, TargetGroupARNs=[self.targets],
            HealthCheckType="ELB", HealthCheckGracePeriod=20,
        )  # fmt: skip
        self.run(self.settled)

    def _data(self, application: str) -> dict[str, Any]:
        user_data = base64.b64encode(application.encode()).decode()
        return {"ImageId": IMAGE, "InstanceType": "t3.micro", "UserData": user_data}

    def _target_group(self) -> str:
        made = self.elbv2.create_target_group(Name="tg", Protocol="HTTP", Port=8000, VpcId=self.network.vpc)
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": "3"}
        self.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[attribute])
        balancer = self.elbv2.create_load_balancer(Name="lb", Subnets=self.network.subnets)["LoadBalancers"][0]
        self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Port=80, Protocol="HTTP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
        )  # fmt: skip
        return arn

    def version(self, application: str) -> str:
        """A new version of the launch template, of an application that is "good" or "bad"; its number."""
        made = self.ec2.create_launch_template_version(
            LaunchTemplateId=self.template, LaunchTemplateData=self._data(application)
        )
        return str(made["LaunchTemplateVersion"]["VersionNumber"])

    # --- time

    def seconds(self, count: float, step: float = 1) -> Iterator[None]:
        """One turn of the loop every ``step`` seconds."""
        for _ in range(int(count / step)):
            self.clock.ahead += step
            self.loop.turn(self.api.lock)
            yield

    def wait(self, count: float) -> None:
        for _ in self.seconds(count, max(1, count / 50)):
            pass

    def run(self, until: Callable[[], bool], at_most: float = 120) -> None:
        """Let time pass until the condition holds."""
        if not until() and not any(until() for _ in self.seconds(at_most, max(1, at_most / 120))):
            raise AssertionError(f"not after {at_most} seconds: {self.members()}, {self.activities()[:3]}")

    # --- what there is

    def group(self) -> dict[str, Any]:
        found: dict[str, Any] = self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
        return found

    def members(self) -> dict[str, dict[str, Any]]:
        return {each["InstanceId"]: each for each in self.group()["Instances"]}

    def states(self) -> list[str]:
        return sorted(each["LifecycleState"] for each in self.members().values())

    def zones(self) -> list[str]:
        return sorted(each["AvailabilityZone"][-1] for each in self.members().values())

    def versions(self) -> list[str]:
        return sorted(each["LaunchTemplate"]["Version"] for each in self.members().values())

    def health(self) -> dict[str, str]:
        found = self.elbv2.describe_target_health(TargetGroupArn=self.targets)["TargetHealthDescriptions"]
        return {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in found}

    def healthy(self) -> int:
        return list(self.health().values()).count("healthy")

    def settled(self) -> bool:
        """As many in service and healthy as desired, and no other."""
        desired = self.group()["DesiredCapacity"]
        return self.states() == ["InService"] * desired and self.healthy() == desired

    def activities(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.autoscaling.describe_scaling_activities()["Activities"]
        return found

    def causes(self) -> list[str]:
        return [each["Cause"] for each in self.activities()]

    # --- what is done to it

    def update(self, **options: Any) -> None:
        self.autoscaling.update_auto_scaling_group(**BACKEND, **options)

    def in_zone(self, zone: str) -> str:
        """One of the instances in the zone "a" or "b"."""
        return next(name for name, each in self.members().items() if each["AvailabilityZone"].endswith(zone))

    def no_capacity(self) -> str:
        """None in the first zone from now on, until ``capacity.restore``."""
        return capacity.refuse(zones=["us-east-1a"], resources=[self.group()["AutoScalingGroupARN"]])

    # --- instance refresh

    def refresh(self, version: str | None = None, **preferences: Any) -> str:
        desired = {"LaunchTemplate": {"LaunchTemplateId": self.template, "Version": version}}
        given = {"DesiredConfiguration": desired} if version else {}
        wished = {"InstanceWarmup": 5, **preferences}
        started = self.autoscaling.start_instance_refresh(AutoScalingGroupName="backend", Preferences=wished, **given)
        return str(started["InstanceRefreshId"])

    def refreshes(self) -> list[dict[str, Any]]:
        found = self.autoscaling.describe_instance_refreshes(AutoScalingGroupName="backend")
        return list(found["InstanceRefreshes"])

    def status(self) -> str:
        return str(self.refreshes()[0]["Status"])

    def ended(self) -> bool:
        return "EndTime" in self.refreshes()[0]


def scenarios(module: str, names: dict[str, Any]) -> dict[str, Callable[[Scaling], None]]:
    """A program's scenarios: its own public functions of a region."""
    return {
        name: each
        for name, each in names.items()
        if inspect.isfunction(each) and each.__module__ == module and not name.startswith("_")
    }


def main(of_program: dict[str, Callable[[Scaling], None]]) -> None:
    """Print a JSON object: a traceback a scenario, empty when its assertions held."""
    print(json.dumps({name: outcome(scenario, Scaling) for name, scenario in of_program.items()}))

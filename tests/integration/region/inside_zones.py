"""A program like inside.py: zones that lose and regain capacity, and balance over them."""

from __future__ import annotations

import json

from local_region.control import capacity
from tests.integration.region.regions import refused
from tests.integration.region.scaling import BACKEND, Scaling, main, scenarios


def another_zone_stands_in(region: Scaling) -> None:
    """ "If the attempt fails, Amazon EC2 Auto Scaling attempts to launch the instances in another Availability Zone
    until it succeeds"; when the zone recovers, instances are launched there before others are terminated."""
    region.update(MaxSize=2)
    token = region.no_capacity()
    region.ec2.terminate_instances(InstanceIds=[region.in_zone("a")])
    region.run(lambda: region.settled() and region.zones() == ["b", "b"])
    failed = next(each for each in region.activities() if each["StatusCode"] == "Failed")
    assert failed["Description"].startswith("Launching a new EC2 instance.  Status Reason: We currently do not have ")
    assert "sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a)" in failed["StatusMessage"]
    assert failed["StatusMessage"].endswith("Launching EC2 instance failed.")
    assert json.loads(failed["Details"])["Availability Zone"] == "us-east-1a"
    region.wait(60)
    assert region.zones() == ["b", "b"]
    capacity.restore(token)
    most = 0
    for _ in region.seconds(90):
        assert region.healthy() >= 2
        most = max(most, len(region.members()))
        if region.settled() and region.zones() == ["a", "b"]:
            break
    assert region.zones() == ["a", "b"]
    assert most == 3  # "a margin of 10 percent or one instance, whichever is greater", above the maximum
    causes = " ".join(region.causes())
    assert "An instance was launched to aid in balancing the group's zones." in causes
    assert "instances were launched to balance instances in zones us-east-1a with other zones resulting in" in causes


def a_zone_is_lost_and_returns(region: Scaling) -> None:
    """As FIS's AZ scenario does it: the instances stopped and no capacity in the zone."""
    token, lost = region.no_capacity(), region.in_zone("a")
    region.ec2.stop_instances(InstanceIds=[lost])
    region.run(lambda: region.settled() and region.zones() == ["b", "b"])
    assert lost not in region.members()
    assert any("EC2 health check indicating it has been terminated or stopped" in cause for cause in region.causes())
    capacity.restore(token)
    region.run(lambda: region.settled() and region.zones() == ["a", "b"])


def balanced_only_waits_for_its_zone(region: Scaling) -> None:
    region.update(AvailabilityZoneDistribution={"CapacityDistributionStrategy": "balanced-only"})
    token = region.no_capacity()
    region.ec2.terminate_instances(InstanceIds=[region.in_zone("a")])
    region.wait(60)
    assert region.zones() == ["b"]
    capacity.restore(token)
    region.run(lambda: region.settled() and region.zones() == ["a", "b"])


def suspended_rebalancing(region: Scaling) -> None:
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["AZRebalance"])
    (told,) = region.group()["SuspendedProcesses"]
    assert told["SuspensionReason"].startswith("User suspended at 2")
    token = region.no_capacity()
    region.ec2.terminate_instances(InstanceIds=[region.in_zone("a")])
    region.run(lambda: region.settled() and region.zones() == ["b", "b"])
    capacity.restore(token)
    region.wait(120)
    assert region.zones() == ["b", "b"]
    region.autoscaling.resume_processes(**BACKEND, ScalingProcesses=["AZRebalance"])
    region.run(lambda: region.settled() and region.zones() == ["a", "b"])
    refused(lambda: region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["Nothing"]), "ValidationError")


def zones_of_the_group_change(region: Scaling) -> None:
    region.update(VPCZoneIdentifier=region.network.subnets[1])
    least = 2
    for _ in region.seconds(90):
        least = min(least, region.healthy())
        if region.settled() and region.zones() == ["b", "b"]:
            break
    assert (region.zones(), least) == (["b", "b"], 2)


def protected_instances_are_not_rebalanced(region: Scaling) -> None:
    """Launching would only lead to terminating the new instance again."""
    token = region.no_capacity()
    region.ec2.terminate_instances(InstanceIds=[region.in_zone("a")])
    region.run(lambda: region.settled() and region.zones() == ["b", "b"])
    both = list(region.members())
    region.autoscaling.set_instance_protection(**BACKEND, InstanceIds=both, ProtectedFromScaleIn=True)
    capacity.restore(token)
    for _ in region.seconds(60):
        assert list(region.members()) == both


def no_subnet_is_left(region: Scaling) -> None:
    """Told in the activities; the region goes on."""
    region.update(MinSize=0, DesiredCapacity=0)
    region.run(lambda: not region.members())
    region.elbv2.delete_load_balancer(
        LoadBalancerArn=region.elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    )
    region.wait(5)
    for subnet in region.network.subnets:
        region.ec2.delete_subnet(SubnetId=subnet)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=1)
    region.run(lambda: region.activities()[0]["StatusCode"] == "Failed")
    assert region.network.subnets[0] in region.activities()[0]["StatusMessage"]


SCENARIOS = scenarios(__name__, globals())


if __name__ == "__main__":
    main(SCENARIOS)

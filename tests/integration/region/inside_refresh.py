"""A program like inside.py: instance refresh, and what it replaces when, against the EC2 Auto Scaling User Guide."""

from __future__ import annotations

from tests.integration.region.regions import refused
from tests.integration.region.scaling import BACKEND, FIRST, Scaling, main, scenarios


def launches_before_it_terminates(region: Scaling) -> None:
    """Never fewer than two healthy, never more than three; the group takes the configuration over at the end."""
    before = region.members()
    version = region.version("good")
    refresh = region.refresh(version, **FIRST)
    assert region.refreshes()[0]["Status"] == "Pending"
    percent, sizes = [], set()
    for _ in region.seconds(120):
        told = region.refreshes()[0]
        percent.append(told["PercentageComplete"])
        assert region.healthy() >= 2
        counted = [each for each in region.members().values() if each["LifecycleState"] in {"Pending", "InService"}]
        sizes.add(len(counted))
        if region.ended():
            break
        assert region.group()["LaunchTemplate"]["Version"] == "1"
    assert sizes == {2, 3}
    assert sorted(set(percent)) == [0, 50, 100] == list(dict.fromkeys(percent))
    told = region.refreshes()[0]
    assert (told["InstanceRefreshId"], told["Status"], told["InstancesToUpdate"]) == (refresh, "Successful", 0)
    assert told["StartTime"] <= told["EndTime"]
    assert told["DesiredConfiguration"]["LaunchTemplate"]["Version"] == version
    assert not before.keys() & region.members().keys()
    assert (region.versions(), region.zones()) == ([version] * 2, ["a", "b"])
    assert region.group()["LaunchTemplate"]["Version"] == version
    causes = " ".join(region.causes())
    assert "an instance was launched in response to an instance refresh." in causes
    assert "an instance was taken out of service in response to an instance refresh.  At " in causes
    assert all(f"instance {each} was selected for termination." in causes for each in before)


def by_default_it_terminates_first(region: Scaling) -> None:
    """90 percent of two can't be kept: one goes while its replacement is launched, never both."""
    region.refresh(region.version("good"))
    wish = region.refreshes()[0]["Preferences"]
    assert wish["MinHealthyPercentage"] == 90
    assert "MaxHealthyPercentage" not in wish
    least = 2
    for _ in region.seconds(120):
        states = region.states()
        assert len([each for each in states if each in {"Pending", "InService"}]) <= 2
        least = min(least, region.healthy())
        if region.ended():
            break
    assert least == 1
    assert (region.status(), region.versions(), region.zones()) == ("Successful", ["2", "2"], ["a", "b"])


def without_desired_configuration_it_takes_the_groups_own(region: Scaling) -> None:
    before = region.members()
    region.refresh(**FIRST)
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["1", "1"])
    assert not before.keys() & region.members().keys()


def a_mixed_instances_policy_is_taken_over(region: Scaling) -> None:
    """Of its overrides the first one's instance type is launched; back from it, the template's own."""
    template = {"LaunchTemplateId": region.template, "Version": region.version("good")}
    overrides = [{"InstanceType": "t3.small"}, {"InstanceType": "t3.medium"}]
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": overrides}}
    wish = {"InstanceWarmup": 0, **FIRST}

    def types() -> set[str]:
        return {each["InstanceType"] for each in region.members().values()}

    for desired, expected in (
        ({"MixedInstancesPolicy": policy}, "t3.small"),
        ({"LaunchTemplate": template}, "t3.micro"),
    ):
        region.autoscaling.start_instance_refresh(**BACKEND, Preferences=wish, DesiredConfiguration=desired)
        region.run(region.ended)
        assert (region.status(), types()) == ("Successful", {expected})
        assert ("MixedInstancesPolicy" in region.group()) == ("MixedInstancesPolicy" in desired)
    both = {"MixedInstancesPolicy": policy, "LaunchTemplate": template}
    start = {**BACKEND, "DesiredConfiguration": both}
    refused(lambda: region.autoscaling.start_instance_refresh(**start), "ValidationError")


def warm_up_is_waited_for(region: Scaling) -> None:
    """The preference, or else the group's default warm-up, or else its grace period."""
    assert _default_warmup(region) == 20
    region.autoscaling.update_auto_scaling_group(**BACKEND, DefaultInstanceWarmup=0)
    assert _default_warmup(region) == 0
    region.refresh(region.version("good"), **FIRST, InstanceWarmup=40)
    region.run(lambda: region.healthy() == 3)
    (new,) = [name for name, each in region.members().items() if each["LaunchTemplate"]["Version"] == "2"]
    region.wait(25)
    assert len(region.members()) == 3
    reason = f"Waiting for instances to warm up before continuing. For example: {new} is warming up."
    assert region.refreshes()[0]["StatusReason"] == reason
    region.run(lambda: "Terminating" in region.states(), at_most=30)


def _default_warmup(region: Scaling) -> int:
    region.autoscaling.start_instance_refresh(**BACKEND)
    warmup = region.refreshes()[0]["Preferences"]["InstanceWarmup"]
    region.autoscaling.cancel_instance_refresh(**BACKEND, WaitForTransitioningInstances=False)
    region.wait(1)
    region.run(region.settled)
    return int(warmup)


def the_maintenance_policy_is_the_default(region: Scaling) -> None:
    policy = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 120}
    region.autoscaling.update_auto_scaling_group(**BACKEND, InstanceMaintenancePolicy=policy)
    region.refresh()
    wish = region.refreshes()[0]["Preferences"]
    assert {name: wish[name] for name in policy} == policy
    region.run(lambda: len(region.members()) == 3)


def matching_instances_are_skipped(region: Scaling) -> None:
    before = region.members()
    region.refresh("1", SkipMatching=True)
    region.run(region.ended, at_most=3)
    assert (region.status(), region.members().keys()) == ("Successful", before.keys())
    version = region.version("good")
    template = {"LaunchTemplateId": region.template, "Version": version}
    region.autoscaling.update_auto_scaling_group(**BACKEND, LaunchTemplate=template, DesiredCapacity=3)
    region.run(region.settled)
    region.refresh(SkipMatching=True, **FIRST)
    region.wait(1)
    assert region.refreshes()[0]["InstancesToUpdate"] == 2
    (newest,) = region.members().keys() - before.keys()
    region.run(region.ended)
    assert newest in region.members()
    assert region.versions() == [version] * 3


def checkpoints_and_bake_time_pause(region: Scaling) -> None:
    wish = {"CheckpointPercentages": [50, 100], "CheckpointDelay": 300, "BakeTime": 200}
    region.refresh(region.version("good"), **FIRST, **wish)
    region.run(lambda: region.versions() == ["1", "2"] and region.refreshes()[0]["PercentageComplete"] == 50)
    region.wait(250)
    assert (region.status(), region.versions()) == ("InProgress", ["1", "2"])
    region.run(lambda: region.versions() == ["2", "2"])
    region.run(lambda: region.status() == "Baking")
    assert region.group()["LaunchTemplate"]["Version"] == "1"
    region.wait(150)
    told = region.refreshes()[0]
    assert told["Status"] == "Baking"
    assert told["StatusReason"].startswith("Waiting for bake time to finish before continuing. There are ")
    region.run(region.ended)
    assert (region.status(), region.group()["LaunchTemplate"]["Version"]) == ("Successful", "2")


def the_last_checkpoint_may_leave_instances(region: Scaling) -> None:
    """ "To replace all instances in the Auto Scaling group, the last number in the array must be 100." """
    region.refresh(region.version("good"), **FIRST, CheckpointPercentages=[50])
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["1", "2"])
    assert region.refreshes()[0]["PercentageComplete"] == 50


def protected_and_standby_instances(region: Scaling) -> None:
    protected, _ = sorted(region.members())
    region.autoscaling.set_instance_protection(**BACKEND, InstanceIds=[protected], ProtectedFromScaleIn=True)
    region.refresh(region.version("good"), **FIRST, ScaleInProtectedInstances="Ignore")
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["1", "2"])
    assert protected in region.members()
    region.refresh("2", **FIRST)
    region.run(region.ended, at_most=4000)
    told = region.refreshes()[0]
    assert told["Status"] == "Failed"
    assert f"{protected} is protected. Remove instance scale-in protection to continue." in told["StatusReason"]
    region.refresh("2", **FIRST, ScaleInProtectedInstances="Refresh")
    region.run(region.ended)
    assert protected not in region.members()


def suspending_pauses(region: Scaling) -> None:
    """ "InstanceRefresh" suspended: the operation is paused, not cancelled."""
    before = region.members()
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["InstanceRefresh"])
    region.refresh(region.version("good"), **FIRST)
    region.wait(4000)
    assert (region.status(), region.members().keys()) == ("InProgress", before.keys())
    region.autoscaling.resume_processes(**BACKEND, ScalingProcesses=["InstanceRefresh"])
    region.run(region.ended)
    assert region.status() == "Successful"


def scaling_out_launches_the_desired_configuration(region: Scaling) -> None:
    """ "If a scale-out event occurs during an instance refresh, Amazon EC2 Auto Scaling launches new instances with
    the desired configuration instead of the group's current settings." """
    region.refresh(region.version("good"), **FIRST)
    region.wait(2)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=4)
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["2"] * 4)


SCENARIOS = scenarios(__name__, globals())


if __name__ == "__main__":
    main(SCENARIOS)

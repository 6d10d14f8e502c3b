"""Auto Scaling as AWS behaves where moto does not."""

import itertools
import time

import pytest

from tests.integration.region.regions import eventually, refused, state

NUMBERS = itertools.count()


class Group:
    """An Auto Scaling group in two zones behind a load balancer, launched from a template."""

    def __init__(self, region, network, **options):
        self.ec2, self.elbv2 = region.client("ec2"), region.client("elbv2")
        self.autoscaling = region.client("autoscaling")
        self.name, self.network = f"group-{next(NUMBERS)}", network
        data = {"ImageId": "resolve:ssm:/local-region/ami/debian-12", "InstanceType": "t3.micro"}
        data |= {"UserData": "aGVsbG8=", "SecurityGroupIds": [network.group]}
        made = self.ec2.create_launch_template(LaunchTemplateName=self.name, LaunchTemplateData=data)
        self.template = made["LaunchTemplate"]["LaunchTemplateId"]
        made = self.elbv2.create_target_group(Name=self.name, Protocol="HTTP", Port=8000, VpcId=network.vpc)
        self.targets = made["TargetGroups"][0]["TargetGroupArn"]
        made = self.elbv2.create_load_balancer(Name=self.name, Subnets=network.subnets)
        self.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        forward = [{"Type": "forward", "TargetGroupArn": self.targets}]
        self.elbv2.create_listener(LoadBalancerArn=self.balancer, Port=80, Protocol="HTTP", DefaultActions=forward)
        attribute = [{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}]
        self.elbv2.modify_target_group_attributes(TargetGroupArn=self.targets, Attributes=attribute)
        self.options = {
            "MinSize": 2, "MaxSize": 3, "LaunchTemplate": {"LaunchTemplateId": self.template, "Version": "1"},
            "VPCZoneIdentifier": ",".join(network.subnets), "TargetGroupARNs": [self.targets],
            "Tags": [{"Key": "team", "Value": "goals", "PropagateAtLaunch": True}],
        } | options  # fmt: skip
        self.autoscaling.create_auto_scaling_group(AutoScalingGroupName=self.name, **self.options)

    def describe(self):
        found = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])["AutoScalingGroups"]
        return found[0] if found else None

    def update(self, **options):
        self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=self.name, **options)

    def members(self):
        return {each["InstanceId"]: each for each in self.describe()["Instances"]}

    def settled(self, size):
        return eventually(self.members, lambda seen: len(seen) == size and _in_service(seen))

    def health(self):
        described = self.elbv2.describe_target_health(TargetGroupArn=self.targets)["TargetHealthDescriptions"]
        return {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in described}

    def activities(self):
        return self.autoscaling.describe_scaling_activities(AutoScalingGroupName=self.name)["Activities"]


def _in_service(members):
    return all(each["LifecycleState"] == "InService" for each in members.values())


@pytest.fixture
def group(region, network):
    made = Group(region, network)
    yield made
    made.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=made.name, ForceDelete=True)
    eventually(made.describe, lambda seen: seen is None)
    made.elbv2.delete_load_balancer(LoadBalancerArn=made.balancer)


def test_capacity_is_reached_in_time_and_balanced(group):
    eventually(group.members, lambda seen: any(each["LifecycleState"] == "Pending" for each in seen.values()))
    members = group.settled(2)
    assert sorted(each["AvailabilityZone"] for each in members.values()) == ["us-east-1a", "us-east-1b"]
    eventually(group.health, lambda seen: seen == dict.fromkeys(members, "healthy"))
    reservations = group.ec2.describe_instances(InstanceIds=list(members))["Reservations"]
    for instance in (each for reservation in reservations for each in reservation["Instances"]):
        tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
        assert tags["aws:autoscaling:groupName"] == group.name
        assert tags["aws:ec2launchtemplate:version"] == "1"
        assert tags["team"] == "goals"
        assert instance["SecurityGroups"][0]["GroupId"] == group.network.group
        assert instance["ImageId"].startswith("ami-")
    causes = [(each["StatusCode"], each["Cause"]) for each in group.activities()]
    assert len(causes) == 2
    assert all(code == "Successful" and "difference between desired and actual" in cause for code, cause in causes)


def test_scaling_in_leaves_the_zones_balanced(group):
    group.settled(2)
    group.autoscaling.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=3)
    group.settled(3)
    group.autoscaling.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=2)
    eventually(group.members, lambda seen: any(each["LifecycleState"] == "Terminating" for each in seen.values()))
    members = group.settled(2)
    assert len({each["AvailabilityZone"] for each in members.values()}) == 2
    newest = group.activities()[0]
    assert newest["Description"].startswith("Terminating EC2 instance")
    assert "shrinking the capacity from 3 to 2" in newest["Cause"]


def test_an_instance_keeps_its_own_template_version(group):
    first = group.settled(2)
    group.ec2.create_launch_template_version(
        LaunchTemplateId=group.template, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    group.update(LaunchTemplate={"LaunchTemplateId": group.template, "Version": "2"}, DesiredCapacity=3)
    members = group.settled(3)
    versions = {name: each["LaunchTemplate"]["Version"] for name, each in members.items()}
    assert {versions[name] for name in first} == {"1"}
    (new,) = members.keys() - first.keys()
    assert versions[new] == "2"
    assert members[new]["InstanceType"] == "t3.small"


def test_a_terminated_instance_is_replaced(group):
    members = group.settled(2)
    lost = next(iter(members))
    group.ec2.terminate_instances(InstanceIds=[lost])
    eventually(group.members, lambda seen: lost not in seen)
    assert len({each["AvailabilityZone"] for each in group.settled(2).values()}) == 2
    assert any("EC2 health check" in each["Cause"] for each in group.activities())


def test_an_instance_set_unhealthy_is_drained_and_replaced(group):
    lost = next(iter(group.settled(2)))
    eventually(group.health, lambda seen: seen.get(lost) == "healthy")
    group.autoscaling.set_instance_health(InstanceId=lost, HealthStatus="Unhealthy")
    eventually(group.health, lambda seen: seen.get(lost) == "draining")
    assert state(group.ec2, lost) == "running"
    eventually(group.members, lambda seen: lost not in seen)
    group.settled(2)


def test_deleting_needs_force_and_takes_time(group):
    members = group.settled(2)
    refused(lambda: group.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group.name), "ResourceInUse")
    group.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group.name, ForceDelete=True)
    assert group.describe()["Status"] == "Delete in progress"
    refused(lambda: group.update(MaxSize=5), "ValidationError")
    again = {"AutoScalingGroupName": group.name, **group.options}
    refused(lambda: group.autoscaling.create_auto_scaling_group(**again), "AlreadyExists")
    eventually(group.describe, lambda seen: seen is None)
    assert {state(group.ec2, name) for name in members} == {"terminated"}
    group.autoscaling.create_auto_scaling_group(**again)


def test_desired_capacity_stays_within_bounds(group):
    desired = {"AutoScalingGroupName": group.name}
    for wanted in (1, 4):
        call = {**desired, "DesiredCapacity": wanted}
        refused(lambda call=call: group.autoscaling.set_desired_capacity(**call), "ValidationError")
    refused(lambda: group.update(MinSize=4), "ValidationError")
    group.update(MinSize=1)
    assert group.describe()["DesiredCapacity"] == 2
    group.update(MaxSize=1)
    assert group.describe()["DesiredCapacity"] == 1


def test_options_that_moto_drops(group):
    assert group.describe()["HealthCheckGracePeriod"] == 0
    policy = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 110}
    group.update(
        DefaultCooldown=10,
        DefaultInstanceWarmup=20,
        TerminationPolicies=["OldestInstance"],
        InstanceMaintenancePolicy=policy,
    )
    seen = group.describe()
    assert (seen["DefaultCooldown"], seen["DefaultInstanceWarmup"]) == (10, 20)
    assert seen["TerminationPolicies"] == ["OldestInstance"]
    assert seen["InstanceMaintenancePolicy"] == policy
    group.update(DefaultInstanceWarmup=-1)
    assert "DefaultInstanceWarmup" not in group.describe()
    assert group.describe()["InstanceMaintenancePolicy"] == policy


def test_metrics_collection(group):
    named = {"AutoScalingGroupName": group.name}
    group.autoscaling.enable_metrics_collection(**named, Granularity="1Minute")
    assert len(group.describe()["EnabledMetrics"]) == 20
    group.autoscaling.disable_metrics_collection(**named, Metrics=["GroupMinSize"])
    assert len(group.describe()["EnabledMetrics"]) == 19
    group.autoscaling.disable_metrics_collection(**named)
    assert group.describe()["EnabledMetrics"] == []


def test_target_groups_come_and_go(group):
    members = group.settled(2)
    eventually(group.health, lambda seen: seen.keys() == members.keys())
    arns = {"AutoScalingGroupName": group.name, "TargetGroupARNs": [group.targets]}
    group.autoscaling.detach_load_balancer_target_groups(**arns)
    eventually(group.health, lambda seen: not seen)
    group.autoscaling.attach_load_balancer_target_groups(**arns)
    eventually(group.health, lambda seen: seen.keys() == members.keys())


def test_a_launch_that_fails_is_told(region, network):
    made = Group(region, network, MinSize=0)
    made.ec2.delete_launch_template(LaunchTemplateId=made.template)
    made.autoscaling.set_desired_capacity(AutoScalingGroupName=made.name, DesiredCapacity=1)
    activity = eventually(made.activities, lambda seen: seen and seen[0]["StatusCode"] == "Failed")[0]
    assert made.template in activity["StatusMessage"]
    made.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=made.name)


def test_terminate_instance_in_group(group):
    lost = next(iter(group.settled(2)))
    call = {"InstanceId": lost, "ShouldDecrementDesiredCapacity": False}
    activity = group.autoscaling.terminate_instance_in_auto_scaling_group(**call)["Activity"]
    assert "user request" in activity["Cause"]
    began = time.monotonic()
    eventually(group.members, lambda seen: lost not in seen)
    assert time.monotonic() - began < 10
    group.settled(2)

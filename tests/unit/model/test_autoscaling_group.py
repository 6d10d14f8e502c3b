"""What an Auto Scaling Group's options and the API's answers mean, and what is sent for them."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import (
    OPTIONS,
    from_api,
    from_params,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_settings import over, to_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/goals/73e2d6bc24d8a067"
LATTICE = "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-1234567890123456"
GROUP = {
    "AutoScalingGroupName": "goals",
    "AutoScalingGroupARN": "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1:autoScalingGroupName/goals",
    "MinSize": 2,
    "MaxSize": 3,
    "DesiredCapacity": 2,
    "DefaultCooldown": 300,
    "AvailabilityZones": ["us-east-1b", "us-east-1a"],
    "HealthCheckType": "EC2",
    "HealthCheckGracePeriod": 0,
    "VPCZoneIdentifier": "",
}


def params(**options):
    validated = ArgumentSpecValidator(OPTIONS).validate({"name": "goals", **options})
    assert not validated.error_messages, validated.error_messages
    return validated.validated_parameters


def template(**options):
    return {"launch_template": options}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param({"name": "a:b"}, ["name: 'a:b'"], id="a colon in the name"),
        pytest.param(template(version=1), ["names no template"], id="a version of nothing"),
        pytest.param(template(id="lt-1", name="goals", version=1), ["names the template twice"], id="two names"),
        pytest.param(template(id="lt-1"), ["launch_template.version: None", "latest_version"], id="no version"),
        pytest.param(template(id="lt-1", version="$Latest"), ["'$Latest'", "can't roll back"], id="$Latest"),
        pytest.param(template(id="lt-1", version="$Default"), ["'$Default'", "can't roll back"], id="$Default"),
        pytest.param(template(id="lt-1", version=0), ["launch_template.version: '0'"], id="versions begin with 1"),
        pytest.param({"subnet_ids": []}, ["subnet_ids: []", "Availability Zones"], id="no place"),
        pytest.param({"subnet_ids": ["private"]}, ["subnet_ids: 'private'"], id="not a subnet's id"),
        pytest.param({"min_size": -1}, ["min_size: -1", "0 or more"], id="a negative size"),
        pytest.param({"min_size": 3, "max_size": 2}, ["min_size: 3 is above max_size (2)"], id="min > max"),
        pytest.param({"min_size": 3, "desired_capacity": 2}, ["desired_capacity: 2 is below"], id="min > desired"),
        pytest.param({"max_size": 3, "desired_capacity": 4}, ["desired_capacity: 4 is above"], id="desired > max"),
        pytest.param({"target_group_arns": ["goals"]}, ["target_group_arns: 'goals'"], id="not an ARN"),
        pytest.param({"health_check_type": "EC2,EBC"}, ["health_check_type: 'EC2,EBC'", "VPC_LATTICE"], id="no check"),
        pytest.param(
            {"target_group_arns": [ARN], "traffic_sources": [{"identifier": ARN}]},
            ["traffic_sources", "one of the two options"],
            id="a target group in two ways",
        ),
        pytest.param({"health_check_grace_period": -1}, ["health_check_grace_period: -1"], id="no such time"),
        pytest.param({"default_cooldown": -1}, ["default_cooldown: -1"], id="nor such a pause"),
        pytest.param({"default_instance_warmup": -2}, ["default_instance_warmup: -2", "-1 to take"], id="warm-up"),
        pytest.param({"max_instance_lifetime": 60}, ["max_instance_lifetime: 60", "86400"], id="a short life"),
        pytest.param(
            {"instance_maintenance_policy": {"min_healthy_percentage": 90}}, ["only half given"], id="half a policy"
        ),
        pytest.param(
            {"instance_maintenance_policy": {"min_healthy_percentage": -1, "max_healthy_percentage": 99}},
            ["min_healthy_percentage: -1", "max_healthy_percentage: 99"],
            id="percentages",
        ),
        pytest.param(
            {"instance_maintenance_policy": {"min_healthy_percentage": 50, "max_healthy_percentage": 151}},
            ["more than 100 percent"],
            id="a policy that spans too much",
        ),
        pytest.param(
            {"capacity_reservation_specification": {"preference": "none", "target": {"reservation_ids": ["cr-1"]}}},
            ["capacity_reservation_specification.target", "goes not with preference none"],
            id="a target that is not used",
        ),
    ],
)
def test_faults(options, told):
    text = "\n".join(str(fault) for fault in faults(params(**options)))
    assert all(part in text for part in told), text


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"min_size": 0, "desired_capacity": 0, "max_size": 0},
        template(id=KNOWN_AFTER_APPLY, version=KNOWN_AFTER_APPLY),
        template(name="goals", version=12),
        {"subnet_ids": [KNOWN_AFTER_APPLY], "target_group_arns": [KNOWN_AFTER_APPLY, ARN]},
        {
            "target_group_arns": [ARN],
            "traffic_sources": [{"identifier": LATTICE}],
            "health_check_type": "ELB,VPC_LATTICE",
        },
        {"traffic_sources": [{"identifier": ARN}, {"identifier": "classic"}]},
        {"max_instance_lifetime": 0, "default_instance_warmup": -1, "instance_maintenance_policy": {}},
        {"instance_maintenance_policy": {"min_healthy_percentage": 100, "max_healthy_percentage": 200}},
    ],
)
def test_no_faults(options):
    assert faults(params(**options)) == ()


@pytest.mark.parametrize(
    ("options", "members"),
    [
        pytest.param({"termination_policies": []}, {"TerminationPolicies": ["Default"]}, id="no policy: the default"),
        pytest.param({"termination_policies": []}, {}, id="nor told any"),
        pytest.param({"default_instance_warmup": -1}, {}, id="no warm-up"),
        pytest.param({"default_instance_warmup": 0}, {"DefaultInstanceWarmup": 0}, id="a warm-up of no time"),
        pytest.param({"max_instance_lifetime": 0}, {}, id="no limit of life"),
        pytest.param({"capacity_rebalance": False}, {}, id="a switch that was never set"),
        pytest.param({"instance_maintenance_policy": {}}, {}, id="no maintenance policy"),
        pytest.param(
            {"instance_maintenance_policy": {}},
            {"InstanceMaintenancePolicy": {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}},
            id="one that was taken away",
        ),
        pytest.param(
            {"subnet_ids": ["subnet-b", "subnet-a", "subnet-b"]},
            {"VPCZoneIdentifier": "subnet-a,subnet-b"},
            id="subnets have no order",
        ),
        pytest.param({"target_group_arns": []}, {}, id="no target groups"),
        pytest.param(
            {"availability_zone_distribution": "balanced-only"},
            {"AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-only"}},
            id="zones",
        ),
        pytest.param(
            {"metrics_enabled": ["GroupMinSize", "GroupMaxSize"]},
            {"EnabledMetrics": [{"Metric": "GroupMinSize"}, {"Metric": "GroupMaxSize"}]},
            id="metrics have no order",
        ),
        pytest.param({"health_check_type": "ELB, EC2,EBS"}, {"HealthCheckType": "ELB,EBS"}, id="checks have no order"),
        pytest.param({"health_check_type": "EC2"}, {}, id="the check that is always made"),
        pytest.param({"deletion_protection": "none", "desired_capacity_type": "units"}, {}, id="never set"),
        pytest.param({"placement_group": ""}, {}, id="no placement group"),
        pytest.param({"placement_group": "close"}, {"PlacementGroup": "close"}, id="a placement group"),
        pytest.param(
            {"capacity_reservation_specification": {}},
            {"CapacityReservationSpecification": {"CapacityReservationPreference": "default"}},
            id="no reservations",
        ),
        pytest.param(
            {
                "capacity_reservation_specification": {
                    "preference": "capacity-reservations-first",
                    "target": {"reservation_ids": ["cr-2", "cr-1"]},
                }
            },
            {
                "CapacityReservationSpecification": {
                    "CapacityReservationPreference": "capacity-reservations-first",
                    "CapacityReservationTarget": {"CapacityReservationIds": ["cr-1", "cr-2"]},
                }
            },
            id="reservations have no order",
        ),
        pytest.param({"instance_lifecycle_policy": {}}, {}, id="nothing is retained"),
        pytest.param(
            {"instance_lifecycle_policy": {"retention_triggers": {"terminate_hook_abandon": "retain"}}},
            {"InstanceLifecyclePolicy": {"RetentionTriggers": {"TerminateHookAbandon": "retain"}}},
            id="what is retained",
        ),
        pytest.param({"availability_zone_impairment_policy": {}}, {}, id="no zonal shifts"),
        pytest.param(
            {"traffic_sources": [{"identifier": "classic"}, {"identifier": ARN}, {"identifier": LATTICE}]},
            {
                "TrafficSources": [
                    {"Identifier": LATTICE, "Type": "vpc-lattice"},
                    {"Identifier": ARN},
                    {"Identifier": "classic", "Type": "elb"},
                ]
            },
            id="sources have no order, and their type is known",
        ),
        pytest.param(
            {"suspended_processes": ["Launch"]}, {"SuspendedProcesses": [{"ProcessName": "Launch"}]}, id="halt"
        ),
        pytest.param(
            {"launch_template": {"id": "lt-1", "name": None, "version": "3"}},
            {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "3"}},
            id="versions are numbers",
        ),
    ],
)
def test_options_and_answers_mean_the_same(options, members):
    want, have = from_params(params(**options)).settings(), from_api({**GROUP, **members}, {}).settings()
    assert {option: want[option] for option in options} == {option: have[option] for option in options}


def test_what_is_not_given_is_unset():
    want = from_params(params())
    assert set(want.settings()) == {"name"}
    assert (want.desired_capacity, want.tags, want.propagate_tags) == (UNSET, UNSET, UNSET)


def test_what_is_not_known_yet_keeps_its_number():
    want = from_params(params(subnet_ids=[KNOWN_AFTER_APPLY, "subnet-a", KNOWN_AFTER_APPLY]))
    assert want.subnet_ids == ("subnet-a", KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY)


def test_tags_of_aws_are_left_out():
    own = [
        {"Key": "stack", "Value": "goals", "PropagateAtLaunch": True},
        {"Key": "aws:cloudformation:stack-name", "Value": "x", "PropagateAtLaunch": False},
    ]
    have = from_api({**GROUP, "Tags": own}, {})
    assert (have.tags, have.propagate_tags) == ({"stack": "goals"}, True)


@pytest.mark.parametrize(
    ("settings", "request_"),
    [
        ({"min_size": 0, "default_cooldown": 0}, {"MinSize": 0, "DefaultCooldown": 0}),
        ({"default_instance_warmup": None}, {"DefaultInstanceWarmup": -1}),
        (
            {"instance_maintenance_policy": None},
            {"InstanceMaintenancePolicy": {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}},
        ),
        ({"health_check_type": "EBS,ELB"}, {"HealthCheckType": "EBS,ELB"}),
        (
            {"capacity_reservation_specification": {"preference": "none"}},
            {"CapacityReservationSpecification": {"CapacityReservationPreference": "none"}},
        ),
        ({"subnet_ids": ["subnet-a", "subnet-b"]}, {"VPCZoneIdentifier": "subnet-a,subnet-b"}),
        ({"tags": {"a": "1"}, "target_group_arns": [ARN], "metrics_enabled": []}, {}),
    ],
)
def test_to_api(settings, request_):
    assert to_api(settings) == request_


def health(state, reason=None, description=None):
    return {"State": state, "Reason": reason, "Description": description}


@pytest.mark.parametrize(
    ("lifecycle", "status", "target", "healthy"),
    [
        pytest.param("InService", "Healthy", health("healthy"), True, id="healthy"),
        pytest.param("InService", "Unhealthy", health("healthy"), False, id="unhealthy by its group"),
        pytest.param("Pending", "Healthy", health("healthy"), False, id="not in service"),
        pytest.param("Terminating", "Healthy", health("healthy"), False, id="on its way out"),
        pytest.param("InService", "Healthy", health("initial", "Elb.InitialHealthChecking"), False, id="being checked"),
        pytest.param("InService", "Healthy", health("unhealthy", "Target.Timeout"), False, id="no answer"),
        pytest.param("InService", "Healthy", None, False, id="not registered"),
        pytest.param(
            "InService",
            "Healthy",
            health("unused", "Target.NotInUse", "Target group is not configured to receive traffic"),
            True,
            id="a target group without a load balancer checks nothing",
        ),
        pytest.param(
            "InService",
            "Healthy",
            health("unused", "Target.NotInUse", "Target is in an Availability Zone that is not enabled for the load "
                   "balancer"),
            False,
            id="a zone that gets no requests",
        ),
        pytest.param("InService", "Healthy", health("unavailable", "Target.HealthCheckDisabled"), True, id="no checks"),
    ],
)  # fmt: skip
def test_health(lifecycle, status, target, healthy):
    instance = {
        "InstanceId": "i-1",
        "AvailabilityZone": "us-east-1a",
        "LifecycleState": lifecycle,
        "HealthStatus": status,
        "LaunchTemplate": {"Version": "3"},
    }
    found = from_api({**GROUP, "Instances": [instance]}, {ARN: {"i-1": target} if target else {}}).instances[0]
    assert found.healthy is healthy
    assert (found.id, found.zone, found.launch_template_version) == ("i-1", "us-east-1a", "3")


def test_a_structure_with_no_member_means_no_more_than_its_absence():
    """As the serialised answer has them where nothing was ever set."""
    empty = {"InstanceLifecyclePolicy": {"RetentionTriggers": {}}, "CapacityReservationSpecification": {}}
    assert from_api({**GROUP, **empty}, {}).settings() == from_api(GROUP, {}).settings()


def weighing(*weights, **more):
    instances = [
        {
            "InstanceId": f"i-{number}",
            "LifecycleState": "InService",
            "HealthStatus": "Healthy",
            **({"WeightedCapacity": str(weight)} if weight else {}),
        }
        for number, weight in enumerate(weights)
    ]
    return from_api({**GROUP, "DesiredCapacity": 4, "Instances": instances, **more}, {})


@pytest.mark.parametrize(
    ("group", "ready"),
    [
        pytest.param(weighing(None, None), False, id="two of four instances"),
        pytest.param(weighing(*[None] * 5), False, id="one too many"),
        pytest.param(weighing(2, 2), True, id="two of the weight of two"),
        pytest.param(weighing(2, 3), True, id="weights may exceed what is wanted"),
        pytest.param(weighing(2), False, id="half the weight"),
        pytest.param(weighing(None, None, DesiredCapacityType="vcpu"), True, id="vCPUs, which AWS doesn't tell"),
        pytest.param(weighing(DesiredCapacityType="vcpu"), False, id="nothing yet"),
    ],
)
def test_a_group_is_ready_by_the_unit_of_its_capacity(group, ready):
    assert group.ready is ready


FIRST, ONLY = ({"preference": f"capacity-reservations-{which}"} for which in ("first", "only"))
TARGET = {"target": {"reservation_ids": ["cr-1"]}}


@pytest.mark.parametrize(
    ("want", "have", "whole"),
    [
        pytest.param(ONLY, {**FIRST, **TARGET}, {**ONLY, **TARGET}, id="what is not given stays"),
        pytest.param(TARGET, ONLY, {**ONLY, **TARGET}, id="a target for the preference that is there"),
        pytest.param(
            {"target": {"resource_group_arns": ["arn"]}},
            {**ONLY, **TARGET},
            {**ONLY, "target": {"resource_group_arns": ["arn"]}},
            id="a target is a value of its own",
        ),
        pytest.param({"target": {"reservation_ids": []}}, {**ONLY, **TARGET}, ONLY, id="no target any more"),
        pytest.param({"preference": "none"}, {**ONLY, **TARGET}, {"preference": "none"}, id="a preference without one"),
        pytest.param({"preference": "default"}, {}, {"preference": "default"}, id="a new group's"),
    ],
)
def test_reservations_are_put_over_those_that_are_there(want, have, whole):
    assert over("capacity_reservation_specification", want, have) == whole


def test_a_nested_structure_that_says_nothing_leaves_all_as_it_is():
    retain = {"retention_triggers": {"terminate_hook_abandon": "retain"}}
    assert over("instance_lifecycle_policy", {"retention_triggers": {}}, retain) == retain
    nothing = {"retention_triggers": {"terminate_hook_abandon": "terminate"}}
    assert over("instance_lifecycle_policy", {"retention_triggers": {}}, {}) == nothing
    policy = {"zonal_shift_enabled": True, "impaired_zone_health_check_behavior": "IgnoreUnhealthy"}
    assert over("availability_zone_impairment_policy", {"zonal_shift_enabled": False}, policy) == {
        **policy, "zonal_shift_enabled": False
    }  # fmt: skip

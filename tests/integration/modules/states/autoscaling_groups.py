"""Valid desired states of Auto Scaling Groups without instances, so that nothing is waited for, at random."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.integration.modules.states.common import TAGS, choice, named, sets, some

TOPIC = "arn:aws:sns:us-east-1:123456789012:pairs"
ROLE = "arn:aws:iam::123456789012:role/pairs"
LATTICE = "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-0123456789abcdef0"
CRON = choice("0 6 * * *", "0 20 * * 1-5", "30 7 1 * *")
SIZE = {"vcpu_count": {"min": 2}, "memory_mib": {"min": 2048}}
CAPACITY = {"adjustment_type": "ChangeInCapacity"}
PERCENT = {"adjustment_type": "PercentChangeInCapacity"}


@cache
def autoscaling_groups(
    subnets: tuple[str, ...], target_groups: tuple[str, ...], template: str
) -> SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda ids, largest, version, *more: {
            "launch_template": {"id": template, "version": version},
            "subnet_ids": ids,
            "min_size": 0,
            "desired_capacity": 0,
            "max_size": largest,
            **{option: value for each in more for option, value in each.items()},
        },
        sets(*subnets, least=1),
        st.integers(0, 3),
        st.integers(1, 2),
        settings(),
        structures(template),
        sources(target_groups),
        parts(),
    )


def settings() -> SearchStrategy[dict[str, Any]]:
    return some(
        health_check_type=choice("EC2", "ELB", "EBS,ELB", "VPC_LATTICE"),
        health_check_grace_period=st.integers(0, 600),
        default_cooldown=st.integers(0, 600),
        default_instance_warmup=st.integers(-1, 600),
        termination_policies=sets("Default", "OldestInstance", "NewestInstance"),
        new_instances_protected_from_scale_in=st.booleans(),
        max_instance_lifetime=choice(0, 86400),
        capacity_rebalance=st.booleans(),
        availability_zone_distribution=choice("balanced-only", "balanced-best-effort", "reservations-then-balanced"),
        placement_group=choice("", "close"),
        deletion_protection=choice("none", "prevent-all-deletion", "prevent-force-deletion"),
        metrics_enabled=sets("GroupInServiceInstances", "GroupTotalInstances", "WarmPoolTotalCapacity"),
        suspended_processes=sets("AZRebalance", "ReplaceUnhealthy", "ScheduledActions", "AlarmNotification"),
        tags=TAGS,
        propagate_tags=st.booleans(),
        purge_tags=st.booleans(),
    )


def structures(template: str) -> SearchStrategy[dict[str, Any]]:
    reserved = st.builds(
        lambda preference, target: {"preference": f"capacity-reservations-{preference}", **target},
        choice("only", "first"),
        some(
            target=some(
                reservation_ids=sets("cr-0123456789abcdef0", "cr-0123456789abcdef1"),
                resource_group_arns=sets("arn:aws:resource-groups:us-east-1:123456789012:group/pairs"),
            )
        ),
    )
    return some(
        instance_maintenance_policy=choice({}, {"min_healthy_percentage": 100, "max_healthy_percentage": 150}),
        availability_zone_impairment_policy=some(
            zonal_shift_enabled=st.booleans(),
            impaired_zone_health_check_behavior=choice("ReplaceUnhealthy", "IgnoreUnhealthy"),
        ),
        capacity_reservation_specification=st.one_of(
            reserved, choice({}, {"preference": "none"}, {"preference": "default"})
        ),
        instance_lifecycle_policy=choice(
            {}, *({"retention_triggers": {"terminate_hook_abandon": end}} for end in ("retain", "terminate"))
        ),
        mixed_instances=mixed_instances(template),
    )


def mixed_instances(template: str) -> SearchStrategy[dict[str, Any]]:
    own = {"launch_template": st.builds(lambda version: {"id": template, "version": version}, st.integers(1, 2))}
    more = some(image_id=choice("ami-0123456789abcdef0", "ami-0123456789abcdef1"), **own)
    kinds = st.lists(
        st.tuples(choice("t3.micro", "t3.small", "m7i.large"), st.integers(1, 9), more),
        unique_by=lambda each: each[0],
        max_size=3,
    )
    by_type = st.builds(
        lambda found, weighted: [
            {"instance_type": kind, **({"weight": weight} if weighted else {}), **rest} for kind, weight, rest in found
        ],
        kinds,
        st.booleans(),
    )
    requirements = some(
        cpu_manufacturers=sets("intel", "amd"),
        excluded_instance_types=sets("t2.*", "m1.*"),
        bare_metal=choice("included", "excluded"),
        burstable_performance=choice("included", "excluded", "required"),
        require_hibernate_support=st.booleans(),
        total_local_storage_gb=choice({"min": 10.0}, {"min": 10.5, "max": 20.0}),
        accelerator_count=choice({"min": 1}, {"max": 0}),
    )
    by_need = st.builds(lambda needs: [{"instance_requirements": {**SIZE, **needs}}], requirements)
    distribution = st.one_of(
        some(
            on_demand_base_capacity=st.integers(0, 3),
            on_demand_percentage_above_base_capacity=st.integers(0, 100),
            on_demand_allocation_strategy=st.just("lowest-price"),
            spot_allocation_strategy=choice("capacity-optimized", "price-capacity-optimized"),
            spot_max_price=choice("", "0.05"),
        ),
        st.builds(
            lambda pools: {"spot_allocation_strategy": "lowest-price", "spot_instance_pools": pools}, st.integers(1, 20)
        ),
        st.builds(
            lambda kinds: {"distribution_segments": [{"target_capacity_types": kinds}] if kinds else []},
            sets("on-demand-capacity-reservation", "on-demand"),
        ),
    )
    return some(overrides=st.one_of(by_type, by_need), distribution=distribution)


def sources(target_groups: tuple[str, ...]) -> SearchStrategy[dict[str, Any]]:
    """In one of the two options, or lattice's alone in the other."""
    lattice = choice([], [{"identifier": LATTICE}])
    beside = st.builds(
        lambda arns, others: {"target_group_arns": arns, "traffic_sources": others}, sets(*target_groups), lattice
    )
    everything = st.builds(
        lambda arns, others: {"traffic_sources": [*({"identifier": arn} for arn in arns), *others]},
        sets(*target_groups),
        lattice,
    )
    return st.one_of(some(target_group_arns=sets(*target_groups)), beside, everything)


def parts() -> SearchStrategy[dict[str, Any]]:
    pool = some(
        min_size=st.integers(0, 2),
        max_group_prepared_capacity=st.integers(-1, 4),
        pool_state=choice("Stopped", "Running", "Hibernated"),
        instance_reuse_policy=st.builds(lambda reuse: {"reuse_on_scale_in": reuse}, st.booleans()),
    )
    return some(
        lifecycle_hooks=hooks(),
        notifications=notifications(),
        scaling_policies=scaling_policies(),
        scheduled_actions=scheduled_actions(),
        warm_pool=pool,
    )


def hooks() -> SearchStrategy[list[dict[str, Any]]]:
    target = choice(
        {},
        {"notification_target_arn": ""},
        {"notification_target_arn": TOPIC, "role_arn": ROLE},
        {"notification_target_arn": TOPIC, "role_arn": ROLE, "notification_metadata": "pairs"},
    )
    one = st.builds(
        lambda transition, more, whom: {"transition": f"autoscaling:EC2_INSTANCE_{transition}", **more, **whom},
        choice("LAUNCHING", "TERMINATING"),
        some(heartbeat_timeout=st.integers(30, 7200), default_result=choice("CONTINUE", "ABANDON")),
        target,
    )
    return named(one, "drain", "warm", "boot")


def notifications() -> SearchStrategy[list[dict[str, Any]]]:
    kinds = [f"autoscaling:EC2_INSTANCE_{kind}" for kind in ("LAUNCH", "LAUNCH_ERROR", "TERMINATE")]
    one = st.builds(
        lambda topic, types: {"topic_arn": f"{TOPIC}-{topic}", "types": types},
        st.integers(1, 2),
        sets(*kinds, least=1),
    )
    return st.lists(one, unique_by=lambda each: each["topic_arn"])


def scaling_policies() -> SearchStrategy[list[dict[str, Any]]]:
    metric = st.one_of(
        st.builds(
            lambda kind: {"predefined_metric": {"type": kind}},
            choice("ASGAverageCPUUtilization", "ASGAverageNetworkIn"),
        ),
        st.builds(
            lambda value: {
                "customized_metric": {
                    "namespace": "pairs",
                    "metric_name": "queue",
                    "statistic": "Average",
                    "dimensions": [{"name": name, "value": value} for name in ("stack", "queue")],
                }
            },
            choice("a", "b"),
        ),
    )
    tracking = st.builds(
        lambda value, of, more: {"target_tracking": {"target_value": value, **of, **more}},
        st.integers(1, 90).map(float),
        metric,
        some(disable_scale_in=st.booleans(), estimated_instance_warmup=st.integers(0, 300)),
    )
    simple = st.builds(
        lambda change, more: {"simple": {**CAPACITY, "scaling_adjustment": change, **more}},
        st.integers(-2, 2),
        some(cooldown=st.integers(0, 300)),
    )
    step = st.builds(
        lambda middle, more: {
            "step": {
                **PERCENT,
                "step_adjustments": [
                    {"lower_bound": 0, "upper_bound": middle, "scaling_adjustment": 10},
                    {"lower_bound": middle, "scaling_adjustment": 30},
                ],
                **more,
            }
        },
        st.integers(10, 50),
        some(min_adjustment_magnitude=st.integers(1, 3), metric_aggregation_type=choice("Average", "Maximum")),
    )
    ahead = st.builds(
        lambda target, more: {
            "predictive": {
                "metric_specifications": [
                    {"target_value": target, "predefined_metric_pair": {"type": "ASGCPUUtilization"}}
                ],
                **more,
            }
        },
        st.integers(1, 90).map(float),
        some(mode=choice("ForecastOnly", "ForecastAndScale"), scheduling_buffer_time=st.integers(0, 600)),
    )
    one = st.builds(
        lambda way, more: {**way, **more}, st.one_of(tracking, simple, step, ahead), some(enabled=st.booleans())
    )
    return named(one, "cpu", "out", "ahead")


def scheduled_actions() -> SearchStrategy[list[dict[str, Any]]]:
    """Each starts at a time of its own, but those that recur, which find their turns by themselves. Neither becomes the
    other: what isn't given of one that is there stays, and so would its start."""
    sizes = st.builds(lambda size: {"min_size": size, "max_size": size + 1}, st.integers(0, 3))
    once = st.builds(lambda day: {"start_time": f"2099-01-0{day}T06:00:00Z"}, st.integers(1, 4))
    again = st.builds(
        lambda when, more: {"recurrence": when, **more},
        CRON,
        some(time_zone=st.just("Europe/Vienna"), end_time=st.just("2099-12-31T00:00:00Z")),
    )
    days = named(st.builds(lambda size, when: {**size, **when}, sizes, once), "fair", "night", "party")
    turns = named(st.builds(lambda size, when: {**size, **when}, sizes, again), "morning", "evening")
    return st.builds(lambda some, others: [*some, *others], days.filter(_at_different_times), turns)


def _at_different_times(actions: list[dict[str, Any]]) -> bool:
    starts = [action["start_time"] for action in actions if "start_time" in action]
    return len(set(starts)) == len(starts)

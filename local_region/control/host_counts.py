"""AWS/ApplicationELB HealthyHostCount and UnHealthyHostCount, a data point a minute, in moto's CloudWatch.

Elastic Load Balancing User Guide, "CloudWatch metrics for your Application Load Balancer".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from local_region.control.load_balancers import forwarding
from local_region.control.moment import Moment
from local_region.control.target_health import health_of

METRICS = {"HealthyHostCount": "healthy", "UnHealthyHostCount": "unhealthy"}


def step(moment: Moment) -> None:
    elbv2, cloudwatch = moment.backends.elbv2, moment.backends.cloudwatch
    # what was seen since the last data point: (load balancer's ARN, target group's ARN, metric) -> counts
    samples: dict[tuple[str, str, str], list[int]] = vars(cloudwatch).setdefault("host_counts", defaultdict(list))
    for group in elbv2.target_groups.values():
        states = Counter(health_of(group, target, moment.backends.ec2).state for target in group.targets)
        for balancer in forwarding(elbv2, group.arn):
            for metric, state in METRICS.items():
                samples[balancer.arn, group.arn, metric].append(states[state])
    if moment.clock.over("metric.period", "host counts"):
        moment.clock.forget("metric.period", "host counts")
        cloudwatch.put_metric_data("AWS/ApplicationELB", [_datum(*key, seen) for key, seen in samples.items()])
        samples.clear()


def _datum(balancer: str, group: str, metric: str, seen: list[int]) -> dict[str, Any]:
    """The dimensions are the ends of the ARNs: "app/name/id" and "targetgroup/name/id"."""
    return {
        "MetricName": metric,
        "Dimensions": [
            {"Name": "LoadBalancer", "Value": balancer.partition(":loadbalancer/")[2]},
            {"Name": "TargetGroup", "Value": group.rpartition(":")[2]},
        ],
        "Unit": "Count",
        "StatisticValues": {
            "Minimum": min(seen),
            "Maximum": max(seen),
            "Sum": sum(seen),
            "SampleCount": len(seen),
        },
    }

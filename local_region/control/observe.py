"""What the bodies do becomes what the API answers: one step a behaviour, each building on those before it.

Importing this module is what mends moto: every behaviour patches what it needs when it is imported.
"""

from __future__ import annotations

from collections.abc import Callable

from local_region.control import (
    addresses,
    alarms,
    auto_scaling,
    cloudfront,
    console_output,
    dashboards,
    databases,
    dependencies,
    ec2_instances,
    elbv2_answers,
    fault_injection,
    flow_logs,
    host_counts,
    iam_roles,
    launch_templates,
    launches,
    listeners,
    load_balancers,
    lookups,
    nat_gateways,
    network_acls,
    run_command_requests,
    run_commands,
    s3_public_access,
    s3_versions,
    secret_updates,
    security_group_rules,
    tags,
    target_health,
    vpc_endpoints,
    web_acls,
)
from local_region.control.moment import Moment

__all__ = [
    "STEPS",
    "addresses",
    "console_output",
    "dashboards",
    "dependencies",
    "elbv2_answers",
    "flow_logs",
    "iam_roles",
    "launch_templates",
    "launches",
    "listeners",
    "lookups",
    "network_acls",
    "run_command_requests",
    "s3_public_access",
    "s3_versions",
    "secret_updates",
    "security_group_rules",
    "tags",
    "web_acls",
]

STEPS: tuple[Callable[[Moment], None], ...] = (
    ec2_instances.step,
    run_commands.step,
    nat_gateways.step,
    vpc_endpoints.step,
    load_balancers.step,
    target_health.step,
    databases.step,
    host_counts.step,
    alarms.step,
    auto_scaling.step,
    fault_injection.step,
    cloudfront.step,
)

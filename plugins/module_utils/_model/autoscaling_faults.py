# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about an Auto Scaling Group's options, found before AWS is asked anything.

Limits as the API reference gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import (
    autoscaling_parts,
    autoscaling_template,
    checks,
    mixed_instances_faults,
    warm_pool,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_settings import (
    HEALTH_CHECKS,
    MAINTENANCE,
    TARGET,
    TARGET_GROUP,
    UNTARGETED,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault

DAY = 86400  # seconds


def faults(params: Mapping[str, Any]) -> checks.Faults:
    get = params.get
    return (
        *_name(get("name")),
        *autoscaling_template.faults(get("launch_template")),
        *mixed_instances_faults.faults(get("mixed_instances")),
        *_subnets(get("subnet_ids")),
        *(fault for option in ("min_size", "max_size", "desired_capacity") for fault in least(option, get(option))),
        *sizes(get("min_size"), get("max_size"), get("desired_capacity")),
        *(fault for arn in get("target_group_arns") or () for fault in _target_group(arn)),
        *_traffic_sources(get("traffic_sources"), get("target_group_arns")),
        *_health_checks(get("health_check_type")),
        *least("health_check_grace_period", get("health_check_grace_period")),
        *least("default_cooldown", get("default_cooldown")),
        *least("default_instance_warmup", get("default_instance_warmup"), -1, "seconds, or -1 to take it away"),
        *_lifetime(get("max_instance_lifetime")),
        *_maintenance(get("instance_maintenance_policy")),
        *reservations(get("capacity_reservation_specification")),
        *autoscaling_parts.faults(params),
        *warm_pool.faults(get("warm_pool")),
    )


def sizes(smallest: int | None, largest: int | None, desired: int | None) -> checks.Faults:
    """min_size <= desired_capacity <= max_size, as far as they are given."""
    found = []
    if smallest is not None and largest is not None and smallest > largest:
        found.append(Fault("min_size", smallest, f"is above max_size ({largest})", "Lower it, or raise max_size"))
    if desired is not None and smallest is not None and desired < smallest:
        remedy = "Raise it, or lower min_size"
        found.append(Fault("desired_capacity", desired, f"is below min_size ({smallest})", remedy))
    if desired is not None and largest is not None and desired > largest:
        found.append(
            Fault("desired_capacity", desired, f"is above max_size ({largest})", "Lower it, or raise max_size")
        )
    return tuple(found)


def _name(name: str | None) -> checks.Faults:
    remedy = "Use 1 to 255 printable ASCII characters, without spaces and colons"
    return checks.matches("name", name, r"[!-9;-~]{1,255}", "is not a name that Auto Scaling takes", remedy)


def _subnets(subnets: list[str] | None) -> checks.Faults:
    if subnets == []:
        remedy = "Name subnets in at least two Availability Zones"
        return (Fault("subnet_ids", subnets, "leaves the instances no place", remedy),)
    pattern, cause = r"subnet-[0-9a-f]+", "is not a subnet's id"
    found = [checks.matches("subnet_ids", each, pattern, cause, "Give subnet-...") for each in subnets or ()]
    return tuple(fault for each in found for fault in each)


def _target_group(arn: str) -> checks.Faults:
    pattern, remedy = r"arn:[^:]+:elasticloadbalancing:.*:targetgroup/.+", "Give the arn that target_group returns"
    return checks.matches("target_group_arns", arn, pattern, "is not a target group's ARN", remedy)


def _traffic_sources(sources: list[Mapping[str, Any]] | None, arns: list[str] | None) -> checks.Faults:
    """Target groups are traffic sources too: one of the two options has to say which."""
    groups = [
        each["identifier"]
        for each in sources or ()
        if each.get("type") == TARGET_GROUP or ":elasticloadbalancing:" in each["identifier"]
    ]
    if arns is None or not groups:
        return ()
    cause = "are target groups, which target_group_arns has"
    return (Fault("traffic_sources", groups, cause, "Name them in one of the two options"),)


def _health_checks(kinds: str | None) -> checks.Faults:
    unknown = [each for each in (kinds or "EC2").split(",") if each.strip() not in HEALTH_CHECKS]
    if not unknown:
        return ()
    remedy = f"Give one or several of {', '.join(HEALTH_CHECKS)}, with commas between them"
    return (Fault("health_check_type", kinds, "is not what Auto Scaling checks", remedy),)


def least(option: str, value: int | None, least: int = 0, what: str = "") -> checks.Faults:
    if value is None or value >= least:
        return ()
    return (Fault(option, value, "is too small", f"Give {least if least >= 0 else 0} or more {what}".rstrip()),)


def _lifetime(seconds: int | None) -> checks.Faults:
    if seconds == 0:
        return ()
    return checks.between("max_instance_lifetime", seconds, DAY, 365 * DAY, "seconds, or 0 for no limit")


def _maintenance(policy: Mapping[str, Any] | None) -> checks.Faults:
    option = "instance_maintenance_policy"
    values = [(policy or {}).get(key) for key in MAINTENANCE]
    low, high = values
    if low is None and high is None:
        return ()
    if low is None or high is None:
        return (Fault(option, dict(policy or {}), "is only half given", f"Give both {' and '.join(MAINTENANCE)}"),)
    found = [
        *checks.between(f"{option}.min_healthy_percentage", low, 0, 100, "percent"),
        *checks.between(f"{option}.max_healthy_percentage", high, 100, 200, "percent"),
    ]
    if high - low > 100:
        found.append(Fault(option, dict(policy or {}), "spans more than 100 percent", "Bring the two closer"))
    return tuple(found)


def reservations(specification: Mapping[str, Any] | None) -> checks.Faults:
    given = specification or {}
    preference, target = given.get("preference"), given.get(TARGET)
    if preference not in UNTARGETED or not any((target or {}).values()):
        return ()
    cause, remedy = f"goes not with preference {preference}", "Give preference: capacity-reservations-first or -only"
    return (Fault(f"capacity_reservation_specification.{TARGET}", dict(target or {}), cause, remedy),)

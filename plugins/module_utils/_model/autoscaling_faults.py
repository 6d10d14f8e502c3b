# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about an Auto Scaling Group's options, found before AWS is asked anything.

Limits as the API reference gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_parts, checks, warm_pool
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import MAINTENANCE
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

DAY = 86400  # seconds


def faults(params: Mapping[str, Any]) -> checks.Faults:
    get = params.get
    return (
        *_name(get("name")),
        *launch_template(get("launch_template")),
        *_subnets(get("subnet_ids")),
        *(fault for option in ("min_size", "max_size", "desired_capacity") for fault in least(option, get(option))),
        *sizes(get("min_size"), get("max_size"), get("desired_capacity")),
        *(fault for arn in get("target_group_arns") or () for fault in _target_group(arn)),
        *least("health_check_grace_period", get("health_check_grace_period")),
        *least("default_cooldown", get("default_cooldown")),
        *least("default_instance_warmup", get("default_instance_warmup"), -1, "seconds, or -1 to take it away"),
        *_lifetime(get("max_instance_lifetime")),
        *_maintenance(get("instance_maintenance_policy")),
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


def launch_template(template: Mapping[str, Any] | None) -> checks.Faults:
    if template is None:
        return ()
    named = [template[key] for key in ("id", "name") if template.get(key)]
    version = template.get("version")
    found = []
    if len(named) != 1:
        cause = "names no template" if not named else "names the template twice"
        found.append(Fault("launch_template", dict(template), cause, "Give either id or name"))
    if version != KNOWN_AFTER_APPLY and not (str(version or "").isdecimal() and int(str(version)) > 0):
        remedy = (
            "Give its number, such as the launch_template module's latest_version: an instance refresh can't roll back "
            "to $Latest or $Default, and does not see that what they stand for has changed"
        )
        found.append(Fault("launch_template.version", version, "is not the number of a version", remedy))
    return tuple(found)


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

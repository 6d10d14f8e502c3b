# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about an experiment template's options, found before AWS is asked anything.

Limits as the API reference and https://docs.aws.amazon.com/fis/latest/userguide/targets.html give them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template import NAME

ARNS = 5  # that a target may list
CHOSEN_BY = ("resource_arns", "resource_tags", "parameters", "filters")


def faults(params: Mapping[str, Any]) -> checks.Faults:
    targets, actions = params.get("targets") or (), params.get("actions") or ()
    return (
        *name_fault("name", params["name"]),
        *_role(params.get("role_arn")),
        *_repeated("targets", targets),
        *_repeated("actions", actions),
        *(fault for target in targets for fault in _target(target)),
        *(fault for action in actions for fault in _action(action, targets, actions)),
        *(fault for arn in params.get("stop_conditions") or () for fault in _alarm(arn)),
        *_log(params.get("log_configuration")),
        *tag_faults(params.get("tags")),
    )


def name_fault(option: str, name: str) -> checks.Faults:
    remedy = "Give 1 to 256 characters that a tag may have, without spaces"
    return checks.matches(option, name, r"[\w.:/=+@-]{1,256}", "is not a name", remedy)


def tag_faults(given: Mapping[str, Any] | None) -> checks.Faults:
    taken = [Fault("tags", NAME, "is the tag that holds the name", "Leave it out")] if NAME in (given or {}) else []
    return (*checks.tags("tags", given), *taken)


def _role(arn: str | None) -> checks.Faults:
    remedy = "Give an ARN such as arn:aws:iam::123456789012:role/drills"
    return checks.matches("role_arn", arn, r"arn:[\w-]+:iam::\d{12}:role/\S+", "is not the ARN of a role", remedy)


def _alarm(arn: str) -> checks.Faults:
    pattern = r"arn:[\w-]+:cloudwatch:[\w-]+:\d{12}:alarm:.+"
    remedy = "Give the ARN of a CloudWatch alarm, arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME"
    return checks.matches("stop_conditions", arn, pattern, "is not the ARN of an alarm", remedy)


def _repeated(option: str, items: Sequence[Mapping[str, Any]]) -> checks.Faults:
    names = [item["name"] for item in items]
    return tuple(
        Fault(f"{option}[{number}].name", name, "is there already", "Give each a name of its own")
        for number, name in enumerate(names)
        if name in names[:number]
    )


def _target(target: Mapping[str, Any]) -> checks.Faults:
    where = f"targets[{target['name']}]"
    found: list[Fault] = []
    if not any(target.get(option) for option in CHOSEN_BY):
        found.append(Fault(where, None, "chooses nothing", f"Give one of {', '.join(CHOSEN_BY)}"))
    if target.get("resource_arns") and target.get("resource_tags"):
        remedy = "Give the resources, or the tags that choose them"
        found.append(Fault(f"{where}.resource_tags", target["resource_tags"], "goes not with resource_arns", remedy))
    arns = target.get("resource_arns") or ()
    if len(arns) > ARNS:
        found.append(Fault(f"{where}.resource_arns", len(arns), f"are more than {ARNS}", "Choose by resource_tags"))
    mode, remedy = r"ALL|COUNT\([1-9]\d*\)|PERCENT\(([1-9]\d?|100)\)", "Give ALL, COUNT(n) or PERCENT(n)"
    return (
        *found,
        *checks.matches(
            f"{where}.selection_mode", target.get("selection_mode"), mode, "is not a way to select", remedy
        ),
    )


def _action(
    action: Mapping[str, Any], targets: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]]
) -> checks.Faults:
    """An action refers to targets and other actions by their names."""
    where = f"actions[{action['name']}]"
    known, others = {each["name"] for each in targets}, {each["name"] for each in actions} - {action["name"]}
    meant = {f"{where}.targets.{role}": name for role, name in (action.get("targets") or {}).items()}
    return (
        *(
            Fault(option, name, "is none of the targets", f"Give one of {_listed(known)}")
            for option, name in meant.items()
            if name not in known
        ),
        *(
            Fault(f"{where}.start_after", name, "is no other action", f"Give one of {_listed(others)}")
            for name in action.get("start_after") or ()
            if name not in others
        ),
    )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "those that are there: there is none"


def _log(log: Mapping[str, Any] | None) -> checks.Faults:
    if log is None or log.get("log_group_arn") or log.get("bucket"):
        return ()
    return (Fault("log_configuration", log, "goes nowhere", "Give log_group_arn or bucket"),)

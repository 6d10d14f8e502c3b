# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""All kinds of parts that an Auto Scaling Group has, by the option that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_part, checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_notification import NOTIFICATION_KIND
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import by_name
from ansible_collections.ha_stack.aws.plugins.module_utils._model.lifecycle_hook import LIFECYCLE_HOOK
from ansible_collections.ha_stack.aws.plugins.module_utils._model.scaling_policy_faults import SCALING_POLICY
from ansible_collections.ha_stack.aws.plugins.module_utils._model.scheduled_action import SCHEDULED_ACTION, clashes
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

# In the order they are made: who is to see an instance, or to hold it, comes before what launches more of them.
PARTS = {
    "lifecycle_hooks": LIFECYCLE_HOOK,
    "notifications": NOTIFICATION_KIND,
    "scaling_policies": SCALING_POLICY,
    "scheduled_actions": SCHEDULED_ACTION,
}
OPTIONS: dict[str, Any] = {
    option: {"type": "list", "elements": "dict", "options": dict(kind.options)} for option, kind in PARTS.items()
}


def given(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parts that are wanted; UNSET where an option was not given."""
    now = datetime.now(UTC)
    return {
        option: UNSET if params[option] is None else by_name(kind.given(each, now) for each in params[option])
        for option, kind in PARTS.items()
    }


def wanted(group: object) -> list[str]:
    """The options of those parts of a group that are given: the others are not read."""
    return [option for option in PARTS if getattr(group, option) is not UNSET]


def faults(params: Mapping[str, Any]) -> checks.Faults:
    each = (autoscaling_part.faults(kind, option, params.get(option)) for option, kind in PARTS.items())
    return (
        *(fault for found in each for fault in found),
        *clashes("scheduled_actions", params.get("scheduled_actions"), datetime.now(UTC)),
    )

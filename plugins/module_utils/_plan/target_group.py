# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a target group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import FIXED, TargetGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags

KIND = "target group"
DEFAULT_INTERVAL, DEFAULT_TIMEOUT = 30, 5  # seconds; what ELB takes for HTTP and HTTPS where they are not given


def plan(want: TargetGroup | None, have: TargetGroup | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    changes = compare(KIND, want.name, keep_tags(want, have, params["purge_tags"]), have, immutable=FIXED)
    if changes:
        _refuse_timeout(want, have)
    return changes


def _refuse_timeout(want: TargetGroup, have: TargetGroup | None) -> None:
    """ELB refuses a health check whose timeout is not shorter than its interval, also where only one is given."""
    interval = want.health_check_interval or (have.health_check_interval if have else DEFAULT_INTERVAL)
    timeout = want.health_check_timeout or (have.health_check_timeout if have else DEFAULT_TIMEOUT)
    if interval and timeout and timeout >= interval:
        raise StackError(
            f"{KIND} {want.name}: with a health_check_interval of {interval} s, a health_check_timeout of {timeout} s "
            f"is too long. Give a health_check_timeout of less than {interval}."
        )

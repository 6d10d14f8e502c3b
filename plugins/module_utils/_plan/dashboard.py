# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.dashboard import Dashboard
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags

KIND = "dashboard"


def plan(want: Dashboard | None, have: Dashboard | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    if have is None and want.body is UNSET:
        cause = f"is missing, and there is no dashboard {want.name} yet"
        raise InvalidOptions((Fault("body", None, cause, "Give body to make one"),))
    return compare(KIND, want.name, keep_tags(want, have, params["purge_tags"]), have)

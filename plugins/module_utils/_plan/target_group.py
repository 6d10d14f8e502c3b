# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a target group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import FIXED, TargetGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags

KIND = "target group"


def plan(want: TargetGroup | None, have: TargetGroup | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    return compare(KIND, want.name, keep_tags(want, have, params["purge_tags"]), have, immutable=FIXED)

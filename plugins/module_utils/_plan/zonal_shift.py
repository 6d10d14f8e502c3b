# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a resource's zonal shift: a resource has one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.zonal_shift import ZonalShift
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare


def plan(want: ZonalShift | None, have: ZonalShift | None, params: Mapping[str, Any]) -> Plan:
    """A second shift, away from another zone, would leave nowhere to go: it is refused here as AWS refuses it."""
    name = params["resource_arn"].rpartition("loadbalancer/")[2]
    if want and have and want.away_from != have.away_from:
        raise StackError(
            f"zonal shift of {name}: traffic is led away from {have.away_from} already, until {have.expiry_time}. "
            f"Cancel that shift (state: absent) before one away from {want.away_from}."
        )
    return compare("zonal shift", name, want, have)

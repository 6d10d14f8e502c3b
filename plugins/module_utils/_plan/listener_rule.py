# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about one rule of a listener."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener_rule import ListenerRule
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.load_balancer import refuse_without_secret

KIND = "listener rule"
NEEDED = ("priority", "conditions", "actions")


def plan(want: ListenerRule | None, have: ListenerRule | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    if have is None:
        _refuse_half(want)
    refuse_without_secret(KIND, want.name, want.actions or (), have and have.actions, want.client_secret)
    return compare(KIND, want.name, keep_tags(want, have, params["purge_tags"]), have)


def _refuse_half(want: ListenerRule) -> None:
    cause = f"is missing, and there is no rule {want.name} yet"
    missing = [option for option in NEEDED if not getattr(want, option)]
    if missing:
        raise InvalidOptions(tuple(Fault(option, None, cause, f"Give {option} to make one") for option in missing))

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an experiment: it is started once, may be stopped, and only its tags can change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment import Experiment
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags

KIND = "experiment"


def plan(want: Experiment | None, have: Experiment | None, params: Mapping[str, Any]) -> Plan:
    """An experiment outlives its template, so that it may be followed when the template is gone."""
    if want is None or (have is None and want.state == "stopped"):
        return ()
    if have is None:
        return compare(KIND, want.name, want, None)
    if want.template_id == KNOWN_AFTER_APPLY:
        want = replace(want, template_id=UNSET)
    return compare(KIND, want.name, keep_tags(want, have, params["purge_tags"]), have, immutable=("template_id",))

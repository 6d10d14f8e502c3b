#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: metric_alarm_watch
short_description: Watch CloudWatch alarms for some time, and fail as soon as one goes off
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Looks at alarms every ten seconds, which is the shortest period that an alarm can have.
  - Fails with the alarm's own reason as soon as one is in the state V(ALARM), also where it was from the beginning.
    An alarm that has too little data to tell has not gone off.
  - Changes nothing.
options:
  names:
    description: The alarms' names, those of composite alarms too. One that does not exist fails the task at once.
    type: list
    elements: str
    required: true
  seconds:
    description: How long they are watched.
    type: int
    required: true
extends_documentation_fragment:
  - ha_stack.aws.common.watches
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Five minutes without an error
  ha_stack.aws.metric_alarm_watch:
    names: [goals-errors]
    seconds: 300
"""

RETURN = r"""
alarms:
  description: The alarms' states at the end, by their names.
  type: dict
  returned: success
  sample: {goals-errors: OK}
"""

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.metric_alarm_watch import watched
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import run_watcher

OPTIONS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "seconds": {"type": "int", "required": True},
}


def seen(session: Session) -> dict[str, str]:
    """The states by name, once the time is over. StackError where one goes off before."""
    return watched(session, session.params["names"], session.params["seconds"])


def main() -> None:
    run_watcher("alarms", OPTIONS, seen)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: stack_health
short_description: Tell whether a stack is whole, and wait until it is
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Looks at an Auto Scaling Group, the targets that its instances are, and a database. The stack is whole when all
    instances that are wanted are in service, balanced over the zones and healthy targets, the database is available
    and has its standby, and no instance refresh is under way.
  - Fails, naming each thing that is wrong, when the stack isn't whole within O(wait_timeout).
  - Changes nothing.
options:
  autoscaling_group:
    description: The group's name.
    type: str
    required: true
  db_instance:
    description: The DB instance's identifier. Without it no database is looked at.
    type: str
  wait:
    description: Wait until the stack is whole. Otherwise it is looked at once.
    type: bool
    default: true
  wait_timeout:
    description: How long to wait at most, in seconds.
    type: int
    default: 600
extends_documentation_fragment:
  - ha_stack.aws.common.watches
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Go on only with a stack that is whole
  ha_stack.aws.stack_health:
    autoscaling_group: goals
    db_instance: goals
    wait: false

- name: Wait until it has recovered
  ha_stack.aws.stack_health:
    autoscaling_group: goals
    db_instance: goals
    wait_timeout: 900
  register: stack
"""

RETURN = r"""
stack:
  description: What was seen last.
  type: dict
  returned: success
  contains:
    instances:
      description: From an instance's id to its C(zone), C(lifecycle), C(target) and more.
      type: dict
    database:
      description: From the database's identifier to its C(status), C(zone) and C(secondary_zone).
      type: dict
    group:
      description: From the group's name to its C(min), C(desired), C(max) and C(zones).
      type: dict
    target_group_arns:
      description: The group's target groups.
      type: list
      elements: str
    load_balancers:
      description: The load balancers that forward to them, each with C(arn), C(dns_name), C(vpc_id) and C(zones).
      type: list
      elements: dict
    group_arn:
      description: The group's ARN.
      type: str
    database_arn:
      description: The database's ARN. Empty without O(db_instance).
      type: str
"""

from datetime import UTC, datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import stack_record
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.health import ailments
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import DATABASE, GROUP, INSTANCE, by_kind, state
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import run_watcher

OPTIONS = {
    "autoscaling_group": {"type": "str", "required": True},
    "db_instance": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 600},
}


def look(session: Session, stack: stack_record.Stack) -> tuple[Any, list[str]]:
    """What is there, and what is wrong with it."""
    sample, refreshes = session.together(
        lambda: stack_record.sample(session, stack),
        lambda: stack_record.refreshes(session, stack.group, datetime.fromtimestamp(0, UTC)),
    )
    missing = [f"database {stack.database} is not there"] if stack.database and sample[2] is None else []
    return sample, missing + ailments(state(*sample), refreshes)


def seen(session: Session) -> dict[str, Any]:
    """What is there once it is whole. StackError where that is not so in time."""
    with explained("read the stack"):
        stack = stack_record.stack(session, session.params["autoscaling_group"], session.params["db_instance"])
        balancers = stack_record.load_balancers(session, stack.load_balancers)
    session.wait_timeout = session.wait_timeout if session.wait else 0
    sample, _ = session.until(
        f"stack {stack.group}", lambda: look(session, stack), lambda found: "; ".join(found[1]) or None
    )
    told = by_kind(state(*sample))
    return {
        "instances": told[INSTANCE],
        "database": told[DATABASE],
        "group": told[GROUP],
        "group_arn": sample[0]["AutoScalingGroupARN"],
        "target_group_arns": list(stack.target_groups),
        "load_balancers": balancers,
        "database_arn": (sample[2] or {}).get("DBInstanceArn", ""),
    }


def main() -> None:
    run_watcher("stack", OPTIONS, seen)


if __name__ == "__main__":
    main()

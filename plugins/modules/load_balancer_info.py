#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: load_balancer_info
short_description: Tell all of application load balancers, down to the health of their targets
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Tells what each load balancer is, with all its attributes, its listeners with their rules and tags, the target
    groups that it forwards to with all their attributes, and their targets with their health and its reason.
  - Changes nothing.
options:
  names:
    description:
      - The load balancers' names. One that isn't there is left out.
      - All application load balancers of the account and region when this is not given.
    type: list
    elements: str
extends_documentation_fragment:
  - ha_stack.aws.common.watches
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Which targets take requests
  ha_stack.aws.load_balancer_info:
    names: [goals]
  register: found

- name: Refuse to go on while one doesn't
  ansible.builtin.assert:
    that: item.state == 'healthy'
    fail_msg: "{{ item.id }} is {{ item.state }}: {{ item.description }}"
    quiet: true
  loop: "{{ found.load_balancers | map(attribute='target_groups') | flatten | map(attribute='targets') | flatten }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
load_balancers:
  description:
    - The load balancers by name, in the names of M(ha_stack.aws.load_balancer)'s options, with what else it returns.
      All attributes are read, and all rules and tags of listeners.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The load balancer's name.
      type: str
      sample: goals
    arn:
      description: Its Amazon Resource Name.
      type: str
    dns_name:
      description: The name that clients use.
      type: str
      sample: goals-1234567890.us-east-1.elb.amazonaws.com
    state:
      description: V(active) once it routes traffic.
      type: str
      sample: active
    listeners:
      description: Its listeners by port, with their rules by priority.
      type: list
      elements: dict
    target_groups:
      description: The target groups that it forwards to, by name, as M(ha_stack.aws.target_group) returns them.
      type: list
      elements: dict
      contains:
        name:
          description: The target group's name.
          type: str
          sample: goals
        arn:
          description: Its Amazon Resource Name.
          type: str
        targets:
          description: What is registered in it, and what is leaving it.
          type: list
          elements: dict
          contains:
            id:
              description: The instance's id, the IP address, or the Lambda function's ARN.
              type: str
              sample: i-0123456789abcdef0
            port:
              description: Its port.
              type: int
              sample: 8000
            availability_zone:
              description: The zone of an IP address that is not in one that the load balancer knows. Null for others.
              type: str
            state:
              description: Its health, as Elastic Load Balancing tells it.
              type: str
              sample: healthy
            reason:
              description: The reason's code, where it is not healthy.
              type: str
              sample: Target.ResponseCodeMismatch
            description:
              description: The reason in words, where it is not healthy.
              type: str
              sample: "Health checks failed with these codes: [503]"
"""

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.load_balancer_info import read
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import run_watcher

OPTIONS: dict[str, Any] = {"names": {"type": "list", "elements": "str"}}


def seen(session: Session) -> list[dict[str, Any]]:
    """The load balancers by name. StackError where they can't be read."""
    with explained("read the load balancers"):
        return sorted(read(session), key=lambda balancer: str(balancer["name"]))


def main() -> None:
    run_watcher("load_balancers", OPTIONS, seen)


if __name__ == "__main__":
    main()

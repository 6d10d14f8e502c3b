#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_group_info
short_description: Tell all of Auto Scaling Groups, their instances and what they did lately
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Tells what each group is, which instances it has, how healthy they are in its target groups, and which of them are
    stale and why.
  - Tells the newest scaling activities with their causes, and the newest instance refreshes.
  - Changes nothing.
options:
  names:
    description:
      - The groups' names. A group that isn't there is left out.
      - All groups of the account and region when this is not given.
    type: list
    elements: str
  activities:
    description: How many scaling activities are told of each group, the newest first. 100 at most, V(0) asks for none.
    type: int
    default: 10
  refreshes:
    description: How many instance refreshes are told of each group, the newest first. 100 at most, V(0) asks for none.
    type: int
    default: 5
  parts:
    description:
      - Whether lifecycle hooks, notifications, scaling policies and scheduled actions are told too. It takes four more
        calls a group.
    type: bool
    default: false
extends_documentation_fragment:
  - ha_stack.aws.common.watches
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What runs
  ha_stack.aws.autoscaling_group_info:
    names: [goals]
  register: found

- name: Say which instances a deployment would replace
  ansible.builtin.debug:
    msg: "{{ item.id }}: {{ item.stale_reason }}"
  loop: "{{ found.autoscaling_groups[0].instances | selectattr('stale') }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
autoscaling_groups:
  description:
    - The groups by name, in the names of M(ha_stack.aws.autoscaling_group)'s options, with what else there is to tell.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The group's name.
      type: str
      sample: goals
    arn:
      description: Its Amazon Resource Name.
      type: str
    ready:
      description: Whether as many instances are in service as are wanted, and all of them are healthy.
      type: bool
      sample: true
    launch_template:
      description:
        - What it launches from. C(version) is the number that V($Latest) or V($Default) stands for now.
        - Null for a group with a launch configuration.
      type: dict
      sample: {id: lt-0123456789abcdef0, name: goals, version: 4}
    mixed_instances:
      description: Its policy of mixed instances, named as M(ha_stack.aws.autoscaling_group)'s option. Null without one.
      type: dict
    lifecycle_hooks:
      description: Its lifecycle hooks, as M(ha_stack.aws.autoscaling_group) returns them. Null without O(parts).
      type: list
      elements: dict
    notifications:
      description: The topics that are told, as M(ha_stack.aws.autoscaling_group) returns them. Null without O(parts).
      type: list
      elements: dict
    scaling_policies:
      description: Its scaling policies, as M(ha_stack.aws.autoscaling_group) returns them. Null without O(parts).
      type: list
      elements: dict
    scheduled_actions:
      description: Its scheduled actions, as M(ha_stack.aws.autoscaling_group) returns them. Null without O(parts).
      type: list
      elements: dict
    warm_pool:
      description: Its warm pool, named as M(ha_stack.aws.autoscaling_group)'s option. Null without one.
      type: dict
    instances:
      description: Its instances.
      type: list
      elements: dict
      contains:
        id:
          description: The instance's id.
          type: str
          sample: i-0123456789abcdef0
        zone:
          description: Its Availability Zone.
          type: str
          sample: us-east-1a
        lifecycle_state:
          description: Its state in the group.
          type: str
          sample: InService
        health_status:
          description: V(Healthy) or V(Unhealthy), as the group sees it.
          type: str
          sample: Healthy
        healthy:
          description: Whether it is in service, and takes requests in every target group of the group.
          type: bool
        target_health:
          description: From each target group's ARN to C(state), C(reason) and C(description), as ELB tells them.
          type: dict
        launch_template_id:
          description: The launch template that it was launched from.
          type: str
        launch_template_version:
          description: That template's version, as a string.
          type: str
          sample: "3"
        instance_type:
          description: Its instance type.
          type: str
        weight:
          description: How much of the group's capacity it is, where the group's overrides have weights.
          type: int
        image_id:
          description: Its AMI, where an override or a replaced root volume gave it.
          type: str
        protected_from_scale_in:
          description: Whether it is protected from scale-in.
          type: bool
        stale:
          description: Whether the group would launch it from another template or version, type or image.
          type: bool
        stale_reason:
          description: Why it is stale, in words. Null where it isn't.
          type: str
          sample: it runs lt-0123456789abcdef0 version 3, the group launches goals version 4
    activities:
      description: The newest scaling activities, the newest first.
      type: list
      elements: dict
      contains:
        id:
          description: The activity's id.
          type: str
        status:
          description: Its status.
          type: str
          sample: Successful
        description:
          description: What it does.
          type: str
          sample: "Launching a new EC2 instance: i-0123456789abcdef0"
        cause:
          description: Why.
          type: str
        message:
          description: What went wrong, where something did.
          type: str
        progress:
          description: How far it is, in percent.
          type: int
        start_time:
          description: When it began, in UTC.
          type: str
          sample: "2026-01-02T03:04:05+00:00"
        end_time:
          description: When it ended. Null where it goes on.
          type: str
    refreshes:
      description: The newest instance refreshes, the newest first.
      type: list
      elements: dict
      contains:
        id:
          description: The refresh's id.
          type: str
        status:
          description: Its status.
          type: str
          sample: Successful
        status_reason:
          description: Why it is in that status.
          type: str
        rollback_reason:
          description: Why it was rolled back. Null where it wasn't.
          type: str
        percentage_complete:
          description: How much of it is done, in percent.
          type: int
        instances_to_update:
          description: How many instances are left.
          type: int
        launch_template_version:
          description: The version that it rolls out, of its desired configuration. Null where it has none.
          type: str
        start_time:
          description: When it began, in UTC.
          type: str
        end_time:
          description: When it ended. Null where it goes on.
          type: str
"""

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_info import read
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_info import OPTIONS, faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import run_watcher


def seen(session: Session) -> list[dict[str, Any]]:
    """The groups by name. StackError where they can't be read."""
    if wrong := faults(session.params):
        raise InvalidOptions(wrong)
    with explained("read the Auto Scaling Groups"):
        return sorted(read(session), key=lambda group: str(group["name"]))


def main() -> None:
    run_watcher("autoscaling_groups", OPTIONS, seen)


if __name__ == "__main__":
    main()

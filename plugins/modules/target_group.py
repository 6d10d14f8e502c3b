#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: target_group
short_description: Manage a target group of an Application Load Balancer
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a target group with its health check and attributes.
  - A setting that is not given is left as it is.
  - What AWS can't change on a target group that exists (O(target_type), O(protocol), O(protocol_version), O(port) and
    O(vpc_id)) is refused before anything is changed.
options:
  name:
    description: The target group's name, at most 32 letters, digits and hyphens, unique in account and region.
    type: str
    required: true
  vpc_id:
    description: The VPC of the targets. Required with O(state=present).
    type: str
  target_type:
    description: Whether targets are instances or IP addresses.
    type: str
    choices: [instance, ip]
    default: instance
  protocol:
    description: The protocol that the targets speak.
    type: str
    choices: [HTTP, HTTPS]
    default: HTTP
  protocol_version:
    description: The version of the protocol. AWS takes V(HTTP1) when a target group is created without.
    type: str
    choices: [HTTP1, HTTP2, GRPC]
  port:
    description: The port of the targets. Required with O(state=present).
    type: int
  health_check_protocol:
    description: The protocol of the health check. AWS takes V(HTTP) by default.
    type: str
    choices: [HTTP, HTTPS]
  health_check_port:
    description: The port of the health check, or V(traffic-port), which is AWS's default.
    type: str
  health_check_path:
    description: The path that is asked for, V(/) by default.
    type: str
  health_check_interval:
    description: Seconds from one check of a target to the next, 5 to 300. AWS takes 30 by default.
    type: int
  health_check_timeout:
    description: Seconds without an answer that fail a check, 2 to 120, less than the interval. AWS takes 5 by default.
    type: int
  healthy_threshold:
    description: Passed checks in a row that make an unhealthy target healthy, 2 to 10. AWS takes 5 by default.
    type: int
  unhealthy_threshold:
    description: Failed checks in a row that make a target unhealthy, 2 to 10. AWS takes 2 by default.
    type: int
  success_codes:
    description: The codes that pass the check, as V(200), V(200,202) or V(200-299).
    type: str
  deregistration_delay:
    description: Seconds that a target which is taken out may finish its requests, 0 to 3600. AWS takes 300 by default.
    type: int
  slow_start:
    description: Seconds during which a new target's share grows, 30 to 900, or 0 for none.
    type: int
  load_balancing_algorithm:
    description: How a target is chosen. AWS takes V(round_robin) by default.
    type: str
    choices: [round_robin, least_outstanding_requests, weighted_random]
  stickiness_enabled:
    description: Whether a client keeps its target.
    type: bool
  stickiness_type:
    description: Whose cookie tells the client's target.
    type: str
    choices: [lb_cookie, app_cookie]
  stickiness_duration:
    description: Seconds that the load balancer's cookie lives, 1 to 604800.
    type: int
  stickiness_app_cookie_name:
    description: The application's cookie. Required with O(stickiness_type=app_cookie).
    type: str
  stickiness_app_cookie_duration:
    description: Seconds after which the application's cookie counts as stale, 1 to 604800.
    type: int
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Targets on port 8000 that answer 200 on /
  ha_stack.aws.target_group:
    name: goals
    vpc_id: vpc-0123456789abcdef0
    port: 8000
    health_check_path: /
    health_check_interval: 5
    health_check_timeout: 2
    healthy_threshold: 2
    unhealthy_threshold: 2
    success_codes: "200"
    deregistration_delay: 30
    tags:
      stack: goals

- name: No target group
  ha_stack.aws.target_group:
    name: goals
    state: absent
"""

RETURN = r"""
target_group:
  description: The target group as it is after the run. Empty when absent.
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name.
      type: str
      sample: arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/goals/73e2d6bc24d8a067
    load_balancer_arns:
      description: The load balancers that send requests to it.
      type: list
      elements: str
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create target group goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import target_group as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import target_group as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.target_group import plan
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="target_group",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    made=api.made,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

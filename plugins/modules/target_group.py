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
  - What AWS can't change on a target group that exists (O(target_type), O(protocol), O(protocol_version), O(port),
    O(vpc_id), O(ip_address_type) and O(target_control_port)) is refused before anything is changed, or made by a
    replacement with O(replace).
options:
  name:
    description: The target group's name, at most 32 letters, digits and hyphens, unique in account and region.
    type: str
    required: true
  vpc_id:
    description: The VPC of the targets. Required with O(state=present) unless O(target_type=lambda).
    type: str
  target_type:
    description:
      - Whether targets are instances, IP addresses or a Lambda function. AWS takes V(instance) by default.
      - A function has no O(vpc_id), O(port) and O(protocol). It needs a permission for
        V(elasticloadbalancing.amazonaws.com) to invoke it, which this module doesn't give.
    type: str
    choices: [instance, ip, lambda]
  protocol:
    description: The protocol that the targets speak. A new target group has V(HTTP) unless this says otherwise.
    type: str
    choices: [HTTP, HTTPS]
  protocol_version:
    description: The version of the protocol. AWS takes V(HTTP1) when a target group is created without.
    type: str
    choices: [HTTP1, HTTP2, GRPC]
  port:
    description: The port of the targets. Required with O(state=present) unless O(target_type=lambda).
    type: int
  ip_address_type:
    description: The addresses of the targets. AWS takes V(ipv4) by default.
    type: str
    choices: [ipv4, ipv6]
  target_control_port:
    description: The port on which targets tell the load balancer how many requests they can take (target optimizer).
    type: int
  health_check_enabled:
    description:
      - Whether targets are checked. Only a Lambda function can do without, and does by default.
    type: bool
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
  anomaly_mitigation:
    description: Whether targets that answer worse than the others get fewer requests, with V(weighted_random).
    type: str
    choices: ["on", "off"]
  cross_zone:
    description:
      - Whether each node of the load balancer sends requests to the targets of all zones.
      - AWS takes the load balancer's own setting by default, which is always V(true) of an Application Load Balancer.
    type: str
    choices: [use_load_balancer_configuration, "true", "false"]
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
  dns_failover_minimum_healthy_count:
    description:
      - A zone with fewer healthy targets is left out of the load balancer's DNS answers. AWS takes V(1) by default.
      - V(off), in quotes, for none.
    type: str
  dns_failover_minimum_healthy_percentage:
    description: The same as a percentage of the zone's targets. AWS takes V(off) by default.
    type: str
  routing_minimum_healthy_count:
    description: With fewer healthy targets, requests go to the unhealthy ones too. AWS takes V(1) by default.
    type: str
  routing_minimum_healthy_percentage:
    description: The same as a percentage of the targets. AWS takes V(off) by default.
    type: str
  lambda_multi_value_headers:
    description: Whether a function gets and gives headers as lists of values. AWS takes V(false) by default.
    type: bool
  targets:
    description:
      - The targets that are registered. Left alone when not given, as it has to be where an Auto Scaling Group
        registers its instances.
      - What is taken out finishes its requests within O(deregistration_delay). The module doesn't wait for that.
    type: list
    elements: dict
    suboptions:
      id:
        description: The instance's id, the IP address, or the Lambda function's ARN.
        type: str
        required: true
      port:
        description: The target's port, O(port) by default.
        type: int
      availability_zone:
        description: The zone of an IP address, or V(all) for one outside of the VPC.
        type: str
  purge_targets:
    description: Whether targets that are not in O(targets) are taken out.
    type: bool
    default: true
  replace:
    description:
      - Whether a target group is replaced where a setting differs that AWS can't change, without a request that fails.
      - A stand-in with the new settings is made, and given the same targets and Auto Scaling Groups. Listeners and
        rules forward to it once as many of its targets are healthy as of the old one. The old one's targets finish
        their requests. Then it is deleted, another of its name made, and traffic moved to it in the same way.
      - Auto Scaling Groups replace no unhealthy instance meanwhile (V(ReplaceUnhealthy) is suspended), as one counts
        that is so in any of its target groups. Where nothing forwards to the target group, it is deleted and made
        again.
      - Where targets don't get healthy within O(wait_timeout), traffic stays where it is and the task fails with what
        their health check says. The next run goes on from there, or undoes it where the settings are the old ones.
        With O(state=absent) a stand-in that was left goes too.
      - O(vpc_id) and O(target_type) can't change like this while a load balancer forwards to the target group.
    type: bool
    default: false
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

- name: Two machines of a data centre that the VPC is connected with
  ha_stack.aws.target_group:
    name: goals-legacy
    vpc_id: vpc-0123456789abcdef0
    target_type: ip
    port: 8000
    targets:
      - id: 10.20.0.11
        availability_zone: all
      - id: 10.20.0.12
        availability_zone: all

- name: Targets listen on another port now
  ha_stack.aws.target_group:
    name: goals
    vpc_id: vpc-0123456789abcdef0
    port: 9000
    replace: true

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
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.target_group import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="target_group",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    resolve=api.resolve,
    read=api.read,
    ids=api.ids,
    plan=plan,
    operations=api.OPERATIONS,
    made=api.made,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: load_balancer
short_description: Manage an Application Load Balancer with its listeners and rules
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes an Application Load Balancer, its attributes, its listeners and their rules.
  - A setting that is not given is left as it is.
  - Listeners are matched by port and rules by priority. Both keep their ARNs when anything else about them changes.
  - What is removed is removed last, after the listeners and rules that take its place are there.
  - O(scheme) can't be changed on a load balancer that exists. The module says so before it changes anything.
  - Authentication actions are not managed. A listener or rule that has one is shown with it, and changed only when
    O(listeners) asks for another action.
options:
  name:
    description:
      - The load balancer's name, at most 32 letters, digits and hyphens, unique in account and region.
    type: str
    required: true
  scheme:
    description:
      - Whether its nodes have public addresses. A new load balancer is V(internet-facing) unless this says otherwise.
    type: str
    choices: [internet-facing, internal]
  subnet_ids:
    description:
      - The subnets of its nodes, one in each of two or more Availability Zones. Required with O(state=present).
    type: list
    elements: str
  security_group_ids:
    description:
      - Its security groups. A new load balancer gets the VPC's default group when this is not given.
    type: list
    elements: str
  ip_address_type:
    description:
      - The addresses that clients may use. AWS takes V(ipv4) by default.
    type: str
    choices: [ipv4, dualstack]
  listeners:
    description:
      - The listeners there shall be. Listeners on other ports are removed.
      - Listeners are left alone when this is not given. An empty list removes them all.
    type: list
    elements: dict
    suboptions:
      port:
        description: The port that is listened on. Listeners are matched by it.
        type: int
        required: true
      protocol:
        description: The protocol that clients speak.
        type: str
        choices: [HTTP, HTTPS]
        default: HTTP
      certificate_arn:
        description: The certificate, from ACM or IAM. Required with V(HTTPS).
        type: str
      ssl_policy:
        description: The security policy of V(HTTPS), such as V(ELBSecurityPolicy-TLS13-1-2-2021-06).
        type: str
      target_group:
        description:
          - Forward every request that no rule takes to this target group, given by name or ARN.
          - Short for O(listeners[].default_actions) with one target group. Give one of the two.
        type: str
      default_actions:
        description: What is done with a request that no rule takes. A list of one action.
        type: list
        elements: dict
        suboptions: &action
          forward:
            description: Forward it to a target group, or to one of several by weight.
            type: dict
            suboptions:
              target_group:
                description: The target group's name or ARN.
                type: str
              target_groups:
                description: Up to 5 target groups with their weights.
                type: list
                elements: dict
                suboptions:
                  target_group:
                    description: The target group's name or ARN.
                    type: str
                    required: true
                  weight:
                    description: Its share of requests, 0 to 999, against the other weights.
                    type: int
                    default: 1
              stickiness_duration:
                description: Seconds that a client keeps its target group, 1 to 604800. None when not given, or 0.
                type: int
          redirect:
            description: Redirect the client. What is not given stays as in its request.
            type: dict
            suboptions:
              protocol:
                description: The protocol to redirect to.
                type: str
                choices: [HTTP, HTTPS]
              host:
                description: The host to redirect to. May contain V(#{host}).
                type: str
              port:
                description: The port to redirect to.
                type: str
              path:
                description: The path to redirect to. May contain V(#{host}), V(#{path}) and V(#{port}).
                type: str
              query:
                description: The query to redirect to, without the question mark. May contain V(#{query}).
                type: str
              status_code:
                description: Whether the redirect is permanent (301) or temporary (302).
                type: int
                choices: [301, 302]
                default: 301
          fixed_response:
            description: Answer it without asking a target.
            type: dict
            suboptions:
              status_code:
                description: The status, one of 2xx, 4xx and 5xx.
                type: int
                required: true
              content_type:
                description: The body's type, V(text/plain) by default.
                type: str
                choices: [text/plain, text/css, text/html, application/javascript, application/json]
              body:
                description: The body, at most 1024 characters. Empty by default.
                type: str
      rules:
        description:
          - The rules there shall be. Rules of other priorities are removed.
          - Rules are left alone when this is not given. An empty list removes them all.
        type: list
        elements: dict
        suboptions:
          priority:
            description: Its place among the rules, 1 to 50000. The lowest is tried first. Rules are matched by it.
            type: int
            required: true
          conditions:
            description: What a request must meet, all of them, for the rule to take it.
            type: list
            elements: dict
            required: true
            suboptions:
              field:
                description: What of the request is looked at.
                type: str
                required: true
                choices: [host-header, path-pattern, http-header, http-request-method, query-string, source-ip]
              values:
                description: One of these must match. V(*) stands for any characters and V(?) for one.
                type: list
                elements: str
              http_header_name:
                description: The header, with V(http-header).
                type: str
              query_strings:
                description: One of these must be in the query, with V(query-string).
                type: list
                elements: dict
                suboptions:
                  key:
                    description: The parameter's name. Any, when it is not given.
                    type: str
                  value:
                    description: The parameter's value.
                    type: str
                    required: true
          target_group:
            description: Forward to this target group, given by name or ARN. Short for O(listeners[].rules[].actions).
            type: str
          actions:
            description: What is done with a request that the rule takes. A list of one action.
            type: list
            elements: dict
            suboptions: *action
      tags:
        description: The listener's tags. Left alone when not given; O(purge_tags) holds for them too.
        type: dict
  deletion_protection:
    description:
      - Refuse to delete the load balancer. AWS takes V(false) by default.
      - Given as V(false) with O(state=absent), protection is lifted and the load balancer deleted.
    type: bool
  idle_timeout:
    description: Seconds that a connection may be idle, 1 to 4000. AWS takes 60 by default.
    type: int
  client_keep_alive:
    description: Seconds that a client's connection may be kept, 60 to 604800. AWS takes 3600 by default.
    type: int
  http2:
    description: Whether clients may use HTTP/2. AWS takes V(true) by default.
    type: bool
  drop_invalid_header_fields:
    description: Whether headers with invalid names are removed. AWS takes V(false) by default.
    type: bool
  desync_mitigation_mode:
    description: How requests that could desynchronise a connection are handled. AWS takes V(defensive) by default.
    type: str
    choices: [monitor, defensive, strictest]
  preserve_host_header:
    description: Whether the Host header reaches the targets unchanged. AWS takes V(false) by default.
    type: bool
  tls_version_and_cipher_suite_headers:
    description: Whether requests get the headers x-amzn-tls-version and x-amzn-tls-cipher-suite.
    type: bool
  xff_client_port:
    description: Whether X-Forwarded-For keeps the client's port. AWS takes V(false) by default.
    type: bool
  xff_header_processing:
    description: What is done with X-Forwarded-For. AWS takes V(append) by default.
    type: str
    choices: [append, preserve, remove]
  waf_fail_open:
    description: Whether requests reach the targets when AWS WAF can't be asked. AWS takes V(false) by default.
    type: bool
  zonal_shift:
    description: Whether Amazon Application Recovery Controller may shift traffic out of a zone.
    type: bool
  access_logs:
    description: Whether requests are logged to S3. The bucket's policy must let Elastic Load Balancing write.
    type: bool
  access_logs_bucket:
    description: The bucket of the access logs.
    type: str
  access_logs_prefix:
    description: Where in the bucket the access logs are.
    type: str
  connection_logs:
    description: Whether TLS connections are logged to S3.
    type: bool
  connection_logs_bucket:
    description: The bucket of the connection logs.
    type: str
  connection_logs_prefix:
    description: Where in the bucket the connection logs are.
    type: str
  health_check_logs:
    description: Whether health checks are logged to S3.
    type: bool
  health_check_logs_bucket:
    description: The bucket of the health check logs.
    type: str
  health_check_logs_prefix:
    description: Where in the bucket the health check logs are.
    type: str
notes:
  - A target group is named in check mode before it exists. A run fails before its first change when one is missing.
  - With O(state=absent), the module waits until AWS has released the load balancer's network interfaces too, so that
    its security groups and subnets can be deleted right after.
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: HTTP on port 80, forwarded to a target group
  ha_stack.aws.load_balancer:
    name: goals
    subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_group_ids: [sg-0123456789abcdef0]
    drop_invalid_header_fields: true
    listeners:
      - port: 80
        target_group: goals
    tags:
      stack: goals

- name: HTTPS, with HTTP redirected to it, and one client in ten on the new version
  ha_stack.aws.load_balancer:
    name: goals
    subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    listeners:
      - port: 80
        default_actions:
          - redirect:
              protocol: HTTPS
              port: "443"
      - port: 443
        protocol: HTTPS
        certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555
        ssl_policy: ELBSecurityPolicy-TLS13-1-2-2021-06
        default_actions:
          - forward:
              target_groups:
                - target_group: goals-v1
                  weight: 9
                - target_group: goals-v2
                  weight: 1
              stickiness_duration: 3600
        rules:
          - priority: 10
            conditions:
              - field: path-pattern
                values: [/internal/*]
            actions:
              - fixed_response:
                  status_code: 404

- name: No load balancer, even if it is protected
  ha_stack.aws.load_balancer:
    name: goals
    deletion_protection: false
    state: absent
"""

RETURN = r"""
load_balancer:
  description:
    - The load balancer as it is after the run, in the names of the options. Empty when absent.
    - Its attributes, such as C(idle_timeout), are V(null) where the task gives none of them. They are not read then.
    - In check mode, what AWS will only give once it is made reads V((known after apply\)).
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name.
      type: str
      sample: arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/goals/50dc6c495c0c9188
    dns_name:
      description: The name that clients use.
      type: str
      sample: goals-1234567890.us-east-1.elb.amazonaws.com
    canonical_hosted_zone_id:
      description: The Route 53 zone of that name, for alias records.
      type: str
      sample: Z35SXDOTRQ7X7K
    vpc_id:
      description: The VPC of its subnets.
      type: str
    availability_zones:
      description: The Availability Zones of its subnets.
      type: list
      elements: str
      sample: [us-east-1a, us-east-1b]
    state:
      description: V(active) once it routes traffic.
      type: str
      sample: active
    listeners:
      description: Its listeners by port, in the names of the options. Target groups are told by name.
      type: list
      elements: dict
      contains:
        arn:
          description: The listener's Amazon Resource Name.
          type: str
        rules:
          description:
            - Its rules by priority, each with its own ARN. The default rule is in its default_actions.
            - Not read, and so V(null), where O(listeners[].rules) is not given.
          type: list
          elements: dict
        tags:
          description: Its tags. Not read, and so V(null), where O(listeners[].tags) is not given.
          type: dict
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create load balancer goals, create listener 80 of goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import load_balancer as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import load_balancer as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.load_balancer import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="load_balancer",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    made=api.made,
    again=api.again,
    ids=api.ids,
    preflight=api.preflight,
    pending=model.pending,
    remaining=model.remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

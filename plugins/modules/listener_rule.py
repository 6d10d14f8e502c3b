#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: listener_rule
short_description: Manage one rule of a listener that others use too
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes one rule of an Application Load Balancer that somebody else manages, and leaves all
    else of it alone. So several backends, each deployed by itself, are behind one load balancer.
  - The rule is known by its tag C(Name), which is O(name). It keeps its ARN whatever else changes, O(priority) too.
  - A setting that is not given is left as it is.
  - Who manages the load balancer, with M(ha_stack.aws.load_balancer), leaves the listener's C(rules) out, or gives
    C(purge_rules=false).
options:
  name:
    description: The rule's name, its tag C(Name). Unique among the rules of the listener.
    type: str
    required: true
  load_balancer:
    description: The load balancer's name or ARN.
    type: str
    required: true
  port:
    description: The listener's port.
    type: int
    required: true
  priority:
    description:
      - Its place among the rules, 1 to 50000. The lowest is tried first. A new rule needs one.
      - One that another rule has is refused, and so is a target group that another load balancer has.
    type: int
  conditions:
    description: What a request must meet, all of them, for the rule to take it.
    type: list
    elements: dict
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
      regex_values:
        description:
          - One of these regular expressions must match, instead of O(conditions[].values).
          - With V(host-header), V(path-pattern) and V(http-header).
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
    description: Forward to this target group, given by name or ARN. Short for O(actions). Give one of the two.
    type: str
  actions:
    description:
      - What is done with a request that the rule takes. A list that ends in one of V(forward), V(redirect) and
        V(fixed_response). Before it may come what finds out who asks, with HTTPS alone. A new rule needs it.
    type: list
    elements: dict
    suboptions:
      authenticate_oidc:
        description: Let an OpenID Connect provider tell who asks.
        type: dict
        suboptions:
          issuer:
            description: The provider's issuer, a URL.
            type: str
            required: true
          authorization_endpoint:
            description: Where users log in, a URL.
            type: str
            required: true
          token_endpoint:
            description: Where tokens are fetched, a URL.
            type: str
            required: true
          user_info_endpoint:
            description: Where the user's claims are fetched, a URL.
            type: str
            required: true
          client_id:
            description: The client that the provider knows the load balancer as.
            type: str
            required: true
          client_secret:
            description:
              - Its secret. Needed for the first time. AWS never tells it, so that it isn't compared, and the one
                that is there stays unless the action changes.
            type: str
          renew_client_secret:
            description: Send the client secret even where all else is equal.
            type: bool
          session_cookie_name: &session_cookie_name
            description: The cookie of the session. AWS takes V(AWSELBAuthSessionCookie) by default.
            type: str
          scope: &scope
            description: The claims that are asked for, separated by spaces. AWS takes V(openid) by default.
            type: str
          session_timeout: &session_timeout
            description: Seconds that a login lasts. AWS takes 604800 by default.
            type: int
          extra_params: &extra_params
            description: Up to 10 query parameters of the redirection to the login.
            type: dict
          on_unauthenticated_request: &on_unauthenticated_request
            description: What becomes of who is not logged in. AWS takes V(authenticate) by default.
            type: str
            choices: [deny, allow, authenticate]
      authenticate_cognito:
        description: Let an Amazon Cognito user pool tell who asks.
        type: dict
        suboptions:
          user_pool_arn:
            description: The user pool.
            type: str
            required: true
          user_pool_client_id:
            description: The client that the pool knows the load balancer as.
            type: str
            required: true
          user_pool_domain:
            description: The pool's domain prefix, or its own domain.
            type: str
            required: true
          session_cookie_name: *session_cookie_name
          scope: *scope
          session_timeout: *session_timeout
          extra_params: *extra_params
          on_unauthenticated_request: *on_unauthenticated_request
      jwt_validation:
        description: Let only requests with a valid JSON Web Token through.
        type: dict
        suboptions:
          jwks_endpoint:
            description: Where the issuer's keys are, a URL.
            type: str
            required: true
          issuer:
            description: The issuer that a token must have.
            type: str
            required: true
          additional_claims:
            description: What a token must claim besides.
            type: list
            elements: dict
            suboptions:
              name:
                description: The claim's name.
                type: str
                required: true
              format:
                description: What the claim's value is.
                type: str
                required: true
                choices: [single-string, string-array, space-separated-values]
              values:
                description: Up to 10 values, one of which the claim must have.
                type: list
                elements: str
                required: true
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
  transforms:
    description:
      - What is rewritten in a request before a target gets it. Left alone when not given.
      - An empty dictionary takes all of it away.
    type: dict
    suboptions:
      host_header_rewrite: &rewrite
        description: What is replaced in the Host header (or in the path and query, of V(url_rewrite)).
        type: dict
        suboptions:
          regex:
            description: The regular expression of what is replaced.
            type: str
            required: true
          replace:
            description: What takes its place. V($1) and so on stand for the expression's groups.
            type: str
            required: true
      url_rewrite: *rewrite
notes:
  - A target group is named in check mode before it exists, and so is the load balancer. A run fails before its first
    change when one is missing.
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Orders, behind the load balancer of goals
  ha_stack.aws.listener_rule:
    name: orders
    load_balancer: goals
    port: 80
    priority: 10
    conditions:
      - field: path-pattern
        values: [/orders, /orders/*]
    target_group: orders
  register: result

- name: Where orders answers
  ansible.builtin.debug:
    msg: "http://{{ result.listener_rule.load_balancer.dns_name }}/orders"

- name: One request in ten for a new version
  ha_stack.aws.listener_rule:
    name: orders
    load_balancer: goals
    port: 80
    actions:
      - forward:
          target_groups:
            - target_group: orders
              weight: 9
            - target_group: orders-canary
              weight: 1

- name: Orders no more
  ha_stack.aws.listener_rule:
    name: orders
    load_balancer: goals
    port: 80
    state: absent
"""

RETURN = r"""
listener_rule:
  description: The rule as it is after the run, in the names of the options. Empty when absent.
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name.
      type: str
    priority:
      description: Its place among the rules.
      type: int
    load_balancer:
      description: The load balancer.
      type: dict
      contains:
        arn:
          description: Its Amazon Resource Name.
          type: str
        dns_name:
          description: The name that clients use.
          type: str
        canonical_hosted_zone_id:
          description: The Route 53 zone of that name, for alias records.
          type: str
    listener:
      description: The listener.
      type: dict
      contains:
        arn:
          description: Its Amazon Resource Name.
          type: str
        port:
          description: Its port.
          type: int
        protocol:
          description: V(HTTP) or V(HTTPS).
          type: str
        default_action:
          description: What it does with a request that no rule takes, V(forward), V(redirect) or V(fixed-response).
          type: str
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create listener rule orders]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import listener_rule as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import listener_rule as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.listener_rule import plan
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.load_balancer import settled_rule
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="listener_rule",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    resolve=api.resolve,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    made=api.made,
    preflight=api.preflight,
    settled=settled_rule,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

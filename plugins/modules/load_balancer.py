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
  - O(scheme) and O(customer_owned_ipv4_pool) can't be changed on a load balancer that exists. The module says so before
    it changes anything.
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
    choices: [ipv4, dualstack, dualstack-without-public-ipv4]
  customer_owned_ipv4_pool:
    description: The pool of customer-owned addresses on an Outpost.
    type: str
  ipam_pool_id:
    description: The IPAM pool that public addresses are taken from before AWS's own. An empty string takes it away.
    type: str
  web_acl_arn:
    description:
      - The web ACL of AWS WAF that requests are checked against. An empty string takes it away.
      - Left alone, and not read, when not given.
    type: str
  listeners:
    description:
      - The listeners there shall be. Listeners on other ports are removed unless O(purge_listeners=false).
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
      additional_certificate_arns:
        description:
          - The certificates for other names than the first one's, from which the client's choice is taken (SNI).
          - Left alone when not given. An empty list removes them all.
        type: list
        elements: str
      ssl_policy:
        description: The security policy of V(HTTPS), such as V(ELBSecurityPolicy-TLS13-1-2-2021-06).
        type: str
      mutual_authentication:
        description: Whether clients show certificates too (mutual TLS).
        type: dict
        suboptions:
          mode:
            description:
              - V(verify), the load balancer verifies them. V(passthrough), the targets get them in a header and do.
            type: str
            choices: ["off", passthrough, verify]
            required: true
          trust_store_arn:
            description: The trust store with the authorities that are trusted. Required with V(verify).
            type: str
          ignore_client_certificate_expiry:
            description: Whether certificates that have expired are accepted. AWS takes V(false) by default.
            type: bool
          advertise_trust_store_ca_names:
            description: Whether clients are told which authorities are trusted. AWS takes V(off) by default.
            type: str
            choices: ["on", "off"]
      attributes:
        description:
          - Headers that the load balancer adds or names otherwise. What is not given is left as it is.
          - An empty string takes a header of the response away.
        type: dict
        suboptions:
          mtls_clientcert_serial_number_header:
            description: The request header of the client certificate's serial number.
            type: str
          mtls_clientcert_issuer_header:
            description: The request header of the client certificate's issuer.
            type: str
          mtls_clientcert_subject_header:
            description: The request header of the client certificate's subject.
            type: str
          mtls_clientcert_validity_header:
            description: The request header of the client certificate's validity.
            type: str
          mtls_clientcert_leaf_header:
            description: The request header of the client certificate alone.
            type: str
          mtls_clientcert_header:
            description: The request header of the client certificate with its chain.
            type: str
          tls_version_header:
            description: The request header of the TLS version.
            type: str
          tls_cipher_suite_header:
            description: The request header of the cipher suite.
            type: str
          strict_transport_security:
            description: The value of Strict-Transport-Security, such as V(max-age=31536000).
            type: str
          access_control_allow_origin:
            description: The value of Access-Control-Allow-Origin.
            type: str
          access_control_allow_methods:
            description: The value of Access-Control-Allow-Methods.
            type: str
          access_control_allow_headers:
            description: The value of Access-Control-Allow-Headers.
            type: str
          access_control_allow_credentials:
            description: The value of Access-Control-Allow-Credentials.
            type: str
          access_control_expose_headers:
            description: The value of Access-Control-Expose-Headers.
            type: str
          access_control_max_age:
            description: The value of Access-Control-Max-Age.
            type: str
          content_security_policy:
            description: The value of Content-Security-Policy.
            type: str
          x_content_type_options:
            description: The value of X-Content-Type-Options.
            type: str
          x_frame_options:
            description: The value of X-Frame-Options.
            type: str
          server:
            description: Whether responses say that they come from the load balancer (Server). AWS takes V(true).
            type: bool
      target_group:
        description:
          - Forward every request that no rule takes to this target group, given by name or ARN.
          - Short for O(listeners[].default_actions) with one target group. Give one of the two.
        type: str
      default_actions:
        description:
          - What is done with a request that no rule takes. A list that ends in one of V(forward), V(redirect) and
            V(fixed_response). Before it may come what finds out who asks, with V(HTTPS) alone.
        type: list
        elements: dict
        suboptions: &action
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
      rules:
        description:
          - The rules there shall be. Rules of other priorities are removed unless O(listeners[].purge_rules=false).
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
              regex_values:
                description:
                  - One of these regular expressions must match, instead of O(listeners[].rules[].conditions[].values).
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
            description: Forward to this target group, given by name or ARN. Short for O(listeners[].rules[].actions).
            type: str
          actions:
            description: What is done with a request that the rule takes, as in O(listeners[].default_actions).
            type: list
            elements: dict
            suboptions: *action
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
          tags:
            description: The rule's tags. Left alone when not given; O(purge_tags) holds for them too.
            type: dict
      purge_rules:
        description: Whether rules that are not in O(listeners[].rules) are removed, where that is given.
        type: bool
        default: true
      tags:
        description: The listener's tags. Left alone when not given; O(purge_tags) holds for them too.
        type: dict
  purge_listeners:
    description: Whether listeners that are not in O(listeners) are removed, where that is given.
    type: bool
    default: true
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
  ipv6_deny_all_igw_traffic:
    description: Whether IPv6 traffic from an internet gateway is refused. AWS takes V(false), and V(true) if internal.
    type: bool
  access_logs:
    description: Whether requests are logged to S3. The bucket's policy must let Elastic Load Balancing write.
    type: bool
  access_logs_bucket:
    description: The bucket of the access logs. Needed where O(access_logs) is true.
    type: str
  access_logs_prefix:
    description: Where in the bucket the access logs are, without a slash at either end. Empty for its root.
    type: str
  connection_logs:
    description: Whether TLS connections are logged to S3.
    type: bool
  connection_logs_bucket:
    description: The bucket of the connection logs. Needed where O(connection_logs) is true.
    type: str
  connection_logs_prefix:
    description: Where in the bucket the connection logs are, without a slash at either end. Empty for its root.
    type: str
  health_check_logs:
    description: Whether health checks are logged to S3.
    type: bool
  health_check_logs_bucket:
    description: The bucket of the health check logs. Needed where O(health_check_logs) is true.
    type: str
  health_check_logs_prefix:
    description: Where in the bucket the health check logs are, without a slash at either end. Empty for its root.
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

- name: Logins for part of the site, headers that browsers heed, and a listener beside those of another team
  ha_stack.aws.load_balancer:
    name: goals
    subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    purge_listeners: false
    listeners:
      - port: 443
        protocol: HTTPS
        certificate_arn: arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555
        additional_certificate_arns:
          - arn:aws:acm:us-east-1:123456789012:certificate/66666666-7777-8888-9999-000000000000
        attributes:
          strict_transport_security: max-age=31536000
          server: false
        target_group: goals
        rules:
          - priority: 10
            conditions:
              - field: path-pattern
                regex_values: ["^/admin(/|$)"]
            actions:
              - authenticate_oidc:
                  issuer: https://id.example
                  authorization_endpoint: https://id.example/authorize
                  token_endpoint: https://id.example/token
                  user_info_endpoint: https://id.example/me
                  client_id: goals
                  client_secret: "{{ vault_oidc_secret }}"
              - forward:
                  target_group: goals
            transforms:
              url_rewrite:
                regex: ^/admin/(.*)$
                replace: /internal/$1

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

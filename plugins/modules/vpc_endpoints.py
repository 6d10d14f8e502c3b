#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vpc_endpoints
short_description: Manage the endpoints of a VPC, by which its subnets reach AWS's services
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes the endpoints of a VPC as a list, of which a service has one of each type.
  - A gateway endpoint (S3, DynamoDB) is a route that costs nothing. An interface endpoint is an address in each of its
    subnets, which all of the VPC may use, and by its private name does so without knowing.
  - What is made carries the tag C(ha_stack:network) with O(name), by which the module knows its own, and a C(Name) such
    as V(goals-s3). Its own that are not listed any more are deleted, after those that are wanted are made; all of them
    with an empty list, as with O(state=absent). Others' endpoints are left alone.
  - An endpoint of somebody else that stands where one is wanted is taken over, that is, tagged and changed, if it
    serves nothing and wears no security group that is not listed. If it does, it is refused. An interface stands in
    the way only where both have the private name.
  - It works in any VPC, and runs after M(ha_stack.aws.security_groups), since interface endpoints wear security groups.
options:
  name:
    description: Whose the endpoints are, such as the O(ha_stack.aws.network#module:name) of a network.
    type: str
    required: true
  vpc_id:
    description:
      - The VPC. Required with O(state=present).
      - Without it O(state=absent) deletes those of that O(name) in every VPC.
    type: str
  endpoints:
    description: The endpoints. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      service:
        description:
          - The service, by the last part of its name in the VPC's region, such as V(s3), V(secretsmanager) or
            V(ecr.api), or by its whole name, such as V(com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0).
        type: str
        required: true
      type:
        description:
          - By default V(gateway) for V(s3), V(dynamodb) and V(s3express), which alone have it, V(interface) for others.
          - No endpoint changes its type. The new one is made, then the old one deleted.
        type: str
        choices: [gateway, interface]
      tiers:
        description:
          - The tiers whose route tables lead to a gateway, or in whose subnets an interface is; of these at most one.
          - This, O(endpoints[].route_table_ids) or O(endpoints[].subnet_ids) is needed.
        type: list
        elements: str
      route_table_ids:
        description: The route tables that lead to a gateway, besides those of O(endpoints[].tiers).
        type: list
        elements: str
      subnet_ids:
        description: The subnets that an interface is in, at most one a zone.
        type: list
        elements: str
      security_groups:
        description:
          - The security groups of an interface, ids or names that O(security_group_ids) has; O(security_groups) by
            default.
          - A new one needs them. AWS would take the VPC's default group, which lets in nobody but itself.
        type: list
        elements: str
      private_dns:
        description:
          - Whether the service's public name is the interface's address in the VPC. That needs the VPC's DNS server and
            host names.
          - A new interface has it by default, but for the services that have gateways, and for whole names.
        type: bool
      dns_record_ip_type:
        description: Which addresses the interface's names have. A new one has those that its addresses are of.
        type: str
        choices: [ipv4, dualstack, ipv6, service-defined]
      private_dns_only_for_inbound_resolver:
        description:
          - Whether the private name serves only those who ask through an inbound resolver endpoint, from outside of the
            VPC, while the VPC goes through a gateway endpoint, which has to be there. Of services that have both types.
        type: bool
      ip_address_type:
        description: Which addresses the endpoint has. A new one has V(ipv4).
        type: str
        choices: [ipv4, dualstack, ipv6]
      policy:
        description:
          - Who may do what through the endpoint, a policy document as a dictionary or as JSON. An empty one allows all,
            as a new endpoint does.
        type: json
      tags:
        description: The endpoint's tags, besides O(tags).
        type: dict
  security_groups:
    description: The security groups of interfaces that have none of their own.
    type: list
    elements: str
  route_table_ids:
    description: Route tables by tier, as RV(ha_stack.aws.network#module:network.route_table_ids) tells them.
    type: dict
  subnet_ids:
    description: Subnets by tier, as RV(ha_stack.aws.network#module:network.subnet_ids) tells them.
    type: dict
  security_group_ids:
    description: The ids of security groups by name.
    type: dict
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - Unlisted tags are removed only where O(tags) is given. C(Name) and C(ha_stack:network) always stay.
  - A route to a gateway ends the open connections of its subnets to that service.
seealso:
  - module: ha_stack.aws.network
  - module: ha_stack.aws.security_groups
"""

EXAMPLES = r"""
- name: S3 without a NAT gateway's charge
  ha_stack.aws.vpc_endpoints:
    name: goals
    vpc_id: vpc-0123456789abcdef0
    endpoints:
      - service: s3
        route_table_ids: [rtb-0123456789abcdef0]

- name: What instances need that have no way out
  ha_stack.aws.vpc_endpoints:
    name: goals
    vpc_id: vpc-0123456789abcdef0
    route_table_ids:
      app: [rtb-0123456789abcdef0]
    subnet_ids:
      app: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_groups: [sg-0123456789abcdef0]
    endpoints:
      - {service: s3, tiers: [app]}
      - {service: ecr.api, tiers: [app]}
      - {service: ecr.dkr, tiers: [app]}
      - service: secretsmanager
        tiers: [app]
        policy:
          Version: "2012-10-17"
          Statement:
            Effect: Allow
            Principal: "*"
            Action: secretsmanager:GetSecretValue
            Resource: "*"
    tags:
      stack: goals
  register: result

- name: The names that only the interface has
  ansible.builtin.debug:
    var: result.vpc_endpoints['ecr.api'].dns_names

- name: No endpoints
  ha_stack.aws.vpc_endpoints:
    name: goals
    state: absent
"""

RETURN = r"""
vpc_endpoints:
  description:
    - The endpoints as they are after the run, its own, by service. Empty when absent.
    - One of a type that is not its service's default is called after both, as C(s3 interface).
  type: dict
  returned: always
  sample:
    s3:
      id: vpce-0123456789abcdef0
      service: s3
      type: gateway
      state: available
      route_table_ids: [rtb-0123456789abcdef0]
      subnet_ids: null
      security_group_ids: null
      private_dns: null
      dns_record_ip_type: null
      private_dns_only_for_inbound_resolver: null
      ip_address_type: ipv4
      dns_names: []
      policy:
        Version: "2008-10-17"
        Statement: [{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}]
      tags: {Name: goals-s3, "ha_stack:network": goals}
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create VPC endpoint s3]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import vpc_endpoints as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import vpc_endpoints as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.vpc_endpoints import plan, settled, turn
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="vpc_endpoints",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    resolve=api.resolve,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    turn=turn,
    pending=model.pending,
    remaining=model.remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: security_groups
short_description: Manage security groups whose rules may name each other
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes security groups of a VPC as a list. Groups are made before rules, so that rules may
    name each other's groups, in circles too.
  - A group's rules of a direction are left alone when that direction is not given, and are exactly those listed when it
    is, unless O(purge_rules=false). An empty list lets nothing through.
  - What is let through anew is let through before what no longer is.
  - Groups that are not listed are left alone, as they are with O(state=absent).
options:
  vpc_id:
    description:
      - The groups' VPC. Required with O(state=present).
      - Without it O(state=absent) looks for the names in all VPCs, and refuses a name that it finds in several.
    type: str
  groups:
    description: The groups. With O(state=absent) their names are enough.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The group's name, unique in its VPC, up to 255 characters.
        type: str
        required: true
      description:
        description: What the group is for; by default its name. It can't be changed on a group that exists.
        type: str
      ingress:
        description: Who may open connections to what wears the group.
        type: list
        elements: dict
        suboptions: &rule
          protocol:
            description: The protocol. V(all) has no ports.
            type: str
            choices: [tcp, udp, icmp, all]
            default: tcp
          port:
            description: The port, short for O(groups[].ingress[].from_port) and O(groups[].ingress[].to_port).
            type: int
          from_port:
            description: The first port; of V(icmp) the type, V(-1) for any, the default.
            type: int
          to_port:
            description: The last port; of V(icmp) the code, V(-1) for any, the default.
            type: int
          cidr:
            description: The IPv4 range at the other end. Exactly one of the four kinds of other ends is needed.
            type: str
          cidr_ipv6:
            description: The IPv6 range at the other end.
            type: str
          group:
            description: The security group at the other end, the name of one of O(groups) or an id.
            type: str
          prefix_list_id:
            description: The prefix list at the other end.
            type: str
          description:
            description: What the rule is for. Left alone when not given; an empty one removes it.
            type: str
      egress:
        description:
          - Whom what wears the group may open connections to. AWS lets a new group speak to everyone; that is taken
            away when this is given.
        type: list
        elements: dict
        suboptions: *rule
      tags:
        description: The group's tags, besides O(tags).
        type: dict
  purge_rules:
    description:
      - Whether rules that are not listed are removed, of the directions that are given.
      - With V(false) they stay, and are returned with C(listed) false. So a way can be opened first, its users changed,
        and the way that was used before closed when nobody needs it any more.
    type: bool
    default: true
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - O(tags) are those of all groups. A group whose tags are given neither there nor of its own keeps what it has.
  - A load balancer's network interfaces wear its groups for some minutes after it is deleted. O(state=absent) waits for
    these, at most O(wait_timeout), and fails naming anything else that still uses a group.
"""

EXAMPLES = r"""
- name: The load balancer speaks to the backend, the backend to the database
  ha_stack.aws.security_groups:
    vpc_id: vpc-0123456789abcdef0
    groups:
      - name: goals-alb
        description: The load balancer
        ingress:
          - {port: 80, cidr: 0.0.0.0/0, description: HTTP from anywhere}
        egress:
          - {port: 8000, group: goals-backend}
      - name: goals-backend
        description: The instances
        ingress:
          - {port: 8000, group: goals-alb}
      - name: goals-database
        description: The database
        ingress:
          - {port: 5432, group: goals-backend}
        egress: []
    tags:
      stack: goals
  register: result

- name: The backend's id
  ansible.builtin.debug:
    var: result.security_groups['goals-backend'].id

- name: Another port besides, for as long as instances use the one before
  ha_stack.aws.security_groups:
    vpc_id: vpc-0123456789abcdef0
    groups:
      - name: goals-alb
        egress:
          - {port: 9000, group: goals-backend}
      - name: goals-backend
        ingress:
          - {port: 9000, group: goals-alb}
    purge_rules: false

- name: No such groups
  ha_stack.aws.security_groups:
    vpc_id: vpc-0123456789abcdef0
    groups:
      - name: goals-alb
      - name: goals-backend
      - name: goals-database
    state: absent
"""

RETURN = r"""
security_groups:
  description: The listed groups as they are after the run, by name. Empty when absent.
  type: dict
  returned: always
  sample:
    goals-backend:
      id: sg-0123456789abcdef0
      name: goals-backend
      description: The instances
      tags: {stack: goals}
      ingress:
        - direction: ingress
          protocol: tcp
          from_port: 8000
          to_port: 8000
          cidr: null
          cidr_ipv6: null
          group: goals-alb
          prefix_list_id: null
          description: ""
          listed: true
      egress: []
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create security group goals-alb, create rule goals-alb ingress tcp 80 from 0.0.0.0/0]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import security_groups as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import security_groups as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.security_groups import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="security_groups",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    made=api.made,
    ids=api.ids,
    pending=model.pending,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

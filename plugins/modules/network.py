#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: network
short_description: Manage a VPC with subnets in tiers over several Availability Zones
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Manages a network as one declaration. A VPC, one subnet for each tier in each zone, an internet gateway, NAT
    gateways with their Elastic IPs, and route tables.
  - The VPC is found by its C(Name) tag, which is O(name). All else that is made carries the tag C(ha_stack:network)
    with that name, by which the module knows its own; subnets and route tables also carry C(ha_stack:tier), and what
    is made for one zone C(ha_stack:zone). Every resource has a C(Name) such as V(goals), V(goals-app-us-east-1a) or
    V(goals-nat-us-east-1a).
  - What is wanted is made, then routes are led there, and only then is taken away what is no longer wanted. Changing
    O(nat_gateways) or O(availability_zones) so leaves every subnet that stays with a way out at all times.
  - Its own subnets, route tables, NAT gateways and Elastic IPs that are not declared any more are deleted. An
    endpoint with that tag first leaves a subnet that goes, if it is in one that stays too. What others made in the VPC
    is left alone, as are the VPC's main route table and all routes but the one to
    V(0.0.0.0/0).
  - What is not declared has the default that stands with it, also in a network that is there already. Leaving out
    O(nat_gateways) where they were V(per_az) makes them V(single).
  - A subnet of a declared CIDR in its zone, a NAT gateway in a subnet where one is wanted, and an internet gateway
    that is attached already are taken over, that is, tagged, and from then on the network's own.
  - With O(state=absent) it deletes all of its own in the VPC, and the VPC, from any half-built state. It waits for
    network interfaces that AWS itself still removes, as after a load balancer is deleted, and fails naming any other.
    A VPC of that C(Name) without the tag C(ha_stack:network) is another's, and refused. Endpoints and security groups
    go before, by M(ha_stack.aws.vpc_endpoints) and M(ha_stack.aws.security_groups).
options:
  name:
    description: The VPC's C(Name) tag, which identifies the network. Two VPCs with this name are an error.
    type: str
    required: true
  cidr:
    description: The VPC's IPv4 range, V(/16) to V(/28). It can't be changed on a VPC that exists.
    type: str
    default: 10.0.0.0/16
  availability_zones:
    description:
      - The zones that every tier has a subnet in, at least two. Required with O(state=present).
      - A subnet keeps its CIDR when zones are added, removed or put in another order.
    type: list
    elements: str
  tiers:
    description:
      - The network's tiers. A subnet is in exactly one.
      - When not given they are C(public) with V(internet), C(app) with V(nat), and C(database) with V(none).
    type: list
    elements: dict
    suboptions:
      name:
        description: The tier's name.
        type: str
        required: true
      route:
        description:
          - Where addresses outside the VPC are reached. V(internet), by the internet gateway; V(nat), by a NAT
            gateway, so that nothing outside reaches the subnets; V(none), not at all.
          - The NAT gateways stand in the first tier with V(internet).
        type: str
        choices: [internet, nat, none]
        required: true
      cidrs:
        description:
          - The subnets' ranges, one for each of O(availability_zones) in that order.
          - When not given they are derived. The VPC is cut into a power of two of blocks, at least four, one for each
            tier; a block into a power of two of subnets, at least four, one for each zone. What is there keeps its
            range, and what is added takes a free one.
        type: list
        elements: str
      tags:
        description: Tags of the tier's subnets and route tables, besides O(tags).
        type: dict
  nat_gateways:
    description:
      - V(single), one for all zones, which a failure of its zone takes away from all; V(per_az), one in each zone; or
        V(none).
      - None is made while no tier has a route by V(nat).
    type: str
    choices: [single, per_az, none]
    default: single
  enable_dns_support:
    description: Whether the VPC has Amazon's DNS server. A new one has it; left alone where not given.
    type: bool
  enable_dns_hostnames:
    description: Whether instances with public addresses get public DNS names. A database's endpoint needs it, too.
    type: bool
    default: true
  map_public_ip_on_launch:
    description: Whether instances in tiers with a route to the internet get a public address. In others they never do.
    type: bool
    default: false
  flow_log:
    description:
      - The VPC's flow log, which tells who spoke to whom and was let through. Left alone when not given; an empty
        dictionary removes it.
      - AWS changes nothing of a flow log but its tags. Another one is made, and then the network's own is deleted; the
        old one goes first only where AWS takes no second one to its destination.
      - What is not given stays as it is, as long as O(flow_log.destination) is of the same kind.
      - Others' flow logs are left alone. One that is just what is wanted is taken over, since AWS makes no second.
    type: dict
    suboptions:
      destination:
        description:
          - The ARN of a CloudWatch log group, of a bucket, which may end with a folder, or of a Firehose stream.
          - Required, but in an empty dictionary.
        type: str
      traffic:
        description: What is logged; V(REJECT), what was not let through. A new one has V(ALL).
        type: str
        choices: [ALL, ACCEPT, REJECT]
      aggregation_interval:
        description: For how many seconds packets are counted for one line. A new one has V(600).
        type: int
        choices: [60, 600]
      format:
        description: The fields of a line, such as V(${srcaddr} ${dstaddr} ${action}). A new one has AWS's default.
        type: str
      role_arn:
        description: The role by which VPC flow logs may write. Needed for a log group, impossible for a bucket.
        type: str
      cross_account_role_arn:
        description: The role of another account by which a Firehose stream of that account is reached.
        type: str
      file_format:
        description: How objects in a bucket are written. A new flow log has V(plain-text).
        type: str
        choices: [plain-text, parquet]
      hive_compatible_partitions:
        description: Whether the names of objects in a bucket are such as Hive's tools take for partitions.
        type: bool
      per_hour_partition:
        description: Whether the objects of each hour are in a folder of their own.
        type: bool
      tags:
        description: The flow log's tags, besides O(tags).
        type: dict
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - Routes are led to a NAT gateway once it is available, so that a run takes a minute or two on AWS even with
    O(wait=false).
  - Unlisted tags are removed only where O(tags) is given. C(Name) and the tags that begin with C(ha_stack:) always
    stay.
"""

EXAMPLES = r"""
- name: Public, application and database subnets in two zones
  ha_stack.aws.network:
    name: goals
    availability_zones: [us-east-1a, us-east-1b]
    tags:
      stack: goals
  register: result

- name: The application subnets, in the order of the zones
  ansible.builtin.debug:
    var: result.network.subnet_ids.app

- name: A way out that survives the loss of any one zone
  ha_stack.aws.network:
    name: goals
    availability_zones: [us-east-1a, us-east-1b]
    nat_gateways: per_az

- name: Two tiers with ranges of their own
  ha_stack.aws.network:
    name: small
    cidr: 10.20.0.0/24
    availability_zones: [us-east-1a, us-east-1b]
    nat_gateways: none
    tiers:
      - {name: web, route: internet, cidrs: [10.20.0.0/26, 10.20.0.64/26]}
      - {name: data, route: none, cidrs: [10.20.0.128/26, 10.20.0.192/26], tags: {backup: daily}}

- name: What was refused is kept in a bucket
  ha_stack.aws.network:
    name: goals
    availability_zones: [us-east-1a, us-east-1b]
    nat_gateways: per_az
    flow_log:
      destination: arn:aws:s3:::goals-flow-logs/network/
      traffic: REJECT
      file_format: parquet

- name: No flow log
  ha_stack.aws.network:
    name: goals
    availability_zones: [us-east-1a, us-east-1b]
    nat_gateways: per_az
    flow_log: {}

- name: No network
  ha_stack.aws.network:
    name: goals
    state: absent
"""

RETURN = r"""
network:
  description: The network as it is after the run, what is its own. Empty when absent.
  type: dict
  returned: always
  contains:
    name:
      description: The VPC's name.
      type: str
    vpc_id:
      description: The VPC's id.
      type: str
      sample: vpc-0123456789abcdef0
    cidr:
      description: The VPC's IPv4 range.
      type: str
      sample: 10.0.0.0/16
    enable_dns_support:
      description: Whether the VPC has Amazon's DNS server. Null where O(enable_dns_support) was not given.
      type: bool
    enable_dns_hostnames:
      description: Whether instances with public addresses get public DNS names.
      type: bool
    tags:
      description: The VPC's tags.
      type: dict
    internet_gateway_id:
      description: The attached internet gateway's id; null where there is none.
      type: str
    subnets:
      description: The subnets, by tier and zone in the order declared.
      type: list
      elements: dict
      sample:
        - id: subnet-0123456789abcdef0
          name: goals-app-us-east-1a
          tier: app
          zone: us-east-1a
          cidr: 10.0.64.0/20
          route_table_id: rtb-0123456789abcdef0
    subnet_ids:
      description: Each tier's subnet ids in the order of the zones.
      type: dict
      sample:
        app: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    route_table_ids:
      description: Each tier's route table ids.
      type: dict
      sample:
        app: [rtb-0123456789abcdef0]
    nat_gateways:
      description: The NAT gateways with their Elastic IPs.
      type: list
      elements: dict
      sample:
        - id: nat-0123456789abcdef0
          zone: us-east-1a
          subnet_id: subnet-0123456789abcdef2
          public_ip: 198.51.100.7
          allocation_id: eipalloc-0123456789abcdef0
    route_tables:
      description: The route tables; C(zone) is null for one of a whole tier, C(target) is what leads to 0.0.0.0/0.
      type: list
      elements: dict
      sample:
        - id: rtb-0123456789abcdef0
          tier: app
          zone: null
          route: nat
          target: nat-0123456789abcdef0
    flow_log:
      description: The flow log; null where there is none or O(flow_log) was not given. C(error) is why nothing arrives.
      type: dict
      sample:
        id: fl-0123456789abcdef0
        destination: arn:aws:s3:::goals-flow-logs/network/
        traffic: REJECT
        error: null
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create VPC goals, create internet gateway goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import network as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import network as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.network import corrections, plan, settled, turn
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="network",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    turn=turn,
    made=api.made,
    ids=api.ids,
    corrections=corrections,
    pending=model.pending,
    remaining=model.remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

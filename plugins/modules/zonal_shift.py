#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: zonal_shift
short_description: Lead a load balancer's traffic away from an Availability Zone
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Starts, changes and cancels a zonal shift of Amazon Application Recovery Controller. While it lasts, the load
    balancer's address in the zone is no longer in its DNS name, and its nodes in the other zones send no requests to
    targets in the zone.
  - A shift ends by itself at its expiry, whatever becomes of the machine that started it.
  - The load balancer needs the attribute C(zonal_shift.config.enabled).
options:
  state:
    description: V(present), traffic is led away. V(absent) cancels the shift that is in force.
    type: str
    choices: [present, absent]
    default: present
  resource_arn:
    description: The load balancer's ARN.
    type: str
    required: true
  away_from:
    description: The name of the zone, as V(us-east-1a). Needed with O(state=present).
    type: str
  expires_in:
    description:
      - How long a shift that is started lasts, in minutes or hours as V(30m) or V(2h), at most V(72h).
      - A shift that is in force keeps its expiry.
    type: str
    default: 1h
  comment:
    description: Why, for people, at most 128 characters. A new shift gets V(Ansible) where none is given.
    type: str
extends_documentation_fragment:
  - ha_stack.aws.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Nothing goes to a zone that has trouble
  ha_stack.aws.zonal_shift:
    resource_arn: "{{ backend.load_balancer.arn }}"
    away_from: us-east-1a
    expires_in: 2h
    comment: High latency in us-east-1a

- name: All is well again
  ha_stack.aws.zonal_shift:
    resource_arn: "{{ backend.load_balancer.arn }}"
    state: absent
"""

RETURN = r"""
zonal_shift:
  description: The shift that is in force. Empty when there is none.
  type: dict
  returned: always
  contains:
    id:
      description: Its id.
      type: str
    resource_arn:
      description: The load balancer's ARN.
      type: str
    away_from:
      description: The zone's name.
      type: str
      sample: us-east-1a
    zone_id:
      description: The zone's id, which names the same zone in every account.
      type: str
      sample: use1-az1
    comment:
      description: Why.
      type: str
    start_time:
      description: Since when.
      type: str
    expiry_time:
      description: Until when.
      type: str
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create zonal shift app/goals/50dc6c495c0c9188]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import zonal_shift as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import zonal_shift as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.zonal_shift import plan
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="zonal_shift",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

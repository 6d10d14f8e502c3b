#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dashboard
short_description: Manage a CloudWatch dashboard
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a CloudWatch dashboard. What it shows is compared as data, so that how it is written
    makes no difference.
  - A setting that is not given is left as it is.
  - Fails with CloudWatch's words where it refuses the body.
options:
  name:
    description: Its name, up to 255 letters, digits, hyphens and underscores. Unique in the account, in all regions.
    type: str
    required: true
  body:
    description:
      - What it shows, as in AWS's "Dashboard body structure and syntax". C(widgets) is a list, and so may be C(start),
        C(end), C(periodOverride) and C(variables) besides.
      - Needed for a new one.
    type: dict
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Requests and their errors
  ha_stack.aws.dashboard:
    name: goals
    body:
      widgets:
        - type: metric
          width: 12
          height: 6
          properties:
            title: Requests
            region: us-east-1
            stat: Sum
            period: 60
            metrics:
              - [AWS/ApplicationELB, RequestCount, LoadBalancer, app/goals/50dc6c495c0c9188]
              - [AWS/ApplicationELB, HTTPCode_Target_5XX_Count, LoadBalancer, app/goals/50dc6c495c0c9188]
    tags:
      stack: goals

- name: No dashboard
  ha_stack.aws.dashboard:
    name: goals
    state: absent
"""

RETURN = r"""
dashboard:
  description: The dashboard as it is after the run. Empty when absent.
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name.
      type: str
    name:
      description: Its name.
      type: str
    body:
      description: What it shows.
      type: dict
    tags:
      description: Its tags.
      type: dict
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create dashboard goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import dashboard as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import dashboard as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.dashboard import plan
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="dashboard",
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

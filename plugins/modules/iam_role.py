#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iam_role
short_description: Manage an IAM role with its policies and its instance profile
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes an IAM role, the policies attached to it and embedded in it, and the instance profile
    of the same name.
  - A setting that is not given is left as it is.
  - Policy documents are compared by what they mean. The order of keys and lists, a value alone instead of a list of it,
    and an account's number instead of its ARN make no difference.
options:
  state:
    description:
      - V(absent) detaches and deletes the role's policies, and deletes the role and the instance profile of its name. A
        role that is in another instance profile, too, is refused by IAM.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: The role's name.
    type: str
    required: true
  path:
    description:
      - The role's path, and its instance profile's, as V(/backend/). A new role has V(/) where none is given.
      - It can't be changed.
    type: str
  description:
    description: What the role is for.
    type: str
  trust_policy:
    description: Who may assume the role, a policy document as a dictionary or as JSON. Needed to create a role.
    type: json
  max_session_duration:
    description: The longest that a session of the role may last, 3600 to 43200 seconds.
    type: int
  permissions_boundary:
    description: The ARN of the policy that bounds what the role may do. An empty string removes it.
    type: str
  managed_policies:
    description:
      - The managed policies that are attached, as ARNs or names.
      - A name may be AWS's or the account's; where it is both, give the ARN. One that is not attached yet is looked up
        just before the run makes its first change; the plan shows the name.
    type: list
    elements: str
  inline_policies:
    description: The policies that are embedded in the role, by name. The values are documents, dictionaries or JSON.
    type: dict
  purge_policies:
    description:
      - Detach managed policies that O(managed_policies) doesn't list, and delete those that O(inline_policies) doesn't
        list, where these options are given.
    type: bool
    default: true
  instance_profile:
    description:
      - V(true), there is an instance profile of the role's name, path and tags, and the role is in it. V(false), there
        is no instance profile of that name.
    type: bool
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What instances may do
  ha_stack.aws.iam_role:
    name: goals
    description: What the instances of goals may do
    trust_policy:
      Version: "2012-10-17"
      Statement:
        Effect: Allow
        Action: sts:AssumeRole
        Principal:
          Service: ec2.amazonaws.com
    managed_policies: [AmazonSSMManagedInstanceCore]
    inline_policies:
      read-secrets:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: secretsmanager:GetSecretValue
          Resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:goals/registry-AbCdEf
    instance_profile: true
    tags:
      stack: goals

- name: No role, and nothing of it
  ha_stack.aws.iam_role:
    name: goals
    state: absent
"""

RETURN = r"""
iam_role:
  description: The role as it is after the run. Empty when absent.
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name. In check mode, V((known after apply\)) for one that is to be created.
      type: str
      sample: arn:aws:iam::123456789012:role/goals
    id:
      description: Its unique id.
      type: str
      sample: AROAQ3EGRIFHXKJTZ4KXK
    trust_policy:
      description: Who may assume it.
      type: dict
    managed_policies:
      description: The ARNs of the policies that are attached; in check mode the names of those that are to be.
      type: list
      elements: str
    inline_policies:
      description: The documents of the policies that are embedded, by name.
      type: dict
    instance_profile:
      description: The instance profile of the role's name, or null.
      type: dict
      contains:
        arn:
          description: Its Amazon Resource Name.
          type: str
          sample: arn:aws:iam::123456789012:instance-profile/goals
        role:
          description: The name of the role that is in it.
          type: str
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create role goals, create role policy goals/read-secrets, create instance profile goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import iam_role as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import iam_role as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.iam_role import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="iam_role",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    preflight=api.preflight,
    pending=api.pending,
    remaining=api.remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: secret
short_description: Manage a secret of Secrets Manager
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a secret. The difference tells that its value changes, and never what it is.
  - A setting that is not given is left as it is.
  - A secret that is scheduled for deletion is restored. As its value can't be read before, it is written anew.
options:
  name:
    description: The secret's name, which may have a path, as V(goals/registry).
    type: str
    required: true
  description:
    description: What it is for, at most 2048 characters.
    type: str
  value:
    description:
      - What is secret, at most 65536 bytes. A string is kept as it is, a dictionary as JSON, and compared as one.
      - Ansible hides a string wherever it shows in the result, and each part of a dictionary, a word as common as
        V(deploy) too. Give it as one string, with C(to_json), where a part isn't secret.
    type: raw
  update_value:
    description: V(on_create), a value that is there is left alone, so that somebody else may rotate it.
    type: str
    choices: [always, on_create]
    default: always
  kms_key_id:
    description: The key that encrypts it, by id, alias or ARN. A new secret gets V(alias/aws/secretsmanager).
    type: str
  recovery_window:
    description:
      - With O(state=absent), for how many days the secret can be restored, 7 to 30. V(0) deletes it at once and for
        good, also where it is scheduled for deletion already.
    type: int
    default: 30
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What instances log in to the registry with
  ha_stack.aws.secret:
    name: goals/registry
    description: What the instances of goals log in to the registry with
    value: "{{ {'username': 'deploy', 'token': registry_token} | to_json }}"
    tags:
      stack: goals

- name: No secret, and its name is free again
  ha_stack.aws.secret:
    name: goals/registry
    state: absent
    recovery_window: 0
"""

RETURN = r"""
secret:
  description: The secret as it is after the run, without its value. Empty when absent.
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name. In check mode, V((known after apply\)) for one that is to be created.
      type: str
      sample: arn:aws:secretsmanager:us-east-1:123456789012:secret:goals/registry-AbCdEf
    name:
      description: Its name.
      type: str
    version_id:
      description: The version that its value is, or null where it has none.
      type: str
    kms_key_id:
      description: The key that encrypts it.
      type: str
    tags:
      description: Its tags.
      type: dict
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create secret goals/registry]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import secret as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import secret as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.secret import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="secret",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    remaining=api.remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fis_experiment
short_description: Run an AWS Fault Injection Service experiment, follow it, stop it
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Starts an experiment from a template of M(ha_stack.aws.fis_experiment_template), and waits until it has ended.
  - Fails where the experiment did not complete, with FIS's reason, and the reason of each action that failed, was
    stopped or was cancelled.
  - An experiment is one run, and its O(name) stands for that run. A name that was run before is followed while it is
    under way, and told of again when it has ended; it is never started twice. Another run takes another name.
  - The experiment runs in AWS, undoes there what its actions did, and needs nothing of the machine that started it.
options:
  state:
    description:
      - V(present), the experiment was run. V(stopped), it isn't under way.
      - A record of it stays in either case. FIS keeps it for 120 days.
    type: str
    choices: [present, stopped]
    default: present
  name:
    description: The run's name, which becomes the experiment's tag C(Name).
    type: str
    required: true
  template:
    description: The name of the template. Give it, or O(template_id), with O(state=present).
    type: str
  template_id:
    description: The id of the template.
    type: str
  stop_when_abandoned:
    description:
      - Stop the experiment where this module no longer waits for it, because O(wait_timeout) ran out or the play was
        interrupted. Otherwise it goes on in AWS until it ends by itself.
    type: bool
    default: false
  wait:
    description:
      - Wait until the experiment has ended. Without it, the same task with it follows the experiment later.
    type: bool
    default: true
  wait_timeout:
    description: How long to wait at most, in seconds. The state of each action is in the message when it runs out.
    type: int
    default: 1800
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Run it to its end
  ha_stack.aws.fis_experiment:
    name: goals-instance-crash-2031-05-04
    template: goals-instance-crash
    tags:
      stack: goals
  register: drill

- name: Start another and go on
  ha_stack.aws.fis_experiment:
    name: goals-instance-crash-2031-05-05
    template: goals-instance-crash
    wait: false

- name: Stop it
  ha_stack.aws.fis_experiment:
    name: goals-instance-crash-2031-05-05
    state: stopped
"""

RETURN = r"""
fis_experiment:
  description: The experiment as it is after the run. Empty where there is none of that name.
  type: dict
  returned: always
  contains:
    id:
      description: Its id.
      type: str
      sample: EXPTucxbDvZqVv5ecW
    template_id:
      description: The id of its template.
      type: str
      sample: EXT6oWVA1WrLNy4XS
    status:
      description:
        - V(pending), V(initiating), V(running), V(stopping), V(completed), V(stopped), V(failed) or V(cancelled).
      type: str
      sample: completed
    reason:
      description: Why, in FIS's words.
      type: str
    error:
      description: Where it failed, FIS's C(code), and the C(location) in the experiment.
      type: dict
      sample: {code: AuthorizationFailure, location: stop}
    start_time:
      description: When it started, in UTC.
      type: str
      sample: "2031-05-04T09:12:31.482+00:00"
    end_time:
      description: When it ended, in UTC.
      type: str
    actions:
      description: Its actions, in the order they started.
      type: list
      elements: dict
      contains:
        name:
          description: The action's name.
          type: str
        action_id:
          description: What it does.
          type: str
          sample: aws:ec2:stop-instances
        status:
          description:
            - V(pending), V(initiating), V(running), V(stopping), V(completed), V(stopped), V(failed), V(skipped) or
              V(cancelled).
          type: str
        reason:
          description: Why, in FIS's words.
          type: str
        start_time:
          description: When it started, in UTC.
          type: str
        end_time:
          description: When it ended, in UTC.
          type: str
    resolved_targets:
      description:
        - What the targets came to, each resource with the target's C(name), its C(resource_type) and C(information).
      type: list
      elements: dict
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create experiment goals-instance-crash-2031-05-04]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import fis_experiment as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import fis_experiment as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.fis_experiment import plan
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="fis_experiment",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    resolve=api.resolve,
    preflight=api.preflight,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    pending=model.pending,
    abandon=api.abandon,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

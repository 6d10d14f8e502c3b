#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fis_experiment_template
short_description: Manage a template of AWS Fault Injection Service experiments
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes an experiment template, which M(ha_stack.aws.fis_experiment) runs.
  - FIS knows templates by id alone. This module knows them by their tag C(Name), and refuses where two have the same.
  - A setting that is not given is left as it is. O(targets) and O(actions) are compared and replaced as a whole.
options:
  name:
    description: The template's name, which becomes its tag C(Name).
    type: str
    required: true
  description:
    description: What it is for, at most 512 characters. A new template gets O(name).
    type: str
  role_arn:
    description:
      - The role that FIS acts with, as C(arn:aws:iam::123456789012:role/drills). It must trust
        C(fis.amazonaws.com). Needed to create a template.
    type: str
  targets:
    description: What the actions act on, exactly these.
    type: list
    elements: dict
    suboptions:
      name:
        description: The target's name, which actions refer to.
        type: str
        required: true
      resource_type:
        description: What it consists of, such as V(aws:ec2:instance), V(aws:ec2:subnet) or V(aws:rds:db).
        type: str
        required: true
      resource_arns:
        description: The resources, five at most.
        type: list
        elements: str
      resource_tags:
        description: Instead of O(targets[].resource_arns), the tags that a resource must have, all of them.
        type: dict
      filters:
        description: What else must hold of a resource, all of it.
        type: list
        elements: dict
        suboptions:
          path:
            description: Where the value is in what the resource's describe call returns, such as V(State.Name).
            type: str
            required: true
          values:
            description: The values of which it must be one.
            type: list
            elements: str
            required: true
      selection_mode:
        description: V(ALL) that were found, or at random V(COUNT(n\)) or V(PERCENT(n\)) of them.
        type: str
        default: ALL
      parameters:
        description: What the resource type takes besides, such as C(availabilityZoneIdentifier) for V(aws:ec2:subnet).
        type: dict
  actions:
    description: What is done, exactly this. Needed to create a template.
    type: list
    elements: dict
    suboptions:
      name:
        description: The action's name.
        type: str
        required: true
      action_id:
        description: What it does, such as V(aws:ec2:stop-instances) or V(aws:network:disrupt-connectivity).
        type: str
        required: true
      description:
        description: What it is for.
        type: str
      parameters:
        description:
          - What the action takes, such as C(duration), a duration of ISO 8601 as V(PT5M).
          - A dictionary or a list is given to FIS as JSON, as C(documentParameters) of V(aws:ssm:send-command) must be.
        type: dict
      targets:
        description: Which of O(targets) it acts on, by the action's own word, such as C(Instances) or C(Subnets).
        type: dict
      start_after:
        description: The actions that must have ended before. Without it the action starts with the experiment.
        type: list
        elements: str
  stop_conditions:
    description:
      - CloudWatch alarms by ARN, exactly these. One that goes off stops the experiment. An empty list, or none given to
        a new template, is a template that nothing stops.
    type: list
    elements: str
  log_configuration:
    description: Where experiments are logged. FIS has no way to take it away again.
    type: dict
    suboptions:
      log_group_arn:
        description: A log group of CloudWatch Logs, whose ARN ends with C(:*).
        type: str
      bucket:
        description: An S3 bucket.
        type: str
      prefix:
        description: What the names of the objects begin with.
        type: str
  empty_target_resolution_mode:
    description:
      - What becomes of an experiment when nothing is found for a target. V(fail), which FIS takes by default, fails it;
        V(skip) skips the actions on that target.
    type: str
    choices: [fail, skip]
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: An instance of the group in one zone stops for three minutes, or for good where the group replaces it
  ha_stack.aws.fis_experiment_template:
    name: goals-instance-crash
    role_arn: arn:aws:iam::123456789012:role/goals-drills
    targets:
      - name: instances
        resource_type: aws:ec2:instance
        resource_tags:
          aws:autoscaling:groupName: goals
        filters:
          - path: Placement.AvailabilityZone
            values: [us-east-1a]
          - path: State.Name
            values: [running]
        selection_mode: COUNT(1)
    actions:
      - name: stop
        action_id: aws:ec2:stop-instances
        parameters:
          startInstancesAfterDuration: PT3M
          completeIfInstancesTerminated: "true"
        targets:
          Instances: instances
    stop_conditions:
      - arn:aws:cloudwatch:us-east-1:123456789012:alarm:goals-no-healthy-host
    tags:
      stack: goals

- name: No template
  ha_stack.aws.fis_experiment_template:
    name: goals-instance-crash
    state: absent
"""

RETURN = r"""
fis_experiment_template:
  description: The template as it is after the run. Empty when absent.
  type: dict
  returned: always
  contains:
    id:
      description: Its id.
      type: str
      sample: EXT6oWVA1WrLNy4XS
    arn:
      description: Its Amazon Resource Name.
      type: str
    targets:
      description: Its targets, by name.
      type: dict
    actions:
      description: Its actions, by name.
      type: dict
    stop_conditions:
      description: The alarms that stop an experiment, by ARN.
      type: list
      elements: str
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create experiment template goals-instance-crash]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import fis_experiment_template as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import fis_experiment_template as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.fis_experiment_template import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="fis_experiment_template",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: instance_refresh
short_description: Bring every instance of an Auto Scaling Group to a launch template version, and back where that fails
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Starts an instance refresh where an instance, or the group itself, has another launch template version than the
    wanted one, and waits until it has ended. Nothing is started where all have it.
  - A refresh to the same version that is under way already is followed. One to another version is refused by name.
  - The group is not updated before. The version is the refresh's desired configuration, which AWS gives to the group
    when every instance has it. Whatever is launched meanwhile has it too; after a failure, a cancellation or a
    rollback it is the old version again.
  - A group with a policy of mixed instances keeps it. An instance is stale as well where the policy has its type no
    more, or another image for it.
  - Fails where the refresh failed, was cancelled or was rolled back. The message tells AWS's reasons, which
    instances failed which health check with which code, what the group did, and how to see what an instance said.
options:
  state:
    description:
      - V(present), every instance runs O(launch_template).
      - V(cancelled), no refresh is under way. One that is stops where it is, and leaves instances of both versions.
      - V(rolled_back), the refresh that is under way has brought the old version back. It is refused
        where none is under way.
    type: str
    choices: [present, cancelled, rolled_back]
    default: present
  name:
    description: The group's name.
    type: str
    required: true
  launch_template:
    description: What every instance shall run. Needed with O(state=present).
    type: dict
    suboptions:
      id:
        description: The template's id. Give either O(launch_template.id) or O(launch_template.name).
        type: str
      name:
        description: The template's name.
        type: str
      version:
        description:
          - The number of the version, or V(latest) for the newest one, whose number the module looks up.
          - V($Latest) and V($Default) are refused, since AWS can't roll back with them.
        type: str
  mixed_instances:
    description:
      - The policy of mixed instances that the group shall have with O(launch_template), in the same refresh.
      - What is not given of the policy that the group has stays, all of it when this is not given. An empty
        dictionary takes it away.
    type: dict
  strategy:
    description:
      - V(Rolling), which AWS takes by default, launches new instances in the place of old ones.
      - V(ReplaceRootVolume) gives instances a new root volume, and they keep their addresses and other volumes. Every
        override of the policy of mixed instances needs an C(image_id), of an image with one volume, and the instances
        have to run O(launch_template) already.
    type: str
    choices: [Rolling, ReplaceRootVolume]
  min_healthy_percentage:
    description:
      - The percentage of the desired capacity that stays in service and healthy, 0 to 100. V(100) with an
        O(max_healthy_percentage) above launches before it terminates.
      - By default what the group's maintenance policy says, and 90 without one.
    type: int
  max_healthy_percentage:
    description: The percentage of the desired capacity that the group may grow to meanwhile, 100 to 200.
    type: int
  instance_warmup:
    description: Seconds in service after which a new instance counts. By default the group's own warm-up.
    type: int
  skip_matching:
    description: Whether instances that have the version already stay, once a refresh is started.
    type: bool
    default: true
  auto_rollback:
    description: Whether a refresh that fails, or sets off one of O(alarms), brings the old version back by itself.
    type: bool
    default: true
  alarms:
    description: Names of CloudWatch alarms, ten at most. One that goes off fails the refresh.
    type: list
    elements: str
  failure_threshold:
    description:
      - How many instances of the new version may be taken out of service by their health check, after their grace
        period, before the task gives the refresh up. (One that EC2 says is stopped, terminated or impaired counts at
        once.) It is rolled back then, or cancelled without O(auto_rollback), and
        the task fails with what the instances failed. V(0) gives none up.
      - AWS itself replaces such instances again and again for an hour. This needs O(wait), since it is the task that
        counts; one of O(alarms) does the same where nobody watches.
    type: int
    default: 0
  checkpoint_percentages:
    description: The percentages of replaced instances at which the refresh pauses. The last one has to be 100.
    type: list
    elements: int
  checkpoint_delay:
    description: Seconds of such a pause. AWS takes 3600 by default.
    type: int
  bake_time:
    description: Seconds that the refresh watches O(alarms) on after the last replacement.
    type: int
  scale_in_protected_instances:
    description:
      - What becomes of instances that are protected from scale-in. V(Wait), which AWS takes by default, waits an hour
        for the protection to go, and fails. With V(Ignore) they don't count as stale.
    type: str
    choices: [Refresh, Ignore, Wait]
  standby_instances:
    description: The same of instances in standby, which V(Terminate) replaces.
    type: str
    choices: [Terminate, Ignore, Wait]
  wait:
    description:
      - Wait until the refresh has ended. Without it, the same task with it follows the refresh later.
      - Where the task runs on the controller itself, each change is shown meanwhile, on standard error. It is how much
        is complete, how many instances are left, what the group did last, and which health check fails.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait at most, in seconds. The refresh's state and every health check that failed are in the message
        when it runs out. AWS itself gives an instance that doesn't get healthy up to an hour.
    type: int
    default: 3600
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.mixed_instances
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Every instance has the newest version, and never less than all are in service
  ha_stack.aws.instance_refresh:
    name: goals
    launch_template:
      name: goals
      version: latest
    min_healthy_percentage: 100
    max_healthy_percentage: 150
    instance_warmup: 30
    failure_threshold: 2

- name: A new root volume in every instance
  ha_stack.aws.instance_refresh:
    name: goals
    launch_template:
      name: goals
      version: 4
    strategy: ReplaceRootVolume
    mixed_instances:
      overrides:
        - instance_type: m7i.large
          image_id: ami-0123456789abcdef0

- name: Bring the old version back
  ha_stack.aws.instance_refresh:
    name: goals
    state: rolled_back
"""

RETURN = r"""
instance_refresh:
  description: The group's newest refresh, and its instances, as they are after the run.
  type: dict
  returned: always
  contains:
    id:
      description: The refresh's id.
      type: str
      sample: 08b91cf7-8fa6-48af-b6a6-d227f40f1b9b
    status:
      description: V(Successful), V(InProgress) and the like, in AWS's words.
      type: str
      sample: Successful
    status_reason:
      description: Why, in AWS's words.
      type: str
    rollback_reason:
      description: Why it was rolled back, in AWS's words.
      type: str
    percentage_complete:
      description: How much of it is done.
      type: int
    instances_to_update:
      description: How many instances it has yet to replace.
      type: int
    start_time:
      description: When it began, in UTC.
      type: str
      sample: "2031-05-04T09:12:31+00:00"
    end_time:
      description: When it ended, in UTC.
      type: str
    target:
      description: The launch template's id or name and the version that it rolls out.
      type: dict
      sample: {id: lt-0123456789abcdef0, name: goals, version: 4}
    launch_template:
      description: What the group launches from.
      type: dict
      sample: {id: lt-0123456789abcdef0, name: goals, version: 4}
    mixed_instances:
      description: The group's policy of mixed instances, in the names of the option. Null without one.
      type: dict
    instances:
      description: The group's instances but those that go, as M(ha_stack.aws.autoscaling_group) returns them.
      type: list
      elements: dict
    to_replace:
      description:
        - By id, the instances that don't run what is wanted, and what they run. In check mode those that a run would
          replace. With another O(state), those that are not as the group launches them.
      type: dict
      sample: {i-0123456789abcdef0: lt-0123456789abcdef0 version 3}
plan:
  description: The changes, in the order they are made. The difference tells which instances a refresh replaces.
  type: list
  elements: str
  returned: always
  sample: [create instance refresh goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import instance_refresh as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import instance_refresh as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh_progress import pending
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.instance_refresh import given_up, plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="instance_refresh",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    resolve=api.resolve,
    read=api.read,
    ids=lambda have: {(api.GROUP, have.name): have.name},
    preflight=api.preflight,
    plan=plan,
    operations=api.OPERATIONS,
    pending=pending,
    corrections=given_up,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

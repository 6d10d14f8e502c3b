#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: autoscaling_group
short_description: Manage an EC2 Auto Scaling Group of healthy instances
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes an Auto Scaling Group that launches from a launch template.
  - A setting that is not given is left as it is, O(desired_capacity) too, so that it isn't fought over with
    whoever scales the group.
  - Waits until as many instances as are desired are in service and healthy, also in every attached target group that
    a load balancer uses. When that takes too long the message tells each instance's state and the newest
    scaling activity. A launch that fails for good, such as from an AMI that doesn't exist, is not waited for.
  - Instances that run from another version of the launch template are not replaced.
    That is what M(ha_stack.aws.instance_refresh) does.
options:
  name:
    description: The group's name, at most 255 characters, unique in account and region.
    type: str
    required: true
  launch_template:
    description: What is launched. Needed to create a group.
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
          - The number of the version. V($Latest) and V($Default) are refused, since an instance refresh can't roll
            back to what has no fixed meaning, and does not see that it has changed.
        type: str
  update_launch_template:
    description:
      - V(always), the group launches from O(launch_template) at once.
      - V(on_create), a group that is there keeps its launch template. M(ha_stack.aws.instance_refresh) gives it the new
        one together with its instances, or neither. Where it is another than O(launch_template), the instances are not
        waited for, since they are about to be replaced.
    type: str
    choices: [always, on_create]
    default: always
  subnet_ids:
    description: The subnets to launch in, in at least two Availability Zones, in any order. Needed to create a group.
    type: list
    elements: str
  min_size:
    description: The fewest instances that the group may be scaled to. Needed to create a group.
    type: int
  max_size:
    description: The most instances that the group may be scaled to. Needed to create a group.
    type: int
  desired_capacity:
    description:
      - How many instances there shall be now. A new group begins with O(min_size).
      - When it is not given it stays, but is moved inside O(min_size) and O(max_size) where these change.
    type: int
  target_group_arns:
    description: The target groups that instances are registered in, exactly these. An empty list detaches all.
    type: list
    elements: str
  health_check_type:
    description:
      - Whose verdict replaces an instance. V(EC2), which AWS takes by default, is the instance's status alone.
        V(ELB) adds the health checks of its target groups.
    type: str
    choices: [EC2, ELB]
  health_check_grace_period:
    description: Seconds in service before a failed health check counts. AWS takes 0 by default.
    type: int
  default_instance_warmup:
    description: Seconds until a new instance counts as warmed up in scaling and refreshes. V(-1) takes the value away.
    type: int
  default_cooldown:
    description: Seconds between two scalings by simple scaling policies. AWS takes 300 by default.
    type: int
  termination_policies:
    description: Which instances go first when the group shrinks, in order. An empty list is V(Default).
    type: list
    elements: str
  new_instances_protected_from_scale_in:
    description: Whether new instances are protected when the group shrinks.
    type: bool
  max_instance_lifetime:
    description: Seconds after which an instance is replaced, 86400 to 31536000, or 0 for never.
    type: int
  capacity_rebalance:
    description: Whether Spot instances at risk are replaced ahead of their interruption.
    type: bool
  instance_maintenance_policy:
    description:
      - How far the group may shrink and grow while instances are replaced. An empty dictionary takes the policy away.
    type: dict
    suboptions:
      min_healthy_percentage:
        description: The percentage of the desired capacity that stays in service, 0 to 100.
        type: int
      max_healthy_percentage:
        description:
          - The percentage of the desired capacity that the group may grow to, 100 to 200, at most 100 above the other.
        type: int
  availability_zone_distribution:
    description:
      - What happens when launches fail in a zone. V(balanced-best-effort), AWS's default, launches in another one;
        V(balanced-only) goes on trying, to keep the zones balanced.
    type: str
    choices: [balanced-best-effort, balanced-only]
  metrics_enabled:
    description: The group metrics that CloudWatch gets, exactly these. An empty list gives it none.
    type: list
    elements: str
    choices:
      - GroupMinSize
      - GroupMaxSize
      - GroupDesiredCapacity
      - GroupInServiceInstances
      - GroupPendingInstances
      - GroupStandbyInstances
      - GroupTerminatingInstances
      - GroupTotalInstances
      - GroupInServiceCapacity
      - GroupPendingCapacity
      - GroupStandbyCapacity
      - GroupTerminatingCapacity
      - GroupTotalCapacity
      - WarmPoolDesiredCapacity
      - WarmPoolWarmedCapacity
      - WarmPoolPendingCapacity
      - WarmPoolTerminatingCapacity
      - WarmPoolTotalCapacity
      - GroupAndWarmPoolDesiredCapacity
      - GroupAndWarmPoolTotalCapacity
  suspended_processes:
    description: The processes of the group that are suspended, exactly these. An empty list resumes all.
    type: list
    elements: str
    choices:
      - Launch
      - Terminate
      - AddToLoadBalancer
      - AlarmNotification
      - AZRebalance
      - HealthCheck
      - InstanceRefresh
      - ReplaceUnhealthy
      - ScheduledActions
  propagate_tags:
    description: Whether instances that are launched get O(tags) too.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait at most, in seconds. What was last seen is in the message when it runs out.
      - A run that was cut short goes on where it stopped when the same task is run again.
    type: int
    default: 900
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Two instances in two zones, replaced when the load balancer finds them unhealthy
  ha_stack.aws.autoscaling_group:
    name: goals
    launch_template:
      id: "{{ template.launch_template.id }}"
      version: "{{ template.launch_template.latest_version }}"
    subnet_ids: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    min_size: 2
    desired_capacity: 2
    max_size: 3
    target_group_arns: ["{{ target_group.target_group.arn }}"]
    health_check_type: ELB
    health_check_grace_period: 120
    instance_maintenance_policy:
      min_healthy_percentage: 100
      max_healthy_percentage: 150
    tags:
      stack: goals

- name: No group, and no instance of it
  ha_stack.aws.autoscaling_group:
    name: goals
    state: absent
"""

RETURN = r"""
autoscaling_group:
  description: The group as it is after the run. Empty when absent.
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name.
      type: str
    status:
      description: V(active), or V(Delete in progress).
      type: str
      sample: active
    min_size:
      description: The fewest instances.
      type: int
    desired_capacity:
      description: The wanted instances.
      type: int
    max_size:
      description: The most instances.
      type: int
    zones:
      description: The Availability Zones of its subnets.
      type: list
      elements: str
      sample: [us-east-1a, us-east-1b]
    launch_template:
      description: The template's id and name, and the number of the version that is launched.
      type: dict
      sample: {id: lt-0123456789abcdef0, name: goals, version: 3}
    target_group_arns:
      description: The target groups that instances are registered in.
      type: list
      elements: str
    instances:
      description: Its instances.
      type: list
      elements: dict
      contains:
        id:
          description: The instance's id.
          type: str
        zone:
          description: Its Availability Zone.
          type: str
        lifecycle_state:
          description: Where it is in the group's life cycle, such as V(Pending) or V(InService).
          type: str
        health_status:
          description: What the group holds of its health, V(Healthy) or V(Unhealthy).
          type: str
        launch_template_id:
          description: The launch template that it was launched from.
          type: str
        launch_template_version:
          description: The version that it was launched from.
          type: str
        protected_from_scale_in:
          description: Whether it is protected when the group shrinks.
          type: bool
        target_health:
          description: By target group ARN, the C(state), and the C(reason) and C(description) where it isn't healthy.
          type: dict
        healthy:
          description: Whether it is in service, and healthy there and in the target groups.
          type: bool
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create autoscaling group goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_group as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import read
from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_group as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_readiness import pending, remaining
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_group import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="autoscaling_group",
    options=model.OPTIONS,
    faults=faults,
    desired=model.from_params,
    read=read,
    plan=plan,
    operations=api.OPERATIONS,
    pending=pending,
    remaining=remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

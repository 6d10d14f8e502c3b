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
  mixed_instances:
    description:
      - Which instance types are launched from O(launch_template), and which of them on demand.
      - A group with such a policy keeps it where O(launch_template) alone is given. An empty dictionary takes it away.
    type: dict
  update_launch_template:
    description:
      - V(always), the group launches from O(launch_template) at once.
      - V(on_create), a group that is there keeps its launch template and O(mixed_instances).
        M(ha_stack.aws.instance_refresh) gives it the new ones together with its instances, or neither. Where its
        template is another than O(launch_template), the instances are not waited for, since they are about to be
        replaced.
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
  desired_capacity_type:
    description:
      - The unit of the sizes, with O(mixed_instances.overrides[].instance_requirements). AWS takes V(units), which are
        instances or weights, by default.
      - AWS doesn't tell how many vCPUs or MiB are in service. The group counts as ready when no instance is coming.
    type: str
    choices: [units, vcpu, memory-mib]
  target_group_arns:
    description: The target groups that instances are registered in, exactly these. An empty list detaches all.
    type: list
    elements: str
  traffic_sources:
    description:
      - What leads traffic to the instances, exactly these. An empty list detaches all.
      - Target groups are named here or in O(target_group_arns). With the latter, this is about the other sources alone.
      - The health in target groups of VPC Lattice and in Classic Load Balancers is not waited for.
    type: list
    elements: dict
    suboptions:
      identifier:
        description: A target group's ARN, of Elastic Load Balancing or VPC Lattice, or a Classic Load Balancer's name.
        type: str
        required: true
      type:
        description: Which of them it is. The module knows by the identifier when this is not given.
        type: str
        choices: [elb, elbv2, vpc-lattice]
  health_check_type:
    description:
      - Whose verdict replaces an instance, V(EC2), V(ELB), V(EBS), V(VPC_LATTICE), or several with commas between them.
      - V(EC2), which AWS takes by default, is the instance's status. It always counts, so that V(EC2,ELB) is V(ELB).
        V(ELB) adds the health checks of its target groups.
    type: str
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
        V(balanced-only) goes on trying, to keep the zones balanced. V(reservations-then-balanced) begins with your
        Capacity Reservations.
    type: str
    choices: [balanced-best-effort, balanced-only, reservations-then-balanced]
  availability_zone_impairment_policy:
    description:
      - What happens in a zone that traffic is led away from. What is not given in it is left alone. An empty dictionary
        takes the group out of zonal shifts.
    type: dict
    suboptions:
      zonal_shift_enabled:
        description: Whether the group takes part in zonal shifts.
        type: bool
      impaired_zone_health_check_behavior:
        description: Whether unhealthy instances in that zone are replaced meanwhile.
        type: str
        choices: [ReplaceUnhealthy, IgnoreUnhealthy]
  skip_zonal_shift_validation:
    description:
      - Whether AWS shall not refuse zonal shifts of a group whose load balancers don't balance across zones. Its zones
        may get out of balance then.
    type: bool
    default: false
  capacity_reservation_specification:
    description:
      - Which Capacity Reservations instances run in. An empty dictionary is AWS's default.
      - What it doesn't give stays as it is.
    type: dict
    suboptions:
      preference:
        description: Whether in reservations alone, there first, or not at all. V(default) is as the template says.
        type: str
        choices: [capacity-reservations-only, capacity-reservations-first, none, default]
      target:
        description:
          - In which reservations, exactly these. An empty dictionary takes them away, and so does a preference of
            V(none) or V(default), which has none.
        type: dict
        suboptions:
          reservation_ids:
            description: The ids of Capacity Reservations.
            type: list
            elements: str
          resource_group_arns:
            description: The ARNs of resource groups of Capacity Reservations.
            type: list
            elements: str
  instance_lifecycle_policy:
    description: What becomes of instances whose life cycle goes wrong. An empty dictionary is AWS's default.
    type: dict
    suboptions:
      retention_triggers:
        description: When an instance is kept. It costs until it is terminated by hand.
        type: dict
        suboptions:
          terminate_hook_abandon:
            description: What follows where a lifecycle hook of its termination is abandoned. AWS takes V(terminate).
            type: str
            choices: [retain, terminate]
  placement_group:
    description: The placement group that instances are launched into. An empty string takes it away.
    type: str
  service_linked_role_arn:
    description: The service-linked role that the group works with. AWS takes AWSServiceRoleForAutoScaling by default.
    type: str
  deletion_protection:
    description:
      - Whether the group can be deleted. AWS takes V(none), which protects from nothing, by default.
      - This module deletes a group with its instances, which is what V(prevent-force-deletion) refuses.
      - Given as V(none) with O(state=absent), protection is lifted and the group deleted.
    type: str
    choices: [none, prevent-force-deletion, prevent-all-deletion]
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
    description:
      - The processes of the group that are suspended, exactly these. An empty list resumes all.
      - What a run suspends stops before it changes anything else, and what it resumes goes on after all the rest.
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
  lifecycle_hooks:
    description:
      - The lifecycle hooks there shall be. Others are removed. Hooks are matched by name.
      - They are left alone when this is not given. An empty list removes them all.
      - A new group has them before its first instance is launched.
    type: list
    elements: dict
    suboptions:
      name:
        description: The hook's name. 1 to 255 letters, digits, hyphens, underscores and slashes.
        type: str
        required: true
      transition:
        description: Whether instances wait at their launch or at their termination.
        type: str
        choices: ["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"]
        required: true
      heartbeat_timeout:
        description: Seconds until the hook times out, 30 to 7200. AWS takes 3600 by default.
        type: int
      default_result:
        description: What becomes of an instance when the hook times out. AWS takes V(ABANDON) by default.
        type: str
        choices: [CONTINUE, ABANDON]
      notification_target_arn:
        description: The SNS topic or SQS queue that is told of an instance that waits. An empty string takes it away.
        type: str
      role_arn:
        description: The role that lets the group publish to the target. Needed with it.
        type: str
      notification_metadata:
        description: Text that each message to the target has, 1 to 4000 characters.
        type: str
  notifications:
    description:
      - The SNS topics that are told of launches and terminations. Others are told no more.
      - They are left alone when this is not given. An empty list removes them all.
    type: list
    elements: dict
    suboptions:
      topic_arn:
        description: The topic's ARN.
        type: str
        required: true
      types:
        description: What it is told of, exactly these.
        type: list
        elements: str
        choices:
          - autoscaling:EC2_INSTANCE_LAUNCH
          - autoscaling:EC2_INSTANCE_LAUNCH_ERROR
          - autoscaling:EC2_INSTANCE_TERMINATE
          - autoscaling:EC2_INSTANCE_TERMINATE_ERROR
          - autoscaling:TEST_NOTIFICATION
        required: true
  scaling_policies:
    description:
      - The scaling policies there shall be. Others are removed. Policies are matched by name.
      - They are left alone when this is not given. An empty list removes them all.
      - A policy has one of O(scaling_policies[].target_tracking), O(scaling_policies[].step),
        O(scaling_policies[].simple) and O(scaling_policies[].predictive), and it is described there in full. What is
        left out there is as AWS has it by default.
      - Leave O(desired_capacity) out of a task that has policies. It is theirs.
    type: list
    elements: dict
    suboptions:
      name:
        description: The policy's name.
        type: str
        required: true
      enabled:
        description: Whether it is at work. A new policy is, unless this says otherwise.
        type: bool
      target_tracking:
        description: Keep a metric at a value. AWS makes the alarms itself.
        type: dict
        suboptions:
          target_value:
            description: The value that the metric shall have.
            type: float
            required: true
          predefined_metric:
            description: One of AWS's metrics. Give this or O(scaling_policies[].target_tracking.customized_metric).
            type: dict
            suboptions:
              type:
                description: The metric.
                type: str
                choices:
                  - ASGAverageCPUUtilization
                  - ASGAverageCPUUtilizationHighResolution
                  - ASGAverageNetworkIn
                  - ASGAverageNetworkOut
                  - ALBRequestCountPerTarget
                required: true
              resource_label: &resource_label
                description:
                  - The target group that a load balancer's metric is of. It has to be attached to the group.
                  - The last parts of the two ARNs, C(app/NAME/ID/targetgroup/NAME/ID).
                type: str
          customized_metric:
            description: A metric of CloudWatch, by its name or as the result of C(metrics).
            type: dict
            suboptions:
              metric_name:
                description: The metric's name.
                type: str
              namespace:
                description: Its namespace.
                type: str
              dimensions: &dimensions
                description: Its dimensions, all that it was published with.
                type: list
                elements: dict
                suboptions:
                  name:
                    description: The dimension's name.
                    type: str
                    required: true
                  value:
                    description: Its value.
                    type: str
                    required: true
              statistic:
                description: Which statistic of it.
                type: str
                choices: [Average, Minimum, Maximum, SampleCount, Sum]
              unit: &unit
                description: Its unit.
                type: str
              period: &period
                description: Seconds that a value stands for. AWS takes V(60) by default.
                type: int
                choices: [10, 30, 60]
              metrics:
                description: Metrics and expressions over them. One of them is the result.
                type: list
                elements: dict
                suboptions:
                  id: &id
                    description: A short name that expressions use, beginning with a lowercase letter.
                    type: str
                    required: true
                  expression: &expression
                    description: What is computed from others.
                    type: str
                  label: &query_label
                    description: Text for people.
                    type: str
                  return_data: &return_data
                    description: Whether it is the result. AWS takes V(true) by default; exactly one has to be.
                    type: bool
                  period: *period
                  metric_stat:
                    description: A metric's statistic.
                    type: dict
                    suboptions:
                      metric: &metric
                        description: The metric.
                        type: dict
                        required: true
                        suboptions:
                          namespace:
                            description: Its namespace.
                            type: str
                            required: true
                          metric_name:
                            description: Its name.
                            type: str
                            required: true
                          dimensions: *dimensions
                      stat: &stat
                        description: The statistic, such as V(Average) or V(p90).
                        type: str
                        required: true
                      unit: *unit
                      period: *period
          disable_scale_in:
            description: Whether the policy never removes instances. AWS takes V(false) by default.
            type: bool
          estimated_instance_warmup: &warmup
            description: Seconds until a new instance counts. By default the group's O(default_instance_warmup).
            type: int
      step:
        description:
          - Change the capacity by how far an alarm's metric is from its threshold. The alarm has the policy's ARN
            among its actions.
        type: dict
        suboptions:
          adjustment_type: &adjustment_type
            description: Whether an adjustment is instances more or less, a capacity, or percent.
            type: str
            choices: [ChangeInCapacity, ExactCapacity, PercentChangeInCapacity]
            required: true
          min_adjustment_magnitude: &magnitude
            description: The fewest instances that a percentage changes.
            type: int
          metric_aggregation_type:
            description: How the alarm's values are taken together. AWS takes V(Average) by default.
            type: str
            choices: [Minimum, Maximum, Average]
          step_adjustments:
            description: By how much, in ranges that follow each other without a gap.
            type: list
            elements: dict
            required: true
            suboptions:
              lower_bound:
                description: Where the range begins, from the threshold on. Without it, it has no beginning.
                type: float
              upper_bound:
                description: Where the range ends. Without it, it has no end.
                type: float
              scaling_adjustment:
                description: By how much the capacity changes.
                type: int
                required: true
          estimated_instance_warmup: *warmup
      simple:
        description: Change the capacity by one amount when an alarm goes off.
        type: dict
        suboptions:
          adjustment_type: *adjustment_type
          min_adjustment_magnitude: *magnitude
          scaling_adjustment:
            description: By how much the capacity changes.
            type: int
            required: true
          cooldown:
            description: Seconds until the next one. By default the group's O(default_cooldown).
            type: int
      predictive:
        description: Launch ahead of the load that is expected from what was seen.
        type: dict
        suboptions:
          metric_specifications:
            description: The load, and what it makes of an instance. AWS takes one specification.
            type: list
            elements: dict
            required: true
            suboptions:
              target_value:
                description: The value that the scaling metric shall have.
                type: float
                required: true
              predefined_metric_pair:
                description: Both metrics at once.
                type: dict
                suboptions:
                  type:
                    description: The pair.
                    type: str
                    choices: [ASGCPUUtilization, ASGNetworkIn, ASGNetworkOut, ALBRequestCount]
                    required: true
                  resource_label: *resource_label
              predefined_scaling_metric:
                description: The metric of an instance.
                type: dict
                suboptions:
                  type:
                    description: The metric.
                    type: str
                    choices:
                      - ASGAverageCPUUtilization
                      - ASGAverageNetworkIn
                      - ASGAverageNetworkOut
                      - ALBRequestCountPerTarget
                    required: true
                  resource_label: *resource_label
              predefined_load_metric:
                description: The metric of the load.
                type: dict
                suboptions:
                  type:
                    description: The metric.
                    type: str
                    choices:
                      - ASGTotalCPUUtilization
                      - ASGTotalNetworkIn
                      - ASGTotalNetworkOut
                      - ALBTargetGroupRequestCount
                    required: true
                  resource_label: *resource_label
              customized_scaling_metric: &customized
                description: A metric of CloudWatch in the place of AWS's own.
                type: dict
                suboptions:
                  metrics:
                    description: Metrics and expressions over them. One of them is the result.
                    type: list
                    elements: dict
                    required: true
                    suboptions:
                      id: *id
                      expression: *expression
                      label: *query_label
                      return_data: *return_data
                      metric_stat:
                        description: A metric's statistic.
                        type: dict
                        suboptions:
                          metric: *metric
                          stat: *stat
                          unit: *unit
              customized_load_metric: *customized
              customized_capacity_metric: *customized
          mode:
            description: Whether it scales or forecasts only. AWS takes V(ForecastOnly) by default.
            type: str
            choices: [ForecastAndScale, ForecastOnly]
          scheduling_buffer_time:
            description: Seconds that instances are launched ahead, less than 3600. AWS takes 300 by default.
            type: int
          max_capacity_breach_behavior:
            description: Whether a forecast may raise O(max_size). AWS takes V(HonorMaxCapacity) by default.
            type: str
            choices: [HonorMaxCapacity, IncreaseMaxCapacity]
          max_capacity_buffer:
            description: By how many percent above the forecast, 0 to 100. Needed with V(IncreaseMaxCapacity).
            type: int
  scheduled_actions:
    description:
      - The scheduled actions there shall be. Others are removed. Actions are matched by name.
      - They are left alone when this is not given. An empty list removes them all.
      - One whose time is over is neither made nor told, as AWS forgets it too.
      - AWS takes no two that start at the same time. Of actions that take each other's times, one is deleted and made
        again. Two of the same O(scheduled_actions[].recurrence) run in no order.
      - A size that one of them sets is left alone in a group that is there, or the next run would undo it.
    type: list
    elements: dict
    suboptions:
      name:
        description: The action's name.
        type: str
        required: true
      min_size:
        description: The group's fewest instances from then on. Give one size at least.
        type: int
      max_size:
        description: The group's most instances from then on.
        type: int
      desired_capacity:
        description: The group's wanted instances at that time.
        type: int
      recurrence:
        description:
          - When it recurs, as minute, hour, day of month, month and day of week, such as C(30 8 * * MON-FRI).
          - An action that recurs goes on to do so where this is not given. One that happens once needs another name.
        type: str
      time_zone:
        description: The zone of O(scheduled_actions[].recurrence), such as V(Europe/Vienna). AWS takes UTC by default.
        type: str
      start_time:
        description:
          - When it happens, or recurs for the first time, such as V(2031-05-04T09:00:00Z). Without a zone it is UTC.
          - Of a recurring action AWS tells the next time as its start, so an earlier one is no change.
        type: str
      end_time:
        description: When it recurs no more.
        type: str
  warm_pool:
    description:
      - Instances that are prepared beside the group. An empty dictionary removes them.
      - A pool that is still being deleted is waited for, before another one is made too.
      - To have a pool with AWS's own settings give O(warm_pool.min_size=0).
    type: dict
    suboptions:
      min_size:
        description: The fewest instances in the pool. AWS takes 0 by default.
        type: int
      max_group_prepared_capacity:
        description:
          - The most instances in group and pool together. By default O(max_size). V(-1) takes the value away.
        type: int
      pool_state:
        description: The state that its instances are kept in. AWS takes V(Stopped) by default.
        type: str
        choices: [Stopped, Running, Hibernated]
      instance_reuse_policy:
        description: What becomes of instances when the group shrinks.
        type: dict
        suboptions:
          reuse_on_scale_in:
            description: Whether they return to the pool. AWS takes V(false) by default.
            type: bool
  wait_timeout:
    description:
      - How long to wait at most, in seconds. What was last seen is in the message when it runs out.
      - A run that was cut short goes on where it stopped when the same task is run again.
    type: int
    default: 900
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.mixed_instances
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

- name: Whatever of three types is cheap and there, two instances of them on demand
  ha_stack.aws.autoscaling_group:
    name: goals
    mixed_instances:
      overrides:
        - instance_type: m7i.large
        - instance_type: m6i.large
        - instance_type: m5.large
      distribution:
        on_demand_base_capacity: 2
        on_demand_percentage_above_base_capacity: 0
        spot_allocation_strategy: price-capacity-optimized

- name: A group that scales by itself, and lets its instances drain their work
  ha_stack.aws.autoscaling_group:
    name: goals
    min_size: 2
    max_size: 6
    lifecycle_hooks:
      - name: drain
        transition: autoscaling:EC2_INSTANCE_TERMINATING
        heartbeat_timeout: 120
        default_result: CONTINUE
    scaling_policies:
      - name: requests
        target_tracking:
          target_value: 500
          predefined_metric:
            type: ALBRequestCountPerTarget
            resource_label: app/goals/50dc6c495c0c9188/targetgroup/goals/73e2d6bc24d8a067
    scheduled_actions:
      - name: business-hours
        recurrence: 30 7 * * MON-FRI
        time_zone: Europe/Vienna
        min_size: 4
    warm_pool:
      pool_state: Stopped
      min_size: 1

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
    mixed_instances:
      description: Its policy of mixed instances in the names of the options. Null without one.
      type: dict
    target_group_arns:
      description: The target groups that instances are registered in.
      type: list
      elements: str
    traffic_sources:
      description: What leads traffic to the instances, target groups included.
      type: list
      elements: dict
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
        instance_type:
          description: Its instance type.
          type: str
        weight:
          description: How much of the group's capacity it is, where the group's overrides have weights.
          type: int
        image_id:
          description: Its AMI, where an override or a replaced root volume gave it.
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
    lifecycle_hooks:
      description:
        - Its lifecycle hooks by name, in the names of the options, with their C(global_timeout).
        - Not read, and so V(null), where O(lifecycle_hooks) is not given. The same holds for the next three.
      type: list
      elements: dict
    notifications:
      description: The topics that are told, in the names of the options.
      type: list
      elements: dict
    scaling_policies:
      description: Its scaling policies by name, in the names of the options, without what is as AWS has it by default.
      type: list
      elements: dict
      contains:
        arn:
          description: The policy's ARN, the action of the alarms of step and simple policies.
          type: str
        alarms:
          description: The names of the alarms that AWS made for it, or that name it.
          type: list
          elements: str
    scheduled_actions:
      description: Its scheduled actions that are still to come by name, in the names of the options.
      type: list
      elements: dict
      contains:
        arn:
          description: The action's ARN.
          type: str
    warm_pool:
      description: Its warm pool in the names of the options, with its C(size) now. Null without one.
      type: dict
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
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_parts as parts
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import again, read
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
    operations={**api.OPERATIONS, **parts.OPERATIONS},
    again=again,
    pending=pending,
    remaining=remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

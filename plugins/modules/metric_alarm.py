#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: metric_alarm
short_description: Manage a CloudWatch alarm on a metric
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes an alarm that compares one metric with a threshold, and tells its state.
  - A setting that is not given is left as it is. An alarm's state stays when its settings change.
  - A new alarm needs O(namespace), O(metric_name), O(statistic) or O(extended_statistic), O(period),
    O(evaluation_periods), O(threshold) and O(comparison_operator).
options:
  name:
    description: The alarm's name.
    type: str
    required: true
  description:
    description: What it is for, at most 1024 characters.
    type: str
  namespace:
    description: Whose metric it is, such as V(AWS/ApplicationELB).
    type: str
  metric_name:
    description: The metric.
    type: str
  dimensions:
    description: Which of the metrics of that name, as a dictionary. All of its dimensions, exactly these.
    type: dict
  statistic:
    description: What is made of the data of a period.
    type: str
    choices: [SampleCount, Average, Sum, Minimum, Maximum]
  extended_statistic:
    description: Instead of O(statistic), a percentile such as V(p99), or V(tm90), V(IQM), V(PR(0:500\)).
    type: str
  period:
    description: A period's length in seconds. 10, 20, 30 or a multiple of 60.
    type: int
  unit:
    description: Only data of this unit. CloudWatch advises to leave it out.
    type: str
    choices:
      - Seconds
      - Microseconds
      - Milliseconds
      - Bytes
      - Kilobytes
      - Megabytes
      - Gigabytes
      - Terabytes
      - Bits
      - Kilobits
      - Megabits
      - Gigabits
      - Terabits
      - Percent
      - Count
      - Bytes/Second
      - Kilobytes/Second
      - Megabytes/Second
      - Gigabytes/Second
      - Terabytes/Second
      - Bits/Second
      - Kilobits/Second
      - Megabits/Second
      - Gigabits/Second
      - Terabits/Second
      - Count/Second
      - "None"
  evaluation_periods:
    description: How many periods are looked at, a day of them at most, a week where a period is an hour or longer.
    type: int
  datapoints_to_alarm:
    description:
      - In how many of them the threshold must be crossed.
      - Where it isn't given, all of them; or as before, where an alarm that is there needed fewer.
    type: int
  threshold:
    description: What the statistic is compared with.
    type: float
  comparison_operator:
    description: When the threshold is crossed.
    type: str
    choices:
      - GreaterThanOrEqualToThreshold
      - GreaterThanThreshold
      - LessThanThreshold
      - LessThanOrEqualToThreshold
  treat_missing_data:
    description: What a period without data counts as. V(ignore) keeps the state. A new alarm has V(missing).
    type: str
    choices: [breaching, notBreaching, ignore, missing]
  evaluate_low_sample_count_percentile:
    description: Whether a percentile of too few samples is looked at.
    type: str
    choices: [evaluate, ignore]
  actions_enabled:
    description: Whether the actions are carried out. A new alarm's are.
    type: bool
  alarm_actions:
    description: What is done when the alarm goes off, ARNs, five at most, exactly these.
    type: list
    elements: str
  ok_actions:
    description: What is done when all is well again.
    type: list
    elements: str
  insufficient_data_actions:
    description: What is done when there is too little data to tell.
    type: list
    elements: str
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Some instance has been unhealthy for ten minutes
  ha_stack.aws.metric_alarm:
    name: goals-unhealthy
    namespace: AWS/ApplicationELB
    metric_name: UnHealthyHostCount
    dimensions:
      LoadBalancer: app/goals/50dc6c495c0c9188
      TargetGroup: targetgroup/goals/73e2d6bc24d8a067
    statistic: Maximum
    period: 60
    evaluation_periods: 10
    threshold: 1
    comparison_operator: GreaterThanOrEqualToThreshold
    treat_missing_data: notBreaching

- name: No alarm
  ha_stack.aws.metric_alarm:
    name: goals-unhealthy
    state: absent
"""

RETURN = r"""
metric_alarm:
  description: The alarm as it is after the run. Empty when absent.
  type: dict
  returned: always
  contains:
    arn:
      description: Its Amazon Resource Name.
      type: str
      sample: arn:aws:cloudwatch:us-east-1:123456789012:alarm:goals-unhealthy
    state_value:
      description: Its state, V(OK), V(ALARM) or V(INSUFFICIENT_DATA).
      type: str
    state_reason:
      description: Why it is in that state.
      type: str
    dimensions:
      description: Which metric it looks at.
      type: dict
    datapoints_to_alarm:
      description: In how many of the periods the threshold must be crossed.
      type: int
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create alarm goals-unhealthy]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import metric_alarm as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import metric_alarm as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.metric_alarm import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="metric_alarm",
    options=model.OPTIONS,
    faults=model.faults,
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

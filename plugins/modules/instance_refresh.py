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
    suboptions:
      overrides:
        description:
          - What takes the place of the template's own, in the order of their priority, exactly these.
          - They are left alone when this is not given. An empty list removes them.
        type: list
        elements: dict
        suboptions:
          instance_type:
            description: The instance type. Give this or O(mixed_instances.overrides[].instance_requirements).
            type: str
          weight:
            description:
              - How much of the group's capacity an instance of this type is, 1 to 999. Give it for all or for none.
              - The group's sizes are in the same unit then.
            type: int
          image_id:
            description: The AMI in the place of the template's.
            type: str
          launch_template:
            description: Another launch template, such as one with an AMI of another architecture.
            type: dict
            suboptions:
              id:
                description: The template's id. Give either this or its name.
                type: str
              name:
                description: The template's name.
                type: str
              version:
                description: The number of the version.
                type: str
          instance_requirements:
            description:
              - What an instance type has to have. AWS finds the types.
              - They are described in full. What is left out is as AWS has it by default.
            type: dict
            suboptions:
              vcpu_count:
                description: How many vCPUs.
                type: dict
                required: true
                suboptions: &from
                  min:
                    description: The least.
                    type: int
                    required: true
                  max:
                    description: The most. No limit, when it is not given.
                    type: int
              memory_mib:
                description: MiB of memory.
                type: dict
                required: true
                suboptions: *from
              cpu_manufacturers:
                description: Whose processors. Any, when it is not given.
                type: list
                elements: str
                choices: [intel, amd, amazon-web-services, apple]
              memory_gib_per_vcpu:
                description: GiB of memory for each vCPU.
                type: dict
                suboptions: &fractions
                  min:
                    description: The least. No limit, when it is not given.
                    type: float
                  max:
                    description: The most. No limit, when it is not given.
                    type: float
              allowed_instance_types:
                description: The only types that are looked at. V(*) stands for any characters.
                type: list
                elements: str
              excluded_instance_types:
                description: Types that are left out. V(*) stands for any characters. Give one of the two.
                type: list
                elements: str
              instance_generations:
                description: Generations of types. Any, when it is not given.
                type: list
                elements: str
                choices: [current, previous]
              spot_max_price_percentage_over_lowest_price:
                description: How far a Spot price may be above the lowest one, in percent.
                type: int
              max_spot_price_as_percentage_of_optimal_on_demand_price:
                description: The highest Spot price, in percent of the On-Demand price. Give one of the two.
                type: int
              on_demand_max_price_percentage_over_lowest_price:
                description:
                  - How far an On-Demand price may be above the lowest one, in percent. AWS takes 20 by default.
                type: int
              bare_metal:
                description: Whether types without a hypervisor are. AWS takes V(excluded) by default.
                type: str
                choices: [included, excluded, required]
              burstable_performance:
                description: Whether types with processor credits are. AWS takes V(excluded) by default.
                type: str
                choices: [included, excluded, required]
              require_hibernate_support:
                description: Whether types have to be able to hibernate. AWS takes V(false) by default.
                type: bool
              network_interface_count:
                description: How many network interfaces a type takes.
                type: dict
                suboptions: &range
                  min:
                    description: The least. No limit, when it is not given.
                    type: int
                  max:
                    description: The most. No limit, when it is not given.
                    type: int
              network_bandwidth_gbps:
                description: Gigabits a second of network.
                type: dict
                suboptions: *fractions
              local_storage:
                description: Whether types with instance store are. AWS takes V(included) by default.
                type: str
                choices: [included, excluded, required]
              local_storage_types:
                description: Which instance store. Any, when it is not given.
                type: list
                elements: str
                choices: [hdd, ssd]
              total_local_storage_gb:
                description: GB of instance store.
                type: dict
                suboptions: *fractions
              baseline_ebs_bandwidth_mbps:
                description: Megabits a second to EBS.
                type: dict
                suboptions: *range
              accelerator_types:
                description: Which accelerators. Any, when it is not given.
                type: list
                elements: str
                choices: [gpu, fpga, inference]
              accelerator_count:
                description: How many accelerators. A C(max) of 0 leaves out types that have one.
                type: dict
                suboptions: *range
              accelerator_manufacturers:
                description: Whose accelerators. Any, when it is not given.
                type: list
                elements: str
                choices: [nvidia, amd, amazon-web-services, xilinx]
              accelerator_names:
                description: Which models of accelerators. Any, when it is not given.
                type: list
                elements: str
                choices: [a100, v100, k80, t4, m60, radeon-pro-v520, vu9p]
              accelerator_total_memory_mib:
                description: MiB of memory of all accelerators.
                type: dict
                suboptions: *range
              baseline_performance_factors:
                description: The least performance, by comparison.
                type: dict
                suboptions:
                  cpu:
                    description: Of the processor.
                    type: dict
                    suboptions:
                      references:
                        description: Whose performance is the least. AWS takes one.
                        type: list
                        elements: dict
                        suboptions:
                          instance_family:
                            description: An instance family, such as V(c6i).
                            type: str
      distribution:
        description: How much is on demand, and where Spot Instances come from. What is not given in it is left alone.
        type: dict
        suboptions:
          on_demand_allocation_strategy:
            description:
              - Which types are launched on demand. V(prioritized) goes by the order of the overrides, and is AWS's
                default unless they have requirements.
            type: str
            choices: [lowest-price, prioritized]
          on_demand_base_capacity:
            description: How much of the capacity is on demand in any case. AWS takes 0 by default.
            type: int
          on_demand_percentage_above_base_capacity:
            description: How much of what is above is on demand, in percent. AWS takes 100 by default.
            type: int
          spot_allocation_strategy:
            description:
              - Where Spot Instances come from. AWS takes V(lowest-price) by default, and recommends
                V(price-capacity-optimized), which is interrupted less.
            type: str
            choices: [lowest-price, capacity-optimized, capacity-optimized-prioritized, price-capacity-optimized]
          spot_instance_pools:
            description: From how many Spot pools, 1 to 20, with V(lowest-price). AWS takes 2 by default.
            type: int
          spot_max_price:
            description: The most that is paid for an hour of a Spot Instance. An empty string takes the limit away.
            type: str
          distribution_segments:
            description:
              - Kinds of capacity in the order they are tried, in the place of the two options of what is on demand.
              - An empty list removes them.
            type: list
            elements: dict
            suboptions:
              target_capacity_types:
                description: The kinds of capacity, in the order they are tried.
                type: list
                elements: str
                choices: [on-demand-capacity-reservation, capacity-block, interruptible-capacity-reservation, on-demand]
                required: true
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
    description: Wait until the refresh has ended. Without it, the same task with it follows the refresh later.
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

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What a policy of mixed instances is made of. Each module says by itself what becomes of the policy."""

    DOCUMENTATION = r"""
options:
  mixed_instances:
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
"""

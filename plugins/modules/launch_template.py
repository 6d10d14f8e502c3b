#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: launch_template
short_description: Manage an EC2 launch template, with a new version only when something changes
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a launch template.
  - A version can't be changed, so a change makes a new one. The options are compared with the newest version, with
    O(default_version=keep) with the default one first. No version is made when nothing differs.
  - A new version keeps everything of the compared one that is not given, also what this module has no option for.
  - What is not given is left alone, within a dictionary and within an element of a list too.
  - An empty string, list or dictionary takes a setting away, within a dictionary too.
    What EC2 takes instead of a given setting only, such as O(instance_type) instead of O(instance_requirements),
    goes by itself.
options:
  name:
    description: The template's name, 3 to 128 letters, digits and any of V((), V(\)), V(.), V(-), V(/) and V(_).
    type: str
    required: true
  image_id:
    description:
      - The AMI, as V(ami-...), or as V(resolve:ssm:/aws/service/...) with the name of a public or an own SSM parameter.
      - The module looks the parameter up and writes the AMI's id into the template, because the automatic rollback of
        an instance refresh is refused where the template names a parameter.
        A newer AMI behind the parameter is a change.
    type: str
  instance_type:
    description: The instance type, such as V(t3.micro).
    type: str
  instance_requirements:
    description:
      - What an instance type must have, instead of O(instance_type), for groups that launch what there is capacity for.
      - O(instance_requirements.vcpu_count) and O(instance_requirements.memory_mib) with their V(min) have to be there.
    type: dict
    suboptions:
      vcpu_count:
        description: How many vCPUs.
        type: dict
        suboptions:
          min:
            description: The least, in vCPUs.
            type: int
          max:
            description: The most, in vCPUs.
            type: int
      memory_mib:
        description: How much memory.
        type: dict
        suboptions:
          min:
            description: The least, in MiB.
            type: int
          max:
            description: The most, in MiB.
            type: int
      memory_gib_per_vcpu:
        description: How much memory a vCPU.
        type: dict
        suboptions:
          min:
            description: The least, in GiB.
            type: float
          max:
            description: The most, in GiB.
            type: float
      cpu_manufacturers:
        description: Who made the processor.
        type: list
        elements: str
        choices: [intel, amd, amazon-web-services, apple]
      allowed_instance_types:
        description: The types to choose from, such as V(m5.large) or V(c5*), instead of all.
        type: list
        elements: str
      excluded_instance_types:
        description: The types to leave out. Give this or the allowed ones.
        type: list
        elements: str
      instance_generations:
        description: Which generations.
        type: list
        elements: str
        choices: [current, previous]
      bare_metal:
        description: Whether bare metal types are among them.
        type: str
        choices: [included, required, excluded]
      burstable_performance:
        description: Whether burstable types are among them.
        type: str
        choices: [included, required, excluded]
      require_hibernate_support:
        description: Whether types must be able to hibernate.
        type: bool
      require_encryption_in_transit:
        description: Whether types must encrypt the traffic between instances.
        type: bool
      spot_max_price_percentage_over_lowest_price:
        description: The most to pay for Spot, in percent above the lowest price.
        type: int
      max_spot_price_as_percentage_of_optimal_on_demand_price:
        description: The most to pay for Spot, in percent of the best type's On-Demand price.
        type: int
      on_demand_max_price_percentage_over_lowest_price:
        description: The most to pay On-Demand, in percent above the lowest price.
        type: int
      network_interface_count:
        description: How many network interfaces.
        type: dict
        suboptions:
          min:
            description: The least, in interfaces.
            type: int
          max:
            description: The most, in interfaces.
            type: int
      network_bandwidth_gbps:
        description: How much bandwidth to the network.
        type: dict
        suboptions:
          min:
            description: The least, in Gbit/s.
            type: float
          max:
            description: The most, in Gbit/s.
            type: float
      baseline_ebs_bandwidth_mbps:
        description: How much bandwidth to volumes.
        type: dict
        suboptions:
          min:
            description: The least, in Mbit/s.
            type: int
          max:
            description: The most, in Mbit/s.
            type: int
      local_storage:
        description: Whether types with instance store volumes are among them.
        type: str
        choices: [included, required, excluded]
      local_storage_types:
        description: What those volumes are.
        type: list
        elements: str
        choices: [hdd, ssd]
      total_local_storage_gb:
        description: How much they hold.
        type: dict
        suboptions:
          min:
            description: The least, in GB.
            type: float
          max:
            description: The most, in GB.
            type: float
      accelerator_types:
        description: Which kinds of accelerators.
        type: list
        elements: str
        choices: [gpu, fpga, inference, media]
      accelerator_count:
        description: How many accelerators. A most of 0 leaves out types that have any.
        type: dict
        suboptions:
          min:
            description: The least, in accelerators.
            type: int
          max:
            description: The most, in accelerators.
            type: int
      accelerator_manufacturers:
        description: Who made them.
        type: list
        elements: str
        choices: [amazon-web-services, amd, nvidia, xilinx, habana]
      accelerator_names:
        description: Which they are, such as V(a10g) or V(inferentia2).
        type: list
        elements: str
      accelerator_total_memory_mib:
        description: How much memory they have.
        type: dict
        suboptions:
          min:
            description: The least, in MiB.
            type: int
          max:
            description: The most, in MiB.
            type: int
      baseline_performance_factors:
        description: How fast types are at least.
        type: dict
        suboptions:
          cpu:
            description: How fast their processors are.
            type: dict
            suboptions:
              references:
                description: As fast as those of an instance family. EC2 takes one.
                type: list
                elements: dict
                suboptions:
                  instance_family:
                    description: The family, such as V(c6i).
                    type: str
  user_data:
    description:
      - What instances run at their first boot, as plain text of at most 16384 bytes.
        It is encoded by the module and compared by content.
      - Results, differences and logs show a fingerprint only.
    type: str
  instance_profile:
    description: The instance profile that gives instances their IAM role, by name or ARN.
    type: str
  security_group_ids:
    description:
      - The instances' security groups, exactly these.
      - Where the template has network interfaces, they are the groups of the first, the primary one.
    type: list
    elements: str
  network_interfaces:
    description:
      - The network interfaces, exactly these. One is known by its O(network_interfaces[].network_card_index) and its
        O(network_interfaces[].device_index), and keeps what is not given for it.
      - An Auto Scaling Group chooses the subnet, so that O(network_interfaces[].subnet_id) is for other users of the
        template.
    type: list
    elements: dict
    suboptions:
      device_index:
        description: The interface's place on its network card. The primary one is V(0).
        type: int
        default: 0
      network_card_index:
        description: The network card, of instance types that have several.
        type: int
      interface_type:
        description: Whether it is an Elastic Fabric Adapter, and if so whether with a network interface.
        type: str
        choices: [interface, efa, efa-only]
      description:
        description: What to write on it.
        type: str
      subnet_id:
        description: Its subnet.
        type: str
      security_group_ids:
        description: Its security groups, exactly these. Those of the first are O(security_group_ids) too.
        type: list
        elements: str
      associate_public_ip_address:
        description: Whether it gets a public IPv4 address.
        type: bool
      associate_carrier_ip_address:
        description: Whether it gets a carrier's address, in a Wavelength Zone.
        type: bool
      delete_on_termination:
        description: Whether it goes with its instance.
        type: bool
      network_interface_id:
        description: An interface that is there already, for a template of one instance.
        type: str
      private_ip_address:
        description: Its primary private IPv4 address.
        type: str
      private_ip_addresses:
        description: Its private IPv4 addresses.
        type: list
        elements: dict
        suboptions:
          private_ip_address:
            description: The address.
            type: str
            required: true
          primary:
            description: Whether it is the primary one.
            type: bool
      secondary_private_ip_address_count:
        description: How many private IPv4 addresses EC2 gives it besides the primary one.
        type: int
      ipv4_prefixes:
        description: IPv4 prefixes that it gets.
        type: list
        elements: str
      ipv4_prefix_count:
        description: How many IPv4 prefixes EC2 gives it.
        type: int
      ipv6_addresses:
        description: Its IPv6 addresses.
        type: list
        elements: str
      ipv6_address_count:
        description: How many IPv6 addresses EC2 gives it.
        type: int
      ipv6_prefixes:
        description: IPv6 prefixes that it gets.
        type: list
        elements: str
      ipv6_prefix_count:
        description: How many IPv6 prefixes EC2 gives it.
        type: int
      primary_ipv6:
        description: Whether its first IPv6 address is one that stays with the instance.
        type: bool
      ena_srd:
        description: ENA Express.
        type: dict
        suboptions:
          enabled:
            description: Whether TCP uses it.
            type: bool
          udp:
            description: What UDP does.
            type: dict
            suboptions:
              enabled:
                description: Whether UDP uses it too.
                type: bool
      ena_queue_count:
        description: How many ENA queues it has.
        type: int
      connection_tracking:
        description: After how long the security groups forget a silent connection.
        type: dict
        suboptions:
          tcp_established_timeout:
            description: An established TCP connection, 60 to 432000 seconds.
            type: int
          udp_stream_timeout:
            description: A stream of UDP, 60 to 180 seconds.
            type: int
          udp_timeout:
            description: UDP in one direction, or one request and its answer, 30 to 60 seconds.
            type: int
  secondary_interfaces:
    description: The interfaces to secondary subnets, exactly these.
    type: list
    elements: dict
    suboptions:
      device_index:
        description: The interface's place on its network card.
        type: int
        required: true
      network_card_index:
        description: The network card.
        type: int
      secondary_subnet_id:
        description: The secondary subnet.
        type: str
      interface_type:
        description: What it is.
        type: str
        choices: [secondary]
      delete_on_termination:
        description: Whether it goes with its instance. EC2 takes V(true) only.
        type: bool
      private_ip_addresses:
        description: Its private IPv4 addresses.
        type: list
        elements: dict
        suboptions:
          private_ip_address:
            description: The address.
            type: str
            required: true
      private_ip_address_count:
        description: How many private IPv4 addresses EC2 gives it.
        type: int
  network_performance:
    description: How an instance's bandwidth is shared.
    type: dict
    suboptions:
      bandwidth_weighting:
        description: More for the network, V(vpc-1), more for the volumes, V(ebs-1), or what the type has.
        type: str
        choices: [default, vpc-1, ebs-1]
  private_dns_name_options:
    description: What instances are called. What is not given is as the subnet has it.
    type: dict
    suboptions:
      hostname_type:
        description: Whether the name is made of the address, V(ip-name), or of the instance's id, V(resource-name).
        type: str
        choices: [ip-name, resource-name]
      enable_resource_name_dns_a_record:
        description: Whether the name by id has an A record.
        type: bool
      enable_resource_name_dns_aaaa_record:
        description: Whether the name by id has an AAAA record.
        type: bool
  key_name:
    description: The key pair for SSH.
    type: str
  kernel_id:
    description: The kernel, for images that need one. Current images bring their own.
    type: str
  ram_disk_id:
    description: The RAM disk, for images that need one.
    type: str
  ebs_optimized:
    description: Whether instances have bandwidth of their own to their volumes. Current instance types always have.
    type: bool
  monitoring:
    description: Whether CloudWatch gets metrics each minute (detailed monitoring) instead of every five.
    type: bool
  metric_category_ids:
    description: The categories of metrics of instances, exactly these. They need O(monitoring=true).
    type: list
    elements: str
  metadata_options:
    description:
      - How instances reach their metadata. This option's defaults hold when it is not given too, or empty, so that
        version 2 of the metadata service is required unless V(optional) is asked for.
    type: dict
    suboptions:
      http_tokens:
        description: Whether a session token, version 2 of the service, is required.
        type: str
        choices: [required, optional]
        default: required
      http_put_response_hop_limit:
        description: How many network hops the token may travel, 1 to 64. Containers with a network of their own need 2.
        type: int
        default: 1
      http_endpoint:
        description: Whether the metadata service is there at all.
        type: str
        choices: [enabled, disabled]
      http_protocol_ipv6:
        description: Whether the service answers at its IPv6 address too.
        type: str
        choices: [enabled, disabled]
      instance_metadata_tags:
        description: Whether the instance's tags are among its metadata.
        type: str
        choices: [enabled, disabled]
  volumes:
    description:
      - The block devices, exactly these. They are EBS volumes, unless O(volumes[].virtual_name) or
        O(volumes[].no_device) says something else.
      - What is not given for a volume is left to the AMI, or as it is in the newest version.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: The device, such as V(/dev/xvda), which is the root volume of Amazon Linux.
        type: str
        required: true
      size:
        description: The size in GiB.
        type: int
      type:
        description: The volume's type.
        type: str
        choices: [gp3, gp2, io1, io2, st1, sc1, standard]
        default: gp3
      encrypted:
        description:
          - Whether the volume is encrypted. V(true) when this is not given, unless O(volumes[].snapshot_id) is
            given. It then is as the snapshot and the account's default are.
        type: bool
      iops:
        description: Operations a second, for V(gp3), V(io1) and V(io2).
        type: int
      throughput:
        description: Throughput in MiB/s, for V(gp3).
        type: int
      kms_key_id:
        description: The KMS key that encrypts the volume, instead of the account's default key.
        type: str
      delete_on_termination:
        description: Whether the volume goes with its instance.
        type: bool
        default: true
      snapshot_id:
        description: The snapshot that the volume begins as.
        type: str
      volume_initialization_rate:
        description: At what rate the snapshot is copied to the volume, 100 to 300 MiB/s. AWS charges for it.
        type: int
      ebs_card_index:
        description: The EBS card that the volume is at, of instance types that have several.
        type: int
      virtual_name:
        description: An instance store volume at this device, V(ephemeral0) and so on, instead of an EBS volume.
        type: str
      no_device:
        description: Whether nothing shall be at this device, though the AMI has something there.
        type: bool
  cpu_options:
    description: The processor's cores and what they can do.
    type: dict
    suboptions:
      core_count:
        description: How many cores are used. O(cpu_options.threads_per_core) has to be there too.
        type: int
      threads_per_core:
        description: How many threads a core runs. V(1) is no multithreading.
        type: int
      amd_sev_snp:
        description: Whether memory is encrypted by AMD SEV-SNP.
        type: str
        choices: [enabled, disabled]
      nested_virtualization:
        description: Whether instances can run virtual machines.
        type: str
        choices: [enabled, disabled]
  credit_specification:
    description: What a burstable instance does with no credits left.
    type: dict
    suboptions:
      cpu_credits:
        description: It slows down, V(standard), or is charged for more, V(unlimited).
        type: str
        choices: [standard, unlimited]
  placement:
    description: Where instances run. An Auto Scaling Group chooses the zone itself.
    type: dict
    suboptions:
      availability_zone:
        description: The zone, by name. Give this or O(placement.availability_zone_id).
        type: str
      availability_zone_id:
        description: The zone, by its id.
        type: str
      tenancy:
        description: Whether instances share hardware with other accounts, have their own, or run on a Dedicated Host.
        type: str
        choices: [default, dedicated, host]
      affinity:
        description: Whether an instance comes back to its Dedicated Host, V(host), or to any, V(default).
        type: str
      host_id:
        description: The Dedicated Host.
        type: str
      host_resource_group_arn:
        description: The group of Dedicated Hosts. Leave out O(placement.tenancy) then, or set it to V(host).
        type: str
      group_name:
        description: The placement group, by name. Give this or O(placement.group_id).
        type: str
      group_id:
        description: The placement group, by its id. A shared one has to be named by it.
        type: str
      partition_number:
        description: The partition of the placement group.
        type: int
  capacity_reservation:
    description: Which Capacity Reservations instances run in.
    type: dict
    suboptions:
      preference:
        description: Those that fit, before On-Demand capacity, V(open), none, V(none), or nothing else.
        type: str
        choices: [capacity-reservations-only, open, none]
      target:
        description:
          - Exactly this one. It stands beside O(capacity_reservation.preference=capacity-reservations-only) only.
        type: dict
        suboptions:
          id:
            description: The Capacity Reservation. Give this or O(capacity_reservation.target.resource_group_arn).
            type: str
          resource_group_arn:
            description: The group of Capacity Reservations.
            type: str
  market_options:
    description:
      - How instances are bought, if not On-Demand. An Auto Scaling Group with a mixed instances policy doesn't take a
        template that has this.
    type: dict
    suboptions:
      market_type:
        description: What is bought.
        type: str
        choices: [spot, capacity-block, interruptible-capacity-reservation, on-demand]
      spot:
        description: How Spot Instances are asked for, with O(market_options.market_type=spot).
        type: dict
        suboptions:
          max_price:
            description: The most to pay an hour, in dollars. AWS advises against it; without it that is On-Demand's.
            type: str
          type:
            description: Whether the request ends with its instance. Auto Scaling Groups take V(one-time) only.
            type: str
            choices: [one-time, persistent]
          valid_until:
            description: When a V(persistent) request ends, such as V(2030-01-31T12:00:00Z).
            type: str
          interruption_behavior:
            description: What an instance does when EC2 takes its capacity back.
            type: str
            choices: [terminate, stop, hibernate]
  licenses:
    description: The ARNs of the license configurations, exactly these.
    type: list
    elements: str
  enclave:
    description: Whether instances can run Nitro Enclaves. This can't stand beside O(hibernation).
    type: bool
  hibernation:
    description: Whether instances can hibernate.
    type: bool
  maintenance:
    description: What AWS does by itself about an instance whose host fails.
    type: dict
    suboptions:
      auto_recovery:
        description: Whether it is recovered on another host, V(default), or not.
        type: str
        choices: [default, disabled]
  disable_api_stop:
    description: Whether instances can't be stopped by the API.
    type: bool
  disable_api_termination:
    description: Whether instances can't be terminated by the API. Auto Scaling Groups terminate them all the same.
    type: bool
  instance_initiated_shutdown_behavior:
    description: What a shutdown from within does to the instance.
    type: str
    choices: [stop, terminate]
  instance_tags:
    description: Tags of the instances that are launched, exactly these.
    type: dict
  volume_tags:
    description: Tags of their volumes, exactly these.
    type: dict
  network_interface_tags:
    description: Tags of their network interfaces, exactly these.
    type: dict
  spot_request_tags:
    description: Tags of the Spot Instance requests, exactly these.
    type: dict
  version_description:
    description: What to write on a version that this run makes. It is not compared.
    type: str
  default_version:
    description:
      - What becomes of the template's default version. V(latest), the version with these settings becomes the default.
      - V(keep), the default stays what it is, as the version that has proved itself. A version with these settings is
        made beside it, unless the default or the newest one has them. RV(launch_template.version) tells which it is.
      - A number, given alone, makes that version the default.
    type: str
    default: latest
  keep_versions:
    description:
      - Delete versions but the newest that many. The default version stays, and so does every version that an
        instance runs from, or that an Auto Scaling Group or an instance refresh under way would launch. All versions
        are kept when this is not given.
      - Where there are more versions than that, the caller needs the permissions C(ec2:DescribeInstances),
        C(autoscaling:DescribeAutoScalingGroups) and C(autoscaling:DescribeInstanceRefreshes).
      - A version that only a fleet of EC2 or of Spot Instances names is not seen. Let fleets use the default version.
    type: int
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A template of the newest Amazon Linux 2023
  ha_stack.aws.launch_template:
    name: goals
    image_id: resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
    instance_type: t3.micro
    instance_profile: goals-backend
    security_group_ids: [sg-0123456789abcdef0]
    user_data: "{{ lookup('template', 'user_data.sh.j2') }}"
    volumes:
      - device_name: /dev/xvda
        size: 16
    instance_tags:
      Name: goals
    tags:
      stack: goals
  register: template

- name: A template for a group that takes what there is capacity for, with interfaces that are public
  ha_stack.aws.launch_template:
    name: workers
    instance_requirements:
      vcpu_count: {min: 2, max: 8}
      memory_mib: {min: 4096}
      burstable_performance: included
    network_interfaces:
      - associate_public_ip_address: true
        security_group_ids: [sg-0123456789abcdef0]
    maintenance:
      auto_recovery: disabled

- name: The group that launches from exactly this version
  ha_stack.aws.autoscaling_group:
    name: goals
    launch_template:
      id: "{{ template.launch_template.id }}"
      version: "{{ template.launch_template.latest_version }}"
    subnet_ids: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    min_size: 2
    max_size: 3

- name: No template
  ha_stack.aws.launch_template:
    name: goals
    state: absent
"""

RETURN = r"""
launch_template:
  description:
    - The template as it is after the run, with the settings of one version. Empty when absent.
    - Each option of a version is there under its name, empty or null where the version doesn't have it.
    - In check mode RV(launch_template.latest_version) is the number that the next version gets, if one would be made.
  type: dict
  returned: always
  contains:
    id:
      description: Its id.
      type: str
      sample: lt-0123456789abcdef0
    version:
      description: The number of the version that has these settings.
      type: int
      sample: 3
    latest_version:
      description: The number of the newest version.
      type: int
      sample: 3
    default_version:
      description: The number of the default version.
      type: int
      sample: 3
    image_id:
      description: The AMI, also where O(image_id) names a parameter.
      type: str
      sample: ami-0123456789abcdef0
    security_group_ids:
      description: The security groups, those of the first network interface where there is one.
      type: list
      elements: str
      sample: [sg-0123456789abcdef0]
    user_data:
      description: The fingerprint of the user data.
      type: str
      sample: sha256:2c26b46b68ffc68f (1024 bytes)
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [update launch template goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import launch_template as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import launch_template as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.launch_template import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="launch_template",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    resolve=api.resolve,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    made=api.made,
    pending=model.pending,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options that a version of a launch template holds, and where LaunchTemplateData has them."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_interfaces import Groups, Interfaces
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_parts import (
    Each,
    Inner,
    InnerSet,
    Nested,
    Part,
    Profile,
    Single,
    Tagged,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_structures import (
    CAPACITY_RESERVATION,
    CPU,
    CREDIT,
    EBS,
    INSTANCE_REQUIREMENTS,
    MAINTENANCE,
    MAPPING,
    MARKET,
    METADATA,
    NETWORK_INTERFACE,
    NETWORK_PERFORMANCE,
    PLACEMENT,
    PRIVATE_DNS_NAME,
    SECONDARY_INTERFACE,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_volumes import Volumes
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Member,
    many,
    one,
    switch,
    text,
    words,
)


def _tags() -> Member:
    return Member("TagSpecifications", {"type": "dict"})


# Written in this order: the security groups go where the network interfaces then are.
PARTS: Mapping[str, Part] = {
    "image_id": Part(text("ImageId")),
    "instance_type": Part(text("InstanceType")),
    "instance_requirements": Nested(one("InstanceRequirements", INSTANCE_REQUIREMENTS)),
    "instance_profile": Profile(text("IamInstanceProfile")),
    "key_name": Part(text("KeyName", no_log=False)),
    "kernel_id": Part(text("KernelId")),
    "ram_disk_id": Part(text("RamDiskId")),
    "network_interfaces": Interfaces(
        many("NetworkInterfaces", NETWORK_INTERFACE), ("network_card_index", "device_index")
    ),
    "secondary_interfaces": Each(
        many("SecondaryInterfaces", SECONDARY_INTERFACE), ("network_card_index", "device_index")
    ),
    "security_group_ids": Groups(words("SecurityGroupIds")),
    "private_dns_name_options": Nested(one("PrivateDnsNameOptions", PRIVATE_DNS_NAME)),
    "network_performance": Nested(one("NetworkPerformanceOptions", NETWORK_PERFORMANCE)),
    "volumes": Volumes(many("BlockDeviceMappings", {**MAPPING, **EBS}), ("device_name",)),
    "ebs_optimized": Part(switch("EbsOptimized")),
    "monitoring": Inner(switch("Enabled"), "Monitoring"),
    "metric_category_ids": InnerSet(words("MetricCategoryIds"), "Monitoring"),
    "metadata_options": Nested(one("MetadataOptions", METADATA, apply_defaults=True)),
    "cpu_options": Nested(one("CpuOptions", CPU)),
    "credit_specification": Nested(one("CreditSpecification", CREDIT)),
    "placement": Nested(one("Placement", PLACEMENT)),
    "capacity_reservation": Nested(one("CapacityReservationSpecification", CAPACITY_RESERVATION)),
    "market_options": Nested(one("InstanceMarketOptions", MARKET)),
    "licenses": Single(words("LicenseSpecifications"), "LicenseConfigurationArn"),
    "enclave": Inner(switch("Enabled"), "EnclaveOptions"),
    "hibernation": Inner(switch("Configured"), "HibernationOptions"),
    "maintenance": Nested(one("MaintenanceOptions", MAINTENANCE)),
    "disable_api_stop": Part(switch("DisableApiStop")),
    "disable_api_termination": Part(switch("DisableApiTermination")),
    "instance_initiated_shutdown_behavior": Part(text("InstanceInitiatedShutdownBehavior", "stop", "terminate")),
    "instance_tags": Tagged(_tags(), "instance"),
    "volume_tags": Tagged(_tags(), "volume"),
    "network_interface_tags": Tagged(_tags(), "network-interface"),
    "spot_request_tags": Tagged(_tags(), "spot-instances-request"),
}
# The options that a version holds; the others belong to the template.
LAUNCH_DATA = frozenset({*PARTS, "user_data"})

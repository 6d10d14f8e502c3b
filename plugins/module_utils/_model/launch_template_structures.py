# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The structures of LaunchTemplateData, with the options that stand for their members.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
"""

from __future__ import annotations

from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Member,
    Structure,
    fraction,
    many,
    number,
    one,
    switch,
    text,
    words,
)


def _state(name: str) -> Member:
    return text(name, "enabled", "disabled")


METADATA: Structure = {
    "http_tokens": text("HttpTokens", "required", "optional", default="required"),
    "http_put_response_hop_limit": number("HttpPutResponseHopLimit", default=1),
    "http_endpoint": _state("HttpEndpoint"),
    "http_protocol_ipv6": _state("HttpProtocolIpv6"),
    "instance_metadata_tags": _state("InstanceMetadataTags"),
}
PLACEMENT: Structure = {
    "availability_zone": text("AvailabilityZone"),
    "availability_zone_id": text("AvailabilityZoneId"),
    "tenancy": text("Tenancy", "default", "dedicated", "host"),
    "affinity": text("Affinity"),
    "host_id": text("HostId"),
    "host_resource_group_arn": text("HostResourceGroupArn"),
    "group_name": text("GroupName"),
    "group_id": text("GroupId"),
    "partition_number": number("PartitionNumber"),
}
CPU: Structure = {
    "core_count": number("CoreCount"),
    "threads_per_core": number("ThreadsPerCore"),
    "amd_sev_snp": _state("AmdSevSnp"),
    "nested_virtualization": _state("NestedVirtualization"),
}
CREDIT: Structure = {"cpu_credits": text("CpuCredits", "standard", "unlimited")}
CAPACITY_RESERVATION: Structure = {
    "preference": text("CapacityReservationPreference", "capacity-reservations-only", "open", "none"),
    "target": one(
        "CapacityReservationTarget",
        {"id": text("CapacityReservationId"), "resource_group_arn": text("CapacityReservationResourceGroupArn")},
    ),
}
MARKET: Structure = {
    "market_type": text("MarketType", "spot", "capacity-block", "interruptible-capacity-reservation", "on-demand"),
    "spot": one(
        "SpotOptions",
        {
            "max_price": text("MaxPrice"),
            "type": text("SpotInstanceType", "one-time", "persistent"),
            "valid_until": text("ValidUntil"),
            "interruption_behavior": text("InstanceInterruptionBehavior", "terminate", "stop", "hibernate"),
        },
    ),
}
MAINTENANCE: Structure = {"auto_recovery": text("AutoRecovery", "default", "disabled")}
NETWORK_PERFORMANCE: Structure = {"bandwidth_weighting": text("BandwidthWeighting", "default", "vpc-1", "ebs-1")}
PRIVATE_DNS_NAME: Structure = {
    "hostname_type": text("HostnameType", "ip-name", "resource-name"),
    "enable_resource_name_dns_a_record": switch("EnableResourceNameDnsARecord"),
    "enable_resource_name_dns_aaaa_record": switch("EnableResourceNameDnsAAAARecord"),
}

MAPPING: Structure = {
    "device_name": text("DeviceName", required=True),
    "virtual_name": text("VirtualName"),
    "no_device": switch("NoDevice"),
}
EBS: Structure = {
    "size": number("VolumeSize"),
    "type": text("VolumeType", "gp3", "gp2", "io1", "io2", "st1", "sc1", "standard", default="gp3"),
    "encrypted": switch("Encrypted"),
    "iops": number("Iops"),
    "throughput": number("Throughput"),
    "kms_key_id": text("KmsKeyId", no_log=False),
    "delete_on_termination": switch("DeleteOnTermination", default=True),
    "snapshot_id": text("SnapshotId"),
    "volume_initialization_rate": number("VolumeInitializationRate"),
    "ebs_card_index": number("EbsCardIndex"),
}

# Lists of structures with one member, which the options have as lists of strings.
SINGLE = {"Ipv6Addresses": "Ipv6Address", "Ipv4Prefixes": "Ipv4Prefix", "Ipv6Prefixes": "Ipv6Prefix"}
NETWORK_INTERFACE: Structure = {
    "device_index": number("DeviceIndex", default=0),
    "network_card_index": number("NetworkCardIndex"),
    "interface_type": text("InterfaceType", "interface", "efa", "efa-only"),
    "description": text("Description"),
    "subnet_id": text("SubnetId"),
    "security_group_ids": words("Groups"),
    "associate_public_ip_address": switch("AssociatePublicIpAddress"),
    "associate_carrier_ip_address": switch("AssociateCarrierIpAddress"),
    "delete_on_termination": switch("DeleteOnTermination"),
    "network_interface_id": text("NetworkInterfaceId"),
    "private_ip_address": text("PrivateIpAddress"),
    "private_ip_addresses": many(
        "PrivateIpAddresses",
        {"private_ip_address": text("PrivateIpAddress", required=True), "primary": switch("Primary")},
    ),
    "secondary_private_ip_address_count": number("SecondaryPrivateIpAddressCount"),
    "ipv4_prefixes": words("Ipv4Prefixes"),
    "ipv4_prefix_count": number("Ipv4PrefixCount"),
    "ipv6_addresses": words("Ipv6Addresses", ordered=True),
    "ipv6_address_count": number("Ipv6AddressCount"),
    "ipv6_prefixes": words("Ipv6Prefixes"),
    "ipv6_prefix_count": number("Ipv6PrefixCount"),
    "primary_ipv6": switch("PrimaryIpv6"),
    "ena_srd": one(
        "EnaSrdSpecification",
        {
            "enabled": switch("EnaSrdEnabled"),
            "udp": one("EnaSrdUdpSpecification", {"enabled": switch("EnaSrdUdpEnabled")}),
        },
    ),
    "ena_queue_count": number("EnaQueueCount"),
    "connection_tracking": one(
        "ConnectionTrackingSpecification",
        {
            "tcp_established_timeout": number("TcpEstablishedTimeout"),
            "udp_stream_timeout": number("UdpStreamTimeout"),
            "udp_timeout": number("UdpTimeout"),
        },
    ),
}
SECONDARY_INTERFACE: Structure = {
    "device_index": number("DeviceIndex", required=True),
    "network_card_index": number("NetworkCardIndex"),
    "secondary_subnet_id": text("SecondarySubnetId"),
    "interface_type": text("InterfaceType", "secondary"),
    "delete_on_termination": switch("DeleteOnTermination"),
    "private_ip_addresses": many("PrivateIpAddresses", {"private_ip_address": text("PrivateIpAddress", required=True)}),
    "private_ip_address_count": number("PrivateIpAddressCount"),
}


def _range(name: str) -> Member:
    return one(name, {"min": number("Min"), "max": number("Max")})


def _fractions(name: str) -> Member:
    return one(name, {"min": fraction("Min"), "max": fraction("Max")})


def _allowed(name: str) -> Member:
    return text(name, "included", "required", "excluded")


INSTANCE_REQUIREMENTS: Structure = {
    "vcpu_count": _range("VCpuCount"),
    "memory_mib": _range("MemoryMiB"),
    "memory_gib_per_vcpu": _fractions("MemoryGiBPerVCpu"),
    "cpu_manufacturers": words("CpuManufacturers", "intel", "amd", "amazon-web-services", "apple"),
    "allowed_instance_types": words("AllowedInstanceTypes"),
    "excluded_instance_types": words("ExcludedInstanceTypes"),
    "instance_generations": words("InstanceGenerations", "current", "previous"),
    "bare_metal": _allowed("BareMetal"),
    "burstable_performance": _allowed("BurstablePerformance"),
    "require_hibernate_support": switch("RequireHibernateSupport"),
    "require_encryption_in_transit": switch("RequireEncryptionInTransit"),
    "spot_max_price_percentage_over_lowest_price": number("SpotMaxPricePercentageOverLowestPrice"),
    "max_spot_price_as_percentage_of_optimal_on_demand_price": number("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice"),
    "on_demand_max_price_percentage_over_lowest_price": number("OnDemandMaxPricePercentageOverLowestPrice"),
    "network_interface_count": _range("NetworkInterfaceCount"),
    "network_bandwidth_gbps": _fractions("NetworkBandwidthGbps"),
    "baseline_ebs_bandwidth_mbps": _range("BaselineEbsBandwidthMbps"),
    "local_storage": _allowed("LocalStorage"),
    "local_storage_types": words("LocalStorageTypes", "hdd", "ssd"),
    "total_local_storage_gb": _fractions("TotalLocalStorageGB"),
    "accelerator_types": words("AcceleratorTypes", "gpu", "fpga", "inference", "media"),
    "accelerator_count": _range("AcceleratorCount"),
    "accelerator_manufacturers": words(
        "AcceleratorManufacturers", "amazon-web-services", "amd", "nvidia", "xilinx", "habana"
    ),
    "accelerator_names": words("AcceleratorNames"),
    "accelerator_total_memory_mib": _range("AcceleratorTotalMemoryMiB"),
    "baseline_performance_factors": one(
        "BaselinePerformanceFactors",
        {"cpu": one("Cpu", {"references": many("References", {"instance_family": text("InstanceFamily")})})},
    ),
}

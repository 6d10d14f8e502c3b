"""Valid desired states of launch templates, at random."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.integration.modules.states.common import TAGS, choice, sets, some

GROUPS = sets("sg-0123456789abcdef0", "sg-0123456789abcdef1")
LICENSE = "arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-0123456789abcdef0"
POOL = "arn:aws:resource-groups:us-east-1:123456789012:group/pairs"


@cache
def launch_templates() -> SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda *parts: {option: value for part in parts for option, value in part.items()},
        settings(),
        structures(),
        kinds(),
        network(),
        halts(),
    )


def settings() -> SearchStrategy[dict[str, Any]]:
    return some(
        user_data=choice("", "#!/bin/sh\n", "#!/bin/sh\necho hello\n"),
        key_name=choice("", "ops"),
        instance_profile=choice("", "pairs", "arn:aws:iam::123456789012:instance-profile/pairs"),
        kernel_id=choice("", "aki-0123456789abcdef0"),
        ram_disk_id=choice("", "ari-0123456789abcdef0"),
        ebs_optimized=st.booleans(),
        monitoring=st.booleans(),
        licenses=choice([], [LICENSE], [LICENSE, f"{LICENSE}1"]),
        disable_api_stop=st.booleans(),
        disable_api_termination=st.booleans(),
        instance_initiated_shutdown_behavior=choice("stop", "terminate"),
        instance_tags=TAGS,
        volume_tags=TAGS,
        network_interface_tags=TAGS,
        spot_request_tags=TAGS,
        default_version=choice("latest", "keep"),
        keep_versions=st.integers(1, 5),
        tags=TAGS,
        purge_tags=st.booleans(),
    )


def structures() -> SearchStrategy[dict[str, Any]]:
    return some(
        metadata_options=some(
            http_tokens=choice("required", "optional"),
            http_put_response_hop_limit=st.integers(1, 64),
            http_endpoint=choice("enabled", "disabled"),
            http_protocol_ipv6=choice("enabled", "disabled"),
            instance_metadata_tags=choice("enabled", "disabled"),
        ),
        volumes=volumes(),
        credit_specification=choice({}, {"cpu_credits": "unlimited"}, {"cpu_credits": "standard"}),
        placement=st.one_of(
            some(group_name=st.just("cluster"), tenancy=choice("default", "dedicated")),
            some(group_id=st.just("pg-0123456789abcdef0"), partition_number=st.integers(1, 3)),
            some(availability_zone=st.just("us-east-1a"), affinity=choice("default", "host")),
            some(availability_zone_id=st.just("use1-az1")),
        ),
        cpu_options=choice({}, {"core_count": 2, "threads_per_core": 1}, {"amd_sev_snp": "enabled"}),
        capacity_reservation=choice(
            {},
            {"preference": "open"},
            {"preference": "none"},
            {"preference": "capacity-reservations-only", "target": {"resource_group_arn": POOL}},
            {"target": {"id": "cr-0123456789abcdef0"}},
            {"target": {"resource_group_arn": POOL}},
        ),
        maintenance=choice({}, {"auto_recovery": "disabled"}, {"auto_recovery": "default"}),
        market_options=choice(
            {},
            {"market_type": "spot", "spot": {"max_price": "0.05"}},
            {"market_type": "spot", "spot": {"type": "persistent", "interruption_behavior": "stop"}},
            {"market_type": "capacity-block"},
        ),
        network_performance=choice({}, {"bandwidth_weighting": "vpc-1"}, {"bandwidth_weighting": "default"}),
        private_dns_name_options=some(
            hostname_type=choice("resource-name", "ip-name"),
            enable_resource_name_dns_a_record=st.booleans(),
            enable_resource_name_dns_aaaa_record=st.booleans(),
        ),
    )


def kinds() -> SearchStrategy[dict[str, Any]]:
    """Of an instance type, or of any that suits."""
    needs = st.builds(
        lambda cpus, more: {"vcpu_count": {"min": cpus}, "memory_mib": {"min": 1024, "max": 8192}, **more},
        st.integers(0, 4),
        some(
            cpu_manufacturers=sets("intel", "amd"),
            burstable_performance=choice("included", "required"),
            allowed_instance_types=choice([], ["t3.*"]),
            memory_gib_per_vcpu=choice({}, {"min": 1.5}),
            local_storage=choice("included", "excluded"),
        ),
    )
    return st.one_of(
        some(instance_type=choice("t3.micro", "m7i.large")),
        st.builds(lambda each: {"instance_requirements": each}, needs),
    )


def halts() -> SearchStrategy[dict[str, Any]]:
    """Hibernation and enclaves exclude each other: what one needs, the other has not."""
    return choice(
        {},
        {"hibernation": True, "enclave": False},
        {"hibernation": False, "enclave": True},
        {"hibernation": False, "enclave": False},
    )


def volumes() -> SearchStrategy[list[dict[str, Any]]]:
    def volume(device: str, more: dict[str, Any], fast: dict[str, Any]) -> dict[str, Any]:
        return {"device_name": device, **more, **fast}

    fast = choice(
        {"type": "gp3", "throughput": 250},
        {"type": "gp3", "iops": 4000},
        {"type": "gp2"},
        {"type": "io2", "iops": 500},
        {"snapshot_id": "snap-0123456789abcdef0"},
    )
    disk = st.builds(
        volume,
        choice("/dev/xvda", "/dev/sdb"),
        some(size=st.integers(8, 100), encrypted=st.booleans(), delete_on_termination=st.booleans()),
        fast,
    )
    other = choice(
        {"device_name": "/dev/sdb", "no_device": True}, {"device_name": "/dev/sdc", "virtual_name": "ephemeral0"}
    )
    return st.lists(st.one_of(disk, other), unique_by=lambda each: each["device_name"], max_size=3)


def network() -> SearchStrategy[dict[str, Any]]:
    """The groups are the template's, or those of its first network interface."""
    return st.builds(
        lambda own, groups, secondary: {**own, **groups, **secondary},
        st.one_of(st.just({}), st.builds(lambda found: {"network_interfaces": found}, interfaces())),
        some(security_group_ids=GROUPS),
        some(secondary_interfaces=secondary_interfaces()),
    ).map(_with_groups_in_one_place)


def _with_groups_in_one_place(options: dict[str, Any]) -> dict[str, Any]:
    first = min(options.get("network_interfaces") or [{}], key=lambda each: each.get("device_index", 0))
    if "security_group_ids" in first and "security_group_ids" in options:
        return {option: value for option, value in options.items() if option != "security_group_ids"}
    return options


def interfaces() -> SearchStrategy[list[dict[str, Any]]]:
    new = some(
        description=choice("", "pairs"),
        subnet_id=st.just("subnet-0123456789abcdef0"),
        security_group_ids=GROUPS,
        associate_public_ip_address=st.booleans(),
        delete_on_termination=st.booleans(),
        interface_type=choice("interface", "efa"),
        ipv6_address_count=st.integers(0, 2),
        ipv4_prefixes=choice([], ["10.0.0.0/28"]),
        secondary_private_ip_address_count=st.integers(0, 2),
        connection_tracking=some(tcp_established_timeout=st.integers(60, 90), udp_timeout=st.integers(30, 60)),
        ena_srd=choice({}, {"enabled": True, "udp": {"enabled": True}}, {"enabled": True, "udp": {"enabled": False}}),
    )
    addressed = st.builds(
        lambda last: {"private_ip_addresses": [{"private_ip_address": f"10.0.0.{last}", "primary": True}]},
        st.integers(10, 12),
    )
    there = st.just({"network_interface_id": "eni-0123456789abcdef0"})
    one = st.builds(
        lambda device, kind: {"device_index": device, **kind}, st.integers(0, 2), st.one_of(new, addressed, there)
    )
    return st.lists(one, unique_by=lambda each: each["device_index"], max_size=3)


def secondary_interfaces() -> SearchStrategy[list[dict[str, Any]]]:
    one = st.builds(
        lambda device, more: {"device_index": device, **more},
        st.integers(1, 2),
        some(
            secondary_subnet_id=st.just("ss-0123456789abcdef0"),
            delete_on_termination=st.booleans(),
            private_ip_address_count=st.integers(1, 2),
        ),
    )
    return st.lists(one, unique_by=lambda each: each["device_index"], max_size=2)

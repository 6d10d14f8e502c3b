"""Settings of a launch template that have settings within: what is kept, what goes, and what is sent for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import (
    OPTIONS,
    LaunchTemplate,
    faults,
    from_api,
    from_params,
    to_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_nested import moment, price
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_whole import holds, whole

INTERFACES = {"NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-1"], "AssociatePublicIpAddress": True}]}
REQUIREMENTS = {"InstanceRequirements": {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 1}, "BareMetal": "included"}}
SPOT = {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.050", "SpotInstanceType":
        "persistent", "ValidUntil": datetime(2030, 1, 31, 12, tzinfo=UTC)}}}  # fmt: skip
RESERVED = {"CapacityReservationSpecification": {"CapacityReservationTarget": {"CapacityReservationId": "cr-1"}}}


def params(**options):
    validated = ArgumentSpecValidator(OPTIONS).validate({"name": "goals", **options})
    assert not validated.error_messages
    return validated.validated_parameters


def template(data):
    found = {"LaunchTemplateName": "goals", "LaunchTemplateId": "lt-1", "DefaultVersionNumber": 1}
    return from_api(found, {"VersionNumber": 1, "LaunchTemplateData": data})


def sent(options, base):
    """LaunchTemplateData of the next version, without the metadata options, which have defaults; read, it is wanted."""
    want = from_params(params(**options))
    made = to_api(whole(want, template(base)), base)
    assert holds(template(made), from_params(params(**options)))
    return {member: value for member, value in made.items() if member != "MetadataOptions"}


@pytest.mark.parametrize(
    ("base", "options", "made"),
    [
        pytest.param({}, {"enclave": True}, {"EnclaveOptions": {"Enabled": True}}, id="a switch in a structure"),
        pytest.param({}, {"hibernation": False}, {"HibernationOptions": {"Configured": False}}, id="and no is no"),
        pytest.param(
            {"Monitoring": {"Enabled": True, "MetricCategoryIds": ["a"]}},
            {"monitoring": False},
            {"Monitoring": {"Enabled": False}},
            id="categories need detailed monitoring",
        ),
        pytest.param(
            {"Monitoring": {"Enabled": True, "MetricCategoryIds": ["a"]}},
            {"metric_category_ids": []},
            {"Monitoring": {"Enabled": True}},
            id="no categories",
        ),
        pytest.param(
            {"CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2}},
            {"cpu_options": {"threads_per_core": 1}},
            {"CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 1}},
            id="what is not given within is left alone",
        ),
        pytest.param({"CpuOptions": {"CoreCount": 1}}, {"cpu_options": {}}, {}, id="an empty one takes all away"),
        pytest.param(
            {"Placement": {"GroupName": "spread", "Tenancy": "default"}},
            {"placement": {"group_name": ""}},
            {"Placement": {"Tenancy": "default"}},
            id="an empty string takes one away",
        ),
        pytest.param(
            {"Placement": {"GroupName": "spread", "Tenancy": "default"}},
            {"placement": {"group_id": "pg-1"}},
            {"Placement": {"GroupId": "pg-1", "Tenancy": "default"}},
            id="a name gives way to an id",
        ),
        pytest.param(
            {"InstanceType": "t3.micro"},
            {"instance_requirements": {"vcpu_count": {"min": 2}, "memory_mib": {"min": 0}}},
            {"InstanceRequirements": {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 0}}},
            id="a type gives way to requirements",
        ),
        pytest.param(
            REQUIREMENTS, {"instance_type": "t3.micro"}, {"InstanceType": "t3.micro"}, id="and the other way round"
        ),
        pytest.param(
            REQUIREMENTS,
            {"instance_requirements": {"vcpu_count": {"max": 8}, "bare_metal": "excluded"}},
            {"InstanceRequirements": {"VCpuCount": {"Min": 2, "Max": 8}, "MemoryMiB": {"Min": 1},
                                      "BareMetal": "excluded"}},
            id="requirements keep each other",
        ),
        pytest.param(
            RESERVED,
            {"capacity_reservation": {"preference": "none"}},
            {"CapacityReservationSpecification": {"CapacityReservationPreference": "none"}},
            id="no reservation, and so none that is aimed at",
        ),
        pytest.param(
            RESERVED,
            {"capacity_reservation": {"preference": "capacity-reservations-only"}},
            {"CapacityReservationSpecification": {"CapacityReservationPreference": "capacity-reservations-only",
                                                  **RESERVED["CapacityReservationSpecification"]}},
            id="only in the one that is aimed at",
        ),
        pytest.param(
            SPOT,
            {"market_options": {"market_type": "capacity-block"}},
            {"InstanceMarketOptions": {"MarketType": "capacity-block"}},
            id="another market has no Spot options",
        ),
        pytest.param(
            {"LicenseSpecifications": [{"LicenseConfigurationArn": "arn:b"}]},
            {"licenses": ["arn:b", "arn:a"]},
            {"LicenseSpecifications": [{"LicenseConfigurationArn": "arn:a"}, {"LicenseConfigurationArn": "arn:b"}]},
            id="licenses are a set",
        ),
        pytest.param(
            {}, {"spot_request_tags": {"a": 1}, "network_interface_tags": {"b": "2"}},
            {"TagSpecifications": [
                {"ResourceType": "network-interface", "Tags": [{"Key": "b", "Value": "2"}]},
                {"ResourceType": "spot-instances-request", "Tags": [{"Key": "a", "Value": "1"}]}]},
            id="tags of what an instance brings with it",
        ),
    ],
)  # fmt: skip
def test_what_is_sent(base, options, made):
    assert sent(options, base) == made


@pytest.mark.parametrize(
    ("base", "options", "made"),
    [
        pytest.param(
            INTERFACES,
            {"network_interfaces": [{"device_index": 0, "delete_on_termination": True}]},
            {"NetworkInterfaces": [{**INTERFACES["NetworkInterfaces"][0], "DeleteOnTermination": True}]},
            id="an interface keeps its groups and what else is not given",
        ),
        pytest.param(
            {"SecurityGroupIds": ["sg-1"]},
            {"network_interfaces": [{"associate_public_ip_address": True}]},
            {"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": ["sg-1"]}]},
            id="groups move into the first interface",
        ),
        pytest.param(
            INTERFACES, {"network_interfaces": []}, {"SecurityGroupIds": ["sg-1"]}, id="and out of one that goes"
        ),
        pytest.param(
            INTERFACES,
            {"network_interfaces": [{"security_group_ids": ["sg-3", "sg-2"]}]},
            {"NetworkInterfaces": [{**INTERFACES["NetworkInterfaces"][0], "Groups": ["sg-2", "sg-3"]}]},
            id="groups may be given in the interface",
        ),
        pytest.param(
            {},
            {"security_group_ids": ["sg-1"],
             "network_interfaces": [{"device_index": 1, "security_group_ids": ["sg-2"]}, {"device_index": 0}]},
            {"NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-1"]}, {"DeviceIndex": 1, "Groups": ["sg-2"]}]},
            id="the others have their own",
        ),
        pytest.param(
            {},
            {"network_interfaces": [{"network_card_index": 1, "device_index": 1}, {"device_index": 0}],
             "security_group_ids": ["sg-1"]},
            {"NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-1"]}, {"NetworkCardIndex": 1, "DeviceIndex": 1}]},
            id="the first is that of card 0 and device 0",
        ),
        pytest.param(
            {"NetworkInterfaces": [{"DeviceIndex": 0, "Ipv6AddressCount": 1}]},
            {"network_interfaces": [{"ipv6_addresses": ["2001:db8::2", "2001:db8::1"]}]},
            {"NetworkInterfaces": [
                {"DeviceIndex": 0, "Ipv6Addresses": [{"Ipv6Address": "2001:db8::2"}, {"Ipv6Address": "2001:db8::1"}]}]},
            id="a number gives way to addresses, which keep their order: the first is the primary one",
        ),
        pytest.param(
            {"NetworkInterfaces": [{"DeviceIndex": 0, "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.0.0/28"}]}]},
            {"network_interfaces": [{"description": "web"}]},
            {"NetworkInterfaces": [
                {"DeviceIndex": 0, "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.0.0/28"}], "Description": "web"}]},
            id="prefixes that are not given stay",
        ),
        pytest.param(
            {},
            {"secondary_interfaces": [{"device_index": 1, "secondary_subnet_id": "s-1",
                                       "private_ip_addresses": [{"private_ip_address": "10.0.0.9"}]}]},
            {"SecondaryInterfaces": [{"DeviceIndex": 1, "SecondarySubnetId": "s-1",
                                      "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.9"}]}]},
            id="an interface to a secondary subnet",
        ),
    ],
)  # fmt: skip
def test_network_interfaces(base, options, made):
    assert sent(options, base) == made


EPHEMERAL = {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"}
DISK = {"VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": True}


@pytest.mark.parametrize(
    ("base", "volumes", "made"),
    [
        pytest.param([], [{"device_name": "/dev/sdb", "virtual_name": "ephemeral0"}], [EPHEMERAL], id="instance store"),
        pytest.param(
            [EPHEMERAL], [{"device_name": "/dev/sdb", "no_device": True}],
            [{"DeviceName": "/dev/sdb", "NoDevice": ""}], id="nothing at this device",
        ),
        pytest.param(
            [{"DeviceName": "/dev/sdb", "NoDevice": ""}], [{"device_name": "/dev/sdb", "size": 8}],
            [{"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 8, **DISK}}], id="a volume at it again",
        ),
        pytest.param([EPHEMERAL], [], None, id="exactly these"),
        pytest.param(
            [], [{"device_name": "/dev/sdc", "snapshot_id": "snap-0a", "volume_initialization_rate": 200}],
            [{"DeviceName": "/dev/sdc", "Ebs": {"SnapshotId": "snap-0a", "VolumeInitializationRate": 200,
                                                "VolumeType": "gp3", "DeleteOnTermination": True}}],
            id="a snapshot says itself whether it is encrypted",
        ),
        pytest.param(
            [], [{"device_name": "/dev/sdc", "snapshot_id": "snap-0a", "encrypted": True}],
            [{"DeviceName": "/dev/sdc", "Ebs": {"SnapshotId": "snap-0a", **DISK}}],
            id="unless it is told",
        ),
        pytest.param(
            [{"DeviceName": "/dev/sdc", "Ebs": {**DISK, "KmsKeyId": "k"}}], [{"device_name": "/dev/sdc",
                                                                              "kms_key_id": ""}],
            [{"DeviceName": "/dev/sdc", "Ebs": DISK}], id="the account's key instead of an own one",
        ),
        pytest.param(
            [], [{"device_name": "/dev/sdc", "kms_key_id": "", "ebs_card_index": 0}],
            [{"DeviceName": "/dev/sdc", "Ebs": {**DISK, "EbsCardIndex": 0}}], id="nothing empty is sent for a new one",
        ),
    ],
)  # fmt: skip
def test_volumes(base, volumes, made):
    found = sent({"volumes": volumes}, {"BlockDeviceMappings": base} if base else {})
    assert found.get("BlockDeviceMappings") == made


def test_a_price_and_a_time_are_known_however_they_are_written():
    want = {"spot": {"max_price": "0.05", "valid_until": "2030-01-31T13:00:00+01:00"}}
    assert holds(template(SPOT), whole(LaunchTemplate("goals", market_options=from_params(
        params(market_options=want)).market_options), template(SPOT)))  # fmt: skip
    assert template(SPOT).facts()["market_options"]["spot"]["valid_until"] == "2030-01-31T12:00:00Z"
    assert (price("10"), price("0.0500"), price("cheap")) == ("10", "0.05", "cheap")
    assert moment("2030-01-31") == "2030-01-31T00:00:00Z"
    assert moment("soon") == "soon"


def test_what_the_service_adds_is_no_difference():
    """EC2 may tell more than it was given, such as defaults."""
    want = from_params(params(metadata_options={"http_tokens": "required"}, maintenance={"auto_recovery": "default"}))
    have = template({
        "MetadataOptions": {"State": "pending", "HttpTokens": "required", "HttpPutResponseHopLimit": 1,
                            "HttpEndpoint": "enabled", "HttpProtocolIpv6": "disabled"},
        "MaintenanceOptions": {"AutoRecovery": "default"},
    })  # fmt: skip
    assert holds(have, want)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"instance_type": "t3.micro", "instance_requirements": {"vcpu_count": {"min": 1}}},
         ["instance_type: 't3.micro' can't stand beside instance_requirements"]),
        ({"instance_requirements": {"vcpu_count": {"min": 8, "max": 2}}},
         ["instance_requirements.vcpu_count.min: 8 is more than max, 2"]),
        ({"instance_requirements": {"allowed_instance_types": ["m5*"], "excluded_instance_types": ["t*"]}},
         ["instance_requirements.allowed_instance_types: ['m5*'] can't stand beside excluded_instance_types"]),
        ({"placement": {"group_name": "a", "group_id": "pg-1"}}, ["placement.group_name: 'a' can't stand beside"]),
        ({"capacity_reservation": {"preference": "open", "target": {"id": "cr-1"}}},
         ["capacity_reservation.preference: 'open' can't stand beside target"]),
        ({"market_options": {"market_type": "capacity-block", "spot": {"type": "one-time"}}},
         ["market_options.market_type: 'capacity-block' can't stand beside spot"]),
        ({"market_options": {"spot": {"type": "one-time", "valid_until": "2030-01-01T00:00:00Z"}}},
         ["market_options.spot.type: 'one-time' can't stand beside valid_until"]),
        ({"market_options": {"spot": {"valid_until": "soon", "max_price": "cheap"}}},
         ["valid_until: 'soon' is not a time", "max_price: 'cheap' is not a price"]),
        ({"monitoring": False, "metric_category_ids": ["a"]}, ["monitoring: False can't stand beside"]),
        ({"enclave": True, "hibernation": True}, ["enclave: True can't stand beside hibernation"]),
        ({"licenses": ["mine"]}, ["licenses: 'mine' is not a license configuration"]),
        ({"security_group_ids": ["sg-1"], "network_interfaces": [{"security_group_ids": ["sg-1"]}]},
         ["security_group_ids: ['sg-1'] is given in network_interfaces too"]),
        ({"network_interfaces": [{"security_group_ids": ["web"]}]},
         ["network_interfaces[0:0].security_group_ids: 'web' is not a security group's id"]),
        ({"network_interfaces": [{}, {"device_index": 0}]}, ["'network_interfaces[0:0]' is given twice"]),
        ({"secondary_interfaces": [{"device_index": 1}, {"device_index": 1}]},
         ["'secondary_interfaces[0:1]' is given twice"]),
        ({"network_interfaces": [{"network_interface_id": "eni-1", "subnet_id": "subnet-1"}]},
         ["network_interfaces[0:0].subnet_id: 'subnet-1' is for an interface that the launch makes"]),
        ({"network_interfaces": [{"interface_type": "efa-only", "ipv6_address_count": 1}]},
         ["network_interfaces[0:0].ipv6_address_count: 1 can't be set for efa-only"]),
        ({"network_interfaces": [{"ipv6_address_count": 1, "ipv6_addresses": ["2001:db8::1"]}]},
         ["network_interfaces[0].ipv6_address_count: 1 can't stand beside ipv6_addresses"]),
        ({"network_interfaces": [{"ena_srd": {"enabled": False, "udp": {"enabled": True}}}]},
         ["network_interfaces[0:0].ena_srd.udp.enabled: True needs ENA Express itself"]),
        ({"network_interfaces": [{"connection_tracking": {"udp_timeout": 61}}]},
         ["network_interfaces[0].connection_tracking.udp_timeout: 61 is out of range. Give 30 to 60 seconds"]),
        ({"instance_tags": {"aws:x": "1"}}, ["instance_tags: 'aws:x' is a tag that AWS keeps to itself"]),
        ({"volumes": [{"device_name": "/dev/sdb", "virtual_name": "ephemeral0", "size": 8}]},
         ["volumes[/dev/sdb].size: 8 can't stand beside virtual_name"]),
        ({"volumes": [{"device_name": "/dev/sdb", "virtual_name": "disk"}]}, ["virtual_name: 'disk' is no instance"]),
        ({"volumes": [{"device_name": "/dev/sdb", "no_device": True, "virtual_name": "ephemeral0"}]},
         ["volumes[/dev/sdb].virtual_name: 'ephemeral0' can't stand beside no_device"]),
        ({"volumes": [{"device_name": "/dev/sdb", "snapshot_id": "mine", "volume_initialization_rate": 99}]},
         ["snapshot_id: 'mine' is not the id", "volume_initialization_rate: 99 is out of range. Give 100 to 300"]),
        ({"volumes": [{"device_name": "/dev/sdb", "type": "st1", "size": 100}]}, ["size: 100", "Give 125 to 16384"]),
        ({"volumes": [{"device_name": "/dev/sdb", "iops": 100, "throughput": 1}]},
         ["iops: 100 is out of range. Give 3000 to 80000", "throughput: 1 is out of range. Give 125 to 2000"]),
    ],
)  # fmt: skip
def test_faults(options, told):
    found = [str(fault) for fault in faults(params(**options))]
    assert len(found) == len(told) or options.get("volumes"), found
    assert all(any(part in text for text in found) for part in told), found


@pytest.mark.parametrize(
    "options",
    [
        {"instance_tags": {"min": "9", "max": "10", "udp_timeout": "x"}},
        {"instance_type": "", "instance_requirements": {"vcpu_count": {"min": 1, "max": 1}}},
        {"instance_type": "t3.micro", "instance_requirements": {}},
        {"capacity_reservation": {"preference": "capacity-reservations-only", "target": {"id": "cr-1"}}},
        {"network_interfaces": [{"device_index": 0}, {"device_index": 0, "network_card_index": 1}]},
        {"security_group_ids": ["sg-1"], "network_interfaces": [{}, {"device_index": 1, "security_group_ids": []}]},
        {"volumes": [{"device_name": "/dev/sdb", "no_device": True}, {"device_name": "/dev/sdc", "snapshot_id": ""}]},
    ],
)
def test_what_has_no_fault(options):
    assert faults(params(**options)) == ()

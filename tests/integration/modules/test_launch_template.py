"""The launch template module, against the region."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
SCRIPT = "#!/bin/sh\necho s3cret-looking\n"


@pytest.fixture
def launch_template(module):
    made = module("launch_template")
    yield made
    for name in ("kept", "edited", "pruned", "resumed", "behind", "settings", "user-data"):
        made(name=name, state="absent")


def newest(aws, name):
    versions = aws("ec2").describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Latest"])
    return versions["LaunchTemplateVersions"][0]


def edit(aws, name, **data):
    """Another version, as someone makes it by hand."""
    base = newest(aws, name)["LaunchTemplateData"]
    aws("ec2").create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData={**base, **data})


def test_twelve_steps(twelve_steps, aws):
    given = {
        "name": "twelve-steps",
        "image_id": f"resolve:ssm:{AMAZON_LINUX}",
        "instance_type": "t3.micro",
        "user_data": SCRIPT,
        "instance_profile": "arn:aws:iam::123456789012:instance-profile/goals",
        "security_group_ids": ["sg-0b", "sg-0a"],
        "ebs_optimized": True,
        "monitoring": False,
        "volumes": [{"device_name": "/dev/xvda", "size": 8}],
        "instance_tags": {"Name": "goals"},
        "volume_tags": {"Name": "goals"},
        "version_description": "first",
        "tags": {"stack": "goals", "owner": "web"},
    }
    changed = {
        **given,
        "user_data": f"{SCRIPT}date\n",
        "security_group_ids": ["sg-0a", "sg-0b"],
        "volumes": [{"device_name": "/dev/xvda", "size": 16}],
        "volume_tags": {},
        "version_description": "second",
        "tags": {"stack": "goals"},
    }
    created, updated, deleted = twelve_steps("launch_template")(given, changed, {"name": "twelve-steps"})
    image = aws("ssm").get_parameter(Name=AMAZON_LINUX)["Parameter"]["Value"]
    assert created["launch_template"]["image_id"] == image, "the parameter is pinned to the AMI it names"
    assert created["launch_template"]["latest_version"] == created["launch_template"]["default_version"] == 1
    assert created["launch_template"]["metadata_options"] == {
        "http_tokens": "required",
        "http_put_response_hop_limit": 1,
    }
    assert updated["launch_template"]["latest_version"] == updated["launch_template"]["default_version"] == 2
    assert updated["launch_template"]["version_description"] == "second"
    before = updated["diff"]["before"]["launch template twelve-steps"]
    assert before.keys() == {"user_data", "volumes", "volume_tags", "tags", "default_version"}
    assert deleted["launch_template"] == {}


WHOLE = {
    "name": "whole",
    "image_id": "ami-1",
    "instance_requirements": {
        "vcpu_count": {"min": 2, "max": 8},
        "memory_mib": {"min": 4096},
        "memory_gib_per_vcpu": {"max": 4.5},
        "cpu_manufacturers": ["intel", "amd"],
        "excluded_instance_types": ["t2*"],
        "burstable_performance": "included",
        "require_encryption_in_transit": True,
        "baseline_performance_factors": {"cpu": {"references": [{"instance_family": "c6i"}]}},
    },
    "kernel_id": "aki-1",
    "ram_disk_id": "ari-1",
    "security_group_ids": ["sg-0b", "sg-0a"],
    "network_interfaces": [
        {"device_index": 1, "security_group_ids": ["sg-0c"], "ipv6_addresses": ["2001:db8::1"]},
        {
            "associate_public_ip_address": True,
            "ipv4_prefix_count": 1,
            "ena_srd": {"enabled": True, "udp": {"enabled": False}},
            "connection_tracking": {"udp_timeout": 45},
        },
    ],
    "secondary_interfaces": [{"device_index": 2, "private_ip_addresses": [{"private_ip_address": "10.0.0.9"}]}],
    "private_dns_name_options": {"hostname_type": "resource-name", "enable_resource_name_dns_a_record": True},
    "network_performance": {"bandwidth_weighting": "vpc-1"},
    "volumes": [
        {"device_name": "/dev/xvda", "size": 8, "volume_initialization_rate": 150},
        {"device_name": "/dev/sdb", "virtual_name": "ephemeral0"},
        {"device_name": "/dev/sdc", "no_device": True},
        {"device_name": "/dev/sdd", "snapshot_id": "snap-0a"},
    ],
    "monitoring": True,
    "metric_category_ids": ["b", "a"],
    "metadata_options": {"http_protocol_ipv6": "enabled"},
    "cpu_options": {"core_count": 1, "threads_per_core": 1, "nested_virtualization": "enabled"},
    "credit_specification": {"cpu_credits": "unlimited"},
    "placement": {"group_name": "spread", "tenancy": "default"},
    "capacity_reservation": {"target": {"id": "cr-1"}},
    "market_options": {
        "market_type": "spot",
        "spot": {"max_price": "0.050", "type": "persistent", "valid_until": "2030-01-31T13:00:00+01:00"},
    },
    "licenses": ["arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-1"],
    "enclave": True,
    "hibernation": False,
    "maintenance": {"auto_recovery": "disabled"},
    "disable_api_stop": True,
    "disable_api_termination": False,
    "instance_initiated_shutdown_behavior": "terminate",
    "network_interface_tags": {"a": "1"},
    "spot_request_tags": {"b": "2"},
}


def test_twelve_steps_of_all_that_a_version_can_hold(twelve_steps, aws):
    changed = {
        "name": "whole",
        "instance_type": "t3.micro",
        "network_interfaces": [{"delete_on_termination": True}],
        "secondary_interfaces": [],
        "volumes": [{"device_name": "/dev/sdb", "size": 1}, {"device_name": "/dev/sdc", "virtual_name": "ephemeral1"}],
        "monitoring": False,
        "cpu_options": {},
        "placement": {"group_id": "pg-1"},
        "capacity_reservation": {"preference": "none"},
        "market_options": {"spot": {"type": "one-time", "max_price": ""}},
        "licenses": [],
        "enclave": False,
        "spot_request_tags": {},
    }
    created, updated, _ = twelve_steps("launch_template")(WHOLE, changed, {"name": "whole"})
    assert created["launch_template"]["security_group_ids"] == ["sg-0a", "sg-0b"]
    assert [each["device_index"] for each in created["launch_template"]["network_interfaces"]] == [0, 1]
    assert created["launch_template"]["market_options"]["spot"] == {
        "max_price": "0.05",
        "type": "persistent",
        "valid_until": "2030-01-31T12:00:00Z",
    }
    before, after = (updated["diff"][side]["launch template whole"] for side in ("before", "after"))
    assert before.keys() == after.keys() == {
        *changed.keys() - {"name"}, "instance_requirements", "metric_category_ids", "default_version"
    }  # fmt: skip
    assert after["market_options"] == {"market_type": "spot", "spot": {"type": "one-time"}}
    assert after["placement"] == {"group_id": "pg-1", "tenancy": "default"}
    assert (after["instance_requirements"], after["metric_category_ids"], after["cpu_options"]) == ({}, [], {})


def test_what_ec2_is_sent_is_what_it_has(launch_template, aws):
    launch_template(**WHOLE)
    data = newest(aws, "whole")["LaunchTemplateData"]
    launch_template(name="whole", state="absent")
    assert data["NetworkInterfaces"] == [
        {
            "DeviceIndex": 0,
            "Groups": ["sg-0a", "sg-0b"],
            "AssociatePublicIpAddress": True,
            "Ipv4PrefixCount": 1,
            "EnaSrdSpecification": {"EnaSrdEnabled": True, "EnaSrdUdpSpecification": {"EnaSrdUdpEnabled": False}},
            "ConnectionTrackingSpecification": {"UdpTimeout": 45},
        },
        {"DeviceIndex": 1, "Groups": ["sg-0c"], "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}]},
    ]
    assert "SecurityGroupIds" not in data
    assert {"DeviceName": "/dev/sdc", "NoDevice": ""} in data["BlockDeviceMappings"]
    assert data["HibernationOptions"] == {"Configured": False}
    assert data["Monitoring"] == {"Enabled": True, "MetricCategoryIds": ["a", "b"]}


def test_an_interface_comes_and_goes_without_a_change_of_the_groups(launch_template, aws):
    launch_template(name="settings", image_id="ami-1", security_group_ids=["sg-0a"])
    come = launch_template(name="settings", network_interfaces=[{"associate_public_ip_address": False}])
    assert come["diff"]["after"]["launch template settings"].keys() == {"network_interfaces", "default_version"}
    assert newest(aws, "settings")["LaunchTemplateData"]["NetworkInterfaces"][0]["Groups"] == ["sg-0a"]
    launch_template(name="settings", network_interfaces=[])
    data = newest(aws, "settings")["LaunchTemplateData"]
    assert (data["SecurityGroupIds"], data.get("NetworkInterfaces")) == (["sg-0a"], None)


def test_check_mode_tells_the_version_that_will_be(launch_template, aws):
    planned = launch_template(name="kept", image_id="ami-1", check_mode=True)["launch_template"]
    assert (planned["latest_version"], planned["default_version"], planned["id"]) == (1, 1, KNOWN_AFTER_APPLY)
    launch_template(name="kept", image_id="ami-1")
    planned = launch_template(name="kept", image_id="ami-2", check_mode=True)["launch_template"]
    done = launch_template(name="kept", image_id="ami-2")["launch_template"]
    assert planned == done
    assert done["latest_version"] == 2


def test_check_mode_plans_with_what_is_still_to_be_made(launch_template):
    options = {"name": "kept", "image_id": "ami-1", "security_group_ids": [KNOWN_AFTER_APPLY]}
    assert launch_template(**options, check_mode=True)["plan"] == ["create launch template kept"]


def test_a_new_version_keeps_what_is_not_given(launch_template, aws):
    launch_template(name="kept", image_id="ami-1", instance_type="t3.micro", user_data=SCRIPT)
    edit(
        aws,
        "kept",
        CreditSpecification={"CpuCredits": "unlimited"},
        CpuOptions={"CoreCount": 1, "ThreadsPerCore": 1},
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1, "HttpProtocolIpv6": "enabled"},
        TagSpecifications=[{"ResourceType": "network-interface", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    assert launch_template(name="kept", image_id="ami-2")["launch_template"]["latest_version"] == 3
    data = newest(aws, "kept")["LaunchTemplateData"]
    assert (data["ImageId"], data["InstanceType"]) == ("ami-2", "t3.micro")
    assert data["CreditSpecification"] == {"CpuCredits": "unlimited"}
    assert data["CpuOptions"]["CoreCount"] == 1
    assert data["MetadataOptions"]["HttpProtocolIpv6"] == "enabled"
    assert data["TagSpecifications"][0]["ResourceType"] == "network-interface"
    assert base64.b64decode(data["UserData"]).decode() == SCRIPT


def test_a_version_made_by_hand_is_found_and_put_right(launch_template, aws):
    options = {"name": "edited", "image_id": "ami-1", "instance_type": "t3.micro", "user_data": SCRIPT}
    launch_template(**options)
    edit(aws, "edited", UserData=base64.b64encode(b"#!/bin/sh\nfalse\n").decode())
    done = launch_template(**options)
    change = done["diff"]["after"]["launch template edited"]
    assert change.keys() == {"user_data", "default_version"}
    assert done["launch_template"]["latest_version"] == done["launch_template"]["default_version"] == 3
    assert base64.b64decode(newest(aws, "edited")["LaunchTemplateData"]["UserData"]).decode() == SCRIPT


def test_an_older_default_is_put_right_without_a_version(launch_template, aws):
    launch_template(name="behind", image_id="ami-1")
    launch_template(name="behind", image_id="ami-2")
    aws("ec2").modify_launch_template(LaunchTemplateName="behind", DefaultVersion="1")
    done = launch_template(name="behind", image_id="ami-2")
    assert done["diff"]["after"] == {"launch template behind": {"default_version": 2}}
    assert done["launch_template"]["latest_version"] == done["launch_template"]["default_version"] == 2


def test_a_version_whose_run_was_cut_short_is_completed(launch_template, aws):
    launch_template(name="resumed", image_id="ami-1")
    edit(aws, "resumed", ImageId="ami-2")  # made, but not yet the default
    done = launch_template(name="resumed", image_id="ami-2")["launch_template"]
    assert (done["latest_version"], done["default_version"]) == (2, 2)


def test_user_data_is_in_no_result(launch_template):
    made = launch_template(name="user-data", image_id="ami-1", user_data=SCRIPT)
    changed = launch_template(name="user-data", image_id="ami-1", user_data=f"{SCRIPT}# s3cret-looking too\n")
    for result in (made, changed):
        text = json.dumps(result)
        assert "s3cret" not in text
        assert base64.b64encode(SCRIPT.encode()).decode()[:16] not in text
        assert result["launch_template"]["user_data"].startswith("sha256:")
    assert launch_template(name="user-data", user_data="")["launch_template"]["user_data"] is None


def test_settings_not_given_are_left_alone_and_empty_ones_taken_away(launch_template):
    options = {"name": "settings", "image_id": "ami-1", "key_name": "ops", "instance_tags": {"a": "1"}}
    launch_template(**options, security_group_ids=["sg-0a"], tags={"stack": "goals"})
    assert not launch_template(name="settings")["changed"]
    cleared = launch_template(name="settings", key_name="", instance_tags={}, security_group_ids=[])["launch_template"]
    assert (cleared["key_name"], cleared["instance_tags"], cleared["security_group_ids"]) == (None, {}, [])
    assert (cleared["image_id"], cleared["tags"]) == ("ami-1", {"stack": "goals"})


def test_old_versions_are_pruned_when_asked(launch_template, aws):
    for number in range(1, 18):
        launch_template(name="pruned", image_id=f"ami-{number}")
    done = launch_template(name="pruned", image_id="ami-18", keep_versions=2)
    assert done["plan"] == ["update launch template pruned", "delete launch template versions pruned"]
    assert done["launch_template"]["latest_version"] == 18
    left = aws("ec2").describe_launch_template_versions(LaunchTemplateName="pruned")["LaunchTemplateVersions"]
    assert [version["VersionNumber"] for version in left] == [17, 18]
    assert not launch_template(name="pruned", image_id="ami-18", keep_versions=2)["changed"]


def test_a_version_that_only_a_group_names_is_kept(launch_template, module, ground, aws):
    numbers = [
        launch_template(name="named", image_id=f"ami-{n}")["launch_template"]["latest_version"] for n in (1, 2, 3)
    ]
    module("autoscaling_group")(
        **ground.options(launch_template={"name": "named", "version": 2}, min_size=0, desired_capacity=0)
    )
    aws.calls.clear()
    kept = {"name": "named", "image_id": "ami-3", "keep_versions": len(numbers)}
    assert launch_template(**kept)["plan"] == []
    assert "DescribeAutoScalingGroups" not in aws.calls, "there is nothing to delete"
    done = launch_template(**{**kept, "keep_versions": 1})
    assert done["diff"]["before"] == {"launch template versions named": {"versions": [1]}}
    left = aws("ec2").describe_launch_template_versions(LaunchTemplateName="named")["LaunchTemplateVersions"]
    assert [version["VersionNumber"] for version in left] == [2, 3]


def test_an_unchanged_template_takes_two_calls(launch_template, aws):
    launch_template(name="kept", image_id="ami-1")
    aws.calls.clear()
    launch_template(name="kept", image_id="ami-1")
    assert sorted(aws.calls) == ["DescribeLaunchTemplateVersions", "DescribeLaunchTemplates"]


def test_everything_wrong_is_told_before_anything_is_asked(launch_template, aws):
    aws.calls.clear()
    with pytest.raises(InvalidOptions) as told:
        launch_template(name="x", image_id="debian", user_data="s3cret" * 4000)
    assert len(told.value.faults) == 3
    assert "24000 bytes" in str(told.value)
    assert "s3crets3cret" not in str(told.value)
    assert aws.calls == []


def test_a_parameter_that_is_not_there_is_told_before_anything_is_written(launch_template, aws):
    aws.calls.clear()
    with pytest.raises(StackError, match=r"image_id resolve:ssm:/no/such: .*ParameterNotFound"):
        launch_template(name="kept", image_id="resolve:ssm:/no/such")
    assert aws.writes() == []


def test_the_default_version_stays_until_another_has_proved_itself(launch_template, aws):
    launch_template(name="proved", image_id="ami-1")
    made = launch_template(name="proved", image_id="ami-2", default_version="keep")["launch_template"]
    assert (made["version"], made["latest_version"], made["default_version"]) == (2, 2, 1)
    again = launch_template(name="proved", image_id="ami-2", default_version="keep")
    assert (again["changed"], again["launch_template"]["version"]) == (False, 2)
    back = launch_template(name="proved", image_id="ami-1", default_version="keep")
    assert (back["changed"], back["launch_template"]["version"]) == (False, 1)

    planned = launch_template(name="proved", image_id="ami-3", default_version="keep", check_mode=True)
    third = launch_template(name="proved", image_id="ami-3", default_version="keep")
    assert planned["launch_template"]["version"] == third["launch_template"]["version"] == 3
    proved = launch_template(name="proved", default_version="3")
    assert proved["diff"]["after"] == {"launch template proved": {"default_version": 3}}
    assert proved["launch_template"]["default_version"] == 3
    assert not launch_template(name="proved", default_version="3")["changed"]
    with pytest.raises(StackError, match="launch template no-such: version 3 can't become the default"):
        launch_template(name="no-such", default_version="3")

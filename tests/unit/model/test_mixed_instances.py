"""Mixed instances policies: what options and AWS's answers mean, what is sent, and which instances are as launched."""

from __future__ import annotations

import boto3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import mixed_instances
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from botocore.validate import ParamValidator

TEMPLATE = {"id": "lt-1", "name": "goals", "version": 3}
SPEC = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "goals", "Version": "3"}
ARM = {"id": "lt-2", "name": "arm", "version": 1}
TOLD = {
    "LaunchTemplate": {
        "LaunchTemplateSpecification": SPEC,
        "Overrides": [
            {"InstanceType": "m7i.large", "WeightedCapacity": "2"},
            {
                "InstanceType": "m7g.large",
                "WeightedCapacity": "2",
                "LaunchTemplateSpecification": {
                    "LaunchTemplateId": "lt-2", "LaunchTemplateName": "arm", "Version": "1"
                },
            },
        ],
    },
    "InstancesDistribution": {
        "OnDemandAllocationStrategy": "prioritized",
        "OnDemandBaseCapacity": 0,
        "OnDemandPercentageAboveBaseCapacity": 100,
        "SpotAllocationStrategy": "lowest-price",
        "SpotInstancePools": 2,
    },
}  # fmt: skip
HAVE = mixed_instances.from_api({"MixedInstancesPolicy": TOLD})
OVERRIDES = [
    {"instance_type": "m7i.large", "weight": 2},
    {"instance_type": "m7g.large", "weight": 2, "launch_template": {"name": "arm", "version": "1"}},
]


def params(policy):
    validated = ArgumentSpecValidator(mixed_instances.OPTIONS).validate({"mixed_instances": policy})
    assert not validated.error_messages, validated.error_messages
    return validated.validated_parameters["mixed_instances"]


def over(policy, have=HAVE, ids={"arm": "lt-2"}):  # noqa: B006
    return mixed_instances.over(mixed_instances.from_params(params(policy)), have, ids)


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param({"overrides": OVERRIDES}, id="the overrides, a template by its name"),
        pytest.param({"distribution": {"spot_allocation_strategy": "lowest-price"}}, id="a part of the distribution"),
        pytest.param({"distribution": {"spot_max_price": "", "distribution_segments": []}}, id="nothing to take away"),
    ],
)
def test_what_is_there_already_is_no_change(policy):
    assert over(policy) == HAVE


@pytest.mark.parametrize(
    ("policy", "changed"),
    [
        pytest.param({"overrides": OVERRIDES[:1]}, {"overrides": OVERRIDES[:1]}, id="fewer overrides"),
        pytest.param({"overrides": []}, {"overrides": []}, id="none"),
        pytest.param({"overrides": OVERRIDES[::-1]}, {}, id="another order is another priority"),
    ],
)
def test_overrides_change_as_a_whole(policy, changed):
    result = over(policy)
    assert result != HAVE
    assert result == {**HAVE, **(changed or {"overrides": result["overrides"]})}


def test_a_template_made_again_under_its_name_is_another_one():
    assert over({"overrides": OVERRIDES}, ids={"arm": "lt-9"}) != HAVE


ALL = {"on_demand_allocation_strategy": "prioritized", "spot_allocation_strategy": "lowest-price"}
SEGMENTS = [{"target_capacity_types": ["capacity-block", "on-demand"]}]


@pytest.mark.parametrize(
    ("given", "distribution"),
    [
        pytest.param(
            {"spot_allocation_strategy": "price-capacity-optimized"},
            {
                "on_demand_allocation_strategy": "prioritized",
                "on_demand_base_capacity": 0,
                "on_demand_percentage_above_base_capacity": 100,
                "spot_allocation_strategy": "price-capacity-optimized",
            },
            id="pools go with the strategy that has them",
        ),
        pytest.param(
            {"distribution_segments": SEGMENTS},
            {**ALL, "spot_instance_pools": 2, "distribution_segments": SEGMENTS},
            id="segments take the place of percentages",
        ),
        pytest.param(
            {"spot_max_price": "0.05", "on_demand_base_capacity": 1},
            {
                **ALL,
                "on_demand_base_capacity": 1,
                "on_demand_percentage_above_base_capacity": 100,
                "spot_instance_pools": 2,
                "spot_max_price": "0.05",
            },
            id="what is not given stays",
        ),
    ],
)
def test_distribution(given, distribution):
    assert over({"distribution": given})["distribution"] == distribution


def test_percentages_take_the_place_of_segments():
    there = {"overrides": [], "distribution": {"distribution_segments": SEGMENTS}}
    assert over({"distribution": {"on_demand_base_capacity": 1}}, there)["distribution"] == {
        "on_demand_base_capacity": 1
    }


def test_no_policy():
    assert mixed_instances.from_params(params({})) is None
    assert mixed_instances.from_params(None) is UNSET
    assert mixed_instances.from_api({"LaunchTemplate": SPEC}) is None
    assert mixed_instances.over(None, HAVE, {}) is None
    assert mixed_instances.configuration(TEMPLATE, None, HAVE) == {
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "3"}
    }


REQUIREMENTS = {
    "vcpu_count": {"min": 2, "max": 8},
    "memory_mib": {"min": 4096},
    "cpu_manufacturers": ["intel", "amd"],
    "memory_gib_per_vcpu": {"min": 2},
    "excluded_instance_types": ["t*", "m5a.*"],
    "instance_generations": ["current"],
    "spot_max_price_percentage_over_lowest_price": 50,
    "on_demand_max_price_percentage_over_lowest_price": 30,
    "bare_metal": "included",
    "burstable_performance": "required",
    "require_hibernate_support": True,
    "network_interface_count": {"min": 2},
    "network_bandwidth_gbps": {"min": 1.5},
    "local_storage": "required",
    "local_storage_types": ["ssd"],
    "total_local_storage_gb": {"min": 100},
    "baseline_ebs_bandwidth_mbps": {"min": 500},
    "accelerator_types": ["gpu"],
    "accelerator_count": {"min": 1, "max": 2},
    "accelerator_manufacturers": ["nvidia"],
    "accelerator_names": ["a100"],
    "accelerator_total_memory_mib": {"min": 1024},
    "baseline_performance_factors": {"cpu": {"references": [{"instance_family": "c6i"}]}},
}


def test_all_requirements_are_sent_and_told_as_they_are_given():
    want = mixed_instances.from_params(params({"overrides": [{"instance_requirements": REQUIREMENTS}]}))
    request = mixed_instances.to_api(want, TEMPLATE)
    client = boto3.client("autoscaling", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    shape = client.meta.service_model.shape_for("MixedInstancesPolicy")
    report = ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()
    sent = request["LaunchTemplate"]["Overrides"][0]["InstanceRequirements"]
    assert len(sent) == len(REQUIREMENTS)
    assert mixed_instances.from_api({"MixedInstancesPolicy": request})["overrides"] == want["overrides"]


def test_requirements_that_say_no_more_than_aws_does_by_itself_are_none():
    least = {"vcpu_count": {"min": 2}, "memory_mib": {"min": 4096}}
    by_default = {
        "bare_metal": "excluded",
        "burstable_performance": "excluded",
        "require_hibernate_support": False,
        "local_storage": "included",
        "on_demand_max_price_percentage_over_lowest_price": 20,
        "accelerator_types": [],
    }
    given = mixed_instances.from_params(params({"overrides": [{"instance_requirements": {**least, **by_default}}]}))
    assert given["overrides"] == [{"instance_requirements": least}]


def test_the_whole_policy_is_sent_and_what_goes_by_name():
    want = over({"overrides": [], "distribution": {"spot_max_price": "", "on_demand_base_capacity": 2}})
    assert mixed_instances.to_api({**want, "distribution": {"spot_max_price": None}}, TEMPLATE, HAVE) == {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "3"}, "Overrides": []
        },
        "InstancesDistribution": {"SpotMaxPrice": ""},
    }  # fmt: skip
    kept = mixed_instances.to_api(HAVE, TEMPLATE, HAVE)
    assert kept["LaunchTemplate"]["Overrides"][1]["LaunchTemplateSpecification"] == {
        "LaunchTemplateId": "lt-2", "Version": "1"
    }  # fmt: skip
    assert kept["InstancesDistribution"] == TOLD["InstancesDistribution"]


def instance(template, kind="m7i.large", image=None):
    return Instance(
        "i-1",
        launch_template_id=template["id"],
        launch_template_version=str(template["version"]),
        instance_type=kind,
        image_id=image,
    )


NEWER = {**TEMPLATE, "version": 4}


@pytest.mark.parametrize(
    ("seen", "template", "policy", "current"),
    [
        pytest.param(instance(TEMPLATE), TEMPLATE, None, True, id="no policy"),
        pytest.param(instance(TEMPLATE), NEWER, None, False, id="no policy, another version"),
        pytest.param(instance(TEMPLATE), TEMPLATE, HAVE, True, id="the policy's template"),
        pytest.param(instance(TEMPLATE), NEWER, HAVE, False, id="another version of it"),
        pytest.param(instance(ARM, "m7g.large"), NEWER, HAVE, True, id="a type with a template of its own"),
        pytest.param(instance(TEMPLATE, "m7g.large"), TEMPLATE, HAVE, False, id="which is not the policy's"),
        pytest.param(instance(TEMPLATE, "m5.large"), TEMPLATE, HAVE, False, id="a type that is launched no more"),
        pytest.param(instance(TEMPLATE, "m5.large"), TEMPLATE, {"overrides": []}, True, id="no overrides"),
        pytest.param(
            instance(TEMPLATE, "m5.large"),
            TEMPLATE,
            {"overrides": [{"instance_requirements": {}}]},
            True,
            id="any type",
        ),
        pytest.param(instance(TEMPLATE), TEMPLATE, {"overrides": [{"image_id": "ami-2"}]}, False, id="no image yet"),
        pytest.param(
            instance(TEMPLATE, image="ami-1"),
            TEMPLATE,
            {"overrides": [{"image_id": "ami-2"}]},
            False,
            id="another image",
        ),
        pytest.param(
            instance(TEMPLATE, "m5.large", "ami-1"),
            TEMPLATE,
            {"overrides": [{"instance_type": "m5.large"}]},
            False,
            id="the image of an override that has none any more",
        ),
        pytest.param(instance(TEMPLATE, image="ami-1"), TEMPLATE, None, False, id="the image of a policy that is gone"),
        pytest.param(
            instance(TEMPLATE, image="ami-2"), TEMPLATE, {"overrides": [{"image_id": "ami-2"}]}, True, id="the image"
        ),
        pytest.param(
            instance({**ARM, "version": 7}),
            TEMPLATE,
            {"overrides": [{"launch_template": {**ARM, "version": "$Latest"}}]},
            True,
            id="any version, where an override has none by number",
        ),
    ],
)
def test_whether_an_instance_is_as_the_group_launches_it(seen, template, policy, current):
    assert mixed_instances.current(seen, template, policy) is current


LEAST = {"vcpu_count": {"min": 2}, "memory_mib": {"min": 4096}}


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        pytest.param(
            {"overrides": [{"instance_type": "t3.micro", "instance_requirements": LEAST}]}, "beside", id="both"
        ),
        pytest.param({"overrides": [{"instance_type": None}]}, "overrides nothing", id="nothing"),
        pytest.param(
            {"overrides": [{"instance_type": "a", "weight": 1}, {"instance_type": "b"}]}, "for some only", id="weights"
        ),
        pytest.param({"overrides": [{"instance_type": "a", "weight": 1000}]}, "Give 1 to 999", id="a heavy type"),
        pytest.param(
            {"overrides": [{"instance_type": "a", "image_id": "debian"}]}, "not the id of a image", id="image"
        ),
        pytest.param({"overrides": [{"instance_type": f"t{n}"} for n in range(41)]}, "41 are more than 40", id="many"),
        pytest.param(
            {"overrides": [{"instance_type": "a", "launch_template": {"id": "lt-1", "version": "$Latest"}}]},
            "mixed_instances.overrides.launch_template.version: '$Latest'",
            id="a version without a number",
        ),
        pytest.param(
            {
                "overrides": [
                    {
                        "instance_requirements": {
                            **LEAST,
                            "allowed_instance_types": ["a"],
                            "excluded_instance_types": ["b"],
                        }
                    }
                ]
            },
            "is given beside excluded_instance_types",
            id="allowed and excluded",
        ),
        pytest.param({"distribution": {"on_demand_base_capacity": -1}}, "Give 0 or more", id="a negative base"),
        pytest.param(
            {"distribution": {"on_demand_percentage_above_base_capacity": 101}}, "0 to 100 percent", id="percentage"
        ),
        pytest.param({"distribution": {"spot_instance_pools": 21}}, "Give 1 to 20", id="pools"),
        pytest.param(
            {"distribution": {"spot_instance_pools": 2, "spot_allocation_strategy": "capacity-optimized"}},
            "has no meaning with capacity-optimized",
            id="pools of another strategy",
        ),
        pytest.param(
            {"distribution": {"distribution_segments": SEGMENTS, "on_demand_base_capacity": 1}},
            "is given beside distribution_segments",
            id="segments and a base",
        ),
        pytest.param(
            {
                "overrides": [{"instance_requirements": LEAST}],
                "distribution": {"on_demand_allocation_strategy": "prioritized"},
            },
            "instance_requirements have none",
            id="an order of what has none",
        ),
    ],
)
def test_faults(policy, told):
    assert told in "\n".join(str(fault) for fault in faults(params(policy)))


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"overrides": OVERRIDES, "distribution": {"on_demand_base_capacity": 0, "spot_max_price": ""}},
        {"overrides": [{"instance_requirements": LEAST}], "distribution": {"spot_instance_pools": 3}},
        {"overrides": [{"instance_type": "a", "image_id": KNOWN_AFTER_APPLY}]},
        {"distribution": {"distribution_segments": SEGMENTS}},
    ],
)
def test_no_faults(policy):
    assert faults(params(policy)) == ()

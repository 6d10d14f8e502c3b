"""A structure of the API, declared once."""

from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure

RANGE = {"min": structure.number("Min"), "max": structure.number("Max")}
OVERRIDE = {
    "instance_type": structure.text("InstanceType"),
    "weight": structure.number("WeightedCapacity", texts=True),
    "vcpu_count": structure.one("VCpuCount", RANGE),
    "manufacturers": structure.words("CpuManufacturers", "intel", "amd"),
}
POLICY = {
    "overrides": structure.many("Overrides", OVERRIDE),
    "memory_gib": structure.fraction("MemoryGiB"),
    "spot": structure.switch("Spot", default=False),
}
RESPONSE = {
    "Overrides": [
        {"InstanceType": "t3.micro", "WeightedCapacity": "2", "Unknown": 1},
        {"VCpuCount": {"Min": 2}, "CpuManufacturers": ["intel", "amd"]},
    ],
    "Spot": False,
}
OPTIONS = {
    "overrides": [
        {"instance_type": "t3.micro", "weight": 2},
        {"vcpu_count": {"min": 2}, "manufacturers": ["amd", "intel"]},
    ],
    "spot": False,
}


def test_what_a_response_means():
    assert structure.from_api(POLICY, RESPONSE) == OPTIONS


def test_what_is_given_is_what_a_response_means():
    validator = ArgumentSpecValidator(structure.spec(POLICY))
    result = validator.validate(
        {
            "overrides": [
                {"instance_type": "t3.micro", "weight": "2"},
                {"vcpu_count": {"min": 2}, "manufacturers": ["intel", "amd"]},
            ]
        }
    )
    assert not result.error_messages
    assert structure.given(POLICY, result.validated_parameters) == OPTIONS


def test_a_request_has_no_more_than_what_is_given():
    assert structure.to_api(POLICY, OPTIONS) == {
        "Overrides": [
            {"InstanceType": "t3.micro", "WeightedCapacity": "2"},
            {"VCpuCount": {"Min": 2}, "CpuManufacturers": ["amd", "intel"]},
        ],
        "Spot": False,
    }


def test_members_are_told_as_the_api_nests_them():
    assert structure.members(POLICY)["Overrides"]["VCpuCount"] == {"Min": {}, "Max": {}}

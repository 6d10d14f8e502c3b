# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A mixed instances policy: which instance types an Auto Scaling Group launches from its template, and which of them
on demand.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_MixedInstancesPolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_template, structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    fraction,
    many,
    number,
    one,
    switch,
    text,
    words,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

RANGE: Structure = {"min": number("Min"), "max": number("Max")}
FRACTIONS: Structure = {"min": fraction("Min"), "max": fraction("Max")}
FROM: Structure = {"min": number("Min", required=True), "max": number("Max")}
INCLUDED = ("included", "excluded", "required")
REQUIREMENTS: Structure = {
    "vcpu_count": one("VCpuCount", FROM, required=True),
    "memory_mib": one("MemoryMiB", FROM, required=True),
    "cpu_manufacturers": words("CpuManufacturers", "intel", "amd", "amazon-web-services", "apple"),
    "memory_gib_per_vcpu": one("MemoryGiBPerVCpu", FRACTIONS),
    "allowed_instance_types": words("AllowedInstanceTypes"),
    "excluded_instance_types": words("ExcludedInstanceTypes"),
    "instance_generations": words("InstanceGenerations", "current", "previous"),
    "spot_max_price_percentage_over_lowest_price": number("SpotMaxPricePercentageOverLowestPrice"),
    "max_spot_price_as_percentage_of_optimal_on_demand_price": number("MaxSpotPriceAsPercentageOfOptimalOnDemandPrice"),
    "on_demand_max_price_percentage_over_lowest_price": number("OnDemandMaxPricePercentageOverLowestPrice"),
    "bare_metal": text("BareMetal", *INCLUDED),
    "burstable_performance": text("BurstablePerformance", *INCLUDED),
    "require_hibernate_support": switch("RequireHibernateSupport"),
    "network_interface_count": one("NetworkInterfaceCount", RANGE),
    "network_bandwidth_gbps": one("NetworkBandwidthGbps", FRACTIONS),
    "local_storage": text("LocalStorage", *INCLUDED),
    "local_storage_types": words("LocalStorageTypes", "hdd", "ssd"),
    "total_local_storage_gb": one("TotalLocalStorageGB", FRACTIONS),
    "baseline_ebs_bandwidth_mbps": one("BaselineEbsBandwidthMbps", RANGE),
    "accelerator_types": words("AcceleratorTypes", "gpu", "fpga", "inference"),
    "accelerator_count": one("AcceleratorCount", RANGE),
    "accelerator_manufacturers": words("AcceleratorManufacturers", "nvidia", "amd", "amazon-web-services", "xilinx"),
    "accelerator_names": words("AcceleratorNames", "a100", "v100", "k80", "t4", "m60", "radeon-pro-v520", "vu9p"),
    "accelerator_total_memory_mib": one("AcceleratorTotalMemoryMiB", RANGE),
    "baseline_performance_factors": one(
        "BaselinePerformanceFactors",
        {"cpu": one("Cpu", {"references": many("References", {"instance_family": text("InstanceFamily")})})},
    ),
}
# What AWS takes where a requirement is left out.
DEFAULTS = {
    "bare_metal": "excluded",
    "burstable_performance": "excluded",
    "require_hibernate_support": False,
    "local_storage": "included",
    "on_demand_max_price_percentage_over_lowest_price": 20,
}
TEMPLATE: Structure = {"id": text("LaunchTemplateId"), "name": text("LaunchTemplateName"), "version": text("Version")}
OVERRIDE: Structure = {
    "instance_type": text("InstanceType"),
    "weight": number("WeightedCapacity", texts=True),
    "image_id": text("ImageId"),
    "launch_template": one("LaunchTemplateSpecification", TEMPLATE),
    "instance_requirements": one("InstanceRequirements", REQUIREMENTS),
}
LOWEST_PRICE = "lowest-price"
DISTRIBUTION: Structure = {
    "on_demand_allocation_strategy": text("OnDemandAllocationStrategy", LOWEST_PRICE, "prioritized"),
    "on_demand_base_capacity": number("OnDemandBaseCapacity"),
    "on_demand_percentage_above_base_capacity": number("OnDemandPercentageAboveBaseCapacity"),
    "spot_allocation_strategy": text(
        "SpotAllocationStrategy",
        LOWEST_PRICE,
        "capacity-optimized",
        "capacity-optimized-prioritized",
        "price-capacity-optimized",
    ),
    "spot_instance_pools": number("SpotInstancePools"),
    "spot_max_price": text("SpotMaxPrice"),
    "distribution_segments": many(
        "DistributionSegments",
        {
            "target_capacity_types": words(
                "TargetCapacityTypes",
                "on-demand-capacity-reservation",
                "capacity-block",
                "interruptible-capacity-reservation",
                "on-demand",
                ordered=True,
                required=True,
            )
        },
    ),
}
POLICY: Structure = {
    "overrides": many("Overrides", OVERRIDE),
    "distribution": one("InstancesDistribution", DISTRIBUTION),
}
OPTIONS: dict[str, Any] = {"mixed_instances": {"type": "dict", "options": structure.spec(POLICY)}}
ON_DEMAND = ("on_demand_base_capacity", "on_demand_percentage_above_base_capacity")
SEGMENTS = "distribution_segments"
# How a value is taken away.
CLEARED: dict[str, Any] = {"spot_max_price": "", SEGMENTS: []}

Policy = dict[str, Any]


def from_params(policy: Mapping[str, Any] | None) -> Any:
    """None where there shall be no policy."""
    if policy is None:
        return UNSET
    values = structure.given(POLICY, policy)
    if "overrides" in values:
        values["overrides"] = [_override(each, each.get("launch_template")) for each in values["overrides"]]
    if "distribution" in values:
        values["distribution"] = {
            option: None if value in ("", []) else value for option, value in values["distribution"].items()
        }
    return values or None


def from_api(holder: Mapping[str, Any]) -> Policy | None:
    """Of a group, or of a refresh's DesiredConfiguration."""
    policy = holder.get("MixedInstancesPolicy")
    if not policy:
        return None
    within = policy.get("LaunchTemplate") or {}
    overrides = [
        _override(structure.from_api(OVERRIDE, each), each.get("LaunchTemplateSpecification"), told=True)
        for each in within.get("Overrides") or ()
    ]
    distribution = structure.from_api(DISTRIBUTION, policy.get("InstancesDistribution") or {})
    if distribution.get("spot_allocation_strategy", LOWEST_PRICE) != LOWEST_PRICE:
        distribution.pop("spot_instance_pools", None)
    return {"overrides": overrides, "distribution": distribution}


def _override(values: dict[str, Any], template: Mapping[str, Any] | None, *, told: bool = False) -> dict[str, Any]:
    """An override without what is as AWS has it by default, its launch template with the number of the version."""
    normal = dict(values)
    if template:
        read = autoscaling_template.from_api if told else autoscaling_template.from_params
        normal["launch_template"] = read(template)
    if "instance_requirements" in normal:
        requirements = normal["instance_requirements"].items()
        normal["instance_requirements"] = {
            option: value
            for option, value in requirements
            if value not in ([], {}) and not (option in DEFAULTS and value == DEFAULTS[option])
        }
    return normal


def over(want: Any, have: Policy | None, ids: Mapping[str, str | None]) -> Any:
    """``want`` as it will be: what it doesn't give of a policy that is there stays."""
    if want is UNSET or want is None:
        return want
    there = have or {"overrides": [], "distribution": {}}
    overrides = want.get("overrides")
    return {
        "overrides": there["overrides"] if overrides is None else _overrides(overrides, there["overrides"], ids),
        "distribution": _distribution(want.get("distribution") or {}, there["distribution"]),
    }


def _overrides(
    wants: Sequence[Mapping[str, Any]], haves: Sequence[Mapping[str, Any]], ids: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """With the templates as AWS tells them, where they are the same: an override's place is its priority."""
    there = [have.get("launch_template") for have in haves]
    there += [None] * (len(wants) - len(there))
    return [
        {**want, "launch_template": autoscaling_template.named(want["launch_template"], template, ids)}
        if "launch_template" in want
        else dict(want)
        for want, template in zip(wants, there, strict=False)
    ]


def _distribution(want: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    """AWS takes a number of Spot pools with the lowest price alone, and segments in the place of the other way to tell
    how much is on demand."""
    if all(have.get(option) == value for option, value in want.items()):
        return dict(have)
    merged = {**have, **want}
    gone: set[str] = set()
    if merged.get("spot_allocation_strategy", LOWEST_PRICE) != LOWEST_PRICE:
        gone.add("spot_instance_pools")
    if want.get(SEGMENTS):
        gone |= set(ON_DEMAND)
    elif any(option in want for option in ON_DEMAND):
        gone.add(SEGMENTS)
    return {option: value for option, value in merged.items() if option not in gone or option in want}


def to_api(policy: Mapping[str, Any], template: Mapping[str, Any], have: Policy | None = None) -> dict[str, Any]:
    """The whole MixedInstancesPolicy. What it doesn't name would stay: overrides of a policy that is there are taken
    away by name."""
    spec = {"LaunchTemplateSpecification": autoscaling_template.to_api(template)}
    overrides = [_override_to_api(each) for each in policy.get("overrides") or ()]
    if overrides or (have and have["overrides"]):
        spec["Overrides"] = overrides  # type: ignore[assignment]
    given = policy.get("distribution") or {}
    cleared = {DISTRIBUTION[option].name: CLEARED[option] for option in CLEARED if option in given}
    distribution = {**cleared, **structure.to_api(DISTRIBUTION, given)}
    return {"LaunchTemplate": spec, **({"InstancesDistribution": distribution} if distribution else {})}


def _override_to_api(override: Mapping[str, Any]) -> dict[str, Any]:
    request = structure.to_api(OVERRIDE, override)
    if template := override.get("launch_template"):
        request["LaunchTemplateSpecification"] = autoscaling_template.to_api(template)
    return request


def configuration(template: Mapping[str, Any], policy: Policy | None, have: Policy | None = None) -> dict[str, Any]:
    """What a group launches from, for a request: a plain launch template would take its policy away."""
    if policy is None:
        return {"LaunchTemplate": autoscaling_template.to_api(template)}
    return {"MixedInstancesPolicy": to_api(policy, template, have)}


def by_id(policy: Any) -> Any:
    """``policy`` with the templates of its overrides by their ids, as AWS tells a refresh's that were sent so."""
    if not policy or not policy.get("overrides"):
        return policy
    return {**policy, "overrides": [_by_id(each) for each in policy["overrides"]]}


def _by_id(override: Mapping[str, Any]) -> dict[str, Any]:
    template = override.get("launch_template")
    if not template or not template.get("id"):
        return dict(override)
    return {**override, "launch_template": {key: value for key, value in template.items() if key != "name"}}


def templates(policy: Any) -> list[Mapping[str, Any]]:
    """The launch templates that overrides have of their own."""
    found = (each.get("launch_template") for each in (policy or {}).get("overrides") or ())
    return [template for template in found if template]


def current(instance: Instance, template: Mapping[str, Any], policy: Policy | None) -> bool:
    """Whether the group would launch the instance as it is: from the template of its type, and on a type that it has.

    AWS tells an instance's image where an override gave it: one that no override gives is of an override of before.
    """
    choices = (policy or {}).get("overrides") or [{}]
    return any(
        _launches(each.get("launch_template") or template, instance)
        and each.get("instance_type") in (None, instance.instance_type)
        and each.get("image_id") == instance.image_id
        for each in choices
    )


def _launches(template: Mapping[str, Any], instance: Instance) -> bool:
    """What $Latest or $Default of an override stands for is not known: any version will do."""
    loose = str(template.get("version")).startswith("$")
    meant = {**template, "version": instance.launch_template_version} if loose else template
    return autoscaling_template.same(meant, instance.template)

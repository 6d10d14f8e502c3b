# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Options of a launch template that can't be right.

Limits as the API reference and the EC2 user guide give them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_interfaces import groups_of_first
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_nested import (
    clashing,
    empty,
    moment,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_parts import Tagged
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_settings import PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_volumes_faults import volume_faults

RANGES = {
    "http_put_response_hop_limit": (1, 64, ""),
    "tcp_established_timeout": (60, 432000, "seconds"),
    "udp_stream_timeout": (60, 180, "seconds"),
    "udp_timeout": (30, 60, "seconds"),
}
Found = Iterator[Fault]


def settings_faults(params: Mapping[str, Any]) -> Found:
    """Of the options that a version holds."""
    yield from _forms(params)
    structured = {option: params.get(option) for option, part in PARTS.items() if not isinstance(part, Tagged)}
    yield from _everywhere(_given_within(structured))
    yield from _groups(params)
    for option in ("network_interfaces", "secondary_interfaces"):
        yield from _places(option, params.get(option) or ())
    for interface in params.get("network_interfaces") or ():
        yield from _interface(interface)
    yield from _market(params)
    yield from volume_faults(params.get("volumes") or ())
    for option in ("tags", *(option for option, part in PARTS.items() if isinstance(part, Tagged))):
        yield from checks.tags(option, params.get(option))
    if params.get("enclave") and params.get("hibernation"):
        yield Fault("enclave", True, "can't stand beside hibernation", "Give one of them")


def _forms(params: Mapping[str, Any]) -> Found:
    yield from checks.matches(
        "image_id",
        params.get("image_id") or None,
        r"ami-[0-9A-Za-z]+|resolve:ssm:\S+",
        "is neither an AMI's id nor a parameter",
        "Give ami-... or resolve:ssm:/aws/service/...",
    )
    yield from checks.matches(
        "instance_type",
        params.get("instance_type") or None,
        r"[a-z0-9-]+\.[a-z0-9-]+",
        "is not an instance type",
        "Give one such as t3.micro",
    )
    for option, group in _all_groups(params):
        yield from checks.matches(
            option, group, r"sg-[0-9a-f]+", "is not a security group's id", "Give ids such as sg-0123abcd"
        )
    for license_arn in params.get("licenses") or ():
        yield from checks.matches(
            "licenses", license_arn, r"arn:\S+:license-manager:\S+", "is not a license configuration", "Give its ARN"
        )


def _all_groups(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from (("security_group_ids", group) for group in params.get("security_group_ids") or ())
    for interface in params.get("network_interfaces") or ():
        option = f"{place('network_interfaces', interface)}.security_group_ids"
        yield from ((option, group) for group in interface.get("security_group_ids") or ())


def place(option: str, interface: Mapping[str, Any]) -> str:
    return f"{option}[{interface.get('network_card_index') or 0}:{interface.get('device_index') or 0}]"


def _given_within(value: Any) -> Any:
    """Ansible has None for every option that is not given, within a dictionary too."""
    if isinstance(value, Mapping):
        return {option: _given_within(each) for option, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_given_within(each) for each in value]
    return value


def _everywhere(values: Mapping[str, Any], path: str = "") -> Found:
    """What holds for options wherever they are: their range, and what can't stand beside them."""
    for clash in clashing(values):
        yield Fault(f"{path}{clash.given}", values[clash.given], f"can't stand beside {clash.gone}", "Give one of them")
    low, high = values.get("min"), values.get("max")
    if low is not None and high is not None and low > high:
        yield Fault(f"{path}min", low, f"is more than max, {high}", "Give a smaller one, or leave one of them out")
    for option, value in values.items():
        yield from _within(f"{path}{option}", option, value)


def _within(path: str, option: str, value: Any) -> Found:
    if option in RANGES:
        yield from checks.between(path, value, *RANGES[option])
    elif isinstance(value, Mapping):
        yield from _everywhere(value, f"{path}.")
    elif isinstance(value, (list, tuple)):
        for number, each in enumerate(value):
            yield from _everywhere(each, f"{path}[{number}].") if isinstance(each, Mapping) else ()


def _groups(params: Mapping[str, Any]) -> Found:
    """The groups of the first interface are the template's: one place may name them."""
    if params.get("security_group_ids") is not None and groups_of_first(params.get("network_interfaces")) is not None:
        remedy = "Give them here alone, or in the first of network_interfaces alone"
        yield Fault("security_group_ids", params["security_group_ids"], "is given in network_interfaces too", remedy)


def _places(option: str, interfaces: Sequence[Mapping[str, Any]]) -> Found:
    """An interface is known by its network card and its device index on it."""
    places = [place(option, interface) for interface in interfaces]
    for twice in sorted({each for each in places if places.count(each) > 1}):
        remedy = "Give each device_index once a network card"
        yield Fault(option, twice, "is given twice", remedy)


OF_A_NEW_INTERFACE = ("subnet_id", "security_group_ids", "associate_public_ip_address", "description")
ADDRESSES = (
    "private_ip_address",
    "private_ip_addresses",
    "secondary_private_ip_address_count",
    "ipv6_addresses",
    "ipv6_address_count",
    "ipv4_prefixes",
    "ipv4_prefix_count",
    "ipv6_prefixes",
    "ipv6_prefix_count",
)


def _interface(interface: Mapping[str, Any]) -> Found:
    here = place("network_interfaces", interface)
    if interface.get("network_interface_id"):
        for option in _given(interface, OF_A_NEW_INTERFACE):
            cause = "is for an interface that the launch makes, not for one that is there"
            yield Fault(f"{here}.{option}", interface[option], cause, "Leave it out, or leave out network_interface_id")
    if interface.get("interface_type") == "efa-only":
        for option in _given(interface, ADDRESSES):
            yield Fault(f"{here}.{option}", interface[option], "can't be set for efa-only", "Leave it out, or use efa")
    srd = interface.get("ena_srd") or {}
    if srd.get("enabled") is False and (srd.get("udp") or {}).get("enabled"):
        yield Fault(f"{here}.ena_srd.udp.enabled", True, "needs ENA Express itself", "Set ena_srd.enabled too")


def _given(values: Mapping[str, Any], options: Iterable[str]) -> list[str]:
    return [option for option in options if not empty(values.get(option))]


def _market(params: Mapping[str, Any]) -> Found:
    spot = (params.get("market_options") or {}).get("spot") or {}
    until, price = spot.get("valid_until"), spot.get("max_price")
    yield from checks.matches(
        "market_options.spot.valid_until",
        moment(until) if until else None,
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        "is not a time",
        "Give one such as 2030-01-31T12:00:00Z",
    )
    yield from checks.matches(
        "market_options.spot.max_price", price or None, r"\d+(\.\d+)?", "is not a price", "Give dollars such as 0.05"
    )


def incomplete(settings: Mapping[str, Any]) -> str | None:
    """What a version would lack that EC2 asks for, in words; what is left alone may complete what is given."""
    requirements, cpu = settings.get("instance_requirements") or {}, settings.get("cpu_options") or {}
    for option in ("vcpu_count", "memory_mib") if requirements else ():
        if (requirements.get(option) or {}).get("min") is None:
            return f"instance_requirements.{option}.min is missing. Give it; 0 is no limit."
    if ("core_count" in cpu) != ("threads_per_core" in cpu):
        return "cpu_options has one of core_count and threads_per_core. Give both."
    return None

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Attributes of load balancers, target groups and listeners: a list of keys and values, all of them strings.

They are declared as a structure whose members are named by the attributes' keys.
Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html and its like
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import Member, Structure


def from_api(attributes: Structure, listed: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Every one of ``attributes``, in the type of its option; None where AWS doesn't tell it."""
    values = {each["Key"]: each["Value"] for each in listed}
    return {option: _typed(member, values.get(member.name)) for option, member in attributes.items()}


def _typed(member: Member, value: str | None) -> Any:
    kind = member.spec.get("type", "str")
    if value is None or kind == "str":
        return value
    return value == "true" if kind == "bool" else int(value)


def to_api(attributes: Structure, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Those of ``values`` that are attributes."""
    return [
        {"Key": member.name, "Value": _text(values[option])}
        for option, member in attributes.items()
        if values.get(option) is not None
    ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

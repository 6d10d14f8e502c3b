# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The network interfaces of a launch template, and the security groups, which belong to the first of them.

EC2 takes the groups in the network interface where there is one, and beside it nowhere. One option stands for them in
both cases, so that an interface can come and go without a change of the groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_parts import Data, Each, Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_structures import SINGLE

GROUPS = "security_group_ids"


def _position(element: Data) -> tuple[int, int]:
    return element.get("NetworkCardIndex") or 0, element.get("DeviceIndex") or 0


def first(interfaces: Sequence[Data]) -> Data | None:
    """The primary network interface; the one before all others where none is at card 0 and device 0."""
    return min(interfaces, key=_position, default=None)


def groups(data: Data) -> tuple[str, ...]:
    interface = first(data.get("NetworkInterfaces") or ())
    found = data.get("SecurityGroupIds") if interface is None else interface.get("Groups")
    return tuple(sorted(set(found or ())))


def placed(ids: Sequence[str], data: Data) -> dict[str, Any]:
    """The members of ``data`` that hold security groups, with these. By name they are of default VPCs, and can't stand
    beside ids."""
    interfaces = data.get("NetworkInterfaces") or ()
    primary = first(interfaces)
    if primary is None:
        return {"SecurityGroupIds": list(ids), "SecurityGroups": None}
    made = [_with_groups(each, ids) if each is primary else each for each in interfaces]
    return {"NetworkInterfaces": made, "SecurityGroupIds": None, "SecurityGroups": None}


def _with_groups(interface: Data, ids: Sequence[str]) -> dict[str, Any]:
    others = {name: value for name, value in interface.items() if name != "Groups"}
    return {**others, "Groups": list(ids)} if ids else others


@dataclass(frozen=True)
class Groups(Part):
    @property
    def members(self) -> dict[str, Any]:
        return {"SecurityGroupIds": {}}

    @property
    def nothing(self) -> Any:
        return ()

    def given(self, value: Any) -> Any:
        return tuple(sorted(set(value)))

    def read(self, data: Data) -> Any:
        return groups(data)

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        return placed(value, data)


@dataclass(frozen=True)
class Interfaces(Each):
    """The first interface is without its groups here, which are the option security_group_ids."""

    @property
    def members(self) -> dict[str, Any]:
        inner = super().members[self.member.name]
        return {self.member.name: {**inner, **{name: {single: {}} for name, single in SINGLE.items()}}}

    def given(self, value: Any) -> Any:
        return _without_groups_of_first(super().given(value))

    def read(self, data: Data) -> Any:
        return _without_groups_of_first(super().read(data))

    def read_one(self, element: Data) -> dict[str, Any]:
        plain = {name: [each[SINGLE[name]] for each in element[name]] for name in SINGLE if name in element}
        return {"device_index": 0, **super().read_one({**element, **plain})}

    def written_one(self, value: Mapping[str, Any], element: Data) -> dict[str, Any]:
        made = super().written_one(value, element)
        return {**made, **{name: [{SINGLE[name]: each} for each in made[name]] for name in SINGLE if name in made}}

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        made = super().written(value, data)
        if not value and not data.get(self.member.name):
            return {}
        return placed(groups(data), {**data, **made}) | ({} if value else {self.member.name: None})


def groups_of_first(interfaces: Sequence[Mapping[str, Any]] | None) -> Any:
    """The groups that the first interface of the options is given, or None."""
    ordered = sorted(
        interfaces or (), key=lambda each: (each.get("network_card_index") or 0, each.get("device_index") or 0)
    )
    return ordered[0].get(GROUPS) if ordered else None


def _without_groups_of_first(interfaces: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    if not interfaces:
        return ()
    kept = {option: value for option, value in interfaces[0].items() if option != GROUPS}
    return (kept, *interfaces[1:])

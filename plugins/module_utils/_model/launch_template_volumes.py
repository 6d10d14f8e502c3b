# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The block device mappings of a launch template: EBS volumes, instance store volumes, and devices left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_nested import merged, overlaid
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_parts import Data, Each, read
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_structures import EBS, MAPPING

# What makes a mapping another kind than an EBS volume, and what it then has besides its device.
OTHER_KINDS = ("no_device", "virtual_name")


def kind(volume: Mapping[str, Any]) -> str:
    return next((option for option in OTHER_KINDS if volume.get(option)), "ebs")


def _other(volume: Mapping[str, Any]) -> dict[str, Any]:
    return {option: volume[option] for option in ("device_name", kind(volume))}


@dataclass(frozen=True)
class Volumes(Each):
    @property
    def members(self) -> dict[str, Any]:
        return {self.member.name: {**structure.members(MAPPING), "Ebs": structure.members(EBS)}}

    def given_one(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """EC2 doesn't take Encrypted with a snapshot in all its calls: there it is sent only where it is given."""
        if kind(value) != "ebs":
            return _other(value)
        given = {option: each for option, each in super().given_one(value).items() if option not in OTHER_KINDS}
        return given if given.get("snapshot_id") else {"encrypted": True, **given}

    def read_one(self, element: Data) -> dict[str, Any]:
        device = {"device_name": element["DeviceName"]}
        if "Ebs" in element:
            return {**device, **read(EBS, element["Ebs"])}
        if "NoDevice" in element:
            return {**device, "no_device": True}
        return {**device, **read(MAPPING, element)}

    def whole_one(self, want: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
        """What a volume's performance may be depends on its type, so that a new type begins without the old figures."""
        if kind(want) != kind(have) or kind(want) != "ebs":
            return merged(self.of, want, {})
        changed = want.get("type") != have.get("type")
        dropped = {"iops", "throughput"} if changed else set()
        if want.get("encrypted") is False:
            dropped.add("kms_key_id")
        return merged(self.of, want, {option: value for option, value in have.items() if option not in dropped})

    def written_one(self, value: Mapping[str, Any], element: Data) -> dict[str, Any]:
        known = {"Ebs", *(member.name for member in MAPPING.values())}
        kept = {name: each for name, each in element.items() if name not in known}
        device = {**kept, "DeviceName": value["device_name"]}
        if value.get("no_device"):
            return {**device, "NoDevice": ""}  # an empty string leaves the device out
        if value.get("virtual_name"):
            return {**device, "VirtualName": value["virtual_name"]}
        settings = {option: each for option, each in value.items() if option in EBS}
        return {**device, "Ebs": overlaid(EBS, settings, element.get("Ebs") or {})}

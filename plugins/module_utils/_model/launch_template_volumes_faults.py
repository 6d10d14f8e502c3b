# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Volumes of a launch template that can't be right.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateEbsBlockDeviceRequest.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_structures import EBS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_volumes import OTHER_KINDS, kind

SIZES = {
    "gp3": (1, 65536),
    "gp2": (1, 16384),
    "io1": (4, 16384),
    "io2": (4, 65536),
    "st1": (125, 16384),
    "sc1": (125, 16384),
    "standard": (1, 1024),
}  # GiB
IOPS = {"gp3": (3000, 80000), "io1": (100, 64000), "io2": (100, 256000)}
NEEDS_IOPS = ("io1", "io2")
THROUGHPUT = (125, 2000)  # MiB/s, of gp3
# EC2's range for a volume that is initialized at a rate, in MiB/s.
INITIALIZATION = (100, 300)
DEFAULTS = {option for option, member in EBS.items() if "default" in member.spec}
Found = Iterator[Fault]


def volume_faults(volumes: Sequence[Mapping[str, Any]]) -> Found:
    names = [volume["device_name"] for volume in volumes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault("volumes", name, "is given twice", "Give each device once")
    for volume in volumes:
        yield from (_ebs if kind(volume) == "ebs" else _other)(f"volumes[{volume['device_name']}]", volume)


def _other(option: str, volume: Mapping[str, Any]) -> Found:
    """A device left out, and an instance store volume, have nothing that an EBS volume has."""
    mine = kind(volume)
    given = [each for each in (*OTHER_KINDS, *EBS) if each not in DEFAULTS and volume.get(each) not in (None, False)]
    for other in given:
        if other != mine:
            yield Fault(f"{option}.{other}", volume[other], f"can't stand beside {mine}", "Give one of them")
    if mine == "virtual_name":
        remedy = "Give ephemeral0, ephemeral1 and so on"
        yield from checks.matches(
            f"{option}.virtual_name", volume["virtual_name"], r"ephemeral\d+", "is no instance store volume", remedy
        )


def _ebs(option: str, volume: Mapping[str, Any]) -> Found:
    kind_of = volume.get("type") or "gp3"
    yield from checks.between(f"{option}.size", volume.get("size"), *SIZES[kind_of], "GiB")
    yield from _performance(option, kind_of, volume)
    rate = volume.get("volume_initialization_rate")
    yield from checks.between(f"{option}.volume_initialization_rate", rate, *INITIALIZATION, "MiB/s")
    yield from checks.identifier(f"{option}.snapshot_id", volume.get("snapshot_id") or None, "snap", "snapshot")
    if volume.get("kms_key_id") and volume.get("encrypted") is False:
        cause, remedy = "is given for a volume that is not encrypted", "Leave it out, or set encrypted"
        yield Fault(f"{option}.kms_key_id", volume["kms_key_id"], cause, remedy)


def _performance(option: str, kind_of: str, volume: Mapping[str, Any]) -> Found:
    iops, throughput = volume.get("iops"), volume.get("throughput")
    if iops is not None and kind_of not in IOPS:
        yield Fault(f"{option}.iops", iops, f"can't be set for {kind_of}", "Leave it out, or use gp3")
    elif iops is None and kind_of in NEEDS_IOPS:
        yield Fault(f"{option}.iops", None, f"is missing for {kind_of}", "Give it, or use gp3")
    elif iops is not None:
        yield from checks.between(f"{option}.iops", iops, *IOPS[kind_of])
    if throughput is not None and kind_of != "gp3":
        yield Fault(f"{option}.throughput", throughput, f"can't be set for {kind_of}", "Use gp3")
    else:
        yield from checks.between(f"{option}.throughput", throughput, *THROUGHPUT, "MiB/s")

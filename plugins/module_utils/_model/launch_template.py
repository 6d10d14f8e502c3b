# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A launch template: what an Auto Scaling Group launches, as the settings of one of its versions.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    given,
    hidden,
    identity,
)

USER_DATA_LIMIT = 16 * 1024  # bytes before base64, EC2's limit
SSM = "resolve:ssm:"  # the prefix that EC2 itself takes in front of a parameter's name

# Option -> member, of LaunchTemplateData, its MetadataOptions, and the Ebs of its BlockDeviceMappings.
PLAIN = {
    "image_id": "ImageId",
    "instance_type": "InstanceType",
    "key_name": "KeyName",
    "ebs_optimized": "EbsOptimized",
}
METADATA = {
    "http_tokens": "HttpTokens",
    "http_put_response_hop_limit": "HttpPutResponseHopLimit",
    "http_endpoint": "HttpEndpoint",
    "instance_metadata_tags": "InstanceMetadataTags",
}
VOLUME = {
    "size": "VolumeSize",
    "type": "VolumeType",
    "encrypted": "Encrypted",
    "iops": "Iops",
    "throughput": "Throughput",
    "kms_key_id": "KmsKeyId",
    "delete_on_termination": "DeleteOnTermination",
}
LATEST, KEEP = "latest", "keep"  # what becomes of the default version, where it isn't given by its number
TAGGED = {"instance_tags": "instance", "volume_tags": "volume"}
# The options that a version holds; the others belong to the template.
LAUNCH_DATA = frozenset(
    {
        *PLAIN,
        *TAGGED,
        "user_data",
        "instance_profile",
        "security_group_ids",
        "monitoring",
        "metadata_options",
        "volumes",
    }
)

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "image_id": {},
    "instance_type": {},
    "user_data": {"no_log": True},
    "instance_profile": {},
    "security_group_ids": {"type": "list", "elements": "str"},
    "key_name": {"no_log": False},
    "ebs_optimized": {"type": "bool"},
    "monitoring": {"type": "bool"},
    "metadata_options": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "http_tokens": {"choices": ["required", "optional"], "default": "required"},
            "http_put_response_hop_limit": {"type": "int", "default": 1},
            "http_endpoint": {"choices": ["enabled", "disabled"]},
            "instance_metadata_tags": {"choices": ["enabled", "disabled"]},
        },
    },
    "volumes": {
        "type": "list",
        "elements": "dict",
        "options": {
            "device_name": {"required": True},
            "size": {"type": "int"},
            "type": {"choices": ["gp3", "gp2", "io1", "io2", "st1", "sc1", "standard"], "default": "gp3"},
            "encrypted": {"type": "bool", "default": True},
            "iops": {"type": "int"},
            "throughput": {"type": "int"},
            "kms_key_id": {"no_log": False},
            "delete_on_termination": {"type": "bool", "default": True},
        },
    },
    "instance_tags": {"type": "dict"},
    "volume_tags": {"type": "dict"},
    "version_description": {},
    "default_version": {"default": LATEST},
    "keep_versions": {"type": "int"},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class LaunchTemplate(Model):
    """``user_data`` is a fingerprint, so that no diff, result or log holds its text; ``content`` is the text as bytes.

    ``version`` is the number of the version whose settings these are, ``data`` its LaunchTemplateData as the API has
    it. ``versions`` (all there are) and ``versions_in_use`` (those that instances run from) are read only where old
    versions are to be deleted. ``awaited_version`` and ``awaited_default`` are what this run made.
    """

    name: str
    image_id: Any = UNSET
    instance_type: Any = UNSET
    user_data: Any = UNSET
    instance_profile: Any = UNSET
    security_group_ids: Any = UNSET
    key_name: Any = UNSET
    ebs_optimized: Any = UNSET
    monitoring: Any = UNSET
    metadata_options: Any = UNSET
    volumes: Any = UNSET
    instance_tags: Any = UNSET
    volume_tags: Any = UNSET
    tags: Any = UNSET
    default_version: Any = UNSET
    version: Any = identity()
    latest_version: Any = identity()
    id: str = identity()
    version_description: Any = identity(default=None)
    content: Any = hidden()
    data: Any = hidden(default=None)
    versions: Any = hidden(default=())
    versions_in_use: Any = hidden(default=())
    awaited_version: Any = hidden(default=None)
    awaited_default: Any = hidden(default=None)


def fingerprint(content: bytes) -> str | None:
    """What stands for user data wherever it is shown; None for none, and unknown where a part of it is."""
    if KNOWN_AFTER_APPLY.encode() in content:
        return KNOWN_AFTER_APPLY
    return f"sha256:{hashlib.sha256(content).hexdigest()[:16]} ({len(content)} bytes)" if content else None


def from_params(params: Mapping[str, Any]) -> LaunchTemplate:
    default = params["default_version"]
    if default not in (LATEST, KEEP):
        return LaunchTemplate(name=params["name"], default_version=int(default))
    text = params["user_data"]
    groups, volumes = params["security_group_ids"], params["volumes"]
    return LaunchTemplate(
        name=params["name"],
        **{option: _cleared(params[option]) for option in PLAIN},
        user_data=UNSET if text is None else fingerprint(text.encode()),
        content=UNSET if text is None else text.encode(),
        instance_profile=_cleared(_profile_name(params["instance_profile"])),
        security_group_ids=UNSET if groups is None else tuple(sorted(set(groups))),
        monitoring=given(params["monitoring"]),
        metadata_options=given(_present(params["metadata_options"])),
        volumes=UNSET if volumes is None else _by_device([_present(volume) for volume in volumes]),
        **{option: given(tags.from_params(params[option])) for option in ("tags", *TAGGED)},
        default_version=KEEP if default == KEEP else UNSET,
        version_description=params["version_description"],
    )


def _cleared(value: Any) -> Any:
    """An empty string takes a setting away, which the API tells by leaving it out (None)."""
    return None if value == "" else given(value)


def _present(values: Any) -> Any:
    return None if values is None else {key: value for key, value in values.items() if value is not None}


def _by_device(volumes: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(sorted(volumes, key=lambda volume: str(volume["device_name"])))


def _profile_name(profile: str | None) -> str | None:
    """A profile's name is unique in its account, so that name and ARN can be compared by it."""
    return profile.rpartition("/")[2] if profile and profile.startswith("arn:") else profile


def from_api(template: Mapping[str, Any], version: Mapping[str, Any], **more: Any) -> LaunchTemplate:
    """From a LaunchTemplate of DescribeLaunchTemplates and one of its LaunchTemplateVersions."""
    data = version["LaunchTemplateData"]
    profile = data.get("IamInstanceProfile", {})
    return LaunchTemplate(
        name=template["LaunchTemplateName"],
        id=template["LaunchTemplateId"],
        default_version=template["DefaultVersionNumber"],
        version=version["VersionNumber"],
        latest_version=max(version["VersionNumber"], template.get("LatestVersionNumber", 0)),
        version_description=version.get("VersionDescription"),
        **{option: data.get(member) for option, member in PLAIN.items()},
        user_data=fingerprint(base64.b64decode(data.get("UserData") or "")),
        instance_profile=_profile_name(profile.get("Arn")) or profile.get("Name"),
        security_group_ids=tuple(sorted(_security_groups(data))),
        monitoring=data.get("Monitoring", {}).get("Enabled"),
        metadata_options=_options(METADATA, data.get("MetadataOptions", {})),
        volumes=_by_device([_volume(mapping) for mapping in data.get("BlockDeviceMappings", ()) if "Ebs" in mapping]),
        **{option: _tags_of(data, resource) for option, resource in TAGGED.items()},
        tags=tags.from_api(template.get("Tags")),
        data=data,
        **more,
    )


def _security_groups(data: Mapping[str, Any]) -> Sequence[str]:
    """With network interfaces in the template, EC2 takes the groups there and nowhere else."""
    interfaces = data.get("NetworkInterfaces")
    groups: Sequence[str] = (interfaces[0].get("Groups") if interfaces else data.get("SecurityGroupIds")) or ()
    return groups


def _options(members: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {option: values[member] for option, member in members.items() if values.get(member) is not None}


def _volume(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {"device_name": mapping["DeviceName"], **_options(VOLUME, mapping["Ebs"])}


def _tags_of(data: Mapping[str, Any], resource: str) -> dict[str, str]:
    found = [each["Tags"] for each in data.get("TagSpecifications", ()) if each["ResourceType"] == resource]
    return tags.from_api(found[0]) if found else {}


def to_api(want: LaunchTemplate, base: Mapping[str, Any]) -> dict[str, Any]:
    """LaunchTemplateData of a version that is like ``base`` but for what ``want`` gives.

    CreateLaunchTemplateVersion with SourceVersion could take nothing away and replaces whole members, so that a nested
    value that no option stands for would be lost: hence everything that ``base`` has is sent again.
    """
    settings = want.settings()
    data = {**base, **{member: settings[option] for option, member in PLAIN.items() if option in settings}}
    if "user_data" in settings:
        data["UserData"] = base64.b64encode(want.content).decode()
    if "instance_profile" in settings:
        data["IamInstanceProfile"] = {"Name": want.instance_profile} if want.instance_profile else None
    if "monitoring" in settings:
        data["Monitoring"] = {**base.get("Monitoring", {}), "Enabled": want.monitoring}
    if "metadata_options" in settings:
        data["MetadataOptions"] = {**base.get("MetadataOptions", {}), **_members(METADATA, want.metadata_options)}
    if "volumes" in settings:
        data["BlockDeviceMappings"] = _mappings(want.volumes, base.get("BlockDeviceMappings", ()))
    if "security_group_ids" in settings:
        data.update(_groups_to_api(list(want.security_group_ids), base))
    data["TagSpecifications"] = _tag_specifications(settings, base.get("TagSpecifications", ()))
    return {member: value for member, value in data.items() if value not in (None, "", [], {})}


def _members(members: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, Any]:
    return {member: options[option] for option, member in members.items() if option in options}


def _mappings(volumes: Sequence[Mapping[str, Any]], base: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A volume keeps what no option stands for, such as its snapshot; so do mappings that are no volumes."""
    there = {mapping["DeviceName"]: mapping.get("Ebs", {}) for mapping in base}
    listed = {volume["device_name"] for volume in volumes}
    made = []
    for volume in volumes:
        kept = {key: value for key, value in there.get(volume["device_name"], {}).items() if key not in VOLUME.values()}
        made.append({"DeviceName": volume["device_name"], "Ebs": {**kept, **_members(VOLUME, volume)}})
    return made + [dict(each) for each in base if "Ebs" not in each and each["DeviceName"] not in listed]


def _groups_to_api(groups: list[str], base: Mapping[str, Any]) -> dict[str, Any]:
    if interfaces := base.get("NetworkInterfaces"):
        return {"NetworkInterfaces": [{**interfaces[0], "Groups": groups}, *interfaces[1:]]}
    # Groups by name are of EC2-Classic and default VPCs, and can't stand beside ids.
    return {"SecurityGroupIds": groups, "SecurityGroups": None}


def _tag_specifications(settings: Mapping[str, Any], base: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    set_here = {resource: settings[option] for option, resource in TAGGED.items() if option in settings}
    kept = [each for each in base if each["ResourceType"] not in set_here]
    return kept + [{"ResourceType": kind, "Tags": tags.to_api(each)} for kind, each in set_here.items() if each]


def pending(template: LaunchTemplate) -> str | None:
    """EC2's reads may lag behind its writes."""
    made, default = template.awaited_version, template.awaited_default
    if made is not None and template.latest_version < made:
        return f"version {made} can't be seen yet: the newest seen is {template.latest_version}"
    if default is not None and template.default_version != default:
        return f"version {default} can't be seen as the default version yet: that is {template.default_version}"
    return None


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """Limits as the API reference and the EC2 user guide give them."""
    get = params.get
    hop_limit = (get("metadata_options") or {}).get("http_put_response_hop_limit")
    return (
        *_name("name", get("name")),
        *checks.matches(
            "image_id",
            get("image_id") or None,
            r"ami-[0-9A-Za-z]+|resolve:ssm:\S+",
            "is neither an AMI's id nor a parameter",
            "Give ami-... or resolve:ssm:/aws/service/...",
        ),
        *checks.matches(
            "instance_type",
            get("instance_type") or None,
            r"[a-z0-9-]+\.[a-z0-9-]+",
            "is not an instance type",
            "Give one such as t3.micro",
        ),
        *_user_data(get("user_data")),
        *(fault for group in get("security_group_ids") or () for fault in _security_group(group)),
        *checks.between("metadata_options.http_put_response_hop_limit", hop_limit, 1, 64),
        *_volumes(get("volumes") or ()),
        *_default(params),
        *checks.between("keep_versions", get("keep_versions"), 1, 10000, "versions"),
    )


def _name(option: str, name: str | None) -> checks.Faults:
    remedy = "Use 3 to 128 letters, digits and any of ( ) . - / _"
    return checks.matches(option, name, r"[A-Za-z0-9().\-/_]{3,128}", "is not a name that EC2 takes", remedy)


def _default(params: Mapping[str, Any]) -> checks.Faults:
    """A number is a version as it is; options would make it another. Those of the metadata service have defaults."""
    default = str(params.get("default_version") or LATEST)
    if default in (LATEST, KEEP):
        return ()
    if not default.isdecimal() or int(default) < 1:
        remedy = f"Give {LATEST}, {KEEP} or the number of a version"
        return (Fault("default_version", default, "is not a version", remedy),)
    more = [option for option in sorted(LAUNCH_DATA - {"metadata_options"}) if params.get(option) is not None]
    remedy = f"Give the number alone, or {LATEST} or {KEEP} with settings"
    return tuple(Fault(option, "...", f"goes not with default_version {default}", remedy) for option in more)


def _user_data(text: str | None) -> checks.Faults:
    content = (text or "").encode()
    if len(content) <= USER_DATA_LIMIT:
        return ()
    remedy = f"EC2 takes {USER_DATA_LIMIT} bytes: let the user data fetch the rest, from S3 or from the image"
    return (Fault("user_data", fingerprint(content), f"has {len(content)} bytes", remedy),)


def _security_group(group: str) -> checks.Faults:
    return checks.matches(
        "security_group_ids", group, r"sg-[0-9a-f]+", "is not a security group's id", "Give ids such as sg-0123abcd"
    )


def _volumes(volumes: Sequence[Mapping[str, Any]]) -> checks.Faults:
    names = [volume["device_name"] for volume in volumes]
    twice = sorted({name for name in names if names.count(name) > 1})
    return (
        *(Fault("volumes", name, "is given twice", "Give each device once") for name in twice),
        *(fault for volume in volumes for fault in _volume_faults(volume)),
    )


def _volume_faults(volume: Mapping[str, Any]) -> checks.Faults:
    option, kind = f"volumes[{volume['device_name']}]", volume.get("type") or "gp3"
    iops, throughput = volume.get("iops"), volume.get("throughput")
    found = list(checks.between(f"{option}.size", volume.get("size"), 1, 65536, "GiB"))
    if iops is not None and kind not in {"gp3", "io1", "io2"}:
        found.append(Fault(f"{option}.iops", iops, f"can't be set for {kind}", "Leave it out, or use gp3"))
    if iops is None and kind in {"io1", "io2"}:
        found.append(Fault(f"{option}.iops", None, f"is missing for {kind}", "Give it, or use gp3"))
    if throughput is not None and kind != "gp3":
        found.append(Fault(f"{option}.throughput", throughput, f"can't be set for {kind}", "Use gp3"))
    if volume.get("kms_key_id") and volume.get("encrypted") is False:
        cause, remedy = "is given for a volume that is not encrypted", "Leave it out, or set encrypted"
        found.append(Fault(f"{option}.kms_key_id", volume["kms_key_id"], cause, remedy))
    return tuple(found)


def parameter(image_id: Any) -> str | None:
    """The SSM parameter that ``image_id`` names, or None."""
    return image_id.removeprefix(SSM) if isinstance(image_id, str) and image_id.startswith(SSM) else None

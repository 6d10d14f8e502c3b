# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A launch template: what an Auto Scaling Group launches, as the settings of one of its versions.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_faults import settings_faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_interfaces import groups_of_first
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_nested import empty
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_settings import LAUNCH_DATA, PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    hidden,
    identity,
)

USER_DATA_LIMIT = 16 * 1024  # bytes before base64, EC2's limit
SSM = "resolve:ssm:"  # the prefix that EC2 itself takes in front of a parameter's name
LATEST, KEEP = "latest", "keep"  # what becomes of the default version, where it isn't given by its number

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    **{option: part.spec for option, part in PARTS.items()},
    "user_data": {"no_log": True},
    "version_description": {},
    "default_version": {"default": LATEST},
    "keep_versions": {"type": "int"},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class LaunchTemplate(Model):
    """``user_data`` is a fingerprint, so that no diff, result or log holds its text; ``content`` is the text as bytes.

    ``version`` is the number of the version whose settings these are, ``data`` its LaunchTemplateData as the API has
    it. ``versions`` (all there are) are read where old ones are to be deleted, and ``versions_in_use`` (those that
    instances run from, or that a group would launch) where there are any. ``awaited_version`` and ``awaited_default``
    are what this run made.
    """

    name: str
    image_id: Any = UNSET
    instance_type: Any = UNSET
    instance_requirements: Any = UNSET
    user_data: Any = UNSET
    instance_profile: Any = UNSET
    key_name: Any = UNSET
    kernel_id: Any = UNSET
    ram_disk_id: Any = UNSET
    network_interfaces: Any = UNSET
    secondary_interfaces: Any = UNSET
    security_group_ids: Any = UNSET
    private_dns_name_options: Any = UNSET
    network_performance: Any = UNSET
    volumes: Any = UNSET
    ebs_optimized: Any = UNSET
    monitoring: Any = UNSET
    metric_category_ids: Any = UNSET
    metadata_options: Any = UNSET
    cpu_options: Any = UNSET
    credit_specification: Any = UNSET
    placement: Any = UNSET
    capacity_reservation: Any = UNSET
    market_options: Any = UNSET
    licenses: Any = UNSET
    enclave: Any = UNSET
    hibernation: Any = UNSET
    maintenance: Any = UNSET
    disable_api_stop: Any = UNSET
    disable_api_termination: Any = UNSET
    instance_initiated_shutdown_behavior: Any = UNSET
    instance_tags: Any = UNSET
    volume_tags: Any = UNSET
    network_interface_tags: Any = UNSET
    spot_request_tags: Any = UNSET
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
    text, own = params["user_data"], tags.from_params(params["tags"])
    return LaunchTemplate(
        name=params["name"],
        **{
            option: part.given(value) for option, part in PARTS.items() if (value := _value(option, params)) is not None
        },
        user_data=UNSET if text is None else fingerprint(text.encode()),
        content=UNSET if text is None else text.encode(),
        tags=UNSET if own is None else own,
        default_version=KEEP if default == KEEP else UNSET,
        version_description=params["version_description"],
    )


def _value(option: str, params: Mapping[str, Any]) -> Any:
    """The groups that are given in the first network interface are the option's of their own."""
    value = params[option]
    return groups_of_first(params["network_interfaces"]) if option == "security_group_ids" and value is None else value


def from_api(template: Mapping[str, Any], version: Mapping[str, Any], **more: Any) -> LaunchTemplate:
    """From a LaunchTemplate of DescribeLaunchTemplates and one of its LaunchTemplateVersions."""
    data = version["LaunchTemplateData"]
    return LaunchTemplate(
        name=template["LaunchTemplateName"],
        id=template["LaunchTemplateId"],
        default_version=template["DefaultVersionNumber"],
        version=version["VersionNumber"],
        latest_version=max(version["VersionNumber"], template.get("LatestVersionNumber", 0)),
        version_description=version.get("VersionDescription"),
        **{option: part.read(data) for option, part in PARTS.items()},
        user_data=fingerprint(base64.b64decode(data.get("UserData") or "")),
        tags=tags.from_api(template.get("Tags")),
        data=data,
        **more,
    )


def to_api(want: LaunchTemplate, base: Mapping[str, Any]) -> dict[str, Any]:
    """LaunchTemplateData of a version that is like ``base`` but for what ``want``, made whole, gives.

    CreateLaunchTemplateVersion with SourceVersion could take nothing away and replaces whole members, so that a nested
    value that no option stands for would be lost: hence everything that ``base`` has is sent again.
    """
    settings, data = want.settings(), dict(base)
    for option, part in PARTS.items():
        if option in settings:
            data.update(part.written(settings[option], data))
    if "user_data" in settings:
        data["UserData"] = base64.b64encode(want.content).decode()
    return {member: value for member, value in data.items() if not empty(value)}


def pending(template: LaunchTemplate) -> str | None:
    """EC2's reads may lag behind its writes."""
    made, default = template.awaited_version, template.awaited_default
    if made is not None and template.latest_version < made:
        return f"version {made} can't be seen yet: the newest seen is {template.latest_version}"
    if default is not None and template.default_version != default:
        return f"version {default} can't be seen as the default version yet: that is {template.default_version}"
    return None


def faults(params: Mapping[str, Any]) -> checks.Faults:
    return (
        *_name("name", params.get("name")),
        *settings_faults(params),
        *_user_data(params.get("user_data")),
        *_default(params),
        *checks.between("keep_versions", params.get("keep_versions"), 1, 10000, "versions"),
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


def parameter(image_id: Any) -> str | None:
    """The SSM parameter that ``image_id`` names, or None."""
    return image_id.removeprefix(SSM) if isinstance(image_id, str) and image_id.startswith(SSM) else None

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An IAM role: who may assume it, what it may do, and the instance profile that gives it to EC2 instances.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, policy, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

NAME = r"[\w+=,.@-]"
ARN = "arn:"
DESCRIPTION = 1000  # characters

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "path": {},
    "description": {},
    "trust_policy": {"type": "json"},
    "max_session_duration": {"type": "int"},
    "permissions_boundary": {},
    "managed_policies": {"type": "list", "elements": "str"},
    "inline_policies": {"type": "dict"},
    "purge_policies": {"type": "bool", "default": True},
    "instance_profile": {"type": "bool"},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class RolePolicy(Model):
    """A policy that is the role's own, embedded in it."""

    document: Any
    role: str = hidden("")
    name: str = hidden("")


@dataclass(frozen=True)
class InstanceProfile(Model):
    """``role`` is the one that is in it (there is room for one), or None."""

    name: str
    path: Any = UNSET
    role: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    id: str = identity()


@dataclass(frozen=True)
class IamRole(Model):
    """``managed_policies`` are ARNs as far as they are known, in order; ``inline_policies`` documents by name.

    ``id`` is None where only the instance profile is there.
    """

    name: str
    path: Any = UNSET
    description: Any = UNSET
    trust_policy: Any = UNSET
    max_session_duration: Any = UNSET
    permissions_boundary: Any = UNSET
    managed_policies: Any = UNSET
    tags: Any = UNSET
    inline_policies: Any = children(UNSET)
    instance_profile: Any = children(UNSET)
    arn: str | None = identity()
    id: str | None = identity()
    purge_policies: bool = hidden(default=True)


def from_params(params: Mapping[str, Any]) -> IamRole:
    name, path, own_tags = params["name"], given(params["path"]), given(tags.from_params(params["tags"]))
    profiles = {None: UNSET, False: None, True: InstanceProfile(name, path, role=name, tags=own_tags)}
    trust, managed, inline = params["trust_policy"], params["managed_policies"], params["inline_policies"]
    return IamRole(
        name=name,
        path=path,
        description=given(params["description"]),
        trust_policy=UNSET if trust is None else policy.document(trust),
        max_session_duration=given(params["max_session_duration"]),
        permissions_boundary=given(params["permissions_boundary"]),
        managed_policies=UNSET if managed is None else tuple(sorted(set(managed))),
        tags=own_tags,
        inline_policies=UNSET if inline is None else _documents(inline),
        instance_profile=profiles[params["instance_profile"]],
        purge_policies=params["purge_policies"],
    )


def _documents(policies: Mapping[str, Any]) -> dict[str, Any]:
    return {name: policy.document(written) for name, written in policies.items()}


def from_api(
    name: str,
    role: Mapping[str, Any] | None,
    attached: Iterable[str],
    inline: Mapping[str, Any],
    profile: Mapping[str, Any] | None,
) -> IamRole:
    """From what GetRole, ListAttachedRolePolicies (ARNs), GetRolePolicy (by name) and GetInstanceProfile answer."""
    there = profile_from_api(profile) if profile else None
    if role is None:
        return IamRole(name, instance_profile=there, arn=None, id=None)
    return IamRole(
        name=name,
        path=role["Path"],
        description=role.get("Description", ""),
        trust_policy=policy.document(role["AssumeRolePolicyDocument"]),
        max_session_duration=role.get("MaxSessionDuration"),
        permissions_boundary=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        managed_policies=tuple(sorted(attached)),
        tags=tags.from_api(role.get("Tags")),
        inline_policies=_documents(inline),
        instance_profile=there,
        arn=role["Arn"],
        id=role["RoleId"],
    )


def profile_from_api(profile: Mapping[str, Any]) -> InstanceProfile:
    return InstanceProfile(
        name=profile["InstanceProfileName"],
        path=profile["Path"],
        role=next((role["RoleName"] for role in profile["Roles"]), None),
        tags=tags.from_api(profile.get("Tags")),
        arn=profile["Arn"],
        id=profile["InstanceProfileId"],
    )


def is_called(arn: str, name: str) -> bool:
    """Whether ``name``, with or without its path, names the managed policy ``arn``."""
    return arn == name or ("/" + arn.partition(":policy/")[2]).endswith("/" + name)


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """Lengths and characters as the API reference gives them."""
    name, path, description = params["name"], params["path"], params["description"]
    return (
        *checks.matches("name", name, NAME + "{1,64}", "is no role's name", "Use 1 to 64 letters, digits and _+=,.@-"),
        *checks.matches("path", path, r"/|/[!-~]{1,510}/", "is no path", "Begin and end it with /"),
        *checks.matches(
            "description",
            description,
            rf"[\t\n\r -~\u00a1-\u00ff]{{0,{DESCRIPTION}}}",
            "is no description that IAM takes",
            f"Give at most {DESCRIPTION} characters of Latin-1",
        ),
        *checks.between("max_session_duration", params["max_session_duration"], 3600, 43200, "seconds"),
        *checks.matches(
            "permissions_boundary",
            params["permissions_boundary"],
            r"|arn:[\w-]+:iam::(\d{12}|aws):policy/\S+",
            "is not the ARN of a policy",
            "Give arn:aws:iam::...:policy/..., or an empty string for none",
        ),
        *policy.faults("trust_policy", params["trust_policy"]),
        *_managed_faults(params["managed_policies"] or ()),
        *_inline_faults(params["inline_policies"] or {}),
        *checks.tags("tags", params["tags"]),
    )


def _managed_faults(policies: Iterable[str]) -> checks.Faults:
    pattern = rf"arn:[\w-]+:iam::(\d{{12}}|aws):policy/\S+|{NAME}+(/{NAME}+)*"
    cause, remedy = "names no managed policy", "Give a name such as ReadOnlyAccess, or an ARN"
    return tuple(
        fault for each in policies for fault in checks.matches("managed_policies", each, pattern, cause, remedy)
    )


def _inline_faults(policies: Mapping[str, Any]) -> checks.Faults:
    cause, remedy = "is no policy's name", "Use 1 to 128 letters, digits and _+=,.@-"
    return tuple(
        fault
        for name, written in policies.items()
        for fault in (
            *checks.matches("inline_policies", name, NAME + "{1,128}", cause, remedy),
            *policy.faults(f"inline_policies.{name}", written),
        )
    )

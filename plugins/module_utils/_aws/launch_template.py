# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The EC2 calls behind a launch template."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.ec2 import pages
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, explained, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.launch_template_use import versions_in_use
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import (
    KEEP,
    LAUNCH_DATA,
    LaunchTemplate,
    from_api,
    parameter,
    to_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_whole import meant, surplus

T = TypeVar("T")

VERSION = "launch template version"  # in session.ids: the number that this run made, by the template's name
DEFAULT = "launch template default version"
GONE = ("InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound")
DELETED_AT_ONCE = 200  # versions that DeleteLaunchTemplateVersions takes


def resolve(session: Session, want: LaunchTemplate) -> LaunchTemplate:
    """The AMI that a parameter names now. A group whose template names the parameter itself can't be rolled back."""
    name = parameter(want.image_id)
    if name is None:
        return want
    with explained(f"image_id {want.image_id}"):
        image = session.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    if not re.fullmatch(r"ami-[0-9A-Za-z]+", image):
        raise StackError(f"image_id: {want.image_id!r} holds {image!r}, not an AMI's id. Name another parameter.")
    return replace(want, image_id=image)


def read(session: Session, want: LaunchTemplate) -> LaunchTemplate | None:
    """Two calls, side by side; a third where old versions are to be deleted, and more where there are any."""
    asked = ["$Default", "$Latest"] if want.default_version == KEEP else ["$Latest"]
    keep = session.params.get("keep_versions")
    template, found, versions = session.together(
        lambda: describe(session, want.name),
        lambda: versions_called(session, want.name, asked),
        lambda: () if keep is None else version_numbers(session, want.name),
    )
    if template is None or not found:
        return None
    seen = meant(want, [from_api(template, version, **_awaited(session, want.name)) for version in found])
    seen = replace(seen, versions=versions)
    if keep is None or not surplus(want, seen, keep):
        return seen
    return replace(seen, versions_in_use=versions_in_use(session, template["LaunchTemplateId"]))


def _awaited(session: Session, name: str) -> dict[str, int]:
    """What this run made, which EC2's reads may not tell yet."""
    made = {"awaited_version": session.ids.get((VERSION, name)), "awaited_default": session.ids.get((DEFAULT, name))}
    return {what: int(number) for what, number in made.items() if number}


def describe(session: Session, name: str) -> dict[str, Any] | None:
    with ignoring(*GONE):
        found = session.client("ec2").describe_launch_templates(LaunchTemplateNames=[name])["LaunchTemplates"]
        return found[0] if found else None
    return None


def versions_called(session: Session, name: str, called: list[str]) -> list[dict[str, Any]]:
    """The versions that $Default and $Latest stand for; none of a template that is gone."""
    with ignoring(*GONE):
        versions: list[dict[str, Any]] = session.client("ec2").describe_launch_template_versions(
            LaunchTemplateName=name, Versions=called
        )["LaunchTemplateVersions"]
        return versions
    return []


def version_numbers(session: Session, name: str) -> tuple[int, ...]:
    """None of a template that is gone."""
    with ignoring(*GONE):
        found = pages(session, "describe_launch_template_versions", "LaunchTemplateVersions", LaunchTemplateName=name)
        return tuple(version["VersionNumber"] for version in found)
    return ()


def made(session: Session, expected: LaunchTemplate) -> LaunchTemplate:
    """Its first version is what was sent."""
    answer = session.answers["launch template", expected.name]
    template = {**answer, "Tags": tags.to_api(expected.tags or {})}
    return replace(from_api(template, {"VersionNumber": 1, **answer}), versions=(1,))


def create(session: Session, change: Change) -> None:
    request = {"LaunchTemplateData": to_api(change.want, {}), **_description(change)}
    if change.after.get("tags"):
        own = {"ResourceType": "launch-template", "Tags": tags.to_api(change.after["tags"])}
        request["TagSpecifications"] = [own]
    client = session.client("ec2")
    answer = _once_profile_is_seen(
        session, lambda: client.create_launch_template(LaunchTemplateName=change.name, **request)
    )
    session.answers["launch template", change.name] = {**answer["LaunchTemplate"], **request}
    session.ids[VERSION, change.name] = session.ids[DEFAULT, change.name] = "1"


def update(session: Session, change: Change) -> None:
    version = make_version(session, change) if LAUNCH_DATA & change.after.keys() else None
    if "default_version" in change.after:
        make_default(session, change, version or change.after["default_version"])
    if "tags" in change.after:
        put_tags(session, change)


def make_version(session: Session, change: Change) -> int:
    client = session.client("ec2")
    shape = client.meta.service_model.operation_model("CreateLaunchTemplateVersion").input_shape
    base = accepted(change.have.data, shape.members["LaunchTemplateData"])
    request = {"LaunchTemplateData": to_api(change.want, base), **_description(change)}
    made = _once_profile_is_seen(
        session, lambda: client.create_launch_template_version(LaunchTemplateId=change.have.id, **request)
    )
    number = int(made["LaunchTemplateVersion"]["VersionNumber"])
    session.ids[VERSION, change.name] = str(number)
    return number


def make_default(session: Session, change: Change, version: int) -> None:
    session.client("ec2").modify_launch_template(LaunchTemplateId=change.have.id, DefaultVersion=str(version))
    session.ids[DEFAULT, change.name] = str(version)


def put_tags(session: Session, change: Change) -> None:
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        session.client("ec2").create_tags(Resources=[change.have.id], Tags=tags.to_api(changed))
    if gone:
        session.client("ec2").delete_tags(Resources=[change.have.id], Tags=[{"Key": key} for key in gone])


def delete(session: Session, change: Change) -> None:
    with ignoring(*GONE):
        session.client("ec2").delete_launch_template(LaunchTemplateId=change.have.id)


def delete_versions(session: Session, change: Change) -> None:
    versions = [str(version) for version in change.before["versions"]]
    for first in range(0, len(versions), DELETED_AT_ONCE):
        answer = session.client("ec2").delete_launch_template_versions(
            LaunchTemplateId=change.have.id, Versions=versions[first : first + DELETED_AT_ONCE]
        )
        refused = [
            f"{each['VersionNumber']}: {each['ResponseError']['Message']}"
            for each in answer.get("UnsuccessfullyDeletedLaunchTemplateVersions", ())
            if each["ResponseError"]["Code"] != "launchTemplateVersionDoesNotExist"
        ]
        if refused:
            raise StackError(f"{change}: EC2 kept some versions ({'; '.join(refused)}).")


def accepted(value: Any, shape: Any) -> Any:
    """``value`` of a response without what the request's ``shape`` doesn't take, such as MetadataOptions' State."""
    if shape.type_name == "structure":
        return {key: accepted(item, shape.members[key]) for key, item in value.items() if key in shape.members}
    if shape.type_name == "list":
        return [accepted(item, shape.member) for item in value]
    return value


def _description(change: Change) -> dict[str, str]:
    description = change.want.version_description
    return {"VersionDescription": description} if description else {}


def _once_profile_is_seen(session: Session, call: Callable[[], T]) -> T:
    return retried(call, _profile_unseen, min(PROPAGATION, session.wait_timeout))


def _profile_unseen(error: Exception) -> bool:
    return code(error) == "InvalidParameterValue" and "iam instance profile" in str(error).lower()


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("launch template", "create"): create,
    ("launch template", "update"): update,
    ("launch template", "delete"): delete,
    ("launch template versions", "delete"): delete_versions,
}

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The IAM calls behind a role, its own policies and its instance profile."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.iam_role import ARN, IamRole, from_api, is_called

GONE = "NoSuchEntity"
MADE = "made by this run"
MANAGED = "managed policy"
AWS_PATHS = ("", "service-role/", "job-function/")  # under which AWS keeps policies that can be attached
BOUNDARY = "permissions_boundary"


def read(session: Session, want: IamRole) -> IamRole | None:
    """Four reads side by side, and one more for each of the role's own policies."""
    name = want.name
    role, attached, inline, profile = session.together(
        lambda: role_called(session, name),
        lambda: attached_policies(session, name),
        lambda: inline_policies(session, name),
        lambda: profile_called(session, name),
    )
    return from_api(name, role, attached, inline, profile) if role or profile else None


def role_called(session: Session, name: str) -> dict[str, Any] | None:
    with ignoring(GONE):
        role: dict[str, Any] = session.client("iam").get_role(RoleName=name)["Role"]
        return role
    return None


def attached_policies(session: Session, role: str) -> list[str]:
    with ignoring(GONE):
        pages = session.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=role)
        return [each["PolicyArn"] for page in pages for each in page["AttachedPolicies"]]
    return []


def inline_policies(session: Session, role: str) -> dict[str, Any]:
    """Name -> document."""
    with ignoring(GONE):
        client = session.client("iam")
        pages = client.get_paginator("list_role_policies").paginate(RoleName=role)
        names = [name for page in pages for name in page["PolicyNames"]]
        found = session.together(*(partial(client.get_role_policy, RoleName=role, PolicyName=name) for name in names))
        return {each["PolicyName"]: each["PolicyDocument"] for each in found}
    return {}


def profile_called(session: Session, name: str) -> dict[str, Any] | None:
    with ignoring(GONE):
        answer = session.client("iam").get_instance_profile(InstanceProfileName=name)
        profile: dict[str, Any] = answer["InstanceProfile"]
        return profile
    return None


def pending(role: IamRole) -> str | None:
    return None if role.id else "the role can't be seen yet"


def remaining(role: IamRole) -> str:
    return "the role is still there" if role.id else "its instance profile is still there"


def preflight(session: Session, plan: Plan) -> None:
    """The ARNs of managed policies that are called by name, in ``session.ids``.

    AWS's own are looked for where AWS keeps them, so that not all of its thousand policies have to be listed.
    """
    wanted = {each for change in plan for each in change.after.get("managed_policies", ())}
    names = sorted(each for each in wanted if not each.startswith(ARN))
    if not names:
        return
    partition = session.client("iam").meta.partition
    likely = [f"arn:{partition}:iam::aws:policy/{path}{name}" for name in names for path in AWS_PATHS]
    own, *found = session.together(
        lambda: own_policies(session), *(partial(existing_policy, session, arn) for arn in likely)
    )
    there = [*own, *filter(None, found)]
    for name in names:
        session.ids[MANAGED, name] = _only(name, [arn for arn in there if is_called(arn, name)])


def own_policies(session: Session) -> list[str]:
    """The ARNs of the account's own managed policies."""
    pages = session.client("iam").get_paginator("list_policies").paginate(Scope="Local")
    return [policy["Arn"] for page in pages for policy in page["Policies"]]


def existing_policy(session: Session, arn: str) -> str | None:
    with ignoring(GONE):
        return str(session.client("iam").get_policy(PolicyArn=arn)["Policy"]["Arn"])
    return None


def _only(name: str, arns: list[str]) -> str:
    if len(arns) == 1:
        return arns[0]
    cause = f"may be {' or '.join(arns)}" if arns else "is neither AWS's nor the account's own"
    raise StackError(f"managed_policies: {name!r} {cause}. Give the policy's ARN.")


def create_role(session: Session, change: Change) -> None:
    after = change.after
    request = {
        "RoleName": change.name,
        "AssumeRolePolicyDocument": json.dumps(after["trust_policy"]),
        "Path": after["path"],
        "Description": after.get("description"),
        "MaxSessionDuration": after.get("max_session_duration"),
        "PermissionsBoundary": after.get(BOUNDARY),
        "Tags": tags.to_api(after.get("tags", {})),
    }
    session.client("iam").create_role(**{key: value for key, value in request.items() if value})
    session.ids[MADE, change.name] = change.name
    attach(session, change)


def update_role(session: Session, change: Change) -> None:
    client, after = session.client("iam"), change.after
    if "trust_policy" in after:
        client.update_assume_role_policy(RoleName=change.name, PolicyDocument=json.dumps(after["trust_policy"]))
    members = {"description": "Description", "max_session_duration": "MaxSessionDuration"}
    if settings := {member: after[option] for option, member in members.items() if option in after}:
        client.update_role(RoleName=change.name, **settings)
    if after.get(BOUNDARY):
        client.put_role_permissions_boundary(RoleName=change.name, PermissionsBoundary=after[BOUNDARY])
    elif BOUNDARY in after:
        client.delete_role_permissions_boundary(RoleName=change.name)
    put_tags(change, partial(client.tag_role, RoleName=change.name), partial(client.untag_role, RoleName=change.name))
    attach(session, change)


def attach(session: Session, change: Change) -> None:
    """Policies that are wanted are attached before others are detached: the role never may do less than both allow."""
    before, after = set(change.before.get("managed_policies", ())), set(change.after.get("managed_policies", ()))
    client = session.client("iam")
    for policy in sorted(after - before):
        arn = session.ids.get((MANAGED, policy), policy)
        _once_seen(session, change.name, partial(client.attach_role_policy, RoleName=change.name, PolicyArn=arn))
    for arn in sorted(before - after):
        with ignoring(GONE):
            client.detach_role_policy(RoleName=change.name, PolicyArn=arn)


def put_tags(change: Change, tag: Callable[..., Any], untag: Callable[..., Any]) -> None:
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        tag(Tags=tags.to_api(changed))
    if gone:
        untag(TagKeys=gone)


def delete_role(session: Session, change: Change) -> None:
    """What was just detached or deleted may be seen for a moment."""
    attach(session, change)
    with ignoring(GONE):
        _patiently(session, partial(session.client("iam").delete_role, RoleName=change.name), _in_use)


def put_policy(session: Session, change: Change) -> None:
    policy = change.want
    put = partial(session.client("iam").put_role_policy, RoleName=policy.role, PolicyName=policy.name)
    _once_seen(session, policy.role, lambda: put(PolicyDocument=json.dumps(policy.document)))


def delete_policy(session: Session, change: Change) -> None:
    with ignoring(GONE):
        session.client("iam").delete_role_policy(RoleName=change.have.role, PolicyName=change.have.name)


def create_profile(session: Session, change: Change) -> None:
    own_tags = {"Tags": tags.to_api(change.after["tags"])} if change.after.get("tags") else {}
    path = {"Path": change.after["path"]} if change.after.get("path") else {}
    session.client("iam").create_instance_profile(InstanceProfileName=change.name, **path, **own_tags)
    session.ids[MADE, change.name] = change.name
    give_role(session, change)


def update_profile(session: Session, change: Change) -> None:
    profile = {"InstanceProfileName": change.name}
    client = session.client("iam")
    if "role" in change.after:
        take_role(session, change)
        give_role(session, change)
    put_tags(change, partial(client.tag_instance_profile, **profile), partial(client.untag_instance_profile, **profile))


def give_role(session: Session, change: Change) -> None:
    names = {"InstanceProfileName": change.name, "RoleName": change.after["role"]}
    _once_seen(session, change.name, partial(session.client("iam").add_role_to_instance_profile, **names))


def take_role(session: Session, change: Change) -> None:
    if role := change.before.get("role"):
        with ignoring(GONE):
            session.client("iam").remove_role_from_instance_profile(InstanceProfileName=change.name, RoleName=role)


def delete_profile(session: Session, change: Change) -> None:
    take_role(session, change)
    with ignoring(GONE):
        delete = partial(session.client("iam").delete_instance_profile, InstanceProfileName=change.name)
        _patiently(session, delete, _in_use)


def _once_seen(session: Session, name: str, call: Callable[[], Any]) -> None:
    """What this run made may not be seen for a moment; what was there before is."""
    _patiently(session, call, lambda error: (MADE, name) in session.ids and _unseen(error))


def _patiently(session: Session, call: Callable[[], Any], transient: Callable[[Exception], bool]) -> None:
    retried(call, transient, min(PROPAGATION, session.wait_timeout))


def _unseen(error: Exception) -> bool:
    """IAM has one code for a role and for a policy that it can't find: "Policy arn:... does not exist"."""
    return code(error) == GONE and "policy arn:" not in str(error).lower()


def _in_use(error: Exception) -> bool:
    return code(error) == "DeleteConflict"


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("role", "create"): create_role,
    ("role", "update"): update_role,
    ("role", "delete"): delete_role,
    ("role policy", "create"): put_policy,
    ("role policy", "update"): put_policy,
    ("role policy", "delete"): delete_policy,
    ("instance profile", "create"): create_profile,
    ("instance profile", "update"): update_profile,
    ("instance profile", "delete"): delete_profile,
}

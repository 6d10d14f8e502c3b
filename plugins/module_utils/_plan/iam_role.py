# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an IAM role, its own policies and its instance profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.iam_role import (
    ARN,
    IamRole,
    InstanceProfile,
    RolePolicy,
    is_called,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.policy import same
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

ROLE = "role"
POLICY = "role policy"
PROFILE = "instance profile"


def plan(want: IamRole | None, have: IamRole | None, params: Mapping[str, Any]) -> Plan:
    """IAM deletes a role only when it has no policies and is in no instance profile."""
    there = _there(have)
    if want is None:
        name = have.name if have else ""
        profile = have.instance_profile if have else None
        return (
            *compare(PROFILE, name, None, profile),
            *_policies(name, {}, there.inline_policies if there else {}),
            *compare(ROLE, name, None, there),
        )
    want = completed(want, have)
    changes = (
        *compare(ROLE, want.name, keep_tags(want, there, params["purge_tags"]), there, immutable=("path",)),
        *_inline(want, there),
        *_profile(want, have, params["purge_tags"]),
    )
    return tuple(sorted(changes, key=lambda change: change.action == "delete"))


def _there(have: IamRole | None) -> IamRole | None:
    return have if have and have.id else None


def completed(want: IamRole, have: IamRole | None) -> IamRole:
    """``want`` in the words of what is there wherever it means the same, with what isn't purged.

    InvalidOptions where there is no role yet, and can't be one from these options.
    """
    there = _there(have)
    if there is None:
        if want.trust_policy is UNSET:
            cause, remedy = f"is missing, and there is no role {want.name} yet", "Give trust_policy to make one"
            raise InvalidOptions((Fault("trust_policy", None, cause, remedy),))
        return replace(want, path=want.path or "/")
    trust = there.trust_policy if same(want.trust_policy, there.trust_policy) else want.trust_policy
    return replace(
        want,
        trust_policy=trust,
        managed_policies=_managed(want, there.managed_policies),
        inline_policies=_inline_wanted(want, there.inline_policies),
    )


def _managed(want: IamRole, attached: Iterable[str]) -> Any:
    """A policy's name is the ARN that is attached under it; one that is not attached yet stays a name."""
    if want.managed_policies is UNSET:
        return UNSET
    wanted = {_arn(want.name, each, attached) for each in want.managed_policies}
    return tuple(sorted(wanted if want.purge_policies else wanted.union(attached)))


def _arn(role: str, policy: str, attached: Iterable[str]) -> str:
    found = [arn for arn in attached if is_called(arn, policy)]
    if len(found) > 1:
        raise StackError(f"{ROLE} {role}: managed policy {policy} may be {' or '.join(found)}. Give its ARN.")
    return found[0] if found and not policy.startswith(ARN) else policy


def _inline_wanted(want: IamRole, there: Mapping[str, Any]) -> Any:
    if want.inline_policies is UNSET:
        return UNSET
    kept = {} if want.purge_policies else dict(there)
    return kept | {
        name: there[name] if same(document, there.get(name)) else document
        for name, document in want.inline_policies.items()
    }


def _inline(want: IamRole, there: IamRole | None) -> Plan:
    if want.inline_policies is UNSET:
        return ()
    return _policies(want.name, want.inline_policies, there.inline_policies if there else {})


def _policies(role: str, wants: Mapping[str, Any], haves: Mapping[str, Any]) -> Plan:
    return tuple(
        change
        for name in {**wants, **haves}
        for change in compare(POLICY, f"{role}/{name}", _policy(role, name, wants), _policy(role, name, haves))
    )


def _policy(role: str, name: str, documents: Mapping[str, Any]) -> RolePolicy | None:
    return RolePolicy(documents[name], role, name) if name in documents else None


def _profile(want: IamRole, have: IamRole | None, purge: bool) -> Plan:
    there: InstanceProfile | None = have.instance_profile if have else None
    if want.instance_profile is UNSET:
        return ()
    wanted = want.instance_profile and keep_tags(want.instance_profile, there, purge)
    return compare(PROFILE, want.name, wanted, there, immutable=("path",))


def settled(want: IamRole, have: IamRole | None) -> IamRole:
    """The role as it will be, with its own policies and its instance profile."""
    want, there = completed(want, have), _there(have)
    profile = have.instance_profile if have else None
    return replace(
        settle(want, there),
        inline_policies=(there.inline_policies if there else {})
        if want.inline_policies is UNSET
        else want.inline_policies,
        instance_profile=_profile_settled(want.instance_profile, profile),
    )


def _profile_settled(want: Any, there: InstanceProfile | None) -> InstanceProfile | None:
    if want is UNSET:
        return there
    return settle(want, there) if want else None

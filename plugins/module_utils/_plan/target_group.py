# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a target group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import (
    FIXED,
    INTERVAL,
    TIMEOUT,
    TargetGroup,
    created,
    stand_in_name,
    with_targets,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "target group"
TRAFFIC = "traffic"


def plan(want: TargetGroup | None, have: TargetGroup | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return _gone(have) if have else ()
    there = have or want.stand_in  # which has all that the group had which it stands in for
    asked = settle(want, there) if there and not have else want
    whole = keep_tags(completed(asked, have), there, params["purge_tags"])
    if have and want.replaceable and replaced(whole, have):
        changes = _replacement(whole, have) if have.load_balancer_arns else _made_again(whole, have)
    else:
        changes = compare(KIND, want.name, whole, have, immutable=FIXED) + _tidied(want)
    if changes:
        _refuse_timeout(want, have)
    return changes


def _gone(have: TargetGroup) -> Plan:
    """With what an interrupted replacement left."""
    return (*compare(KIND, have.name, None, have), *(_gone(have.stand_in) if have.stand_in else ()))


def replaced(want: TargetGroup, have: TargetGroup) -> bool:
    """Whether a setting differs that can't be changed."""
    wanted, there = want.settings(), have.settings()
    return any(option in wanted and wanted[option] != there.get(option) for option in FIXED)


def _made_again(want: TargetGroup, have: TargetGroup) -> Plan:
    """Nothing uses it. Targets of another type have nothing in common with those that were there."""
    same_type = want.target_type in (UNSET, have.target_type)
    new = _new(want, have) if same_type else created(want)
    return (*_tidied(want), *compare(KIND, have.name, None, have), *compare(KIND, new.name, new, None))


def _new(want: TargetGroup, have: TargetGroup) -> TargetGroup:
    """With all that ``have`` has and nobody changes; but codes and paths of HTTP are none of gRPC."""
    kept = settle(want, have)
    if kept.protocol_version != have.protocol_version and "GRPC" in (kept.protocol_version, have.protocol_version):
        kept = replace(kept, success_codes=want.success_codes, health_check_path=want.health_check_path)
    empty: dict[str, Any] = {option: UNSET for option, value in kept.settings().items() if value in (None, "")}
    return replace(kept, **empty, arn=KNOWN_AFTER_APPLY, load_balancer_arns=(), targets=want.targets)


def _replacement(want: TargetGroup, have: TargetGroup) -> Plan:
    """ELB refuses to delete a group that is in use, and to make another of its name: a stand-in serves in between."""
    _refuse_unmovable(want, have)
    new = _new(want, have)
    stand_in = replace(new, name=stand_in_name(want.name))
    fits = want.stand_in is not None and not replaced(new, want.stand_in)
    return (
        *(() if fits else (*_tidied(want), *compare(KIND, stand_in.name, stand_in, None))),
        _move(want.name, stand_in.name),
        *compare(KIND, have.name, None, _unused(have)),
        *compare(KIND, new.name, new, None),
        _move(stand_in.name, new.name),
        *compare(KIND, stand_in.name, None, stand_in),
    )


def _tidied(want: TargetGroup) -> Plan:
    """What an interrupted replacement left: the traffic comes back to the group that has the name."""
    if want.stand_in is None:
        return ()
    return (_move(want.stand_in.name, want.name), *compare(KIND, want.stand_in.name, None, _unused(want.stand_in)))


def _unused(group: TargetGroup) -> TargetGroup:
    """The group once its traffic is gone."""
    return replace(group, load_balancer_arns=())


def _move(source: str, target: str) -> Change:
    return Change("update", TRAFFIC, f"{source} to {target}", {"target_group": source}, {"target_group": target})


def _refuse_unmovable(want: TargetGroup, have: TargetGroup) -> None:
    """The targets of one VPC, or of one type, are not those of another."""
    for option in ("vpc_id", "target_type"):
        wanted, there = getattr(want, option), getattr(have, option)
        if have.load_balancer_arns and wanted not in (UNSET, there):
            raise StackError(
                f"{KIND} {want.name}: {option} is {there!r}, wanted {wanted!r}. Load balancers send requests to it, "
                f"and its targets can't move there. Make a {KIND} of another name for that, and forward to it."
            )


def completed(want: TargetGroup, have: TargetGroup | None) -> TargetGroup:
    """``want`` with what follows from it where it isn't given."""
    return with_targets(want if have else created(want), have)


def settled(want: TargetGroup, have: TargetGroup | None) -> TargetGroup:
    """What will be there, for the facts of check mode."""
    whole = completed(want, have)
    after = settle(whole, have)
    return replace(after, arn=KNOWN_AFTER_APPLY) if have and replaced(whole, have) else after


def _refuse_timeout(want: TargetGroup, have: TargetGroup | None) -> None:
    """ELB refuses a health check whose timeout is not shorter than its interval, also where only one is given."""
    kind = want.target_type or (have.target_type if have else "instance")
    interval = want.health_check_interval or (have.health_check_interval if have else INTERVAL[kind])
    timeout = want.health_check_timeout or (have.health_check_timeout if have else TIMEOUT[kind])
    if interval and timeout and timeout >= interval:
        raise StackError(
            f"{KIND} {want.name}: with a health_check_interval of {interval} s, a health_check_timeout of {timeout} s "
            f"is too long. Give a health_check_timeout of less than {interval}."
        )

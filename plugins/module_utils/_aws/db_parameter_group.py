# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The RDS calls behind a DB parameter group.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.db_states import put_tags, until_gone
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_parameter_group import (
    Parameter,
    ParameterGroup,
    from_api,
    group_name,
    is_own,
    known,
    same,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

KIND = "DB parameter group"
AT_ONCE = 20  # parameters that one call may change


def resolve(session: Session, want: ParameterGroup) -> ParameterGroup:
    """``want`` with all that RDS knows of parameters, where one is to change: two calls, and some pages then."""
    have = _read(session, want.name)
    session.answers[KIND, want.name] = have
    if want.parameters is UNSET or not _differs(want.parameters, have.parameters if have else {}):
        return want
    return replace(want, known=_known(session, want.name) if have else _known_of_family(session, want.family))


def _differs(wishes: Mapping[str, Any], there: Mapping[str, str]) -> bool:
    return wishes.keys() != there.keys() or not all(same(wish, there[name]) for name, wish in wishes.items())


def _read(session: Session, name: str) -> ParameterGroup | None:
    """Without its tags."""
    groups, own = session.together(lambda: _described(session, name), lambda: _own(session, name))
    return from_api(groups[0], own, []) if groups else None


def _described(session: Session, name: str) -> list[dict[str, Any]]:
    with ignoring("DBParameterGroupNotFound"):
        groups: list[dict[str, Any]] = session.client("rds").describe_db_parameter_groups(DBParameterGroupName=name)[
            "DBParameterGroups"
        ]
        return groups
    return []


def _own(session: Session, name: str) -> list[dict[str, Any]]:
    """The parameters that were set: a group has hundreds."""
    with ignoring("DBParameterGroupNotFound"):
        pages = session.client("rds").get_paginator("describe_db_parameters")
        found = pages.paginate(DBParameterGroupName=name, Source="user")
        return [each for page in found for each in page["Parameters"]]
    return []


def _known(session: Session, name: str) -> dict[str, Parameter]:
    pages = session.client("rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name)
    return known(each for page in pages for each in page["Parameters"])


def _known_of_family(session: Session, family: str) -> dict[str, Parameter]:
    paginator = session.client("rds").get_paginator("describe_engine_default_parameters")
    pages = paginator.paginate(DBParameterGroupFamily=family)
    return known(each for page in pages for each in page["EngineDefaults"].get("Parameters", ()))


def read(session: Session) -> ParameterGroup | None:
    """The group that the options name with its tags: one call, the first time, as ``resolve`` has read the rest."""
    name = group_name(session.params) or ""
    there = (KIND, name) in session.answers
    have: ParameterGroup | None = session.answers.pop((KIND, name)) if there else _read(session, name)
    if have is None:
        return None
    found = session.client("rds").list_tags_for_resource(ResourceName=have.arn)["TagList"]
    return replace(have, tags=tags.from_api(found))


def made(session: Session, expected: Any) -> ParameterGroup | None:
    """None where none is to be made."""
    if expected is UNSET:
        return None
    group = session.answers[f"{KIND} made", expected.name]["DBParameterGroup"]
    return replace(
        expected,
        parameters=expected.parameters or {},
        description=group["Description"],
        tags=expected.tags or {},
        arn=group["DBParameterGroupArn"],
    )


def owned(session: Session) -> tuple[ParameterGroup, ...]:
    """Those to be deleted with the instance: the one that is named, or of every major version it has had."""
    params = session.params
    if params["parameter_group_name"] is not None:
        return ()
    named = (params["parameter_group"] or {}).get("name")
    pages = session.client("rds").get_paginator("describe_db_parameter_groups").paginate()
    groups = (each for page in pages for each in page["DBParameterGroups"])
    return tuple(
        replace(from_api(each, (), []), parameters=UNSET, tags=UNSET)
        for each in groups
        if each["DBParameterGroupName"] == (named or "").lower() or is_own(each["DBParameterGroupName"], params["name"])
    )


def create(session: Session, change: Change) -> None:
    answer = session.client("rds").create_db_parameter_group(
        DBParameterGroupName=change.name,
        DBParameterGroupFamily=change.after["family"],
        Description=change.after["description"],
        Tags=tags.to_api(change.after.get("tags") or {}),
    )
    session.answers[f"{KIND} made", change.name] = answer
    _set(session, change, change.after.get("parameters") or {})


def update(session: Session, change: Change) -> None:
    before, after = change.before.get("parameters") or {}, change.after.get("parameters") or {}
    _reset(session, change, sorted(before.keys() - after.keys()))
    _set(session, change, {name: text for name, text in after.items() if before.get(name) != text})
    put_tags(session, change.have.arn, change)


def _set(session: Session, change: Change, texts: Mapping[str, str]) -> None:
    for names in _portions(sorted(texts)):
        parameters = [{**_when(change, name), "ParameterValue": texts[name]} for name in names]
        _while_unsettled(
            lambda parameters=parameters: session.client("rds").modify_db_parameter_group(
                DBParameterGroupName=change.name, Parameters=parameters
            )
        )


def _reset(session: Session, change: Change, gone: list[str]) -> None:
    for names in _portions(gone):
        parameters = [_when(change, name) for name in names]
        _while_unsettled(
            lambda parameters=parameters: session.client("rds").reset_db_parameter_group(
                DBParameterGroupName=change.name, Parameters=parameters
            )
        )


def _when(change: Change, name: str) -> dict[str, str]:
    """RDS refuses to apply a static parameter at once."""
    parameter = change.want.parameter(name)
    immediate = parameter is not None and not parameter.static
    return {"ParameterName": name, "ApplyMethod": "immediate" if immediate else "pending-reboot"}


def _portions(names: list[str]) -> Iterable[list[str]]:
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))


def _while_unsettled(call: Any) -> None:
    """RDS refuses a change of a group that it isn't done with, or that not every part of it has seen yet."""
    retried(call, lambda error: code(error) in ("InvalidDBParameterGroupState", "DBParameterGroupNotFound"))


def delete(session: Session, change: Change) -> None:
    """RDS deletes a group only when no instance uses it any more."""
    until_gone(session, session.params["name"].lower())
    with ignoring("DBParameterGroupNotFound"):
        retried(
            lambda: session.client("rds").delete_db_parameter_group(DBParameterGroupName=change.name),
            lambda error: code(error) == "InvalidDBParameterGroupState",
        )


OPERATIONS: dict[tuple[str, str], Operation] = {
    (KIND, "create"): create,
    (KIND, "update"): update,
    (KIND, "delete"): delete,
}

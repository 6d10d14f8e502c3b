# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is there of an RDS instance and its groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import db_parameter_group, db_subnet_group
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.db_states import describe
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    ABSENT,
    DELETING,
    READY,
    DbInstance,
    from_api,
    own_subnet_group,
    serves,
    version,
    without_instance,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

NEWEST_EVENTS = 3


def resolve(session: Session, want: DbInstance) -> DbInstance:
    """With what RDS knows of the parameters that are to change."""
    if want.parameter_group is UNSET:
        return want
    return replace(want, parameter_group=db_parameter_group.resolve(session, want.parameter_group))


def read(session: Session, want: DbInstance) -> DbInstance | None:
    """Two calls (one without a subnet group of its own); one more for a new version, and one while it isn't ready.

    A parameter group of its own is one more, besides those of ``resolve``.
    """
    present = session.params["state"] == "present"
    instance = describe(session, want.name)
    group = db_subnet_group.read(session, own_subnet_group(session.params), instance or {})
    parameters = db_parameter_group.read(session) if present and want.parameter_group else None
    if instance:
        have: DbInstance | None = _seen(session, want, instance, group, parameters)
    else:
        have = without_instance(want.name, group, parameters) if group or parameters else None
    if present:
        _refuse_unknown_version(session, want, have)
        return have
    owned = db_parameter_group.owned(session)
    return replace(have or without_instance(want.name, None), own_parameter_groups=owned) if have or owned else None


def _seen(session: Session, want: DbInstance, instance: Mapping[str, Any], group: Any, parameters: Any) -> DbInstance:
    events = _events(session, want.name) if instance["DBInstanceStatus"] not in READY else ()
    have = from_api(instance, group, events, parameters)
    return replace(have, secret_expected=have.secret_expected and want.manage_master_user_password is not False)


def made(session: Session, expected: DbInstance) -> DbInstance:
    instance = session.answers["DB instance", expected.name]["DBInstance"]
    group = db_subnet_group.made(session, expected.subnet_group, instance)
    return from_api(instance, group, (), db_parameter_group.made(session, expected.parameter_group))


def again(session: Session, want: DbInstance, seen: DbInstance) -> DbInstance | None:
    """One call, and one while it isn't ready: its groups don't change while it is waited for."""
    instance = describe(session, want.name)
    if instance is None:
        return read(session, want)
    again = _seen(session, want, instance, seen.subnet_group or None, seen.parameter_group or None)
    return replace(again, own_parameter_groups=seen.own_parameter_groups)


def _events(session: Session, name: str) -> list[str]:
    """What RDS says about the instance, the newest last."""
    described = session.client("rds").describe_events(SourceIdentifier=name, SourceType="db-instance", Duration=60)
    return [event["Message"] for event in sorted(described["Events"], key=lambda event: event["Date"])][-NEWEST_EVENTS:]


def _refuse_unknown_version(session: Session, want: DbInstance, have: DbInstance | None) -> None:
    wish = want.engine_version
    there = have.engine_version if have and have.status not in (ABSENT, DELETING) else None
    if not wish or want.source_db_instance or (there and serves(wish, there)):
        return
    pages = session.client("rds").get_paginator("describe_db_engine_versions").paginate(Engine=want.engine)
    offered = [each["EngineVersion"] for page in pages for each in page["DBEngineVersions"]]
    if any(each == wish or each.startswith(f"{wish}.") for each in offered):
        return
    kin = [each for each in offered if version(each)[0] == version(wish)[0]]
    majors = sorted({str(version(each)[0]) for each in offered}, key=int)
    raise StackError(
        f"engine_version: {wish!r} is no version of PostgreSQL that RDS has in this region. "
        f"Give one of {', '.join(kin or majors)}."
    )

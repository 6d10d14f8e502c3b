# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The RDS calls behind an instance and its DB subnet group.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    ABSENT,
    CREATED_ONLY,
    DELETING,
    GP3_LARGE,
    MODIFIED,
    MODIFY_MEMBERS,
    READY,
    DbInstance,
    SubnetGroup,
    from_api,
    has_failed,
    own_subnet_group,
    serves,
    subnet_group_arn,
    subnet_group_from_api,
    version,
    without_instance,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

# In these RDS takes changes; in the others that are READY too, it may refuse them until they have passed.
STEADY = frozenset({"available", "storage-optimization", "storage-full"})
NEWEST_EVENTS = 3
# Members of ModifyDBInstance that PendingModifiedValues calls otherwise.
PENDING_NAMES = {
    "DBPortNumber": "Port",
    "CloudwatchLogsExportConfiguration": "PendingCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "ManageMasterUserPassword": "MasterUserPassword",
}


def read(session: Session, want: DbInstance) -> DbInstance | None:
    """Two calls (one without a subnet group of its own); one more for a new version, and one while it isn't ready."""
    instance = describe(session, want.name)
    group = _subnet_group(session, own_subnet_group(session.params), instance or {})
    if instance:
        have = from_api(instance, group, _events(session, want.name) if _unready(instance) else ())
    else:
        have = without_instance(want.name, group) if group else None
    if session.params["state"] == "present":
        _refuse_unknown_version(session, want, have)
    return have


def made(session: Session, expected: DbInstance) -> DbInstance:
    instance = session.answers["DB instance", expected.name]["DBInstance"]
    return from_api(instance, _made_subnet_group(session, expected.subnet_group, instance), ())


def _made_subnet_group(session: Session, expected: Any, instance: Mapping[str, Any]) -> SubnetGroup | None:
    """None where an existing one is used."""
    if expected is UNSET:
        return None
    group = session.answers["DB subnet group", expected.name]["DBSubnetGroup"]
    arn = group.get("DBSubnetGroupArn") or subnet_group_arn(instance["DBInstanceArn"], expected.name)
    return subnet_group_from_api(group, arn, tags.to_api(expected.tags or {}))


def again(session: Session, want: DbInstance, seen: DbInstance) -> DbInstance | None:
    """One call, and one while it isn't ready: its subnet group doesn't change while it is waited for."""
    instance = describe(session, want.name)
    if instance is None:
        return read(session, want)
    return from_api(instance, seen.subnet_group or None, _events(session, want.name) if _unready(instance) else ())


def describe(session: Session, name: str) -> dict[str, Any] | None:
    with ignoring("DBInstanceNotFound"):
        instance: dict[str, Any] = session.client("rds").describe_db_instances(DBInstanceIdentifier=name)[
            "DBInstances"
        ][0]
        return instance
    return None


def _unready(instance: Mapping[str, Any]) -> bool:
    return instance["DBInstanceStatus"] not in READY


def _events(session: Session, name: str) -> list[str]:
    """What RDS says about the instance, the newest last."""
    described = session.client("rds").describe_events(SourceIdentifier=name, SourceType="db-instance", Duration=60)
    return [event["Message"] for event in sorted(described["Events"], key=lambda event: event["Date"])][-NEWEST_EVENTS:]


def _subnet_group(session: Session, name: str | None, instance: Mapping[str, Any]) -> SubnetGroup | None:
    """An instance tells all of its subnet group but the tags, and at times not the ARN."""
    if name is None:
        return None
    client, own = session.client("rds"), instance.get("DBSubnetGroup") or {}
    with ignoring("DBSubnetGroupNotFoundFault"):
        there = own.get("DBSubnetGroupName") == name
        group = own if there else client.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
        arn = group.get("DBSubnetGroupArn") or subnet_group_arn(instance["DBInstanceArn"], name)
        return subnet_group_from_api(group, arn, client.list_tags_for_resource(ResourceName=arn)["TagList"])
    return None


def _refuse_unknown_version(session: Session, want: DbInstance, have: DbInstance | None) -> None:
    wish = want.engine_version
    there = have.engine_version if have and have.status not in (ABSENT, DELETING) else None
    if not wish or (there and serves(wish, there)):
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


def create_subnet_group(session: Session, change: Change) -> None:
    answer = retried(
        lambda: session.client("rds").create_db_subnet_group(
            DBSubnetGroupName=change.name,
            DBSubnetGroupDescription=change.after["description"],
            SubnetIds=change.after["subnet_ids"],
            Tags=tags.to_api(change.after.get("tags") or {}),
        ),
        lambda error: code(error) == "InvalidSubnet",
        min(ACROSS_SERVICES, session.wait_timeout),
    )
    session.answers["DB subnet group", change.name] = answer


def update_subnet_group(session: Session, change: Change) -> None:
    """ModifyDBSubnetGroup wants the subnets every time."""
    if change.after.keys() & {"description", "subnet_ids"}:
        description = change.after.get("description", change.have.description)
        subnets = change.after.get("subnet_ids", list(change.have.subnet_ids))
        session.client("rds").modify_db_subnet_group(
            DBSubnetGroupName=change.name, DBSubnetGroupDescription=description, SubnetIds=subnets
        )
    _put_tags(session, change.have.arn, change)


def delete_subnet_group(session: Session, change: Change) -> None:
    """RDS deletes a subnet group only when the last instance in it is gone."""
    _until_gone(session, session.params["name"].lower())
    with ignoring("DBSubnetGroupNotFoundFault"):
        retried(
            lambda: session.client("rds").delete_db_subnet_group(DBSubnetGroupName=change.name),
            lambda error: code(error) == "InvalidDBSubnetGroupStateFault",
        )


def create(session: Session, change: Change) -> None:
    members = {**CREATED_ONLY, **MODIFIED}
    request = {member: change.after[option] for option, member in members.items() if option in change.after}
    if not request.get("MaxAllocatedStorage"):
        request.pop("MaxAllocatedStorage", None)
    request["Tags"] = tags.to_api(change.after.get("tags") or {})

    def call() -> None:
        answer = retried(
            lambda: session.client("rds").create_db_instance(DBInstanceIdentifier=change.name, **request),
            lambda error: code(error) == "DBSubnetGroupNotFoundFault",
            min(ACROSS_SERVICES, session.wait_timeout),
        )
        session.answers["DB instance", change.name] = answer

    with ignoring("DBInstanceAlreadyExists"):
        return call()
    _refuse_living(change.name, _status(session, change.name))
    _until_gone(session, change.name)
    call()


def update(session: Session, change: Change) -> None:
    request = _modification(session, change)
    if request:
        _modify(session, change.name, ApplyImmediately=session.params["apply_immediately"], **request)
        if session.wait and session.params["apply_immediately"]:
            _until_applied(session, change.name, {PENDING_NAMES.get(member, member) for member in request})
    _put_tags(session, change.have.arn, change)


def _modification(session: Session, change: Change) -> dict[str, Any]:
    """The members of ModifyDBInstance for what changes."""
    after = {**change.after, **_companions(change)}
    request = {member: after[option] for option, member in MODIFY_MEMBERS.items() if option in after}
    if "MaxAllocatedStorage" in request and not request["MaxAllocatedStorage"]:
        # AWS: storage autoscaling is turned off by a limit that is the size itself.
        request["MaxAllocatedStorage"] = after.get("allocated_storage", change.have.allocated_storage)
    if "EnableCloudwatchLogsExports" in request:
        wanted, there = (
            set(request.pop("EnableCloudwatchLogsExports")),
            set(change.have.enabled_cloudwatch_logs_exports),
        )
        exports = {"EnableLogTypes": sorted(wanted - there), "DisableLogTypes": sorted(there - wanted)}
        request["CloudwatchLogsExportConfiguration"] = {key: types for key, types in exports.items() if types}
    if "EngineVersion" in request and version(request["EngineVersion"])[0] != version(change.have.engine_version)[0]:
        request["AllowMajorVersionUpgrade"] = True
    return request


def _companions(change: Change) -> dict[str, Any]:
    """RDS wants the size and the IOPS of a volume with provisioned IOPS together, even where one of them stays."""
    together = ("storage_type", "allocated_storage", "iops")
    if not change.after.keys() & set(together):
        return {}
    volume = {option: change.after.get(option, getattr(change.have, option)) for option in together}
    grows_over = change.have.allocated_storage < GP3_LARGE <= volume["allocated_storage"]
    if volume["storage_type"] == "gp3" and (volume["allocated_storage"] < GP3_LARGE or grows_over):
        return {}
    if volume["storage_type"] == "gp2":
        return {}
    return {option: value for option, value in volume.items() if option != "storage_type" and value}


def delete(session: Session, change: Change) -> None:
    params = session.params
    request: dict[str, Any] = {"SkipFinalSnapshot": params["skip_final_snapshot"]}
    if not params["skip_final_snapshot"]:
        request["FinalDBSnapshotIdentifier"] = params["final_snapshot_identifier"] or _final_snapshot(change.name)
    if params["delete_automated_backups"] is not None:
        request["DeleteAutomatedBackups"] = params["delete_automated_backups"]
    if change.have.deletion_protection:
        _modify(session, change.name, DeletionProtection=False, ApplyImmediately=True)
    with ignoring("DBInstanceNotFound"):
        _when_possible(
            session,
            change.name,
            lambda: session.client("rds").delete_db_instance(DBInstanceIdentifier=change.name, **request),
        )


def _final_snapshot(name: str) -> str:
    return f"{name}-final-{time.strftime('%Y%m%d%H%M%S', time.gmtime())}"


def _modify(session: Session, name: str, **request: Any) -> None:
    _when_possible(
        session, name, lambda: session.client("rds").modify_db_instance(DBInstanceIdentifier=name, **request)
    )


def _when_possible(session: Session, name: str, call: Callable[[], Any]) -> None:
    """RDS refuses most of what is asked while an earlier change goes on: ask again when that is over."""

    def busy(status: str | None) -> str | None:
        return None if status is None or status in STEADY or has_failed(status) else f"its status is {status}"

    with ignoring("InvalidDBInstanceState"):
        call()
        return
    session.until(f"DB instance {name}", lambda: _status(session, name), busy)
    retried(call, lambda error: code(error) == "InvalidDBInstanceState")


def _refuse_living(name: str, status: str | None) -> None:
    if status not in (None, DELETING):
        raise StackError(f"DB instance {name}: it is there, and its status is {status}. Run this again to manage it.")


def _until_gone(session: Session, name: str) -> None:
    """RDS may tell the earlier status for some moments after it took the deletion."""

    def there(status: str | None) -> str | None:
        return None if status is None else f"an instance of that name is still there, and its status is {status}"

    session.until(f"DB instance {name}", lambda: _status(session, name), there)


def _status(session: Session, name: str) -> str | None:
    instance = describe(session, name)
    return instance["DBInstanceStatus"] if instance else None


def _until_applied(session: Session, name: str, members: set[str]) -> None:
    """An instance stays available for some seconds after ModifyDBInstance, with what was asked for still pending."""

    def missing(instance: dict[str, Any] | None) -> str | None:
        if instance is None:
            return "it can't be seen"
        coming = set(instance.get("PendingModifiedValues") or {}) & members
        if coming:
            return f"{', '.join(sorted(coming))} is still to be applied"
        status = instance["DBInstanceStatus"]
        return None if status in READY or has_failed(status) else f"its status is {status}"

    session.until(f"DB instance {name}", lambda: describe(session, name), missing)


def _put_tags(session: Session, arn: str, change: Change) -> None:
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        session.client("rds").add_tags_to_resource(ResourceName=arn, Tags=tags.to_api(changed))
    if gone:
        session.client("rds").remove_tags_from_resource(ResourceName=arn, TagKeys=gone)


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("DB subnet group", "create"): create_subnet_group,
    ("DB subnet group", "update"): update_subnet_group,
    ("DB subnet group", "delete"): delete_subnet_group,
    ("DB instance", "create"): create,
    ("DB instance", "update"): update,
    ("DB instance", "delete"): delete,
}

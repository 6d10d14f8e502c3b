# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What RDS says of an instance while it changes, and how long to ask again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.waiting import wait_until
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    DELETING,
    READY,
    WAITS_FOR_RESTART,
    has_failed,
    parameter_status,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError, TimedOut

# In these RDS takes changes; in the others that are READY too, it may refuse them until they have passed.
STEADY = frozenset({"available", "storage-optimization", "storage-full"})
# Seconds that RDS is given to tell that parameters of an instance wait for a restart; it applies a change of its group
# in its own time.
RESTART_TOLD = 120.0


def describe(session: Session, name: str) -> dict[str, Any] | None:
    with ignoring("DBInstanceNotFound"):
        instance: dict[str, Any] = session.client("rds").describe_db_instances(DBInstanceIdentifier=name)[
            "DBInstances"
        ][0]
        return instance
    return None


def status_of(session: Session, name: str) -> str | None:
    instance = describe(session, name)
    return instance["DBInstanceStatus"] if instance else None


def modify(session: Session, name: str, **request: Any) -> None:
    when_possible(session, name, lambda: session.client("rds").modify_db_instance(DBInstanceIdentifier=name, **request))


def when_possible(session: Session, name: str, call: Callable[[], Any]) -> None:
    """RDS refuses most of what is asked while an earlier change goes on: ask again when that is over."""

    def busy(status: str | None) -> str | None:
        return None if status is None or status in STEADY or has_failed(status) else f"its status is {status}"

    with ignoring("InvalidDBInstanceState"):
        call()
        return
    session.until(f"DB instance {name}", lambda: status_of(session, name), busy)
    retried(call, lambda error: code(error) == "InvalidDBInstanceState")


def refuse_living(name: str, status: str | None) -> None:
    if status not in (None, DELETING):
        raise StackError(f"DB instance {name}: it is there, and its status is {status}. Run this again to manage it.")


def until_gone(session: Session, name: str) -> None:
    """RDS may tell the earlier status for some moments after it took the deletion."""

    def there(status: str | None) -> str | None:
        return None if status is None else f"an instance of that name is still there, and its status is {status}"

    session.until(f"DB instance {name}", lambda: status_of(session, name), there)


def until_ready(session: Session, name: str, unmet: Callable[[dict[str, Any]], str | None]) -> None:
    """Until the instance takes connections and ``unmet`` has nothing left to say."""

    def missing(instance: dict[str, Any] | None) -> str | None:
        if instance is None:
            return "it can't be seen"
        status = instance["DBInstanceStatus"]
        return unmet(instance) or (None if status in READY or has_failed(status) else f"its status is {status}")

    session.until(f"DB instance {name}", lambda: describe(session, name), missing)


def until_applied(session: Session, name: str, members: set[str]) -> None:
    """An instance stays available for some seconds after ModifyDBInstance, with what was asked for still pending."""

    def unmet(instance: dict[str, Any]) -> str | None:
        coming = set(instance.get("PendingModifiedValues") or {}) & members
        return f"{', '.join(sorted(coming))} is still to be applied" if coming else None

    until_ready(session, name, unmet)


def restart_is_due(session: Session, name: str) -> bool:
    """Whether parameters wait for a restart, which RDS tells some moments after they were changed."""

    def untold(instance: dict[str, Any] | None) -> str | None:
        return None if instance and parameter_status(instance) == WAITS_FOR_RESTART else "nothing waits for a restart"

    try:
        wait_until(name, lambda: describe(session, name), untold, min(RESTART_TOLD, session.wait_timeout))
    except TimedOut:
        return False
    return True


def put_tags(session: Session, arn: str, change: Change) -> None:
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        session.client("rds").add_tags_to_resource(ResourceName=arn, Tags=tags.to_api(changed))
    if gone:
        session.client("rds").remove_tags_from_resource(ResourceName=arn, TagKeys=gone)

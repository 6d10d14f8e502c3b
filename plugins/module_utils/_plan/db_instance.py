# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an RDS instance and its DB subnet group.

The group is made before the instance and deleted after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    ABSENT,
    CREATED_ONLY,
    DELETING,
    WITHOUT_SNAPSHOT,
    DbInstance,
    Endpoint,
    SubnetGroup,
    created,
    serves,
    version,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "DB instance"
SUBNET_GROUP = "DB subnet group"
KMS_KEYS = ("kms_key_id", "performance_insights_kms_key_id", "master_user_secret_kms_key_id")


def plan(want: DbInstance | None, have: DbInstance | None, params: Mapping[str, Any]) -> Plan:
    instance, group = _instance(have), _group(have)
    if want is None:
        removed = _removed(instance, params) if instance else ()
        return (*removed, *(compare(SUBNET_GROUP, group.name, None, group) if group else ()))
    purge = params["purge_tags"]
    return (*_subnet_group(want, group, purge), *_wanted(want, instance, purge, params))


def _instance(have: DbInstance | None) -> DbInstance | None:
    """An instance that is being deleted is none: another of that name is made when it is gone."""
    return None if have is None or have.status in (ABSENT, DELETING) else have


def _group(have: DbInstance | None) -> SubnetGroup | None:
    return have.subnet_group if have and have.subnet_group is not UNSET else None


def _removed(have: DbInstance, params: Mapping[str, Any]) -> Plan:
    """RDS refuses both of these. Protection is lifted on the way when that is asked for."""
    if have.deletion_protection and params["deletion_protection"] is not False:
        raise StackError(
            f"{KIND} {have.name}: deletion_protection is on, so it can't be deleted. "
            "Give deletion_protection: false with state: absent to lift it and delete."
        )
    if have.status in WITHOUT_SNAPSHOT and not params["skip_final_snapshot"]:
        raise StackError(
            f"{KIND} {have.name}: its status is {have.status}, in which RDS takes no final snapshot. "
            "Give skip_final_snapshot: true to delete it without one."
        )
    return compare(KIND, have.name, None, have)


def _subnet_group(want: DbInstance, have: SubnetGroup | None, purge: bool) -> Plan:
    group: SubnetGroup = want.subnet_group
    if want.subnet_group is UNSET:
        return ()
    if have is None and group.description is UNSET:
        group = replace(group, description=f"Subnets of {want.name}")
    return compare(SUBNET_GROUP, group.name, keep_tags(group, have, purge), have)


def _wanted(want: DbInstance, have: DbInstance | None, purge: bool, params: Mapping[str, Any]) -> Plan:
    if have is None:
        return compare(KIND, want.name, created(want), None)
    _refuse_version(want, have, params)
    _refuse_storage(want, have)
    # A secret of another key is made when RDS takes over the password, and never again.
    fixed = set(CREATED_ONLY) - (set() if have.manage_master_user_password else {"master_user_secret_kms_key_id"})
    return compare(KIND, want.name, keep_tags(unmet(want, have), have, purge), have, immutable=fixed)


def unmet(want: DbInstance, have: DbInstance) -> DbInstance:
    """``want`` without the wishes that ``have`` fulfils although it reads differently."""
    met: dict[str, Any] = {key: UNSET for key in KMS_KEYS if _same_key(getattr(want, key), getattr(have, key))}
    if want.engine_version is not UNSET and serves(want.engine_version, have.engine_version):
        met["engine_version"] = UNSET
    if want.allocated_storage is not UNSET and want.allocated_storage < have.allocated_storage:
        met["allocated_storage"] = UNSET  # grown by itself: _refuse_storage saw to it that it may
    if have.port is None:
        met["port"] = UNSET  # RDS doesn't tell it before there is an endpoint
    return replace(want, **met)


def _same_key(want: Any, have: Any) -> bool:
    """RDS tells a key's ARN, but takes its id and its aliases too. What an alias stands for only KMS knows."""
    if want is UNSET or not have:
        return False
    return "alias/" in want or have.endswith(f"/{want}")


def _refuse_version(want: DbInstance, have: DbInstance, params: Mapping[str, Any]) -> None:
    if want.engine_version is UNSET or serves(want.engine_version, have.engine_version):
        return
    wanted, actual = version(want.engine_version)[0], version(have.engine_version)[0]
    what = f"{KIND} {have.name}: engine_version is {have.engine_version!r}, wanted {want.engine_version!r}"
    if wanted < actual:
        raise StackError(
            f"{what}. RDS can't go back to an older major version. "
            f"Give {actual}, or restore a snapshot of the older one."
        )
    if wanted > actual and not params["allow_major_version_upgrade"]:
        raise StackError(
            f"{what}. A major version upgrade takes the database down while it runs and can't be undone. "
            "Give allow_major_version_upgrade: true to make it."
        )


def _refuse_storage(want: DbInstance, have: DbInstance) -> None:
    if want.allocated_storage is UNSET or want.allocated_storage == have.allocated_storage:
        return
    what = f"{KIND} {have.name}: allocated_storage is {have.allocated_storage}, wanted {want.allocated_storage} (GiB)"
    if want.allocated_storage < have.allocated_storage and not have.max_allocated_storage:
        raise StackError(f"{what}. RDS can't make storage smaller. Give {have.allocated_storage} or more.")
    least = -(-have.allocated_storage * 11 // 10)
    if have.allocated_storage < want.allocated_storage < least:
        raise StackError(f"{what}. RDS adds at least 10 % at a time. Give {least} or more.")


def settled(want: DbInstance, have: DbInstance | None) -> DbInstance:
    """The instance as it will be. A new one's endpoint has its port already."""
    instance, group = _instance(have), _group(have)
    whole = settle(unmet(want, instance) if instance else created(want), instance)
    if instance is None:
        whole = replace(whole, endpoint=Endpoint(port=whole.port))
    if want.subnet_group is UNSET:
        return whole
    return replace(whole, subnet_group=settle(want.subnet_group, group))

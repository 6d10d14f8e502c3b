# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an RDS instance, its DB subnet group and its DB parameter group.

The groups are made before the instance and deleted after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    ABSENT,
    DELETING,
    RESTART_DUE,
    RESTARTED,
    WITHOUT_SNAPSHOT,
    DbInstance,
    Endpoint,
    SubnetGroup,
    created,
    same_source,
    serves,
    version,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_settings import CREATED_ONLY
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_parameter_group import ParameterGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.db_parameter_group import KIND as PARAMETER_GROUP
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.db_parameter_group import (
    parameter_group_plan,
    resolved,
    restart_needed,
)

KIND = "DB instance"
SUBNET_GROUP = "DB subnet group"
KMS_KEYS = ("kms_key_id", "performance_insights_kms_key_id", "master_user_secret_kms_key_id")


def plan(want: DbInstance | None, have: DbInstance | None, params: Mapping[str, Any]) -> Plan:
    instance, group = _instance(have), _group(have)
    if want is None:
        return (*(_removed(instance, params) if instance else ()), *_groups_removed(have))
    purge = params["purge_tags"]
    parameters = parameter_group_plan(want.parameter_group, _parameters(have), want.name, purge)
    whole = _restarting(want, instance, parameters, params)
    return (*parameters, *_subnet_group(want, group, purge), *_wanted(whole, instance, purge, params))


def _instance(have: DbInstance | None) -> DbInstance | None:
    """An instance that is being deleted is none: another of that name is made when it is gone."""
    return None if have is None or have.status in (ABSENT, DELETING) else have


def _group(have: DbInstance | None) -> SubnetGroup | None:
    return have.subnet_group if have and have.subnet_group is not UNSET else None


def _parameters(have: DbInstance | None) -> ParameterGroup | None:
    return have.parameter_group if have and have.parameter_group is not UNSET else None


def _groups_removed(have: DbInstance | None) -> Plan:
    group, parameters = _group(have), have.own_parameter_groups if have else ()
    return (
        *(compare(SUBNET_GROUP, group.name, None, group) if group else ()),
        *(change for each in parameters for change in compare(PARAMETER_GROUP, each.name, None, each)),
    )


def _removed(have: DbInstance, params: Mapping[str, Any]) -> Plan:
    """RDS refuses these. Protection is lifted on the way when that is asked for."""
    if have.deletion_protection and params["deletion_protection"] is not False:
        raise StackError(
            f"{KIND} {have.name}: deletion_protection is on, so it can't be deleted. "
            "Give deletion_protection: false with state: absent to lift it and delete."
        )
    if have.source_db_instance and params.get("final_snapshot_identifier"):
        raise StackError(
            f"{KIND} {have.name}: it is a read replica of {have.source_db_instance}, of which RDS takes no final "
            "snapshot. Leave final_snapshot_identifier out."
        )
    if have.status in WITHOUT_SNAPSHOT and not have.source_db_instance and not params["skip_final_snapshot"]:
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
    _refuse_source(want, have)
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
    if want.source_db_instance is not UNSET and same_source(want.source_db_instance, have.source_db_instance or ""):
        met["source_db_instance"] = UNSET
    if have.source_db_instance and want.source_db_instance != "":
        met["manage_master_user_password"] = UNSET  # a replica has its source's master user
    if have.port is None:
        met["port"] = UNSET  # RDS doesn't tell it before there is an endpoint
    return replace(want, **met)


def _same_key(want: Any, have: Any) -> bool:
    """RDS tells a key's ARN, but takes its id and its aliases too. What an alias stands for only KMS knows."""
    if want is UNSET or not have:
        return False
    return "alias/" in want or have.endswith(f"/{want}")


def _restarting(want: DbInstance, have: DbInstance | None, parameters: Plan, params: Mapping[str, Any]) -> DbInstance:
    """``want`` with what comes of parameters that wait for the engine to start.

    ModifyDBInstance: those of another group do, the dynamic ones too.
    """
    if have is None:
        return want
    uses = want.parameter_group_name
    another = uses is not UNSET and uses != have.parameter_group_name
    if not (have.pending_reboot or another or restart_needed(parameters)):
        return want
    return replace(want, reboot=RESTARTED if params.get("reboot") == "when_needed" else RESTART_DUE)


def _refuse_source(want: DbInstance, have: DbInstance) -> None:
    wish, actual = want.source_db_instance, have.source_db_instance or ""
    if not wish or same_source(wish, actual):
        return
    is_now = f"a read replica of {actual}" if actual else "an instance of its own"
    raise StackError(
        f"{KIND} {have.name}: source_db_instance is {wish!r}, but it is {is_now}. RDS makes a replica only anew. "
        "Give another name, or delete it first (state: absent)."
    )


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
    custom = have.parameter_group_name and not str(have.parameter_group_name).startswith("default.")
    if wanted > actual and custom and want.parameter_group_name is UNSET:
        raise StackError(
            f"{what}. Its parameter group {have.parameter_group_name} is for the older version. Give parameter_group, "
            f"or parameter_group_name with one of the family postgres{wanted}, such as default.postgres{wanted}."
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
    if want.subnet_group is not UNSET:
        whole = replace(whole, subnet_group=settle(want.subnet_group, group))
    if want.parameter_group is not UNSET:
        parameters = _parameters(have)
        whole = replace(whole, parameter_group=settle(resolved(want.parameter_group, parameters), parameters))
    return whole

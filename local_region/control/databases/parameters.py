"""DB parameter groups: what RDS knows of parameters, refuses, and applies with a reboot only. moto only keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from moto.core.responses import ActionResult, PaginatedResult
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue, RDSClientError
from moto.rds.models import DBInstance, RDSBackend
from moto.rds.responses import RDSResponse

from local_region.control.databases.parameter_catalog import CATALOG, Known
from local_region.control.databases.settings import POSTGRES
from local_region.control.patching import around

FAMILIES = tuple(f"postgres{major}" for major in POSTGRES)
AT_ONCE = 20  # that one call may change
IN_SYNC, PENDING_REBOOT = "in-sync", "pending-reboot"


def family_of(database: Any) -> str:
    return f"postgres{database.engine_version.partition('.')[0]}"


# groups


@around(RDSBackend, "create_db_parameter_group")
def refuse_unknown_family(original: Any, self: Any, request: dict[str, Any]) -> Any:
    request["db_parameter_group_name"] = request["db_parameter_group_name"].lower()
    family = request.get("db_parameter_group_family") or ""
    if family.startswith("postgres") and family not in FAMILIES:
        raise InvalidParameterValue(f"ParameterGroupFamily {family} is not a valid parameter group family")
    return original(self, request)


@around(RDSBackend, "delete_db_parameter_group")
def refuse_used_or_default(original: Any, self: Any, name: str) -> Any:
    users = [each for each in self.databases.values() if getattr(each, "db_parameter_group_name", None) == name]
    if name.startswith("default."):
        raise RDSClientError("InvalidDBParameterGroupState", f"Default DBParameterGroup cannot be deleted: {name}")
    if users:
        message = f"One or more database instances are still members of this parameter group {name}, so the group "
        raise RDSClientError("InvalidDBParameterGroupState", message + "cannot be deleted")
    return original(self, name)


# parameters


def _told(name: str, known: Known, own: dict[str, Any] | None) -> dict[str, Any]:
    source = "user" if own else "engine-default" if known.default is None else "system"
    value = own["ParameterValue"] if own else known.default
    return {
        "ParameterName": name,
        **({} if value is None else {"ParameterValue": value}),
        "Description": known.description,
        "Source": source,
        "ApplyType": known.applied,
        "DataType": known.kind,
        **({"AllowedValues": known.allowed} if known.allowed else {}),
        "IsModifiable": known.modifiable,
        "ApplyMethod": own["ApplyMethod"] if own else "pending-reboot",
    }


def describe_db_parameters(response: Any) -> ActionResult:
    """All of a group's parameters, or those of one source."""
    name = response.params["DBParameterGroupName"].lower()
    group = _group(response.backend, name)
    told = [_told(name, known, group.parameters.get(name)) for name, known in CATALOG.items()]
    wanted = response.params.get("Source")
    return PaginatedResult({"Parameters": [each for each in told if wanted in {None, each["Source"]}]})


def describe_engine_default_parameters(response: Any) -> ActionResult:
    family = response.params["DBParameterGroupFamily"]
    if family not in FAMILIES:
        raise InvalidParameterValue(f"Invalid parameter group family: {family}")
    told = [_told(name, known, None) for name, known in CATALOG.items()]
    return ActionResult({"EngineDefaults": {"DBParameterGroupFamily": family, "Parameters": told}})


def _group(rds: Any, name: str) -> Any:
    found = rds.describe_db_parameter_groups({"db_parameter_group_name": name})
    if not found:
        raise RDSClientError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")
    return found[0]


@around(RDSBackend, "modify_db_parameter_group")
def modify(original: Any, self: Any, db_parameter_group_name: str, db_parameter_group_parameters: Any) -> Any:
    group = _group(self, db_parameter_group_name.lower())
    wanted = list(db_parameter_group_parameters)
    if (group.family or "").startswith("postgres"):
        for each in _checked(group, wanted):
            _refuse_value(each["ParameterName"], str(each.get("ParameterValue", "")))
        _tell_users(self, group, [each["ParameterName"] for each in wanted])
    return original(self, group.name, wanted)


def reset_db_parameter_group(response: Any) -> ActionResult:
    """The parameters that are named, or all of them."""
    params = response.params
    group = _group(response.backend, params["DBParameterGroupName"].lower())
    named = [each.original_dict() for each in params.get("Parameters") or ()]
    names = [each["ParameterName"] for each in _checked(group, named)] if named else list(group.parameters)
    _tell_users(response.backend, group, names)
    for name in names:
        group.parameters.pop(name, None)
    return ActionResult({"DBParameterGroupName": group.name})


def _checked(group: Any, wanted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    if group.name.startswith("default."):
        raise InvalidParameterValue(f"The parameter group {group.name} is a default one, and can't be modified.")
    if len(wanted) > AT_ONCE:
        raise InvalidParameterValue(f"At most {AT_ONCE} parameters can be modified in one request.")
    for each in wanted:
        name = each["ParameterName"]
        if name not in CATALOG:
            raise InvalidParameterValue(f"Could not find parameter with name: {name}")
        if not CATALOG[name].modifiable:
            raise InvalidParameterCombination(f"The parameter {name} cannot be modified.")
        if CATALOG[name].applied == "static" and each.get("ApplyMethod") == "immediate":
            raise InvalidParameterCombination("cannot use immediate apply method for static parameter")
        yield each


def _refuse_value(name: str, value: str) -> None:
    known = CATALOG[name]
    message = f"Invalid parameter value: {value} for: {name} allowed values are: {known.allowed}"
    if known.kind == "boolean" and value not in {"0", "1"}:
        raise InvalidParameterValue(message)
    if known.kind in {"integer", "float"} and not re.fullmatch(r"-?\d+(\.\d+)?|.*\{.*\}.*", value):
        raise InvalidParameterValue(message)
    listed = known.allowed.split(",")
    if known.kind in {"string", "list"} and known.allowed:
        words = value.split(",") if known.kind == "list" else [value]
        if not set(words) <= set(listed):
            raise InvalidParameterValue(message)


def _tell_users(rds: Any, group: Any, names: Iterable[str]) -> None:
    """An instance applies what is dynamic, and waits for a reboot with what is static."""
    if any(CATALOG[name].applied == "static" for name in names if name in CATALOG):
        for database in rds.databases.values():
            if getattr(database, "db_parameter_group_name", None) == group.name:
                database.parameter_status = PENDING_REBOOT


RDSResponse.describe_db_parameters = describe_db_parameters
RDSResponse.describe_engine_default_parameters = describe_engine_default_parameters
RDSResponse.reset_db_parameter_group = reset_db_parameter_group

# instances


def _statuses(database: Any) -> list[dict[str, Any]]:
    status = getattr(database, "parameter_status", IN_SYNC)
    return [
        {"DBParameterGroupName": each.name, "ParameterApplyStatus": status} for each in database.db_parameter_groups()
    ]


DBInstance.db_parameter_group_status_list = property(_statuses)


@around(RDSBackend, "modify_db_instance")
def change_group(original: Any, self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
    """Another group is the instance's at once, and its parameters are with the next reboot."""
    database = self.describe_db_instances(db_instance_identifier)[0]
    before, name = database.db_parameter_group_name, db_kwargs.get("db_parameter_group_name")
    if database.engine == "postgres":
        _refuse_family(self, database, name, db_kwargs.get("engine_version"))
    if name and name.startswith("default."):
        db_kwargs.pop("db_parameter_group_name")  # moto has none of that name before it is asked for
        database.db_parameter_group_name = None
    changed = original(self, db_instance_identifier, db_kwargs)
    if name and name != (before or f"default.{family_of(database)}"):
        changed.parameter_status = PENDING_REBOOT
    return changed


def _refuse_family(rds: Any, database: Any, name: str | None, version: str | None) -> None:
    family = f"postgres{version.partition('.')[0]}" if version else family_of(database)
    own = database.db_parameter_group_name
    if name is None and own and family != family_of(database):
        raise InvalidParameterCombination(
            f"The current DB parameter group {own} is custom. You must explicitly specify a new DB parameter group, "
            "either default or custom, for the engine version upgrade."
        )
    if name and name != f"default.{family}" and _group(rds, name).family != family:
        raise InvalidParameterCombination(
            f"The parameter group {name} with DBParameterGroupFamily {_group(rds, name).family} can't be used for this "
            f"instance. Use a parameter group with DBParameterGroupFamily {family}."
        )


def applied(database: Any) -> None:
    """The engine has started with the parameters of its group."""
    database.parameter_status = IN_SYNC

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A DB parameter group of PostgreSQL, what RDS knows of each parameter, and when two values mean the same.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, hidden, identity

PARAMETER_GROUP_OPTIONS: dict[str, Any] = {
    "name": {},
    "parameters": {"type": "dict"},
    "description": {},
}
TRUE, FALSE = ("1", "on", "true", "yes"), ("0", "off", "false", "no")
INTEGER, FRACTION = r"-?\d+", r"-?\d+(\.\d+)?"
# {DBInstanceClassMemory/32768}, GREATEST({DBInstanceClassMemory/63963136*1024},65536)
FORMULA = re.compile(r"[{A-Z]")


@dataclass(frozen=True)
class Parameter:
    """What RDS tells of a parameter; ``static`` ones take effect when the engine starts."""

    name: str
    value: str | None
    static: bool
    modifiable: bool
    kind: str  # boolean, integer, float, string or list
    allowed: str
    description: str


@dataclass(frozen=True)
class ParameterGroup(Model):
    """``known`` is every parameter there is, by name: read only where one is to be set."""

    name: str
    family: Any = UNSET
    parameters: Any = UNSET
    description: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    known: Any = hidden()

    def parameter(self, name: str) -> Parameter | None:
        return self.known.get(name) if self.known else None


def family(engine_version: str) -> str:
    """postgres16 for 16 and 16.4. A minor version has no family of its own since PostgreSQL 10."""
    return f"postgres{engine_version.partition('.')[0]}"


def group_name(params: Mapping[str, Any]) -> str | None:
    """The name of the group that is to be made. That of a new major version has another one, as both are needed."""
    group = params["parameter_group"]
    if group is None:
        return None
    return str(group.get("name") or f"{params['name']}-{family(params['engine_version'] or '')}").lower()


def from_params(params: Mapping[str, Any]) -> Any:
    group = params["parameter_group"]
    if group is None or params.get("state") == "absent":
        return UNSET
    return ParameterGroup(
        name=group_name(params) or "",
        family=family(params["engine_version"]),
        parameters=given(group.get("parameters")),
        description=given(group.get("description")),
        tags=given(tags.from_params(params["tags"])),
    )


def from_api(
    group: Mapping[str, Any], own: Iterable[Mapping[str, Any]], group_tags: list[Mapping[str, str]]
) -> ParameterGroup:
    """From a DBParameterGroup, its parameters of the source "user", and its tags."""
    return ParameterGroup(
        name=group["DBParameterGroupName"],
        family=group["DBParameterGroupFamily"],
        parameters={each["ParameterName"]: each["ParameterValue"] for each in own if "ParameterValue" in each},
        description=group["Description"],
        tags=tags.from_api(group_tags),
        arn=group["DBParameterGroupArn"],
    )


def is_own(name: str, instance: str) -> bool:
    """Whether a group bears the name that one of the instance gets where none is given, of any major version."""
    return re.fullmatch(rf"{re.escape(instance.lower())}-postgres\d+", name) is not None


def known(parameters: Iterable[Mapping[str, Any]]) -> dict[str, Parameter]:
    """By name, from Parameters of DescribeDBParameters or DescribeEngineDefaultParameters."""
    return {
        each["ParameterName"]: Parameter(
            name=each["ParameterName"],
            value=each.get("ParameterValue"),
            static=each.get("ApplyType") == "static",
            modifiable=each.get("IsModifiable", True),
            kind=each.get("DataType", "string"),
            allowed=each.get("AllowedValues", ""),
            description=each.get("Description", ""),
        )
        for each in parameters
    }


def same(wish: Any, actual: str | None) -> bool:
    """RDS keeps a value as it was given, so that one that is meant alike may read differently."""
    return actual is not None and _meaning(_text(wish)) == _meaning(actual)


def _meaning(text: str) -> Any:
    text = re.sub(r"\s*([,{}])\s*", r"\1", text.strip())
    if re.fullmatch(FRACTION, text):
        return float(text)
    return {**dict.fromkeys(TRUE, 1.0), **dict.fromkeys(FALSE, 0.0)}.get(text.lower(), text)


def _text(wish: Any) -> str:
    if isinstance(wish, bool):
        return TRUE[0] if wish else FALSE[0]
    if isinstance(wish, (list, tuple)):
        return ",".join(_text(each) for each in wish)
    return str(wish).strip()


def spelled(wish: Any, parameter: Parameter) -> str:
    """``wish`` as RDS takes it: 1 or 0 for a boolean, on or off where that is allowed, which YAML reads as true."""
    text = _text(wish)
    words = next((words for words in (TRUE, FALSE) if text.lower() in words), None)
    if words and parameter.kind == "boolean":
        return words[0]
    if words and isinstance(wish, bool):
        return next((word for word in words if word in parameter.allowed.split(",")), words[0])
    return text


def obstacle(text: str, parameter: Parameter) -> str | None:
    """Why RDS would refuse the value; formulas, and what strings may hold, are left to RDS."""
    if not parameter.modifiable:
        return "can't be changed on RDS"
    if parameter.kind == "boolean":
        return None if text in ("0", "1") else "is no boolean"
    pattern = {"integer": INTEGER, "float": FRACTION}.get(parameter.kind)
    if pattern is None or FORMULA.match(text):
        return None
    if not re.fullmatch(pattern, text):
        return f"is no {'whole ' if parameter.kind == 'integer' else ''}number"
    return None if _within(float(text), parameter.allowed) else "is out of range"


def _within(number: float, allowed: str) -> bool:
    """Whether it is in one of the ranges, as 0-100,-1 or -1-2147483647. None given means any."""
    ranges = [re.fullmatch(rf"({FRACTION})(?:-({FRACTION}))?", each.strip()) for each in allowed.split(",")]
    known_ranges = [(float(each[1]), float(each[3] or each[1])) for each in ranges if each]
    return not known_ranges or any(low <= number <= high for low, high in known_ranges)

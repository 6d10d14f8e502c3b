"""How long the members of a request may be, by botocore's model of FIS: clients don't check that, the service does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session


@cache
def _template() -> Any:
    """The shape of a template, as a request gives it."""
    return botocore.session.Session().get_service_model("fis").operation_model("CreateExperimentTemplate").input_shape


def exceeded(template: Any) -> Iterator[str]:
    """In the words of AWS's services."""
    yield from _exceeded(_template(), template, "")


def _exceeded(shape: Any, value: Any, path: str) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None and hasattr(value, "__len__") and len(value) > most:
        constraint = f"Member must have length less than or equal to {most}"
        yield f"1 validation error detected: Value at '{path}' failed to satisfy constraint: {constraint}"
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _exceeded(member, value[name], f"{path}.{name}".lstrip("."))
    elif shape.type_name == "map":
        for name, each in value.items():
            yield from _exceeded(shape.key, name, f"{path}.{name}")
            yield from _exceeded(shape.value, each, f"{path}.{name}")
    elif shape.type_name == "list":
        for number, each in enumerate(value, 1):
            yield from _exceeded(shape.member, each, f"{path}.{number}.member")

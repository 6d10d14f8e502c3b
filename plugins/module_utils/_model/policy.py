# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Policy documents: what counts is what they mean, not how they are written.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault

OLDEST = "2008-10-17"  # the version that a document without one is of
ACCOUNT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")  # how IAM writes the account that was given by its number


def document(written: Any) -> dict[str, Any]:
    """A document given as a mapping or as JSON, also URL-encoded as IAM answers it. ValueError where it is neither."""
    if isinstance(written, str):
        written = json.loads(unquote(written) if written.startswith("%") else written)
    if not isinstance(written, Mapping):
        raise ValueError("it is no JSON object")
    return dict(written)


def faults(option: str, written: Any) -> checks.Faults:
    if written is None:
        return ()
    remedy = "Give a document with Version and Statement, as a mapping or as JSON"
    try:
        stated = "Statement" in document(written)
    except ValueError as error:
        return (Fault(option, written, f"is no policy document ({error})", remedy),)
    return () if stated else (Fault(option, written, "has no Statement", remedy),)


def same(one: Any, other: Any) -> bool:
    """Whether two documents mean the same."""
    return one == other or bool(one and other and meaning(one) == meaning(other))


def meaning(policy: Mapping[str, Any]) -> dict[str, Any]:
    """``policy`` in one way of writing: lists in no order, a value alone as a list of it, actions in lower case."""
    statements = [_statement(each) for each in _listed(policy.get("Statement", ()))]
    return {"Version": OLDEST, **policy, "Statement": sorted(statements, key=_key)}


def _statement(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ELEMENTS.get(name, _as_it_is)(value) for name, value in statement.items()}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _as_it_is(value: Any) -> Any:
    return value


def _words(value: Any) -> list[str]:
    return sorted({str(each).lower() if isinstance(each, bool) else str(each) for each in _listed(value)})


def _actions(value: Any) -> list[str]:
    return sorted({str(each).lower() for each in _listed(value)})


def _principals(value: Any) -> Any:
    """Everyone is "*" or {"AWS": "*"}; an account is its number or its root's ARN."""
    by_kind = value if isinstance(value, Mapping) else {"AWS": value}
    return {kind: sorted({ACCOUNT.sub(r"\1", each) for each in _words(who)}) for kind, who in by_kind.items()}


def _conditions(value: Mapping[str, Mapping[str, Any]]) -> Any:
    return {operator: {key: _words(values) for key, values in keys.items()} for operator, keys in value.items()}


ELEMENTS: dict[str, Callable[[Any], Any]] = {
    "Action": _actions,
    "NotAction": _actions,
    "Resource": _words,
    "NotResource": _words,
    "Principal": _principals,
    "NotPrincipal": _principals,
    "Condition": _conditions,
}

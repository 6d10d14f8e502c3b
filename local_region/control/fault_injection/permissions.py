"""Whether IAM policies allow a request: what FIS may do with the role of an experiment.

IAM User Guide, "Policy evaluation logic": a Deny wins, and what nothing allows is denied. Identity policies, the
permissions boundary and the trust policy are looked at; there are no service control or session policies here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """``context`` has the values of IAM's condition keys; keys are compared without regard to case."""

    action: str
    resource: str = "*"
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


def allowed(documents: Iterable[Document], request: Request) -> bool:
    effects = {statement["Effect"] for statement in _statements(documents) if _applies(statement, request)}
    return effects == {"Allow"}


def trusts(document: Document, service: str, context: Mapping[str, Sequence[str]]) -> bool:
    """Whether a role's trust policy lets the service assume it."""
    to_service = [
        {**statement, "Resource": "*"}
        for statement in _statements([document])
        if _some(service, _listed(_principals(statement).get("Service")))
    ]
    return allowed([{"Statement": to_service}], Request("sts:AssumeRole", context=context))


def _principals(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    principal = statement.get("Principal", {})
    return principal if isinstance(principal, Mapping) else {"Service": principal}


def _statements(documents: Iterable[Document]) -> Iterator[Mapping[str, Any]]:
    for document in documents:
        yield from _listed(document.get("Statement"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        _names(statement, "Action", request.action.lower(), str.lower)
        and _names(statement, "Resource", request.resource, str)
        and all(
            _holds(operator, key, _listed(values), request.context, otherwise=statement["Effect"] == "Deny")
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _names(statement: Mapping[str, Any], element: str, value: str, fold: Callable[[str], str]) -> bool:
    """Whether Action or Resource (or not NotAction, NotResource) has a pattern that fits."""
    if element in statement:
        return _some(value, [fold(pattern) for pattern in _listed(statement[element])])
    return not _some(value, [fold(pattern) for pattern in _listed(statement[f"Not{element}"])])


def _some(value: str, patterns: Iterable[str]) -> bool:
    return any(_fits(value, pattern) for pattern in patterns)


def _fits(value: str, pattern: str) -> bool:
    """IAM's wildcards: * for any characters, ? for one."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _equal(value: str, wanted: str) -> bool:
    return value == wanted


def _equal_folded(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_folded,
    "StringLike": _fits,
    "ArnEquals": _fits,
    "ArnLike": _fits,
    "Bool": _equal_folded,
}


def _holds(
    operator: str, key: str, wanted: list[Any], context: Mapping[str, Sequence[str]], *, otherwise: bool
) -> bool:
    """``otherwise`` is the answer of an operator that is not known here: the one that allows nothing."""
    quantifier, _, name = operator.rpartition(":")
    optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    negated = name.replace("Not", "", 1) in COMPARISONS and name not in COMPARISONS
    compare = COMPARISONS.get(name.replace("Not", "", 1) if negated else name)
    given = {each.lower(): values for each, values in context.items()}.get(key.lower())
    if compare is None:
        return otherwise
    if given is None:
        return optional or negated or quantifier == "ForAllValues"
    hits = [any(compare(value, str(each)) for each in wanted) != negated for value in given]
    return all(hits) if quantifier == "ForAllValues" or negated else any(hits)

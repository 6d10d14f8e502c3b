"""The parameters of actions and of targets: strings all, each with a rule for its value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from local_region.control.fault_injection.durations import seconds

SHORTEST, LONGEST = 60, 12 * 3600  # seconds that an action may be asked to take
Rule = Callable[[str], str | None]  # what is wrong with a value, None when nothing is


def text(value: str) -> str | None:
    return None


def duration(value: str) -> str | None:
    length = seconds(value)
    if length is None or not SHORTEST <= length <= LONGEST:
        return "it must be an ISO 8601 duration from one minute to 12 hours, such as PT2M"
    return None


def boolean(value: str) -> str | None:
    return None if value in {"true", "false"} else "it must be true or false"


def percentage(value: str) -> str | None:
    return None if value.isdecimal() and 1 <= int(value) <= 100 else "it must be a whole number from 1 to 100"


def some_of(*choices: str) -> Rule:
    def rule(value: str) -> str | None:
        unknown = [each for each in listed(value) if each not in choices]
        return f"it must be some of {', '.join(choices)}, separated by commas" if unknown or not value else None

    return rule


def one_of(*choices: str) -> Rule:
    def rule(value: str) -> str | None:
        return None if value in choices else f"it must be one of {', '.join(choices)}"

    return rule


def document_arn(value: str) -> str | None:
    if re.fullmatch(r"arn:aws[a-z-]*:ssm:[a-z0-9-]+:([0-9]{12})?:document/[a-zA-Z0-9_.-]+", value):
        return None
    return "it must be the ARN of a document, such as arn:aws:ssm:us-east-1::document/AWS-RunShellScript"


def document_parameters(value: str) -> str | None:
    """A JSON object of strings and lists of strings."""
    try:
        given = json.loads(value)
    except ValueError:
        given = None
    if isinstance(given, dict) and all(isinstance(each, str | list) for each in given.values()):
        return None
    return "it must be a JSON object whose values are strings or arrays of strings"


def listed(value: str) -> list[str]:
    """A comma separated list."""
    return [each.strip() for each in value.split(",") if each.strip()]


@dataclass(frozen=True)
class Parameter:
    description: str
    required: bool = False
    rule: Rule = text


Parameters = Mapping[str, Parameter]


def faults(known: Parameters, given: Mapping[str, str], where: str) -> Iterator[str]:
    """What is wrong with the parameters ``given`` to what ``where`` names."""
    for name in given.keys() - known.keys():
        yield f'Unexpected parameter "{name}" found in {where}.'
    for name, parameter in known.items():
        if name not in given and parameter.required:
            yield f'Missing required parameter "{name}" in {where}.'
        elif name in given and (fault := parameter.rule(given[name])):
            yield f'Invalid value "{given[name]}" of parameter "{name}" in {where}: {fault}.'

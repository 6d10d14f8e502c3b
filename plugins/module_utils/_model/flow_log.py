# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A VPC's flow log: who spoke to whom, and was let through. AWS changes nothing of one but its tags.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    given,
    number,
    spec,
    switch,
    text,
    to_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    Unset,
    hidden,
    identity,
)

LOGS, S3, FIREHOSE = "cloud-watch-logs", "s3", "kinesis-data-firehose"
KINDS = {"logs": LOGS, "s3": S3, "firehose": FIREHOSE}  # by the service in the destination's ARN
DESTINATION = re.compile(
    r"arn:aws[a-z-]*:"
    r"(logs:[a-z0-9-]+:\d{12}:log-group:[^:*]+|s3:::[^/:]+(/[^:]*)?|firehose:[a-z0-9-]+:\d{12}:deliverystream/[^:/]+)"
)
ROLE = r"arn:aws[a-z-]*:iam::\d{12}:role/.+"
EVERY_STREAM = ":*"  # how CloudWatch Logs ends the ARN of a group

SETTINGS: Structure = {
    "destination": text("LogDestination"),
    "traffic": text("TrafficType", "ALL", "ACCEPT", "REJECT"),
    "aggregation_interval": number("MaxAggregationInterval", choices=[60, 600]),
    "format": text("LogFormat"),
    "role_arn": text("DeliverLogsPermissionArn"),
    "cross_account_role_arn": text("DeliverCrossAccountRole"),
}
# How the objects in a bucket are.
OBJECTS: Structure = {
    "file_format": text("FileFormat", "plain-text", "parquet"),
    "hive_compatible_partitions": switch("HiveCompatiblePartitions"),
    "per_hour_partition": switch("PerHourPartition"),
}
OPTIONS: dict[str, Any] = {**spec(SETTINGS), **spec(OBJECTS), "tags": {"type": "dict"}}

# What a flow log has where nothing is said.
FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
    "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
DEFAULTS = {"traffic": "ALL", "aggregation_interval": 600, "format": FORMAT}
OF_OBJECTS = {"file_format": "plain-text", "hive_compatible_partitions": False, "per_hour_partition": False}


@dataclass(frozen=True)
class FlowLog(Model):
    """``replaces`` are the ids of those with its destination that go once it is there."""

    destination: str
    traffic: Any = UNSET
    aggregation_interval: Any = UNSET
    format: Any = UNSET
    role_arn: Any = UNSET
    cross_account_role_arn: Any = UNSET
    file_format: Any = UNSET
    hive_compatible_partitions: Any = UNSET
    per_hour_partition: Any = UNSET
    tags: Any = UNSET
    id: str = identity()
    error: str | None = identity(default=None)
    own: bool = hidden(default=True)
    replaces: tuple[str, ...] = hidden(default=())


def kind_of(destination: str) -> str | None:
    """None of one that is not known yet. What is no ARN is the name of a log group."""
    if destination == KNOWN_AFTER_APPLY:
        return None
    return KINDS.get(destination.split(":")[2]) if destination.startswith("arn:") else LOGS


def from_params(options: Mapping[str, Any] | None, own_tags: Mapping[str, str]) -> FlowLog | Unset | None:
    """None for an empty dictionary: no flow log."""
    if options is None:
        return UNSET
    chosen = {**given(SETTINGS, options), **given(OBJECTS, options)}
    if not chosen:
        return None
    chosen["destination"] = chosen["destination"].removesuffix(EVERY_STREAM)
    if "format" in chosen:
        chosen["format"] = " ".join(chosen["format"].split())
    return FlowLog(**chosen, tags={**(tags.from_params(options.get("tags")) or {}), **own_tags})


def from_api(found: Mapping[str, Any], owned: bool) -> FlowLog:
    """From a FlowLog of DescribeFlowLogs. One that was made with a group's name tells that, and not the group's ARN."""
    destination = found.get("LogDestination") or found.get("LogGroupName") or ""
    objects = found.get("DestinationOptions") or {}
    shown = {option: objects.get(OBJECTS[option].name, default) for option, default in OF_OBJECTS.items()}
    told: dict[str, Any] = {option: found.get(member.name) for option, member in SETTINGS.items()}
    told |= {"destination": destination.removesuffix(EVERY_STREAM), **(shown if kind_of(destination) == S3 else {})}
    return FlowLog(
        **told,
        tags=tags.from_api(found.get("Tags")),
        id=found["FlowLogId"],
        error=found.get("DeliverLogsErrorMessage"),
        own=owned,
    )


def request(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What CreateFlowLogs is told of it."""
    objects = to_api(OBJECTS, settings)
    return {
        "LogDestinationType": kind_of(settings["destination"]),
        **to_api(SETTINGS, settings),
        **({"DestinationOptions": objects} if objects else {}),
    }


def completed(want: FlowLog, there: FlowLog | None = None) -> FlowLog:
    """``want`` as it is made: what it doesn't say stays as it is ``there``, or is AWS's default."""
    kind = kind_of(want.destination)
    kept = there.settings() if there and kind_of(there.destination) == kind else {}
    values = {**DEFAULTS, **(OF_OBJECTS if kind == S3 else {})}
    values |= {option: value for option, value in kept.items() if value is not None and option != "tags"}
    return replace(want, **{**values, **want.settings()})


def matching(want: FlowLog, found: Sequence[FlowLog]) -> FlowLog | None:
    """The flow log that is as wanted: one of the network's own, or else one that AWS lets no second be made of."""
    whole = completed(want)
    return next(
        (each for mine in (True, False) for each in found if each.own is mine and _as(want if mine else whole, each)),
        None,
    )


def _as(want: FlowLog, there: FlowLog) -> bool:
    settings, has = want.settings(), there.settings()
    return all(_same(option, value, has.get(option)) for option, value in settings.items() if option != "tags")


def _same(option: str, one: Any, other: Any) -> bool:
    return same_place(one, other) if option == "destination" else bool(one == other)


def same_place(one: str, other: str) -> bool:
    return _place(one) == _place(other)


def _place(destination: str) -> str:
    """A folder in a bucket may end with a slash; a log group, which is in the VPC's region, may tell its name alone."""
    return destination.rpartition(":log-group:")[2].rstrip("/")


def faults(options: Mapping[str, Any] | None) -> Iterable[Fault]:
    if options is None or all(value is None for value in options.values()):
        return
    destination = options.get("destination")
    if destination is None:
        yield Fault("flow_log.destination", None, "is missing", "Give it, or an empty flow_log for none")
        return
    if destination == KNOWN_AFTER_APPLY:
        return
    if not DESTINATION.fullmatch(destination.removesuffix(EVERY_STREAM)):
        cause = "is not the ARN of a log group, a bucket or a Firehose stream"
        remedy = "Write it like arn:aws:logs:us-east-1:123456789012:log-group:NAME or arn:aws:s3:::BUCKET/FOLDER/"
        yield Fault("flow_log.destination", destination, cause, remedy)
        return
    yield from _by_kind(options, kind_of(destination))
    for name in ("role_arn", "cross_account_role_arn"):
        remedy = "Write it like arn:aws:iam::123456789012:role/NAME"
        yield from checks.matches(f"flow_log.{name}", options.get(name), ROLE, "is not the ARN of a role", remedy)
    if options.get("format") is not None and not re.fullmatch(r"\s*(\$\{[a-z0-9-]+\}\s*)+", options["format"]):
        yield Fault(
            "flow_log.format", options["format"], "is not a list of fields", "Write it like ${srcaddr} ${action}"
        )


def _by_kind(options: Mapping[str, Any], kind: str | None) -> Iterable[Fault]:
    if kind == LOGS and not options.get("role_arn"):
        yield Fault("flow_log.role_arn", None, "is missing with a log group", "Give the role that may write to it")
    if kind == S3 and options.get("role_arn"):
        yield Fault("flow_log.role_arn", options["role_arn"], "is nothing that a bucket takes", "Leave it out")
    for option in OBJECTS:
        if kind != S3 and options.get(option) is not None:
            yield Fault(f"flow_log.{option}", options[option], "is of a bucket's objects", "Leave it out")

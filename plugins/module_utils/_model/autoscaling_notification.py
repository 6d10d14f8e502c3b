# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The SNS topics that are told of an Auto Scaling Group's launches and terminations.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutNotificationConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Kind, Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import text, words

NOTIFICATION: structure.Structure = {
    "topic_arn": text("TopicARN", required=True),
    "types": words(
        "NotificationTypes",
        "autoscaling:EC2_INSTANCE_LAUNCH",
        "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
        "autoscaling:EC2_INSTANCE_TERMINATE",
        "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
        "autoscaling:TEST_NOTIFICATION",
        required=True,
    ),
}


def given(notification: Mapping[str, Any], now: datetime) -> Part:
    types = sorted(set(notification["types"]))
    return Part(notification["topic_arn"], {"topic_arn": notification["topic_arn"], "types": types})


def told(notifications: Sequence[Mapping[str, Any]]) -> list[Part]:
    """AWS tells each type by itself."""
    types: dict[str, list[str]] = {}
    for each in notifications:
        types.setdefault(each["TopicARN"], []).append(each["NotificationType"])
    return [Part(topic, {"topic_arn": topic, "types": sorted(types[topic])}) for topic in types]


def to_api(settings: Mapping[str, Any]) -> dict[str, Any]:
    return structure.to_api(NOTIFICATION, settings)


def faults(option: str, notification: Mapping[str, Any]) -> checks.Faults:
    topic, name = notification["topic_arn"], f"{option}.topic_arn"
    found = checks.matches(name, topic, r"arn:[^:]+:sns:.+", "is not a topic's ARN", "Give arn:aws:sns:...")
    if not notification["types"]:
        found += (Fault(f"{option}.types", [], "tells the topic nothing", "Name a type, or leave the topic out"),)
    return found


NOTIFICATION_KIND = Kind("notification", "topic_arn", structure.spec(NOTIFICATION), given, told, faults)

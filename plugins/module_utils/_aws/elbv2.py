# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the Elastic Load Balancing v2 API's resources share.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change


def describe_tags(session: Session, arn: str) -> list[dict[str, str]]:
    described = session.client("elbv2").describe_tags(ResourceArns=[arn])
    return described["TagDescriptions"][0]["Tags"]


def put_tags(session: Session, arn: str, change: Change) -> None:
    """Make the tags of ``arn`` those of the change; nothing where it doesn't touch them."""
    if "tags" not in change.after:
        return
    after: Mapping[str, Any] = change.after["tags"]
    before: Mapping[str, Any] = change.before.get("tags") or {}
    gone = [key for key in before if key not in after]
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    if changed:
        session.client("elbv2").add_tags(ResourceArns=[arn], Tags=tags.to_api(changed))
    if gone:
        session.client("elbv2").remove_tags(ResourceArns=[arn], TagKeys=gone)


def attributes_to_api(keys: Mapping[str, str], values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Those of ``values`` that are attributes, as the API's list of strings. ``keys`` is option -> attribute key."""
    return [
        {"Key": key, "Value": str(values[option]).lower() if isinstance(values[option], bool) else str(values[option])}
        for option, key in keys.items()
        if option in values
    ]

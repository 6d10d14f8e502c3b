# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the resources of AWS Fault Injection Service share.

Source: https://docs.aws.amazon.com/fis/latest/APIReference/
"""

from __future__ import annotations

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template import NAME


def named(session: Session, operation: str, key: str, name: str) -> list[dict[str, Any]]:
    """The summaries whose tag Name is ``name``, of all pages of a list call; the newest first."""
    pages = session.client("fis").get_paginator(operation).paginate()
    found = [each for page in pages for each in page[key] if each.get("tags", {}).get(NAME) == name]
    return sorted(found, key=lambda each: each["creationTime"], reverse=True)


def template_id(session: Session, name: str) -> str | None:
    """The id of the template of that name; None where there is none."""
    found = named(session, "list_experiment_templates", "experimentTemplates", name)
    if len(found) > 1:
        ids = ", ".join(each["id"] for each in found)
        raise StackError(
            f"experiment template {name}: {ids} all have the tag Name={name}. Delete those that are not meant, or give "
            "them another name."
        )
    return str(found[0]["id"]) if found else None


def put_tags(session: Session, arn: str, change: Change) -> None:
    """Make the tags of ``arn`` those of the change, its name aside; nothing where it doesn't touch them."""
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        session.client("fis").tag_resource(resourceArn=arn, tags=changed)
    if gone:
        session.client("fis").untag_resource(resourceArn=arn, tagKeys=gone)

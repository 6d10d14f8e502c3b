# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Secrets Manager calls behind a secret."""

from __future__ import annotations

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.secret import Secret, from_api, written

GONE = "ResourceNotFoundException"
REFUSED = "InvalidRequestException"  # such as a call on a secret that is scheduled for deletion
MEMBERS = {"description": "Description", "kms_key_id": "KmsKeyId"}


def read(session: Session, want: Secret) -> Secret | None:
    """The value too, where it must be compared. What is scheduled for deletion is gone, unless it shall be at once."""
    described, secret = session.together(lambda: describe(session, want.name), lambda: current_value(session, want))
    if described is None:
        return None
    absent_later = session.params.get("state") == "absent" and session.params["recovery_window"] > 0
    return None if absent_later and described.get("DeletedDate") else from_api(described, secret)


def describe(session: Session, name: str) -> dict[str, Any] | None:
    with ignoring(GONE):
        described: dict[str, Any] = session.client("secretsmanager").describe_secret(SecretId=name)
        return described
    return None


def current_value(session: Session, want: Secret) -> str | None:
    """None where there is none, where it is no text, or where the secret is scheduled for deletion."""
    if not want.is_compared or session.params.get("state") == "absent":
        return None
    with ignoring(GONE, REFUSED):
        value: str | None = session.client("secretsmanager").get_secret_value(SecretId=want.name).get("SecretString")
        return value
    return None


def remaining(secret: Secret) -> str:
    return "Secrets Manager is deleting it"


def create(session: Session, change: Change) -> None:
    """The name of a secret that was deleted at once may not be free for a moment."""
    request = {"Name": change.name, **_settings(change)}
    if change.after.get("tags"):
        request["Tags"] = tags.to_api(change.after["tags"])
    client = session.client("secretsmanager")
    retried(lambda: client.create_secret(**request), _name_taken, min(PROPAGATION, session.wait_timeout))


def update(session: Session, change: Change) -> None:
    secret, client = {"SecretId": change.have.arn}, session.client("secretsmanager")
    if "deletion_date" in change.after:
        client.restore_secret(**secret)
    if settings := _settings(change):
        client.update_secret(**secret, **settings)
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        client.tag_resource(**secret, Tags=tags.to_api(changed))
    if gone:
        client.untag_resource(**secret, TagKeys=gone)


def _settings(change: Change) -> dict[str, Any]:
    settings = {member: change.after[option] for option, member in MEMBERS.items() if option in change.after}
    return {**settings, "SecretString": written(change.want.secret)} if "value" in change.after else settings


def delete(session: Session, change: Change) -> None:
    days = session.params["recovery_window"]
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    with ignoring(GONE):
        session.client("secretsmanager").delete_secret(SecretId=change.have.arn, **how)


def _name_taken(error: Exception) -> bool:
    return code(error) == REFUSED and "scheduled for deletion" in str(error)


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("secret", "create"): create,
    ("secret", "update"): update,
    ("secret", "delete"): delete,
}

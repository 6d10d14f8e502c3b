# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A secret of Secrets Manager. Its value is for the calls alone: no plan, diff, result or error shows it.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, hidden, identity

CURRENT = "AWSCURRENT"
OWN_KEY = "alias/aws/secretsmanager"  # the key that encrypts where none is given, and that no answer names
NOT_SHOWN = "(not shown)"
ANOTHER = "(not shown, another one)"
LONGEST = 65536  # bytes

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "description": {},
    "value": {"type": "raw", "no_log": True},
    "update_value": {"choices": ["always", "on_create"], "default": "always"},
    "kms_key_id": {},
    "recovery_window": {"type": "int", "default": 30},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class Secret(Model):
    """``value`` stands for the value in the diff: NOT_SHOWN, ANOTHER, or None where there is none.

    ``secret`` is the value itself, a string or what is to become JSON; UNSET where it isn't known. ``deletion_date``
    is when a secret that is scheduled for deletion will be gone.
    """

    name: str
    description: Any = UNSET
    value: Any = field(default=UNSET, metadata={"fact": False})
    kms_key_id: Any = UNSET
    deletion_date: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    version_id: str | None = identity()
    secret: Any = hidden()
    update_value: str = hidden(default="always")

    @property
    def is_compared(self) -> bool:
        """Whether the value that is there must be known."""
        return self.secret is not UNSET and self.update_value == "always"


def from_params(params: Mapping[str, Any]) -> Secret:
    return Secret(
        name=params["name"],
        description=given(params["description"]),
        kms_key_id=given(params["kms_key_id"]),
        tags=given(tags.from_params(params["tags"])),
        secret=given(params["value"]),
        update_value=params["update_value"],
    )


def from_api(described: Mapping[str, Any], secret: str | None) -> Secret:
    """From DescribeSecret, and the SecretString of GetSecretValue where that was asked for and there is one."""
    versions = described.get("VersionIdsToStages", {})
    current = next((version for version, stages in versions.items() if CURRENT in stages), None)
    deletion = described.get("DeletedDate")
    return Secret(
        name=described["Name"],
        description=described.get("Description", ""),
        value=NOT_SHOWN if current else None,
        kms_key_id=described.get("KmsKeyId") or OWN_KEY,
        deletion_date=deletion.isoformat() if deletion else None,
        tags=tags.from_api(described.get("Tags")),
        arn=described["ARN"],
        version_id=current,
        secret=given(secret),
    )


def written(secret: Any) -> str:
    """The value as it is kept: a string as it is, anything else as JSON."""
    return secret if isinstance(secret, str) else json.dumps(secret)


def is_same(secret: Any, kept: Any) -> bool:
    """Whether ``kept`` is the wanted value; what is given as a mapping is compared as one."""
    if isinstance(secret, str) or not isinstance(kept, str):
        return bool(secret == kept)
    try:
        return bool(secret == json.loads(kept))
    except ValueError:
        return False


def is_key(given_key: str, there: str) -> bool:
    """Whether a key's id, alias or ARN names the key ``there``, which may be an ARN."""
    return there == given_key or there.endswith((f":{given_key}", f":key/{given_key}"))


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """Lengths and characters as the API reference gives them."""
    remedy = "Use 1 to 512 letters, digits and /_+=.@-"
    return (
        *checks.matches("name", params["name"], r"[A-Za-z0-9/_+=.@-]{1,512}", "is no secret's name", remedy),
        *checks.matches(
            "description", params["description"], r"(?s).{0,2048}", "is too long", "Give at most 2048 characters"
        ),
        *_value(params["value"]),
        *_recovery_window(params["recovery_window"]),
        *checks.tags("tags", params["tags"]),
    )


def _value(secret: Any) -> checks.Faults:
    size = 1 if secret is None else len(written(secret).encode())
    if 1 <= size <= LONGEST:
        return ()
    return (Fault("value", NOT_SHOWN, f"has {size} bytes", f"Give 1 to {LONGEST}"),)


def _recovery_window(days: int) -> checks.Faults:
    if days == 0 or 7 <= days <= 30:
        return ()
    return (Fault("recovery_window", days, "is out of range", "Give 7 to 30 days, or 0 to delete at once"),)

"""Master passwords, those in a secret that RDS manages included."""

from __future__ import annotations

import json
import secrets
from typing import Any

from moto.rds.models import MasterUserSecret

from local_region.control.patching import around


@around(MasterUserSecret, "_generate_secret_string")
def random_password(original: Any, self: Any) -> str:
    """moto gives every database the same user and password."""
    return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(21)})


def master_password(database: Any) -> str:
    """The one that holds now."""
    if secret := getattr(database, "master_user_secret", None):
        current = json.loads(secret.secret.versions[secret.secret.default_version_id]["secret_string"])
        return str(current["password"])
    return str(database._master_user_password)

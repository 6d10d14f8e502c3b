"""Secrets: an update can take a description away."""

from __future__ import annotations

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from local_region.control.patching import around


@around(SecretsManagerBackend, "update_secret")
def clear_description(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    """moto takes an empty description for none given."""
    answer = original(self, *args, **kwargs)
    if kwargs.get("description") == "":
        self.secrets[kwargs["secret_id"]].description = ""
    return answer

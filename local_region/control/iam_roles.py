"""IAM roles: an update leaves alone what it doesn't give."""

from __future__ import annotations

from typing import Any

from moto.iam.responses import IamResponse

from local_region.control.patching import around


@around(IamResponse, "update_role")
def update_what_is_given(original: Any, self: Any) -> Any:
    """moto sets a description that isn't given to none, and a session's duration to an hour."""
    role = self.backend.get_role(self._get_param("RoleName"))
    before = role.description, role.max_session_duration
    answer = original(self)
    if self._get_param("Description") is None:
        role.description = before[0]
    if self._get_param("MaxSessionDuration") is None:
        role.max_session_duration = before[1]
    return answer

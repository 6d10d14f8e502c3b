"""Rolling an instance refresh back: to the configuration that was last saved on the group.

EC2 Auto Scaling User Guide, "Undo changes with a manual or auto rollback".
"""

from __future__ import annotations

import time
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow

from local_region.control.auto_scaling.launch import SSM, SYMBOLIC, saved_source
from local_region.control.auto_scaling.refresh_record import Refresh


def impossible(group: Any, desired: dict[str, Any] | None) -> str | None:
    """Why there is no way back, or None."""
    if not desired:
        return "no desired configuration was specified for the instance refresh."
    source = saved_source(group)
    if source is None:
        return None
    if source.version in SYMBOLIC:
        return f"the Auto Scaling group uses the launch template's {source.version} version, not a numbered one."
    try:
        image = source.resolved().image_id
    except ServiceException as error:
        return f"the Auto Scaling group's launch template version is gone: {error.message}"
    if image.startswith(SSM):
        return "the Auto Scaling group's launch template uses a Systems Manager parameter instead of an AMI ID."
    return None


def begin(group: Any, refresh: Refresh, reason: str) -> None:
    """From now on what the refresh launched is what has to be replaced."""
    refresh.rollback = {
        "RollbackReason": reason,
        "RollbackStartTime": utcnow(),
        "PercentageCompleteOnRollback": refresh.percent,
        "InstancesToUpdateOnRollback": refresh.to_update,
    }
    refresh.status, refresh.reason = "RollbackInProgress", reason
    there = {member.instance.id for member in group.instance_states}
    refresh.to_replace = frozenset(there - refresh.original)
    refresh.progress, refresh.progress_since, refresh.paused_until = (), time.monotonic(), 0.0

"""The actions that the region carries out: action id -> ActionType."""

from __future__ import annotations

from local_region.control.fault_injection.actions import ec2, waiting
from local_region.control.fault_injection.actions.base import ActionType

ACTIONS: dict[str, ActionType] = {**ec2.ACTIONS, **waiting.ACTIONS}

"""The actions that the region carries out: action id -> ActionType."""

from __future__ import annotations

from local_region.control.fault_injection.actions import arc, capacity, ec2, network, rds, ssm, waiting
from local_region.control.fault_injection.actions.base import ActionType

ACTIONS: dict[str, ActionType] = {
    **arc.ACTIONS,
    **capacity.ACTIONS,
    **ec2.ACTIONS,
    **network.ACTIONS,
    **rds.ACTIONS,
    **ssm.ACTIONS,
    **waiting.ACTIONS,
}

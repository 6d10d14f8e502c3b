"""Auto Scaling as AWS behaves where moto does not: requests say what is wanted, ``step`` brings it about in time.

The rooms: ``requests`` (a group and its options), ``members`` (an instance in a group), ``lifecycle`` (its way from
launch to termination), ``health``, ``launch``, ``zones`` and ``termination`` (where to launch, what to take away),
``scale`` (towards the desired capacity), ``refresh*`` (instance refresh), ``activities`` (what was done and why).
"""

from local_region.control.auto_scaling import (
    hook_requests,
    member_requests,
    mixed_policies,
    notification_requests,
    policy_requests,
    refresh_requests,
    requests,
    schedule_requests,
    traffic_requests,
    warm_pool_requests,
)
from local_region.control.auto_scaling.loop import step

__all__ = [
    "hook_requests",
    "member_requests",
    "mixed_policies",
    "notification_requests",
    "policy_requests",
    "refresh_requests",
    "requests",
    "schedule_requests",
    "step",
    "traffic_requests",
    "warm_pool_requests",
]

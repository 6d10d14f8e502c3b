"""Lifecycle hooks: an instance waits at its launch or its termination until every hook's action is completed.

EC2 Auto Scaling User Guide, "How lifecycle hooks work in Auto Scaling groups". Nothing is sent to a notification
target: who completes an action looks at the instances' lifecycle states.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

LAUNCH, TERMINATE = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
GLOBAL_TIMEOUT = 172800  # seconds: 48 hours, or 100 times the heartbeat timeout, whichever is smaller


@dataclass
class Action:
    """One hook's action on one instance. ``result`` is None while it is awaited, then CONTINUE or ABANDON."""

    hook: Any
    token: str
    began: float
    heartbeat: float
    result: str | None = None

    def expired(self, now: float, scale: float) -> bool:
        silent, old = now - self.heartbeat, now - self.began
        return bool(silent >= self.hook.heartbeat_timeout * scale or old >= self.hook.global_timeout * scale)


def hooks_of(group: Any, transition: str) -> list[Any]:
    return [
        hook
        for hook in group.autoscaling_backend.lifecycle_hooks.values()
        if hook.auto_scaling_group_name == group.name and hook.lifecycle_transition == transition
    ]


def begin(group: Any, member: Any, transition: str) -> bool:
    """Whether there is an action to await."""
    now = time.monotonic()
    member.actions = {hook.name: Action(hook, str(uuid.uuid4()), now, now) for hook in hooks_of(group, transition)}
    return bool(member.actions)


def outcome(member: Any, scale: float) -> str | None:
    """CONTINUE when every action is completed so, ABANDON when one is not; None: the instance waits.

    A hook that times out counts as completed with its default result.
    """
    now = time.monotonic()
    for action in member.actions.values():
        if action.result is None and action.expired(now, scale):
            action.result = action.hook.default_result
    results = {action.result for action in member.actions.values()}
    if "ABANDON" in results:  # other hooks' actions are not waited for
        return "ABANDON"
    return None if None in results else "CONTINUE"

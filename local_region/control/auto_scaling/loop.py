"""One turn of every group."""

from __future__ import annotations

from typing import Any

from local_region.control.auto_scaling import health, lifecycle, refresh, scale, warm_pool_requests
from local_region.control.auto_scaling.groups import deleting, suspended
from local_region.control.auto_scaling.members import LEAVING
from local_region.control.moment import Moment


def step(moment: Moment) -> None:
    for group in list(moment.backends.autoscaling.autoscaling_groups.values()):
        _turn(moment, group)


def _turn(moment: Moment, group: Any) -> None:
    for member in list(group.instance_states):
        lifecycle.advance(moment, group, member)
    if deleting(group):
        _take_down(moment, group)
        return
    warm_pool_requests.turn(moment, group)
    stopped, governed = suspended(group), refresh.governs(group)
    lifecycle.attach(moment, group, stopped)  # before anybody asks whether an instance is healthy
    health.check(moment, group, stopped)
    scale.replace_unhealthy(moment, group, stopped, first=not governed and scale.limits(group).launches_first)
    refresh.turn(moment, group, stopped)
    if not governed:
        scale.scale(moment, group, stopped)


def _take_down(moment: Moment, group: Any) -> None:
    """A group that is deleted by force: neither protection nor suspended processes nor hooks keep its instances."""
    for member in group.instance_states:
        if member.lifecycle_state not in LEAVING:
            lifecycle.retire(group, member, "an instance was taken out of service in response to a user request.")
    if not group.instance_states:
        _forget(moment, group)


def _forget(moment: Moment, group: Any) -> None:
    if moment.clock.over("group.deleting", group.arn):
        backend = moment.backends.autoscaling
        del backend.autoscaling_groups[group.name]
        for key in [key for key, hook in backend.lifecycle_hooks.items() if hook.auto_scaling_group_name == group.name]:
            del backend.lifecycle_hooks[key]  # a group of that name made later has hooks of its own
        backend.deleted_groups = [group, *getattr(backend, "deleted_groups", [])][:20]

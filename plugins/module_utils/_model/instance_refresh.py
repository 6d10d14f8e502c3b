# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An instance refresh: an Auto Scaling Group's instances, replaced until each runs the wanted launch template version.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import mixed_instances
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import launches
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances import current
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, hidden, identity

LATEST = "latest"
# Option -> member of StartInstanceRefresh's Preferences; alarms are one level deeper.
PREFERENCES = {
    "min_healthy_percentage": "MinHealthyPercentage",
    "max_healthy_percentage": "MaxHealthyPercentage",
    "instance_warmup": "InstanceWarmup",
    "skip_matching": "SkipMatching",
    "auto_rollback": "AutoRollback",
    "checkpoint_percentages": "CheckpointPercentages",
    "checkpoint_delay": "CheckpointDelay",
    "bake_time": "BakeTime",
    "scale_in_protected_instances": "ScaleInProtectedInstances",
    "standby_instances": "StandbyInstances",
}
GOES_ON = frozenset({"Pending", "InProgress", "Baking"})
UNDER_WAY = GOES_ON | {"Cancelling", "RollbackInProgress"}
IGNORE = "Ignore"
REPLACE_ROOT_VOLUME = "ReplaceRootVolume"

OPTIONS: dict[str, Any] = {
    "state": {"choices": ["present", "cancelled", "rolled_back"], "default": "present"},
    "name": {"required": True},
    "launch_template": {"type": "dict", "options": {"id": {}, "name": {}, "version": {}}},
    **mixed_instances.OPTIONS,
    "strategy": {"choices": ["Rolling", REPLACE_ROOT_VOLUME]},
    "min_healthy_percentage": {"type": "int"},
    "max_healthy_percentage": {"type": "int"},
    "instance_warmup": {"type": "int"},
    "skip_matching": {"type": "bool", "default": True},
    "auto_rollback": {"type": "bool", "default": True},
    "alarms": {"type": "list", "elements": "str"},
    "failure_threshold": {"type": "int", "default": 0},
    "checkpoint_percentages": {"type": "list", "elements": "int"},
    "checkpoint_delay": {"type": "int"},
    "bake_time": {"type": "int"},
    "scale_in_protected_instances": {"choices": ["Refresh", IGNORE, "Wait"]},
    "standby_instances": {"choices": ["Terminate", IGNORE, "Wait"]},
    "wait_timeout": {"type": "int", "default": 3600},
}


@dataclass(frozen=True)
class InstanceRefresh(Model):
    """A group as a refresh of it sees it.

    ``launch_template`` is what is wanted, or what the group launches from; ``target`` what the refresh rolls out.
    ``mixed_instances`` is the policy that is wanted, or that the group has (None: none), and ``target_mixed_instances``
    the one that is rolled out.
    ``state`` is set where a refresh is to be ended. ``goal`` is the state that this run waits for, and ``followed``
    whether the refresh is one that this run started or found under way. ``evidence`` are the failed health checks that
    were seen on the way, ``activities`` what the group did, told where the refresh failed, and ``latest`` what it did
    last, while it is followed. ``failed`` are the ids of the new instances that their health check took out of service;
    so many as ``failure_threshold`` (where it isn't 0) end the refresh. ``to_replace`` are the instances that are not
    as it is wanted, with what they run.
    """

    name: str
    launch_template: Any = UNSET
    mixed_instances: Any = UNSET
    strategy: Any = UNSET
    state: Any = UNSET
    min_healthy_percentage: Any = UNSET
    max_healthy_percentage: Any = UNSET
    instance_warmup: Any = UNSET
    skip_matching: Any = UNSET
    auto_rollback: Any = UNSET
    alarms: Any = UNSET
    checkpoint_percentages: Any = UNSET
    checkpoint_delay: Any = UNSET
    bake_time: Any = UNSET
    scale_in_protected_instances: Any = UNSET
    standby_instances: Any = UNSET
    id: str | None = identity(default=None)
    status: str | None = identity(default=None)
    status_reason: str | None = identity(default=None)
    rollback_reason: str | None = identity(default=None)
    percentage_complete: int | None = identity(default=None)
    instances_to_update: int | None = identity(default=None)
    start_time: str | None = identity(default=None)
    end_time: str | None = identity(default=None)
    target: Any = identity(default=None)
    instances: tuple[Instance, ...] = identity(default=())
    to_replace: Any = identity(default=None)
    target_mixed_instances: Any = hidden(default=None)
    goal: str = hidden(default="present")
    followed: bool = hidden(default=False)
    evidence: tuple[str, ...] = hidden(default=())
    activities: tuple[str, ...] = hidden(default=())
    latest: str | None = hidden(default=None)
    failed: tuple[str, ...] = hidden(default=())
    failure_threshold: int = hidden(default=0)

    @property
    def under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def policy(self) -> Any:
        """The policy of mixed instances, if there is one."""
        return self.mixed_instances or None

    def stale(self, template: Mapping[str, Any], policy: Any, ignored: Sequence[str] = ()) -> dict[str, str]:
        """The instances that ``template`` and ``policy`` would not launch as they are, with what they run; without the
        kinds that are ``ignored``."""
        return {
            each.id: runs(each, policy)
            for each in self.instances
            if not current(each, template, policy) and not kinds(each) & set(ignored)
        }


def to_replace(want: InstanceRefresh, have: InstanceRefresh) -> dict[str, str]:
    """The instances that are not as it is wanted, or as the group launches them where nothing is wanted."""
    template = have.launch_template if want.launch_template is UNSET else want.launch_template
    policy = mixed_instances.over(want.mixed_instances, have.policy, {})
    ignored = [kind for kind in ("scale_in_protected_instances", "standby_instances") if getattr(want, kind) == IGNORE]
    return have.stale(template, have.policy if policy is UNSET else policy, ignored) if template else {}


def kinds(instance: Instance) -> set[str]:
    """The options that say what becomes of such an instance."""
    standby = {"standby_instances"} if instance.lifecycle_state == "Standby" else set()
    return standby | ({"scale_in_protected_instances"} if instance.protected_from_scale_in else set())


def runs(instance: Instance, policy: Any = None) -> str:
    """Its template, and what a policy of mixed instances may have given it besides."""
    if instance.launch_template_id is None:
        return "no launch template"
    kind = f" on {instance.instance_type}" if policy and instance.instance_type else ""
    image = f" with {instance.image_id}" if instance.image_id else ""
    return f"{instance.launch_template_id} version {instance.launch_template_version}{kind}{image}"


def from_params(params: Mapping[str, Any]) -> InstanceRefresh:
    ends = params["state"] != "present"
    options = [] if ends else [*PREFERENCES, "alarms", "strategy"]
    template = params["launch_template"]
    return InstanceRefresh(
        name=params["name"],
        launch_template=UNSET if ends or template is None else {k: v for k, v in template.items() if v is not None},
        mixed_instances=UNSET if ends else mixed_instances.from_params(params["mixed_instances"]),
        state=params["state"] if ends else UNSET,
        failure_threshold=params["failure_threshold"],
        **{option: given(params[option]) for option in options},
    )


def preferences(settings: Mapping[str, Any]) -> dict[str, Any]:
    """StartInstanceRefresh's Preferences."""
    sent = {member: settings[option] for option, member in PREFERENCES.items() if option in settings}
    if settings.get("alarms"):
        sent["AlarmSpecification"] = {"Alarms": settings["alarms"]}
    return sent


@dataclass(frozen=True)
class Seen:
    """What one read saw: answers of DescribeAutoScalingGroups, DescribeInstanceRefreshes and DescribeTargetHealth."""

    group: Mapping[str, Any]
    refresh: Mapping[str, Any] | None
    health: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def from_api(seen: Seen, *, goal: str, followed: bool) -> InstanceRefresh:
    group, refresh = seen.group, seen.refresh or {}
    instances = [Instance.from_api(each, seen.health) for each in group.get("Instances", ())]
    desired = refresh.get("DesiredConfiguration", {})
    own = _template(launches(group))
    return InstanceRefresh(
        name=group["AutoScalingGroupName"],
        launch_template=own,
        id=refresh.get("InstanceRefreshId"),
        status=refresh.get("Status"),
        status_reason=refresh.get("StatusReason"),
        rollback_reason=refresh.get("RollbackDetails", {}).get("RollbackReason"),
        percentage_complete=refresh.get("PercentageComplete"),
        instances_to_update=refresh.get("InstancesToUpdate"),
        start_time=moment(refresh.get("StartTime")),
        end_time=moment(refresh.get("EndTime")),
        target=(_template(launches(desired)) or own) if refresh else None,
        target_mixed_instances=mixed_instances.from_api(desired or group),
        mixed_instances=mixed_instances.from_api(group),
        instances=tuple(each for each in instances if not str(each.lifecycle_state).startswith("Terminat")),
        goal=goal,
        followed=followed,
    )


def _template(template: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A refresh that was started with a template's name is told of with that name alone."""
    if not template:
        return None
    version = template.get("Version", "$Default")
    return {
        "id": template.get("LaunchTemplateId"),
        "name": template.get("LaunchTemplateName"),
        "version": int(version) if version.isdecimal() else version,
    }


def moment(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat(timespec="seconds") if time else None

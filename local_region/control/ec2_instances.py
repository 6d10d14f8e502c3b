"""EC2 instances take time: pending until the body runs, shutting-down and stopping until it is gone or stopped."""

from __future__ import annotations

import copy
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instances import Instance, InstanceBackend, InstanceState, StateReason

from local_region.control.moment import Moment
from local_region.control.patching import around

PENDING = ("pending", 0)
RUNNING = ("running", 16)
SHUTTING_DOWN = ("shutting-down", 32)
STOPPING = ("stopping", 64)
GONE = frozenset({"shutting-down", "terminated"})

_finish_stop = Instance.stop
_finish_terminate = Instance.terminate


@around(Instance, "__init__")
def begin_pending(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self._state = InstanceState(*PENDING)
    self.boots = 1
    if not kwargs.get("nics"):
        for interface in self.nics.values():  # the interface that a launch makes goes with its instance
            interface.delete_on_termination = True


def _change(self: Any, state: tuple[str, int]) -> Any:
    previous = copy.copy(self._state)
    self._state = InstanceState(*state)
    return previous


@around(Instance, "start")
def start_slowly(original: Any, self: Any) -> Any:
    if self.state != "stopped":
        return copy.copy(self._state)
    previous = copy.copy(self._state)
    original(self)
    self.boots += 1
    _change(self, PENDING)
    return previous


@around(Instance, "stop")
def stop_slowly(original: Any, self: Any) -> Any:
    return copy.copy(self._state) if self.state in {"stopping", "stopped"} else _change(self, STOPPING)


@around(Instance, "terminate")
def terminate_slowly(original: Any, self: Any) -> Any:
    return copy.copy(self._state) if self.state in GONE else _change(self, SHUTTING_DOWN)


@around(Instance, "reboot")
def reboot_body(original: Any, self: Any) -> None:
    self.boots += 1


@around(InstanceBackend, "start_instances")
def refuse_start(original: Any, self: Any, instance_ids: list[str]) -> Any:
    _refuse(self, instance_ids, GONE | {"stopping"}, "started")
    return original(self, instance_ids)


@around(InstanceBackend, "stop_instances")
def refuse_stop(original: Any, self: Any, instance_ids: list[str]) -> Any:
    _refuse(self, instance_ids, GONE, "stopped")
    return original(self, instance_ids)


@around(InstanceBackend, "reboot_instances")
def refuse_reboot(original: Any, self: Any, instance_ids: list[str]) -> Any:
    _refuse(self, instance_ids, GONE | {"stopping", "stopped"}, "rebooted")
    return original(self, instance_ids)


def _refuse(ec2: Any, ids: list[str], states: frozenset[str], done: str) -> None:
    for instance in ec2.get_multi_instances_by_id(ids):
        if instance.state in states:
            message = f"The instance '{instance.id}' is not in a state from which it can be {done}."
            raise EC2ClientError("IncorrectInstanceState", message)


def step(moment: Moment) -> None:
    """Instances follow their bodies."""
    for instance in moment.instances():
        body = moment.observed.instances.get(instance.id)
        if instance.state == "pending" and body == "running":
            instance._state = InstanceState(*RUNNING)
        elif instance.state == "stopping" and body == "stopped":
            _finish_stop(instance)
        elif instance.state == "running" and body == "stopped":
            _shut_down_from_within(instance)
        elif instance.state == "shutting-down" and body is None:
            _finish_terminate(instance)
            instance._private_ips.clear()  # given back; another instance may have them by now


def _shut_down_from_within(instance: Any) -> None:
    """The machine went off by itself: it is stopped, unless it was launched to terminate then."""
    if instance.instance_initiated_shutdown_behavior == "terminate":
        instance._state = InstanceState(*SHUTTING_DOWN)
        return
    _finish_stop(instance)
    code = "Client.InstanceInitiatedShutdown"
    instance.state_reason = StateReason(f"{code}: Instance initiated shutdown", code)

"""Experiments run by themselves: from pending over running to their end, a turn of the region's loop at a time.

Whatever ends an experiment (all actions are over, one failed, StopExperiment, a stop condition's alarm), what its
actions changed is put back before it is told as ended. No client takes part in that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from local_region.control.fault_injection.actions import ACTIONS
from local_region.control.fault_injection.actions.base import Action, Run
from local_region.control.fault_injection.alarms import in_alarm
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.experiment import BY_ALARM, Experiment, Status, Step
from local_region.control.fault_injection.role import Role, fault_of
from local_region.control.fault_injection.targets import EMPTY, resolve
from local_region.control.moment import Moment

log = logging.getLogger(__name__)


def step(moment: Moment) -> None:
    """One turn for every experiment that has not ended."""
    for experiment in moment.backends.fis.experiments.values():
        if not experiment.state.over:
            try:
                TURNS[experiment.state.status](experiment, moment)
            except Exception as error:
                experiment.fail(_internal(experiment, error), "experiment")


def _initiate(experiment: Experiment, moment: Moment) -> None:
    experiment.state.become("initiating")


def _begin(experiment: Experiment, moment: Moment) -> None:
    """Find all targets; no action starts before."""
    if fault := fault_of(moment.backends.iam, experiment.template.role_arn, experiment.arn):
        return experiment.fail(Failure("AuthorizationFailure", fault), "roleArn")
    for name, definition in experiment.template.targets.items():
        try:
            experiment.targets[name] = resolve(_role(experiment, moment), definition)
            if not experiment.targets[name] and experiment.options["emptyTargetResolutionMode"] == "fail":
                raise Failure("InvalidTarget", EMPTY)
        except Failure as failure:
            return experiment.fail(failure, f"target: {name}")
    if experiment.options["actionsMode"] == "skip-all":
        for each in experiment.steps.values():
            each.state.become("skipped")
    return experiment.state.become("running")


def _role(experiment: Experiment, moment: Moment) -> Role:
    return Role(moment.backends, experiment.template.role_arn, experiment.arn)


def _run(experiment: Experiment, moment: Moment) -> None:
    if alarm := in_alarm(moment.backends.cloudwatch, experiment.template.stop_conditions):
        log.warning("experiment %s is stopped: the alarm %s is in ALARM", experiment.id, alarm)
        return experiment.stop(BY_ALARM)
    for name, each in experiment.steps.items():
        if each.state.status == "running" and _attempt(experiment, name, _finish):
            _settle(experiment, name, "completed")
    for name, each in experiment.steps.items():
        if each.state.status == "pending" and _may_start(experiment, each):
            _start(experiment, name, moment)
    if experiment.state.status == "running" and all(each.state.over for each in experiment.steps.values()):
        experiment.state.become("completed")
        log.info("experiment %s completed", experiment.id)
    return None


def _finish(body: Action) -> bool:
    return body.over() and body.undo()


def _may_start(experiment: Experiment, wanted: Step) -> bool:
    before = (experiment.steps[name] for name in wanted.definition.get("startAfter") or ())
    return experiment.state.status == "running" and all(
        each.state.status in {"completed", "skipped"} for each in before
    )


def _start(experiment: Experiment, name: str, moment: Moment) -> None:
    wanted = experiment.steps[name]
    given = (wanted.definition.get("targets") or {}).values()
    targets = [resource for target in given for resource in experiment.targets[target]]
    kind = ACTIONS[wanted.definition["actionId"]]
    if kind.target and not targets:
        return wanted.state.become("skipped", EMPTY)
    role, parameters = _role(experiment, moment), wanted.definition.get("parameters") or {}
    wanted.body = kind.body(Run(role, parameters, targets, moment.clock.scale))
    wanted.dirty = True
    wanted.state.become("running")
    log.info("experiment %s: %s (%s) starts", experiment.id, name, wanted.definition["actionId"])
    _attempt(experiment, name, _begin_action)
    return None


def _begin_action(body: Action) -> bool:
    body.start()
    return True


def _attempt(experiment: Experiment, name: str, do: Callable[[Action], bool]) -> bool:
    """Let an action do something: whether it is done. What it can't do fails the action and the experiment."""
    acting = experiment.steps[name]
    try:
        return acting.body is None or do(acting.body)
    except Failure as failure:
        problem = failure
    except Exception as error:
        problem = _internal(experiment, error)
    acting.state.become("failed", problem.reason)
    experiment.fail(problem, f"action: {name}")
    return False


def _internal(experiment: Experiment, error: Exception) -> Failure:
    """A fault of the region's own: no other experiment must suffer from it."""
    log.exception("experiment %s failed within the region", experiment.id)
    return Failure("InternalFailure", f"{type(error).__name__}: {error}; the region's log has more.")


def _settle(experiment: Experiment, name: str, status: Status) -> None:
    experiment.steps[name].dirty = False
    experiment.steps[name].state.become(status)
    log.info("experiment %s: %s %s", experiment.id, name, status)


def _wind_down(experiment: Experiment, moment: Moment) -> None:
    """Actions that did not begin never do; those that did are undone, a failed one too: it may have got half way."""
    for name, each in experiment.steps.items():
        if each.state.status == "pending":
            each.state.become("cancelled")
        elif each.state.status == "running":
            each.state.become("stopping")
        if each.dirty:
            _undo(experiment, name)
    if not any(each.dirty for each in experiment.steps.values()):
        status, reason, error = experiment.ending
        experiment.state.error = error
        experiment.state.become(status, reason)
        log.info("experiment %s %s: %s", experiment.id, status, reason)


def _undo(experiment: Experiment, name: str) -> None:
    acting = experiment.steps[name]
    failed, reason = acting.state.status == "failed", acting.state.reason
    done = _attempt(experiment, name, lambda body: body.undo())
    if failed:
        acting.state.become("failed", reason)  # what failed first
    if done and not failed:
        _settle(experiment, name, "stopped")
    acting.dirty = not done and acting.state.status == "stopping"


TURNS: Mapping[Status, Callable[[Experiment, Moment], None]] = {
    "pending": _initiate,
    "initiating": _begin,
    "running": _run,
    "stopping": _wind_down,
}

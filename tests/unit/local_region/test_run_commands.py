"""A command's status from those of its invocations, and what becomes of one whose agent keeps silent."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from moto.core.utils import utcnow

from local_region.control import run_commands
from local_region.control.run_commands import (
    CANCELLED,
    CANCELLING,
    FAILED,
    NOBODY,
    PENDING,
    RUNNING,
    SUCCESS,
    TIMED_OUT,
    UNDELIVERED,
    Invocation,
    RunCommand,
    Status,
)
from local_region.world import CommandResult

GIVEN = {"Parameters": {"commands": ["true"]}}


def command(*statuses: Status, seconds_ago: int = 0) -> RunCommand:
    """One that may wait for 60 s and run for 100."""
    invocations = {f"i-{n}": Invocation(f"i-{n}", status) for n, status in enumerate(statuses)}
    return RunCommand(GIVEN, 60, 100, invocations, requested=utcnow() - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ((), NOBODY),
        ((PENDING, PENDING), PENDING),
        ((PENDING, RUNNING), RUNNING),
        ((PENDING, SUCCESS), RUNNING),
        ((FAILED, RUNNING), RUNNING),
        ((CANCELLING, RUNNING), CANCELLING),
        ((SUCCESS, SUCCESS), SUCCESS),
        ((SUCCESS, FAILED, TIMED_OUT), FAILED),
        ((SUCCESS, TIMED_OUT, UNDELIVERED), TIMED_OUT),
        ((SUCCESS, UNDELIVERED), UNDELIVERED),
        ((SUCCESS, CANCELLED), CANCELLED),
    ],
)
def test_the_whole_is_unfinished_or_as_bad_as_its_worst_part(statuses: tuple[Status, ...], whole: Status) -> None:
    assert command(*statuses).status == whole


def turn(sent: RunCommand, **results: CommandResult) -> Status:
    """The status after a turn of the loop in which the plane tells these results by instance."""
    told = {(sent.command_id, id_.replace("_", "-")): result for id_, result in results.items()}
    observed = SimpleNamespace(commands=told)
    run_commands.step(
        SimpleNamespace(backends=SimpleNamespace(ssm=SimpleNamespace(_commands=[sent])), observed=observed)
    )
    return sent.status


@pytest.mark.parametrize(("seconds_ago", "status"), [(50, PENDING), (70, UNDELIVERED)])
def test_a_command_that_no_agent_fetches_waits_for_its_delivery_timeout(seconds_ago: int, status: Status) -> None:
    assert turn(command(PENDING, seconds_ago=seconds_ago)) == status


@pytest.mark.parametrize(("seconds_ago", "status"), [(150, RUNNING), (170, UNDELIVERED)])
def test_an_agent_that_went_off_meanwhile_is_waited_for_until_the_command_expires(
    seconds_ago: int, status: Status
) -> None:
    sent = command(PENDING)
    assert turn(sent, i_0=CommandResult("running")) == RUNNING
    sent.requested -= timedelta(seconds=seconds_ago)
    assert turn(sent) == status


def test_what_has_ended_stays_as_it_is() -> None:
    sent = command(PENDING)
    assert turn(sent, i_0=CommandResult("exited", 0, "out")) == SUCCESS
    assert turn(sent, i_0=CommandResult("exited", 1)) == SUCCESS
    assert list(sent.bodies()) == []
    assert sent.invocations["i-0"].stdout == "out"

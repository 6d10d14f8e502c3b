"""Calls that are repeated until what they refer to is seen, and models that keep something to themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, hidden, identity
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, reconcile
from botocore.exceptions import ClientError


def error(name: str) -> ClientError:
    return ClientError({"Error": {"Code": name, "Message": "no"}}, "Call")


class Calls:
    """Raises each of ``errors`` in turn, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.slept = list(errors), []

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def repeat(calls: Calls, times: Any = None) -> str:
    clock = iter(times or [0.0] * 100)
    return retried(
        calls,
        lambda e: code(e) == "NotYet",
        60,
        clock=lambda: next(clock),
        sleep=lambda seconds: calls.slept.append(seconds),
    )


def test_a_transient_error_is_tried_again():
    calls = Calls(error("NotYet"), error("NotYet"))
    assert repeat(calls) == "answer"
    assert calls.slept == [0.5, 0.75]


def test_another_error_is_raised_at_once():
    calls = Calls(error("Denied"))
    with pytest.raises(ClientError, match="Denied"):
        repeat(calls)
    assert calls.slept == []


def test_the_error_itself_is_raised_after_the_time():
    calls = Calls(*[error("NotYet")] * 5)
    with pytest.raises(ClientError, match="NotYet"):
        repeat(calls, [0.0, 30.0, 61.0])
    assert len(calls.slept) == 1


@dataclass(frozen=True)
class Thing(Model):
    name: str
    image: Any = UNSET
    size: Any = UNSET
    secret: Any = hidden()
    state: str = identity("ready")


def run(have: Thing | None, *, state: str = "present", check_mode: bool = False) -> dict[str, Any]:
    resource = Resource(
        name="thing",
        options={},
        faults=lambda params: (),
        desired=lambda params: Thing("a", image="newest", secret="hunter2"),
        resolve=lambda session, want: replace(want, image="image-7"),
        read=lambda session, want: have,
        plan=lambda want, have, params: compare("thing", "a", want, have),
        operations={("thing", "delete"): lambda session, change: None},
        remaining=lambda thing: f"a {thing.state} thing",
    )
    session = Session(client=lambda service: None, wait_timeout=0)
    return reconcile(resource, session, {"state": state}, check_mode=check_mode)


def test_what_options_refer_to_is_resolved_before_the_plan():
    planned = run(None, check_mode=True)
    assert planned["diff"]["after"] == {"thing a": {"name": "a", "image": "image-7"}}


def test_a_hidden_field_is_never_shown():
    assert "hunter2" not in str(run(None, check_mode=True))
    assert "hunter2" not in repr(Thing("a", secret="hunter2"))


def test_check_mode_of_an_unchanged_thing_tells_what_is_there():
    have = Thing("a", image="image-7", size=3)
    assert run(have, check_mode=True)["thing"] == have.facts()


def test_a_delete_that_lasts_tells_what_remains():
    with pytest.raises(StackError, match="a ready thing"):
        run(Thing("a"), state="absent")

"""The core by itself: a resource of two settings in a dictionary that stands for AWS."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import waiting
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session, reach
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.waiting import wait_until
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, identity
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, pair
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, reconcile
from botocore.exceptions import ClientError


@dataclass(frozen=True)
class Thing(Model):
    name: str
    size: Any = UNSET
    colour: Any = UNSET
    state: str = identity()


class Cloud:
    """Holds at most one thing; a new one is pending for ``delay`` looks."""

    def __init__(self, have: Thing | None = None, delay: int = 0) -> None:
        self.have, self.delay, self.writes, self.reads = have, delay, 0, 0

    def read(self, session, want):
        self.reads += 1
        if self.have and self.have.state == "pending":
            self.delay -= 1
            if self.delay <= 0:
                self.have = replace(self.have, state="ready")
        return self.have

    def put(self, session, change):
        self.writes += 1
        settings = {"size": 1, "colour": "red", **(self.have.settings() if self.have else {}), **change.after}
        self.have = Thing(**settings, state="pending" if self.delay else "ready")

    def delete(self, session, change):
        self.writes += 1
        self.have = None


def resource(cloud: Cloud) -> Resource[Thing]:
    return Resource(
        name="thing",
        options={},
        faults=lambda params: (Fault("size", -1, "is negative", "Give 0 or more"),) if params.get("size") == -1 else (),
        desired=lambda params: Thing(params["name"], given(params.get("size")), given(params.get("colour"))),
        read=cloud.read,
        plan=lambda want, have, params: compare("thing", "a", want, have),
        operations={("thing", "create"): cloud.put, ("thing", "update"): cloud.put, ("thing", "delete"): cloud.delete},
        pending=lambda thing: f"its state is {thing.state}" if thing.state == "pending" else None,
    )


def run(cloud: Cloud, *, check_mode: bool = False, state: str = "present", timeout: float = 60, **params: Any):
    session = Session(client=lambda service: None, wait_timeout=timeout)
    return reconcile(resource(cloud), session, {"name": "a", "state": state, **params}, check_mode=check_mode)


def test_check_mode_says_what_the_run_does_and_writes_nothing():
    cloud = Cloud()
    planned = run(cloud, check_mode=True, size=2)
    assert (cloud.writes, cloud.have) == (0, None)
    done = run(cloud, size=2)
    assert (planned["changed"], planned["diff"], planned["plan"]) == (True, done["diff"], ["create thing a"])


def test_an_option_that_is_not_given_is_left_alone():
    cloud = Cloud(Thing("a", 5, "blue", "ready"))
    assert run(cloud)["changed"] is False
    assert run(cloud, size=6)["diff"] == {"before": {"thing a": {"size": 5}}, "after": {"thing a": {"size": 6}}}
    assert cloud.have.colour == "blue"


def test_a_thing_that_is_there_and_ready_is_read_once():
    cloud = Cloud(Thing("a", 5, "blue", "ready"))
    run(cloud, size=5)
    assert cloud.reads == 1


def test_the_wait_goes_on_where_an_earlier_run_was_cut_short():
    cloud = Cloud(Thing("a", 5, "blue", "pending"), delay=2)
    assert run(cloud, size=5)["thing"]["state"] == "ready"


def test_a_wait_that_runs_out_tells_what_it_last_saw():
    with pytest.raises(StackError, match=r"thing: not done after 0 s \(wait_timeout\): its state is pending"):
        run(Cloud(Thing("a", 5, "blue", "pending"), delay=1000), size=5, timeout=0)


def test_what_is_seen_meanwhile_may_call_for_a_change():
    """It is made once, with the change's own operation, and the wait goes on."""
    cloud = Cloud(Thing("a", 5, "blue", "pending"), delay=1000)

    def paint_it(want, seen):
        return (Change("update", "thing", "a", {}, {"colour": "red"}),) if seen.colour == "blue" else ()

    def pending(seen):
        return "it is blue" if seen.colour == "blue" else None

    corrected = replace(resource(cloud), corrections=paint_it, pending=pending)
    params = {"name": "a", "state": "present"}
    result = reconcile(corrected, Session(client=lambda service: None), params, check_mode=False)
    assert (result["thing"]["colour"], cloud.writes) == ("red", 1)


@pytest.mark.parametrize("done", ["It was told to go.", None])
def test_what_is_no_longer_waited_for_may_be_put_in_order(done):
    cloud = Cloud(Thing("a", 5, "blue", "pending"), delay=1000)
    abandoned = replace(resource(cloud), abandon=lambda session, want: done)
    session = Session(client=lambda service: None, wait_timeout=0)
    with pytest.raises(StackError) as told:
        reconcile(abandoned, session, {"name": "a", "state": "present"}, check_mode=False)
    assert str(told.value).startswith("thing: not done after 0 s (wait_timeout): its state is pending. ")
    assert str(told.value).endswith(done or "or raise wait_timeout.")


@pytest.mark.parametrize(("ended_by", "order"), [(KeyboardInterrupt, 1), (SystemExit, 1), (StackError, 0)])
def test_an_interrupted_wait_puts_in_order_but_one_that_is_in_vain_does_not(ended_by, order):
    abandoned = []

    def pending(thing):
        raise ended_by("in vain")

    session = Session(client=lambda service: None)
    thing = replace(resource(Cloud()), pending=pending, abandon=lambda session, want: abandoned.append(want))
    with pytest.raises(ended_by):
        reconcile(thing, session, {"name": "a", "state": "present"}, check_mode=False)
    assert len(abandoned) == order


def test_absent_waits_until_it_is_gone():
    cloud = Cloud(Thing("a", 5, "blue", "ready"))
    assert run(cloud, state="absent")["thing"] == {}
    assert run(cloud, state="absent")["changed"] is False


def test_faults_are_told_before_anything_is_read():
    cloud = Cloud()
    with pytest.raises(InvalidOptions, match=r"size: -1 is negative\. Give 0 or more\."):
        run(cloud, size=-1)
    assert cloud.reads == 0


def test_a_run_refuses_what_only_check_mode_knows():
    cloud = Cloud()
    assert run(cloud, check_mode=True, colour="(known after apply)")["changed"]
    with pytest.raises(InvalidOptions, match=r"colour: '\(known after apply\)' is not known before it is made"):
        run(cloud, colour="(known after apply)")
    assert cloud.writes == 0


def test_an_error_of_aws_names_the_change_and_the_remedy():
    cloud = Cloud()

    def refuse(session, change):
        raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, "CreateThing")

    cloud.put = refuse
    with pytest.raises(StackError, match=r"create thing a: .*UnauthorizedOperation.*IAM policy allow this action"):
        run(cloud)


def test_waits_grow_longer_and_end_with_the_deadline():
    slept: list[float] = []
    now = iter(range(0, 1000, 7))
    with pytest.raises(StackError, match="still cooking"):
        wait_until("dish", lambda: None, lambda _: "still cooking", 30, clock=lambda: next(now), sleep=slept.append)
    assert slept == sorted(slept)
    assert slept[0] == 0.5


def test_who_listens_hears_what_is_waited_for_each_time_that_it_changes(monkeypatch):
    heard: list[str] = []
    monkeypatch.setattr(waiting, "listener", heard.append)
    told = iter(["cold", "cold", "warm", "cold", None])
    wait_until("dish", lambda: None, lambda _: next(told), 30, sleep=lambda _: None)
    assert heard == ["dish: cold", "dish: warm", "dish: cold"]


def test_an_endpoint_that_nobody_serves_is_told_at_once():
    with pytest.raises(StackError, match=r"endpoint_url: 'http://127.0.0.1:1' can't be reached"):
        reach("http://127.0.0.1:1")


def test_pair_matches_by_key():
    wants, haves = [("a", 1), ("b", 1)], [("b", 2), ("c", 2)]
    assert list(pair(wants, haves, key=lambda item: item[0])) == [
        (("a", 1), None),
        (("b", 1), ("b", 2)),
        (None, ("c", 2)),
    ]


def test_what_a_change_needs_is_asked_before_the_first_write_and_never_in_check_mode():
    cloud = Cloud()

    def refuse(session, plan):
        raise StackError(f"no quota for {plan[0]}")

    refusing = replace(resource(cloud), preflight=refuse)
    params = {"name": "a", "state": "present", "size": 2}
    session = Session(client=lambda service: None)
    assert reconcile(refusing, session, params, check_mode=True)["changed"]
    with pytest.raises(StackError, match="no quota for create thing a"):
        reconcile(refusing, session, params, check_mode=False)
    assert cloud.writes == 0


PRESENT = {"name": "a", "state": "present"}


def test_what_a_run_made_whole_is_not_read_back():
    cloud = Cloud()
    told = replace(resource(cloud), made=lambda session, expected: replace(expected, state="ready"))
    result = reconcile(told, Session(client=lambda service: None), {**PRESENT, "size": 3}, check_mode=False)
    assert (result["thing"]["size"], result["thing"]["state"], cloud.reads) == (3, "ready", 1)


def test_what_is_made_but_not_ready_is_looked_at_again_as_cheaply_as_it_may_be():
    cloud, glances = Cloud(), []

    def again(session, want, seen):
        glances.append(seen.state)
        return replace(seen, state="ready")

    told = replace(resource(cloud), made=lambda session, expected: replace(expected, state="pending"), again=again)
    result = reconcile(told, Session(client=lambda service: None), PRESENT, check_mode=False)
    assert (result["thing"]["state"], glances, cloud.reads) == ("ready", ["pending"], 1)


def test_a_run_that_does_not_wait_says_what_is_left():
    def left(cloud, **hooks):
        session = Session(client=lambda service: None, wait=False)
        return reconcile(replace(resource(cloud), **hooks), session, PRESENT, check_mode=False)["pending"]

    def broken(thing):
        raise StackError("it has failed")

    assert left(Cloud(delay=1000)) == "its state is pending"
    assert left(Cloud(Thing("a", 5, "blue", "ready"))) is None
    assert left(Cloud(), pending=broken) == "it has failed"
    assert run(Cloud(delay=1))["pending"] is None, "one that waits leaves nothing"
    assert run(Cloud(delay=1), check_mode=True)["pending"] is None


def test_changes_of_one_turn_are_made_side_by_side_and_the_next_after_them():
    together, made = Barrier(2, timeout=10), []

    def make(session, change):
        if change.name in ("a", "b"):
            together.wait()  # breaks where one waits for the other
        made.append(change.name)

    things = replace(
        resource(Cloud(Thing("a", state="ready"))),
        plan=lambda want, have, params: tuple(Change("create", "thing", name, {}, {}) for name in "abc"),
        operations={("thing", "create"): make},
        turn=lambda change: change.name == "c",
    )
    reconcile(things, Session(client=lambda service: None), PRESENT, check_mode=False)
    assert (sorted(made[:2]), made[2:]) == (["a", "b"], ["c"])


def test_all_that_fails_in_one_turn_is_told():
    def refuse(session, change):
        raise StackError(f"no {change.name}.")

    things = replace(
        resource(Cloud()),
        plan=lambda want, have, params: tuple(Change("create", "thing", name, {}, {}) for name in "abc"),
        operations={("thing", "create"): refuse},
        turn=lambda change: change.name == "c",
    )
    with pytest.raises(StackError, match=r"^no a\. no b\.$"):
        reconcile(things, Session(client=lambda service: None), PRESENT, check_mode=False)


def test_a_run_that_does_not_wait_says_what_is_left_of_what_goes():
    cloud = Cloud(Thing("a", 5, "blue", "ready"))
    lingering = replace(resource(cloud), operations={("thing", "delete"): lambda session, change: None})
    session = Session(client=lambda service: None, wait=False)
    gone = {"name": "a", "state": "absent"}
    assert reconcile(lingering, session, gone, check_mode=False)["pending"] == "it is still there"
    assert reconcile(resource(cloud), session, gone, check_mode=False)["pending"] is None

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Read what is there, plan, apply the plan, wait until it is so: the one path that every module takes."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Generic, NoReturn, TypeVar

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session, clients
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan, diff
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import (
    Fault,
    InvalidOptions,
    StackError,
    TimedOut,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, Model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import settle

M = TypeVar("M", bound=Model)
Params = Mapping[str, Any]

COMMON_OPTIONS: dict[str, Any] = {
    "state": {"choices": ["present", "absent"], "default": "present"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 600},
}


@dataclass(frozen=True)
class Resource(Generic[M]):
    """All that a module is: its options, and what to do with them.

    ``name``        the module's name, and the key its facts are returned under
    ``options``     the argument spec, without COMMON_OPTIONS
    ``faults``      every option that can't be right, before AWS is asked anything
    ``desired``     the model that the options describe
    ``resolve``     the same with what AWS must be asked to know it, such as the AMI that a parameter names
    ``read``        the model that is there, or None
    ``plan``        the changes from what is there to what is wanted (None: absent)
    ``operations``  (kind, action) -> the function that makes the change
    ``ids``         the identifiers of what is there, by kind and name, for the operations
    ``preflight``   what has to hold before the first change is made; StackError where it doesn't. A check mode run
                    doesn't ask: what a change needs may itself be planned only
    ``turn``        changes that follow each other in the plan and have the same turn don't need each other
    ``made``        what a run has made whole, as its calls were answered, given what check mode would tell; None where
                    that has to be read
    ``again``       what is there now of what was seen before, while it is waited for
    ``pending``     what is there but not ready yet, in words, or None; StackError if it never will be
    ``corrections`` what has to change, from what is wanted (None: absent) and what is seen while it is waited for
    ``remaining``   what is still there of something that is being deleted, in words
    ``abandon``     what to do where the wait runs out or is interrupted; in words, what was done
    ``settled``     in check mode: what will be there once the plan is carried out
    """

    name: str
    options: Mapping[str, Any]
    faults: Callable[[Params], tuple[Fault, ...]]
    desired: Callable[[Params], M]
    read: Callable[[Session, M], M | None]
    plan: Callable[[M | None, M | None, Params], Plan]
    operations: Mapping[tuple[str, str], Operation]
    ids: Callable[[M], Mapping[tuple[str, str], str]] = lambda model: {}
    resolve: Callable[[Session, M], M] = lambda session, want: want
    preflight: Callable[[Session, Plan], None] = lambda session, plan: None
    turn: Callable[[Change], Hashable] = id
    made: Callable[[Session, M], M | None] = lambda session, expected: None
    again: Callable[[Session, M, M], M | None] | None = None
    pending: Callable[[M], str | None] = lambda model: None
    corrections: Callable[[M | None, M], Plan] = lambda want, seen: ()
    remaining: Callable[[M], str] = lambda model: "it is still there"
    abandon: Callable[[Session, M], str | None] = lambda session, want: None
    settled: Callable[[M, M | None], M] = settle


def reconcile(resource: Resource[M], session: Session, params: Params, *, check_mode: bool) -> dict[str, Any]:
    """Make the resource what ``params`` describe (in check mode: say what would change), and tell what is there."""
    faults = resource.faults(params) + (() if check_mode else _unknown(params))
    if faults:
        raise InvalidOptions(faults)
    want = resource.desired(params)
    if params["state"] != "absent":
        with explained(f"read what {resource.name} refers to"):
            want = resource.resolve(session, want)
    wanted = want if params["state"] != "absent" else None
    have = _read(resource, session, want)
    plan = resource.plan(wanted, have, params)
    if check_mode:
        seen = _expected(resource, wanted, have, plan)
    else:
        _apply(resource, session, plan, have)
        seen = _outcome(resource, session, want, wanted, have, changed=bool(plan))
    return {
        "changed": bool(plan),
        "diff": diff(plan),
        "plan": [str(change) for change in plan],
        "pending": None if check_mode else _left(resource, session, wanted, seen),
        resource.name: seen.facts() if seen else {},
    }


def _left(resource: Resource[M], session: Session, wanted: M | None, seen: M | None) -> str | None:
    """What a run that didn't wait leaves for one that does, in words. One that waits leaves nothing."""
    if session.wait:
        return None
    try:
        return "; ".join(session.left) or _missing(resource, wanted, seen)
    except StackError as error:  # it will never be ready: for who waits to fail on
        return str(error)


def _missing(resource: Resource[M], wanted: M | None, seen: M | None) -> str | None:
    """What keeps ``seen`` from being what is wanted (None: absent), in words."""
    if seen is None:
        return "it can't be seen yet" if wanted else None
    return resource.pending(seen) if wanted else resource.remaining(seen)


def _unknown(params: Params) -> tuple[Fault, ...]:
    """Options of a run that check mode made up: what they name is not there yet."""
    remedy = "Make what it names in the same run: a task or role before this one ran in check mode only"
    return tuple(
        Fault(option, KNOWN_AFTER_APPLY, "is not known before it is made", remedy)
        for option, value in params.items()
        if KNOWN_AFTER_APPLY in json.dumps(value, default=str)
    )


def _expected(resource: Resource[M], wanted: M | None, have: M | None, plan: Plan) -> M | None:
    """In check mode: what will be there. Without changes that is what is there."""
    if wanted is None:
        return None
    return resource.settled(wanted, have) if plan else have


def _read(resource: Resource[M], session: Session, want: M) -> M | None:
    with explained(f"read {resource.name}"):
        return resource.read(session, want)


def _apply(resource: Resource[M], session: Session, plan: Plan, have: M | None) -> None:
    session.ids.update(resource.ids(have) if have else {})
    with explained(f"prepare the changes of {resource.name}"):
        resource.preflight(session, plan)
    _carry_out(resource, session, plan)


def _carry_out(resource: Resource[M], session: Session, plan: Plan) -> None:
    """In the plan's order; neighbours of one turn side by side. Where one fails, those of its turn are still made."""
    for _, neighbours in groupby(plan, key=resource.turn):
        session.together(*(partial(_carry_out_one, resource, session, change) for change in neighbours))


def _carry_out_one(resource: Resource[M], session: Session, change: Change) -> None:
    with explained(str(change)):
        resource.operations[change.kind, change.action](session, change)


def _outcome(
    resource: Resource[M], session: Session, want: M, wanted: M | None, have: M | None, *, changed: bool
) -> M | None:
    """What is there now, once it is ready. What is known is not read: unchanged and ready, or made whole just now."""
    created = changed and have is None
    latest = resource.made(session, resource.settled(wanted, None)) if wanted and created else None

    def pending(seen: M | None) -> str | None:
        return _missing(resource, wanted, seen)

    def look() -> M | None:
        nonlocal latest
        latest = _look(resource, session, want, latest)
        _carry_out(resource, session, resource.corrections(wanted, latest) if latest else ())
        return latest

    if not session.wait:
        return latest or (_read(resource, session, want) if changed else have)
    if not changed and (have is None or pending(have) is None):
        return have
    if latest and pending(latest) is None:
        return latest
    try:
        return session.until(resource.name, look, pending)
    except (TimedOut, KeyboardInterrupt, SystemExit) as ended:
        with explained(f"abandon {resource.name}"):
            done = resource.abandon(session, want)
        if done and isinstance(ended, TimedOut):
            raise StackError(f"{ended.told} {done}") from ended
        raise


def _look(resource: Resource[M], session: Session, want: M, latest: M | None) -> M | None:
    if resource.again is None or latest is None:
        return _read(resource, session, want)
    with explained(f"read {resource.name}"):
        return resource.again(session, want, latest)


def run_watcher(returns: str, options: Mapping[str, Any], seen: Callable[[Session], Any]) -> None:
    """The main() of a module that only tells what is there: what ``seen`` returns, as ``returns``."""
    module = AnsibleAWSModule(argument_spec=options, supports_check_mode=True)
    given = {name: module.params[name] for name in ("wait", "wait_timeout") if name in options}
    try:
        told = seen(Session(clients(module), params=module.params, **given))
    except StackError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **{returns: told})


def _interrupted(signum: int, frame: Any) -> NoReturn:
    """Ansible ends a module that is interrupted with SIGTERM: what is waited for is left in order all the same."""
    raise SystemExit(128 + signum)


def run_module(resource: Resource[Any]) -> None:
    """The main() of every module."""
    module = AnsibleAWSModule(argument_spec={**COMMON_OPTIONS, **resource.options}, supports_check_mode=True)
    session = Session(
        client=clients(module),
        wait=module.params["wait"],
        wait_timeout=module.params["wait_timeout"],
        params=module.params,
    )
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        result = reconcile(resource, session, module.params, check_mode=module.check_mode)
    except StackError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Record a stack: its state while it runs, and at the end what AWS's own histories tell."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import stack_record as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import activities_since
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._drill import events
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.events import Event
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.log import Log
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.recording import Recorder
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import State, state
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, StackError

Params = Mapping[str, Any]


def faults(params: Params) -> tuple[Fault, ...]:
    """Every option that can't be right."""
    positive = ("interval", "duration")
    return tuple(Fault(name, params[name], "is no time", "Give more than 0") for name in positive if params[name] <= 0)


def run(session: Session, params: Params) -> dict[str, Any]:
    """The module's result; StackError where there is nothing to watch or no place to write it down."""
    if params["stop_file"] and Path(params["stop_file"]).exists():
        raise StackError(
            f"stop_file: {params['stop_file']!r} is there already: the record would end at once. Remove it."
        )
    with explained(f"read autoscaling group {params['autoscaling_group']}"):
        watched = api.stack(session, params["autoscaling_group"], params["db_instance"])
    try:
        log = Log(Path(params["log"]))
    except OSError as error:
        raise StackError(f"log: {params['log']!r} can't be written ({error}). Give a path in a directory.") from error
    with log:
        return _record(session, watched, params, log)


def _record(session: Session, watched: api.Stack, params: Params, log: Log) -> dict[str, Any]:
    since = datetime.now(UTC)
    log.write("recorder", time.time(), interval=params["interval"], **asdict(watched))
    recorder = Recorder(
        look=partial(_look, session, watched),
        met=partial(_met, session, log),
        log=log,
        interval=params["interval"],
        duration=params["duration"],
        stop_file=Path(params["stop_file"]) if params["stop_file"] else None,
        status_file=Path(params["status_file"]) if params["status_file"] else None,
    )
    signal.signal(signal.SIGTERM, lambda *_: recorder.stop())
    _write_nodes(session, watched, log)
    recorder.run()
    recorder.sample()
    told = list(_history(session, watched, since, log))
    for event in sorted(told, key=lambda event: event.at):
        log.write("event", **event.record())
    _write_nodes(session, watched, log)
    log.write("recorder_end", time.time(), **recorder.facts())
    return {"log": params["log"], "events": len(told), **recorder.facts()}


def _look(session: Session, watched: api.Stack) -> State:
    with explained(f"read the state of autoscaling group {watched.group}"):
        return state(*api.sample(session, watched))


def _met(session: Session, log: Log, instances: list[str]) -> None:
    with explained(f"read the names of {', '.join(instances)}"):
        for each in api.names(session, instances):
            log.write("names", time.time(), **each)


def _write_nodes(session: Session, watched: api.Stack, log: Log) -> None:
    """Where the load balancer's addresses are. The record is of use without."""
    try:
        with explained("read the load balancer's network interfaces"):
            log.write("nodes", time.time(), nodes=api.nodes(session, watched.load_balancers))
    except StackError as error:
        log.write("unknown", time.time(), source="nodes", cause=str(error))


def _history(session: Session, watched: api.Stack, since: datetime, log: Log) -> Iterable[Event]:
    """What each service says it did. One that does not answer, or may not be asked, is written down as unknown."""
    sources: dict[str, Callable[[], list[Event]]] = {
        events.AUTO_SCALING: lambda: events.activities(activities_since(session, watched.group, since)),
        events.REFRESH: lambda: events.refreshes(api.refreshes(session, watched.group, since)),
        events.FAULT: lambda: events.experiments(api.experiments(session, since)),
        events.SHIFT: lambda: _shifts(session, watched, since),
    }
    if watched.database:
        database = watched.database
        sources[events.DATABASE] = lambda: events.database_events(api.database_events(session, database, since))
    for source, read in sources.items():
        try:
            with explained(f"read the history of {source}"):
                yield from read()
        except StackError as error:
            log.write("unknown", time.time(), source=source, cause=str(error))


def _shifts(session: Session, watched: api.Stack, since: datetime) -> list[Event]:
    found = api.zonal_shifts(session, watched.load_balancers, since)
    return events.shifts(found, api.zone_names(session) if found else {})

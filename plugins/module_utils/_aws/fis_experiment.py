# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Fault Injection Service calls that start, follow and stop an experiment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.fis import named, put_tags, template_id
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment import Experiment, from_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template import NAME
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

KIND = "experiment"  # in session.ids: the experiment's id by its name


def resolve(session: Session, want: Experiment) -> Experiment:
    """With the id of the template that is wanted by name. Check mode may name one that is still to be made."""
    if want.template is None:
        return want
    return replace(want, template_id=template_id(session, want.template) or KNOWN_AFTER_APPLY)


def preflight(session: Session, plan: Plan) -> None:
    for change in plan:
        if change.after.get("template_id") == KNOWN_AFTER_APPLY:
            raise StackError(
                f"experiment {change.name}: there is no experiment template {change.want.template} in this account and "
                "region. Make it first (ha_stack.aws.fis_experiment_template), or correct the name."
            )


def read(session: Session, want: Experiment) -> Experiment | None:
    found = session.ids.get((KIND, want.name)) or _id_of(session, want.name)
    if found is None:
        return None
    experiment, targets = session.together(
        lambda: session.client("fis").get_experiment(id=found)["experiment"], lambda: _targets(session, found)
    )
    return from_api(experiment, targets, to_complete=want.state != "stopped")


def _id_of(session: Session, name: str) -> str | None:
    """The newest experiment of that name. FIS keeps experiments for 120 days."""
    found = named(session, "list_experiments", "experiments", name)
    return str(found[0]["id"]) if found else None


def _targets(session: Session, experiment: str) -> list[dict[str, Any]]:
    pages = session.client("fis").get_paginator("list_experiment_resolved_targets").paginate(experimentId=experiment)
    return [target for page in pages for target in page["resolvedTargets"]]


def start(session: Session, change: Change) -> None:
    """The name is the token too: a start that is asked for twice, by whomever, is one experiment."""
    started = session.client("fis").start_experiment(
        clientToken=change.name,
        experimentTemplateId=change.after["template_id"],
        tags={NAME: change.name, **change.after.get("tags", {})},
    )
    session.ids[KIND, change.name] = started["experiment"]["id"]


def update(session: Session, change: Change) -> None:
    if "state" in change.after:
        session.client("fis").stop_experiment(id=change.have.id)
    put_tags(session, change.have.arn, change)


def abandon(session: Session, want: Experiment) -> str | None:
    """Stop the experiment that is no longer waited for, where that is asked for; what was done, in words."""
    there = read(session, want) if session.params.get("stop_when_abandoned") else None
    if there is None or there.ended:
        return None
    session.client("fis").stop_experiment(id=there.id)
    return f"Experiment {there.id} was told to stop (stop_when_abandoned)."


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("experiment", "create"): start,
    ("experiment", "update"): update,
}

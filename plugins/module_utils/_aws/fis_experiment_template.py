# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Fault Injection Service calls behind an experiment template."""

from __future__ import annotations

import re

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.fis import put_tags, template_id
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template import (
    NAME,
    ExperimentTemplate,
    from_api,
    to_api,
)

GONE = "ResourceNotFoundException"
UNSEEN = re.compile(r"role.*(assume|exist|found)|assume.*role", re.IGNORECASE | re.DOTALL)


def read(session: Session, want: ExperimentTemplate) -> ExperimentTemplate | None:
    found = template_id(session, want.name)
    if found is None:
        return None
    with ignoring(GONE):
        return from_api(session.client("fis").get_experiment_template(id=found)["experimentTemplate"])
    return None


def create(session: Session, change: Change) -> None:
    """A role that was just made may not be seen, or not be assumed, for a moment."""
    client, own_tags = session.client("fis"), {NAME: change.name, **change.after.get("tags", {})}
    request = to_api(change.after)
    retried(
        lambda: client.create_experiment_template(tags=own_tags, **request),
        _role_unseen,
        min(PROPAGATION, session.wait_timeout),
    )


def update(session: Session, change: Change) -> None:
    if request := to_api(change.after):
        session.client("fis").update_experiment_template(id=change.have.id, **request)
    put_tags(session, change.have.arn, change)


def delete(session: Session, change: Change) -> None:
    with ignoring(GONE):
        session.client("fis").delete_experiment_template(id=change.have.id)


def _role_unseen(error: Exception) -> bool:
    return code(error) == "ValidationException" and bool(UNSEEN.search(str(error)))


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("experiment template", "create"): create,
    ("experiment template", "update"): update,
    ("experiment template", "delete"): delete,
}

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Auto Scaling calls that AWS refuses for a moment only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session

T = TypeVar("T")

# What a call is refused with while another is being carried out, or a first group's service-linked role is being made.
BUSY = frozenset({"ScalingActivityInProgress", "ResourceContention", "ServiceLinkedRoleFailure"})
# How AWS words that it has not seen a new instance profile or launch template yet, nor a role's right to publish to the
# target of a lifecycle hook; and that ten target groups are still being attached or detached.
UNSEEN = re.compile(
    r"invalid iam ?instance ?profile|launch template.*(does not exist|not found)|unable to publish test message"
    r"|too many load balancers/target groups at once",
    re.IGNORECASE,
)


def accepted(session: Session, call: Callable[[], T]) -> T:
    """What ``call`` returns once AWS isn't busy with the group and has seen what the call refers to."""
    return retried(
        call,
        lambda error: code(error) in BUSY or bool(UNSEEN.search(str(error))),
        min(PROPAGATION, session.wait_timeout),
    )


def call(session: Session, operation: str, **request: Any) -> None:
    """One call of Auto Scaling that changes something, by the name of boto3's method."""
    accepted(session, lambda: getattr(session.client("autoscaling"), operation)(**request))

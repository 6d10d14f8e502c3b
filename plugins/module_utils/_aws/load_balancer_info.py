# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that tell all of application load balancers."""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import target_group
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import targets
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import paginated
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.load_balancer_read import EVERYTHING, whole
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session


def read(session: Session) -> list[dict[str, Any]]:
    """For each load balancer its own calls, one a listener, and three for each of its target groups, side by side."""
    return session.together(*(partial(_facts, session, each) for each in _found(session, session.params["names"])))


def _found(session: Session, names: list[str] | None) -> list[dict[str, Any]]:
    """DescribeLoadBalancers fails as a whole where one name is unknown, so each is asked for by itself."""
    if names is None:
        everything = paginated(session, "describe_load_balancers", "LoadBalancers")
    else:
        asked = session.together(*(partial(_named, session, name) for name in names))
        everything = [balancer for found in asked for balancer in found]
    return [balancer for balancer in everything if balancer["Type"] == "application"]


def _named(session: Session, name: str) -> list[dict[str, Any]]:
    with ignoring("LoadBalancerNotFound"):
        return paginated(session, "describe_load_balancers", "LoadBalancers", Names=[name])
    return []


def _facts(session: Session, balancer: dict[str, Any]) -> dict[str, Any]:
    model, groups = session.together(
        partial(whole, session, balancer, EVERYTHING),
        partial(_target_groups, session, balancer["LoadBalancerArn"]),
    )
    return {**model.facts(), "target_groups": groups}


def _target_groups(session: Session, arn: str) -> list[dict[str, Any]]:
    groups = paginated(session, "describe_target_groups", "TargetGroups", LoadBalancerArn=arn)
    found = session.together(*(partial(_target_group, session, group) for group in groups))
    return sorted(found, key=lambda group: str(group["name"]))


def _target_group(session: Session, group: dict[str, Any]) -> dict[str, Any]:
    model, health = session.together(
        partial(target_group.whole, session, group, targets=False), partial(targets, session, group["TargetGroupArn"])
    )
    return {**model.facts(), "targets": [_target(each) for each in health]}


def _target(described: dict[str, Any]) -> dict[str, Any]:
    """Of a TargetHealthDescription."""
    target, health = described["Target"], described["TargetHealth"]
    return {
        "id": target["Id"],
        "port": target.get("Port"),
        "availability_zone": target.get("AvailabilityZone"),
        "state": health["State"],
        "reason": health.get("Reason"),
        "description": health.get("Description"),
    }

"""Zones where EC2 has no capacity for some of its callers, as FIS's insufficient-capacity actions bring it about.

AWS FIS User Guide, "aws:ec2:asg-insufficient-instance-capacity-error": InsufficientInstanceCapacity answers the given
percentage of the launch requests that the target Auto Scaling groups make in the given Availability Zones.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.ec2.exceptions import EC2ClientError


@dataclass
class Shortage:
    zones: frozenset[str]  # names ("us-east-1a") or ids ("use1-az1")
    percentage: int
    callers: frozenset[str]  # ARNs of Auto Scaling groups
    owed: int = 0  # percent of a refusal: so exactly the percentage of any hundred requests is refused

    def refuses(self) -> bool:
        self.owed += self.percentage
        if self.owed < 100:
            return False
        self.owed -= 100
        return True


_shortages: dict[str, Shortage] = {}  # token -> shortage; the process is one region


def refuse(*, zones: Iterable[str], resources: Iterable[str], percentage: int = 100) -> str:
    """Refuse launches of ``resources`` (ARNs of Auto Scaling groups) in ``zones`` (names or ids) until ``restore``.

    The answer is the token for ``restore``.
    """
    token = str(uuid.uuid4())
    _shortages[token] = Shortage(frozenset(zones), percentage, frozenset(resources))
    return token


def restore(token: str) -> None:
    """Launches succeed again; a token that is not known any more is no error."""
    _shortages.pop(token, None)


def check(ec2: Any, caller: str, zone: str, instance_type: str) -> None:
    """Raises InsufficientInstanceCapacity when ``caller``'s request for a launch in ``zone`` is to fail."""
    names = {each.name: each.zone_id for each in ec2.describe_availability_zones()}
    called = {zone, names.get(zone, zone)}
    concerned = [each for each in _shortages.values() if caller in each.callers and called & each.zones]
    if sum(each.refuses() for each in concerned):  # every one counts the request
        raise EC2ClientError("InsufficientInstanceCapacity", _message(instance_type, zone, sorted(names)))


def _message(instance_type: str, zone: str, zones: list[str]) -> str:
    """In EC2's words."""
    others = ", ".join(each for each in zones if each != zone)
    return (
        f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested "
        f"({zone}). Our system will be working on provisioning additional capacity. "
        f"You can currently get {instance_type} capacity by not specifying an Availability Zone in your request or "
        f"choosing {others}."
    )

"""What moto finds by looking at everything there is, found by its key: an account with fifty stacks answers as fast as
one with one."""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.instances import Instance, InstanceBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

from local_region.control.patching import Replacement, around


@around(TaggedEC2Resource, "get_tags")
def tags_of_one(original: Replacement, self: Any) -> list[dict[str, str]]:
    """moto compares a pattern with every tag of the account, for every resource that a filter on tags looks at."""
    tags = self.ec2_backend.tags.get(self.id, {}) if self.id else {}
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "") if tags else ""
    return [{"resource_id": self.id, "key": key, "value": tags[key], "resource_type": kind} for key in tags]


@around(InstanceBackend, "get_instance")
def one_instance(original: Replacement, self: Any, instance_id: str) -> Instance:
    """moto copies every reservation first."""
    for reservation in self.reservations.values():
        for instance in reservation.instances:
            if instance.id == instance_id:
                found: Instance = instance
                return found
    raise InvalidInstanceIdError(instance_id)

"""What is found by its key is what moto finds by looking at everything."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models import EC2Backend

import local_region.control.lookups  # noqa: F401

TAGS = {"Name": "goals", "stack": "a.b*c"}


@pytest.fixture
def ec2() -> EC2Backend:
    return EC2Backend("us-east-1", "123456789012")


@pytest.mark.parametrize("tags", [TAGS, {}])
def test_a_resources_tags(ec2: EC2Backend, tags: dict[str, str]) -> None:
    vpc, other = ec2.create_vpc("10.0.0.0/16"), ec2.create_vpc("10.1.0.0/16")
    if tags:
        ec2.create_tags([vpc.id], tags)
    ec2.create_tags([other.id], {"Name": "other"})
    assert vpc.get_tags() == ec2.describe_tags(filters={"resource-id": [vpc.id]})
    assert {each["key"]: each["value"] for each in vpc.get_tags()} == tags
    assert {each["resource_type"] for each in vpc.get_tags()} == ({"vpc"} if tags else set())


def test_an_instance(ec2: EC2Backend) -> None:
    first, second = SimpleNamespace(id="i-1"), SimpleNamespace(id="i-2")
    ec2.reservations = {"r-1": SimpleNamespace(instances=[first]), "r-2": SimpleNamespace(instances=[second])}
    assert [ec2.get_instance(each) for each in ("i-2", "i-1")] == [second, first]
    with pytest.raises(InvalidInstanceIdError):
        ec2.get_instance("i-3")

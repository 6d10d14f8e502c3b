"""Zones without capacity: exactly the launches that were to be refused are."""

import pytest
from moto.ec2.exceptions import EC2ClientError

from local_region.control import capacity

GROUP = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1:autoScalingGroupName/backend"


class Zone:
    def __init__(self, name, zone_id):
        self.name, self.zone_id = name, zone_id


class Ec2:
    def describe_availability_zones(self):
        return [Zone("us-east-1a", "use1-az1"), Zone("us-east-1b", "use1-az2")]


def refused(caller=GROUP, zone="us-east-1a"):
    try:
        capacity.check(Ec2(), caller, zone, "t3.micro")
    except EC2ClientError:
        return True
    return False


def test_the_refusal_is_ec2s_own():
    token = capacity.refuse(zones=["us-east-1a"], resources=[GROUP])
    with pytest.raises(EC2ClientError) as error:
        capacity.check(Ec2(), GROUP, "us-east-1a", "t3.micro")
    capacity.restore(token)
    assert error.value.code == "InsufficientInstanceCapacity"
    start = "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a)."
    assert error.value.message.startswith(start)
    assert error.value.message.endswith("choosing us-east-1b.")


@pytest.mark.parametrize("named", ["us-east-1a", "use1-az1"])
def test_a_zone_is_named_or_known_by_its_id(named):
    token = capacity.refuse(zones=[named], resources=[GROUP])
    assert refused()
    assert not refused(zone="us-east-1b")
    assert not refused(caller="another")
    capacity.restore(token)
    assert not refused()


@pytest.mark.parametrize("percentage", [1, 30, 50, 100])
def test_of_a_hundred_launches_the_percentage_is_refused(percentage):
    token = capacity.refuse(zones=["us-east-1a"], resources=[GROUP], percentage=percentage)
    assert sum(refused() for _ in range(100)) == percentage
    capacity.restore(token)


def test_restoring_twice_is_no_error():
    token = capacity.refuse(zones=["us-east-1a"], resources=[GROUP])
    capacity.restore(token)
    capacity.restore(token)

"""The zonal shift API of a load balancer, with the refusals that AWS makes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.integration.region.regions import refused

ENABLED = "zonal_shift.config.enabled"


@pytest.fixture
def shifts(region):
    return region.client("arc-zonal-shift")


@pytest.fixture
def balancer(elbv2, network):
    made = elbv2.create_load_balancer(Name="shifted", Subnets=network.subnets, SecurityGroups=[network.group])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": ENABLED, "Value": "true"}])
    yield arn
    elbv2.delete_load_balancer(LoadBalancerArn=arn)


def start(shifts, arn, **changed):
    asked = {"resourceIdentifier": arn, "awayFrom": "use1-az1", "expiresIn": "30m", "comment": "drill"}
    return shifts.start_zonal_shift(**{**asked, **changed})


def test_a_shift_is_told_and_ends_when_it_is_cancelled(shifts, balancer):
    managed = shifts.get_managed_resource(resourceIdentifier=balancer)
    zones = sorted(managed["appliedWeights"])
    assert managed["appliedWeights"] == dict.fromkeys(zones, 1.0)
    assert managed["zonalShifts"] == []
    shift = start(shifts, balancer, awayFrom=zones[0])
    assert (shift["status"], shift["awayFrom"], shift["resourceIdentifier"]) == ("ACTIVE", zones[0], balancer)
    assert shift["expiryTime"] - shift["startTime"] == timedelta(minutes=30)
    managed = shifts.get_managed_resource(resourceIdentifier=balancer)
    assert managed["appliedWeights"] == {zones[0]: 0.0, zones[1]: 1.0}
    assert [(s["zonalShiftId"], s["appliedStatus"]) for s in managed["zonalShifts"]] == [
        (shift["zonalShiftId"], "APPLIED")
    ]
    longer = shifts.update_zonal_shift(zonalShiftId=shift["zonalShiftId"], expiresIn="2h", comment="longer")
    assert longer["comment"] == "longer"
    assert longer["expiryTime"] > shift["expiryTime"]
    ended = shifts.cancel_zonal_shift(zonalShiftId=shift["zonalShiftId"])
    assert ended["status"] == "CANCELED"
    listed = shifts.list_zonal_shifts(resourceIdentifier=balancer, status="CANCELED")["items"]
    assert [each["zonalShiftId"] for each in listed] == [shift["zonalShiftId"]]
    assert shifts.list_zonal_shifts(resourceIdentifier=balancer, status="ACTIVE")["items"] == []
    assert shifts.get_managed_resource(resourceIdentifier=balancer)["appliedWeights"] == managed["appliedWeights"] | {
        zones[0]: 1.0
    }
    assert "only an active one" in refused(
        lambda: shifts.cancel_zonal_shift(zonalShiftId=shift["zonalShiftId"]), "ConflictException"
    )


def test_what_is_refused(shifts, elbv2, balancer):
    zone = next(iter(shifts.get_managed_resource(resourceIdentifier=balancer)["appliedWeights"]))
    refused(lambda: start(shifts, balancer, awayFrom="use1-az9"), "ValidationException")
    refused(lambda: start(shifts, balancer, awayFrom=zone, expiresIn="73h"), "ValidationException")
    refused(lambda: start(shifts, balancer, awayFrom=zone, expiresIn="soon"), "ValidationException")
    refused(lambda: shifts.cancel_zonal_shift(zonalShiftId="0" * 36), "ResourceNotFoundException")
    first = start(shifts, balancer, awayFrom=zone)
    with pytest.raises(shifts.exceptions.ConflictException) as again:
        start(shifts, balancer, awayFrom=zone)
    assert again.value.response["reason"] == "ZonalShiftAlreadyExists"
    assert again.value.response["zonalShiftId"] == first["zonalShiftId"]
    assert again.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_a_load_balancer_is_managed_while_it_says_so(shifts, elbv2, balancer):
    def managed():
        return [each["arn"] for each in shifts.list_managed_resources()["items"]]

    assert balancer in managed()
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[{"Key": ENABLED, "Value": "false"}])
    assert balancer not in managed()
    refused(lambda: start(shifts, balancer), "ResourceNotFoundException")
    refused(
        lambda: shifts.start_practice_run(resourceIdentifier=balancer, awayFrom="use1-az1", comment=""),
        "NotImplemented",
    )

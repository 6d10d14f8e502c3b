"""A program as inside.py, for load balancing: what reaches the data plane."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_region.control import zonal_shifts
from local_region.control.load_balancing import target_groups
from local_region.plane.docker.ca import Authority
from tests.integration.region.inside import Inside, outcome
from tests.integration.region.regions import REGION


def zonal_shift_reaches_the_world(region: Inside) -> None:
    """While a shift is in effect, and no longer, the load balancer's zone is one to stay away from."""
    elbv2, shifts = region.client("elbv2"), region.client("arc-zonal-shift")
    arn = elbv2.create_load_balancer(Name="lb", Subnets=region.network.subnets)["LoadBalancers"][0]["LoadBalancerArn"]

    def away() -> tuple[str, ...]:
        region.turn()
        return region.plane.world.load_balancers[0].zones_away

    enabled = [{"Key": "zonal_shift.config.enabled", "Value": "true"}]
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=enabled)
    zone = f"{REGION}a"
    experiment = zonal_shifts.start(region.loop.backends, arn, zone, "30m", "drill", "FIS_EXPERIMENT")
    assert away() == (zone,)
    with pytest.raises(shifts.exceptions.ValidationException) as refusal:
        shifts.cancel_zonal_shift(zonalShiftId=experiment.id)
    assert refusal.value.response["reason"] == "FISExperimentUpdateNotAllowed"
    names = {s["AvailabilityZone"]: s["AvailabilityZoneId"] for s in region.client("ec2").describe_subnets()["Subnets"]}
    own = shifts.start_zonal_shift(
        resourceIdentifier=arn, awayFrom=names[f"{REGION}b"], expiresIn="1m", comment="takes precedence"
    )
    assert away() == (f"{REGION}b",)
    told = shifts.get_managed_resource(resourceIdentifier=arn)["zonalShifts"]
    assert {each["shiftType"]: each["appliedStatus"] for each in told} == {
        "ZONAL_SHIFT": "APPLIED", "FIS_EXPERIMENT": "NOT_APPLIED",
    }  # fmt: skip
    region.loop.backends.zonal_shifts[own["zonalShiftId"]].expires = datetime.now(UTC)
    assert away() == (zone,)
    assert shifts.list_zonal_shifts(status="EXPIRED")["items"][0]["zonalShiftId"] == own["zonalShiftId"]
    zonal_shifts.cancel(region.loop.backends, experiment.id)
    assert away() == ()


def attributes_and_certificates_reach_the_world(region: Inside) -> None:
    """What a load balancer's listeners and attributes ask of its bodies; a deregistered target stays a while."""
    elbv2, acm = region.client("elbv2"), region.client("acm")
    with tempfile.TemporaryDirectory() as folder:
        issued = Authority(Path(folder) / "secrets", Path(folder) / "ca.crt", "t").issue(
            "own.example", "www.own.example"
        )
    imported = acm.import_certificate(Certificate=issued.certificate, PrivateKey=issued.key)["CertificateArn"]
    requested = acm.request_certificate(DomainName="amazon.example")["CertificateArn"]
    group = elbv2.create_target_group(Name="tg", Protocol="HTTPS", Port=8443, VpcId=region.network.vpc)
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    lb = elbv2.create_load_balancer(Name="lb", Subnets=region.network.subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elbv2.create_listener(
        LoadBalancerArn=lb, Port=443, Protocol="HTTPS", Certificates=[{"CertificateArn": imported}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )["Listeners"][0]["ListenerArn"]  # fmt: skip
    elbv2.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": requested}])
    of_lb = {"idle_timeout.timeout_seconds": "30", "client_keep_alive.seconds": "600", "routing.http2.enabled": "false"}
    of_lb["routing.http.xff_header_processing.mode"] = "remove"
    of_group = {
        "slow_start.duration_seconds": "45", "stickiness.enabled": "true", "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "90", "load_balancing.cross_zone.enabled": "false",
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "2",
        "target_group_health.dns_failover.minimum_healthy_targets.count": "3",
    }  # fmt: skip
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=lb, Attributes=pairs(of_lb))
    elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=pairs(of_group))
    name = region.launch()
    region.turn(2, instances={name: "running"})
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": name}])
    region.turn()
    (seen,), (balancer,) = region.plane.world.target_groups, region.plane.world.load_balancers
    assert (seen.protocol, seen.slow_start, seen.cookie_seconds, seen.cross_zone) == ("HTTPS", 45, 90, False)
    assert (seen.routing_minimum, seen.dns_minimum) == (2, 3)
    assert [(t.id, t.port, t.zone) for t in seen.targets] == [(name, 8443, f"{REGION}a")]
    assert (balancer.idle_timeout, balancer.client_keep_alive, balancer.http2) == (30, 600, False)
    assert balancer.forwarded_for == "remove"
    own, amazons = balancer.listeners[0].certificates
    assert (own.arn, set(own.names)) == (imported, {"own.example", "www.own.example"})
    assert own.pem == issued.certificate + issued.key
    assert (amazons.arn, amazons.names, amazons.pem) == (requested, ("amazon.example",), None)
    elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": name}])
    with region.api.lock:
        draining = next(target_groups(region.loop.backends))
    assert (draining.targets, draining.draining) == ((), seen.targets)


def pairs(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in attributes.items()]


SCENARIOS = {
    each.__name__: each for each in (zonal_shift_reaches_the_world, attributes_and_certificates_reach_the_world)
}


if __name__ == "__main__":
    print(json.dumps({name: outcome(scenario) for name, scenario in SCENARIOS.items()}))

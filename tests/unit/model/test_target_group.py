"""What can't be right about a target group, and what AWS's answers mean."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import target_group as model

GIVEN = {"name": "goals", "vpc_id": "vpc-1", "port": 8000}


def options(**given):
    everything = {option: spec.get("default") for option, spec in model.OPTIONS.items()}
    return {**everything, "state": "present", **GIVEN, **given}


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"vpc_id": None, "port": None}, ["vpc_id", "port"], id="missing"),
        pytest.param({"vpc_id": None, "port": None, "state": "absent"}, [], id="absent needs a name alone"),
        pytest.param({"name": "a" * 33}, ["name"], id="too long"),
        pytest.param({"name": "goals_web"}, ["name"], id="underscore"),
        pytest.param({"name": "goals-"}, ["name"], id="hyphen last"),
        pytest.param({"port": 65536}, ["port"], id="port"),
        pytest.param({"health_check_interval": 4}, ["health_check_interval"], id="interval"),
        pytest.param({"health_check_timeout": 1}, ["health_check_timeout"], id="timeout"),
        pytest.param(
            {"health_check_interval": 5, "health_check_timeout": 5}, ["health_check_timeout"], id="timeout too long"
        ),
        pytest.param({"healthy_threshold": 1, "unhealthy_threshold": 11}, ["healthy_threshold", "unhealthy_threshold"]),
        pytest.param({"health_check_path": "health"}, ["health_check_path"], id="path"),
        pytest.param({"health_check_port": "65536"}, ["health_check_port"], id="health check port"),
        pytest.param({"health_check_port": "traffic-port"}, [], id="traffic-port"),
        pytest.param({"success_codes": "200-299,301"}, [], id="codes"),
        pytest.param({"success_codes": "2xx"}, ["success_codes"], id="no codes"),
        pytest.param({"deregistration_delay": 3601}, ["deregistration_delay"], id="delay"),
        pytest.param({"slow_start": 0}, [], id="no slow start"),
        pytest.param({"slow_start": 10}, ["slow_start"], id="slow start"),
        pytest.param(
            {"slow_start": 60, "load_balancing_algorithm": "least_outstanding_requests"}, ["slow_start"], id="in turn"
        ),
        pytest.param({"stickiness_duration": 0}, ["stickiness_duration"], id="stickiness"),
        pytest.param({"stickiness_type": "app_cookie"}, ["stickiness_app_cookie_name"], id="no cookie"),
        pytest.param({"stickiness_app_cookie_name": "AWSALB"}, ["stickiness_app_cookie_name"], id="ELB's own cookie"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in model.faults(options(**given))] == faulty


def test_from_api_gives_attributes_their_types():
    group = {
        "TargetGroupName": "goals",
        "TargetGroupArn": "arn:tg",
        "Port": 8000,
        "VpcId": "vpc-1",
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": ["arn:b", "arn:a"],
    }
    attributes = [
        {"Key": "stickiness.enabled", "Value": "false"},
        {"Key": "slow_start.duration_seconds", "Value": "0"},
        {"Key": "load_balancing.algorithm.type", "Value": "round_robin"},
        {"Key": "load_balancing.cross_zone.enabled", "Value": "use_load_balancer_configuration"},
    ]
    seen = model.from_api(group, attributes, [{"Key": "aws:own", "Value": "x"}, {"Key": "stack", "Value": "goals"}])
    assert (seen.stickiness_enabled, seen.slow_start, seen.load_balancing_algorithm) == (False, 0, "round_robin")
    assert (seen.success_codes, seen.tags, seen.load_balancer_arns) == ("200", {"stack": "goals"}, ("arn:a", "arn:b"))

"""What a stack that is there may be asked for besides."""

from __future__ import annotations

import json
import re

from tests.integration.site.conftest import NAME


def listeners(region):
    elbv2 = region.aws("elbv2")
    (balancer,) = elbv2.describe_load_balancers(Names=[NAME])["LoadBalancers"]
    found = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    return {each["Port"]: each for each in found}


def open_ports(region):
    groups = region.aws("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{NAME}-alb"]}])
    return sorted(rule["FromPort"] for rule in groups["SecurityGroups"][0]["IpPermissions"])


def test_a_stack_takes_a_certificate_and_gives_it_back(region, built):
    plain = listeners(region)
    certificate = region.aws("acm").request_certificate(DomainName="api.example")["CertificateArn"]
    secure = ("-e", f"backend_certificate_arn={certificate}", "-e", "backend_domain=api.example")
    done = region.site(*secure)
    assert done.returncode == 0, done.messages()
    assert done.plan()[:3] == [
        f"create rule {NAME}-alb ingress tcp 443 from 0.0.0.0/0",
        f"create listener 443 of {NAME}",
        f"update listener 80 of {NAME}",
    ], "who is redirected finds it there"
    assert done.plan()[3:] == ["update object config.js", "update object index.html"], "the page asks there"
    assert done.tasks[-1].result["msg"]["api"] == "https://api.example"
    there = listeners(region)
    assert there[80]["ListenerArn"] == plain[80]["ListenerArn"]
    assert there[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    assert there[443]["Certificates"] == [{"CertificateArn": certificate}]
    assert open_ports(region) == [80, 443]

    again = region.site(*secure)
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()
    back = region.site()
    assert back.returncode == 0, back.messages()
    assert (listeners(region).keys(), open_ports(region)) == ({80}, [80])
    assert back.plan()[0] == f"update listener 80 of {NAME}"
    assert back.plan()[-1] == f"delete rule {NAME}-alb ingress tcp 443 from 0.0.0.0/0", "nobody is redirected there now"


def test_a_port_that_cannot_change_closes_no_way(region, built):
    """The target group refuses it; what is in use meanwhile stays open, and the next run takes away what was opened."""
    refused = region.site("-e", "backend_port=9000")
    assert "port is 8000, wanted 9000" in refused.messages()
    opened = [
        f"rule {NAME}-alb egress tcp 9000 to {NAME}-backend",
        f"rule {NAME}-backend ingress tcp 9000 from {NAME}-alb",
    ]
    assert refused.plan() == [f"create {rule}" for rule in opened]
    back = region.site()
    assert back.returncode == 0, back.messages()
    assert back.plan() == [f"delete {rule}" for rule in opened]
    again = region.site()
    assert (again.returncode, again.stats["changed"]) == (0, 0), again.messages()


def test_what_scales_the_group_is_put_and_taken_away(region, built):
    autoscaling = region.aws("autoscaling")
    night = {"name": "night", "min_size": 2, "max_size": 2, "recurrence": "0 22 * * *"}
    wish = {"backend_requests_per_target": 1000, "backend_scheduled_actions": [night]}
    done = region.site("-e", json.dumps(wish))
    assert done.plan() == [f"create scaling policy requests of {NAME}", f"create scheduled action night of {NAME}"], (
        done.messages()
    )
    (policy,) = autoscaling.describe_policies(AutoScalingGroupName=NAME)["ScalingPolicies"]
    metric = policy["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]
    assert re.fullmatch(rf"app/{NAME}/\w+/targetgroup/{NAME}/\w+", metric["ResourceLabel"])
    again = region.site("-e", json.dumps(wish))
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()
    gone = region.site("-e", '{"backend_scaling_policies": [], "backend_scheduled_actions": []}')
    assert sorted(gone.plan()) == [
        f"delete scaling policy requests of {NAME}",
        f"delete scheduled action night of {NAME}",
    ]


def test_people_see_how_clients_are_served(region, built):
    cloudwatch, topic = region.aws("cloudwatch"), "arn:aws:sns:us-east-1:123456789012:people"
    watched = {"backend_dashboard": True, "backend_alarm_errors": 10, "backend_alarm_response_time": 0.5}
    told = ("-e", json.dumps({**watched, "backend_alarm_actions": [topic]}))
    names = [f"{NAME}-errors", f"{NAME}-load-balancer-errors", f"{NAME}-response-time"]
    checked, done = region.site(*told, check=True), region.site(*told)
    assert done.plan() == [
        f"update alarm {NAME}-unhealthy",
        *(f"create alarm {name}" for name in names),
        f"create dashboard {NAME}",
    ], done.messages()
    assert checked.plan() == done.plan()
    again = region.site(*told)
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()

    alarms = cloudwatch.describe_alarms(AlarmNames=[*names, f"{NAME}-unhealthy"])["MetricAlarms"]
    assert [(each["AlarmActions"], each["OKActions"]) for each in alarms] == [([topic], [topic])] * 4
    body = json.loads(cloudwatch.get_dashboard(DashboardName=NAME)["DashboardBody"])
    first, *graphs = body["widgets"]
    assert sorted(first["properties"]["alarms"]) == sorted(each["AlarmArn"] for each in alarms)
    spaces = {metric[0] for graph in graphs for metric in graph["properties"]["metrics"]}
    assert spaces == {"AWS/ApplicationELB", "AWS/EC2", "AWS/RDS"}
    assert {graph["properties"]["region"] for graph in graphs} == {"us-east-1"}
    of = {(each["Name"], each["Value"]) for alarm in alarms for each in alarm["Dimensions"]}
    shown = {
        pair
        for graph in graphs
        for metric in graph["properties"]["metrics"]
        for pair in zip(metric[2:-1:2], metric[3:-1:2], strict=True)
    }
    assert shown == of | {("AutoScalingGroupName", NAME), ("DBInstanceIdentifier", NAME)}

    gone = region.site(
        "-e", '{"backend_dashboard": false, "backend_alarm_errors": 0, "backend_alarm_response_time": 0}'
    )
    assert gone.plan() == [*(f"delete alarm {name}" for name in names), f"delete dashboard {NAME}"], gone.messages()

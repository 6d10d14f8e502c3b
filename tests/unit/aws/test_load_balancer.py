"""What is sent to Elastic Load Balancing for a load balancer, checked against the service's own model."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import elbv2
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import load_balancer as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import Listener, Rule
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer import LoadBalancer
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.load_balancer import plan

from tests.support.stubbed import stubbed

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/goals/50dc6c495c0c9188"
LISTENER, RULE, BLUE = "arn:listener", "arn:rule", "arn:aws:elb:us-east-1:1:targetgroup/blue/1"
TO_BLUE = ({"forward": {"target_group": "blue"}},)
SENT_TO_BLUE = [{"Type": "forward", "TargetGroupArn": BLUE}]
PATH = ({"field": "path-pattern", "values": ["/x"]},)
SENT_PATH = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x"]}}]
BALANCER = {
    "LoadBalancerName": "goals",
    "LoadBalancerArn": ARN,
    "DNSName": "goals.example",
    "State": {"Code": "active"},
}


def have(*listeners, **more):
    return LoadBalancer("goals", arn=ARN, state="active", listeners=listeners, **more)


def applied(want, there, expect):
    """Carry out the plan from ``there`` to ``want``; ``expect`` tells the stub what calls it will see."""
    params = {"name": "goals", "purge_tags": True, "deletion_protection": False}
    with stubbed("elbv2", **params) as (session, stub):
        expect(stub)
        made = plan(want, there, params)
        session.ids.update(api.ids(there) if there else {})
        api.preflight(session, made)
        for change in made:
            api.OPERATIONS[change.kind, change.action](session, change)


def found(stub, *names):
    groups = [{"TargetGroupName": name, "TargetGroupArn": BLUE.replace("blue", name)} for name in names]
    stub.add_response("describe_target_groups", {"TargetGroups": groups}, {"Names": list(names)})


def test_create_finds_the_target_groups_first_and_puts_attributes_at_once():
    want = LoadBalancer(
        "goals",
        subnet_ids=("subnet-1", "subnet-2"),
        security_group_ids=("sg-1",),
        idle_timeout=30,
        http2=False,
        tags={"stack": "goals"},
        listeners=(Listener(443, "HTTPS", "arn:cert", "policy", TO_BLUE, {"a": "1"}, (Rule(10, PATH, TO_BLUE),)),),
    )

    def expect(stub):
        found(stub, "blue")
        sent = {
            "Name": "goals",
            "Type": "application",
            "Scheme": "internet-facing",
            "Subnets": ["subnet-1", "subnet-2"],
            "SecurityGroups": ["sg-1"],
            "Tags": [{"Key": "stack", "Value": "goals"}],
        }
        stub.add_response("create_load_balancer", {"LoadBalancers": [BALANCER]}, sent)
        attributes = [
            {"Key": "idle_timeout.timeout_seconds", "Value": "30"},
            {"Key": "routing.http2.enabled", "Value": "false"},
        ]
        stub.add_response("modify_load_balancer_attributes", {}, {"LoadBalancerArn": ARN, "Attributes": attributes})
        sent = {
            "LoadBalancerArn": ARN,
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": "arn:cert"}],
            "SslPolicy": "policy",
            "DefaultActions": SENT_TO_BLUE,
            "Tags": [{"Key": "a", "Value": "1"}],
        }
        stub.add_response("create_listener", {"Listeners": [{"ListenerArn": LISTENER}]}, sent)
        sent = {"ListenerArn": LISTENER, "Priority": 10, "Conditions": SENT_PATH, "Actions": SENT_TO_BLUE}
        stub.add_response("create_rule", {}, sent)

    applied(want, None, expect)


def test_update_sends_what_differs_and_no_more():
    there = have(
        Listener(80, "HTTP", None, None, (), {"a": "1"}, (Rule(10, PATH, (), arn=RULE),), arn=LISTENER),
        Listener(81, arn="arn:other"),
        subnet_ids=("subnet-1", "subnet-2"),
        ip_address_type="ipv4",
        security_group_ids=("sg-1",),
        tags={"a": "1"},
    )
    want = LoadBalancer(
        "goals",
        subnet_ids=("subnet-1", "subnet-3"),
        security_group_ids=("sg-2",),
        ip_address_type="dualstack",
        tags={},
        listeners=(Listener(80, "HTTP", default_actions=TO_BLUE, tags={"b": "2"}, rules=(Rule(10, PATH, TO_BLUE),)),),
    )

    def expect(stub):
        found(stub, "blue")
        stub.add_response("set_subnets", {}, {"LoadBalancerArn": ARN, "Subnets": ["subnet-1", "subnet-3"]})
        stub.add_response("set_security_groups", {}, {"LoadBalancerArn": ARN, "SecurityGroups": ["sg-2"]})
        stub.add_response("set_ip_address_type", {}, {"LoadBalancerArn": ARN, "IpAddressType": "dualstack"})
        stub.add_response("remove_tags", {}, {"ResourceArns": [ARN], "TagKeys": ["a"]})
        stub.add_response("modify_listener", {}, {"ListenerArn": LISTENER, "DefaultActions": SENT_TO_BLUE})
        stub.add_response("add_tags", {}, {"ResourceArns": [LISTENER], "Tags": [{"Key": "b", "Value": "2"}]})
        stub.add_response("remove_tags", {}, {"ResourceArns": [LISTENER], "TagKeys": ["a"]})
        stub.add_response("modify_rule", {}, {"RuleArn": RULE, "Actions": SENT_TO_BLUE})
        stub.add_response("delete_listener", {}, {"ListenerArn": "arn:other"})

    applied(want, there, expect)


@pytest.mark.parametrize(
    ("want", "sent"),
    [
        ({"access_logs_prefix": "new"}, {"enabled": "true", "bucket": "logs", "prefix": "new"}),
        ({"access_logs_prefix": ""}, {"enabled": "true", "bucket": "logs", "prefix": ""}),
        ({"access_logs_bucket": "more"}, {"enabled": "true", "bucket": "more", "prefix": "old"}),
        ({"access_logs": False}, {"enabled": "false"}),
        ({"connection_logs_prefix": "new"}, None),
    ],
)
def test_where_a_log_goes_that_is_on_is_sent_as_a_whole(want, sent):
    logs = {"access_logs": True, "access_logs_bucket": "logs", "access_logs_prefix": "old", "connection_logs": False}
    attributes = [{"Key": f"access_logs.s3.{key}", "Value": value} for key, value in (sent or {}).items()]
    attributes = attributes or [{"Key": "connection_logs.s3.prefix", "Value": "new"}]
    request = {"LoadBalancerArn": ARN, "Attributes": attributes}
    applied(
        LoadBalancer("goals", **want),
        have(**logs),
        lambda stub: stub.add_response("modify_load_balancer_attributes", {}, request),
    )


def test_a_listener_that_is_already_gone_is_deleted():
    applied(
        LoadBalancer("goals", listeners=()),
        have(Listener(80, arn=LISTENER)),
        lambda stub: stub.add_client_error("delete_listener", "ListenerNotFound"),
    )


def test_delete_lifts_protection_first():
    def expect(stub):
        lifted = [{"Key": "deletion_protection.enabled", "Value": "false"}]
        stub.add_response("modify_load_balancer_attributes", {}, {"LoadBalancerArn": ARN, "Attributes": lifted})
        stub.add_response("delete_load_balancer", {}, {"LoadBalancerArn": ARN})

    applied(None, have(deletion_protection=True), expect)


def test_read_pages_through_listeners_and_rules():
    def listener(port):
        return {"ListenerArn": f"arn:{port}", "Port": port, "Protocol": "HTTP", "DefaultActions": SENT_TO_BLUE}

    def rule(priority):
        return {
            "RuleArn": f"arn:{priority}",
            "Priority": str(priority),
            "Conditions": SENT_PATH,
            "Actions": SENT_TO_BLUE,
        }

    with stubbed("elbv2", state="present") as (session, stub):
        stub.add_response("describe_load_balancers", {"LoadBalancers": [BALANCER]}, {"Names": ["goals"]})
        asked = {"LoadBalancerArn": ARN}
        stub.add_response("describe_listeners", {"Listeners": [listener(81)], "NextMarker": "m"}, asked)
        stub.add_response("describe_listeners", {"Listeners": [listener(80)]}, {**asked, "Marker": "m"})
        stub.add_response("describe_tags", {"TagDescriptions": []}, {"ResourceArns": [ARN]})
        stub.add_response("describe_load_balancer_attributes", {"Attributes": []}, {"LoadBalancerArn": ARN})
        stub.add_response("describe_tags", {"TagDescriptions": []}, {"ResourceArns": ["arn:80"]})
        stub.add_response("describe_rules", {"Rules": [rule(2)], "NextMarker": "n"}, {"ListenerArn": "arn:81"})
        stub.add_response("describe_rules", {"Rules": [rule(1)]}, {"ListenerArn": "arn:81", "Marker": "n"})
        stub.add_response("describe_rules", {"Rules": []}, {"ListenerArn": "arn:80"})
        seen = api.read(session, LoadBalancer("goals", idle_timeout=60, listeners=(Listener(80, rules=(), tags={}),)))
    assert [listener.port for listener in seen.listeners] == [80, 81]
    assert [rule.priority for rule in seen.listeners[1].rules] == [1, 2]


def test_rules_and_attributes_that_the_task_leaves_alone_are_not_read():
    listener = {"ListenerArn": "arn:80", "Port": 80, "Protocol": "HTTP", "DefaultActions": SENT_TO_BLUE}
    with stubbed("elbv2", state="present") as (session, stub):
        stub.add_response("describe_load_balancers", {"LoadBalancers": [BALANCER]}, {"Names": ["goals"]})
        stub.add_response("describe_listeners", {"Listeners": [listener]}, {"LoadBalancerArn": ARN})
        stub.add_response("describe_tags", {"TagDescriptions": []}, {"ResourceArns": [ARN]})
        seen = api.read(session, LoadBalancer("goals", listeners=(Listener(80),)))
    listener_facts = seen.listeners[0].facts()
    assert (listener_facts["rules"], listener_facts["tags"], seen.facts()["idle_timeout"]) == (None, None, None)


def test_absent_counts_as_gone_when_the_interfaces_are_released():
    asked = {"Filters": [{"Name": "description", "Values": ["ELB app/goals/*"]}]}
    for interfaces, gone in (([{"NetworkInterfaceId": "eni-1"}], False), ([], True)):
        with stubbed("elbv2", state="absent") as (session, stub), stubbed("ec2") as (ec2, ec2_stub):
            balancing = session.client
            session.client = lambda name, ec2=ec2, own=balancing: ec2.client(name) if name == "ec2" else own(name)
            stub.add_client_error("describe_load_balancers", "LoadBalancerNotFound")
            ec2_stub.add_response("describe_network_interfaces", {"NetworkInterfaces": interfaces}, asked)
            assert (api.read(session, LoadBalancer("goals")) is None) == gone


def test_missing_target_groups_are_all_named():
    """DescribeTargetGroups fails as a whole when one of the names is unknown."""
    with stubbed("elbv2") as (session, stub):
        stub.add_client_error("describe_target_groups", "TargetGroupNotFound")
        stub.add_client_error("describe_target_groups", "TargetGroupNotFound", expected_params={"Names": ["a"]})
        found(stub, "blue")
        stub.add_client_error("describe_target_groups", "TargetGroupNotFound", expected_params={"Names": ["c"]})
        with pytest.raises(StackError, match="target group a, c: there is no target group"):
            elbv2.target_group_arns(session, ["a", "blue", "c"], None)


def test_target_groups_are_described_twenty_at_a_time():
    arns = [f"arn:{number}" for number in range(21)]
    with stubbed("elbv2") as (session, stub):
        for some in (arns[:20], arns[20:]):
            answer = {"TargetGroups": [{"TargetGroupArn": arn} for arn in some]}
            stub.add_response("describe_target_groups", answer, {"TargetGroupArns": some})
        assert [each["TargetGroupArn"] for each in elbv2.target_groups(session, arns)] == arns
        assert elbv2.target_groups(session, []) == []


def test_tags_are_asked_for_twenty_at_a_time():
    arns = [f"arn:{n}" for n in range(21)]
    with stubbed("elbv2") as (session, stub):
        tagged = [{"ResourceArn": "arn:3", "Tags": [{"Key": "a", "Value": "1"}]}]
        stub.add_response("describe_tags", {"TagDescriptions": tagged}, {"ResourceArns": arns[:20]})
        stub.add_response("describe_tags", {"TagDescriptions": []}, {"ResourceArns": arns[20:]})
        described = elbv2.tags_of(session, arns)
    assert (described["arn:3"], described["arn:20"]) == ([{"Key": "a", "Value": "1"}], [])

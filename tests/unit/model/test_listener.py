"""Listeners, rules, actions and conditions: what differs only in writing is the same."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import listener as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model import listener_faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

PREFIX = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
BLUE, GREEN = f"{PREFIX}:targetgroup/blue/1111111111111111", f"{PREFIX}:targetgroup/green/2222222222222222"
ARNS = {"blue": BLUE, "green": GREEN}
TO_BLUE = {"forward": {"target_group": "blue"}}
NO_STICKINESS = {"TargetGroupStickinessConfig": {"Enabled": False}}


def validated(**listener):
    """A listener as Ansible hands it to the module."""
    validator = ArgumentSpecValidator(
        {"listeners": {"type": "list", "elements": "dict", "options": model.LISTENER_OPTIONS}}
    )
    result = validator.validate({"listeners": [listener]})
    assert not result.error_messages, result.error_messages
    return result.validated_parameters["listeners"][0]


def wanted(action):
    return model.from_params(validated(port=80, default_actions=[action])).default_actions


def seen(*actions, protocol="HTTP", **more):
    listener = {"ListenerArn": "arn:l", "Port": 80, "Protocol": protocol, "DefaultActions": list(actions), **more}
    return model.from_api(listener, [], [])


# What AWS answers for each action that was asked for, with all that it adds.
ANSWERS = [
    pytest.param(
        {"forward": {"target_group": BLUE}},
        {"Type": "forward", "TargetGroupArn": BLUE, "Order": 1},
        id="a target group by its ARN",
    ),
    pytest.param(
        {"forward": {"target_groups": [{"target_group": "blue", "weight": 5}]}},
        {
            "Type": "forward",
            "TargetGroupArn": BLUE,
            "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": BLUE, "Weight": 1}], **NO_STICKINESS},
        },
        id="one target group, told twice",
    ),
    pytest.param(
        {"forward": {"target_groups": [{"target_group": "green"}, {"target_group": "blue", "weight": 9}]}},
        {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": BLUE, "Weight": 9}, {"TargetGroupArn": GREEN, "Weight": 1}],
                **NO_STICKINESS,
            },
        },
        id="two target groups in another order",
    ),
    pytest.param(
        {"forward": {"target_group": "blue", "stickiness_duration": 60}},
        {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": BLUE, "Weight": 1}],
                "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
            },
        },
        id="stickiness",
    ),
    pytest.param(
        {"redirect": {"protocol": "HTTPS", "port": "443", "path": "/#{path}"}},
        {
            "Type": "redirect",
            "RedirectConfig": {
                "Protocol": "HTTPS",
                "Port": "443",
                "Host": "#{host}",
                "Path": "/#{path}",
                "Query": "#{query}",
                "StatusCode": "HTTP_301",
            },
        },
        id="a redirect with the rest filled in",
    ),
    pytest.param(
        {"fixed_response": {"status_code": 404}},
        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}},
        id="a response with its type filled in",
    ),
]


@pytest.mark.parametrize(("option", "answer"), ANSWERS)
def test_an_action_reads_the_same_whoever_wrote_it(option, answer):
    assert wanted(option) == seen(answer).default_actions


@pytest.mark.parametrize(("option", "answer"), ANSWERS)
def test_an_action_survives_the_way_to_aws_and_back(option, answer):
    sent = model.actions_to_api(wanted(option), ARNS)
    assert seen(*sent).default_actions == wanted(option)


def test_what_is_sent_for_actions():
    several = {
        "target_groups": [{"target_group": "blue"}, {"target_group": "green", "weight": 3}],
        "stickiness_duration": 9,
    }
    assert model.actions_to_api([TO_BLUE], ARNS) == [{"Type": "forward", "TargetGroupArn": BLUE}]
    assert model.actions_to_api(wanted({"forward": several}), ARNS) == [
        {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": BLUE, "Weight": 1}, {"TargetGroupArn": GREEN, "Weight": 3}],
                "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 9},
            },
        }
    ]
    assert model.actions_to_api(wanted({"redirect": {"port": "443", "status_code": 302}}), ARNS) == [
        {"Type": "redirect", "RedirectConfig": {"Port": "443", "StatusCode": "HTTP_302"}}
    ]


def test_an_action_that_is_not_managed_is_a_difference():
    login = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {}}
    forward = {"Type": "forward", "Order": 2, "TargetGroupArn": BLUE}
    assert seen(forward, login).default_actions == ({"authenticate_oidc": {}}, TO_BLUE)


def test_target_groups_are_known_by_name():
    assert model.target_groups(wanted({"forward": {"target_group": BLUE}})) == {"blue"}
    both = {"forward": {"target_groups": [{"target_group": GREEN}, {"target_group": "blue"}]}}
    assert model.target_groups(wanted(both)) == {"blue", "green"}
    assert model.target_groups(wanted({"fixed_response": {"status_code": 200}})) == set()


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        pytest.param(
            {"field": "path-pattern", "values": ["/b", "/a"]},
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}},
            id="values in another order",
        ),
        pytest.param(
            {"field": "host-header", "values": ["Goals.example"]},
            {
                "Field": "host-header",
                "Values": ["goals.example"],
                "HostHeaderConfig": {"Values": ["goals.example"]},
            },
            id="a host, told twice",
        ),
        pytest.param(
            {"field": "path-pattern", "values": ["/a"]}, {"Field": "path-pattern", "Values": ["/a"]}, id="told once"
        ),
        pytest.param(
            {"field": "http-header", "http_header_name": "User-Agent", "values": ["*curl*"]},
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "user-agent", "Values": ["*curl*"]}},
            id="a header",
        ),
        pytest.param(
            {"field": "query-string", "query_strings": [{"value": "x"}, {"key": "k", "value": "v"}]},
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "k", "Value": "v"}, {"Value": "x"}]}},
            id="query strings",
        ),
        pytest.param(
            {"field": "source-ip", "values": ["10.0.0.0/8"]},
            {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
            id="an address",
        ),
    ],
)
def test_a_condition_reads_the_same_whoever_wrote_it(option, answer):
    listener = model.from_params(
        validated(port=80, target_group="blue", rules=[{"priority": 1, "conditions": [option], "target_group": "blue"}])
    )
    actions = [{"Type": "forward", "TargetGroupArn": BLUE}]
    rule = {"RuleArn": "arn:r", "Priority": "1", "Conditions": [answer], "Actions": actions}
    answered = {"ListenerArn": "arn:l", "Port": 80, "Protocol": "HTTP", "DefaultActions": actions}
    there = model.from_api(answered, [rule], [])
    assert listener.rules == there.rules
    again = model.conditions_to_api(listener.rules[0].conditions)
    assert model.from_api(answered, [{**rule, "Conditions": again}], []).rules == listener.rules


def test_rules_are_in_order_of_priority_and_the_default_rule_is_none():
    actions = [{"Type": "forward", "TargetGroupArn": BLUE}]
    rules = [
        {"RuleArn": f"arn:{priority}", "Priority": priority, "Conditions": [], "Actions": actions, "IsDefault": False}
        for priority in ("100", "20", "3")
    ]
    default = {"RuleArn": "arn:d", "Priority": "default", "Conditions": [], "Actions": actions, "IsDefault": True}
    listener = {"ListenerArn": "arn:l", "Port": 80, "Protocol": "HTTP", "DefaultActions": actions}
    assert [rule.priority for rule in model.from_api(listener, [*rules, default], []).rules] == [3, 20, 100]


def test_a_policy_has_a_meaning_with_https_alone():
    action = {"Type": "forward", "TargetGroupArn": BLUE}
    more = {"SslPolicy": "ELBSecurityPolicy-2016-08", "Certificates": [{"CertificateArn": "arn:cert"}]}
    secure, plain = seen(action, protocol="HTTPS", **more), seen(action, protocol="HTTP", **more)
    assert (secure.certificate_arn, secure.ssl_policy) == ("arn:cert", "ELBSecurityPolicy-2016-08")
    assert (plain.certificate_arn, plain.ssl_policy) == (None, None)


def test_rules_that_are_not_given_are_left_alone():
    assert model.from_params(validated(port=80, target_group="blue")).rules is UNSET
    assert model.from_params(validated(port=80, target_group="blue", rules=[])).rules == ()


def test_names_of_rules_tell_their_listener():
    listener = model.listener_name(80, "goals")
    assert model.listener_of(model.rule_name(10, listener)) == listener


RULE = {"priority": 1, "conditions": [{"field": "path-pattern", "values": ["/"]}], "target_group": "blue"}


@pytest.mark.parametrize(
    ("listener", "faulty"),
    [
        pytest.param({"port": 80, "target_group": "blue", "rules": [RULE]}, [], id="nothing wrong"),
        pytest.param({"port": 0, "target_group": "blue"}, ["port"], id="port"),
        pytest.param({"port": 80}, ["default_actions"], id="no action"),
        pytest.param(
            {"port": 80, "target_group": "blue", "default_actions": [TO_BLUE]}, ["default_actions"], id="two ways"
        ),
        pytest.param({"port": 80, "default_actions": []}, ["default_actions"], id="empty"),
        pytest.param({"port": 80, "default_actions": [TO_BLUE, TO_BLUE]}, ["default_actions"], id="two actions"),
        pytest.param({"port": 80, "default_actions": [{}]}, ["default_actions[0]"], id="an action of no kind"),
        pytest.param(
            {"port": 80, "default_actions": [{**TO_BLUE, "redirect": {"port": "81"}}]},
            ["default_actions[0]"],
            id="an action of two kinds",
        ),
        pytest.param({"port": 80, "default_actions": [{"forward": {}}]}, ["default_actions[0].forward"], id="nowhere"),
        pytest.param(
            {"port": 80, "default_actions": [{"forward": {"target_groups": [{"target_group": "a", "weight": 1000}]}}]},
            ["default_actions[0].forward.target_groups[0].weight"],
            id="weight",
        ),
        pytest.param(
            {"port": 80, "default_actions": [{"redirect": {"query": "x"}}]},
            ["default_actions[0].redirect"],
            id="a redirect in a circle",
        ),
        pytest.param(
            {"port": 80, "default_actions": [{"fixed_response": {"status_code": 302, "body": "x" * 1025}}]},
            ["default_actions[0].fixed_response.status_code", "default_actions[0].fixed_response.body"],
            id="a response",
        ),
        pytest.param(
            {"port": 443, "protocol": "HTTPS", "target_group": "blue"}, ["certificate_arn"], id="no certificate"
        ),
        pytest.param(
            {"port": 80, "ssl_policy": "x", "target_group": "blue"}, ["ssl_policy"], id="policy without HTTPS"
        ),
        pytest.param(
            {"port": 80, "target_group": "blue", "rules": [RULE, RULE]},
            ["rules[0].priority", "rules[1].priority"],
            id="priority twice",
        ),
        pytest.param(
            {"port": 80, "target_group": "blue", "rules": [{**RULE, "priority": 50001, "conditions": []}]},
            ["rules[0].priority", "rules[0].conditions"],
            id="a rule",
        ),
        pytest.param(
            {"port": 80, "target_group": "blue", "rules": [{**RULE, "conditions": [{"field": "http-header"}]}]},
            ["rules[0].conditions[0].values", "rules[0].conditions[0].http_header_name"],
            id="a condition",
        ),
    ],
)
def test_faults(listener, faulty):
    found = listener_faults.faults([validated(**listener)])
    assert [fault.option for fault in found] == [f"listeners[0].{option}" for option in faulty]


def test_target_groups_given_by_arn_are_found_however_deep():
    options = [
        validated(
            port=80,
            default_actions=[{"forward": {"target_groups": [{"target_group": BLUE}, {"target_group": "red"}]}}],
            rules=[
                {"priority": 1, "conditions": [{"field": "path-pattern", "values": ["/a"]}], "target_group": GREEN},
            ],
        )
    ]
    assert model.given_target_groups(options) == {"blue": BLUE, "green": GREEN}
    assert model.given_target_groups(None) == {}

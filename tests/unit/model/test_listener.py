"""Listeners, rules, actions and conditions: what differs only in writing is the same."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import action, condition, listener_faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model import listener as model
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
    return model.from_api(listener, model.Read())


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
    sent = action.to_api(wanted(option), ARNS)
    assert seen(*sent).default_actions == wanted(option)


def test_what_is_sent_for_actions():
    several = {
        "target_groups": [{"target_group": "blue"}, {"target_group": "green", "weight": 3}],
        "stickiness_duration": 9,
    }
    assert action.to_api([TO_BLUE], ARNS) == [{"Type": "forward", "TargetGroupArn": BLUE}]
    assert action.to_api(wanted({"forward": several}), ARNS) == [
        {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": BLUE, "Weight": 1}, {"TargetGroupArn": GREEN, "Weight": 3}],
                "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 9},
            },
        }
    ]
    assert action.to_api(wanted({"redirect": {"port": "443", "status_code": 302}}), ARNS) == [
        {"Type": "redirect", "RedirectConfig": {"Port": "443", "StatusCode": "HTTP_302"}}
    ]


def test_an_action_of_a_newer_api_is_a_difference():
    ponder = {"Type": "ponder-request", "Order": 1}
    forward = {"Type": "forward", "Order": 2, "TargetGroupArn": BLUE}
    assert seen(forward, ponder).default_actions == ({"ponder_request": {}}, TO_BLUE)


LOGIN = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "user_info_endpoint": "https://id.example/me",
    "client_id": "goals",
}
SENT_LOGIN = {
    "Issuer": "https://id.example",
    "AuthorizationEndpoint": "https://id.example/authorize",
    "TokenEndpoint": "https://id.example/token",
    "UserInfoEndpoint": "https://id.example/me",
    "ClientId": "goals",
}
FILLED_IN = {
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}


def secure(*actions):
    return model.from_params(
        validated(port=443, protocol="HTTPS", certificate_arn="arn:cert", default_actions=list(actions))
    )


def test_who_may_ask_is_found_out_before_the_request_is_forwarded():
    want = secure({"authenticate_oidc": {**LOGIN, "client_secret": "s3cret"}}, {"forward": {"target_group": "blue"}})
    sent = action.to_api(want.default_actions, ARNS, want.client_secret)
    assert sent == [
        {
            "Type": "authenticate-oidc",
            "AuthenticateOidcConfig": {**SENT_LOGIN, "ClientSecret": "s3cret"},
            "Order": 1,
        },
        {"Type": "forward", "TargetGroupArn": BLUE, "Order": 2},
    ]
    answered = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": {**SENT_LOGIN, **FILLED_IN}, "Order": 1}
    assert seen(sent[1], answered).default_actions == want.default_actions
    assert "s3cret" not in repr(want), "no secret is compared or shown"


def test_a_client_secret_that_is_not_given_stays_what_it_is():
    sent = action.to_api(secure({"authenticate_oidc": LOGIN}, TO_BLUE).default_actions, ARNS)
    assert sent[0]["AuthenticateOidcConfig"]["UseExistingClientSecret"] is True


def test_a_client_secret_is_sent_again_where_that_is_asked_for():
    login = {**LOGIN, "client_secret": "s3cret"}
    want = secure({"authenticate_oidc": {**login, "renew_client_secret": True}}, TO_BLUE)
    assert want.default_actions != secure({"authenticate_oidc": login}, TO_BLUE).default_actions
    sent = action.to_api(want.default_actions, ARNS, want.client_secret)
    assert sent[0]["AuthenticateOidcConfig"] == {**SENT_LOGIN, "ClientSecret": "s3cret"}


def test_tokens_are_validated():
    claims = [{"name": "aud", "format": "string-array", "values": ["b", "a"]}]
    jwt = {"jwks_endpoint": "https://id.example/jwks", "issuer": "https://id.example", "additional_claims": claims}
    sent = action.to_api(secure({"jwt_validation": jwt}, TO_BLUE).default_actions, ARNS)
    assert sent[0]["JwtValidationConfig"]["AdditionalClaims"] == [
        {"Name": "aud", "Format": "string-array", "Values": ["a", "b"]}
    ]
    assert seen(*sent).default_actions == secure({"jwt_validation": jwt}, TO_BLUE).default_actions


def test_a_cognito_login_survives_the_way_to_aws_and_back():
    pool = {"user_pool_arn": "arn:pool", "user_pool_client_id": "1", "user_pool_domain": "goals", "scope": "email"}
    want = secure({"authenticate_cognito": {**pool, "extra_params": {"prompt": "login"}}}, TO_BLUE).default_actions
    assert seen(*action.to_api(want, ARNS)).default_actions == want


@pytest.mark.parametrize(
    ("option", "answer", "same"),
    [
        pytest.param({"mode": "off"}, None, True, id="off where nothing is told"),
        pytest.param({"mode": "passthrough"}, {"Mode": "passthrough"}, True, id="passthrough"),
        pytest.param(
            {"mode": "verify", "trust_store_arn": "arn:ts"},
            {
                "Mode": "verify",
                "TrustStoreArn": "arn:ts",
                "IgnoreClientCertificateExpiry": False,
                "AdvertiseTrustStoreCaNames": "off",
                "TrustStoreAssociationStatus": "active",
            },
            True,
            id="what is filled in",
        ),
        pytest.param(
            {"mode": "verify", "trust_store_arn": "arn:ts", "advertise_trust_store_ca_names": "on"},
            {"Mode": "verify", "TrustStoreArn": "arn:ts", "AdvertiseTrustStoreCaNames": "off"},
            False,
            id="another",
        ),
    ],
)
def test_mutual_authentication(option, answer, same):
    more = {"certificate_arn": "arn:cert", "target_group": "blue", "mutual_authentication": option}
    want = model.from_params(validated(port=443, protocol="HTTPS", **more))
    told = {} if answer is None else {"MutualAuthentication": answer}
    there = seen({"Type": "forward", "TargetGroupArn": BLUE}, protocol="HTTPS", **told)
    assert (model.completed_mutual(want.mutual_authentication, {}) == there.mutual_authentication) is same


def test_the_default_certificate_is_not_an_additional_one():
    listed = [
        {"CertificateArn": "arn:default", "IsDefault": True},
        {"CertificateArn": "arn:b", "IsDefault": False},
        {"CertificateArn": "arn:a", "IsDefault": False},
    ]
    answered = {"ListenerArn": "arn:l", "Port": 443, "Protocol": "HTTPS", "DefaultActions": []}
    there = model.from_api(answered, model.Read(certificates=listed))
    assert there.additional_certificate_arns == ("arn:a", "arn:b")


def test_headers_that_were_never_set_are_empty():
    hsts = {"Key": "routing.http.response.strict_transport_security.header_value", "Value": "max-age=1"}
    there = model.attributes_from_api([hsts, {"Key": "routing.http.response.server.enabled", "Value": "true"}])
    assert (there["strict_transport_security"], there["x_frame_options"], there["server"]) == ("max-age=1", "", True)


def test_transforms_survive_the_way_to_aws_and_back():
    transforms = {
        "host_header_rewrite": {"regex": "^old[.]example$", "replace": "new.example"},
        "url_rewrite": {"regex": "^/v1/(.*)$", "replace": "/$1"},
    }
    rule = {**RULE, "transforms": transforms}
    want = model.from_params(validated(port=80, target_group="blue", rules=[rule])).rules[0]
    sent = model.transforms_to_api(want.transforms)
    assert [each["Type"] for each in sent] == ["host-header-rewrite", "url-rewrite"]
    answer = {"RuleArn": "arn:r", "Priority": "1", "Conditions": [], "Actions": [], "Transforms": sent}
    assert model.rule_from_api(answer, {}).transforms == want.transforms


def test_target_groups_are_known_by_name():
    assert action.target_groups(wanted({"forward": {"target_group": BLUE}})) == {"blue"}
    both = {"forward": {"target_groups": [{"target_group": GREEN}, {"target_group": "blue"}]}}
    assert action.target_groups(wanted(both)) == {"blue", "green"}
    assert action.target_groups(wanted({"fixed_response": {"status_code": 200}})) == set()


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
            {"field": "path-pattern", "regex_values": ["^/v[12]/"]},
            {"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[12]/"]}},
            id="a regular expression",
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
    listener = validated(port=80, rules=[{**RULE, "conditions": [option]}])
    wanted = condition.from_params(listener["rules"][0]["conditions"])
    assert condition.from_api([answer]) == wanted
    assert condition.from_api(condition.to_api(wanted)) == wanted


def test_rules_are_in_order_of_priority_whoever_tells_them_and_the_default_rule_is_none():
    actions = [{"Type": "forward", "TargetGroupArn": BLUE}]
    rules = [
        {"RuleArn": f"arn:{priority}", "Priority": priority, "Conditions": [], "Actions": actions, "IsDefault": False}
        for priority in ("100", "20", "3")
    ]
    default = {"RuleArn": "arn:d", "Priority": "default", "Conditions": [], "Actions": actions, "IsDefault": True}
    listener = {"ListenerArn": "arn:l", "Port": 80, "Protocol": "HTTP", "DefaultActions": actions}
    assert [rule.priority for rule in model.from_api(listener, model.Read(rules=[*rules, default])).rules] == [
        3,
        20,
        100,
    ]
    wish = validated(port=80, target_group="blue", rules=[{**RULE, "priority": each} for each in (20, 100, 3)])
    assert [rule.priority for rule in model.from_params(wish).rules] == [3, 20, 100]


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


HTTPS = {"port": 443, "protocol": "HTTPS", "certificate_arn": "arn:cert"}
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
        pytest.param(
            {"port": 80, "default_actions": [{"forward": {"target_groups": [{"target_group": "a"}] * 2}}]},
            ["default_actions[0].forward.target_groups"],
            id="a target group twice",
        ),
        pytest.param(
            {**HTTPS, "default_actions": [{"authenticate_oidc": {**LOGIN, "renew_client_secret": True}}, TO_BLUE]},
            ["default_actions[0].authenticate_oidc.client_secret"],
            id="nothing to renew with",
        ),
        pytest.param({"port": 80, "default_actions": [TO_BLUE, TO_BLUE]}, ["default_actions"], id="two actions"),
        pytest.param(
            {**HTTPS, "default_actions": [TO_BLUE, {"authenticate_oidc": LOGIN}]},
            ["default_actions"],
            id="forwarded before it is known who asks",
        ),
        pytest.param({**HTTPS, "default_actions": [{"authenticate_oidc": LOGIN}]}, ["default_actions"], id="no answer"),
        pytest.param(
            {**HTTPS, "default_actions": [{"authenticate_oidc": LOGIN}, TO_BLUE]}, [], id="a login and an answer"
        ),
        pytest.param(
            {"port": 80, "default_actions": [{"authenticate_oidc": LOGIN}, TO_BLUE]},
            ["default_actions"],
            id="a login over HTTP",
        ),
        pytest.param(
            {**HTTPS, "target_group": "blue", "mutual_authentication": {"mode": "verify"}},
            ["mutual_authentication.trust_store_arn"],
            id="nothing to verify with",
        ),
        pytest.param(
            {**HTTPS, "target_group": "blue", "mutual_authentication": {"mode": "off", "trust_store_arn": "arn:ts"}},
            ["mutual_authentication.trust_store_arn"],
            id="a trust store of no use",
        ),
        pytest.param(
            {"port": 80, "target_group": "blue", "mutual_authentication": {"mode": "passthrough"}},
            ["mutual_authentication"],
            id="mutual over HTTP",
        ),
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
    assert action.given_target_groups(options) == {"blue": BLUE, "green": GREEN}
    assert action.given_target_groups(None) == {}


@pytest.mark.parametrize(
    ("option", "shared", "moved"),
    [
        pytest.param({"target_group": "blue"}, {"blue": 1, "green": 0}, {"green": 1}, id="alone"),
        pytest.param(
            {"target_groups": [{"target_group": "blue", "weight": 9}, {"target_group": "red", "weight": 2}]},
            {"blue": 9, "green": 0, "red": 2},
            {"green": 9, "red": 2},
            id="beside another",
        ),
        pytest.param({"target_group": "red"}, {"red": 1}, {"red": 1}, id="somewhere else"),
        pytest.param(
            {"target_groups": [{"target_group": "blue", "weight": 0}, {"target_group": "green", "weight": 1}]},
            {"blue": 0, "green": 1},
            {"green": 1},
            id="back from where it was being moved to",
        ),
    ],
)
def test_traffic_is_shared_and_moved(option, shared, moved):
    actions = wanted({"forward": option})

    def weights(changed):
        forward = changed[0]["forward"]
        groups = forward.get("target_groups") or [{"target_group": forward["target_group"], "weight": 1}]
        return {each["target_group"]: each["weight"] for each in groups}

    assert weights(action.shared(actions, "blue", "green")) == shared
    assert weights(action.moved(actions, "blue", "green")) == moved


def test_what_is_no_forwarding_stays_when_traffic_moves():
    respond = wanted({"fixed_response": {"status_code": 404}})
    assert action.moved(respond, "blue", "green") == respond
    sticky = wanted({"forward": {"target_group": "blue", "stickiness_duration": 60}})
    assert action.moved(sticky, "blue", "green")[0]["forward"]["stickiness_duration"] == 60

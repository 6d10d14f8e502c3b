"""All that a listener and its rules may have, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

LOGIN = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "user_info_endpoint": "https://id.example/me",
    "client_id": "goals",
}


def by_regex(*expressions):
    return [{"field": "path-pattern", "regex_values": list(expressions)}]


def test_twelve_steps(twelve_steps, aws, vpc, target_groups, balancer, certificates):
    listener = {
        "port": 443,
        "protocol": "HTTPS",
        "certificate_arn": certificates[0],
        "additional_certificate_arns": certificates[1:2],
        "mutual_authentication": {"mode": "passthrough"},
        "attributes": {"strict_transport_security": "max-age=1", "server": False},
    }
    rule = {"priority": 10, "conditions": by_regex("^/v[12]/"), "tags": {"owner": "web"}}
    given = {
        "name": "goals",
        "subnet_ids": vpc.subnets[:2],
        "ip_address_type": "dualstack",
        "ipam_pool_id": "ipam-pool-0123456789abcdef0",
        "listeners": [
            {
                **listener,
                "target_group": "blue",
                "rules": [
                    {
                        **rule,
                        "actions": [
                            {"authenticate_oidc": {**LOGIN, "client_secret": "s3cret"}},
                            {"forward": {"target_group": "blue"}},
                        ],
                        "transforms": {"url_rewrite": {"regex": "^/v[12]/(.*)$", "replace": "/$1"}},
                    }
                ],
            }
        ],
    }
    changed = {
        **given,
        "ip_address_type": "dualstack-without-public-ipv4",
        "ipam_pool_id": "",
        "listeners": [
            {
                **listener,
                "certificate_arn": certificates[2],
                "additional_certificate_arns": certificates[:1],
                "mutual_authentication": {"mode": "verify", "trust_store_arn": "arn:aws:elb:::truststore/ts/1"},
                "attributes": {"strict_transport_security": "", "x_frame_options": "DENY"},
                "target_group": "blue",
                "rules": [
                    {
                        **rule,
                        "actions": [
                            {"authenticate_oidc": {**LOGIN, "scope": "email"}},
                            {"forward": {"target_group": "green"}},
                        ],
                        "transforms": {},
                        "tags": {"tier": "web"},
                    }
                ],
            }
        ],
    }
    created, updated, _ = twelve_steps("load_balancer")(given, changed, {"name": "goals"})
    before, after = created["load_balancer"]["listeners"][0], updated["load_balancer"]["listeners"][0]
    assert (after["arn"], after["rules"][0]["arn"]) == (before["arn"], before["rules"][0]["arn"])
    assert after["attributes"]["server"] is False, "an attribute that is not given stays"
    assert updated["diff"]["before"]["listener 443 of goals"]["attributes"] == {
        "strict_transport_security": "max-age=1",
        "x_frame_options": "",
    }
    assert "s3cret" not in str(created) + str(updated)


def test_a_client_secret_is_sent_again_only_where_that_is_asked_for(balancer, certificate, aws):
    def wish(**login):
        actions = [{"authenticate_oidc": {**LOGIN, **login}}, {"forward": {"target_group": "blue"}}]
        listener = {"port": 443, "protocol": "HTTPS", "certificate_arn": certificate, "default_actions": actions}
        return {"listeners": [listener]}

    aws.calls.clear()
    with pytest.raises(StackError, match="client_secret is missing"):
        balancer(**wish())
    assert aws.writes() == []
    balancer(**wish(client_secret="old"))
    assert not balancer(**wish(client_secret="new"))["changed"]
    renewed = balancer(**wish(client_secret="new", renew_client_secret=True))
    assert renewed["plan"] == ["update listener 443 of goals"]
    assert "new" not in str(renewed["diff"]).replace("renewed", "")


def test_what_others_keep_on_the_load_balancer_stays_where_nothing_is_purged(balancer):
    rule = {"priority": 1, "conditions": by_regex("^/x"), "target_group": "green"}
    balancer(listeners=[{"port": 80, "target_group": "blue", "rules": [rule]}, {"port": 81, "target_group": "blue"}])
    mine = {
        "listeners": [
            {"port": 80, "target_group": "blue", "rules": [{**rule, "priority": 2}], "purge_rules": False},
            {"port": 82, "target_group": "green"},
        ],
        "purge_listeners": False,
    }
    planned, done = balancer(**mine, check_mode=True), balancer(**mine)
    assert planned["plan"] == done["plan"] == ["create rule 2 of listener 80 of goals", "create listener 82 of goals"]
    assert [each["port"] for each in done["load_balancer"]["listeners"]] == [80, 81, 82]
    assert [each["port"] for each in planned["load_balancer"]["listeners"]] == [80, 81, 82]
    assert not balancer(**mine)["changed"]


def test_a_web_acl_is_put_changed_and_taken_away(balancer, aws):
    acls = [_web_acl(aws, name) for name in ("strict", "lax")]
    made = balancer(web_acl_arn=acls[0])
    assert made["load_balancer"]["web_acl_arn"] == acls[0]
    assert not balancer(web_acl_arn=acls[0])["changed"]
    assert not balancer()["changed"], "left alone where it is not given"
    changed = balancer(web_acl_arn=acls[1])
    assert changed["diff"]["before"] == {"load balancer goals": {"web_acl_arn": acls[0]}}
    assert balancer(web_acl_arn="")["plan"] == ["update load balancer goals"]
    assert not balancer(web_acl_arn="")["changed"]


def _web_acl(aws, name):
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}
    made = aws("wafv2").create_web_acl(
        Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility
    )
    return made["Summary"]["ARN"]


def test_a_login_is_refused_over_http(balancer):
    with pytest.raises(InvalidOptions, match="protocol: HTTPS"):
        balancer(
            listeners=[
                {"port": 80, "default_actions": [{"authenticate_oidc": LOGIN}, {"forward": {"target_group": "blue"}}]}
            ]
        )


def test_only_what_is_wanted_is_read(balancer, certificates, aws):
    listener = {"port": 443, "protocol": "HTTPS", "certificate_arn": certificates[0], "target_group": "blue"}
    balancer(listeners=[{**listener, "additional_certificate_arns": certificates[1:], "attributes": {"server": True}}])
    aws.calls.clear()
    assert not balancer(listeners=[listener])["changed"]
    assert sorted(aws.calls) == ["DescribeListeners", "DescribeLoadBalancers", "DescribeTags"]

"""The load balancer module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY


def path(*patterns):
    return [{"field": "path-pattern", "values": list(patterns)}]


def test_twelve_steps(twelve_steps, aws, vpc, target_groups, balancer):
    given = {
        "name": "goals",
        "subnet_ids": vpc.subnets[:2],
        "security_group_ids": vpc.groups[:1],
        "idle_timeout": 30,
        "drop_invalid_header_fields": True,
        "listeners": [
            {
                "port": 80,
                "target_group": "blue",
                "tags": {"tier": "web"},
                "rules": [
                    {"priority": 20, "conditions": path("/new/*"), "target_group": target_groups["green"]},
                    {
                        "priority": 10,
                        "conditions": path("/teapot"),
                        "actions": [{"fixed_response": {"status_code": 418}}],
                    },
                ],
            },
            {"port": 8080, "default_actions": [{"redirect": {"port": "80"}}]},
        ],
        "tags": {"stack": "goals", "owner": "web"},
    }
    changed = {
        **given,
        "subnet_ids": vpc.subnets,
        "security_group_ids": vpc.groups,
        "idle_timeout": 45,
        "listeners": [
            {
                "port": 80,
                "default_actions": [
                    {
                        "forward": {
                            "target_groups": [
                                {"target_group": "green", "weight": 1},
                                {"target_group": "blue", "weight": 9},
                            ],
                            "stickiness_duration": 60,
                        }
                    }
                ],
                "tags": {"tier": "app"},
                "rules": [{"priority": 20, "conditions": path("/old/*", "/new/*"), "target_group": "blue"}],
            },
            {"port": 81, "target_group": "green"},
        ],
        "tags": {"stack": "goals", "tier": "web"},
    }
    created, updated, deleted = twelve_steps("load_balancer")(given, changed, {"name": "goals"})
    assert created["plan"] == [
        "create load balancer goals",
        "create listener 80 of goals",
        "create rule 10 of listener 80 of goals",
        "create rule 20 of listener 80 of goals",
        "create listener 8080 of goals",
    ]
    assert updated["plan"] == [
        "update load balancer goals",
        "create listener 81 of goals",
        "update listener 80 of goals",
        "update rule 20 of listener 80 of goals",
        "delete rule 10 of listener 80 of goals",
        "delete listener 8080 of goals",
    ]
    assert updated["diff"]["before"]["load balancer goals"] == {
        "subnet_ids": sorted(vpc.subnets[:2]),
        "security_group_ids": vpc.groups[:1],
        "idle_timeout": 30,
        "tags": {"stack": "goals", "owner": "web"},
    }
    assert updated["diff"]["after"]["rule 20 of listener 80 of goals"] == {
        "conditions": [{"field": "path-pattern", "values": ["/new/*", "/old/*"]}],
        "actions": [{"forward": {"target_group": "blue"}}],
    }
    before, after = created["load_balancer"]["listeners"][0], updated["load_balancer"]["listeners"][0]
    assert after["arn"] == before["arn"], "a listener keeps its ARN"
    assert after["rules"][0]["arn"] == before["rules"][1]["arn"], "and so does a rule"
    assert created["load_balancer"]["state"] == "active"
    assert created["load_balancer"]["availability_zones"] == ["us-east-1a", "us-east-1b"]
    assert deleted["load_balancer"] == {}
    assert (
        aws("ec2").describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc.id]}])["NetworkInterfaces"]
        == []
    ), "its security groups can be deleted right after"


def test_what_is_not_given_is_left_alone(balancer, module, aws):
    rule = {"priority": 1, "conditions": path("/x"), "target_group": "green"}
    made = balancer(
        listeners=[{"port": 80, "target_group": "blue", "rules": [rule]}], xff_client_port=True, tags={"a": "1"}
    )["load_balancer"]
    assert not balancer()["changed"], "no listeners given"
    kept = balancer(listeners=[{"port": 80, "target_group": "blue"}])
    assert not kept["changed"], "no rules given"
    arn = made["arn"]
    attributes = aws("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {"Key": "routing.http.xff_client_port.enabled", "Value": "true"} in attributes
    (listener,) = made["listeners"]
    assert kept["load_balancer"]["listeners"] == [{**listener, "rules": None}], "not read"
    rules = aws("elbv2").describe_rules(ListenerArn=listener["arn"])["Rules"]
    assert [each["RuleArn"] for each in rules if not each["IsDefault"]] == [listener["rules"][0]["arn"]]
    assert balancer(tags={"b": "2"}, purge_tags=False)["load_balancer"]["tags"] == {"a": "1", "b": "2"}
    emptied = balancer(listeners=[{"port": 80, "target_group": "blue", "rules": []}])
    assert emptied["plan"] == ["delete rule 1 of listener 80 of goals"]
    assert balancer(listeners=[])["plan"] == ["delete listener 80 of goals"]


def test_a_listener_keeps_its_arn_when_it_changes_its_protocol(balancer, certificate):
    plain = balancer(listeners=[{"port": 443, "target_group": "blue"}])["load_balancer"]["listeners"][0]
    secured = balancer(
        listeners=[{"port": 443, "protocol": "HTTPS", "certificate_arn": certificate, "target_group": "blue"}]
    )
    assert secured["diff"]["after"] == {"listener 443 of goals": {"protocol": "HTTPS", "certificate_arn": certificate}}
    listener = secured["load_balancer"]["listeners"][0]
    assert (listener["arn"], listener["protocol"]) == (plain["arn"], "HTTPS")
    back = balancer(listeners=[{"port": 443, "target_group": "blue"}])
    assert back["plan"] == ["update listener 443 of goals"]
    assert back["load_balancer"]["listeners"][0]["arn"] == plain["arn"]
    assert not balancer(listeners=[{"port": 443, "target_group": "blue"}])["changed"]


def test_drift_is_found_and_repaired(balancer, aws, target_groups):
    wish = {
        "idle_timeout": 30,
        "tags": {"stack": "goals"},
        "listeners": [
            {
                "port": 80,
                "target_group": "blue",
                "rules": [{"priority": 1, "conditions": path("/x"), "target_group": "green"}],
            }
        ],
    }
    made = balancer(**wish)["load_balancer"]
    elbv2, listener = aws("elbv2"), made["listeners"][0]
    elbv2.modify_listener(
        ListenerArn=listener["arn"], DefaultActions=[{"Type": "forward", "TargetGroupArn": target_groups["green"]}]
    )
    elbv2.delete_rule(RuleArn=listener["rules"][0]["arn"])
    elbv2.create_listener(
        LoadBalancerArn=made["arn"],
        Port=8081,
        Protocol="HTTP",
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=made["arn"], Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "99"}]
    )
    elbv2.add_tags(ResourceArns=[made["arn"]], Tags=[{"Key": "stray", "Value": "1"}])
    planned, repaired = balancer(**wish, check_mode=True), balancer(**wish)
    assert planned["diff"] == repaired["diff"]
    assert repaired["plan"] == [
        "update load balancer goals",
        "create rule 1 of listener 80 of goals",
        "update listener 80 of goals",
        "delete listener 8081 of goals",
    ]
    assert not balancer(**wish)["changed"]


def test_a_half_built_load_balancer_is_completed(balancer, module, aws, vpc):
    """A run that failed at the listener left the load balancer, whose name is taken."""
    with pytest.raises(StackError, match=r"create listener 80 of goals: .*Certificate"):
        balancer(
            listeners=[{"port": 80, "protocol": "HTTPS", "certificate_arn": "arn:aws:acm:no", "target_group": "blue"}]
        )
    completed = balancer(listeners=[{"port": 80, "target_group": "blue"}])
    assert completed["plan"] == ["create listener 80 of goals"]
    assert completed["load_balancer"]["state"] == "active"


def test_a_missing_target_group_is_told_before_anything_is_written(balancer, aws):
    wish = {"listeners": [{"port": 80, "target_group": "blue"}, {"port": 81, "target_group": "red"}]}
    assert balancer(**wish, check_mode=True)["plan"][-1] == "create listener 81 of goals"
    aws.calls.clear()
    with pytest.raises(StackError, match=r"target group red: there is no target group of that name.*target_group"):
        balancer(**wish)
    assert aws.writes() == []


def test_check_mode_on_an_empty_account(module):
    planned = module("load_balancer")(
        name="planned",
        subnet_ids=[KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY],
        security_group_ids=[KNOWN_AFTER_APPLY],
        listeners=[{"port": 80, "target_group": KNOWN_AFTER_APPLY}],
        check_mode=True,
    )
    assert planned["plan"] == ["create load balancer planned", "create listener 80 of planned"]
    facts = planned["load_balancer"]
    assert facts["dns_name"] == facts["arn"] == facts["listeners"][0]["arn"] == KNOWN_AFTER_APPLY
    assert facts["scheme"] == "internet-facing"


def test_check_mode_tells_what_will_be_there(balancer):
    made = balancer(listeners=[{"port": 80, "target_group": "blue"}], idle_timeout=30)["load_balancer"]
    rule = {"priority": 1, "conditions": path("/x"), "target_group": "green"}
    wish = {"listeners": [{"port": 80, "target_group": "green", "rules": [rule]}]}
    planned = balancer(**wish, check_mode=True)["load_balancer"]
    assert planned["listeners"][0]["arn"] == made["listeners"][0]["arn"]
    assert planned["listeners"][0]["rules"][0]["arn"] == KNOWN_AFTER_APPLY
    done = balancer(**wish)["load_balancer"]
    done["listeners"][0]["rules"][0]["arn"] = KNOWN_AFTER_APPLY
    assert planned == done


def test_the_scheme_is_refused_before_anything_is_written(balancer, aws):
    balancer()
    aws.calls.clear()
    with pytest.raises(StackError, match="scheme is 'internet-facing', wanted 'internal'"):
        balancer(scheme="internal", idle_timeout=30)
    assert aws.writes() == []


def test_a_protected_load_balancer_is_deleted_only_when_protection_is_lifted(balancer, module, aws):
    balancer(deletion_protection=True)
    aws.calls.clear()
    for check_mode in (True, False):
        with pytest.raises(StackError, match=r"deletion_protection is on.*Give deletion_protection: false"):
            module("load_balancer")(name="goals", state="absent", check_mode=check_mode)
    assert aws.writes() == []
    assert module("load_balancer")(name="goals", state="absent", deletion_protection=False)["changed"]


def test_without_waiting_the_deletion_is_still_waited_for_by_the_next_run(balancer, module, aws, vpc):
    balancer()
    load_balancer = module("load_balancer")
    assert load_balancer(name="goals", state="absent", wait=False)["changed"]
    assert not load_balancer(name="goals", state="absent")["changed"]
    interfaces = aws("ec2").describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [vpc.id]}])
    assert interfaces["NetworkInterfaces"] == []


def test_faults_are_told_all_at_once(balancer, aws):
    aws.calls.clear()
    with pytest.raises(InvalidOptions) as refused:
        balancer(name="a" * 33, subnet_ids=["subnet-1"], listeners=[{"port": 80}, {"port": 80, "target_group": "blue"}])
    assert [fault.option for fault in refused.value.faults] == [
        "name",
        "subnet_ids",
        "listeners[0].default_actions",
        "listeners[0].port",
        "listeners[1].port",
    ]
    assert aws.calls == []


def test_a_wait_that_runs_out_tells_the_state(balancer, aws):
    with pytest.raises(
        StackError, match=r"load_balancer: not done after 0 s \(wait_timeout\): its state is provisioning"
    ):
        balancer(wait_timeout=0)
    assert balancer()["load_balancer"]["state"] == "active", "the same task waits on"


def test_logs_move_and_stop(balancer):
    logs = {"access_logs": True, "access_logs_bucket": "logs", "access_logs_prefix": "goals"}
    states = [
        logs,
        {**logs, "access_logs_prefix": ""},
        {"access_logs_bucket": "other", "health_check_logs": True, "health_check_logs_bucket": "other"},
        {"access_logs": False, "health_check_logs_prefix": "checks"},
    ]
    for state in states:
        planned, done = balancer(**state, check_mode=True), balancer(**state)
        assert (planned["changed"], planned["diff"]) == (True, done["diff"])
        assert not balancer(**state)["changed"]
    facts = done["load_balancer"]
    assert [facts[f"access_logs{part}"] for part in ("", "_bucket", "_prefix")] == [False, "other", ""]
    with pytest.raises(StackError, match="connection_logs_bucket: '' is missing with connection_logs: true"):
        balancer(connection_logs=True)

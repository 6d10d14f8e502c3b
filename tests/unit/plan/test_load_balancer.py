"""What should change about a load balancer, its listeners and their rules, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import Listener, Rule
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer import LoadBalancer, leaving
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.load_balancer import plan, settled

BLUE, GREEN = ({"forward": {"target_group": "blue"}},), ({"forward": {"target_group": "green"}},)
PATH = ({"field": "path-pattern", "values": ["/x"]},)
RULES = (Rule(10, PATH, BLUE, arn="arn:r10"), Rule(20, PATH, GREEN, arn="arn:r20"))
HAVE = LoadBalancer(
    name="goals",
    scheme="internet-facing",
    subnet_ids=("subnet-1", "subnet-2"),
    idle_timeout=60,
    deletion_protection=False,
    tags={"a": "1"},
    arn="arn:lb",
    state="active",
    listeners=(
        Listener(80, "HTTP", None, None, BLUE, {"x": "1"}, RULES, arn="arn:l80"),
        Listener(8080, "HTTP", None, None, BLUE, {}, (), arn="arn:l8080"),
    ),
)
PARAMS = {"purge_tags": True, "deletion_protection": None}


def changes(have=HAVE, **want):
    return [str(change) for change in plan(LoadBalancer("goals", **want), have, PARAMS)]


ALONE = Listener(80, "HTTP", rules=(Rule(20, PATH, GREEN),), purge_rules=False)


def test_listeners_and_rules_that_are_not_listed_stay_where_nothing_is_purged():
    want = LoadBalancer("goals", listeners=(ALONE,), purge_listeners=False)
    assert plan(want, HAVE, PARAMS) == ()
    there = settled(want, HAVE).listeners
    assert [each.port for each in there] == [80, 8080]
    assert [rule.priority for rule in there[0].rules] == [10, 20]


def test_listeners_and_rules_that_are_not_listed_go_by_default():
    want = LoadBalancer("goals", listeners=(replace(ALONE, purge_rules=True),))
    removed = [str(change) for change in plan(want, HAVE, PARAMS)]
    assert removed == ["delete rule 10 of listener 80 of goals", "delete listener 8080 of goals"]
    assert [rule.priority for rule in settled(want, HAVE).listeners[0].rules] == [20]


def test_a_rule_is_overwritten_once_its_requests_are_taken_elsewhere():
    """A rule that is put before others moves them all: each has to be in its new place before its old one is taken."""
    old, other, new = ({"field": "path-pattern", "values": [path]} for path in ("/a", "/b", "/new"))
    have = replace(HAVE.listeners[0], rules=(Rule(10, (old,), BLUE), Rule(20, (other,), BLUE)))
    wanted = (Rule(10, (new,), BLUE), Rule(20, (old,), BLUE), Rule(30, (other,), BLUE))
    want = LoadBalancer("goals", listeners=(Listener(80, rules=wanted),))
    assert [
        str(change).removesuffix(" of listener 80 of goals")
        for change in plan(want, replace(HAVE, listeners=(have,)), PARAMS)
    ] == [
        "create rule 30",
        "update rule 20",
        "update rule 10",
    ]
    swapped = LoadBalancer("goals", listeners=(Listener(80, rules=(Rule(10, (other,), BLUE), Rule(20, (old,), BLUE))),))
    assert len(plan(swapped, replace(HAVE, listeners=(have,)), PARAMS)) == 2, "there is no way without a gap"


@pytest.mark.parametrize(
    ("there", "want", "refused"),
    [
        pytest.param({}, {"access_logs": True}, True, id="nowhere"),
        pytest.param({"access_logs_bucket": ""}, {"access_logs": True}, True, id="no bucket yet"),
        pytest.param({"access_logs": True, "access_logs_bucket": "b"}, {"access_logs_bucket": ""}, True, id="cleared"),
        pytest.param({}, {"access_logs": True, "access_logs_bucket": "b"}, False, id="both"),
        pytest.param({"access_logs_bucket": "b"}, {"access_logs": True}, False, id="the bucket that was there"),
        pytest.param({"access_logs": True}, {"idle_timeout": 30}, False, id="no matter of this task"),
        pytest.param({"access_logs": True}, {"access_logs": False}, False, id="no logs"),
    ],
)
def test_no_log_is_written_without_a_bucket(there, want, refused):
    if not refused:
        assert changes(replace(HAVE, **there), **want)
        return
    with pytest.raises(InvalidOptions, match=r"access_logs_bucket: .* is missing with access_logs: true"):
        changes(replace(HAVE, **there), **want)


def test_what_is_not_given_of_mutual_authentication_stays():
    told = {"mode": "verify", "trust_store_arn": "arn:a", "ignore_client_certificate_expiry": True}
    have = replace(HAVE.listeners[0], mutual_authentication={**told, "advertise_trust_store_ca_names": "off"})
    there = replace(HAVE, listeners=(have,))
    same = Listener(80, mutual_authentication={"mode": "verify", "trust_store_arn": "arn:a"})
    assert plan(LoadBalancer("goals", listeners=(same,)), there, PARAMS) == ()
    off = Listener(80, mutual_authentication={"mode": "off"})
    [change] = plan(LoadBalancer("goals", listeners=(off,)), there, PARAMS)
    assert change.after == {"mutual_authentication": {"mode": "off"}}


def test_attributes_of_a_listener_that_are_not_given_are_no_difference():
    told = {"server": True, "x_frame_options": "", "strict_transport_security": "max-age=1"}
    have = replace(HAVE, listeners=(replace(HAVE.listeners[0], attributes=told),))
    same = Listener(80, attributes={"strict_transport_security": "max-age=1"})
    assert plan(LoadBalancer("goals", listeners=(same,)), have, PARAMS) == ()
    other = LoadBalancer("goals", listeners=(replace(same, attributes={"server": False}),))
    [change] = plan(other, have, PARAMS)
    assert (change.before, change.after) == ({"attributes": {"server": True}}, {"attributes": {"server": False}})
    assert settled(other, have).listeners[0].attributes == {**told, "server": False}


def test_a_first_login_needs_its_secret():
    login = ({"authenticate_oidc": {"client_id": "goals"}}, *BLUE)
    want = LoadBalancer("goals", listeners=(Listener(80, default_actions=login),))
    with pytest.raises(StackError, match=r"listener 80 of goals: authenticate_oidc.client_secret is missing"):
        plan(want, HAVE, PARAMS)
    plan(replace(want, listeners=(replace(want.listeners[0], client_secret="s3cret"),)), HAVE, PARAMS)
    there = replace(HAVE, listeners=(replace(HAVE.listeners[0], default_actions=login),))
    assert plan(want, there, PARAMS) == (), "ELB keeps the one that it has"


@pytest.mark.parametrize(
    ("want", "expected"),
    [
        pytest.param({}, [], id="nothing given"),
        pytest.param({"idle_timeout": 60}, [], id="equal"),
        pytest.param({"idle_timeout": 30}, ["update load balancer goals"], id="an attribute"),
        pytest.param(
            {"listeners": ()}, ["delete listener 80 of goals", "delete listener 8080 of goals"], id="no listeners"
        ),
        pytest.param(
            {"listeners": (Listener(80, "HTTP"), Listener(8080, "HTTP"))},
            [],
            id="listeners as they are, rules not given",
        ),
        pytest.param(
            {"listeners": (Listener(80, "HTTP", default_actions=GREEN), Listener(8080))},
            ["update listener 80 of goals"],
            id="another action",
        ),
        pytest.param(
            {"listeners": (Listener(80, "HTTPS", "arn:cert"), Listener(8080))},
            ["update listener 80 of goals"],
            id="another protocol",
        ),
        pytest.param(
            {"listeners": (Listener(80, tags={"y": "1"}), Listener(8080))}, ["update listener 80 of goals"], id="tags"
        ),
        pytest.param(
            {"listeners": (Listener(80, rules=()), Listener(8080))},
            ["delete rule 10 of listener 80 of goals", "delete rule 20 of listener 80 of goals"],
            id="no rules",
        ),
        pytest.param(
            {"listeners": (Listener(80, rules=(Rule(20, PATH, BLUE), Rule(30, PATH, BLUE))), Listener(81, "HTTP"))},
            [
                "create rule 30 of listener 80 of goals",
                "create listener 81 of goals",
                "update rule 20 of listener 80 of goals",
                "delete rule 10 of listener 80 of goals",
                "delete listener 8080 of goals",
            ],
            id="what is new first, removals last",
        ),
    ],
)
def test_update(want, expected):
    assert changes(**want) == expected


def test_a_listener_that_goes_takes_its_rules_with_it():
    assert changes(listeners=(Listener(8080),)) == ["delete listener 80 of goals"]


def test_changes_hold_what_differs():
    listener = Listener(80, "HTTP", default_actions=GREEN, rules=(Rule(10, PATH, GREEN), Rule(20, PATH, GREEN)))
    made = plan(LoadBalancer("goals", listeners=(listener, Listener(8080))), HAVE, PARAMS)
    assert [(change.before, change.after) for change in made] == [
        ({"default_actions": list(BLUE)}, {"default_actions": list(GREEN)}),
        ({"actions": list(BLUE)}, {"actions": list(GREEN)}),
    ]


def test_a_new_one_is_internet_facing_unless_told_otherwise():
    listener = Listener(80, "HTTP", default_actions=BLUE, rules=(Rule(10, PATH, GREEN),))
    made = plan(LoadBalancer("goals", listeners=(listener,)), None, PARAMS)
    assert [str(change) for change in made] == [
        "create load balancer goals",
        "create listener 80 of goals",
        "create rule 10 of listener 80 of goals",
    ]
    assert made[0].after == {"name": "goals", "scheme": "internet-facing"}
    assert plan(LoadBalancer("goals", scheme="internal"), None, PARAMS)[0].after["scheme"] == "internal"


def test_the_scheme_can_not_change():
    with pytest.raises(StackError, match="scheme is 'internet-facing', wanted 'internal'"):
        changes(scheme="internal")


@pytest.mark.parametrize(
    ("protected", "given", "expected"),
    [
        pytest.param(False, None, ["delete load balancer goals"], id="not protected"),
        pytest.param(True, False, ["delete load balancer goals"], id="protection lifted"),
        pytest.param(True, None, "deletion_protection is on", id="protected"),
        pytest.param(True, True, "deletion_protection is on", id="protected, and meant to be"),
    ],
)
def test_delete(protected, given, expected):
    have, params = replace(HAVE, deletion_protection=protected), {**PARAMS, "deletion_protection": given}
    if isinstance(expected, str):
        with pytest.raises(StackError, match=expected):
            plan(None, have, params)
    else:
        assert [str(change) for change in plan(None, have, params)] == expected


def test_one_that_is_only_leaving_counts_as_gone():
    gone = leaving("goals", ["eni-1"])
    assert plan(None, gone, PARAMS) == ()
    assert changes(gone) == ["create load balancer goals"]
    assert settled(LoadBalancer("goals"), gone).state != "deleting"


def test_settled_keeps_arns_and_what_is_left_alone():
    listener = Listener(80, default_actions=GREEN, rules=(Rule(20, PATH, BLUE), Rule(30, PATH, BLUE)))
    after = settled(LoadBalancer("goals", idle_timeout=30, listeners=(listener,)), HAVE)
    assert (after.idle_timeout, after.subnet_ids, after.arn) == (30, HAVE.subnet_ids, "arn:lb")
    assert [each.port for each in after.listeners] == [80]
    there = after.listeners[0]
    assert (there.arn, there.protocol, there.default_actions) == ("arn:l80", "HTTP", GREEN)
    assert [rule.arn for rule in there.rules] == ["arn:r20", "(known after apply)"]
    assert settled(LoadBalancer("goals"), HAVE).listeners == HAVE.listeners

"""Valid desired states of target groups and load balancers, at random."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.integration.modules.states.common import TAGS, choice, sets, some

LOGIN = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "user_info_endpoint": "https://id.example/me",
    "client_id": "goals",
    "client_secret": "s3cret",
}


@cache
def target_groups() -> SearchStrategy[dict[str, Any]]:
    settings = some(
        health_check_protocol=st.sampled_from(["HTTP", "HTTPS"]),
        health_check_port=st.sampled_from(["traffic-port", "8001"]),
        health_check_path=st.sampled_from(["/", "/health"]),
        healthy_threshold=st.integers(2, 10),
        unhealthy_threshold=st.integers(2, 10),
        success_codes=st.sampled_from(["200", "200-299", "200,302"]),
        deregistration_delay=st.integers(0, 3600),
        cross_zone=st.sampled_from(["true", "false", "use_load_balancer_configuration"]),
        stickiness_enabled=st.booleans(),
        stickiness_duration=st.integers(1, 604800),
        stickiness_app_cookie_duration=st.integers(1, 604800),
        routing_minimum_healthy_count=st.sampled_from(["1", "2"]),
        routing_minimum_healthy_percentage=st.sampled_from(["off", "50"]),
        dns_failover_minimum_healthy_count=st.sampled_from(["off", "1"]),
        dns_failover_minimum_healthy_percentage=st.sampled_from(["off", "100"]),
        targets=st.lists(
            st.builds(lambda host, **more: {"id": f"10.92.0.{host}", **more}, st.integers(10, 14)),
            unique_by=lambda target: target["id"],
            max_size=3,
        ),
        purge_targets=st.booleans(),
        tags=TAGS,
        purge_tags=st.booleans(),
    )
    balancing = st.one_of(
        st.just({}),
        st.builds(
            lambda seconds: {"load_balancing_algorithm": "round_robin", "slow_start": seconds}, st.sampled_from([0, 30])
        ),
        st.builds(
            lambda mitigation: {"load_balancing_algorithm": "weighted_random", "anomaly_mitigation": mitigation},
            st.sampled_from(["on", "off"]),
        ),
    )
    times = st.builds(
        lambda interval, timeout: {
            "health_check_interval": interval,
            "health_check_timeout": min(timeout, interval - 1),
        },
        st.integers(5, 300),
        st.integers(2, 120),
    )
    sticky = choice(
        {},
        {"stickiness_type": "lb_cookie"},
        {"stickiness_type": "app_cookie", "stickiness_app_cookie_name": "goals"},
    )
    return st.builds(
        lambda *parts: {key: value for part in parts for key, value in part.items()}, settings, balancing, times, sticky
    )


def conditions() -> SearchStrategy[list[dict[str, Any]]]:
    one = st.one_of(
        st.builds(lambda values: {"field": "path-pattern", "values": values}, sets("/a", "/b*", "/c?", least=1)),
        st.builds(lambda values: {"field": "path-pattern", "regex_values": values}, sets("^/a", "b$", least=1)),
        st.builds(lambda values: {"field": "host-header", "values": values}, sets("A.example", "*.b.example", least=1)),
        st.builds(
            lambda header, values: {"field": "http-header", "http_header_name": header, "values": values},
            st.sampled_from(["User-Agent", "x-test"]),
            sets("*curl*", "on", least=1),
        ),
        st.builds(lambda values: {"field": "http-request-method", "values": values}, sets("GET", "POST", least=1)),
        st.builds(lambda values: {"field": "source-ip", "values": values}, sets("10.0.0.0/8", "192.0.2.1/32", least=1)),
        st.builds(
            lambda key, value: {"field": "query-string", "query_strings": [{**key, "value": value}]},
            some(key=st.sampled_from(["k", "l"])),
            st.sampled_from(["v", "w*"]),
        ),
    )
    return st.lists(one, min_size=1, max_size=3, unique_by=str)


def routes() -> SearchStrategy[dict[str, Any]]:
    """An action that answers."""
    name = st.sampled_from(["blue", "green"])
    weights = st.builds(
        lambda blue, green: [{"target_group": "blue", "weight": blue}, {"target_group": "green", "weight": green}],
        st.integers(0, 999),
        st.integers(0, 999),
    )
    return st.one_of(
        st.builds(lambda group: {"forward": {"target_group": group}}, name),
        st.builds(
            lambda groups, sticky: {"forward": {"target_groups": groups, **sticky}},
            weights,
            some(stickiness_duration=st.integers(0, 604800)),
        ),
        st.builds(
            lambda more, code: {"redirect": {"host": "new.example", "status_code": code, **more}},
            some(
                protocol=st.sampled_from(["HTTP", "HTTPS"]),
                port=st.just("8443"),
                path=st.sampled_from(["/#{path}", "/new"]),
                query=st.sampled_from(["#{query}", "a=b"]),
            ),
            st.sampled_from([301, 302]),
        ),
        st.builds(
            lambda code, more: {"fixed_response": {"status_code": code, **more}},
            st.sampled_from([200, 404, 503]),
            some(content_type=st.sampled_from(["text/plain", "application/json"]), body=st.sampled_from(["", "{}"])),
        ),
    )


def actions(secure: bool) -> SearchStrategy[list[dict[str, Any]]]:
    login = st.builds(
        lambda more: [{"authenticate_oidc": {**LOGIN, **more}}],
        some(scope=st.sampled_from(["openid", "email"]), session_timeout=st.sampled_from([60, 604800])),
    )
    before = st.one_of(st.just([]), login) if secure else st.just([])
    return st.builds(lambda first, last: [*first, last], before, routes())


def rules(secure: bool) -> SearchStrategy[list[dict[str, Any]]]:
    transforms = st.one_of(
        st.just({}),
        st.just({"url_rewrite": {"regex": "^/a", "replace": "/b"}}),
        st.just({"host_header_rewrite": {"regex": "^.*$", "replace": "new.example"}}),
    )
    one = st.builds(
        lambda priority, when, what, more: {"priority": priority, "conditions": when, "actions": what, **more},
        st.integers(1, 4),
        conditions(),
        actions(secure),
        some(transforms=transforms, tags=TAGS),
    )
    return st.lists(one, max_size=3, unique_by=lambda rule: rule["priority"])


def listeners(certificates: tuple[str, ...]) -> SearchStrategy[list[dict[str, Any]]]:
    def build(port: int, secure: bool) -> SearchStrategy[dict[str, Any]]:
        common = some(
            rules=rules(secure),
            purge_rules=st.booleans(),
            tags=TAGS,
            attributes=some(
                strict_transport_security=st.sampled_from(["", "max-age=1"]),
                x_frame_options=st.sampled_from(["", "DENY"]),
                server=st.booleans(),
            ),
        )
        tls = st.builds(
            lambda certificate, more: {"protocol": "HTTPS", "certificate_arn": certificate, **more},
            st.sampled_from(certificates[:1]),
            some(
                additional_certificate_arns=sets(*certificates[1:]),
                ssl_policy=st.sampled_from(["ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-2-2021-06"]),
                mutual_authentication=st.sampled_from([{"mode": "off"}, {"mode": "passthrough"}]),
            ),
        )
        return st.builds(
            lambda what, more, spoken: {"port": port, "default_actions": what, **more, **spoken},
            actions(secure),
            common,
            tls if secure else st.just({}),
        )

    def all_of(chosen: dict[int, bool]) -> SearchStrategy[list[dict[str, Any]]]:
        return st.tuples(*(build(port, secure) for port, secure in sorted(chosen.items()))).map(list)

    return st.dictionaries(st.sampled_from([80, 443, 8080]), st.booleans()).flatmap(all_of)


def logs() -> SearchStrategy[dict[str, Any]]:
    """Each kind is on, off or left alone."""
    kinds = (
        st.one_of(
            choice({}, {kind: False}),
            st.builds(
                lambda bucket, prefix, kind=kind: {
                    kind: True,
                    f"{kind}_bucket": bucket,
                    **{f"{kind}_prefix": each for each in prefix.values()},
                },
                choice("pairs", "others"),
                some(prefix=choice("", "goals")),
            ),
        )
        for kind in ("access_logs", "connection_logs", "health_check_logs")
    )
    return st.builds(lambda *found: {option: value for each in found for option, value in each.items()}, *kinds)


@cache
def load_balancers(
    certificates: tuple[str, ...], subnets: tuple[str, ...], groups: tuple[str, ...]
) -> SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda ids, logged, more: {"subnet_ids": ids, **logged, **more},
        sets(*subnets, least=2),
        logs(),
        some(
            security_group_ids=sets(*groups, least=1),
            ip_address_type=st.sampled_from(["ipv4", "dualstack"]),
            idle_timeout=st.integers(1, 4000),
            client_keep_alive=st.integers(60, 604800),
            http2=st.booleans(),
            drop_invalid_header_fields=st.booleans(),
            preserve_host_header=st.booleans(),
            tls_version_and_cipher_suite_headers=st.booleans(),
            xff_client_port=st.booleans(),
            waf_fail_open=st.booleans(),
            zonal_shift=st.booleans(),
            xff_header_processing=st.sampled_from(["append", "preserve", "remove"]),
            desync_mitigation_mode=st.sampled_from(["monitor", "defensive", "strictest"]),
            listeners=listeners(certificates),
            purge_listeners=st.booleans(),
            tags=TAGS,
            purge_tags=st.booleans(),
        ),
    )

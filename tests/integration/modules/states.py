"""Valid desired states of modules, at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TAGS = st.dictionaries(st.sampled_from(["stack", "owner", "tier"]), st.sampled_from(["goals", "web", ""]), max_size=3)
LOGIN = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://id.example/token",
    "user_info_endpoint": "https://id.example/me",
    "client_id": "goals",
    "client_secret": "s3cret",
}


def some(**options: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Any of the options, each given or not."""
    return st.fixed_dictionaries({}, optional=options)


def sets(*values: str, least: int = 0) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=least)


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
    return st.builds(
        lambda *parts: {key: value for part in parts for key, value in part.items()}, settings, balancing, times
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


def listeners(certificates: list[str]) -> SearchStrategy[list[dict[str, Any]]]:
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


def load_balancers(certificates: list[str], subnets: list[str], groups: list[str]) -> SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda ids, more: {"subnet_ids": ids, **more},
        sets(*subnets, least=2),
        some(
            security_group_ids=sets(*groups, least=1),
            ip_address_type=st.sampled_from(["ipv4", "dualstack"]),
            idle_timeout=st.integers(1, 4000),
            http2=st.booleans(),
            xff_header_processing=st.sampled_from(["append", "preserve", "remove"]),
            desync_mitigation_mode=st.sampled_from(["monitor", "defensive", "strictest"]),
            listeners=listeners(certificates),
            purge_listeners=st.booleans(),
            tags=TAGS,
            purge_tags=st.booleans(),
        ),
    )


def launch_templates() -> SearchStrategy[dict[str, Any]]:
    def volume(device: str, more: dict[str, Any], fast: dict[str, Any]) -> dict[str, Any]:
        return {"device_name": device, **more, **fast}

    fast = st.sampled_from(
        [
            {"type": "gp3", "throughput": 250},
            {"type": "gp3", "iops": 4000},
            {"type": "gp2"},
            {"type": "io2", "iops": 500},
        ]
    )
    volumes = st.lists(
        st.builds(
            volume,
            st.sampled_from(["/dev/xvda", "/dev/sdb"]),
            some(size=st.integers(8, 100), encrypted=st.booleans(), delete_on_termination=st.booleans()),
            fast,
        ),
        unique_by=lambda each: each["device_name"],
        max_size=2,
    )
    return some(
        instance_type=st.sampled_from(["t3.micro", "m7i.large"]),
        user_data=st.sampled_from(["", "#!/bin/sh\n", "#!/bin/sh\necho hello\n"]),
        security_group_ids=sets("sg-0123456789abcdef0", "sg-0123456789abcdef1"),
        key_name=st.sampled_from(["", "ops"]),
        ebs_optimized=st.booleans(),
        monitoring=st.booleans(),
        metadata_options=some(
            http_tokens=st.sampled_from(["required", "optional"]),
            http_put_response_hop_limit=st.integers(1, 64),
            instance_metadata_tags=st.sampled_from(["enabled", "disabled"]),
        ),
        volumes=volumes,
        credit_specification=st.one_of(st.just({}), st.just({"cpu_credits": "unlimited"})),
        placement=some(group_name=st.just("cluster"), tenancy=st.sampled_from(["default", "dedicated"])),
        cpu_options=st.sampled_from([{}, {"core_count": 2, "threads_per_core": 1}]),
        maintenance=st.sampled_from([{}, {"auto_recovery": "disabled"}]),
        market_options=st.sampled_from([{}, {"market_type": "spot", "spot": {"max_price": "0.05"}}]),
        disable_api_termination=st.booleans(),
        hibernation=st.booleans(),
        instance_initiated_shutdown_behavior=st.sampled_from(["stop", "terminate"]),
        private_dns_name_options=st.sampled_from([{}, {"hostname_type": "resource-name"}]),
        instance_tags=TAGS,
        volume_tags=TAGS,
        default_version=st.sampled_from(["latest", "keep"]),
        keep_versions=st.integers(1, 5),
        tags=TAGS,
        purge_tags=st.booleans(),
    )


def autoscaling_groups(subnets: list[str], target_groups: list[str], template: str) -> SearchStrategy[dict[str, Any]]:
    """Without instances: nothing is waited for."""
    hooks = st.lists(
        st.builds(
            lambda name, transition, more: {
                "name": name,
                "transition": f"autoscaling:EC2_INSTANCE_{transition}",
                **more,
            },
            st.sampled_from(["drain", "warm"]),
            st.sampled_from(["LAUNCHING", "TERMINATING"]),
            some(heartbeat_timeout=st.integers(30, 7200), default_result=st.sampled_from(["CONTINUE", "ABANDON"])),
        ),
        unique_by=lambda hook: hook["name"],
    )
    tracking = st.builds(
        lambda value, metric, more: {
            "target_tracking": {"target_value": value, "predefined_metric": {"type": metric}, **more}
        },
        st.integers(1, 90).map(float),
        st.sampled_from(["ASGAverageCPUUtilization", "ASGAverageNetworkIn"]),
        some(disable_scale_in=st.booleans()),
    )
    simple = st.builds(
        lambda change, more: {"simple": {"adjustment_type": "ChangeInCapacity", "scaling_adjustment": change, **more}},
        st.integers(-2, 2),
        some(cooldown=st.integers(0, 300)),
    )
    policies = st.lists(
        st.builds(
            lambda name, kind: {"name": name, **kind}, st.sampled_from(["cpu", "out"]), st.one_of(tracking, simple)
        ),
        unique_by=lambda policy: policy["name"],
    )
    actions = st.lists(
        st.builds(
            lambda name, size, when: {"name": name, "min_size": size, "max_size": size + 1, "recurrence": when},
            st.sampled_from(["morning", "evening"]),
            st.integers(0, 3),
            st.sampled_from(["0 6 * * *", "0 20 * * 1-5"]),
        ),
        unique_by=lambda action: action["name"],
    )
    return st.builds(
        lambda ids, largest, version, more: {
            "launch_template": {"id": template, "version": version},
            "subnet_ids": ids,
            "min_size": 0,
            "max_size": largest,
            **more,
        },
        sets(*subnets, least=1),
        st.integers(0, 3),
        st.integers(1, 2),
        some(
            target_group_arns=sets(*target_groups),
            health_check_type=st.sampled_from(["EC2", "ELB"]),
            health_check_grace_period=st.integers(0, 600),
            default_cooldown=st.integers(0, 600),
            default_instance_warmup=st.integers(-1, 600),
            termination_policies=sets("Default", "OldestInstance", "NewestInstance"),
            new_instances_protected_from_scale_in=st.booleans(),
            max_instance_lifetime=st.sampled_from([0, 86400]),
            capacity_rebalance=st.booleans(),
            instance_maintenance_policy=st.sampled_from(
                [{}, {"min_healthy_percentage": 100, "max_healthy_percentage": 150}]
            ),
            availability_zone_distribution=st.sampled_from(["balanced-only", "balanced-best-effort"]),
            metrics_enabled=sets("GroupInServiceInstances", "GroupTotalInstances"),
            suspended_processes=sets("AZRebalance", "ReplaceUnhealthy"),
            lifecycle_hooks=hooks,
            scaling_policies=policies,
            scheduled_actions=actions,
            warm_pool=st.sampled_from([{}, {"min_size": 0, "pool_state": "Stopped"}]),
            tags=TAGS,
            propagate_tags=st.booleans(),
            purge_tags=st.booleans(),
        ),
    )

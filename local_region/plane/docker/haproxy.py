"""A load balancer's listeners, rules and target groups as HAProxy's configuration. Pure: worlds in, text out.

A request first gets the number of the rule it matches (rules are tried by priority, as ELB does), then that rule's
action. Each target group is two backends: one of checked servers, and one of the same servers unchecked that is used
while none is healthy: a load balancer fails open. Neither retries nor redispatches: an ALB doesn't.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from local_region.plane.docker.services import CONFIG
from local_region.world import HealthCheck, Listener, LoadBalancer, Target, TargetGroup

CONNECT_TIMEOUT = 10  # seconds; an ALB answers 504 when a target doesn't accept a connection for so long
IDLE_TIMEOUT = 60  # seconds; the attribute idle_timeout.timeout_seconds
DEFAULT_RULE = 0


def quoted(text: str) -> str:
    """A word of HAProxy's configuration, whatever it holds."""
    return "'" + text.replace("'", "'\\''") + "'"


def backend(group: TargetGroup) -> str:
    return f"tg_{group.name}"


def fail_open(group: TargetGroup) -> str:
    return f"tg_{group.name}_open"


def server(target: Target) -> str:
    """A target's name in HAProxy; the same instance may be registered with several ports."""
    return f"{target.id}_{target.port}"


def server_words(group: TargetGroup, target: Target, checked: bool) -> str:
    """A server's definition after its name, in the configuration and in "add server" alike."""
    address = f"{target.address}:{target.port}"
    if not checked:
        return address
    check = group.health_check
    words = f"{address} check inter {check.interval}s rise {check.healthy_threshold} fall {check.unhealthy_threshold}"
    words += f" port {check.port}" if check.port else ""
    return words + (" check-ssl verify none" if check.protocol == "HTTPS" else "")


def body_file(content: str) -> str:
    """The name of the file that holds a fixed response's body."""
    return "body-" + hashlib.sha256(content.encode()).hexdigest()[:16]


def _actions(listener: Listener) -> Iterator[Mapping[str, Any]]:
    yield from listener.default_actions
    for rule in listener.rules:
        actions: Any = rule["Actions"]
        yield from actions


def bodies(balancer: LoadBalancer) -> dict[str, str]:
    """File name -> content of every fixed response."""
    contents = (
        str(action["FixedResponseConfig"].get("MessageBody") or "")
        for listener in balancer.listeners
        for action in _actions(listener)
        if action.get("Type") == "fixed-response"
    )
    return {body_file(content): content for content in contents}


def weights(action: Mapping[str, Any]) -> dict[str, int]:
    """Target group ARN -> weight of a forward action, in whichever of its two shapes."""
    config = action.get("ForwardConfig") or {}
    groups = {g["TargetGroupArn"]: int(g.get("Weight", 1) or 0) for g in config.get("TargetGroups") or ()}
    return groups or {str(action["TargetGroupArn"]): 1}


def used_groups(balancer: LoadBalancer, groups: Mapping[str, TargetGroup]) -> list[TargetGroup]:
    """The target groups that the load balancer forwards to, by name."""
    arns = {
        arn
        for listener in balancer.listeners
        for action in _actions(listener)
        if action.get("Type") == "forward"
        for arn in weights(action)
    }
    return sorted((groups[arn] for arn in arns if arn in groups), key=lambda group: group.name)


def _wildcard(pattern: str, ignore_case: bool = False) -> str:
    """ELB's patterns know * and ?; everything else stands for itself."""
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return f"-m reg {'-i ' if ignore_case else ''}{quoted('^' + regex + '$')}"


def _query_match(item: Mapping[str, str]) -> str:
    if item.get("Key"):
        return f"url_param({item['Key']}) {_wildcard(item['Value'], ignore_case=True)}"
    value = _wildcard("*" + item["Value"] + "*", ignore_case=True)
    return f"query {value}"


def _alternatives(condition: Mapping[str, Any]) -> list[str]:
    """The ACL expressions of a condition, one of which must hold."""
    name = condition["Field"]
    config = condition.get("".join(part.capitalize() for part in name.split("-")) + "Config") or {}
    if name == "http-request-method":
        config = condition.get("HttpRequestMethodConfig") or {}
    values: Sequence[Any] = config.get("Values") or condition.get("Values") or ()
    if name == "path-pattern":
        return [f"path {_wildcard(value)}" for value in values]
    if name == "host-header":
        return [f"req.hdr(host),field(1,:) {_wildcard(value, ignore_case=True)}" for value in values]
    if name == "http-header":
        return [f"req.hdr({config['HttpHeaderName']}) {_wildcard(value, ignore_case=True)}" for value in values]
    if name == "http-request-method":
        return [f"method {quoted(value)}" for value in values]
    if name == "query-string":
        return [_query_match(value) for value in values]
    if name == "source-ip":
        return [f"src {value}" for value in values]
    raise ValueError(f"condition {name} is unknown to ELB")


def _match_lines(listener: Listener) -> Iterator[str]:
    """Set txn.rule to the number of the first rule whose conditions all hold; named ACLs of one name are
    alternatives."""
    for number, rule in enumerate(listener.rules, 1):
        conditions: Any = rule["Conditions"]
        names = []
        for position, condition in enumerate(conditions):
            name = f"rule{number}_{position}"
            names.append(name)
            for expression in _alternatives(condition):
                yield f"acl {name} {expression}"
        yield f"http-request set-var(txn.rule) int({number}) if !{{ var(txn.rule) -m found }} {' '.join(names)}"
    yield f"http-request set-var(txn.rule) int({DEFAULT_RULE}) if !{{ var(txn.rule) -m found }}"


def _fixed_response(config: Mapping[str, Any], when: str) -> str:
    content_type = config.get("ContentType") or "text/plain"
    file = f"{CONFIG}/{body_file(str(config.get('MessageBody') or ''))}"
    return f"http-request return status {config['StatusCode']} content-type {quoted(content_type)} file {file} {when}"


def _redirect(config: Mapping[str, Any], listener: Listener, when: str) -> str:
    """ELB's #{placeholders} become HAProxy's fetches; a default port is left out of the location."""
    fetches = {
        "#{protocol}": listener.protocol.lower(),
        "#{port}": str(listener.port),
        "#{host}": "%[req.hdr(host),field(1,:)]",
        "#{path}": "%[path,regsub(^/,)]",
        "#{query}": "%[query]",
    }

    def filled(field: str, default: str) -> str:
        parts = re.split(r"(#\{\w+\})", str(config.get(field) or default).replace("%", "%%"))
        return "".join(fetches.get(part, part) for part in parts)

    protocol, port = filled("Protocol", "#{protocol}").lower(), filled("Port", "#{port}")
    suffix = "" if (protocol, port) in {("http", "80"), ("https", "443")} else f":{port}"
    location = (
        f"{protocol}://{filled('Host', '#{host}')}{suffix}{filled('Path', '/#{path}')}?{filled('Query', '#{query}')}"
    )
    code = str(config["StatusCode"]).removeprefix("HTTP_")
    return f"http-request redirect code {code} location {quoted(location)} {when}"


def _forward(action: Mapping[str, Any], groups: Mapping[str, TargetGroup], number: int) -> Iterator[str]:
    """One draw a request decides between weighted groups."""
    when = f"{{ var(txn.rule) -m int {number} }}"
    shares = [(groups[arn], weight) for arn, weight in weights(action).items() if arn in groups and weight]
    total = sum(weight for _, weight in shares)
    if len(shares) > 1:
        yield f"http-request set-var(txn.draw) rand({total}) if {when}"
    passed = 0
    for group, weight in shares:
        passed += weight
        share = f" {{ var(txn.draw) -m int lt {passed} }}" if passed < total else ""
        yield f"use_backend {fail_open(group)} if {when}{share} {{ nbsrv({backend(group)}) eq 0 }}"
        yield f"use_backend {backend(group)} if {when}{share}"


def _action_lines(listener: Listener, groups: Mapping[str, TargetGroup]) -> Iterator[str]:
    rules: list[tuple[int, Any]] = [(n, rule["Actions"]) for n, rule in enumerate(listener.rules, 1)]
    for number, actions in [*rules, (DEFAULT_RULE, listener.default_actions)]:
        when = f"if {{ var(txn.rule) -m int {number} }}"
        for action in actions:
            if action["Type"] == "fixed-response":
                yield _fixed_response(action["FixedResponseConfig"], when)
            elif action["Type"] == "redirect":
                yield _redirect(action["RedirectConfig"], listener, when)
            elif action["Type"] == "forward":
                yield from _forward(action, groups, number)
            else:
                raise ValueError(f"action {action['Type']} of {listener.arn} is not supported by the local region")


def _frontend(listener: Listener, groups: Mapping[str, TargetGroup]) -> Iterator[str]:
    tls = f" ssl crt {CONFIG}/tls.pem alpn h2,http/1.1" if listener.protocol == "HTTPS" else ""
    yield f"frontend listener_{listener.port}"
    lines = [
        f"bind :{listener.port}{tls}",
        "http-request set-var(txn.began) date(0,ms)",
        "http-request set-header X-Forwarded-Port %[dst_port]",
        f"http-request set-header X-Forwarded-Proto {listener.protocol.lower()}",
        *_match_lines(listener),
        *_action_lines(listener, groups),
    ]
    # "use_backend" comes after all of "http-request", whatever the order they are written in; keep HAProxy from warning
    # of it.
    yield from (f"    {line}" for line in sorted(lines, key=lambda line: line.startswith("use_backend")))


def _error_lines(name: str, connect: int) -> Iterator[str]:
    """HAProxy says 503 for every failed connection; an ALB says 504 for one that timed out and 502 for one refused."""
    failed = f"{{ status 503 }} !{{ var(txn.answered) -m bool }} {{ nbsrv({name}) gt 0 }}"
    yield "http-response set-var(txn.answered) bool(true)"
    yield "http-after-response set-var(txn.waited) date(0,ms),sub(txn.began)"
    yield f"http-after-response set-status 504 if {failed} {{ var(txn.waited) -m int ge {connect * 1000} }}"
    yield f"http-after-response set-status 502 if {failed}"


def _check_lines(check: HealthCheck) -> Iterator[str]:
    yield "option httpchk"
    # As the load balancer of AWS: the Host of a check is the target's address and port.
    headers = "hdr Host %[bc_dst]:%[bc_dst_port] hdr User-Agent ELB-HealthChecker/2.0"
    yield f"http-check send meth GET uri {quoted(check.path)} ver HTTP/1.1 {headers}"
    yield f"http-check expect status {check.matcher}"
    yield f"timeout check {check.timeout}s"


def _backends(group: TargetGroup, targets: Iterable[Target]) -> Iterator[str]:
    balance = "leastconn" if group.algorithm == "least_outstanding_requests" else "roundrobin"
    for name, checked in ((backend(group), True), (fail_open(group), False)):
        # A check's connection may take min(timeout connect, inter): a long one would delay the detection of a dead
        # target.
        connect = min(CONNECT_TIMEOUT, group.health_check.timeout)
        lines = [f"balance {balance}", f"timeout connect {connect}s", *_error_lines(name, connect)]
        lines += _check_lines(group.health_check) if checked else ()
        lines += [f"server {server(target)} {server_words(group, target, checked)}" for target in targets]
        yield f"backend {name}"
        yield from (f"    {line}" for line in lines)


def render(balancer: LoadBalancer, groups: Mapping[str, TargetGroup], with_servers: bool) -> str:
    """The configuration of a load balancer's node.

    A node starts without servers: each is added by the runtime API as not yet healthy. A reload names those there are,
    and takes their health from the state file.
    """
    head = f"""\
global
    log stdout format raw local0 notice
    maxconn 2000
    stats socket {CONFIG}/admin.sock level admin expose-fd listeners
    server-state-file {CONFIG}/state
    tune.ssl.default-dh-param 2048
defaults
    mode http
    retries 0
    http-reuse never
    option forwardfor
    option idle-close-on-response
    timeout connect {CONNECT_TIMEOUT}s
    timeout client {IDLE_TIMEOUT}s
    timeout server {IDLE_TIMEOUT}s
    timeout http-keep-alive {IDLE_TIMEOUT}s
    load-server-state-from-file global
    http-error status 503 content-type text/html string "<html><body><h1>Service unavailable</h1></body></html>"
"""
    lines: list[str] = []
    for listener in sorted(balancer.listeners, key=lambda listener: listener.port):
        lines += _frontend(listener, groups)
    for group in used_groups(balancer, groups):
        lines += _backends(group, group.targets if with_servers else ())
    return head + "\n".join(lines) + "\n"

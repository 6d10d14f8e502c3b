"""A load balancer's listeners and target groups as HAProxy's configuration. Pure: worlds in, text out.

Each target group is two backends: one of checked servers, and one of the same servers unchecked that is used while too
few are healthy: a load balancer fails open. Neither retries nor redispatches: an ALB doesn't.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from local_region.plane.docker.haproxy_rules import (
    action_lines,
    actions,
    backends,
    body_file,
    match_lines,
    quoted,
    weights,
)
from local_region.plane.docker.services import CONFIG
from local_region.world import Certificate, HealthCheck, Listener, LoadBalancer, Target, TargetGroup

CONNECT_TIMEOUT = 10  # seconds; an ALB answers 504 when a target doesn't accept a connection for so long
STICKY = "AWSALB"  # the cookie that names the target of a sticky session
Key = tuple[str, str]  # (backend, server)
Mode = Literal["ready", "drain", "maint"]


@dataclass(frozen=True)
class Slot:
    """A server: its definition after its name, and what it gets: requests, none but checks, or nothing."""

    words: str
    checked: bool
    mode: Mode


def server(target: Target) -> str:
    """A target's name in HAProxy; the same instance may be registered with several ports."""
    return f"{target.id}_{target.port}"


def _fast_interval(check: HealthCheck) -> int:
    """Milliseconds from the end of a check to the next while they begin to differ: so many that a dead target is out
    after unhealthy threshold x interval, the time-outs of its checks included."""
    time_outs = check.timeout * check.unhealthy_threshold / (check.unhealthy_threshold - 1)
    return max(int((check.interval - time_outs) * 1000), 1000)


def _options(group: TargetGroup, checked: bool) -> str:
    """What all of a backend's servers have in common."""
    words = " ssl verify none" if group.protocol == "HTTPS" else ""
    if not checked:
        return words
    check = group.health_check
    words += f" check inter {check.interval}s fastinter {_fast_interval(check)}ms"
    words += f" rise {check.healthy_threshold} fall {check.unhealthy_threshold}"
    words += f" port {check.port}" if check.port else ""
    if check.protocol == "HTTPS":
        words += " check-ssl verify none"
    elif group.protocol == "HTTPS":
        words += " no-check-ssl"
    return words + (f" slowstart {group.slow_start}s" if group.slow_start else "")


def _words(group: TargetGroup, target: Target, checked: bool) -> str:
    """A server after its name, in the configuration and in "add server" alike."""
    return f"{target.address}:{target.port}{_options(group, checked)}"


def slots(groups: list[TargetGroup], zones_away: Container[str | None]) -> dict[Key, Slot]:
    """Every server that there should be. One that is deregistered stays until its delay is over, for the requests it
    has; one in a zone that traffic is moved away from is checked like the others."""
    found = {}
    for group in groups:
        for target in (*group.targets, *group.draining):
            leaves = target in group.draining
            away: Mode = "drain" if target.zone in zones_away else "ready"
            for backend, checked in zip(backends(group), (True, False), strict=True):
                mode: Mode = "maint" if leaves else away if checked else "ready"
                found[backend, server(target)] = Slot(_words(group, target, checked), checked, mode)
    return found


def bodies(balancer: LoadBalancer) -> dict[str, str]:
    """File name -> content of every fixed response."""
    contents = (
        str(action["FixedResponseConfig"].get("MessageBody") or "")
        for listener in balancer.listeners
        for action in actions(listener)
        if action.get("Type") == "fixed-response"
    )
    return {body_file(content): content for content in contents}


def certificate_file(certificate: Certificate) -> str:
    """The name of the file that holds a certificate with its key: another one when either changes."""
    content = repr((certificate.arn, certificate.names)).encode() + (certificate.pem or b"")
    return f"tls-{hashlib.sha256(content).hexdigest()[:16]}.pem"


def used_groups(balancer: LoadBalancer, groups: Mapping[str, TargetGroup]) -> list[TargetGroup]:
    """The target groups that the load balancer forwards to, by name."""
    arns = {
        arn
        for listener in balancer.listeners
        for action in actions(listener)
        if action.get("Type") == "forward"
        for arn in weights(action)
    }
    return sorted((groups[arn] for arn in arns if arn in groups), key=lambda group: group.name)


def _forwarded_for(balancer: LoadBalancer) -> Iterator[str]:
    """By the attribute routing.http.xff_header_processing.mode."""
    if balancer.forwarded_for == "append":
        before = "{ req.fhdr(X-Forwarded-For) -m found }"
        yield f"http-request set-header X-Forwarded-For '%[req.fhdr(X-Forwarded-For)], %[src]' if {before}"
        yield f"http-request set-header X-Forwarded-For %[src] if !{before}"
    elif balancer.forwarded_for == "remove":
        yield "http-request del-header X-Forwarded-For"


def _trace() -> Iterator[str]:
    """X-Amzn-Trace-Id: the load balancer's own id as Root, or as Self where the client's header has a Root."""
    root = "{ req.fhdr(X-Amzn-Trace-Id) -m sub Root= }"
    own = "1-%[date,hex,bytes(8,8),lower]-%[uuid(),regsub(-,,g),bytes(0,24)]"
    yield f"http-request set-header X-Amzn-Trace-Id 'Self={own};%[req.fhdr(X-Amzn-Trace-Id)]' if {root}"
    yield f"http-request set-header X-Amzn-Trace-Id Root={own} if !{root}"


def _response_headers(listener: Listener) -> Iterator[str]:
    """By the listener's attributes, whoever answers."""
    for name, value in listener.headers:
        yield f"http-after-response set-header {name} {quoted(value.replace('%', '%%'))}"
    if not listener.server:
        yield "http-after-response del-header Server"


def _frontend(balancer: LoadBalancer, listener: Listener, groups: Mapping[str, TargetGroup]) -> Iterator[str]:
    protocols = "h2,http/1.1" if balancer.http2 else "http/1.1"
    files = " ".join(f"crt {CONFIG}/{certificate_file(certificate)}" for certificate in listener.certificates)
    tls = f" ssl {files} alpn {protocols}" if listener.protocol == "HTTPS" else ""
    yield f"frontend listener_{listener.port}"
    lines = [
        f"bind :{listener.port}{tls}",
        "tcp-request session set-var(sess.began) date()",
        "http-request set-var(txn.began) date(0,ms)",
        *_forwarded_for(balancer),
        "http-request set-header X-Forwarded-Port %[dst_port]",
        f"http-request set-header X-Forwarded-Proto {listener.protocol.lower()}",
        *_trace(),
        *match_lines(listener),
        *action_lines(listener, groups),
        *_response_headers(listener),
        # client_keep_alive.seconds: after it a connection gets one more answer, which closes it
        "http-after-response set-header Connection close"
        f" if {{ date(),sub(sess.began) -m int ge {balancer.client_keep_alive} }}",
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


def _sticky_lines(group: TargetGroup, zones_away: tuple[str, ...]) -> Iterator[str]:
    """A cookie names the target that a client stays with while it is healthy (Sticky sessions in the Application Load
    Balancers User Guide). Every answer renews it; AWSALBCORS is the same for requests from other sites."""
    if group.cookie_seconds is None:
        return
    away = " ".join(server(target) for target in group.targets if target.zone in zones_away)
    for name in (STICKY, f"{STICKY}CORS"):
        free = f" !{{ req.cook({name}),b64dec -m str {away} }}" if away else ""
        yield f"use-server %[req.cook({name}),b64dec] if {{ req.cook({name}) -m found }}{free}"
    cookie = f"=%[srv_name,base64]; Expires=%[date({group.cookie_seconds}),http_date]; Path=/"
    yield f"http-response add-header Set-Cookie '{STICKY}{cookie}'"
    yield f"http-response add-header Set-Cookie '{STICKY}CORS{cookie}; SameSite=None' if !{{ ssl_fc }}"
    yield f"http-response add-header Set-Cookie '{STICKY}CORS{cookie}; SameSite=None; Secure' if {{ ssl_fc }}"


def _backends(group: TargetGroup, zones_away: tuple[str, ...], present: Container[Key]) -> Iterator[str]:
    balance = "leastconn" if group.algorithm == "least_outstanding_requests" else "roundrobin"
    # A check's connection may take min(timeout connect, inter): a long one would delay the detection of a dead target.
    connect = min(CONNECT_TIMEOUT, group.health_check.timeout)
    for name, checked in zip(backends(group), (True, False), strict=True):
        lines = [f"balance {balance}", f"timeout connect {connect}s", *_error_lines(name, connect)]
        lines += _sticky_lines(group, zones_away)
        lines += _check_lines(group.health_check) if checked else ()
        lines.append(f"# each server:{_options(group, checked)}")  # so that a change of it changes the structure
        for target in (*group.targets, *group.draining):
            if (name, server(target)) in present:
                lines.append(f"server {server(target)} {_words(group, target, checked)}")
        yield f"backend {name}"
        yield from (f"    {line}" for line in lines)


def render(balancer: LoadBalancer, groups: Mapping[str, TargetGroup], present: Container[Key] = ()) -> str:
    """The configuration of a load balancer's node.

    A node starts without servers: each is added by the runtime API as not yet healthy. A reload names those that are
    ``present``, and takes their health from the state file.
    """
    idle = balancer.idle_timeout
    head = f"""\
global
    log stdout format raw local0 notice
    maxconn 2000
    stats socket {CONFIG}/admin.sock level admin expose-fd listeners
    server-state-file {CONFIG}/state
    tune.ssl.default-dh-param 2048
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    retries 0
    option http-server-close
    option idle-close-on-response
    timeout connect {CONNECT_TIMEOUT}s
    timeout client {idle}s
    timeout server {idle}s
    timeout http-keep-alive {idle}s
    load-server-state-from-file global
    http-error status 503 content-type text/html string "<html><body><h1>Service unavailable</h1></body></html>"
"""
    lines: list[str] = []
    for listener in sorted(balancer.listeners, key=lambda listener: listener.port):
        lines += _frontend(balancer, listener, groups)
    for group in used_groups(balancer, groups):
        lines += _backends(group, balancer.zones_away, present)
    return head + "\n".join(lines) + "\n"

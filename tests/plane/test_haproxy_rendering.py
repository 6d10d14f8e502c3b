"""Load balancers as HAProxy's configuration: worlds in, text out, and HAProxy's own opinion of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_region.plane.docker import haproxy
from local_region.plane.docker.balancers import agreement
from local_region.plane.docker.ca import Authority
from local_region.plane.docker.services import CONFIG
from local_region.world import Certificate, Listener, LoadBalancer, TargetGroup, TargetHealth
from tests.plane import site

PRESENT = {(name, f"{i}_8000") for i in site.INSTANCES for name in ("tg_web", "tg_web_open")}


def config(
    rules: tuple[Any, ...] = (), default: dict[str, Any] | None = None, group: TargetGroup | None = None, **changed: Any
) -> str:
    action = default or {"Type": "forward", "TargetGroupArn": site.GROUP}
    changed.setdefault("listeners", (Listener("l", 80, "HTTP", (action,), rules),))
    balancer = replace(site.balancer(), **changed)
    return haproxy.render(balancer, {site.GROUP: group or site.target_group()}, PRESENT)


def rule(field: str, **condition: Any) -> dict[str, Any]:
    return {
        "Conditions": [{"Field": field, **condition}],
        "Actions": [{"Type": "forward", "TargetGroupArn": site.GROUP}],
    }


def check(text: str, folder: Path) -> None:
    """HAProxy's own opinion of a configuration, with its files in ``folder``."""
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not installed")
    for name in re.findall(rf"file {CONFIG}/(\S+)", text):
        (folder / name).touch()
    (folder / "state").write_text("1\n")
    (folder / "haproxy.cfg").write_text(text.replace(CONFIG, str(folder)))
    command = ["haproxy", "-c", "-f", str(folder / "haproxy.cfg")]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr + text
    assert "[WARNING]" not in done.stderr, done.stderr + text


@pytest.mark.parametrize(
    ("condition", "expression"),
    [
        (rule("path-pattern", Values=["/a*"]), "path -m reg '^/a.*$'"),
        (rule("path-pattern", PathPatternConfig={"Values": ["/a?[b]"]}), r"path -m reg '^/a.\[b\]$'"),
        (
            rule("host-header", HostHeaderConfig={"Values": ["*.a.b"]}),
            "req.hdr(host),field(1,:) -m reg -i '^.*\\.a\\.b$'",
        ),
        (
            rule("http-header", HttpHeaderConfig={"HttpHeaderName": "X-A", "Values": ["it's"]}),
            "req.fhdr(X-A) -m reg -i '^it'\\''s$'",
        ),
        (rule("path-pattern", PathPatternConfig={"RegexValues": ["^/v[12]/"]}), "path -m reg '^/v[12]/'"),
        (
            rule("http-header", HttpHeaderConfig={"HttpHeaderName": "X-A", "RegexValues": ["^a|b$"]}),
            "req.fhdr(X-A) -m reg '^a|b$'",
        ),
        (rule("http-request-method", HttpRequestMethodConfig={"Values": ["GET"]}), "method 'GET'"),
        (
            rule("query-string", QueryStringConfig={"Values": [{"Key": "k", "Value": "v*"}]}),
            "query -m reg -i '(^|&)k=v[^&]*(&|$)'",
        ),
        (
            rule("query-string", QueryStringConfig={"Values": [{"Value": "v"}]}),
            "query -m reg -i '(^|&)[^&=]*=v(&|$)'",
        ),
        (rule("source-ip", SourceIpConfig={"Values": ["10.0.0.0/8"]}), "src 10.0.0.0/8"),
    ],
)
def test_condition(condition: dict[str, Any], expression: str, tmp_path: Path) -> None:
    text = config((condition,))
    assert f"    acl rule1_0 {expression}\n" in text
    check(text, tmp_path)


@pytest.mark.parametrize(
    ("redirect", "location"),
    [
        ({"Protocol": "HTTPS", "Port": "443"}, "https://%[req.hdr(host),field(1,:)]:443/%[path,regsub(^/,)]"),
        ({"Host": "x.y", "Path": "/p%20q", "Query": "a=b"}, "http://x.y:80/p%%20q?a=b"),
        ({"Query": ""}, "http://%[req.hdr(host),field(1,:)]:80/%[path,regsub(^/,)]"),
    ],
    ids=["to HTTPS", "elsewhere", "without query"],
)
def test_redirect(redirect: dict[str, str], location: str, tmp_path: Path) -> None:
    """The port is always in the location; a question mark only before a query."""
    text = config(default={"Type": "redirect", "RedirectConfig": {**redirect, "StatusCode": "HTTP_301"}})
    assert f"http-request redirect code 301 location '{location}' if {{ var(txn.rule) -m int 0 }}\n" in text
    assert ("{ query -m len gt 0 }" in text) is ("Query" not in redirect)
    check(text, tmp_path)


@pytest.mark.parametrize(
    ("transform", "line"),
    [
        (
            {
                "Type": "url-rewrite",
                "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/v1/(.*)$", "Replace": "/$1"}]},
            },
            "http-request replace-pathq '^/v1/(.*)$' '/\\1'",
        ),
        (
            {
                "Type": "host-header-rewrite",
                "HostHeaderRewriteConfig": {"Rewrites": [{"Regex": "^.*$", "Replace": "new.example"}]},
            },
            "http-request replace-header Host '^.*$' 'new.example'",
        ),
    ],
)
def test_transform(transform: dict[str, Any], line: str, tmp_path: Path) -> None:
    text = config(({**rule("path-pattern", Values=["/v1/*"]), "Transforms": [transform]},))
    assert f"    {line} if {{ var(txn.rule) -m int 1 }}\n" in text
    check(text, tmp_path)


def test_headers_of_every_response(tmp_path: Path) -> None:
    action = {"Type": "forward", "TargetGroupArn": site.GROUP}
    headers = (("Strict-Transport-Security", "max-age=1"),)
    listener = Listener("l", 80, "HTTP", (action,), headers=headers, server=False)
    text = config(listeners=(listener,))
    assert "    http-after-response set-header Strict-Transport-Security 'max-age=1'\n" in text
    assert "    http-after-response del-header Server\n" in text
    check(text, tmp_path)


def test_fixed_response(tmp_path: Path) -> None:
    check(config(default={"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}), tmp_path)


def test_weights_share_one_draw(tmp_path: Path) -> None:
    other = replace(site.target_group(), arn="arn:other", name="other")
    groups = [{"TargetGroupArn": site.GROUP, "Weight": 3}, {"TargetGroupArn": other.arn, "Weight": 1}]
    listener = Listener("l", 80, "HTTP", ({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}},))
    balancer = replace(site.balancer(), listeners=(listener,))
    text = haproxy.render(balancer, {site.GROUP: site.target_group(), other.arn: other})
    assert "set-var(txn.draw) rand(4)" in text
    assert "use_backend tg_web if { var(txn.rule) -m int 0 } { var(txn.draw) -m int lt 3 }\n" in text
    assert "use_backend tg_other if { var(txn.rule) -m int 0 }\n" in text
    check(text, tmp_path)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"idle_timeout": 7}, "timeout server 7s"),
        ({"client_keep_alive": 90}, "{ date(),sub(sess.began) -m int ge 90 }"),
        ({"forwarded_for": "remove"}, "http-request del-header X-Forwarded-For"),
        ({}, "http-request set-header X-Forwarded-For %[src] if !{ req.fhdr(X-Forwarded-For) -m found }"),
    ],
)
def test_attribute_of_the_load_balancer(changed: dict[str, Any], line: str, tmp_path: Path) -> None:
    text = config(**changed)
    assert line in text
    check(text, tmp_path)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"slow_start": 30}, "rise 2 fall 2 slowstart 30s"),
        ({"protocol": "HTTPS"}, "10.0.10.11:8000 ssl verify none check inter 5s fastinter 1000ms"),
        ({"routing_minimum": 2}, "use_backend tg_web_open if { var(txn.rule) -m int 0 } { nbsrv(tg_web) lt 2 }"),
        ({"cookie_seconds": 60}, "use-server %[req.cook(AWSALB),b64dec] if { req.cook(AWSALB) -m found }"),
        ({"algorithm": "least_outstanding_requests"}, "balance leastconn"),
    ],
)
def test_attribute_of_the_target_group(changed: dict[str, Any], line: str, tmp_path: Path) -> None:
    text = config(group=replace(site.target_group(), **changed))
    assert line in text
    check(text, tmp_path)


@pytest.mark.parametrize("changed", [{"interval": 6}, {"unhealthy_threshold": 3}, {"port": 9000}, {"path": "/up"}])
def test_a_changed_health_check_changes_the_structure(changed: dict[str, Any]) -> None:
    """The servers that are there are made anew by a reload."""
    group = site.target_group()
    other = replace(group, health_check=replace(group.health_check, **changed))
    assert len({haproxy.render(site.balancer(), {site.GROUP: each}) for each in (group, other)}) == 2


def test_certificates_are_chosen_by_name(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "secrets", tmp_path / "ca.crt", "t")
    certificates = (Certificate("arn:1", ("a.example",)), Certificate("arn:2", ("b.example",), b"pem"))
    for each in certificates:
        (tmp_path / haproxy.certificate_file(each)).write_bytes(authority.issue(*each.names).pem)
    forward = {"Type": "forward", "TargetGroupArn": site.GROUP}
    listener = Listener("l", 443, "HTTPS", (forward,), certificates=certificates)
    text = haproxy.render(replace(site.balancer(), listeners=(listener,)), {site.GROUP: site.target_group()})
    assert len({haproxy.certificate_file(each) for each in certificates}) == 2
    assert "alpn h2,http/1.1" in text
    check(text, tmp_path)


def modes(group: TargetGroup, balancer: LoadBalancer) -> dict[haproxy.Key, str]:
    return {key: slot.mode for key, slot in haproxy.slots([group], balancer.zones_away).items()}


def test_what_each_server_gets() -> None:
    """A deregistered target gets nothing; one in a zone that traffic is moved away from is still checked."""
    first, second = (replace(t, zone=f"us-east-1{z}") for t, z in zip(site.target_group().targets, "ab", strict=True))
    group = replace(site.target_group(), targets=(first,), draining=(second,))
    servers = [haproxy.server(target) for target in (first, second)]
    assert modes(group, site.balancer()) == {
        ("tg_web", servers[0]): "ready", ("tg_web_open", servers[0]): "ready",
        ("tg_web", servers[1]): "maint", ("tg_web_open", servers[1]): "maint",
    }  # fmt: skip
    away = replace(site.balancer(), zones_away=("us-east-1a",))
    assert modes(group, away)["tg_web", servers[0]] == "drain"
    assert modes(group, away)["tg_web_open", servers[0]] == "ready"
    group = replace(group, cross_zone=False)
    assert group.in_zone("us-east-1b").targets == ()
    assert group.in_zone("us-east-1b").draining == (second,)


WELL, ILL, NEW = TargetHealth("healthy"), TargetHealth("unhealthy", "Target.Timeout"), TargetHealth("initial")


@pytest.mark.parametrize(
    ("seen", "before", "said"),
    [
        ([WELL, WELL], NEW, WELL),
        ([WELL, NEW], NEW, NEW),  # not every node may use it yet
        ([WELL, ILL], WELL, WELL),  # a node may still
        ([WELL, ILL], ILL, ILL),
        ([ILL, ILL], WELL, ILL),
        ([NEW, WELL], WELL, WELL),  # a node began anew
        ([WELL, ILL], None, ILL),
        ([TargetHealth("unused"), WELL], None, WELL),
    ],
)
def test_nodes_agree_on_a_target(seen: list[TargetHealth], before: TargetHealth | None, said: TargetHealth) -> None:
    assert agreement(seen, before) == said

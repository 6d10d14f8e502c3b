"""What a client sees, over which address, and that a request once sent is never sent again."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_client import Client, Exchange, origin
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_message import request

from tests.support.goals_servers import Goals, Servers

ONE, TWO = "127.0.0.1", "127.0.0.2"


def with_servers(use: Callable[[Servers, Client], Awaitable[Any]], goals: Goals | None = None, **options: Any) -> Any:
    async def run() -> Any:
        async with Servers(goals or Goals()) as servers:
            client = Client(origin(f"http://goals.example:{servers.port}"), **options)
            try:
                return await use(servers, client)
            finally:
                client.close()

    return asyncio.run(run())


async def get(client: Client, *addresses: str, reuse: bool = False) -> Exchange:
    return await client.exchange(request("GET", "goals.example", "/"), addresses, reuse=reuse)


def outcomes(exchange: Exchange) -> list[tuple[str, str]]:
    return [(each.address, each.outcome) for each in exchange.attempts]


def test_the_first_address_that_connects_answers():
    exchange = with_servers(lambda _, client: get(client, ONE, TWO))
    assert (exchange.outcome, exchange.address, outcomes(exchange)) == ("200", ONE, [(ONE, "connected")])
    assert exchange.response.headers["x-served-by"] == "ip-10-0-1-5"


def test_a_refused_connection_leads_to_the_next_address():
    async def use(servers, client):
        await servers.kill(ONE)
        return await get(client, ONE, TWO)

    exchange = with_servers(use)
    assert (exchange.outcome, outcomes(exchange)) == ("200", [(ONE, "connect_refused"), (TWO, "connected")])


def test_a_silent_address_costs_the_connect_timeout_and_leads_to_the_next():
    async def use(servers, client):
        await servers.kill(ONE)
        with socket.socket() as deaf:  # its queue is full: Linux answers no further SYN
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            deaf.bind((ONE, servers.port))
            deaf.listen(0)
            with socket.create_connection((ONE, servers.port)):
                return await get(client, ONE, TWO)

    exchange = with_servers(use, connect_timeout=0.2)
    assert (exchange.outcome, outcomes(exchange)) == ("200", [(ONE, "connect_timeout"), (TWO, "connected")])
    assert exchange.attempts[0].seconds >= 0.2


@pytest.mark.parametrize(("addresses", "outcome"), [((ONE, TWO), "connect_refused"), ((), "no_address")])
def test_a_request_without_any_connection_fails(addresses, outcome):
    async def use(servers, client):
        await servers.kill(ONE)
        await servers.kill(TWO)
        return await get(client, *addresses)

    exchange = with_servers(use)
    assert (exchange.outcome, exchange.response, len(exchange.attempts)) == (outcome, None, len(addresses))


def test_a_failing_answer_is_what_the_client_sees():
    exchange = with_servers(lambda _, client: get(client, ONE), Goals(fault=lambda *_: 503))
    assert exchange.outcome == "503"


async def for_ever(*_: str) -> int:
    await asyncio.Event().wait()
    return 0


def test_no_answer_in_time_fails_and_is_not_tried_elsewhere():
    goals = Goals(fault=for_ever)
    exchange = with_servers(lambda _, client: get(client, ONE, TWO), goals, request_timeout=0.1)
    assert exchange.outcome == "timeout"
    assert goals.requests == [(ONE, "GET", "/")]


def test_a_connection_that_ends_before_the_answer_fails_and_is_not_tried_elsewhere():
    goals = Goals()

    async def use(servers, client):
        goals.fault = lambda address, *_: servers.kill(address)
        return await get(client, ONE, TWO)

    exchange = with_servers(use, goals)
    assert exchange.outcome == "closed"
    assert goals.requests == [(ONE, "GET", "/")]


def test_kept_connections_are_used_in_turn_and_others_are_not():
    goals = Goals()

    async def use(_, client):
        fresh = [await get(client, ONE) for _ in range(5)]
        return fresh + [await get(client, ONE, reuse=True) for _ in range(9)]

    exchanges = with_servers(use, goals, kept=3)
    assert [outcomes(each)[0][1] for each in exchanges] == ["connected"] * 8 + ["reused"] * 6
    assert goals.connections == {ONE: 8}


def test_a_kept_connection_that_ended_meanwhile_is_replaced():
    async def use(servers, client):
        await get(client, ONE, reuse=True)
        await servers.kill(ONE)
        await servers.start(ONE)
        await asyncio.sleep(0)
        return await get(client, ONE, reuse=True)

    exchange = with_servers(use, kept=1)
    assert (exchange.outcome, outcomes(exchange)) == ("200", [(ONE, "connected")])


def test_a_kept_connection_that_is_idle_for_too_long_is_replaced():
    now = 0.0

    async def use(_, client):
        nonlocal now
        await get(client, ONE, reuse=True)
        now = 31.0
        return await get(client, ONE, reuse=True)

    assert outcomes(with_servers(use, kept=1, clock=lambda: now)) == [(ONE, "connected")]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> ssl.SSLContext:
    """A server's certificate that nobody vouches for."""
    directory = tmp_path_factory.mktemp("tls")
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=goals.example"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize(("validated", "seen"), [(False, ["200", "200"]), (True, ["connect_error", "connect_error"])])
def test_a_certificate_must_hold_unless_told_otherwise(certificate, validated, seen):
    async def run() -> list[Exchange]:
        async with Servers(Goals(), (ONE,), tls=certificate) as servers:
            url = f"https://goals.example:{servers.port}"
            client = Client(origin(url, validate_certs=validated), connect_timeout=60, kept=1)
            found = [await get(client, ONE, reuse=True) for _ in range(2)]
            client.close()
            return found

    exchanges = asyncio.run(run())
    assert [each.outcome for each in exchanges] == seen
    assert all("certificate" in each.detail for each in exchanges) == validated


@pytest.mark.parametrize("url", ["goals.example", "ftp://goals.example", "http://", ""])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(ValueError, match="no http or https URL"):
        origin(url)


@pytest.mark.parametrize(
    ("url", "named"),
    [("http://a.example", "a.example"), ("https://a.example:443/x", "a.example"), ("http://[::1]:81", "[::1]:81")],
)
def test_the_host_header_names_the_port_where_it_is_not_the_schemes_own(url, named):
    assert origin(url).named == named

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One HTTP request as a browser makes it: over every address of the name, with a short time to connect to each."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_message import Arriving, NotHttp, Response

# What becomes of a request that gets no status code.
NO_ADDRESS = "no_address"  # the name has no address
CONNECT_TIMEOUT = "connect_timeout"
CONNECT_REFUSED = "connect_refused"
CONNECT_ERROR = "connect_error"  # no route, reset while connecting, a certificate that doesn't hold
CLOSED = "closed"  # the connection ended before the response was whole
TIMEOUT = "timeout"  # no whole response in time
NOT_HTTP = "not_http"
CONNECTED, REUSED = "connected", "reused"


class Closed(ConnectionError):
    """The connection ended before the response was whole."""


@dataclass(frozen=True)
class Origin:
    """Where requests go: an URL's scheme, host and port."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None

    @property
    def named(self) -> str:
        """As the header Host wants it: the port where it is not the scheme's own."""
        own = 443 if self.tls else 80
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == own else f"{host}:{self.port}"


def origin(url: str, *, validate_certs: bool = True) -> Origin:
    """ValueError for what is no http or https URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no http or https URL")
    if parts.scheme == "http":
        return Origin(parts.hostname, parts.port or 80)
    context = ssl.create_default_context()
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return Origin(parts.hostname, parts.port or 443, context)


@dataclass(frozen=True)
class Attempt:
    """One address that was tried: when (seconds of the clock), for how long, what came of it and why."""

    address: str
    at: float
    seconds: float
    outcome: str
    detail: str = ""


@dataclass(frozen=True)
class Exchange:
    """What a client saw of one request: ``outcome`` is a status code as text, or one of the words above."""

    outcome: str
    attempts: tuple[Attempt, ...] = ()
    response: Response | None = None
    detail: str = ""

    @property
    def address(self) -> str:
        return self.attempts[-1].address if self.attempts else ""


class Connection(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._arriving = Arriving()
        self._answer: asyncio.Future[Response] | None = None

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, message: bytes) -> Response:
        """Closed or NotHttp where no whole response comes; the caller bounds the time."""
        if self._transport is None or not self.open:
            raise Closed("before the request was sent")
        self._arriving = Arriving()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(message)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()  # nothing is left to send: an orderly TLS goodbye could wait for ever

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # a response that nothing asked for, such as 408: the connection is not to be used again
            return
        try:
            response = self._arriving.feed(data)
        except NotHttp as error:
            self._answer.set_exception(error)
            self.close()
            return
        if response is not None:
            self._answer.set_result(response)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is None or self._answer.done():
            return
        response = self._arriving.end() if exc is None else None
        if response is None:
            self._answer.set_exception(Closed(str(exc or "before the response was whole")))
        else:
            self._answer.set_result(response)


@dataclass
class Client:
    """Makes requests to ``origin``.

    A request tries one address after the other until one takes the connection within ``connect_timeout``. Once it is
    sent it is not tried again: whatever becomes of it is what the client saw.

    It stands for many clients. One that comes once opens a connection and closes it. With ``reuse`` it is one of
    ``kept`` clients an address that keep their connection, and each of them asks in its turn.
    """

    origin: Origin
    connect_timeout: float = 1.0
    request_timeout: float = 5.0
    kept: int = 10
    idle_timeout: float = 30.0  # less than the 60 s after which a load balancer closes an idle connection
    clock: Callable[[], float] = time.monotonic
    _idle: dict[str, deque[Connection]] = field(default_factory=lambda: defaultdict(deque))

    async def exchange(self, message: bytes, addresses: Iterable[str], *, reuse: bool = False) -> Exchange:
        """Send ``message`` to the first of ``addresses`` that connects."""
        attempts: list[Attempt] = []
        connection = None
        for address in addresses:
            connection = await self._connection(address, reuse, attempts)
            if connection is not None:
                exchange = await self._ask(connection, message, tuple(attempts))
                self._keep(connection, exchange, reuse)
                return exchange
        if not attempts:
            return Exchange(NO_ADDRESS)
        return Exchange(attempts[-1].outcome, tuple(attempts), detail=attempts[-1].detail)

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    async def _connection(self, address: str, reuse: bool, attempts: list[Attempt]) -> Connection | None:
        at = self.clock()
        connection = self._idle_one(address) if reuse else None
        outcome, detail = REUSED, ""
        if connection is None:
            connection, outcome, detail = await self._connect(address)
        attempts.append(Attempt(address, at, self.clock() - at, outcome, detail))
        return connection

    def _idle_one(self, address: str) -> Connection | None:
        """The connection that waited longest, once there are as many as are kept; those that ended are left out."""
        oldest = self.clock() - self.idle_timeout
        idle = deque(each for each in self._idle[address] if each.open and each.idle_since >= oldest)
        for connection in self._idle[address]:
            if connection not in idle:
                connection.close()
        self._idle[address] = idle
        return idle.popleft() if len(idle) >= self.kept else None

    async def _connect(self, address: str) -> tuple[Connection | None, str, str]:
        tls = self.origin.tls
        opening = asyncio.get_running_loop().create_connection(
            lambda: Connection(address),
            address,
            self.origin.port,
            ssl=tls,
            server_hostname=self.origin.host if tls else None,
        )
        try:
            _, connection = await asyncio.wait_for(opening, self.connect_timeout)
        except TimeoutError:
            return None, CONNECT_TIMEOUT, ""
        except ConnectionRefusedError:
            return None, CONNECT_REFUSED, ""
        except OSError as error:
            return None, CONNECT_ERROR, str(error)
        return connection, CONNECTED, ""

    async def _ask(self, connection: Connection, message: bytes, attempts: tuple[Attempt, ...]) -> Exchange:
        try:
            response = await asyncio.wait_for(connection.ask(message), self.request_timeout)
        except TimeoutError:
            outcome, detail = TIMEOUT, ""
        except NotHttp as error:
            outcome, detail = NOT_HTTP, str(error)
        except ConnectionError as error:
            outcome, detail = CLOSED, str(error)
        else:
            return Exchange(str(response.status), attempts, response)
        return Exchange(outcome, attempts, detail=detail)

    def _keep(self, connection: Connection, exchange: Exchange, reuse: bool) -> None:
        idle = self._idle[connection.address]
        reusable = connection.open and exchange.response is not None and exchange.response.reusable
        if not (reuse and reusable and len(idle) < self.kept):
            connection.close()
            return
        connection.idle_since = self.clock()
        idle.append(connection)

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What reads and operations are given: clients, the identifiers known so far, and the time they have."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ansible_collections.amazon.aws.plugins.module_utils.botocore import boto3_inventory_conn, get_aws_connection_info
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.waiting import wait_until
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

try:
    from botocore.config import Config
except ImportError:
    Config = None

T = TypeVar("T")

CONNECT_TIMEOUT = 5  # seconds
SIDE_BY_SIDE = 8  # calls at once


@dataclass
class Session:
    """One module run.

    ``client`` gives a boto3 client by service name. ``ids`` holds (kind, name) -> identifier, as read, and as each
    operation adds what it made, so that later operations find what they refer to. ``answers`` holds what AWS answered
    to the calls that made it. ``left`` says in words which changes could not be made without waiting, where the run is
    not to wait.
    """

    client: Callable[[str], Any]
    wait: bool = True
    wait_timeout: float = 600
    params: Mapping[str, Any] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def until(self, what: str, look: Callable[[], T], pending: Callable[[T], str | None]) -> T:
        """Look until ``pending`` has nothing left to say; StackError after ``wait_timeout`` with what it last said."""
        return wait_until(what, look, pending, self.wait_timeout)

    def together(self, *calls: Callable[[], Any]) -> list[Any]:
        """The results of independent calls, made side by side (boto3's clients may be shared by threads).

        Where some fail, all of them are told.
        """
        if len(calls) < 2:
            return [call() for call in calls]
        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
            futures = [pool.submit(call) for call in calls]
        told = dict.fromkeys(str(error) for each in futures if isinstance(error := each.exception(), StackError))
        if len(told) > 1:
            raise StackError(" ".join(told))
        return [future.result() for future in futures]


Operation = Callable[[Session, Change], None]


def clients(module: Any) -> Callable[[str], Any]:
    """boto3 clients with amazon.aws's connection options, one a service, made when first asked for.

    Throttled calls are retried by botocore's adaptive mode, which slows down to what the account allows. StackError
    where there can be no client; amazon.aws's own would end the module, once in every thread that asks for it.
    """
    region, endpoint, connection = get_aws_connection_info(module)
    config = Config(retries={"mode": "adaptive", "total_max_attempts": 10}, connect_timeout=CONNECT_TIMEOUT)
    making = Lock()  # boto3 makes clients in one thread at a time

    @cache
    def made(service: str) -> Any:
        with explained(f"connect to {service}", ValueError):
            client = boto3_inventory_conn(
                "client", service, region=region, endpoint=endpoint, config=config, **connection
            )
        reach(client.meta.endpoint_url)
        return client

    def client(service: str) -> Any:
        with making:
            return made(service)

    return client


def reach(endpoint: str) -> None:
    """StackError at once where nothing answers at ``endpoint``: botocore would retry for a minute."""
    url = urlsplit(endpoint)
    if getproxies().get(url.scheme) and not proxy_bypass(url.hostname or ""):
        return
    if obstacle := _obstacle(url.hostname or "", url.port or {"http": 80, "https": 443}[url.scheme]):
        raise StackError(
            f"endpoint_url: {endpoint!r} can't be reached ({obstacle}). "
            "Check region and endpoint_url, and that this machine reaches them."
        )


@cache
def _obstacle(host: str, port: int) -> str | None:
    """Why no connection can be opened; tried once, however many threads ask."""
    try:
        socket.create_connection((host, port), timeout=CONNECT_TIMEOUT).close()
    except OSError as error:
        return str(error)
    return None

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""After the load: each acknowledged write is read back, and what the probe wrote is deleted."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_client import Client, Exchange
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_message import request
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.names import Names

_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')  # RFC 8288
AGAIN_AFTER = 0.5  # seconds
DELETERS = 8  # deletions on their way at once


class NotReadable(Exception):
    """The list could not be read; what became of the writes is not known."""


@dataclass(frozen=True)
class ReadBack:
    """``lost``: acknowledged, and not there. ``unacknowledged_found``: committed although the client saw a failure."""

    acknowledged: int
    lost: tuple[str, ...]
    unacknowledged_found: int
    deleted: int = 0
    not_deleted: int = 0

    def facts(self) -> dict[str, Any]:
        return {
            "acknowledged": self.acknowledged,
            "lost": list(self.lost),
            "unacknowledged_found": self.unacknowledged_found,
            "deleted": self.deleted,
            "not_deleted": self.not_deleted,
        }


@dataclass
class Items:
    """The list that the writes went to: JSON objects with an id, newest first or not, page by page."""

    client: Client
    names: Names
    list_path: str
    item_path: str
    field: str
    timeout: float

    async def all(self) -> dict[str, Any]:
        """Text -> id of everything in the list. NotReadable after ``timeout`` seconds of failures in a row."""
        found: dict[str, Any] = {}
        path: str | None = self.list_path
        while path:
            exchange = await self._until(request("GET", self.client.origin.named, path), ("200",))
            assert exchange.response is not None  # noqa: S101
            found.update(self._page(exchange.response.body))
            path = next_page(exchange.response.headers.get("link", ""))
        return found

    async def delete(self, ids: Mapping[str, Any]) -> int:
        """How many were deleted; a goal that is gone already counts as well."""
        waiting = iter(ids.values())

        async def worker() -> int:
            return sum([await self._delete(each) for each in waiting])

        return sum(await asyncio.gather(*(worker() for _ in range(DELETERS))))

    async def _delete(self, identity: Any) -> int:
        path = f"{self.item_path}/{identity}"
        try:
            await self._until(request("DELETE", self.client.origin.named, path), ("200", "202", "204", "404"))
        except NotReadable:
            return 0
        return 1

    def _page(self, body: bytes) -> Iterator[tuple[str, Any]]:
        try:
            items = json.loads(body)
            return iter([(str(each[self.field]), each.get("id")) for each in items])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise NotReadable(f"{self.list_path} is no list of objects with {self.field!r}: {error}") from error

    async def _until(self, message: bytes, statuses: tuple[str, ...]) -> Exchange:
        """Ask again until one of ``statuses``: these requests measure nothing."""
        deadline = time.monotonic() + self.timeout
        turn = 0
        while True:
            exchange = await self.client.exchange(message, self.names.order(turn), reuse=True)
            if exchange.outcome in statuses:
                return exchange
            if time.monotonic() > deadline:
                asked = message.partition(b" HTTP/")[0].decode()
                raise NotReadable(f"{asked}: {exchange.outcome} for {self.timeout:g} s")
            turn += 1
            await asyncio.sleep(AGAIN_AFTER)


async def read_back(
    items: Items, acknowledged: Mapping[str, float], unacknowledged: Mapping[str, float], *, delete: bool
) -> ReadBack:
    there = await items.all()
    own = {text: there[text] for text in (*acknowledged, *unacknowledged) if text in there}
    deleted = await items.delete(own) if delete else 0
    return ReadBack(
        acknowledged=len(acknowledged),
        lost=tuple(text for text in acknowledged if text not in there),
        unacknowledged_found=sum(text in there for text in unacknowledged),
        deleted=deleted,
        not_deleted=len(own) - deleted,
    )


def next_page(link: str) -> str | None:
    """The path of the next page that a Link header names."""
    matched = _NEXT.search(link)
    return matched[1] if matched else None

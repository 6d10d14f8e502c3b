# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The whole of a probe: load, reading back, deleting, and what it took."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_client import Client, origin
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.log import Log
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.names import Names
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.probe import Load, Probe
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.read_back import Items, NotReadable, read_back
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, StackError

Params = Mapping[str, Any]
SHARES = ("write_share", "reuse_share")
POSITIVE = ("rate", "duration", "connect_timeout", "request_timeout", "dns_interval", "read_back_timeout")
NICENESS = -10
MOST_RATE = 2000  # requests/s; one process does not keep its times beyond


def faults(params: Params) -> tuple[Fault, ...]:
    """Every option that can't be right."""
    found = [Fault(name, params[name], "is no share", "Give 0 to 1") for name in SHARES if not 0 <= params[name] <= 1]
    found += [
        Fault(name, params[name], "is no time or rate", "Give more than 0") for name in POSITIVE if params[name] <= 0
    ]
    if params["rate"] > MOST_RATE:
        found.append(Fault("rate", params["rate"], "is more than one probe keeps up", f"Give {MOST_RATE} at most"))
    if not params["read_paths"]:
        found.append(Fault("read_paths", params["read_paths"], "names nothing to read", "Give a path such as /"))
    try:
        origin(params["url"])
    except ValueError:
        found.append(Fault("url", params["url"], "is no http or https URL", "Give http://HOST or http://HOST:PORT"))
    return tuple(found)


def run(params: Params) -> dict[str, Any]:
    """The module's result; StackError where there can be no measurement."""
    stop_file = _path(params["stop_file"])
    if stop_file and stop_file.exists():
        raise StackError(f"stop_file: {str(stop_file)!r} is there already: the probe would stop at once. Remove it.")
    try:
        log = Log(Path(params["log"]))
    except OSError as error:
        raise StackError(f"log: {params['log']!r} can't be written ({error}). Give a path in a directory.") from error
    with suppress(PermissionError):
        os.nice(NICENESS)  # who measures goes first, where that may be: a late prober measures itself
    with log:
        return asyncio.run(_run(params, log, stop_file))


async def _run(params: Params, log: Log, stop_file: Path | None) -> dict[str, Any]:
    where = origin(params["url"], validate_certs=params["validate_certs"])
    names = Names(where.host, where.port, params["dns_interval"])
    client = Client(where, params["connect_timeout"], params["request_timeout"])
    probe = Probe(where, load(params), client, names, log, params["duration"], stop_file, _path(params["status_file"]))
    names.changed = lambda addresses, cause: log.write(
        "addresses", time.time(), name=where.host, addresses=addresses, cause=cause
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, probe.stop)
    await names.look()
    following = asyncio.create_task(names.follow())
    try:
        log.write("probe", time.time(), run=probe.run, url=params["url"], rate=params["rate"])
        took = await _measured(probe)
        log.write("probe_end", time.time(), **probe.count.facts(), **took)
        written = await _read_back(params, probe)
    finally:
        following.cancel()
        client.close()
    return {"run": probe.run, "log": params["log"], **probe.count.facts(), **took, "read_back": written}


async def _measured(probe: Probe) -> dict[str, float]:
    """Send; how long that was, and the share of one processor that it took."""
    wall, cpu = time.monotonic(), time.process_time()
    await probe.send()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    return {"elapsed_seconds": round(wall, 3), "cpu_share": round(cpu / wall, 4)}


async def _read_back(params: Params, probe: Probe) -> dict[str, Any]:
    """What became of the writes; where that can't be known, why."""
    if not params["read_back"]:
        return {}
    items = Items(
        probe.client,
        probe.names,
        params["list_path"],
        params["write_path"],
        params["write_field"],
        params["read_back_timeout"],
    )
    count = probe.count
    try:
        facts = (await read_back(items, count.acknowledged, count.unacknowledged, delete=params["delete"])).facts()
    except NotReadable as error:
        facts = {"acknowledged": len(count.acknowledged), "error": str(error)}
    probe.log.write("read_back", time.time(), **facts)
    return facts


def load(params: Params) -> Load:
    return Load(
        rate=params["rate"],
        write_share=params["write_share"],
        reuse_share=params["reuse_share"],
        read_paths=tuple(params["read_paths"]),
        read_status=params["read_status"],
        write_path=params["write_path"],
        write_field=params["write_field"],
        write_status=params["write_status"],
        instance_header=params["instance_header"].lower(),
        version_header=params["version_header"].lower(),
    )


def _path(given: str | None) -> Path | None:
    return Path(given) if given else None

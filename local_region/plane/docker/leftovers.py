"""What a region has on its host, taken away: by itself when it stops, by the next one when it was killed."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from pathlib import Path

from local_region.plane.docker import firewall, names, routing
from local_region.plane.docker.engine import Engine
from local_region.plane.docker.layout import REGISTRY_HOST, Layout

CERTS = Path("/etc/docker/certs.d")  # where an engine looks for the authorities of single registries

log = logging.getLogger(__name__)


def clear(layout: Layout, engine: Engine) -> None:
    """Remove every body of the region and every trace on the host."""
    engine.sweep()
    routing.close_host(layout)
    firewall.unload(layout)
    names.write_hosts_block(layout, {})
    shutil.rmtree(CERTS / REGISTRY_HOST, ignore_errors=True)
    shutil.rmtree(layout.runtime_dir, ignore_errors=True)


def clear_dead(layout: Layout, engine: Engine) -> None:
    """Remove what is left of other regions that no longer have a running body: their host was restarted, say, or the
    engine's storage was emptied, and no more than their names are left.

    Two regions can't have one "internet", so that what a dead one left would keep this one from starting.
    """
    known = engine.regions() | names.regions()
    # Asked for last: one that starts has networks before it has containers, and names after them.
    for name in sorted(known - engine.living_regions() - {layout.name}):
        dead = Layout(replace(layout.settings, name=name))
        log.warning("region %s was killed, and none of it runs: what it left on this machine is removed", name)
        clear(dead, Engine(dead))

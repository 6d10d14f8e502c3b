"""``make destroy`` and ``make region-down`` leave nothing, after a whole site and after a half-made one."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import STATE, make

pytestmark = pytest.mark.e2e

REGION_OWN = {"dns", "edge", "registry"}  # what a region runs without any stack


def kinds(site, engine) -> set[str]:
    """The kinds of containers there are, stopped ones too."""
    prefix = f"lr-{site.region['name']}-"
    containers = engine.containers.list(all=True, filters={"label": f"local-region={site.region['name']}"})
    return {container.name.removeprefix(prefix).split("-")[0] for container in containers}


def test_nothing_of_the_stack_is_left(site, engine, left_over):
    make("destroy", f"STACK={site.name}")
    assert left_over() == {}
    assert kinds(site, engine) <= REGION_OWN
    assert "elb.amazonaws.com" not in Path("/etc/hosts").read_text()


def test_a_half_finished_site_goes_too(site, engine, left_over):
    make("site", "ARGS=--tags network,database")
    assert left_over() != {}
    make("destroy", f"STACK={site.name}")
    assert left_over() == {}
    assert kinds(site, engine) <= REGION_OWN


def test_the_region_leaves_nothing_on_the_machine(site, engine):
    name = site.region["name"]
    make("region-down")
    label = {"label": f"local-region={name}"}
    assert engine.containers.list(all=True, filters=label) == []
    assert engine.networks.list(filters=label) == []
    assert engine.volumes.list(filters=label) == []
    assert f"lr-{name}" not in Path("/etc/hosts").read_text()
    tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout
    assert "local_region" not in tables
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert not re.search(r"^\d+: lr[0-9a-f]{4}-", links, re.MULTILINE)
    assert not (STATE / "region.json").exists()

"""The site is removed, whatever state it is in, by whoever says its name."""

from __future__ import annotations

import pytest

from tests.integration.site.conftest import NAME
from tests.support.left_over import left_over
from tests.support.playbook import play


def test_destroy_asks_for_the_right_name(region, built):
    region.calls.mark()
    refused = region.destroy(confirm="another")
    assert refused.returncode != 0
    assert NAME in refused.messages()
    assert region.calls.writes() == []


def test_destroy_without_a_terminal_names_what_to_give(region, built):
    region.calls.mark()
    refused = play("destroy", environment=region.environment)
    assert refused.returncode != 0
    assert f"confirm: '' is not the name of the stack, {NAME}" in refused.messages()
    assert f"-e confirm={NAME}" in refused.messages()
    assert region.calls.writes() == []


def test_a_protected_database_is_refused_before_anything_is_deleted(region, built):
    region.aws("rds").modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=True, ApplyImmediately=True)
    region.calls.mark()
    refused = region.destroy("-e", "database_deletion_protection=true")
    assert refused.returncode != 0
    assert "database_deletion_protection" in refused.messages()
    assert region.calls.writes() == []


def test_destroy_leaves_nothing(region, built):
    """Also of a database that is protected, where the stack's variables say that it is not to be."""
    destroyed = region.destroy()
    assert destroyed.returncode == 0, destroyed.messages()
    assert left_over(region.aws) == {}
    region.calls.mark()
    again = region.destroy()
    assert (again.returncode, again.stats["changed"]) == (0, 0), again.messages()


@pytest.mark.parametrize("until", ["network", "network,database"])
def test_a_half_built_site_is_destroyed(region, until):
    half = region.site("--tags", until)
    assert half.returncode == 0, half.messages()
    assert left_over(region.aws) != {}
    destroyed = region.destroy()
    assert destroyed.returncode == 0, destroyed.messages()
    assert left_over(region.aws) == {}

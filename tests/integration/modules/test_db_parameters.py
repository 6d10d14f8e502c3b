"""The database module's parameter group, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

from tests.integration.modules.databases import NEEDED, place, refused_before_any_write

SLOW = {"log_min_duration_statement": 500, "max_connections": 200}


@pytest.fixture(scope="module")
def vpc(endpoint):
    yield from place(endpoint, "10.93")


@pytest.fixture
def database(module, vpc):
    """The module, with what every database here has; what it made is removed, so that nothing outlives a test."""
    db_instance = module("db_instance")

    def make(parameters=None, **options):
        group = {} if parameters is None else {"parameter_group": {"parameters": parameters}}
        wish = {**NEEDED, "multi_az": False, "engine_version": "16", "security_group_ids": vpc.groups[:1]}
        return db_instance(**{**wish, "subnet_group": {"subnet_ids": vpc.subnets[:2]}, **group, **options})

    yield make
    db_instance(name="goals", state="absent", skip_final_snapshot=True)


def own(aws, name="goals-postgres16"):
    """The parameters that were set, by name."""
    found = aws("rds").describe_db_parameters(DBParameterGroupName=name, Source="user")["Parameters"]
    return {each["ParameterName"]: each["ParameterValue"] for each in found}


def test_twelve_steps(twelve_steps, aws, vpc):
    given = {
        **NEEDED,
        "multi_az": False,
        "engine_version": "16",
        "subnet_group": {"subnet_ids": vpc.subnets[:2]},
        "parameter_group": {"parameters": {**SLOW, "rds.force_ssl": True, "log_lock_waits": "on"}},
        "tags": {"stack": "goals"},
    }
    changed = {
        **given,
        "parameter_group": {"parameters": {"log_min_duration_statement": 250, "synchronous_commit": False}},
        "reboot": "when_needed",
        "tags": {"stack": "more"},
    }
    created, updated, deleted = twelve_steps("db_instance")(
        given, changed, {"name": "goals", "skip_final_snapshot": True}
    )
    assert created["plan"][0] == "create DB parameter group goals-postgres16"
    assert created["diff"]["after"]["DB parameter group goals-postgres16"] == {
        "name": "goals-postgres16",
        "family": "postgres16",
        "parameters": {
            "log_min_duration_statement": "500",
            "max_connections": "200",
            "rds.force_ssl": "1",
            "log_lock_waits": "1",
        },
        "description": "Parameters of goals",
        "tags": {"stack": "goals"},
    }
    facts = created["db_instance"]
    assert (facts["parameter_group_name"], facts["pending_reboot"]) == ("goals-postgres16", False)
    assert updated["diff"]["after"] == {
        "DB parameter group goals-postgres16": {
            "parameters": {"log_min_duration_statement": "250", "synchronous_commit": "off"},
            "tags": {"stack": "more"},
        },
        "DB subnet group goals": {"tags": {"stack": "more"}},
        "DB instance goals": {"reboot": "done", "tags": {"stack": "more"}},
    }
    assert updated["db_instance"]["pending_reboot"] is False, "max_connections has its default again"
    assert deleted["plan"][-1] == "delete DB parameter group goals-postgres16"


def test_static_parameters_wait_for_a_restart_that_is_asked_for(database, aws):
    database({})
    dynamic = database({"log_min_duration_statement": 500})
    assert dynamic["plan"] == ["update DB parameter group goals-postgres16"], "it takes effect at once"
    planned = database(SLOW, check_mode=True)
    told = database(SLOW)
    assert planned["diff"] == told["diff"]
    assert told["diff"]["before"]["DB instance goals"] == {"reboot": None}
    assert told["diff"]["after"]["DB instance goals"] == {"reboot": "due"}
    assert told["db_instance"]["pending_reboot"] is True
    again = database(SLOW)
    assert (again["changed"], again["db_instance"]["pending_reboot"]) == (False, True)
    aws.calls.clear()
    done = database(SLOW, reboot="when_needed")
    assert done["plan"] == ["update DB instance goals"]
    assert aws.writes() == ["RebootDBInstance"]
    assert done["db_instance"]["pending_reboot"] is False
    assert not database(SLOW, reboot="when_needed")["changed"]


def test_what_is_not_given_is_left_and_what_is_empty_clears(database, aws):
    database({"work_mem": 8192})
    assert not database()["changed"]
    assert not database(parameter_group={})["changed"]
    cleared = database({})
    assert cleared["diff"]["before"]["DB parameter group goals-postgres16"] == {"parameters": {"work_mem": "8192"}}
    assert own(aws) == {}


def test_values_that_mean_the_same_are_no_difference(database, aws):
    database({"log_lock_waits": "1", "random_page_cost": "1.10", "shared_preload_libraries": "pg_cron,pgaudit"})
    for alike in (
        {"log_lock_waits": True, "random_page_cost": 1.1, "shared_preload_libraries": ["pg_cron", "pgaudit"]},
        {"log_lock_waits": "on", "random_page_cost": "1.1", "shared_preload_libraries": "pg_cron, pgaudit"},
    ):
        assert not database(alike)["changed"], alike


def test_a_value_that_is_the_default_anyway_is_no_difference(database, aws):
    """RDS tells a parameter that was set to its default as nobody's."""
    database({})
    assert not database({"rds.force_ssl": 1})["changed"]


def test_what_rds_does_not_take_is_refused_before_anything_is_written(database, aws):
    for check_mode in (True, False):
        for parameters, match in (
            ({"max_conections": 1}, r"max_conections: 1 is for a parameter.*such as max_connections"),
            ({"work_mem": "64MB"}, r"work_mem: '64MB' is no whole number.*integer 64-2147483647 \(\(kB\) Sets"),
            ({"max_connections": 5}, r"max_connections: 5 is out of range.*6-8388607"),
            ({"log_lock_waits": "perhaps"}, "log_lock_waits: 'perhaps' is no boolean"),
            ({"data_directory": "/pg"}, "data_directory: '/pg' can't be changed on RDS. Leave it out"),
        ):
            refused_before_any_write(
                aws, lambda p=parameters, c=check_mode: database(p, check_mode=c), f"parameter_group.parameters.{match}"
            )


def test_a_major_upgrade_takes_a_group_of_the_new_version(database, aws):
    wish = {"log_min_duration_statement": 500}
    database(wish, engine_version="15")
    refused_before_any_write(
        aws,
        lambda: database(engine_version="16", allow_major_version_upgrade=True),
        "goals-postgres15 is for the older version. Give parameter_group",
    )
    upgraded = database(wish, engine_version="16", allow_major_version_upgrade=True, reboot="when_needed")
    assert upgraded["plan"] == ["create DB parameter group goals-postgres16", "update DB instance goals"]
    facts = upgraded["db_instance"]
    assert facts["engine_version"].startswith("16.")
    assert (facts["parameter_group_name"], facts["pending_reboot"]) == ("goals-postgres16", False)
    assert own(aws, "goals-postgres15") == {"log_min_duration_statement": "500"}, "a snapshot of before needs it"
    assert not database(wish, engine_version="16")["changed"]


def test_groups_go_with_the_instance_those_of_earlier_versions_too(database, module, aws):
    database({}, engine_version="15")
    database({}, engine_version="16", allow_major_version_upgrade=True)
    gone = module("db_instance")(name="goals", state="absent", skip_final_snapshot=True)
    assert gone["plan"][-2:] == [
        "delete DB parameter group goals-postgres15",
        "delete DB parameter group goals-postgres16",
    ]
    assert not module("db_instance")(name="goals", state="absent")["changed"]


def test_a_group_that_an_interrupted_run_left_is_used(database, aws):
    with pytest.raises(StackError, match=r"create DB instance goals: .*db\.zz9\.large"):
        database(SLOW, instance_class="db.zz9.large")
    assert own(aws) == {"log_min_duration_statement": "500", "max_connections": "200"}
    assert database(SLOW)["plan"] == ["create DB instance goals"]


def test_the_group_of_another_version_is_refused(database, aws):
    named = {"name": "of-goals", "parameters": {}}
    database(parameter_group=named, engine_version="15")
    refused_before_any_write(
        aws,
        lambda: database(parameter_group=named, engine_version="16", allow_major_version_upgrade=True),
        "family is 'postgres15', wanted 'postgres16'.*Give the DB parameter group another name",
    )


def test_an_existing_group_is_used_and_left(database, module, aws):
    rds = aws("rds")
    rds.create_db_parameter_group(DBParameterGroupName="shared", DBParameterGroupFamily="postgres16", Description="x")
    database()
    moved = database(parameter_group_name="Shared")
    assert moved["diff"]["after"] == {"DB instance goals": {"parameter_group_name": "shared", "reboot": "due"}}
    back = database(parameter_group_name="default.postgres16", reboot="when_needed")
    assert back["db_instance"]["pending_reboot"] is False
    module("db_instance")(name="goals", state="absent", parameter_group_name="shared", skip_final_snapshot=True)
    rds.delete_db_parameter_group(DBParameterGroupName="shared")


def test_more_parameters_than_one_call_takes(database, aws):
    from local_region.control.databases.parameter_catalog import CATALOG

    values = {"integer": 1440, "float": 1.5, "boolean": 0}
    small = ("max_parallel_workers_per_gather", "max_wal_senders")
    wish = {name: values[known.kind] for name, known in CATALOG.items() if known.kind in values and name not in small}
    database(wish)
    assert own(aws).keys() == wish.keys()
    assert len(wish) > 20
    assert database({})["changed"]
    assert own(aws) == {}


def test_how_often_a_group_is_asked_for(database, aws):
    database(SLOW)
    aws.calls.clear()
    assert not database(SLOW)["changed"]
    assert sorted(aws.calls) == [
        "DescribeDBInstances",
        "DescribeDBParameterGroups",
        "DescribeDBParameters",
        "ListTagsForResource",
        "ListTagsForResource",
    ]


def test_enhanced_monitoring_and_insights(database, aws):
    role = "arn:aws:iam::123456789012:role/monitoring"
    database()
    on = database(monitoring_interval=60, monitoring_role_arn=role)
    assert on["diff"]["after"]["DB instance goals"] == {"monitoring_interval": 60, "monitoring_role_arn": role}
    finer = database(monitoring_interval=15, monitoring_role_arn=role)
    assert finer["diff"]["after"]["DB instance goals"] == {"monitoring_interval": 15}
    off = database(monitoring_interval=0)
    assert off["db_instance"]["monitoring_interval"] == 0
    assert not database(monitoring_interval=0, database_insights_mode="standard", network_type="IPV4")["changed"]
    advanced = {
        "database_insights_mode": "advanced",
        "performance_insights": True,
        "performance_insights_retention_period": 465,
    }
    assert database(**advanced)["db_instance"]["database_insights_mode"] == "advanced"
    assert not database(**advanced)["changed"]

"""Values of PostgreSQL's parameters: which mean the same, how RDS spells them, and what it doesn't take."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import db_parameter_group as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET


def parameter(kind="string", allowed="", **more):
    settings = {"value": None, "static": False, "modifiable": True, "description": "", **more}
    return model.Parameter("one", kind=kind, allowed=allowed, **settings)


@pytest.mark.parametrize(
    ("wish", "actual", "alike"),
    [
        (True, "1", True),
        (True, "on", True),
        ("off", "0", True),
        (False, "1", False),
        (500, "500", True),
        (0.1, "0.10", True),
        ("1.0", "1", True),
        (500, "501", False),
        (500, None, False),
        (["a", "b"], "a,b", True),
        ("a, b", "a,b", True),
        (["a", "b"], "b,a", False),
        ("{DBInstanceClassMemory/32768}", "{DBInstanceClassMemory/32768}", True),
        ("{ DBInstanceClassMemory/32768 }", "{DBInstanceClassMemory/32768}", True),
        ("UTC", "utc", False),
        (" UTC ", "UTC", True),
        ("", "", True),
    ],
)
def test_same(wish, actual, alike):
    assert model.same(wish, actual) is alike


@pytest.mark.parametrize(
    ("wish", "known", "text"),
    [
        (True, parameter("boolean", "0,1"), "1"),
        ("off", parameter("boolean", "0,1"), "0"),
        (True, parameter("string", "local,on,off"), "on"),
        (False, parameter("string", "local,on,off"), "off"),
        ("on", parameter("string", "on,off,try"), "on"),
        (True, parameter("string"), "1"),
        (200, parameter("integer", "6-8388607"), "200"),
        (["pg_cron", "pgaudit"], parameter("list"), "pg_cron,pgaudit"),
    ],
)
def test_spelled(wish, known, text):
    assert model.spelled(wish, known) == text


@pytest.mark.parametrize(
    ("text", "known", "told"),
    [
        ("1", parameter("boolean", "0,1"), None),
        ("2", parameter("boolean", "0,1"), "is no boolean"),
        ("200", parameter("integer", "6-8388607"), None),
        ("5", parameter("integer", "6-8388607"), "is out of range"),
        ("-1", parameter("integer", "-1-2147483647"), None),
        ("-2", parameter("integer", "-1-2147483647"), "is out of range"),
        ("0", parameter("integer", "0,10-20"), None),
        ("5", parameter("integer", "0,10-20"), "is out of range"),
        ("7", parameter("integer", ""), None),
        ("64MB", parameter("integer", "64-2147483647"), "is no whole number"),
        ("1.5", parameter("integer", "1-2"), "is no whole number"),
        ("1.5", parameter("float", "0-1.79769e+308"), None),
        ("much", parameter("float", "0-100"), "is no number"),
        ("{DBInstanceClassMemory/32768}", parameter("integer", "16-1073741823"), None),
        ("GREATEST({DBInstanceClassMemory/64371566592},3)", parameter("integer", "1-262143"), None),
        ("anything", parameter("string", "a,b"), None),
        ("1", parameter("boolean", "0,1", modifiable=False), "can't be changed on RDS"),
    ],
)
def test_obstacle(text, known, told):
    assert model.obstacle(text, known) == told


def params(group, **more):
    return {"name": "Goals", "engine_version": "16.4", "parameter_group": group, "tags": {"a": "1"}, **more}


def test_from_params():
    group = model.from_params(params({"parameters": {"work_mem": 8192}}))
    assert group == model.ParameterGroup("goals-postgres16", "postgres16", {"work_mem": 8192}, tags={"a": "1"})
    assert model.from_params(params({"name": "Own"})).name == "own"
    assert model.from_params(params({"name": "Own"})).parameters is UNSET
    assert model.from_params(params(None)) is UNSET
    assert model.from_params(params({"name": "own"}, state="absent", engine_version=None)) is UNSET


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("goals-postgres15", True),
        ("goals-postgres16", True),
        ("goals-postgres", False),
        ("goals-1-postgres16", False),
        ("goals-postgres16-old", False),
        ("default.postgres16", False),
    ],
)
def test_is_own(name, own):
    assert model.is_own(name, "Goals") is own

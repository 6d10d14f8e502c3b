"""What should change about a database and its subnet group, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    DbInstance,
    Endpoint,
    SubnetGroup,
    without_instance,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.db_instance import plan, settled

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
GROUP = SubnetGroup("goals", ("subnet-1", "subnet-2"), "Subnets of goals", {"a": "1"}, arn="arn:group")
HAVE = DbInstance(
    name="goals",
    engine="postgres",
    engine_version="16.4",
    instance_class="db.t4g.micro",
    allocated_storage=40,
    max_allocated_storage=0,
    storage_encrypted=True,
    kms_key_id=KEY,
    multi_az=False,
    db_name="goals",
    port=5432,
    master_username="goals",
    manage_master_user_password=True,
    master_user_secret_kms_key_id=KEY,
    subnet_group_name="goals",
    backup_retention_period=3,
    deletion_protection=False,
    tags={"a": "1"},
    subnet_group=GROUP,
    status="available",
    arn="arn:db",
    endpoint=Endpoint("goals.example", 5432),
)
PARAMS = {
    "purge_tags": True,
    "deletion_protection": None,
    "skip_final_snapshot": False,
    "allow_major_version_upgrade": False,
}


def planned(have=HAVE, params=PARAMS, **want):
    return plan(DbInstance("goals", **want), have, params)


@pytest.mark.parametrize(
    ("want", "after"),
    [
        pytest.param({}, None, id="nothing given: no default of a new instance is a wish"),
        pytest.param({"multi_az": False, "port": 5432}, None, id="equal"),
        pytest.param({"multi_az": True}, {"multi_az": True}, id="one setting"),
        pytest.param({"engine_version": "16"}, None, id="a major version"),
        pytest.param({"engine_version": "16.3"}, None, id="a minor version that was upgraded by itself"),
        pytest.param({"engine_version": "16.6"}, {"engine_version": "16.6"}, id="a newer minor version"),
        pytest.param({"allocated_storage": 44}, {"allocated_storage": 44}, id="a tenth more"),
        pytest.param({"kms_key_id": KEY}, None, id="the key's ARN"),
        pytest.param({"kms_key_id": KEY.rpartition("/")[2]}, None, id="the key's id"),
        pytest.param({"kms_key_id": "alias/goals"}, None, id="an alias"),
        pytest.param({"tags": {"b": "2"}}, {"tags": {"b": "2"}}, id="tags"),
    ],
)
def test_update(want, after):
    assert [change.after for change in planned(**want)] == ([] if after is None else [after])


@pytest.mark.parametrize(
    ("want", "match"),
    [
        ({"engine": "mysql"}, "engine is 'postgres'"),
        ({"db_name": "other"}, "db_name is 'goals'"),
        ({"master_username": "other"}, "master_username is 'goals'"),
        ({"storage_encrypted": False}, "storage_encrypted is True"),
        ({"kms_key_id": "5678"}, "kms_key_id is 'arn:aws:kms"),
        ({"master_user_secret_kms_key_id": "5678"}, "master_user_secret_kms_key_id is"),
        ({"subnet_group_name": "other"}, "subnet_group_name is 'goals'"),
        ({"engine_version": "17"}, "allow_major_version_upgrade: true"),
        ({"engine_version": "15"}, r"can't go back .*Give 16"),
        ({"allocated_storage": 39}, r"can't make storage smaller\. Give 40 or more"),
        ({"allocated_storage": 43}, r"at least 10 % at a time\. Give 44 or more"),
    ],
)
def test_refused(want, match):
    with pytest.raises(StackError, match=match):
        planned(**want, multi_az=True)


def test_storage_that_grew_by_itself_is_no_difference():
    assert planned(replace(HAVE, max_allocated_storage=100), allocated_storage=20) == ()


def test_a_major_upgrade_that_is_allowed():
    made = planned(params={**PARAMS, "allow_major_version_upgrade": True}, engine_version="17")
    assert [change.after for change in made] == [{"engine_version": "17"}]


def test_a_port_that_rds_does_not_tell_yet_is_no_difference():
    assert planned(replace(HAVE, status="creating", port=None), port=5432) == ()


def test_a_password_set_by_hand_is_handed_over_with_the_key_of_its_secret():
    by_hand = replace(HAVE, manage_master_user_password=False, master_user_secret_kms_key_id=None)
    made = planned(by_hand, manage_master_user_password=True, master_user_secret_kms_key_id="5678")
    assert made[0].after == {"manage_master_user_password": True, "master_user_secret_kms_key_id": "5678"}


def test_a_new_instance_has_defaults_unless_told_otherwise():
    made = planned(None, storage_type="io2", subnet_group=SubnetGroup("goals", ("a", "b")))
    assert [str(change) for change in made] == ["create DB subnet group goals", "create DB instance goals"]
    assert made[0].after == {"name": "goals", "subnet_ids": ["a", "b"], "description": "Subnets of goals"}
    assert made[1].after == {
        "name": "goals",
        "storage_type": "io2",
        "storage_encrypted": True,
        "multi_az": True,
        "port": 5432,
        "backup_retention_period": 7,
        "publicly_accessible": False,
    }


@pytest.mark.parametrize(
    ("group", "after"),
    [
        pytest.param(SubnetGroup("goals", ("subnet-1", "subnet-2")), None, id="equal"),
        pytest.param(SubnetGroup("goals", ("a", "b")), {"subnet_ids": ["a", "b"]}, id="subnets"),
        pytest.param(
            SubnetGroup("goals", ("subnet-1", "subnet-2"), "other"), {"description": "other"}, id="description"
        ),
    ],
)
def test_subnet_group(group, after):
    made = planned(subnet_group=group)
    assert [change.after for change in made] == ([] if after is None else [after])
    assert all(change.kind == "DB subnet group" for change in made)


@pytest.mark.parametrize(
    ("have", "expected"),
    [
        pytest.param(None, [], id="nothing"),
        pytest.param(HAVE, ["delete DB instance goals", "delete DB subnet group goals"], id="both"),
        pytest.param(without_instance("goals", GROUP), ["delete DB subnet group goals"], id="half-built"),
        pytest.param(replace(HAVE, status="deleting"), ["delete DB subnet group goals"], id="being deleted"),
    ],
)
def test_delete(have, expected):
    assert [str(change) for change in plan(None, have, PARAMS)] == expected


@pytest.mark.parametrize(
    ("have", "params", "match"),
    [
        ({"deletion_protection": True}, {}, "Give deletion_protection: false"),
        ({"deletion_protection": True}, {"deletion_protection": True}, "Give deletion_protection: false"),
        ({"status": "failed"}, {}, "Give skip_final_snapshot: true"),
        ({"status": "incompatible-network"}, {}, "Give skip_final_snapshot: true"),
    ],
)
def test_a_deletion_that_rds_would_refuse(have, params, match):
    with pytest.raises(StackError, match=match):
        plan(None, replace(HAVE, **have), {**PARAMS, **params})


def test_a_deletion_that_lifts_protection():
    protected = replace(HAVE, deletion_protection=True, status="failed")
    made = plan(None, protected, {**PARAMS, "deletion_protection": False, "skip_final_snapshot": True})
    assert str(made[0]) == "delete DB instance goals"


@pytest.mark.parametrize("have", [without_instance("goals", GROUP), replace(HAVE, status="deleting")])
def test_what_is_no_instance_is_made_anew(have):
    assert [str(change) for change in planned(have, subnet_group=GROUP)] == ["create DB instance goals"]
    after = settled(DbInstance("goals", subnet_group=GROUP), have)
    assert (after.status, after.endpoint.port, after.multi_az) == ("(known after apply)", 5432, True)


def test_settled_keeps_what_is_left_alone():
    after = settled(DbInstance("goals", engine_version="16", multi_az=True, port=5433), HAVE)
    assert (after.engine_version, after.multi_az, after.arn, after.subnet_group) == ("16.4", True, "arn:db", GROUP)


REPLICA = replace(HAVE, source_db_instance="goals-0", manage_master_user_password=False)


@pytest.mark.parametrize(
    ("have", "want", "after"),
    [
        pytest.param(REPLICA, {}, None, id="a replica stays one"),
        pytest.param(REPLICA, {"manage_master_user_password": True}, None, id="its password is its source's"),
        pytest.param(REPLICA, {"source_db_instance": "goals-0"}, None, id="equal"),
        pytest.param(
            REPLICA, {"source_db_instance": "arn:aws:rds:us-east-1:1:db:goals-0"}, None, id="by ARN, in its region"
        ),
        pytest.param(
            REPLICA,
            {"source_db_instance": "", "manage_master_user_password": True},
            {"source_db_instance": "", "manage_master_user_password": True},
            id="promoted",
        ),
        pytest.param(HAVE, {"source_db_instance": ""}, None, id="none already"),
    ],
)
def test_replicas(have, want, after):
    have = replace(have, source_db_instance=have.source_db_instance or "")
    changes = planned(have, **want)
    assert [change.after for change in changes] == ([] if after is None else [after])


@pytest.mark.parametrize("have", [HAVE, REPLICA])
def test_an_instance_becomes_no_replica_of_another(have):
    with pytest.raises(StackError, match="RDS makes a replica only anew"):
        planned(have, source_db_instance="other")


def test_a_replica_is_made_of_what_is_not_its_sources():
    (change,) = planned(None, source_db_instance="goals-0", engine="postgres", manage_master_user_password=True)
    assert change.after == {"name": "goals", "source_db_instance": "goals-0", "publicly_accessible": False}


def test_a_replica_leaves_no_snapshot():
    params = {**PARAMS, "final_snapshot_identifier": "last"}
    with pytest.raises(StackError, match="read replica of goals-0, of which RDS takes no final snapshot"):
        plan(None, REPLICA, params)
    assert plan(None, replace(REPLICA, status="failed"), PARAMS), "and needs none when it has failed"


def test_a_major_upgrade_wants_a_group_of_the_new_version():
    have = replace(HAVE, parameter_group_name="own")
    params = {**PARAMS, "allow_major_version_upgrade": True}
    with pytest.raises(StackError, match=r"parameter group own is for the older version.*default.postgres17"):
        planned(have, params, engine_version="17")
    assert planned(replace(have, parameter_group_name="default.postgres16"), params, engine_version="17")
    assert planned(have, params, engine_version="17", parameter_group_name="newer")

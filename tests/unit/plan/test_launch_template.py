"""What should change about a launch template, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import LaunchTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.launch_template import plan, settled

ROOT = {"device_name": "/dev/xvda", "size": 8, "type": "gp2", "encrypted": True, "iops": 100, "kms_key_id": "k"}
HAVE = LaunchTemplate(
    "goals",
    image_id="ami-1",
    instance_type="t3.micro",
    user_data="sha256:1 (2 bytes)",
    key_name=None,
    metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1, "http_endpoint": "enabled"},
    volumes=(ROOT,),
    instance_tags={"a": "1"},
    tags={"stack": "goals", "owner": "web"},
    default_version=3,
    version=3,
    latest_version=3,
    id="lt-1",
    version_description="first",
)


def changes(want, have=HAVE, **params):
    want = LaunchTemplate("goals", **want)
    return [(change.action, change.after) for change in plan(want, have, {"purge_tags": True, **params})]


@pytest.mark.parametrize(
    ("want", "after"),
    [
        pytest.param({}, None, id="nothing given"),
        pytest.param({"image_id": "ami-1", "user_data": HAVE.user_data, "key_name": None}, None, id="equal"),
        pytest.param({"version_description": "second"}, None, id="a description alone makes no version"),
        pytest.param({"metadata_options": {"http_tokens": "required"}}, None, id="options not given are left alone"),
        pytest.param({"volumes": ({"device_name": "/dev/xvda", "size": 8, "type": "gp2"},)}, None, id="same volume"),
        pytest.param({"image_id": "ami-2"}, {"image_id": "ami-2", "default_version": 4}, id="another AMI"),
        pytest.param({"user_data": "new"}, {"user_data": "new", "default_version": 4}, id="other user data"),
        pytest.param(
            {"metadata_options": {"http_tokens": "optional"}},
            {"metadata_options": {**HAVE.metadata_options, "http_tokens": "optional"}, "default_version": 4},
            id="a nested option",
        ),
        pytest.param({"volumes": ()}, {"volumes": [], "default_version": 4}, id="no volumes"),
        pytest.param(
            {"volumes": ({"device_name": "/dev/xvda", "type": "gp3"},)},
            {"volumes": [{"device_name": "/dev/xvda", "size": 8, "type": "gp3", "encrypted": True, "kms_key_id": "k"}],
             "default_version": 4},
            id="a volume of another type begins without the old figures",
        ),
        pytest.param(
            {"volumes": ({"device_name": "/dev/xvda", "type": "gp2", "encrypted": False},)},
            {"volumes": [{"device_name": "/dev/xvda", "size": 8, "type": "gp2", "encrypted": False, "iops": 100}],
             "default_version": 4},
            id="no key without encryption",
        ),
        pytest.param({"instance_tags": {}}, {"instance_tags": {}, "default_version": 4}, id="tags of instances"),
        pytest.param({"tags": {"stack": "goals"}}, {"tags": {"stack": "goals"}}, id="own tags need no version"),
    ],
)  # fmt: skip
def test_update(want, after):
    assert changes(want) == ([] if after is None else [("update", after)])


@pytest.mark.parametrize(
    ("want", "have", "after"),
    [
        pytest.param(
            {"instance_requirements": {"vcpu_count": {"min": 2}, "memory_mib": {"min": 1}}},
            HAVE,
            {"instance_requirements": {"vcpu_count": {"min": 2}, "memory_mib": {"min": 1}}, "instance_type": None,
             "default_version": 4},
            id="what gives way is told",
        ),
        pytest.param(
            {"placement": {"group_name": ""}},
            replace(HAVE, placement={"group_name": "spread", "tenancy": "default"}),
            {"placement": {"tenancy": "default"}, "default_version": 4},
            id="what is taken away within is told",
        ),
        pytest.param({"placement": {"group_name": ""}}, HAVE, {"placement": {}, "default_version": 4}, id="or is not"),
        pytest.param(
            {"security_group_ids": ("sg-2",)},
            replace(HAVE, security_group_ids=("sg-1",), network_interfaces=({"device_index": 0},)),
            {"security_group_ids": ["sg-2"], "default_version": 4},
            id="the groups of an interface are told once",
        ),
    ],
)  # fmt: skip
def test_update_of_settings_with_settings_within(want, have, after):
    assert changes(want, have) == [("update", after)]


@pytest.mark.parametrize(
    ("want", "told"),
    [
        ({"instance_requirements": {"vcpu_count": {"min": 2}}}, "instance_requirements.memory_mib.min is missing"),
        ({"instance_requirements": {"vcpu_count": {"max": 2}, "memory_mib": {"min": 0}}}, "vcpu_count.min is missing"),
        ({"cpu_options": {"core_count": 2}}, "one of core_count and threads_per_core. Give both"),
    ],
)
def test_what_a_version_would_lack_is_told_before_anything_is_written(want, told):
    for have in (None, HAVE):
        with pytest.raises(StackError, match=f"launch template goals: .*{told}"):
            changes(want, have)


def test_what_is_there_completes_what_is_given():
    have = replace(HAVE, cpu_options={"core_count": 2, "threads_per_core": 2})
    cores = {"core_count": 4, "threads_per_core": 2}
    assert changes({"cpu_options": {"core_count": 4}}, have) == [
        ("update", {"cpu_options": cores, "default_version": 4})
    ]


def test_an_interface_beside_groups_by_name_is_refused():
    have = replace(HAVE, data={"SecurityGroups": ["default"]}, security_group_ids=(), network_interfaces=())
    interface = {"network_interfaces": ({"device_index": 0},)}
    with pytest.raises(StackError, match="the security groups default, which the template has by name"):
        changes(interface, have)
    assert changes({**interface, "security_group_ids": ("sg-1",)}, have)


def test_tags_that_are_not_listed_stay_without_purge():
    assert changes({"tags": {"owner": "me"}}, purge_tags=False) == [
        ("update", {"tags": {"stack": "goals", "owner": "me"}})
    ]


def test_the_newest_version_is_compared_and_becomes_the_default():
    have = LaunchTemplate("goals", image_id="ami-2", default_version=3, version=5, latest_version=5)
    assert changes({"image_id": "ami-2"}, have) == [("update", {"default_version": 5})]
    assert changes({"image_id": "ami-1"}, have) == [("update", {"image_id": "ami-1", "default_version": 6})]


def test_the_default_version_is_kept_until_it_is_given_by_its_number():
    failed = LaunchTemplate("goals", image_id="ami-2", default_version=3, version=5, latest_version=5)
    proved = LaunchTemplate("goals", image_id="ami-1", default_version=3, version=3, latest_version=5)
    assert changes({"image_id": "ami-2", "default_version": "keep"}, failed) == []
    assert changes({"image_id": "ami-1", "default_version": "keep"}, proved) == []
    assert changes({"image_id": "ami-3", "default_version": "keep"}, proved) == [("update", {"image_id": "ami-3"})]
    assert changes({"default_version": 5}, failed) == [("update", {"default_version": 5})]
    made = settled(LaunchTemplate("goals", image_id="ami-3", default_version="keep"), proved)
    assert (made.version, made.latest_version, made.default_version) == (6, 6, 3)


def test_create_and_delete():
    assert changes({"image_id": "ami-1"}, None) == [
        ("create", {"name": "goals", "image_id": "ami-1", "default_version": 1})
    ]
    assert [change.action for change in plan(None, HAVE, {"purge_tags": True})] == ["delete"]
    assert plan(None, None, {"purge_tags": True}) == ()


@pytest.mark.parametrize(
    ("want", "keep", "in_use", "deleted"),
    [
        pytest.param({}, None, (), None, id="all stay by default"),
        pytest.param({}, 3, (), [1, 2], id="the oldest go"),
        pytest.param({}, 3, (2,), [1], id="but not one that an instance runs from"),
        pytest.param({}, 5, (), None, id="no more than are kept"),
        pytest.param({"image_id": "ami-2"}, 3, (), [1, 2, 3], id="the version that will be made counts"),
        pytest.param({"image_id": "ami-2"}, 1, (5,), [1, 2, 3, 4], id="what runs stays while the next comes"),
    ],
)
def test_prune(want, keep, in_use, deleted):
    have = LaunchTemplate(
        "goals",
        image_id="ami-1",
        default_version=5,
        version=5,
        latest_version=5,
        versions=(1, 2, 3, 4, 5),
        versions_in_use=in_use,
    )
    found = plan(LaunchTemplate("goals", **want), have, {"purge_tags": True, "keep_versions": keep})
    pruned = [change for change in found if change.kind == "launch template versions"]
    assert [change.before["versions"] for change in pruned] == ([] if deleted is None else [deleted])
    assert found[-1:] == tuple(pruned) or not pruned, "old versions go last"


@pytest.mark.parametrize(
    ("want", "have", "version", "description"),
    [
        pytest.param({"image_id": "ami-2", "version_description": "second"}, HAVE, 4, "second", id="the next number"),
        pytest.param({"image_id": "ami-1", "version_description": "second"}, HAVE, 3, "first", id="no new version"),
        pytest.param({"image_id": "ami-1"}, None, 1, None, id="the first"),
    ],
)
def test_check_mode_knows_the_number_of_the_next_version(want, have, version, description):
    after = settled(LaunchTemplate("goals", **want), have)
    assert (after.latest_version, after.default_version, after.version_description) == (version, version, description)
    assert after.instance_type == (have.instance_type if have else after.instance_type)

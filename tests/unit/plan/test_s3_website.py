"""What should change about a website, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website import Website
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_file import WebsiteFile
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.s3_website import plan, settled

PURGE = {"purge_tags": True}


def file(key, digest="1", kind="text/html", cache="no-cache"):
    return WebsiteFile(key, digest, 1, kind, cache)


def site(*files, **settings):
    return Website("goals", index_document="index.html", files=files, **settings)


HAVE = site(file("index.html"), file("app.js"), tags={"a": "1"}, versioning=False, policy={}, error_document="")


def told(want, have=HAVE, params=PURGE):
    return [str(change) for change in plan(want, have, params)]


@pytest.mark.parametrize(
    ("want", "changes"),
    [
        pytest.param({}, [], id="nothing given"),
        pytest.param({"versioning": False, "tags": {"a": "1"}}, [], id="equal"),
        pytest.param({"versioning": True}, ["update bucket goals"], id="versions"),
        pytest.param({"policy": {"Version": "2012-10-17"}}, ["update bucket goals"], id="policy"),
        pytest.param({"tags": {}}, ["update bucket goals"], id="empty clears"),
        pytest.param({"error_document": "error.html"}, ["update bucket goals"], id="error document"),
        pytest.param({"files": ()}, ["delete object app.js", "delete object index.html"], id="no files"),
        pytest.param({"files": (), "purge_files": False}, [], id="files stay"),
        pytest.param({"files": HAVE.files}, [], id="the same files"),
    ],
)
def test_update(want, changes):
    assert told(Website("goals", index_document="index.html", **want)) == changes


@pytest.mark.parametrize(
    ("want", "after"),
    [
        pytest.param(file("app.js", digest="2"), {"digest": "2"}, id="content"),
        pytest.param(file("app.js", kind="text/javascript"), {"content_type": "text/javascript"}, id="type"),
        pytest.param(file("app.js", cache=""), {"cache_control": ""}, id="caching"),
        pytest.param(file("app.js", digest=KNOWN_AFTER_APPLY), {"digest": KNOWN_AFTER_APPLY}, id="known later"),
        pytest.param(file("app.js"), None, id="equal"),
    ],
)
def test_a_file_differs_in_content_or_headers(want, after):
    changes = plan(site(file("index.html"), want), HAVE, PURGE)
    assert [change.after for change in changes] == ([] if after is None else [after])


def test_an_object_of_several_parts_always_differs():
    have = site(file("app.js", digest="9a0364b9e99bb480dd25e1f0284c8555-2"))
    assert told(site(file("app.js", digest="9a0364b9e99bb480dd25e1f0284c8555")), have) == ["update object app.js"]


def test_the_bucket_comes_first_index_documents_come_last_and_removals_after_them():
    want = site(file("index.html"), file("deep/index.html"), file("z.js"), versioning=True)
    have = site(file("deep/index.html", digest="2"), file("a.js"), versioning=False)
    assert told(want, have) == [
        "update bucket goals",
        "create object z.js",
        "update object deep/index.html",
        "create object index.html",
        "delete object a.js",
    ]


@pytest.mark.parametrize(
    ("want", "have", "changes"),
    [
        (HAVE, None, ["create bucket goals", "create object app.js", "create object index.html"]),
        (None, HAVE, ["delete bucket goals"]),
        (None, None, []),
    ],
)
def test_create_and_delete(want, have, changes):
    assert told(want, have) == changes


def test_a_bucket_goes_with_what_it_holds():
    assert plan(None, HAVE, PURGE)[0].before["objects"] == ["index.html", "app.js"]


def test_tags_that_are_not_listed_may_stay():
    want = site(*HAVE.files, tags={"b": "2"})
    assert plan(want, HAVE, {"purge_tags": False})[0].after == {"tags": {"a": "1", "b": "2"}}


@pytest.mark.parametrize(
    ("files", "purge", "keys"),
    [
        pytest.param({}, True, ["index.html", "app.js"], id="left alone"),
        pytest.param({"files": (file("b.js"),)}, True, ["b.js"], id="exactly these"),
        pytest.param({"files": (file("b.js"),)}, False, ["app.js", "b.js", "index.html"], id="these and the others"),
    ],
)
def test_check_mode_tells_what_will_be_there(files, purge, keys):
    want = Website("goals", index_document="index.html", purge_files=purge, **files)
    assert [each.key for each in settled(want, HAVE).files] == keys


READER = "arn:aws:cloudfront::123456789012:distribution/E1"


@pytest.mark.parametrize(
    ("cached", "want", "paths"),
    [
        pytest.param("max-age=300", (file("a.js", digest="2"),), ["/a.js"], id="replaced"),
        pytest.param("max-age=300", (file("a.js", cache="no-cache"),), ["/a.js"], id="from now on asked for each time"),
        pytest.param("", (file("a.js", digest="2"),), ["/a.js"], id="no header, a day"),
        pytest.param("no-cache", (file("a.js", digest="2"),), None, id="asked for each time"),
        pytest.param("private, max-age=9", (file("a.js", digest="2"),), None, id="not kept"),
        pytest.param("max-age=300", (file("a.js", cache="max-age=300"),), None, id="the same"),
        pytest.param("max-age=300", (file("a.js", cache="max-age=300"), file("b.js")), None, id="new"),
        pytest.param(UNSET, (), ["/a.js"], id="removed, whatever its header"),
    ],
)
def test_what_the_distribution_may_have_kept_is_invalidated(cached, want, paths):
    have = site(file("a.js", cache=cached), policy={"of": READER})
    changes = plan(site(*want, policy={"of": READER}, distribution=READER), have, PURGE)
    told = [change.after for change in changes if change.kind == "invalidation"]
    assert told == ([] if paths is None else [{"paths": paths}])
    assert paths is None or str(changes[-1]) == "create invalidation E1"


def test_a_policy_that_changes_in_the_same_run_spares_no_invalidation():
    have = site(file("a.js", cache="max-age=300"), policy={})
    want = site(file("a.js", digest="2"), policy={"of": READER}, distribution=READER)
    assert told(want, have) == ["update bucket goals", "update object a.js", "create invalidation E1"]
    assert told(want, None) == ["create bucket goals", "create object a.js"]


@pytest.mark.parametrize("key", ["a b.js", "ü.js", "~.js", "logo@2x.png", "a(1).js", "a+b.js", "a,b.js", "*.js", "%41"])
def test_a_key_that_may_be_written_in_several_ways_is_invalidated_with_all_others(key):
    have = site(file("a.js", cache="max-age=300"), file(key, cache="max-age=300"), policy={})
    assert plan(site(policy={}, distribution=READER), have, PURGE)[-1].after == {"paths": ["/*"]}


def test_plain_keys_are_paths_and_many_are_one():
    have = site(file("assets/a-B_1.min.js", cache="max-age=300"), policy={})
    (_, change) = plan(site(policy={}, distribution=READER), have, PURGE)
    assert change.after == {"paths": ["/assets/a-B_1.min.js"]}
    many = replace(have, files=tuple(file(f"{number}", cache="max-age=300") for number in range(1001)))
    assert plan(site(policy={}, distribution=READER), many, PURGE)[-1].after == {"paths": ["/*"]}

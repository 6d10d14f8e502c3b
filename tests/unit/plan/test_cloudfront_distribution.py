"""What should change about a distribution, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_distribution import (
    AccessControl,
    Distribution,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_structures import (
    NEW_BEHAVIOR,
    NEW_CUSTOM_ORIGIN,
    NEW_ORIGIN,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.cloudfront_distribution import plan, settled

PURGE = {"purge_tags": True}
FILES = {**NEW_ORIGIN, "id": "files", "domain_name": "b.s3.us-east-1.amazonaws.com", "origin_access_control": True}
API = {**NEW_ORIGIN, **NEW_CUSTOM_ORIGIN, "id": "api", "domain_name": "api.example", "origin_access_control": False}
CONTROL = AccessControl("goals", id="E1OAC")
HAVE = Distribution(
    "goals",
    enabled=True,
    aliases=[],
    certificate_arn="",
    minimum_protocol_version="TLSv1",
    default_root_object="index.html",
    access_logs={},
    origins=[API, FILES],
    default_behavior={**NEW_BEHAVIOR, "origin": "files"},
    behaviors=[{**NEW_BEHAVIOR, "path_pattern": "/api/*", "origin": "api"}],
    error_responses=[{"error_code": 403, "page": "/e", "response_code": 404, "min_ttl": 10}],
    tags={"a": "1"},
    id="E1",
    origin_access_control=CONTROL,
    config={"ViewerCertificate": {"CloudFrontDefaultCertificate": True}},
)
UPDATE = ["update distribution goals"]
SHORT = {key: FILES[key] for key in ("id", "domain_name", "origin_access_control")}
SHORT_API = {key: API[key] for key in ("id", "domain_name", "origin_access_control")}


def told(want, have=HAVE, params=PURGE):
    return [str(change) for change in plan(want, have, params)]


@pytest.mark.parametrize(
    ("want", "changes"),
    [
        pytest.param({}, [], id="nothing given"),
        pytest.param({"origins": [SHORT_API, SHORT]}, [], id="the same origins, shortly"),
        pytest.param({"origins": [{**SHORT_API, "read_timeout": 40}, SHORT]}, UPDATE, id="a timeout"),
        pytest.param({"origins": [SHORT], "behaviors": []}, UPDATE, id="an origin less"),
        pytest.param({"default_behavior": {"compress": True}}, [], id="a part of a behavior"),
        pytest.param({"default_behavior": {"compress": False}}, UPDATE, id="a behavior"),
        pytest.param({"behaviors": [{"path_pattern": "/api/*"}]}, [], id="the same path"),
        pytest.param({"behaviors": []}, UPDATE, id="no path"),
        pytest.param({"error_responses": [{"error_code": 403}]}, [], id="the same error"),
        pytest.param({"error_responses": [{"error_code": 403, "page": ""}]}, UPDATE, id="no page"),
        pytest.param({"error_responses": [{"error_code": 403}, {"error_code": 500}]}, UPDATE, id="another error"),
        pytest.param({"access_logs": {}}, [], id="no logs"),
        pytest.param({"access_logs": {"bucket": "logs"}}, UPDATE, id="logs"),
        pytest.param({"tags": {}}, UPDATE, id="empty clears"),
        pytest.param({"enabled": False}, UPDATE, id="disabled"),
    ],
)
def test_update(want, changes):
    assert told(Distribution("goals", **want)) == changes


def test_a_new_one_is_enabled_and_up_to_date_and_its_control_comes_first():
    want = Distribution(
        "goals", origins=[SHORT], default_behavior={"origin": "files"}, origin_access_control=AccessControl("goals")
    )
    control, made = plan(want, None, PURGE)
    assert (str(control), str(made)) == ("create origin access control goals", "create distribution goals")
    assert {"enabled": True, "http_version": "http2and3", "ipv6": True}.items() <= made.after.items()
    assert made.after["origins"] == [FILES]
    assert made.after["default_behavior"] == {**NEW_BEHAVIOR, "origin": "files"}


@pytest.mark.parametrize("given", [{}, {"origins": [SHORT]}, {"origins": [], "default_behavior": {"origin": "x"}}])
def test_a_new_one_needs_origins_and_a_behavior(given):
    with pytest.raises(InvalidOptions, match="there is no distribution goals yet"):
        plan(Distribution("goals", **given), None, PURGE)


@pytest.mark.parametrize(
    ("given", "have", "option"),
    [
        ({"origins": [SHORT], "default_behavior": {"compress": True}}, None, "default_behavior.origin"),
        ({"behaviors": [{"path_pattern": "/new"}]}, HAVE, r"behaviors\[0\].origin"),
        ({"behaviors": [{"path_pattern": "/new", "origin": "gone"}]}, HAVE, r"behaviors\[0\].origin"),
        ({"origins": [SHORT]}, HAVE, r"behaviors\[0\].origin"),
    ],
)
def test_a_behavior_that_leads_nowhere_is_refused(given, have, option):
    with pytest.raises(InvalidOptions, match=f"{option}.* is none of the origins"):
        plan(Distribution("goals", **given), have, PURGE)


def test_a_control_that_a_killed_run_left_is_taken():
    left = Distribution("goals", id="", origin_access_control=CONTROL)
    want = Distribution(
        "goals", origins=[SHORT], default_behavior={"origin": "files"}, origin_access_control=AccessControl("goals")
    )
    assert told(want, left) == ["create distribution goals"]
    assert told(None, left) == ["delete origin access control goals"]
    assert settled(want, left).origin_access_control == CONTROL


def test_a_control_that_signs_nothing_is_mended():
    have = replace(HAVE, origin_access_control=replace(CONTROL, signing_behavior="never"))
    want = Distribution("goals", origin_access_control=AccessControl("goals"))
    assert told(want, have) == ["update origin access control goals"]


@pytest.mark.parametrize(
    ("have", "changes"),
    [
        (None, []),
        (
            HAVE,
            ["update distribution goals", "delete distribution goals", "delete origin access control goals"],
        ),
        (replace(HAVE, enabled=False), ["delete distribution goals", "delete origin access control goals"]),
        (replace(HAVE, enabled=False, origin_access_control=None), ["delete distribution goals"]),
    ],
)
def test_it_is_disabled_before_it_goes(have, changes):
    assert told(None, have) == changes


def test_an_origin_may_become_a_bucket_and_back():
    (bucket,) = plan(Distribution("goals", origins=[{**SHORT_API, "origin_access_control": True}, SHORT]), HAVE, PURGE)
    assert bucket.after["origins"][0].keys() == FILES.keys()
    (custom,) = plan(Distribution("goals", origins=[SHORT_API, {**SHORT, "origin_access_control": False}]), HAVE, PURGE)
    assert custom.after["origins"][1]["protocol_policy"] == "https-only"


CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
IAM = replace(HAVE, config={"ViewerCertificate": {"IAMCertificateId": "A1"}})


@pytest.mark.parametrize(
    ("given", "have", "protocol"),
    [
        pytest.param({}, HAVE, "TLSv1.2_2021", id="none before"),
        pytest.param({"minimum_protocol_version": "TLSv1.3_2025"}, HAVE, "TLSv1.3_2025", id="given"),
        pytest.param({}, replace(HAVE, certificate_arn="x", minimum_protocol_version="TLSv1"), None, id="another"),
        pytest.param({}, None, "TLSv1.2_2021", id="new"),
    ],
)
def test_the_protocol_of_a_certificate(given, have, protocol):
    needed = {} if have else {"origins": [SHORT], "default_behavior": {"origin": "files"}}
    change = plan(Distribution("goals", certificate_arn=CERTIFICATE, **given, **needed), have, PURGE)[-1]
    assert change.after.get("minimum_protocol_version") == protocol


@pytest.mark.parametrize(
    ("want", "have", "faulty"),
    [
        pytest.param({"aliases": ["a.example"]}, HAVE, "aliases", id="names without"),
        pytest.param({"aliases": ["a.example"]}, IAM, None, id="names with one of IAM"),
        pytest.param({"certificate_arn": ""}, replace(HAVE, aliases=["a.example"]), "aliases", id="names that stay"),
        pytest.param({"minimum_protocol_version": "TLSv1.2_2021"}, HAVE, "minimum_protocol_version", id="a policy"),
        pytest.param({"minimum_protocol_version": "TLSv1"}, HAVE, None, id="the one that it has"),
        pytest.param({"minimum_protocol_version": "TLSv1.2_2021"}, IAM, None, id="a policy of IAM's"),
    ],
)
def test_what_needs_a_certificate(want, have, faulty):
    if faulty is None:
        plan(Distribution("goals", **want), have, PURGE)
        return
    with pytest.raises(InvalidOptions) as refused:
        plan(Distribution("goals", **want), have, PURGE)
    assert [fault.option for fault in refused.value.faults] == [faulty]


def test_tags_that_are_not_listed_may_stay():
    (change,) = plan(Distribution("goals", tags={"b": "2"}), HAVE, {"purge_tags": False})
    assert change.after == {"tags": {"a": "1", "b": "2"}}

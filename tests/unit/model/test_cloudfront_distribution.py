"""What can't be right about a distribution, what CloudFront's answers mean, and what it is given back."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import cloudfront_distribution as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model import cloudfront_structures as structures
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_distribution_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

FILES = {"id": "files", "domain_name": "b.s3.us-east-1.amazonaws.com", "origin_access_control": True}
API = {"id": "api", "domain_name": "goals-1.us-east-1.elb.amazonaws.com"}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
# What CloudFront answers of a distribution about which as little as possible was said.
CONFIG = {
    "CallerReference": "1",
    "Aliases": {"Quantity": 0},
    "DefaultRootObject": "",
    "Origins": {
        "Quantity": 2,
        "Items": [
            {
                "Id": "files",
                "DomainName": "b.s3.us-east-1.amazonaws.com",
                "OriginPath": "",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "OriginAccessControlId": "E1OAC",
            },
            {
                "Id": "api",
                "DomainName": "api.example",
                "OriginPath": "/v1",
                "OriginAccessControlId": "",
                "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X", "HeaderValue": "secret"}]},
                "CustomOriginConfig": {
                    "HTTPPort": 80,
                    "HTTPSPort": 443,
                    "OriginProtocolPolicy": "https-only",
                    "OriginSslProtocols": {"Quantity": 2, "Items": ["TLSv1.1", "TLSv1.2"]},
                    "OriginReadTimeout": 30,
                    "OriginKeepaliveTimeout": 5,
                    "IpAddressType": "ipv4",
                },
            },
        ],
    },
    "DefaultCacheBehavior": {
        "TargetOriginId": "files",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {
            "Quantity": 2,
            "Items": ["HEAD", "GET"],
            "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
        },
        "Compress": True,
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "FunctionAssociations": {"Quantity": 1, "Items": [{"FunctionARN": "f", "EventType": "viewer-request"}]},
    },
    "CacheBehaviors": {"Quantity": 0},
    "CustomErrorResponses": {
        "Quantity": 2,
        "Items": [
            {"ErrorCode": 404, "ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 5},
            {"ErrorCode": 403, "ResponsePagePath": "/e", "ResponseCode": "404", "ErrorCachingMinTTL": 10},
        ],
    },
    "Comment": "goals",
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "Enabled": True,
    "ViewerCertificate": {
        "ACMCertificateArn": CERTIFICATE,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2019",
        "Certificate": CERTIFICATE,
        "CertificateSource": "acm",
    },
    "WebACLId": "",
}
ANSWER = {
    "Id": "E1",
    "ARN": "arn",
    "DomainName": "d1.cloudfront.net",
    "Status": "Deployed",
    "DistributionConfig": CONFIG,
}
CONTROL = model.AccessControl("goals", id="E1OAC")


def there(**more):
    answer = {**ANSWER, "DistributionConfig": {**CONFIG, **more}}
    return model.from_api(answer, "etag", {}, CONTROL, asked=True)


def options(**given):
    validated = ArgumentSpecValidator({**COMMON_OPTIONS, **model.OPTIONS}).validate({"name": "goals", **given})
    assert not validated.error_messages, validated.error_messages
    return validated.validated_parameters


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"name": ""}, ["name"], id="no name"),
        pytest.param({"name": "g" * 65}, ["name"], id="long"),
        pytest.param({"aliases": ["*.goals.example", "Goals.example"]}, [], id="names"),
        pytest.param({"aliases": ["https://goals.example"]}, ["aliases"], id="a URL"),
        pytest.param({"certificate_arn": ""}, [], id="CloudFront's certificate"),
        pytest.param({"certificate_arn": CERTIFICATE}, [], id="a certificate"),
        pytest.param({"certificate_arn": CERTIFICATE.replace("us-", "eu-")}, ["certificate_arn"], id="elsewhere"),
        pytest.param({"default_root_object": "/index.html"}, ["default_root_object"], id="a slash"),
        pytest.param({"access_logs": {"prefix": "x"}}, ["access_logs.bucket"], id="no bucket"),
        pytest.param({"access_logs": {}}, [], id="no logs"),
        pytest.param({"origins": [FILES, API]}, [], id="origins"),
        pytest.param({"origins": [{**API, "domain_name": f"{KNOWN_AFTER_APPLY}"}]}, [], id="known later"),
        pytest.param({"origins": [dict(API), dict(API)]}, ["origins.id"], id="twice"),
        pytest.param(
            {"origins": [{**API, "domain_name": "http://x.y"}]}, ["origins[0].domain_name"], id="origin's URL"
        ),
        pytest.param({"origins": [{**API, "path": "v1/"}]}, ["origins[0].path"], id="no path"),
        pytest.param({"origins": [{**API, "http_port": 0}]}, ["origins[0].http_port"], id="no port"),
        pytest.param({"origins": [{**API, "read_timeout": 121}]}, ["origins[0].read_timeout"], id="long timeout"),
        pytest.param({"origins": [{**FILES, "http_port": 80}]}, ["origins[0].http_port"], id="a bucket's port"),
        pytest.param(
            {"origins": [FILES], "default_behavior": {"origin": "x"}}, ["default_behavior.origin"], id="unknown origin"
        ),
        pytest.param({"default_behavior": {"origin": "x"}}, [], id="an origin that is there"),
        pytest.param(
            {"default_behavior": {"allowed_methods": ["POST"]}}, ["default_behavior.allowed_methods"], id="methods"
        ),
        pytest.param(
            {"default_behavior": {"cache_policy": ""}}, ["default_behavior.cache_policy"], id="no cache policy"
        ),
        pytest.param({"behaviors": [{"path_pattern": "/a b"}]}, ["behaviors[0].path_pattern"], id="no pattern"),
        pytest.param(
            {"behaviors": [{"path_pattern": "/a"}, {"path_pattern": "/a"}]}, ["behaviors.path_pattern"], id="one path"
        ),
        pytest.param({"error_responses": [{"error_code": 401}]}, ["error_responses.error_code"], id="status"),
        pytest.param({"error_responses": [{"error_code": 403, "page": "/e"}]}, ["error_responses.page"], id="no code"),
        pytest.param(
            {"error_responses": [{"error_code": 403, "page": "e", "response_code": 200}]},
            ["error_responses.page"],
            id="no slash",
        ),
        pytest.param({"tags": {"aws:x": "1"}}, ["tags"], id="AWS's tag"),
        pytest.param({"state": "absent", "default_root_object": "/"}, [], id="absent needs a name alone"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in faults(options(**given))] == faulty


def test_what_an_answer_means():
    told = there()
    assert told.default_behavior == {
        "origin": "files",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "compress": True,
        "cache_policy": "CachingOptimized",
        "origin_request_policy": "",
        "response_headers_policy": "",
    }
    api, files = told.origins
    assert (api["path"], api["ssl_protocols"], api["origin_access_control"]) == ("/v1", ["TLSv1.1", "TLSv1.2"], False)
    assert files == {**FILES, "path": ""}
    assert [each["error_code"] for each in told.error_responses] == [403, 404], "in one order"
    assert told.error_responses == [
        {"error_code": 403, "page": "/e", "response_code": 404, "min_ttl": 10},
        {"error_code": 404, "min_ttl": 5},
    ]
    assert (told.access_logs, told.certificate_arn, told.web_acl_arn) == ({}, CERTIFICATE, "")
    assert "secret" not in str(told.settings()) + str(told.facts())


@pytest.mark.parametrize(
    ("control", "asked", "controlled"),
    [
        (CONTROL, True, True),
        (model.AccessControl("goals", id="E2"), True, False),
        (None, True, False),
        (None, False, True),
    ],
)
def test_the_control_has_to_be_the_distributions_own_where_that_is_known(control, asked, controlled):
    told = model.from_api(ANSWER, "etag", {}, control, asked=asked)
    assert [each["origin_access_control"] for each in told.origins] == [False, controlled]


@pytest.mark.parametrize(
    ("origin", "left"),
    [
        ({"S3OriginConfig": {"OriginAccessIdentity": ""}, "OriginAccessControlId": "E1OAC"}, ""),
        ({"S3OriginConfig": {"OriginAccessIdentity": ""}, "OriginAccessControlId": "E2"}, "E2"),
        ({"CustomOriginConfig": {"HTTPPort": 80}, "OriginAccessControlId": "E2"}, "E2"),
        ({}, ""),
    ],
)
def test_a_control_that_is_another_ones_stays(origin, left):
    there = {"Id": "files", "DomainName": "b.s3.us-east-1.amazonaws.com", **origin}
    told = structures.origin_to_api({**FILES, "origin_access_control": False}, there, "E1OAC")
    assert told["OriginAccessControlId"] == left


def test_an_origin_that_is_no_bucket_is_not_compared_by_its_control():
    there = {"Id": "api", "DomainName": "x.on.aws", "CustomOriginConfig": {}, "OriginAccessControlId": "E2"}
    assert not structures.origin_from_api(there, None)["origin_access_control"]


def test_policies_are_told_by_name_and_given_by_id():
    for kind, known in structures.POLICIES.items():
        for name, id_ in known.items():
            assert structures.named_policies({kind: id_}) == structures.named_policies({kind: name}) == {kind: name}
    assert structures.named_policies({"cache_policy": "own-policy"}) == {"cache_policy": "own-policy"}


def test_what_is_given_back_is_what_was_read_with_what_changed():
    told = there()
    same = model.to_config(told, told.settings(), CONFIG, "E1OAC")
    assert same["Origins"]["Items"][0] == CONFIG["Origins"]["Items"][1]
    assert same["DefaultCacheBehavior"]["FunctionAssociations"]["Quantity"] == 1
    assert model.to_config(told, {}, CONFIG, "") == CONFIG, "nothing changed"
    files = same["Origins"]["Items"][1]
    assert (files["OriginAccessControlId"], files["S3OriginConfig"]) == ("E1OAC", {"OriginAccessIdentity": ""})


def test_a_cache_policy_takes_the_place_of_the_old_way_of_caching():
    old = {"TargetOriginId": "files", "ForwardedValues": {"QueryString": False}, "MinTTL": 0, "Compress": True}
    given = structures.behavior_to_api(dict(structures.NEW_BEHAVIOR), old, structures.BEHAVIOR)
    assert given.keys() & set(structures.BEFORE_POLICIES) == set()
    assert "OriginRequestPolicyId" not in given, "an empty one is none"
    kept = structures.behavior_to_api(
        {"allowed_methods": ["GET", "HEAD"], "cached_methods": ["GET", "HEAD"]}, old, structures.BEHAVIOR
    )
    assert kept["MinTTL"] == 0


def test_logs_are_named_by_their_bucket():
    want = model.Distribution("goals", access_logs={"bucket": "logs", "prefix": "a/", "include_cookies": False})
    logging = model.to_config(want, {"access_logs": {}}, CONFIG, "")["Logging"]
    assert logging == {"Enabled": True, "Bucket": "logs.s3.amazonaws.com", "Prefix": "a/", "IncludeCookies": False}
    assert there(Logging=logging).access_logs == want.access_logs


def test_what_is_still_to_come():
    assert model.pending(there()) is None
    on_its_way = model.from_api({**ANSWER, "Status": "InProgress"}, "etag", {}, None, asked=False)
    assert "distribution E1 is InProgress" in str(model.pending(on_its_way))

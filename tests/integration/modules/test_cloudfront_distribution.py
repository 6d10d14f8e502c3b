"""The distribution module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

FILES = {"id": "files", "domain_name": "goals-files.s3.us-east-1.amazonaws.com", "origin_access_control": True}
API = {"id": "api", "domain_name": "goals-1.us-east-1.elb.amazonaws.com", "protocol_policy": "http-only"}
ALL = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
TO_API = {
    "path_pattern": "/api/*",
    "origin": "api",
    "allowed_methods": ALL,
    "cache_policy": "CachingDisabled",
    "origin_request_policy": "AllViewerExceptHostHeader",
}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"


def options(name, **more):
    default = {"origin": "files", "response_headers_policy": "SecurityHeadersPolicy"}
    return {"name": name, "origins": [FILES], "default_behavior": default, **more}


@pytest.fixture
def distribution(module):
    """The module, for distributions that are gone in the end, the last one first."""
    made = {}

    def run(**given):
        made[given["name"]] = True
        return module("cloudfront_distribution")(**given)

    yield run
    for name in reversed(made):
        module("cloudfront_distribution")(name=name, state="absent")


@pytest.fixture
def config(aws):
    def ask(result):
        return aws("cloudfront").get_distribution_config(Id=result["cloudfront_distribution"]["id"])[
            "DistributionConfig"
        ]

    return ask


def test_twelve_steps(twelve_steps, aws):
    name = "twelve-steps"
    created, updated, deleted = twelve_steps("cloudfront_distribution")(
        options(name, default_root_object="index.html", tags={"stack": "goals", "owner": "web"}),
        options(
            name,
            origins=[API, FILES],
            behaviors=[TO_API],
            aliases=["goals.example", "*.goals.example"],
            certificate_arn=CERTIFICATE,
            price_class="PriceClass_100",
            access_logs={"bucket": "logs", "prefix": "goals/"},
            error_responses=[
                {"error_code": 403, "page": "/404.html", "response_code": 404},
                {"error_code": 500, "min_ttl": 0},
            ],
            web_acl_arn="arn:aws:wafv2:us-east-1:123456789012:global/webacl/goals/1",
            http_version="http2",
            tags={"stack": "goals"},
        ),
        {"name": name},
    )
    assert created["plan"] == [f"create origin access control {name}", f"create distribution {name}"]
    assert created["cloudfront_distribution"]["status"] == "Deployed"
    assert updated["plan"] == [f"update distribution {name}"]
    assert updated["diff"]["before"][f"distribution {name}"]["tags"] == {"stack": "goals", "owner": "web"}
    assert deleted["plan"] == [
        f"update distribution {name}",
        f"delete distribution {name}",
        f"delete origin access control {name}",
    ]
    assert "Items" not in aws("cloudfront").list_distributions()["DistributionList"]
    assert "Items" not in aws("cloudfront").list_origin_access_controls()["OriginAccessControlList"]


def test_what_is_made_is_private_signed_and_https(distribution, config, aws):
    made = distribution(**options("made", origins=[FILES, API], behaviors=[TO_API], aliases=[]))
    told = config(made)
    files, api = sorted(told["Origins"]["Items"], key=lambda origin: origin["Id"], reverse=True)
    control = aws("cloudfront").get_origin_access_control(Id=files["OriginAccessControlId"])["OriginAccessControl"]
    assert control["OriginAccessControlConfig"] == {
        "Name": "made",
        "Description": "",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    assert files["S3OriginConfig"] == {"OriginAccessIdentity": ""}
    assert (api["OriginAccessControlId"], api["CustomOriginConfig"]["OriginProtocolPolicy"]) == ("", "http-only")
    default = told["DefaultCacheBehavior"]
    assert default["ViewerProtocolPolicy"] == "redirect-to-https"
    assert default["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert (default["Compress"], told["IsIPV6Enabled"], told["HttpVersion"]) == (True, True, "http2and3")
    (to_api,) = told["CacheBehaviors"]["Items"]
    assert sorted(to_api["AllowedMethods"]["Items"]) == ALL
    assert to_api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def test_what_no_option_stands_for_stays(distribution, config, aws):
    made = distribution(**options("kept", origins=[FILES, API], behaviors=[TO_API]))
    cloudfront, id_ = aws("cloudfront"), made["cloudfront_distribution"]["id"]
    answer = cloudfront.get_distribution_config(Id=id_)
    told = answer["DistributionConfig"]
    function = {
        "Quantity": 1,
        "Items": [{"FunctionARN": "arn:aws:cloudfront::1:function/f", "EventType": "viewer-request"}],
    }
    headers = {"Quantity": 1, "Items": [{"HeaderName": "X-Origin", "HeaderValue": "secret"}]}
    told["DefaultCacheBehavior"]["FunctionAssociations"] = function
    told["CacheBehaviors"]["Items"][0]["FunctionAssociations"] = function
    next(each for each in told["Origins"]["Items"] if each["Id"] == "api")["CustomHeaders"] = headers
    told["Restrictions"]["GeoRestriction"] = {"RestrictionType": "whitelist", "Quantity": 1, "Items": ["CH"]}
    cloudfront.update_distribution(Id=id_, IfMatch=answer["ETag"], DistributionConfig=told)

    changed = distribution(
        **options(
            "kept",
            origins=[FILES, {**API, "read_timeout": 40}],
            default_behavior={"compress": False},
            behaviors=[{**TO_API, "viewer_protocol_policy": "https-only"}],
        )
    )
    assert "secret" not in str(changed)
    after = config(changed)
    assert after["DefaultCacheBehavior"]["FunctionAssociations"] == function
    assert after["CacheBehaviors"]["Items"][0]["FunctionAssociations"] == function
    api = next(each for each in after["Origins"]["Items"] if each["Id"] == "api")
    assert (api["CustomHeaders"], api["CustomOriginConfig"]["OriginReadTimeout"]) == (headers, 40)
    assert after["Restrictions"] == told["Restrictions"]
    assert not distribution(name="kept")["changed"], "what isn't given is left alone"


def test_lists_are_whole_and_empty_ones_clear(distribution, config):
    distribution(**options("cleared", origins=[FILES, API], behaviors=[TO_API], default_root_object="index.html"))
    cleared = distribution(**options("cleared", behaviors=[], default_root_object=""))
    told = config(cleared)
    assert [each["Id"] for each in told["Origins"]["Items"]] == ["files"]
    assert (told["CacheBehaviors"], told["DefaultRootObject"]) == ({"Quantity": 0}, "")


def test_a_certificate_comes_and_goes(distribution, config):
    named = {"aliases": ["goals.example"], "certificate_arn": CERTIFICATE}
    certificate = config(distribution(**options("named", **named)))["ViewerCertificate"]
    assert (certificate["MinimumProtocolVersion"], certificate["SSLSupportMethod"]) == ("TLSv1.2_2021", "sni-only")
    newer = distribution(name="named", minimum_protocol_version="TLSv1.3_2025")
    assert newer["diff"]["after"]["distribution named"] == {"minimum_protocol_version": "TLSv1.3_2025"}
    assert not distribution(**options("named", **named))["changed"], "the policy that is there stays"
    with pytest.raises(InvalidOptions, match=r"aliases: \['goals.example'\] needs a certificate"):
        distribution(name="named", certificate_arn="")
    back = distribution(name="named", certificate_arn="", aliases=[])
    assert config(back)["ViewerCertificate"]["CloudFrontDefaultCertificate"]
    with pytest.raises(InvalidOptions, match=r"minimum_protocol_version: 'TLSv1\.2_2021' is not what CloudFront's own"):
        distribution(name="named", minimum_protocol_version="TLSv1.2_2021")


def test_a_run_that_was_cut_short_goes_on(module, aws):
    run, cloudfront = module("cloudfront_distribution"), aws("cloudfront")
    wish = options("killed")
    cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "killed",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "never",
            "OriginAccessControlOriginType": "s3",
        }
    )
    begun = run(**wish, wait=False)
    assert begun["plan"] == ["update origin access control killed", "create distribution killed"]
    assert "is on its way to the edge locations" in begun["pending"]
    assert run(**wish)["pending"] is None
    left = run(name="killed", state="absent", wait=False)
    assert left["pending"] == "distribution killed: it is disabled, and can be deleted once that is deployed"
    gone = run(name="killed", state="absent")
    assert gone["plan"] == ["delete distribution killed", "delete origin access control killed"]
    assert not run(name="killed", state="absent")["changed"]


def test_nothing_to_do_takes_four_calls_and_no_more_than_is_asked_for(distribution, aws):
    wish = options("counted", tags={"stack": "goals"})
    distribution(**wish)
    aws.calls.clear()
    assert not distribution(**wish)["changed"]
    lists = ["ListDistributions", "ListOriginAccessControls"]
    assert (sorted(aws.calls[:2]), sorted(aws.calls[2:])) == (lists, ["GetDistribution", "ListTagsForResource"])
    aws.calls.clear()
    distribution(name="counted", ipv6=True)
    assert aws.calls == ["ListDistributions", "GetDistribution"]


def test_a_control_that_drifts_and_another_ones_are_mended(distribution, config, aws):
    made = distribution(**options("drifted"))["cloudfront_distribution"]["origin_access_control"]
    cloudfront = aws("cloudfront")
    answer = cloudfront.get_origin_access_control(Id=made["id"])
    never = {**answer["OriginAccessControl"]["OriginAccessControlConfig"], "SigningBehavior": "never"}
    cloudfront.update_origin_access_control(Id=made["id"], IfMatch=answer["ETag"], OriginAccessControlConfig=never)
    mended = distribution(**options("drifted"))
    assert mended["diff"]["before"] == {"origin access control drifted": {"signing_behavior": "never"}}


def test_two_of_one_name_are_told(distribution, aws):
    first = distribution(**options("twice"))["cloudfront_distribution"]["id"]
    cloudfront = aws("cloudfront")
    config = cloudfront.get_distribution_config(Id=first)["DistributionConfig"]
    second = cloudfront.create_distribution(DistributionConfig={**config, "CallerReference": "second"})
    with pytest.raises(StackError, match="all have this comment"):
        distribution(**options("twice"))
    id_ = second["Distribution"]["Id"]
    aws("cloudfront").update_distribution(
        Id=id_,
        IfMatch=second["ETag"],
        DistributionConfig={**second["Distribution"]["DistributionConfig"], "Comment": "other"},
    )
    distribution(name="other", ipv6=True)


def test_a_new_one_needs_origins_and_a_behavior(module, aws):
    with pytest.raises(InvalidOptions, match="origins: None is missing, and there is no distribution half yet"):
        module("cloudfront_distribution")(name="half", price_class="PriceClass_100")
    assert aws.writes() == []

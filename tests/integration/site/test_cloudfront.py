"""The frontend behind CloudFront, and the API under the same name."""

from __future__ import annotations

import json

import boto3
import pytest

from tests.integration.conftest import CREDENTIALS
from tests.integration.site.conftest import NAME, Region

PATHS = json.dumps({"frontend_target": "cloudfront", "frontend_api_paths": ["/goals*"]})
BEHIND = ("-e", PATHS)
BUCKET = f"{NAME}-frontend-123456789012"


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    region = Region(tmp_path_factory.mktemp("site"))
    region.up()
    yield region
    region.down()


@pytest.fixture(scope="module")
def built(region):
    """The first real run, after its plan."""
    planned, run = region.site(*BEHIND, check=True), region.site(*BEHIND)
    assert (planned.returncode, run.returncode) == (0, 0), planned.messages() + run.messages()
    plans = (task.result.get("plan") or () for task in planned.tasks if task.changed)
    assert [change for plan in plans for change in plan if f"{NAME}-frontend" in change] == [
        f"create origin access control {NAME}-frontend",
        f"create distribution {NAME}-frontend",
        f"create bucket {BUCKET}",
    ]
    assert set(planned.plan()) <= set(run.plan())
    return run


def distribution(region):
    (summary,) = region.aws("cloudfront").list_distributions()["DistributionList"]["Items"]
    return region.aws("cloudfront").get_distribution(Id=summary["Id"])["Distribution"]


def text(region, key):
    return region.aws("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()


def test_the_page_is_private_and_the_api_is_under_its_name(region, built):
    made = distribution(region)
    told, url = built.tasks[-1].result["msg"], f"https://{made['DomainName']}"
    assert (made["Status"], told["frontend"]) == ("Deployed", url)
    config = made["DistributionConfig"]
    origins = {each["Id"]: each for each in config["Origins"]["Items"]}
    assert origins["files"]["DomainName"] == f"{BUCKET}.s3.us-east-1.amazonaws.com"
    assert f"http://{origins['api']['DomainName']}" == told["api"]
    (behavior,) = config["CacheBehaviors"]["Items"]
    assert (behavior["PathPattern"], behavior["TargetOriginId"]) == ("/goals*", "api")
    assert len(behavior["AllowedMethods"]["Items"]) == 7

    s3 = region.aws("s3")
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceArn": made["ARN"]}}
    assert url in text(region, "config.js")
    assert f"connect-src {url};" in text(region, "index.html")


def test_a_second_run_changes_nothing_and_asks_cloudfront_four_times(region, built):
    region.calls.mark()
    again = region.site(*BEHIND)
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()
    assert region.calls.writes() == []
    assert sorted(call for call in region.calls.since() if call.startswith("cloudfront")) == [
        "cloudfront:GetDistribution",
        "cloudfront:ListDistributions",
        "cloudfront:ListOriginAccessControls",
        "cloudfront:ListTagsForResource",
    ]


def test_what_the_edge_locations_keep_is_invalidated(region, built, tmp_path):
    (tmp_path / "index.html").write_text("<h1>Goals</h1>")
    (tmp_path / "app.js").write_text("run()")
    done = region.site(*BEHIND, "-e", f"frontend_source={tmp_path}", "--tags", "frontend")
    assert done.returncode == 0, done.messages()
    id_ = distribution(region)["Id"]
    assert done.plan()[-1] == f"create invalidation {id_}"
    (batch,) = (task.diff["after"][f"invalidation {id_}"] for task in done.tasks if "create inv" in str(task.result))
    assert batch == {"paths": ["/app.js", "/config.js", "/style.css"]}


def test_a_page_is_published_once_the_live_distribution_answers_what_it_asks(region, built, tmp_path):
    (tmp_path / "index.html").write_text("<h1>Goals on more paths</h1>")
    paths = json.dumps({"frontend_target": "cloudfront", "frontend_api_paths": ["/goals*", "/more*"]})
    region.calls.mark()
    done = region.site("-e", paths, "-e", f"frontend_source={tmp_path}", "--tags", "frontend")
    assert done.returncode == 0, done.messages()
    calls = region.calls.since()
    asked = [number for number, call in enumerate(calls) if call == "cloudfront:GetDistribution"]
    assert calls.index("cloudfront:UpdateDistribution") < asked[-1] < calls.index("s3:PutObject"), calls


def test_a_bucket_elsewhere_is_refused_before_the_live_page_is_led_there(region, built):
    elsewhere = boto3.client(
        "s3",
        endpoint_url=region.environment["LOCAL_REGION_ENDPOINT"],
        **{**CREDENTIALS, "region_name": "eu-west-1"},
    )
    elsewhere.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    region.calls.mark()
    refused = region.site(*BEHIND, "-e", "frontend_bucket=elsewhere", "--tags", "frontend")
    assert refused.returncode != 0
    assert "bucket elsewhere: it is in eu-west-1, and wanted in us-east-1" in refused.messages()
    assert region.calls.writes() == []


def test_a_domain_takes_its_certificate_and_its_origin_is_told_early(region, built):
    certificate = region.aws("acm").request_certificate(DomainName="goals.example")["CertificateArn"]
    named = ("-e", "frontend_domain=goals.example", "-e", f"frontend_certificate_arn={certificate}")
    done = region.site(*BEHIND, *named)
    assert done.returncode == 0, done.messages()
    assert done.tasks[-1].result["msg"]["frontend"] == "https://goals.example"
    assert "https://goals.example" in text(region, "config.js")
    config = distribution(region)["DistributionConfig"]
    assert config["Aliases"]["Items"] == ["goals.example"]
    assert config["ViewerCertificate"]["ACMCertificateArn"] == certificate
    again = region.site(*BEHIND, *named)
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()


def test_a_page_that_could_not_ask_its_api_is_refused_before_anything_is_written(region, built):
    region.calls.mark()
    refused = region.site("-e", "frontend_target=cloudfront")
    assert refused.returncode != 0
    assert "frontend_api_paths: [] is empty, and the API is over HTTP" in refused.messages()
    assert region.calls.writes() == []


def test_it_goes_as_a_whole_however_often_it_is_asked_to(region, built):
    gone = region.destroy(*BEHIND, "-e", "database_deletion_protection=false")
    assert gone.returncode == 0, gone.messages()
    first = [each for each in gone.plan() if f"{NAME}-frontend" in each]
    assert first == [
        f"update distribution {NAME}-frontend",
        f"delete distribution {NAME}-frontend",
        f"delete origin access control {NAME}-frontend",
        f"delete bucket {BUCKET}",
    ]
    again = region.destroy(*BEHIND)
    assert (again.returncode, again.stats["changed"]) == (0, 0), again.messages()

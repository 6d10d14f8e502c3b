"""The website module, against the region."""

from __future__ import annotations

import hashlib
import http.client
import json
from urllib.parse import urlsplit

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from botocore.exceptions import ClientError

from tests.integration.conftest import CREDENTIALS

PAGE = {"key": "index.html", "content": "<h1>goals</h1>", "cache_control": "no-cache"}
SCRIPT = {"key": "app.js", "content": "run()", "cache_control": "max-age=300"}
STYLE = {"key": "assets/style.css", "content": "h1 {}"}
OPEN = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def md5(content):
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def website(module):
    """The module, for buckets that are gone in the end."""
    made = set()

    def run(**options):
        made.add(options["name"])
        return module("s3_website")(**options)

    yield run
    for name in made:
        module("s3_website")(name=name, state="absent")


@pytest.fixture
def get(endpoint):
    """(status, content type, body) of a website's page, as its readers get it."""

    def ask(url, path="/"):
        connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
        connection.request("GET", path, headers={"Host": urlsplit(url).netloc})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()

    return ask


def test_twelve_steps(twelve_steps, aws, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg/>")
    picture = {"key": "assets/logo.svg", "path": str(logo)}
    name = "twelve-steps"
    tags = {"stack": "goals", "owner": "web"}
    created, updated, deleted = twelve_steps("s3_website")(
        {"name": name, "files": [PAGE, SCRIPT, STYLE], "tags": tags, "versioning": False},
        {
            "name": name,
            "files": [{**PAGE, "content": "<h1>more</h1>"}, {**SCRIPT, "cache_control": "no-cache"}, picture],
            "error_document": "index.html",
            "tags": {"stack": "goals"},
            "versioning": True,
        },
        {"name": name},
    )
    assert created["plan"] == [
        f"create bucket {name}",
        "create object app.js",
        "create object assets/style.css",
        "create object index.html",
    ]
    assert updated["plan"] == [
        f"update bucket {name}",
        "update object app.js",
        "create object assets/logo.svg",
        "update object index.html",
        "delete object assets/style.css",
    ]
    before, after = updated["diff"]["before"], updated["diff"]["after"]
    assert before[f"bucket {name}"] == {"error_document": "", "tags": tags, "versioning": False}
    assert (before["object app.js"], after["object app.js"]) == (
        {"cache_control": "max-age=300"},
        {"cache_control": "no-cache"},
    )
    assert before["object index.html"] == {"digest": md5(PAGE["content"]), "size": len(PAGE["content"])}
    assert before["object assets/style.css"]["size"] == len(STYLE["content"])
    assert updated["s3_website"]["url"] == f"http://{name}.s3-website-us-east-1.amazonaws.com"
    assert deleted["diff"]["before"][f"bucket {name}"]["objects"] == ["app.js", "assets/logo.svg", "index.html"]
    with pytest.raises(ClientError, match="404"):
        aws("s3").head_bucket(Bucket=name)


def test_everybody_reads_it(website, get, aws):
    told = website(name="everybody", files=[PAGE, SCRIPT], error_document="index.html")["s3_website"]
    assert get(told["url"]) == (200, "text/html; charset=utf-8", PAGE["content"])
    assert get(told["url"], "/app.js") == (200, "text/javascript; charset=utf-8", SCRIPT["content"])
    assert get(told["url"], "/missing")[2] == PAGE["content"]
    assert aws("s3").get_public_access_block(Bucket="everybody")["PublicAccessBlockConfiguration"] == OPEN
    assert told["object_ownership"] == "BucketOwnerEnforced"


DRIFTS = [
    pytest.param(lambda s3, name: s3.delete_bucket_policy(Bucket=name), "policy", id="policy"),
    pytest.param(lambda s3, name: s3.delete_bucket_website(Bucket=name), "index_document", id="website"),
    pytest.param(lambda s3, name: s3.delete_public_access_block(Bucket=name), "public_access_block", id="block"),
    pytest.param(lambda s3, name: s3.delete_bucket_encryption(Bucket=name), "encryption", id="encryption"),
    pytest.param(lambda s3, name: s3.delete_bucket_ownership_controls(Bucket=name), "object_ownership", id="ownership"),
    pytest.param(lambda s3, name: s3.delete_bucket_tagging(Bucket=name), "tags", id="tags"),
]


@pytest.mark.parametrize(("drift", "setting"), DRIFTS)
def test_a_setting_that_drifts_is_told_and_mended(website, aws, drift, setting):
    options = {"name": f"drift-{setting.replace('_', '-')}", "tags": {"stack": "goals"}}
    website(**options)
    drift(aws("s3"), options["name"])
    mended = website(**options)
    assert mended["plan"] == [f"update bucket {options['name']}"]
    assert setting in mended["diff"]["after"][f"bucket {options['name']}"]
    assert not website(**options)["changed"]


def test_objects_that_drift_are_told_and_mended(website, aws):
    options = {"name": "drift-objects", "files": [PAGE, SCRIPT, STYLE]}
    website(**options)
    s3 = aws("s3")
    s3.put_object(Bucket="drift-objects", Key="app.js", Body=SCRIPT["content"], ContentType="text/plain")
    s3.put_object(Bucket="drift-objects", Key="stray.html", Body=b"stray")
    s3.delete_object(Bucket="drift-objects", Key="index.html")
    upload = s3.create_multipart_upload(
        Bucket="drift-objects", Key="assets/style.css", ContentType="text/css; charset=utf-8"
    )
    part = {"Bucket": "drift-objects", "Key": "assets/style.css", "UploadId": upload["UploadId"]}
    tag = s3.upload_part(**part, PartNumber=1, Body=STYLE["content"].encode())["ETag"]
    s3.complete_multipart_upload(**part, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    mended = website(**options)
    assert mended["plan"] == [
        "update object app.js",
        "update object assets/style.css",
        "create object index.html",
        "delete object stray.html",
    ]
    assert mended["diff"]["before"]["object assets/style.css"]["digest"].endswith("-1"), "several parts have no MD5"
    assert not website(**options)["changed"]


def test_what_is_not_given_is_left_alone(website, aws):
    website(name="left-alone", files=[PAGE, SCRIPT], tags={"stack": "goals"}, error_document="index.html")
    s3 = aws("s3")
    s3.put_bucket_versioning(Bucket="left-alone", VersioningConfiguration={"Status": "Enabled"})
    policy = json.loads(s3.get_bucket_policy(Bucket="left-alone")["Policy"])
    policy["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    s3.put_bucket_policy(Bucket="left-alone", Policy=json.dumps(policy))
    assert not website(name="left-alone", public_read=False)["changed"]
    kept = website(
        name="left-alone", public_read=False, tags={"tier": "web"}, purge_tags=False, index_document="a.html"
    )
    assert kept["s3_website"]["tags"] == {"stack": "goals", "tier": "web"}
    assert (kept["s3_website"]["error_document"], kept["s3_website"]["versioning"]) == ("index.html", True)
    assert kept["s3_website"]["policy"] == policy


def test_files_that_are_not_listed_may_stay(website):
    website(name="kept", files=[PAGE, SCRIPT])
    more = website(name="kept", files=[STYLE], purge_files=False)
    assert more["plan"] == ["create object assets/style.css"]
    assert [each["key"] for each in more["s3_website"]["files"]] == ["app.js", "assets/style.css", "index.html"]


def test_a_bucket_goes_with_its_old_versions_however_many(module, aws):
    site, s3 = module("s3_website"), aws("s3")
    site(name="versions", versioning=True, files=[PAGE])
    site(name="versions", versioning=True, files=[{**PAGE, "content": "new"}, SCRIPT])
    site(name="versions", versioning=True, files=[PAGE])
    for number in range(1001):
        s3.put_object(Bucket="versions", Key=f"{number}", Body=b"")
    assert site(name="versions", state="absent")["changed"]
    assert "versions" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_many_objects_are_all_seen(website, aws):
    website(name="many")
    for number in range(1001):
        aws("s3").put_object(Bucket="many", Key=f"{number:04}", Body=b"")
    assert len(website(name="many", files=[PAGE], purge_files=False)["s3_website"]["files"]) == 1002


def test_a_bucket_of_another_region_is_refused_before_anything_is_written(module, aws):
    elsewhere = boto3.client("s3", endpoint_url=aws.endpoint, **{**CREDENTIALS, "region_name": "eu-west-1"})
    elsewhere.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws.calls.clear()
    with pytest.raises(StackError, match="bucket elsewhere: it is in eu-west-1, and wanted in us-east-1"):
        module("s3_website")(name="elsewhere", files=[PAGE])
    assert aws.writes() == []
    elsewhere.delete_bucket(Bucket="elsewhere")


def test_check_mode_plans_what_names_something_that_is_still_to_be_made(module):
    config = {"key": "config.js", "content": f"api = 'http://{KNOWN_AFTER_APPLY}'"}
    planned = module("s3_website")(name="planned", files=[PAGE, config], check_mode=True)
    assert planned["plan"] == ["create bucket planned", "create object config.js", "create object index.html"]
    assert planned["diff"]["after"]["object config.js"]["digest"] == KNOWN_AFTER_APPLY
    assert planned["s3_website"]["url"] == "http://planned.s3-website-us-east-1.amazonaws.com"


READER = "arn:aws:cloudfront::123456789012:distribution/E1"


@pytest.fixture
def distribution(module):
    """The ARN of a distribution that reads the bucket called private."""
    origin = {"id": "files", "domain_name": "private.s3.us-east-1.amazonaws.com", "origin_access_control": True}
    run = module("cloudfront_distribution")
    made = run(name="reader", origins=[origin], default_behavior={"origin": "files"})
    yield made["cloudfront_distribution"]["arn"]
    run(name="reader", state="absent")


def test_twelve_steps_of_a_private_bucket(twelve_steps, distribution, aws):
    name = "private"
    created, updated, _ = twelve_steps("s3_website")(
        {"name": name, "distribution_arn": distribution, "files": [PAGE, SCRIPT, STYLE]},
        {"name": name, "distribution_arn": distribution, "files": [PAGE, {**SCRIPT, "content": "walk()"}]},
        {"name": name},
    )
    told = created["s3_website"]
    assert set(told["public_access_block"].values()) == {True}
    assert told["policy"]["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceArn": distribution}}
    assert (told["url"], told["domain_name"]) == ("", "private.s3.us-east-1.amazonaws.com")
    id_ = distribution.rpartition("/")[2]
    assert updated["plan"][-1] == f"create invalidation {id_}"
    assert updated["diff"]["after"][f"invalidation {id_}"] == {"paths": ["/app.js", "/assets/style.css"]}
    (made,) = aws("cloudfront").list_invalidations(DistributionId=id_)["InvalidationList"]["Items"]
    assert made["Status"] == "Completed"


def test_a_website_becomes_private_and_public_again(website, get, aws):
    files = [PAGE, SCRIPT]
    url = website(name="both", files=files)["s3_website"]["url"]
    closed = website(name="both", files=files, distribution_arn=READER)
    assert closed["plan"] == ["update bucket both"]
    assert get(url)[0] == 404, "it is no website any more"
    assert set(aws("s3").get_public_access_block(Bucket="both")["PublicAccessBlockConfiguration"].values()) == {True}
    assert not website(name="both", files=files, distribution_arn=READER)["changed"]
    assert website(name="both", files=files)["s3_website"]["url"] == url
    assert get(url)[0] == 200

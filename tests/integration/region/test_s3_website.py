"""S3 websites and Block Public Access."""

import http.client
import json

import pytest

from tests.integration.region.regions import REGION, refused

OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def policy(bucket, principal="*"):
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def get(region):
    def ask(bucket, path="/", separator="-"):
        connection = http.client.HTTPConnection("127.0.0.1", region.port)
        host = f"{bucket}.s3-website{separator}{REGION}.amazonaws.com"
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    return ask


@pytest.fixture(scope="module")
def site(region):
    s3 = region.client("s3")
    s3.create_bucket(Bucket="site")
    configuration = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}
    s3.put_bucket_website(Bucket="site", WebsiteConfiguration=configuration)
    s3.put_object(
        Bucket="site", Key="index.html", Body=b"<h1>goals</h1>", ContentType="text/html", CacheControl="no-cache"
    )
    s3.put_object(Bucket="site", Key="deep/index.html", Body=b"deep", ContentType="text/html")
    s3.put_public_access_block(Bucket="site", PublicAccessBlockConfiguration=OPEN)
    s3.put_bucket_policy(Bucket="site", Policy=policy("site"))
    return s3


@pytest.mark.parametrize("separator", ["-", "."])
def test_index_document(site, get, separator):
    status, headers, body = get("site", "/", separator)
    assert (status, body) == (200, "<h1>goals</h1>")
    assert headers["Content-Type"] == "text/html"
    assert headers["cache-control"] == "no-cache"


def test_folders(site, get):
    assert get("site", "/deep/")[2] == "deep"
    status, headers, _ = get("site", "/deep")
    assert (status, headers["Location"]) == (302, "/deep/")


def test_error_document(site, get):
    status, _, body = get("site", "/missing")
    assert status == 403  # without the right to list, S3 does not say that the key is missing
    assert "AccessDenied" in body
    site.put_object(Bucket="site", Key="error.html", Body=b"sorry", ContentType="text/html")
    assert get("site", "/missing")[::2] == (403, "sorry")


def test_what_is_not_there(region, get):
    status, _, body = get("no-such-bucket")
    assert (status, "NoSuchBucket" in body) == (404, True)
    region.client("s3").create_bucket(Bucket="no-website")
    status, _, body = get("no-website")
    assert (status, "NoSuchWebsiteConfiguration" in body) == (404, True)


def test_private_until_policy_and_access_block_allow(region, get):
    s3 = region.client("s3")
    s3.create_bucket(Bucket="private")
    s3.put_bucket_website(Bucket="private", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.put_object(Bucket="private", Key="index.html", Body=b"open")
    assert get("private")[0] == 403
    assert all(s3.get_public_access_block(Bucket="private")["PublicAccessBlockConfiguration"].values())
    refused(lambda: s3.put_bucket_policy(Bucket="private", Policy=policy("private")), "AccessDenied")
    s3.put_public_access_block(Bucket="private", PublicAccessBlockConfiguration=OPEN)
    one = {"AWS": "arn:aws:iam::123456789012:root"}
    s3.put_bucket_policy(Bucket="private", Policy=policy("private", one))
    assert get("private")[0] == 403
    s3.put_bucket_policy(Bucket="private", Policy=policy("private"))
    assert get("private")[0] == 200
    s3.put_public_access_block(Bucket="private", PublicAccessBlockConfiguration={**OPEN, "RestrictPublicBuckets": True})
    assert get("private")[0] == 403

"""CloudFront: what moto says of it in another way than AWS, and what the edge locations answer."""

from __future__ import annotations

import functools
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from local_region.control.cloudfront_cache import Answer, Cache
from tests.integration.region.regions import eventually

OPTIMIZED, DISABLED = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
EXCEPT_HOST, SECURITY = "b689b0a8-53d0-40ab-baf2-68738e2966ac", "67f7725c-6f97-4210-82d7-5512b31e9d03"
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


def listed(*items):
    return {"Quantity": len(items), "Items": list(items)}


class Api(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        told = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
        content = json.dumps(told).encode()
        self.send_response(201 if self.command == "POST" else 403 if "refused" in self.path else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def aws(region):
    """Clients of the region."""
    return functools.cache(region.client)


@pytest.fixture
def api():
    """The port of an API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture
def site(aws, api):
    """A private bucket and an API behind a distribution."""
    cloudfront, s3 = aws("cloudfront"), aws("s3")
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "site",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )
    config = {
        "CallerReference": f"site {api}",
        "Comment": "site",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": listed(
            {
                "Id": "files",
                "DomainName": "edge-files.s3.us-east-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "OriginAccessControlId": control["OriginAccessControl"]["Id"],
            },
            {
                "Id": "api",
                "DomainName": "localhost",
                "CustomOriginConfig": {"HTTPPort": api, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
            },
        ),
        "DefaultCacheBehavior": {
            "TargetOriginId": "files",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": OPTIMIZED,
            "ResponseHeadersPolicyId": SECURITY,
        },
        "CacheBehaviors": listed(
            {
                "PathPattern": "/api/*",
                "TargetOriginId": "api",
                "ViewerProtocolPolicy": "https-only",
                "CachePolicyId": DISABLED,
                "OriginRequestPolicyId": EXCEPT_HOST,
                "AllowedMethods": {**listed(*METHODS), "CachedMethods": listed("GET", "HEAD")},
            }
        ),
    }
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    s3.create_bucket(Bucket="edge-files")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::edge-files/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": made["ARN"]}},
    }
    s3.put_bucket_policy(Bucket="edge-files", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket="edge-files", Key="index.html", Body=b"page", ContentType="text/html", CacheControl="no-cache")
    s3.put_object(Bucket="edge-files", Key="a b.js", Body=b"one", CacheControl="max-age=300")
    yield SimpleNamespace(id=made["Id"], host=made["DomainName"], arn=made["ARN"], control=control)
    remove(aws, made["Id"])
    cloudfront.delete_origin_access_control(Id=control["OriginAccessControl"]["Id"], IfMatch=control["ETag"])
    for key in ("index.html", "a b.js"):
        s3.delete_object(Bucket="edge-files", Key=key)
    s3.delete_bucket(Bucket="edge-files")


def change(aws, id_, **more):
    cloudfront = aws("cloudfront")
    answer = cloudfront.get_distribution_config(Id=id_)
    config = {**answer["DistributionConfig"], **more}
    return cloudfront.update_distribution(Id=id_, IfMatch=answer["ETag"], DistributionConfig=config)


def remove(aws, id_):
    etag = change(aws, id_, Enabled=False)["ETag"]
    eventually(lambda: deployed(aws, id_), bool)
    aws("cloudfront").delete_distribution(Id=id_, IfMatch=etag)


def deployed(aws, id_):
    return aws("cloudfront").get_distribution(Id=id_)["Distribution"]["Status"] == "Deployed"


@pytest.fixture
def ask(region, site):
    def request(path, method="GET", body=None, https=True, host="", **headers):
        connection = http.client.HTTPConnection(f"127.0.0.1:{region.port}")
        sent = {"Host": host or site.host, **({"X-Forwarded-Proto": "https"} if https else {}), **headers}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return SimpleNamespace(status=answer.status, headers=answer.headers, body=answer.read().decode())

    return request


def test_a_change_is_deployed_after_a_while_and_needs_the_version_it_changes(aws, site):
    cloudfront = aws("cloudfront")
    eventually(lambda: deployed(aws, site.id), bool)
    old = cloudfront.get_distribution_config(Id=site.id)
    assert change(aws, site.id, HttpVersion="http3")["Distribution"]["Status"] == "InProgress"
    for given, code in (({"IfMatch": old["ETag"]}, "PreconditionFailed"), ({}, "InvalidIfMatchVersion")):
        with pytest.raises(ClientError, match=code):
            cloudfront.update_distribution(Id=site.id, DistributionConfig=old["DistributionConfig"], **given)
    assert cloudfront.get_distribution_config(Id=site.id)["ETag"] != old["ETag"]


def test_only_what_is_disabled_everywhere_can_be_deleted(aws, site):
    etag = aws("cloudfront").get_distribution(Id=site.id)["ETag"]
    with pytest.raises(ClientError, match="DistributionNotDisabled"):
        aws("cloudfront").delete_distribution(Id=site.id, IfMatch=etag)
    etag = change(aws, site.id, Enabled=False)["ETag"]
    with pytest.raises(ClientError, match="DistributionNotDisabled"):
        aws("cloudfront").delete_distribution(Id=site.id, IfMatch=etag)
    control = site.control
    with pytest.raises(ClientError, match="OriginAccessControlInUse"):
        aws("cloudfront").delete_origin_access_control(Id=control["OriginAccessControl"]["Id"], IfMatch=control["ETag"])


WRONG = [
    ({"Aliases": listed("goals.example")}, "InvalidViewerCertificate"),
    ({"DefaultRootObject": "/index.html"}, "InvalidDefaultRootObject"),
    ({"Aliases": {"Quantity": 2, "Items": ["goals.example"]}}, "InconsistentQuantities"),
    ({"CallerReference": "another"}, "IllegalUpdate"),
    (
        {"ViewerCertificate": {"ACMCertificateArn": "arn:aws:acm:eu-west-1:1:certificate/1"}},
        "InvalidViewerCertificate",
    ),
    (
        {"DefaultCacheBehavior": {"TargetOriginId": "x", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": "x"}},
        "NoSuchOrigin",
    ),
    (
        {"DefaultCacheBehavior": {"TargetOriginId": "api", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": "x"}},
        "NoSuchCachePolicy",
    ),
    ({"DefaultCacheBehavior": {"TargetOriginId": "api", "ViewerProtocolPolicy": "allow-all"}}, "CachePolicyId"),
    (
        {
            "DefaultCacheBehavior": {
                "TargetOriginId": "api",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": DISABLED,
            }
        },
        "AllowedMethods, Compress, FieldLevelEncryptionId, LambdaFunctionAssociations, SmoothStreaming are required",
    ),
]


@pytest.mark.parametrize(("more", "code"), WRONG, ids=[code for _, code in WRONG])
def test_what_is_refused(aws, site, more, code):
    with pytest.raises(ClientError, match=code):
        change(aws, site.id, **more)


def test_the_page_comes_from_the_private_bucket_with_security_headers(ask, aws, site):
    page = ask("/")
    assert (page.status, page.body, page.headers["Content-Type"]) == (200, "page", "text/html")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert ask("/missing.html").status == 403, "who may not list isn't told what isn't there"
    assert ask("/", method="POST").status == 403
    aws("s3").delete_bucket_policy(Bucket="edge-files")
    assert ask("/index.html").status == 403


def test_another_distribution_may_not_read_it(ask, aws, site):
    policy = json.loads(aws("s3").get_bucket_policy(Bucket="edge-files")["Policy"])
    policy["Statement"][0]["Condition"]["StringEquals"]["AWS:SourceArn"] = f"{site.arn}X"
    aws("s3").put_bucket_policy(Bucket="edge-files", Policy=json.dumps(policy))
    assert ask("/").status == 403


def test_http_is_redirected_and_refused_where_it_would_be_posted(ask, site):
    page = ask("/a?b=c", https=False)
    assert (page.status, page.headers["Location"]) == (301, f"https://{site.host}/a?b=c")
    assert ask("/api/goals", method="POST", https=False).status == 403


def test_the_api_is_asked_with_all_but_the_host(ask):
    answer = ask("/api/goals?limit=2", method="POST", body="{}", Authorization="Bearer x", Cookie="a=b")
    told = json.loads(answer.body)
    assert (answer.status, told["method"], told["path"], told["body"]) == (201, "POST", "/api/goals?limit=2", "{}")
    headers = {name.lower(): value for name, value in told["headers"].items()}
    assert (headers["authorization"], headers["cookie"]) == ("Bearer x", "a=b")
    assert headers["host"].startswith("localhost:")


def test_an_origin_that_is_not_there_is_a_bad_gateway(ask, aws, site):
    origins = aws("cloudfront").get_distribution_config(Id=site.id)["DistributionConfig"]["Origins"]
    next(each for each in origins["Items"] if each["Id"] == "api")["CustomOriginConfig"]["HTTPPort"] = 1
    change(aws, site.id, Origins=origins)
    assert ask("/api/goals").status == 502


def test_errors_are_replaced_by_a_page(ask, aws, site):
    response = {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "404"}
    change(aws, site.id, CustomErrorResponses=listed(response))
    for path in ("/missing", "/api/refused"):
        assert (ask(path).status, ask(path).body) == (404, "page"), "of every origin"


def test_what_may_be_kept_is_kept_until_it_is_invalidated(ask, aws, site):
    assert ask("/a%20b.js").headers["X-Cache"] == "Miss from cloudfront"
    aws("s3").put_object(Bucket="edge-files", Key="a b.js", Body=b"two", CacheControl="max-age=300")
    aws("s3").put_object(Bucket="edge-files", Key="index.html", Body=b"new", CacheControl="no-cache")
    assert (ask("/a%20b.js").body, ask("/").body) == ("one", "new")
    batch = {"CallerReference": "1", "Paths": listed("/a%20b.js")}
    made = aws("cloudfront").create_invalidation(DistributionId=site.id, InvalidationBatch=batch)["Invalidation"]
    assert (made["Status"], ask("/a%20b.js").body) == ("InProgress", "two")
    which = {"DistributionId": site.id, "Id": made["Id"]}
    eventually(
        lambda: aws("cloudfront").get_invalidation(**which)["Invalidation"], lambda it: it["Status"] == "Completed"
    )


def test_a_path_with_a_tilde_is_refused(aws, site):
    batch = {"CallerReference": "2", "Paths": listed("/~a.js")}
    with pytest.raises(ClientError, match="InvalidArgument"):
        aws("cloudfront").create_invalidation(DistributionId=site.id, InvalidationBatch=batch)


def test_a_name_of_its_own_answers_and_is_nobody_elses(ask, aws, site):
    certificate = {"ACMCertificateArn": "arn:aws:acm:us-east-1:1:certificate/1", "SSLSupportMethod": "sni-only"}
    named = {"Aliases": listed("goals.example"), "ViewerCertificate": certificate}
    change(aws, site.id, **named)
    assert ask("/", host="goals.example").body == "page"
    assert ask("/", host="d000.cloudfront.net").status == 403
    config = aws("cloudfront").get_distribution_config(Id=site.id)["DistributionConfig"]
    with pytest.raises(ClientError, match="CNAMEAlreadyExists"):
        aws("cloudfront").create_distribution(DistributionConfig={**config, "CallerReference": "other"})


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("max-age=300", 300), ("s-maxage=60, max-age=300", 60), ("", 86400), ("no-cache", 0), ("private, max-age=9", 0)],
)
def test_how_long_an_answer_is_kept(header, seconds):
    now = [0.0]
    cache = Cache(lambda: now[0])
    cache.put("E1", "/a", Answer("200 OK", [("Cache-Control", header)] if header else [], b""))
    now[0] = seconds - 1
    assert bool(cache.get("E1", "/a")) == bool(seconds)
    now[0] = seconds
    assert cache.get("E1", "/a") is None


@pytest.mark.parametrize(
    ("paths", "left"), [(["/a"], ["/ab"]), (["/a*"], []), (["/*"], []), (["/b"], ["/a", "/ab"]), ([], ["/a", "/ab"])]
)
def test_what_an_invalidation_means(paths, left):
    cache = Cache()
    for path in ("/a", "/ab"):
        cache.put("E1", path, Answer("200 OK", [], b""))
    cache.invalidate("E1", paths)
    cache.invalidate("E2", ["/*"])
    assert [path for path in ("/a", "/ab") if cache.get("E1", path)] == left

"""The website as S3 and the folder hold it."""

from __future__ import annotations

import json

from observer import STATE, client

BUCKET = "goals-frontend-123456789012"
s3 = client("s3")

assert s3.get_bucket_website(Bucket=BUCKET)["IndexDocument"]["Suffix"] == "index.html"
statement = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
assert [(each["Effect"], each["Principal"], each["Action"]) for each in statement] == [("Allow", "*", "s3:GetObject")]
block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
assert {what for what, blocked in block.items() if blocked} == {"BlockPublicAcls", "IgnorePublicAcls"}, block
ownership = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
assert s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] == [{"Key": "stack", "Value": "goals"}]
rules = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
assert "Status" not in s3.get_bucket_versioning(Bucket=BUCKET)

objects = {
    each["Key"]: s3.get_object(Bucket=BUCKET, Key=each["Key"]) for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]
}
assert set(objects) == {"app.js", "config.js", "index.html", "style.css"}, set(objects)
headers = {key: (each["ContentType"], each["CacheControl"]) for key, each in objects.items()}
assert headers == {
    "app.js": ("text/javascript; charset=utf-8", "max-age=300"),
    "config.js": ("text/javascript; charset=utf-8", "no-cache"),
    "index.html": ("text/html; charset=utf-8", "no-cache"),
    "style.css": ("text/css; charset=utf-8", "max-age=300"),
}, headers
assert '"http://goals-1.us-east-1.elb.amazonaws.com"' in objects["config.js"]["Body"].read().decode()

folder = STATE / "website"
assert {path.name for path in folder.iterdir()} >= set(objects)
assert '"https://api.example/v1"' in (folder / "config.js").read_text()
assert "https://api.example" in (folder / "index.html").read_text()

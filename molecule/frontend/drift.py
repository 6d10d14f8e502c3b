"""What other hands do to the website: drift.py."""

from __future__ import annotations

from observer import STATE, client

BUCKET = "goals-frontend-123456789012"
s3 = client("s3")

s3.delete_bucket_policy(Bucket=BUCKET)
s3.delete_bucket_website(Bucket=BUCKET)
s3.delete_bucket_tagging(Bucket=BUCKET)
s3.delete_bucket_ownership_controls(Bucket=BUCKET)
s3.put_object(Bucket=BUCKET, Key="stray.html", Body=b"stray")
s3.put_object(
    Bucket=BUCKET, Key="app.js", Body=b"other", ContentType="text/javascript; charset=utf-8", CacheControl="max-age=300"
)
body = s3.get_object(Bucket=BUCKET, Key="style.css")["Body"].read()
s3.put_object(Bucket=BUCKET, Key="style.css", Body=body, ContentType="text/plain", CacheControl="max-age=300")
s3.delete_object(Bucket=BUCKET, Key="index.html")
(STATE / "website/config.js").write_text("other")

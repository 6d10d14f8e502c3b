"""The page behind CloudFront, over HTTPS, with the API under its own origin; in a real browser."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import urllib.request
import uuid
from dataclasses import dataclass
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import REPOSITORY, STATE

pytestmark = pytest.mark.e2e

NAME = "behind"
PLAY = [
    {
        "hosts": "stacks",
        "gather_facts": False,
        "module_defaults": {
            "group/ha_stack.aws.aws": {
                "region": "{{ aws_region }}",
                "endpoint_url": "{{ aws_endpoint_url }}",
                "access_key": "{{ aws_access_key }}",
                "secret_key": "{{ aws_secret_key }}",
            }
        },
        "tasks": [
            {"ansible.builtin.include_role": {"name": "ha_stack.aws.frontend"}},
            {"ansible.builtin.debug": {"var": "frontend_url"}, "when": "frontend_url is defined"},
        ],
    }
]


@dataclass(frozen=True)
class Behind:
    """The page's address, and how to ask there as who trusts the region's authority."""

    url: str

    def get(self, path: str = "/"):
        """(status, headers, body)"""
        trusting = ssl.create_default_context(cafile=str(STATE / "ca.crt"))
        try:
            with urllib.request.urlopen(self.url + path, context=trusting) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except HTTPError as error:
            return error.code, error.headers, error.read().decode()


def frontend(folder, api, **variables):
    """Run the role by itself; its tasks' results."""
    given = {
        "frontend_name": NAME,
        "frontend_target": "cloudfront",
        "frontend_api_url": api,
        "frontend_api_paths": ["/goals*"],
        **variables,
    }
    (folder / "play.json").write_text(json.dumps(PLAY))
    done = subprocess.run(
        ["ansible-playbook", "-i", "inventories/local", str(folder / "play.json"), "-e", json.dumps(given)],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "SSL_CERT_FILE": str(STATE / "ca.crt"),
            "LOCAL_REGION_STATE": str(STATE),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    tasks = json.loads(done.stdout[done.stdout.index("{") :])["plays"][0]["tasks"]
    return [result for task in tasks for result in task["hosts"].values()]


@pytest.fixture(scope="module")
def behind(site, tmp_path_factory):
    """The sample page behind CloudFront, beside the site's own; the role has validated it over HTTPS."""
    folder, api = tmp_path_factory.mktemp("behind"), site.api
    told = frontend(folder, api)
    assert any("answers" in result for result in told), "the role has asked for what it published"
    assert not any(result.get("changed") for result in frontend(folder, api))
    yield Behind(told[-1]["frontend_url"])
    frontend(folder, api, frontend_state="absent")
    for command, listed in (
        ("list-distributions", "DistributionList"),
        ("list-origin-access-controls", "OriginAccessControlList"),
    ):
        assert site.aws("cloudfront", command, "--no-paginate")[listed]["Quantity"] == 0


def test_the_page_and_its_api_are_one_origin_over_https(behind, site):
    status, headers, page = behind.get()
    assert (status, headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
    assert f"connect-src {behind.url};" in page
    assert behind.get("/goals")[0] == 200
    assert behind.get("/config.js")[2].count(behind.url) == 1


def test_nobody_else_may_read_the_bucket(behind, site):
    (bucket,) = (each for each in site.aws("s3api", "list-buckets")["Buckets"] if each["Name"].startswith(NAME))
    block = site.aws("s3api", "get-public-access-block", "--bucket", bucket["Name"])
    assert set(block["PublicAccessBlockConfiguration"].values()) == {True}
    policy = json.loads(site.aws("s3api", "get-bucket-policy", "--bucket", bucket["Name"])["Policy"])
    (distribution,) = site.aws("cloudfront", "list-distributions")["DistributionList"]["Items"]
    assert [(each["Principal"], each["Condition"]) for each in policy["Statement"]] == [
        ({"Service": "cloudfront.amazonaws.com"}, {"StringEquals": {"AWS:SourceArn": distribution["ARN"]}})
    ]


def test_a_person_adds_a_goal_over_https(behind, chromium):
    text = f"Serve it over HTTPS {uuid.uuid4().hex[:8]}"
    context = chromium.new_context(ignore_https_errors=True)  # Chromium has a trust store of its own
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(behind.url)
    page.get_by_label("New goal").fill(text)
    page.get_by_role("button", name="Add goal").click()
    goal = page.get_by_role("listitem").filter(has_text=text)
    expect(goal).to_be_visible()
    page.reload()
    expect(goal).to_be_visible()
    page.get_by_role("button", name=f"Delete “{text}”").click()
    expect(goal).to_have_count(0)
    assert {url for url in asked if not url.startswith((behind.url, "data:"))} == set(), "nothing but its own origin"
    context.close()

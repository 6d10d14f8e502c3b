"""The roles' own rules for their inputs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ha_stack.aws.plugins.filter.image import image
from ansible_collections.ha_stack.aws.plugins.plugin_utils.inputs import RULES, Image, parse_image

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("registry.gitlab.example/goals/backend:1.0", ("registry.gitlab.example", "goals/backend", "1.0", "")),
        ("registry.gitlab.example/goals/backend", ("registry.gitlab.example", "goals/backend", "latest", "")),
        ("registry.example:5050/a/b/c:v1", ("registry.example:5050", "a/b/c", "v1", "")),
        ("localhost/goals", ("localhost", "goals", "latest", "")),
        ("Host/goals", ("Host", "goals", "latest", "")),
        ("nginx", ("docker.io", "nginx", "latest", "")),
        ("library/nginx:1", ("docker.io", "library/nginx", "1", "")),
        (f"r.example/goals@{DIGEST}", ("r.example", "goals", "", DIGEST)),
        (f"r.example/goals:1@{DIGEST}", ("r.example", "goals", "1", DIGEST)),
        ("r.example/a__b/c-d.e:latest", ("r.example", "a__b/c-d.e", "latest", "")),
    ],
)
def test_image_references_are_taken_apart_as_docker_does(reference: str, parts: tuple[str, ...]) -> None:
    assert parse_image(reference) == Image(*parts)
    assert image(reference)["registry"] == parts[0]


BAD = [
    ("given", []),
    ("port", "80a"),
    ("port", "65536"),
    ("given", ""),
    ("image", ""),
    ("image", "Goals"),
    ("image", "https://registry.example/goals"),
    ("image", "registry.example/goals:"),
    ("image", "registry.example/goals: 1"),
    ("image", "registry.example/goals:-1"),
    ("image", "registry.example//goals"),
    ("image", "registry.example/goals:1:2"),
    ("image", "registry.example/goals@sha256:1234"),
    ("image", "registry.example/goals:" + "x" * 129),
    ("image", "registry.example:70000/goals"),
    ("image", "registry.example/goals\n"),
    ("url", "goals.example"),
    ("url", "ftp://goals.example"),
    ("url", "http://"),
    ("url", "http://goals.example:99999"),
    ("url", "http://goals.example/a b"),
    ("url", 'http://goals.example/"'),
    ("environment", {"1A": "x"}),
    ("environment", {"A-B": "x"}),
    ("environment", {"A": ["x"]}),
    ("environment", {"A": None}),
    ("connection", {"host": "db"}),
    ("secret_arn", "goals/registry"),
]
GOOD = [
    ("image", "registry.example:5050/goals:1"),
    ("url", "http://goals-1.us-east-1.elb.amazonaws.com"),
    ("url", "http://(known after apply)"),
    ("url", "https://api.example:8443/v1"),
    ("environment", {}),
    ("environment", {"CORS_ALLOWED_ORIGINS": "*", "_N": 1, "ON": True}),
    ("connection", {}),
    ("connection", {"host": "db", "name": "goals", "user": "app", "secret_arn": "(known after apply)"}),
    ("secret_arn", ""),
    ("given", ["subnet-1"]),
    ("port", "8080"),
    ("url", ""),
    ("secret_arn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:goals/registry-AbCdEf"),
]


@pytest.mark.parametrize(("rule", "value"), BAD)
def test_bad_inputs_are_told_with_variable_and_remedy(rule: str, value: Any) -> None:
    messages = RULES[rule](value, "backend_thing")
    assert messages
    assert all(message.startswith("backend_thing") and message.count(". ") >= 1 for message in messages)


@pytest.mark.parametrize(("rule", "value"), GOOD)
def test_good_inputs_have_no_fault(rule: str, value: Any) -> None:
    assert RULES[rule](value, "backend_thing") == []


def test_the_image_filter_refuses_what_is_no_image() -> None:
    with pytest.raises(AnsibleFilterError, match="not an image reference"):
        image("Goals!")

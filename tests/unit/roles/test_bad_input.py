"""Bad input is refused before AWS is asked anything. One host is one case, all in one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BASE: dict[str, Any] = {
    "ansible_connection": "local",
    "stack_name": "goals",
    "case_entry": "validate",
    "aws_region": "us-east-1",
    "aws_endpoint_url": "http://127.0.0.1:9",  # nobody answers there
    "backend_image": "registry.gitlab.example/goals/backend:1.0",
    "frontend_source": str(Path(__file__).parents[3] / "examples/goals/frontend"),
}
CLOUDFRONT = {"frontend_target": "cloudfront"}
BEHIND = {**CLOUDFRONT, "frontend_api_paths": ["/api/*"]}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
DOMAIN = {"frontend_domain": "goals.example", "frontend_certificate_arn": CERTIFICATE}
# (role, variables, what the message names: the variable, and its value or the remedy)
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("network", {"network_availability_zones": ["us-east-1a"]}, ["network_availability_zones", "us-east-1a"]),
    ("network", {"network_cidr": "10.0.0.0/8"}, ["network_cidr", "10.0.0.0/8"]),
    ("network", {"network_cidr": "10.0.0.300/16"}, ["network_cidr", "10.0.0.300/16"]),
    (
        "network",
        {
            "network_tiers": [
                {"name": "public", "route": "internet", "cidrs": ["10.0.0.0/24", "10.0.0.128/25"]},
                {"name": "app", "route": "none"},
            ]
        },
        ["network_tiers", "10.0.0.128/25"],
    ),
    (
        "network",
        {"network_tiers": [{"name": "public", "route": "internet", "cidrs": ["10.1.0.0/24", "10.0.1.0/24"]}]},
        ["network_tiers", "10.1.0.0/24"],
    ),
    ("network", {"network_nat_gateways": "two"}, ["network_nat_gateways", "two"]),
    ("network", {"backend_port": 70000}, ["network_backend_port", "70000"]),
    ("network", {"network_http_port": "8080"}, []),
    ("network", {"network_state": "gone"}, ["network_state", "gone"]),
    # No log group of the role's own, but one elsewhere.
    (
        "network",
        {"network_flow_log_days": 0, "network_flow_log": {"destination": "central"}},
        ["network_flow_log.destination", "central"],
    ),
    ("database", {"database_engine_version": "postgres15"}, ["database_engine_version", "postgres15"]),
    ("database", {"database_engine_version": "7"}, ["database_engine_version", "7"]),
    ("database", {"database_instance_class": "t3.micro"}, ["database_instance_class", "t3.micro"]),
    ("database", {"database_allocated_storage": 5}, ["database_allocated_storage", "5"]),
    ("database", {"database_identifier": "1goals"}, ["database_identifier", "1goals"]),
    ("database", {"database_port": 80}, ["database_port", "80"]),
    ("database", {"database_username": "admin"}, ["database_username", "admin"]),
    ("database", {"database_backup_retention_period": 36}, ["database_backup_retention_period", "36"]),
    ("database", {"database_backup_window": "at night"}, ["database_backup_window", "at night"]),
    ("database", {"database_storage_type": "floppy"}, ["database_storage_type", "floppy"]),
    ("database", {"database_log_exports": ["audit"]}, ["database_log_exports", "audit"]),
    ("database", {"database_monitoring_interval": 7}, ["database_monitoring_interval", "7"]),
    ("database", {"database_parameters": {"work_mem": None}}, ["database_parameters.work_mem"]),
    ("database", {"database_read_replicas": [{"suffix": "1"}]}, ["database_password_secret", "RDS makes no replica"]),
    (
        "database",
        {"database_read_replicas": [{"suffix": "1"}, {"suffix": "1"}], "database_password_secret": "goals-database"},
        ["database_read_replicas", "twice"],
    ),
    ("database", {"database_subnet_ids": ["subnet-00000001"]}, ["database_subnet_ids", "subnet-00000001"]),
    ("database", {"database_security_group_ids": ["goals-db"]}, ["database_security_group_ids", "goals-db"]),
    ("backend", {"backend_name": "g" * 33}, ["backend_name", "32"]),
    ("backend", {"stack_name": "goals_app"}, ["backend_name", "goals_app"]),
    (
        "backend",
        {"backend_image": "https://registry.example/goals"},
        ["backend_image", "https://registry.example/goals"],
    ),
    ("backend", {"backend_image": ""}, ["backend_image", "host/path:tag"]),
    ("backend", {"backend_port": 0}, ["backend_port", "0"]),
    ("backend", {"backend_http_port": 65536}, ["backend_http_port", "65536"]),
    ("backend", {"backend_min_size": 3, "backend_max_size": 2}, ["backend_min_size", "backend_max_size"]),
    ("backend", {"backend_desired_capacity": 4}, ["backend_desired_capacity", "4"]),
    ("backend", {"backend_desired_capacity": 1}, ["backend_desired_capacity", "1"]),
    ("backend", {"backend_min_size": "two"}, ["backend_min_size", "two"]),
    ("backend", {"backend_health_check_interval": 2}, ["backend_health_check_interval", "2"]),
    ("backend", {"backend_health_check_timeout": 5}, ["backend_health_check_timeout", "5"]),
    ("backend", {"backend_health_check_path": "health"}, ["backend_health_check_path", "health"]),
    ("backend", {"backend_ami": "debian"}, ["backend_ami", "debian"]),
    ("backend", {"backend_environment": {"A B": "x"}}, ["backend_environment", "A B"]),
    ("backend", {"backend_database": {"host": "db"}}, ["backend_database", "secret_arn"]),
    ("backend", {"backend_registry_secret_arn": "goals/registry"}, ["backend_registry_secret_arn", "goals/registry"]),
    ("backend", {"backend_subnet_ids": []}, []),
    ("frontend", {"frontend_source": "/nonexistent/folder"}, ["frontend_source", "/nonexistent/folder"]),
    ("frontend", {"frontend_bucket": "Goals"}, ["frontend_bucket", "Goals"]),
    ("frontend", {"frontend_name": "Goals"}, ["frontend_name", "Goals-frontend-"]),
    ("frontend", {"frontend_index_document": "a/b.html"}, ["frontend_index_document", "a/b.html"]),
    ("frontend", {"frontend_target": "ftp"}, ["frontend_target", "ftp"]),
    ("frontend", {"frontend_target": "directory"}, ["frontend_directory"]),
    ("frontend", {"frontend_api_url": "goals.example"}, ["frontend_api_url", "goals.example"]),
    (
        "frontend",
        {**CLOUDFRONT, "frontend_api_url": "http://goals.example"},
        ["frontend_api_paths", "http://goals.example", "frontend_target: cloudfront", "such as [/api/*]"],
    ),
    ("frontend", CLOUDFRONT, ["frontend_api_paths", "backend_certificate_arn"]),
    (
        "frontend",
        {**CLOUDFRONT, "frontend_api_url": "https://goals.example"},
        ["frontend_api_paths", "frontend_domain"],
    ),
    ("frontend", {**CLOUDFRONT, "backend_certificate_arn": CERTIFICATE}, ["frontend_api_paths", "frontend_domain"]),
    ("frontend", {**CLOUDFRONT, "frontend_api_paths": ["/a b"]}, ["frontend_api_paths", "/a b"]),
    ("frontend", {**BEHIND, "frontend_domain": "goals.example"}, ["frontend_certificate_arn", "goals.example"]),
    ("frontend", {**BEHIND, "frontend_certificate_arn": CERTIFICATE}, ["frontend_domain"]),
    (
        "frontend",
        {**BEHIND, "frontend_domain": "https://goals.example", "frontend_certificate_arn": CERTIFICATE},
        ["frontend_domain", "https://goals.example"],
    ),
    (
        "frontend",
        {**BEHIND, "frontend_domain": "goals.example", "frontend_certificate_arn": CERTIFICATE.replace("us-", "eu-")},
        ["frontend_certificate_arn", "us-east-1"],
    ),
    ("frontend", {**BEHIND, "frontend_price_class": "cheap"}, ["frontend_price_class", "PriceClass_100"]),
    (
        "frontend",
        {**BEHIND, "frontend_bucket": "goals", "frontend_name": "g" * 60},
        ["frontend_name", "has 69 characters. Give 1 to 64"],
    ),
]
# What the roles before this one would have made; site.yml runs a role's tasks without its main.yml.
CASES += [
    ("database", {"case_entry": "present"}, ["database_subnet_ids", "database_security_group_ids"]),
    ("backend", {"case_entry": "present"}, ["backend_vpc_id", "backend_subnet_ids", "backend_security_group_ids"]),
    ("frontend", {"case_entry": "present", "frontend_bucket": "goals"}, ["frontend_api_url"]),
    (
        "frontend",
        {**CLOUDFRONT, "case_entry": "present", "frontend_bucket": "goals", "frontend_api_url": "http://goals.example"},
        ["frontend_api_paths", "http://goals.example"],
    ),
]
GOOD = [("network", {}, []), ("database", {}, []), ("backend", {}, []), ("frontend", {}, [])]
GOOD += [
    ("frontend", {**CLOUDFRONT, **given}, [])
    for given in (
        {"frontend_api_paths": ["/api/*"]},
        {"frontend_api_paths": ["/api/*"], "frontend_api_url": "http://goals.example"},
        {"frontend_api_url": "https://goals.example", **DOMAIN},
        {"backend_certificate_arn": CERTIFICATE, **DOMAIN},
        {"frontend_state": "absent"},
        {**BEHIND, "frontend_domain": "goals.example", "frontend_certificate_arn": CERTIFICATE},
    )
]
PLAY = [
    {
        "hosts": "all",
        "gather_facts": False,
        "strategy": "free",
        "tasks": [
            {
                "include_role": {"name": "ha_stack.aws.{{ case_role }}", "tasks_from": entry},
                "when": f"case_entry == '{entry}'",
            }
            for entry in ("validate", "present")
        ],
    }
]


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each case's host failed with; empty for one that passed."""
    folder = tmp_path_factory.mktemp("cases")
    hosts = {
        f"case{number}": {**BASE, "case_role": role, **given} for number, (role, given, _) in enumerate(GOOD + CASES)
    }
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    (folder / "play.json").write_text(json.dumps(PLAY))
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", folder / "hosts.json", folder / "play.json"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    said = dict.fromkeys(hosts, "")
    for task in json.loads(done.stdout)["plays"][0]["tasks"]:
        for host, result in task["hosts"].items():
            if result.get("failed"):
                said[host] = f"{result['msg']} {result.get('argument_errors', '')}"
    return said


@pytest.mark.parametrize("number", range(len(GOOD)), ids=[role for role, _, _ in GOOD])
def test_the_defaults_are_good(messages: dict[str, str], number: int) -> None:
    assert messages[f"case{number}"] == ""


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{role}-{'-'.join(given)}" for role, given, _ in CASES])
def test_bad_input_is_refused_by_name(messages: dict[str, str], number: int) -> None:
    _, given, named = CASES[number]
    message = messages[f"case{number + len(GOOD)}"]
    assert bool(message) == bool(named), f"{given}: {message!r}"
    assert [each for each in named if each not in message] == [], message

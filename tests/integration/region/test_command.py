"""up, down, status, logs: idempotent, honest, and not fooled by a killed region."""

import json
import os
import signal
import stat
import time
import urllib.request

import pytest

from tests.integration.region.regions import Region, local_region


def start(up: Region, *more: str):
    return local_region("up", "--state-dir", str(up.state_dir), "--no-data-plane", "--port", str(up.port), *more)


def test_life_of_a_region(tmp_path):
    up = Region(tmp_path / "state")
    folder = ("--state-dir", str(up.state_dir))
    assert local_region("status", *folder).returncode == 3

    first = start(up)
    assert first.returncode == 0, first.stderr
    assert up.endpoint in first.stdout
    described = json.loads((up.state_dir / "region.json").read_text())
    assert described["endpoint"] == up.endpoint
    assert stat.S_IMODE((up.state_dir / "secrets").stat().st_mode) == 0o700

    again = start(up)
    assert again.returncode == 0
    assert "already up" in again.stdout
    assert json.loads((up.state_dir / "region.json").read_text())["pid"] == described["pid"]
    assert local_region("status", *folder).returncode == 0
    assert "is ready at" in local_region("logs", *folder).stdout

    down = local_region("down", *folder)
    assert down.returncode == 0, down.stderr
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(up.endpoint + "/_region/status")
    assert not (up.state_dir / "region.json").exists()
    assert local_region("down", *folder).returncode == 0


def test_a_region_may_be_far_away(tmp_path):
    up = Region(tmp_path / "state")
    assert start(up, "--latency", "0.2").returncode == 0
    began = time.monotonic()
    up.client("sts").get_caller_identity()
    assert time.monotonic() - began >= 0.2
    assert local_region("down", "--state-dir", str(up.state_dir)).returncode == 0


def test_killed_region_is_noticed_and_the_next_one_starts(tmp_path):
    up = Region(tmp_path)
    folder = ("--state-dir", str(up.state_dir))
    assert start(up).returncode == 0
    pid = json.loads((up.state_dir / "region.json").read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    status = local_region("status", *folder)
    assert status.returncode == 3
    assert "killed" in status.stdout
    assert start(up).returncode == 0
    assert json.loads((up.state_dir / "region.json").read_text())["pid"] != pid
    assert local_region("down", *folder).returncode == 0


def test_other_settings_than_the_running_region_are_refused(region):
    other = local_region("up", "--state-dir", str(region.state_dir), "--no-data-plane", "--port", "1")
    assert other.returncode == 1
    assert "other settings" in other.stderr


def test_a_port_in_use_is_said(region, tmp_path):
    second = local_region("up", "--state-dir", str(tmp_path), "--no-data-plane", "--port", str(region.port))
    assert second.returncode == 1
    assert "in use" in second.stderr


def test_calls_are_recorded_without_parameters(region, ec2):
    ec2.create_key_pair(KeyName="not-to-be-recorded")
    ec2.describe_key_pairs()
    s3 = region.client("s3")
    s3.create_bucket(Bucket="recorded-calls")
    s3.put_object(Bucket="recorded-calls", Key="a/b", Body=b"x")
    s3.head_object(Bucket="recorded-calls", Key="a/b")
    text = (region.state_dir / "calls.jsonl").read_text()
    calls = [json.loads(line) for line in text.splitlines()]
    seen = [(call["service"], call["action"]) for call in calls if call["status"] == 200]
    for wanted in [("ec2", "CreateKeyPair"), ("ec2", "DescribeKeyPairs"), ("s3", "PutObject"), ("s3", "HeadObject")]:
        assert wanted in seen
    assert {"time", "ms", "source", "agent"} <= calls[-1].keys()
    assert "not-to-be-recorded" not in text


def test_a_connection_serves_several_requests(region):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", region.port)
    connection.request("GET", "/_region/status")
    assert json.load(connection.getresponse())["phase"] == "ready"
    socket = connection.sock
    connection.request("POST", "/", body=b"x" * 5000)
    connection.getresponse().read()
    connection.request("GET", "/_region/status")
    assert json.load(connection.getresponse())["phase"] == "ready"
    assert connection.sock is socket


def test_status_is_open_to_any_client(region):
    with urllib.request.urlopen(region.endpoint + "/_region/status") as answer:
        assert json.load(answer)["name"] == f"test{region.port}"

"""The workload's settings and log lines."""

from __future__ import annotations

import logging
import socket

import pytest

from goals.logs import PlainFormatter
from goals.settings import BadSettingError, Settings


def test_defaults() -> None:
    assert Settings.from_env({}) == Settings("dev", socket.gethostname(), (), 8000)


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("", ()),
        ("*", ("*",)),
        ("http://a.example/", ("http://a.example",)),
        (" https://A.example:8443 , http://[::1]:80,", ("https://a.example:8443", "http://[::1]:80")),
    ],
)
def test_origins_are_written_as_browsers_send_them(value: str, origins: tuple[str, ...]) -> None:
    assert Settings.from_env({"CORS_ALLOWED_ORIGINS": value}).cors_allowed_origins == origins


@pytest.mark.parametrize("value", ["a.example", "ftp://a.example", "http://a.example/path", "http://*.example"])
def test_what_is_no_origin_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadSettingError, match=r"CORS_ALLOWED_ORIGINS holds '.*scheme://host") as refused:
        Settings.from_env({"CORS_ALLOWED_ORIGINS": f"http://fine.example,{value}"})
    assert value in str(refused.value)


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "8000 ", "٨٠"])
def test_a_port_out_of_range_is_refused(value: str) -> None:
    with pytest.raises(BadSettingError, match="PORT"):
        Settings.from_env({"PORT": value})


@pytest.mark.parametrize(
    ("value", "written"),
    [("plain", "plain"), (5, "5"), ("two words", '"two words"'), ("a\nforged line", '"a\\nforged line"'), ("", '""')],
)
def test_a_value_never_breaks_the_line(value: object, written: str) -> None:
    record = logging.LogRecord("goals", logging.INFO, "", 0, "request", None, None)
    record.fields = {"key": value}
    line = PlainFormatter().format(record)
    assert line.endswith(f"info goals request key={written}")
    assert "\n" not in line

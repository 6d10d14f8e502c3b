"""A folder as the files of a website."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ha_stack.aws.plugins.plugin_utils.website import website_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "config.js.j2", "assets/style.css", "assets/logo.svg", "data.bin"):
        (tmp_path / name).write_text(name)
    return tmp_path


def files(folder: Path, *uncached: str, api: str = "http://api") -> list[dict[str, str]]:
    return website_files(str(folder), lambda path: f"{Path(path).name} of {api}", uncached, 300)


def test_a_folder_becomes_files_with_headers(folder: Path) -> None:
    told = {each["key"]: (each["content_type"], each["cache_control"]) for each in files(folder, "*.html", "config.js")}
    assert told == {
        "assets/logo.svg": ("image/svg+xml; charset=utf-8", "max-age=300"),
        "assets/style.css": ("text/css; charset=utf-8", "max-age=300"),
        "config.js": ("text/javascript; charset=utf-8", "no-cache"),
        "data.bin": ("application/octet-stream", "max-age=300"),
        "index.html": ("text/html; charset=utf-8", "no-cache"),
    }
    assert list(told) == sorted(told)


def test_templates_are_rendered_and_the_rest_is_taken_as_it_is(folder: Path) -> None:
    by_key = {each["key"]: each for each in files(folder)}
    assert by_key["config.js"]["content"] == "config.js.j2 of http://api"
    assert by_key["data.bin"]["path"] == str(folder / "data.bin")
    assert "content" not in by_key["data.bin"]

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A folder as the files of a website."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from operator import itemgetter
from pathlib import Path

from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_file import content_type

TEMPLATE = ".j2"


def website_files(
    folder: str, render: Callable[[str], str], uncached: Sequence[str], max_age: int
) -> list[dict[str, str]]:
    """Every file below ``folder`` as {key, content_type, cache_control, path or content}, ordered by key.

    A file NAME.j2 becomes NAME, with what ``render`` makes of it as its content. Files whose key matches a pattern of
    ``uncached`` are to be asked for again each time; the others keep for ``max_age`` seconds.
    """
    root = Path(folder)
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    made = [_file(key, path, render) for key, path in files.items()]
    for file in made:
        file["content_type"] = content_type(file["key"])
        is_uncached = any(fnmatch(file["key"], pattern) for pattern in uncached)
        file["cache_control"] = "no-cache" if is_uncached else f"max-age={max_age}"
    return sorted(made, key=itemgetter("key"))


def _file(key: str, path: Path, render: Callable[[str], str]) -> dict[str, str]:
    if path.suffix != TEMPLATE:
        return {"key": key, "path": str(path)}
    return {"key": key.removesuffix(TEMPLATE), "content": render(str(path))}

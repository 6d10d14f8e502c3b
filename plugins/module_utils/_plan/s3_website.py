# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a website: the bucket, then what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website import Website
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, pair, settle

BUCKET, OBJECT = "bucket", "object"
ORDER = {"create": 0, "update": 0, "delete": 1}


def plan(want: Website | None, have: Website | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return _removed(have) if have else ()
    bucket = compare(BUCKET, want.name, keep_tags(want, have, params["purge_tags"]), have)
    return (*bucket, *_objects(want, have))


def _removed(have: Website) -> Plan:
    """A bucket goes with all it holds, old versions too, which are not told."""
    before = {**have.settings(), "objects": [file.key for file in have.files]}
    return (Change("delete", BUCKET, have.name, before, {}, None, have),)


def _objects(want: Website, have: Website | None) -> Plan:
    """Uploads, the index document after all that it may refer to, then removals."""
    if want.files is UNSET:
        return ()
    pairs = pair(want.files, have.files if have else (), lambda file: file.key)
    changes = [
        change
        for file, there in pairs
        if file or want.purge_files
        for change in compare(OBJECT, next(each.key for each in (file, there) if each), file, there)
    ]
    return tuple(sorted(changes, key=lambda change: _place(change, want.index_document)))


def _place(change: Change, index: str) -> tuple[Any, ...]:
    is_index = change.name.rpartition("/")[2] == index
    return ORDER[change.action], is_index, change.name


def settled(want: Website, have: Website | None) -> Website:
    """What will be there: the files too, and those that are not purged."""
    there = have.files if have else ()
    if want.files is UNSET:
        files = there
    else:
        wanted = {file.key for file in want.files}
        kept = () if want.purge_files else (file for file in there if file.key not in wanted)
        files = tuple(sorted((*want.files, *kept), key=lambda file: file.key))
    return replace(settle(want, have), files=files)

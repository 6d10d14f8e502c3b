# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a website: the bucket, what it holds, then what CloudFront has kept of that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website import Website
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, pair, settle

BUCKET, OBJECT, INVALIDATION = "bucket", "object", "invalidation"
ORDER = {"create": 0, "update": 0, "delete": 1}
# An account has as many paths a month for nothing, and "/*" counts as one.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html
PATHS = 1000
# Keys whose path is written in one way only. CloudFront refuses a tilde, and takes an encoded character for another
# path than the plain one, which viewers ask for.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html
PLAIN = r"[A-Za-z0-9._/-]+"
UNCACHED = {"no-cache", "no-store", "private"}  # with one of these CloudFront asks S3 each time, or after a second


def plan(want: Website | None, have: Website | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return _removed(have) if have else ()
    bucket = compare(BUCKET, want.name, keep_tags(want, have, params["purge_tags"]), have)
    objects = _objects(want, have)
    return (*bucket, *objects, *_invalidation(want, have, objects))


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
    return tuple(sorted(changes, key=lambda change: _place(change, want.page)))


def _place(change: Change, index: str) -> tuple[Any, ...]:
    is_index = change.name.rpartition("/")[2] == index
    return ORDER[change.action], is_index, change.name


def _invalidation(want: Website, have: Website | None, objects: Plan) -> Plan:
    """What the distribution may have kept: files that were there and may be cached, whatever the policy says now. It
    may have let the distribution read before it drifted."""
    if not want.distribution or have is None:
        return ()
    keys = [change.name for change in objects if change.have and not _is_uncached(change.have.cache_control)]
    if not keys:
        return ()
    single = len(keys) <= PATHS and all(re.fullmatch(PLAIN, key) for key in keys)
    paths = sorted(f"/{key}" for key in keys) if single else ["/*"]
    return (Change("create", INVALIDATION, want.distribution.rpartition("/")[2], {}, {"paths": paths}, want, have),)


def _is_uncached(cache_control: Any) -> bool:
    """A header that was not asked for, that of a file that is removed, may say anything."""
    return bool(cache_control) and bool(UNCACHED & {each.strip() for each in str(cache_control).lower().split(",")})


def settled(want: Website, have: Website | None) -> Website:
    """What will be there: the files too, and those that are not purged."""
    there = have.files if have else ()
    if want.files is UNSET:
        files = there
    else:
        wanted = {file.key for file in want.files}
        kept = () if want.purge_files else (file for file in there if file.key not in wanted)
        files = tuple(sorted((*want.files, *kept), key=lambda file: file.key))
    return replace(settle(want, have), files=files, endpoint=want.endpoint, url=want.url)

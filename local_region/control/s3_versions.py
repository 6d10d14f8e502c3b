"""A list of object versions goes on where its last page ended, also when that page's versions are gone by now.

Who empties a bucket deletes each page before it asks for the next one. moto looks for the version that the markers
name, and ends the list where it is gone.
"""

from __future__ import annotations

from typing import Any

from moto.s3.models import S3Backend

from local_region.control.patching import around


@around(S3Backend, "list_object_versions")
def go_on_after_what_is_gone(original: Any, self: Any, bucket_name: str, **asked: Any) -> Any:
    key, version = asked.get("key_marker"), asked.get("version_id_marker")
    there = [each for _, versions in self.get_bucket(bucket_name).keys.lists() for each in versions] if version else []
    if version and not any((each.name, each.version_id) == (key, version) for each in there):
        before = [each for each in there if each.name < key]
        last = max(before, key=lambda each: (each.name, -each.last_modified.timestamp()), default=None)
        asked |= {"key_marker": last and last.name, "version_id_marker": last and last.version_id}
    return original(self, bucket_name, **asked)

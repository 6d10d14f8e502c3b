# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about a website's options.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

# Lower-case letters, digits, hyphens and dots; no two dots together, and not what an IPv4 address looks like.
BUCKET = r"(?!(\d+\.){3}\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]*[a-z0-9]"
RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
ACCOUNT = "0" * 12  # what a name is taken to hold where it is only known after apply
KEY = 1024  # bytes
PART = 5 * 1024**3  # bytes that S3 takes in one part


def faults(params: Mapping[str, Any]) -> checks.Faults:
    return (
        *_bucket("name", params["name"]),
        *_index("index_document", params["index_document"]),
        *_distribution(params),
        *checks.tags("tags", params["tags"]),
        *(_files(params) if params["state"] == "present" else ()),
    )


def _bucket(option: str, given: str) -> checks.Faults:
    name = given.replace(KNOWN_AFTER_APPLY, ACCOUNT)
    if not 3 <= len(name) <= 63:
        return (Fault(option, given, f"has {len(name)} characters", "S3 takes 3 to 63"),)
    reserved = name.startswith(RESERVED_PREFIXES) or name.endswith(RESERVED_SUFFIXES)
    if reserved or not re.fullmatch(BUCKET, name):
        remedy = "Use lower-case letters, digits and hyphens, and none of S3's reserved prefixes and suffixes"
        return (Fault(option, given, "is not a name that S3 takes", remedy),)
    return ()


def _distribution(params: Mapping[str, Any]) -> checks.Faults:
    """A bucket that CloudFront reads is private, and no website."""
    arn = params["distribution_arn"]
    if arn is None:
        return ()
    remedy = "Give arn:aws:cloudfront::ACCOUNT:distribution/ID, as cloudfront_distribution returns it"
    pattern = r"arn:[\w-]+:cloudfront::\d{12}:distribution/\w+"
    found = [*checks.matches("distribution_arn", arn, pattern, "is not the ARN of a distribution", remedy)]
    if params["public_read"]:
        cause = "is not what a bucket is that a distribution alone reads (distribution_arn)"
        found.append(Fault("public_read", True, cause, "Leave out one of both"))
    if params["error_document"]:
        cause = "is of websites that S3 serves, and distribution_arn makes the bucket private"
        remedy = "Give error_responses of the distribution instead"
        found.append(Fault("error_document", params["error_document"], cause, remedy))
    return tuple(found)


def _index(option: str, given: str) -> checks.Faults:
    """S3 looks for it in every folder."""
    return checks.matches(option, given, r"[^/]+", "is no file's name", "Give one without a slash, as index.html")


def _files(params: Mapping[str, Any]) -> checks.Faults:
    files, index = params["files"] or (), params["index_document"]
    found = [fault for number, file in enumerate(files) for fault in _file(f"files[{number}]", file)]
    twice = [key for key, times in Counter(file["key"] for file in files).items() if times > 1]
    found += [Fault("files", key, "is there more than once", "Give each key once") for key in twice]
    if files and params["purge_files"] and not any(file["key"].rpartition("/")[2] == index for file in files):
        found.append(Fault("index_document", index, "is not among files", "Add it, or name one that is there"))
    return tuple(found)


def _file(option: str, file: Mapping[str, Any]) -> checks.Faults:
    found, path = [], Path(file["path"]) if file["path"] else None
    if not 1 <= len(file["key"].encode()) <= KEY:
        found.append(Fault(f"{option}.key", file["key"], "is no object's key", f"Give 1 to {KEY} bytes"))
    if path and not path.is_file():
        found.append(
            Fault(f"{option}.path", file["path"], "is no file", "Give one of the machine that the task runs on")
        )
    elif path and path.stat().st_size > PART:
        found.append(Fault(f"{option}.path", file["path"], "is larger than 5 GiB", "Put it there by other means"))
    return tuple(found)

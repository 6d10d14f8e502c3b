"""What CloudFront keeps of an account."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local_region.control.cloudfront_cache import Cache


def new_id(first: str) -> str:
    """An id as CloudFront gives it: in the case of its first letter."""
    letters = string.ascii_uppercase if first.isupper() else string.ascii_lowercase
    return first + "".join(secrets.choice(letters + string.digits) for _ in range(13))


@dataclass
class Distribution:
    id: str
    arn: str
    domain_name: str
    config: dict[str, Any]
    tags: dict[str, str]
    etag: str = ""
    status: str = "InProgress"
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))

    def put(self, config: dict[str, Any]) -> None:
        self.config, self.etag, self.status = config, new_id("E"), "InProgress"
        self.changed = datetime.now(UTC)

    def told(self) -> dict[str, Any]:
        return {
            "Id": self.id,
            "ARN": self.arn,
            "Status": self.status,
            "LastModifiedTime": self.changed,
            "DomainName": self.domain_name,
        }


@dataclass
class Control:
    id: str
    config: dict[str, Any]
    etag: str


@dataclass
class Invalidation:
    id: str
    distribution: str
    batch: dict[str, Any]
    status: str = "InProgress"
    made: datetime = field(default_factory=lambda: datetime.now(UTC))

    def told(self) -> dict[str, Any]:
        return {"Id": self.id, "Status": self.status, "CreateTime": self.made, "InvalidationBatch": self.batch}


@dataclass
class CloudFront:
    """What an account has."""

    distributions: dict[str, Distribution] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    invalidations: dict[str, Invalidation] = field(default_factory=dict)
    cache: Cache = field(default_factory=Cache)
    references: set[str] = field(default_factory=set)  # that distributions were made with, those that are gone too

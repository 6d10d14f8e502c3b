"""What RDS for PostgreSQL takes as an instance's settings, and what it fills in."""

from __future__ import annotations

import re
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, RDSClientError

# PostgreSQL on RDS: major version -> (first, last) minor version that can be created.
POSTGRES = {13: (11, 22), 14: (8, 19), 15: (7, 14), 16: (3, 10), 17: (1, 6), 18: (1, 1)}
DEFAULT_MAJOR = 17
INSTANCE_CLASS = re.compile(
    r"db\.(t3|t4g|m5|m5d|m6g|m6gd|m6i|m6id|m7g|m7i|m8g|r5|r5b|r5d|r6g|r6gd|r6i|r6id|r7g|r7i|r8g|x2g|x2iedn|z1d)"
    r"\.(micro|small|medium|large|x?large|\d+xlarge)"
)
# A gp3 volume below 400 GiB has the baseline and can't be given another: (IOPS, MiB/s).
GP3_BASELINE = (3000, 125)
GP3_LARGE = (12000, 500)
GP3_LARGE_FROM = 400  # GiB, PostgreSQL


def latest_of(version: str | None) -> str | None:
    """The full version that ``version`` names ("16" is the latest 16), None when RDS has no such version."""
    major, _, minor = (version or str(DEFAULT_MAJOR)).partition(".")
    if not major.isdigit() or int(major) not in POSTGRES:
        return None
    first, last = POSTGRES[int(major)]
    if not minor:
        return f"{major}.{last}"
    return version if minor.isdigit() and first <= int(minor) <= last else None


def checked(settings: dict[str, Any]) -> dict[str, Any]:
    """What AWS fills in, after it refused what is wrong."""
    version = refuse_combination(settings)
    if not settings.get("allocated_storage"):
        raise RDSClientError("MissingParameter", "The request must contain the parameter AllocatedStorage")
    if not settings.get("manage_master_user_password") and not settings.get("master_user_password"):
        message = "The parameter MasterUserPassword must be provided and must not be blank."
        raise RDSClientError("InvalidParameterValue", message)
    filled = {"engine_version": version, **_storage(settings)}
    filled.setdefault("license_model", "postgresql-license")
    return filled


def refuse_combination(settings: dict[str, Any]) -> str:
    version, wanted = latest_of(settings.get("engine_version")), settings.get("engine_version")
    if version is None:
        raise InvalidParameterCombination(f"Cannot find version {wanted} for postgres")
    instance_class = str(settings.get("db_instance_class"))
    if not INSTANCE_CLASS.fullmatch(instance_class):
        raise InvalidParameterCombination(
            "RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={instance_class}, Engine=postgres, EngineVersion={version}"
        )
    return version


def _storage(settings: dict[str, Any]) -> dict[str, Any]:
    kind = settings.get("storage_type") or "gp2"
    if kind != "gp3":
        return {"storage_type": kind}
    iops, throughput = GP3_LARGE if int(settings["allocated_storage"]) >= GP3_LARGE_FROM else GP3_BASELINE
    return {
        "storage_type": kind,
        "iops": settings.get("iops") or iops,
        "storage_throughput": settings.get("storage_throughput") or throughput,
    }

"""RDS calls and settings that moto lacks: the engine versions, Performance Insights, a changed port."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.models import DBInstance, RDSBackend
from moto.rds.responses import RDSResponse

from local_region.control.databases.settings import POSTGRES
from local_region.control.patching import around

INSIGHTS_DAYS = 7  # AWS keeps Performance Insights data for a week unless told otherwise


def describe_db_engine_versions(response: Any) -> ActionResult:
    """Those of PostgreSQL; ``EngineVersion`` takes a major version for all of its minor ones."""
    wanted = response.params.get("EngineVersion")
    versions = [
        {
            "Engine": "postgres",
            "EngineVersion": f"{major}.{minor}",
            "MajorEngineVersion": str(major),
            "DBParameterGroupFamily": f"postgres{major}",
            "Status": "available",
        }
        for major, (first, last) in sorted(POSTGRES.items())
        for minor in range(first, last + 1)
        if wanted in {None, str(major), f"{major}.{minor}"}
    ]
    engine = response.params.get("Engine")
    return ActionResult({"DBEngineVersions": versions if engine in {None, "postgres"} else []})


RDSResponse.describe_db_engine_versions = describe_db_engine_versions


def _insights(database: Any) -> bool:
    return bool(getattr(database, "enable_performance_insights", False))


DBInstance.performance_insights_enabled = property(_insights)


MODES = {"database_insights_mode": "standard", "network_type": "IPV4"}
MODES["engine_lifecycle_support"] = "open-source-rds-extended-support"


def _keep_modes(database: Any, settings: Any) -> None:
    for name, default in MODES.items():
        setattr(database, name, settings.get(name) or getattr(database, name, default))


def _keep_insights(database: Any, settings: Any) -> None:
    for key in ("enable_performance_insights", "performance_insights_kms_key_id"):
        if settings.get(key) is not None:
            setattr(database, key, settings[key])
    kept = settings.get("performance_insights_retention_period") or getattr(
        database, "performance_insights_retention_period", None
    )
    database.performance_insights_retention_period = (kept or INSIGHTS_DAYS) if _insights(database) else None


@around(RDSBackend, "create_db_instance")
def create_with_insights(original: Any, self: Any, db_kwargs: Any) -> Any:
    database = original(self, db_kwargs)
    _keep_insights(database, db_kwargs)
    _keep_modes(database, db_kwargs)
    return database


@around(RDSBackend, "modify_db_instance")
def modify_port_and_insights(original: Any, self: Any, db_instance_identifier: str, db_kwargs: Any) -> Any:
    """The port has another name in ModifyDBInstance than everywhere else."""
    database = original(self, db_instance_identifier, db_kwargs)
    database.port = db_kwargs.get("db_port_number") or database.port
    _keep_insights(database, db_kwargs)
    _keep_modes(database, db_kwargs)
    return database


@around(RDSBackend, "modify_db_subnet_group")
def keep_subnet_group(original: Any, self: Any, subnet_name: str, description: str, subnets: list[Any]) -> Any:
    """moto takes the group out of its list to change it, and doesn't put it back."""
    group = original(self, subnet_name, description, subnets)
    self.subnet_groups[subnet_name.lower()] = group
    return group

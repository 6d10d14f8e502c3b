# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about an RDS instance's options, found before AWS is asked anything.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_settings import GP3_LARGE
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

Params = Mapping[str, Any]

# https://www.postgresql.org/docs/current/sql-keywords-appendix.html, the column PostgreSQL: "reserved".
RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
    is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user using variadic verbose when
    where window with
    """.split()  # noqa: SIM905 - a list would be a hundred lines
)
RESERVED_BY_RDS = frozenset({"admin", "rdsadmin", "rdsrepladmin", "rdstopmgr", "rds_superuser", "rds_replication"})
OWN_DATABASES = frozenset({"postgres", "template0", "template1"})  # that every instance has
LEAST_ADVANCED = 465  # days that Database Insights' advanced mode keeps at least
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
DAY = r"(mon|tue|wed|thu|fri|sat|sun)"


def faults(params: Params) -> checks.Faults:
    if params.get("state") == "absent":
        return (*_name(params["name"]), *_snapshot(params))
    return (
        *_name(params["name"]),
        *_identity(params),
        *_storage(params),
        *_network(params),
        *_care(params),
        *_replica(params),
        *_parameters(params),
        *_monitoring(params),
        *checks.tags("tags", params.get("tags")),
    )


def _name(name: str) -> Iterator[Fault]:
    if len(name) > 63:
        yield Fault("name", name, f"has {len(name)} characters", "Give a name of at most 63: RDS allows no more")
        return
    yield from checks.matches(
        "name",
        name,
        r"(?!.*--)[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?",
        "is not a name that RDS takes",
        "Use letters, digits and single hyphens, a letter first, and no hyphen last",
    )


def _identity(params: Params) -> Iterator[Fault]:
    get = params.get
    if not get("source_db_instance"):
        yield from checks.required(params, "present", ("instance_class", "allocated_storage", "master_username"))
    yield from checks.matches(
        "engine_version",
        get("engine_version"),
        r"(1[1-9]|[2-9]\d)(\.\d+\S*)?",
        "is no version of PostgreSQL that this module takes",
        'Give a major version as "16", or a full one as "16.4", from 11 on',
    )
    yield from checks.matches(
        "instance_class",
        get("instance_class"),
        r"db\.[a-z][a-z0-9-]*\.[a-z0-9-]+",
        "is no instance class",
        "Give one as db.t4g.medium or db.m6g.large",
    )
    yield from _word("master_username", get("master_username"), 16)
    yield from _word("db_name", get("db_name"), 63)
    if get("db_name") in OWN_DATABASES:
        yield Fault("db_name", get("db_name"), "is there on every instance", "Give another name, or leave it out")
    if str(get("master_username") or "").lower().startswith("pg_"):
        remedy = "Give another name: PostgreSQL keeps pg_ to itself"
        yield Fault("master_username", get("master_username"), "begins with pg_", remedy)


def _word(option: str, value: str | None, longest: int) -> Iterator[Fault]:
    if value is not None and value.lower() in RESERVED | RESERVED_BY_RDS:
        yield Fault(option, value, "is a reserved word", "Give another name")
    yield from checks.matches(
        option,
        value,
        rf"[A-Za-z][A-Za-z0-9_]{{0,{longest - 1}}}",
        "is not a name that RDS takes",
        f"Use 1 to {longest} letters, digits and underscores, a letter first",
    )


def _storage(params: Params) -> Iterator[Fault]:
    get, size = params.get, params.get("allocated_storage")
    low = 100 if get("storage_type") in ("io1", "io2") else 20
    yield from checks.between("allocated_storage", size, low, 65536, "GiB")
    limit = get("max_allocated_storage")
    if limit and size is not None and limit <= size:
        remedy = f"Give more than allocated_storage ({size}), or 0 to keep the storage from growing"
        yield Fault("max_allocated_storage", limit, "leaves no room to grow", remedy)
    yield from checks.between("max_allocated_storage", limit or None, 20, 65536, "GiB, or 0")
    if get("storage_type") in ("gp2", "io1", "io2") and get("storage_throughput") is not None:
        remedy = "Give storage_type: gp3, or leave it out"
        yield Fault("storage_throughput", get("storage_throughput"), f"is not {get('storage_type')}'s to set", remedy)
    for option in ("iops", "storage_throughput"):
        if get("storage_type") == "gp3" and get(option) is not None and size is not None and size < GP3_LARGE:
            remedy = f"Leave it out, or give an allocated_storage of {GP3_LARGE} or more"
            yield Fault(option, get(option), f"can't be set on a gp3 volume of {size} GiB", remedy)


def _network(params: Params) -> Iterator[Fault]:
    get = params.get
    yield from checks.between("port", get("port"), 1150, 65535)
    for each in get("security_group_ids") or ():
        yield from checks.identifier("security_group_ids", each, "sg", "security group")
    group = get("subnet_group")
    if group is not None and get("subnet_group_name") is not None:
        remedy = "Give subnet_group to have one made, or subnet_group_name to use one that is there"
        yield Fault("subnet_group_name", get("subnet_group_name"), "is given together with subnet_group", remedy)
    if group is not None:
        yield from _subnets(group["subnet_ids"])
        yield from checks.matches(
            "subnet_group.name",
            group.get("name"),
            r"(?!default$)[A-Za-z][A-Za-z0-9._ -]{0,254}",
            "is not a name that RDS takes",
            "Use letters, digits, periods, underscores, spaces and hyphens, a letter first, and not default",
        )


def _subnets(ids: list[str]) -> Iterator[Fault]:
    """Subnets that are still to be made all look the same."""
    known = [each for each in ids if each != KNOWN_AFTER_APPLY]
    if len(ids) < 2:
        remedy = "Give a subnet in each of two or more Availability Zones"
        yield Fault("subnet_group.subnet_ids", ids, "are too few", remedy)
    elif len(set(known)) < len(known):
        yield Fault("subnet_group.subnet_ids", ids, "name a subnet twice", "Give each subnet once")
    for each in known:
        yield from checks.identifier("subnet_group.subnet_ids", each, "subnet", "subnet")


def _care(params: Params) -> Iterator[Fault]:
    get = params.get
    yield from checks.between("backup_retention_period", get("backup_retention_period"), 0, 35, "days")
    yield from checks.matches(
        "backup_window",
        get("backup_window"),
        rf"{CLOCK}-{CLOCK}",
        "is no window",
        "Give one in UTC as 03:00-04:00, of 30 minutes or more",
    )
    window = get("maintenance_window")
    yield from checks.matches(
        "maintenance_window",
        window.lower() if window else None,
        rf"{DAY}:{CLOCK}-{DAY}:{CLOCK}",
        "is no window",
        "Give one in UTC as sun:04:30-sun:05:30, of 30 minutes or more",
    )
    yield from _insights(get("performance_insights_retention_period"))


# What a replica has from its source, whatever is asked for.
SOURCES = (
    "db_name",
    "master_username",
    "master_user_secret_id",
    "master_user_secret_kms_key_id",
    "storage_encrypted",
    "engine_lifecycle_support",
)


def _replica(params: Params) -> Iterator[Fault]:
    get, source = params.get, params.get("source_db_instance")
    in_two = bool(get("multi_az")) if source else get("multi_az") is not False
    if get("availability_zone") is not None and in_two:
        remedy = "Give multi_az: false, or leave the zone to RDS"
        yield Fault("availability_zone", get("availability_zone"), "is given for an instance in two zones", remedy)
    if get("master_user_secret_id") is not None and get("master_user_secret_kms_key_id") is not None:
        remedy = "Give it for the secret that RDS makes, or master_user_secret_id for one that is there"
        yield Fault("master_user_secret_kms_key_id", get("master_user_secret_kms_key_id"), "has no secret", remedy)
    if not source:
        return
    if source.rsplit(":", 1)[-1].lower() == params["name"].lower() and not source.startswith("arn:"):
        yield Fault("source_db_instance", source, "is the instance itself", "Give another one")
    for option in SOURCES:
        if get(option) is not None:
            yield Fault(option, get(option), "is given for a read replica", "Leave it out: it has its source's")


def _parameters(params: Params) -> Iterator[Fault]:
    group, named = params.get("parameter_group"), params.get("parameter_group_name")
    if group is None:
        return
    if named is not None:
        remedy = "Give parameter_group to have one made, or parameter_group_name to use one that is there"
        yield Fault("parameter_group_name", named, "is given together with parameter_group", remedy)
    if params.get("engine_version") is None:
        remedy = 'Give the major version at least, as "16": parameters are those of a version'
        yield Fault("engine_version", None, "is missing, but parameter_group is given", remedy)
    yield from checks.matches(
        "parameter_group.name",
        group.get("name"),
        r"(?!default)(?!.*--)[A-Za-z]([A-Za-z0-9-]{0,253}[A-Za-z0-9])?",
        "is not a name that RDS takes",
        "Use letters, digits and single hyphens, a letter first, no hyphen last, and not default in front",
    )
    for name, value in (group.get("parameters") or {}).items():
        if value is None or isinstance(value, dict):
            remedy = "Give a value, or leave the parameter out to have its default"
            yield Fault(f"parameter_group.parameters.{name}", value, "is no value", remedy)


def _monitoring(params: Params) -> Iterator[Fault]:
    get, interval, role = params.get, params.get("monitoring_interval"), params.get("monitoring_role_arn")
    if interval and role is None:
        remedy = "Give the role that lets RDS write to CloudWatch Logs, with AmazonRDSEnhancedMonitoringRole"
        yield Fault("monitoring_role_arn", None, f"is missing with a monitoring_interval of {interval}", remedy)
    if role is not None and not interval:
        remedy = "Give a monitoring_interval of 1 to 60, or leave the role out"
        yield Fault("monitoring_role_arn", role, "is given without an interval", remedy)
    if get("database_insights_mode") == "advanced" and not _keeps_enough(params):
        remedy = (
            f"Give performance_insights: true and a performance_insights_retention_period of {LEAST_ADVANCED} or more"
        )
        yield Fault("database_insights_mode", "advanced", "needs Performance Insights of 15 months", remedy)


def _keeps_enough(params: Params) -> bool:
    kept = params.get("performance_insights_retention_period") or 0
    return bool(params.get("performance_insights")) and kept >= LEAST_ADVANCED


def _insights(days: int | None) -> Iterator[Fault]:
    if days is not None and days not in (7, 731) and not (days % 31 == 0 and 1 <= days // 31 <= 23):
        remedy = "Give 7, 731, or a multiple of 31 up to 713 days"
        yield Fault("performance_insights_retention_period", days, "is no period that RDS takes", remedy)


def _snapshot(params: Params) -> Iterator[Fault]:
    name = params.get("final_snapshot_identifier")
    if name is not None and params.get("skip_final_snapshot"):
        yield Fault("final_snapshot_identifier", name, "is given with skip_final_snapshot", "Give one of the two")
    yield from checks.matches(
        "final_snapshot_identifier",
        name,
        r"(?!.*--)[A-Za-z]([A-Za-z0-9-]{0,253}[A-Za-z0-9])?",
        "is not a name that RDS takes",
        "Use up to 255 letters, digits and single hyphens, a letter first, and no hyphen last",
    )

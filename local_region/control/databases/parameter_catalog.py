"""Parameters of PostgreSQL on RDS: those that people set, as DescribeEngineDefaultParameters tells of them."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    kind: str
    applied: str  # static or dynamic
    allowed: str = ""
    default: str | None = None
    description: str = ""
    modifiable: bool = True


LARGEST = "2147483647"
BOOLEAN = "0,1"
LIBRARIES = (
    "auto_explain,orafce,pgaudit,pglogical,pg_bigm,pg_cron,pg_hint_plan,pg_prewarm,pg_similarity,pg_stat_statements,"
    "pg_tle,pg_transport,plprofiler,plrust"
)
MEMORY = "DBInstanceClassMemory"

CATALOG: dict[str, Known] = {
    "auto_explain.log_min_duration": Known("integer", "dynamic", f"-1-{LARGEST}"),
    "autovacuum": Known("boolean", "dynamic", BOOLEAN, "1"),
    "autovacuum_max_workers": Known("integer", "static", "1-262143", f"GREATEST({{{MEMORY}/64371566592}},3)"),
    "autovacuum_naptime": Known("integer", "dynamic", "1-2147483", "15", "(s) Time to sleep between autovacuum runs."),
    "autovacuum_vacuum_cost_limit": Known("integer", "dynamic", "-1-10000"),
    "autovacuum_vacuum_scale_factor": Known("float", "dynamic", "0-100", "0.1"),
    "checkpoint_timeout": Known(
        "integer", "dynamic", "30-3600", "300", "(s) Sets the maximum time between checkpoints."
    ),
    "data_directory": Known("string", "static", "", "/rdsdbdata/db", "Server's data directory.", modifiable=False),
    "deadlock_timeout": Known("integer", "dynamic", f"1-{LARGEST}"),
    "default_transaction_isolation": Known(
        "string", "dynamic", "serializable,repeatable read,read committed,read uncommitted"
    ),
    "effective_cache_size": Known("integer", "dynamic", f"1-{LARGEST}", f"{{{MEMORY}/16384}}"),
    "hot_standby_feedback": Known("boolean", "dynamic", BOOLEAN),
    "huge_pages": Known("string", "static", "on,off,try", "on"),
    "idle_in_transaction_session_timeout": Known("integer", "dynamic", f"0-{LARGEST}", "86400000"),
    "lock_timeout": Known("integer", "dynamic", f"0-{LARGEST}"),
    "log_autovacuum_min_duration": Known("integer", "dynamic", f"-1-{LARGEST}", "10000"),
    "log_connections": Known("boolean", "dynamic", BOOLEAN),
    "log_disconnections": Known("boolean", "dynamic", BOOLEAN),
    "log_lock_waits": Known("boolean", "dynamic", BOOLEAN),
    "log_min_duration_statement": Known(
        "integer",
        "dynamic",
        f"-1-{LARGEST}",
        None,
        "(ms) Sets the minimum execution time above which statements will be logged.",
    ),
    "log_statement": Known("string", "dynamic", "none,ddl,mod,all"),
    "log_temp_files": Known("integer", "dynamic", f"-1-{LARGEST}"),
    "maintenance_work_mem": Known(
        "integer", "dynamic", f"1024-{LARGEST}", f"GREATEST({{{MEMORY}*1024/63963136}},65536)"
    ),
    "max_connections": Known(
        "integer",
        "static",
        "6-8388607",
        f"LEAST({{{MEMORY}/9531392}},5000)",
        "Sets the maximum number of concurrent connections.",
    ),
    "max_parallel_workers_per_gather": Known("integer", "dynamic", "0-1024"),
    "max_standby_streaming_delay": Known("integer", "dynamic", f"-1-{LARGEST}", "14000"),
    "max_wal_senders": Known("integer", "static", "5-100", "20"),
    "max_worker_processes": Known("integer", "static", "0-262143", "GREATEST(${DBInstanceVCPU*2},8)"),
    "password_encryption": Known("string", "dynamic", "md5,scram-sha-256", "scram-sha-256"),
    "pg_stat_statements.track": Known("string", "dynamic", "none,top,all"),
    "random_page_cost": Known("float", "dynamic", "0-1.79769e+308"),
    "rds.force_ssl": Known("boolean", "dynamic", BOOLEAN, "1", "Force SSL connections."),
    "rds.log_retention_period": Known("integer", "dynamic", "1440-10080", "4320"),
    "rds.logical_replication": Known("boolean", "static", BOOLEAN, "0"),
    "search_path": Known("string", "dynamic"),
    "seq_page_cost": Known("float", "dynamic", "0-1.79769e+308"),
    "shared_buffers": Known(
        "integer",
        "static",
        "16-1073741823",
        f"{{{MEMORY}/32768}}",
        "(8kB) Sets the number of shared memory buffers used by the server.",
    ),
    "shared_preload_libraries": Known("list", "static", LIBRARIES, "pg_stat_statements"),
    "statement_timeout": Known("integer", "dynamic", f"0-{LARGEST}"),
    "synchronous_commit": Known("string", "dynamic", "local,on,off", "on"),
    "tcp_keepalives_idle": Known("integer", "dynamic", f"0-{LARGEST}", "300"),
    "timezone": Known("string", "dynamic", "", "UTC"),
    "track_activity_query_size": Known("integer", "static", "100-1048576", "4096"),
    "track_io_timing": Known("boolean", "dynamic", BOOLEAN, "1"),
    "work_mem": Known(
        "integer", "dynamic", f"64-{LARGEST}", None, "(kB) Sets the maximum memory to be used for query workspaces."
    ),
}

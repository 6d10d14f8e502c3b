"""A program as inside.py: what RDS refuses and tells while something goes on, which lasts as long as it is told to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from local_region.world import DatabaseEvent, DatabaseState
from tests.integration.region.inside import Inside, outcome
from tests.integration.region.regions import refused

ZONES = ("us-east-1a", "us-east-1b")
THERE = DatabaseState("available", *ZONES)
DB = {"DBInstanceIdentifier": "db"}


def _create(region: Inside, **options: Any) -> Any:
    """The client, and an instance "db" that the plane is about to make."""
    rds = region.client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="x", SubnetIds=region.network.subnets)
    rds.create_db_instance(
        **DB, DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20, MultiAZ=True,
        MasterUsername="goals", MasterUserPassword="correct horse", DBSubnetGroupName="s",
        **{"BackupRetentionPeriod": 0, **options},
    )  # fmt: skip
    region.turn()
    return rds


def _described(rds: Any, name: str = "db") -> dict[str, Any]:
    found: dict[str, Any] = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found


def _status(rds: Any, name: str = "db") -> str:
    return str(_described(rds, name)["DBInstanceStatus"])


def _told(rds: Any) -> list[str]:
    return [event["Message"] for event in rds.describe_events(SourceType="db-instance", **SOURCE)["Events"]]


SOURCE = {"SourceIdentifier": "db"}


def database_is_rebooted_once_its_bodies_say_so(region: Inside) -> None:
    """RebootDBInstance is told to the plane by a count, and is refused while another goes on."""
    rds = _create(region)
    message = refused(lambda: rds.reboot_db_instance(**DB), "InvalidDBInstanceState")
    assert message.startswith("Can only reboot db instances with state in: available, storage-optimization")
    region.turn(1, databases={"db": THERE})
    for force, counts in ((True, (0, 1)), (False, (1, 1))):
        rds.reboot_db_instance(**DB, ForceFailover=force)
        region.turn(3)
        (asked,) = region.plane.world.databases
        assert (asked.reboots, asked.failovers) == counts
        assert _status(rds) == "rebooting"
        refused(lambda: rds.reboot_db_instance(**DB), "InvalidDBInstanceState")
        region.turn(1, databases={"db": DatabaseState("available", *ZONES, *counts)})
        assert _status(rds) == "available"
    refused(lambda: rds.reboot_db_instance(DBInstanceIdentifier="other"), "DBInstanceNotFound")


def database_tells_what_happens_to_its_bodies(region: Inside) -> None:
    """A failover by itself: the instance stays available, has no second zone until another standby can take over, and
    each event is told once, with the time at which it happened."""
    rds = _create(region)
    region.turn(1, databases={"db": THERE})
    at = datetime.now(UTC)
    started = DatabaseEvent(at, "failover started")
    region.turn(2, databases={"db": DatabaseState("available", *ZONES, events=(started,))})
    completed = DatabaseEvent(at, "failover completed", "unreachable")
    rest = (started, DatabaseEvent(at, "restarted"), completed, DatabaseEvent(at, "standby recovery started"))
    region.turn(2, databases={"db": DatabaseState("available", ZONES[1], None, events=rest)})
    seen = _described(rds)
    assert (seen["DBInstanceStatus"], seen["AvailabilityZone"]) == ("available", ZONES[1])
    assert "SecondaryAvailabilityZone" not in seen
    rest += (DatabaseEvent(at, "standby recovery completed"),)
    region.turn(2, databases={"db": DatabaseState("available", *ZONES[::-1], events=rest)})
    assert _described(rds)["SecondaryAvailabilityZone"] == ZONES[0]
    assert sorted(_told(rds)) == sorted(
        [
            "DB instance created",
            "Multi-AZ instance failover started.",
            "DB instance restarted",
            "Multi-AZ instance failover completed",
            "The primary host of the RDS Multi-AZ instance is unreachable due to loss of network connectivity.",
            "Recovery of standby DB instance has started.",
            "Recovery of standby DB instance has completed.",
        ]
    )
    (first,) = (e for e in rds.describe_events(Duration=5)["Events"] if e["Message"].endswith("failover started."))
    assert abs(first["Date"] - at).total_seconds() < 0.001


def database_is_converted_once_its_standby_is_there(region: Inside) -> None:
    """A conversion is over when the standby is synchronous, or gone; other modifications don't ask for it."""
    rds = _create(region)
    region.turn(1, databases={"db": THERE})
    alone = DatabaseState("available", ZONES[0])
    for multi_az, before, after in ((False, THERE, alone), (True, alone, THERE)):
        rds.modify_db_instance(**DB, MultiAZ=multi_az, ApplyImmediately=True)
        region.turn(3, databases={"db": before})
        assert region.plane.world.databases[0].multi_az is multi_az
        assert _status(rds) == "modifying"
        region.turn(1, databases={"db": after})
        assert _status(rds) == "available"
    region.turn(1, databases={"db": alone})  # the standby is lost
    rds.modify_db_instance(**DB, MultiAZ=True, BackupRetentionPeriod=1, ApplyImmediately=True)
    region.turn(1)
    assert _status(rds) == "available"


def snapshot_is_there_once_its_data_are(region: Inside) -> None:
    """What is refused while a snapshot is being taken, and the data that an instance restored from it begins with."""
    rds = _create(region)
    region.turn(1, databases={"db": THERE})
    one = {"DBSnapshotIdentifier": "one"}
    made = rds.create_db_snapshot(**DB, **one)["DBSnapshot"]
    assert (made["Status"], made["PercentProgress"], made["SnapshotType"]) == ("creating", 0, "manual")
    region.turn(2)
    assert _status(rds) == "backing-up"
    message = refused(lambda: rds.create_db_snapshot(**DB, DBSnapshotIdentifier="two"), "InvalidDBInstanceState")
    assert (
        message == "Cannot create a snapshot because the database instance db is not currently in the available state."
    )
    refused(lambda: rds.delete_db_snapshot(**one), "InvalidDBSnapshotState")
    copy = {"SourceDBSnapshotIdentifier": "one", "TargetDBSnapshotIdentifier": "two"}
    refused(lambda: rds.copy_db_snapshot(**copy), "InvalidDBSnapshotState")
    restore = {"DBInstanceIdentifier": "restored", **one}
    refused(lambda: rds.restore_db_instance_from_db_snapshot(**restore), "InvalidDBSnapshotState")
    (backup,) = region.plane.world.backups
    assert backup.database_id == "db"
    region.turn(1, backups={backup.id: "available"})
    assert rds.describe_db_snapshots(**one)["DBSnapshots"][0]["PercentProgress"] == 100
    assert _status(rds) == "available"
    rds.restore_db_instance_from_db_snapshot(**restore)
    rds.delete_db_snapshot(**one)
    region.turn(2)
    (restored,) = (each for each in region.plane.world.databases if each.id == "restored")
    assert (restored.backup_id, restored.password, restored.multi_az) == (backup.id, "correct horse", False)
    assert region.plane.world.backups == (backup,)  # it is needed until the instance is there
    region.turn(2, databases={"db": THERE, "restored": DatabaseState("available", ZONES[0])})
    assert region.plane.world.backups == ()


def first_backup_follows_creation(region: Inside) -> None:
    """An instance is backed up as soon as it is there, unless automated backups are off."""
    rds = _create(region, BackupRetentionPeriod=7)
    assert region.plane.world.backups == ()
    region.turn(2, databases={"db": THERE})
    assert _status(rds) == "backing-up"
    (backup,) = region.plane.world.backups
    region.turn(1, backups={backup.id: "available"})
    assert _status(rds) == "available"
    assert _told(rds) == ["DB instance created", "Backing up DB instance", "Finished DB Instance backup"]


def final_snapshot_comes_before_the_end(region: Inside) -> None:
    """The bodies stay until their data are safe, and go then."""
    rds = _create(region)
    final = {**DB, "FinalDBSnapshotIdentifier": "final"}
    refused(lambda: rds.delete_db_instance(**final), "InvalidDBInstanceState")
    region.turn(1, databases={"db": THERE})
    rds.delete_db_instance(**final)
    region.turn(2)
    (backup,) = region.plane.world.backups
    assert _status(rds) == "deleting"
    assert [each.id for each in region.plane.world.databases] == ["db"]
    region.turn(2, backups={backup.id: "available"})
    assert region.plane.world.databases == ()
    assert _status(rds) == "deleting"
    region.turn(1, databases={})
    refused(lambda: _described(rds), "DBInstanceNotFound")
    assert rds.describe_db_snapshots(DBSnapshotIdentifier="final")["DBSnapshots"][0]["Status"] == "available"
    assert _told(rds)[-1] == "DB instance deleted"


def replica_is_told_to_the_plane_until_it_is_promoted(region: Inside) -> None:
    rds = _create(region, BackupRetentionPeriod=1)
    region.turn(1, databases={"db": THERE})
    region.turn(1, databases={"db": THERE}, backups={b.id: "available" for b in region.plane.world.backups})
    replica = {"DBInstanceIdentifier": "db-1"}
    rds.create_db_instance_read_replica(**replica, SourceDBInstanceIdentifier="db")
    region.turn(1)
    followed = {each.id: each.source_id for each in region.plane.world.databases}
    assert followed == {"db": None, "db-1": "db"}
    region.turn(1, databases={"db": THERE, "db-1": THERE})
    assert _described(rds, "db-1")["StatusInfos"][0]["Status"] == "replicating"
    rds.promote_read_replica(**replica, BackupRetentionPeriod=0)
    region.turn(1)
    assert {each.source_id for each in region.plane.world.databases} == {None}


SCENARIOS = {
    each.__name__: each
    for each in (
        database_is_rebooted_once_its_bodies_say_so, database_tells_what_happens_to_its_bodies,
        database_is_converted_once_its_standby_is_there, snapshot_is_there_once_its_data_are,
        first_backup_follows_creation, final_snapshot_comes_before_the_end,
        replica_is_told_to_the_plane_until_it_is_promoted,
    )
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({name: outcome(scenario) for name, scenario in SCENARIOS.items()}))

"""The database as RDS tells it."""

from __future__ import annotations

from observer import NAME, STATE, client, writes

(database,) = client("rds").describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"]
assert database["Engine"] == "postgres"
assert database["EngineVersion"].startswith("15"), database["EngineVersion"]
assert database["MultiAZ"] is True
assert database["StorageEncrypted"] is True
assert database["PubliclyAccessible"] is False
assert database["DBInstanceStatus"] == "available"
assert database["BackupRetentionPeriod"] == 7

group = database["DBSubnetGroup"]
assert {subnet["SubnetAvailabilityZone"]["Name"] for subnet in group["Subnets"]} == {"us-east-1a", "us-east-1b"}
assert len(database["VpcSecurityGroups"]) == 1

# The password is RDS's own: it is in a secret of RDS, and no call has carried one.
secret = database["MasterUserSecret"]["SecretArn"]
assert client("secretsmanager").describe_secret(SecretId=secret)["Name"].startswith("rds!")
password = client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
assert password not in (STATE / "calls.jsonl").read_text()
assert writes().count("CreateDBInstance") == 1

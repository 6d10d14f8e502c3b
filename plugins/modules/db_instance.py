#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: db_instance
short_description: Manage an RDS instance of PostgreSQL with its DB subnet group and DB parameter group
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a PostgreSQL instance of Amazon RDS, Multi-AZ by default, its DB subnet group and its
    DB parameter group. A read replica is an instance with O(source_db_instance).
  - The master user's password is made, kept and rotated by RDS in AWS Secrets Manager. The module never sees it.
    An instance whose password was set by hand is handed over to Secrets Manager, which changes the password.
    O(master_user_secret_id) is for an instance with read replicas, which RDS can't do this for.
  - A setting that is not given is left as it is. What a new instance gets where a setting is not given stands with it.
  - O(engine), O(db_name), O(master_username), O(storage_encrypted), O(kms_key_id) and the name of the subnet group
    can't be changed on an instance that exists. The module says so before it changes anything.
  - A version that RDS hasn't, and a parameter that the version hasn't, are refused before anything is changed.
  - A change that RDS has taken but not applied yet counts as made.
options:
  name:
    description:
      - The instance's identifier, 1 to 63 letters, digits and hyphens, unique in account and region.
      - RDS stores it in lower case.
    type: str
    required: true
  engine:
    description: The database engine.
    type: str
    choices: [postgres]
    default: postgres
  engine_version:
    description:
      - The version, as V(16) for any minor version of 16, or as V(16.4).
      - An instance of a newer minor version fulfils the wish, so automatic minor upgrades are no difference.
      - A new instance gets the latest that RDS offers by default. A read replica begins with its source's.
      - Required with O(parameter_group).
    type: str
  allow_major_version_upgrade:
    description:
      - Upgrade the instance when O(engine_version) has a newer major version than it has.
      - An instance with a parameter group of its own needs one of the new version. O(parameter_group) makes it.
    type: bool
    default: false
  instance_class:
    description:
      - The instance class, such as V(db.m6g.large). Required with O(state=present).
      - A read replica has its source's where it isn't given another, and its storage.
    type: str
  allocated_storage:
    description:
      - The storage in GiB, 20 to 65536. Required with O(state=present).
      - It can be raised, by 10 % or more, and never lowered.
      - Storage that has grown by itself within O(max_allocated_storage) is no difference.
    type: int
  max_allocated_storage:
    description: How far storage may grow by itself, in GiB, or 0 for not at all, which is what a new instance gets.
    type: int
  storage_type:
    description: The type of storage. A new instance gets V(gp3).
    type: str
    choices: [gp2, gp3, io1, io2]
  iops:
    description: The provisioned I/O operations per second, for V(io1), V(io2), and V(gp3) of 400 GiB or more.
    type: int
  storage_throughput:
    description: The throughput in MiB/s, for V(gp3) of 400 GiB or more.
    type: int
  storage_encrypted:
    description: Whether storage is encrypted. That of a new instance is.
    type: bool
  kms_key_id:
    description: The KMS key that encrypts storage, by ARN, id or alias. RDS takes the account's default key.
    type: str
  multi_az:
    description:
      - Whether there is a synchronous standby in another Availability Zone.
      - A new instance has one, a read replica none.
    type: bool
  db_name:
    description: A database that is made with the instance, besides C(postgres).
    type: str
  port:
    description: The port that connections are taken on, 1150 to 65535. A new instance gets 5432.
    type: int
  master_username:
    description:
      - The master user, 1 to 16 letters, digits and underscores, and not V(admin). Required with O(state=present).
    type: str
  master_user_secret_id:
    description:
      - A secret of AWS Secrets Manager that is there already, by name or ARN. It holds the master user's password under
        the key C(password) of a JSON object. RDS then keeps no secret of its own, and rotates nothing.
      - Read replicas need it. RDS makes none of an instance whose password it keeps itself.
      - It is read when the instance is made and when RDS is to keep the password no longer, which changes the
        password. What the secret holds later changes nothing.
    type: str
  master_user_secret_kms_key_id:
    description: The KMS key that encrypts the master user's secret. Secrets Manager takes the account's default key.
    type: str
  subnet_group:
    description:
      - The DB subnet group to make for the instance. It gets the instance's tags, and is deleted after it.
      - With O(state=absent), a group of the instance's name is deleted unless this names another, or
        O(subnet_group_name) is given.
    type: dict
    suboptions:
      name:
        description: Its name. The instance's, when it is not given.
        type: str
      subnet_ids:
        description: Its subnets, in two or more Availability Zones.
        type: list
        elements: str
        required: true
      description:
        description: Its description.
        type: str
  subnet_group_name:
    description: A DB subnet group that is there already and is not touched.
    type: str
  security_group_ids:
    description: The VPC security groups. A new instance gets the VPC's default group when this is not given.
    type: list
    elements: str
  backup_retention_period:
    description: Days that automated backups are kept, 0 to 35, where 0 makes none. A new instance gets 7.
    type: int
  backup_window:
    description: When backups are made, in UTC, such as V(03:00-04:00).
    type: str
  maintenance_window:
    description: When maintenance is done, in UTC, such as V(sun:04:30-sun:05:30).
    type: str
  auto_minor_version_upgrade:
    description: Whether minor versions are upgraded in the maintenance window. AWS takes V(true) by default.
    type: bool
  deletion_protection:
    description:
      - Refuse to delete the instance. AWS takes V(false) by default.
      - Given as V(false) with O(state=absent), protection is lifted and the instance deleted.
    type: bool
  publicly_accessible:
    description: Whether it has a public address. A new instance has none.
    type: bool
  copy_tags_to_snapshot:
    description: Whether snapshots get the instance's tags. AWS takes V(false) by default.
    type: bool
  performance_insights:
    description: Whether Performance Insights are collected. AWS takes V(false) by default.
    type: bool
  performance_insights_retention_period:
    description: Days that they are kept, 7, 731, or a multiple of 31.
    type: int
  performance_insights_kms_key_id:
    description: The KMS key that encrypts them, by ARN, id or alias.
    type: str
  enabled_cloudwatch_logs_exports:
    description: The logs that go to CloudWatch Logs, exactly these. An empty list stops them all.
    type: list
    elements: str
    choices: [postgresql, upgrade, iam-db-auth-error]
  parameter_group:
    description:
      - The DB parameter group to make for the instance, of O(engine_version)'s family. It gets the instance's tags.
      - Groups of the default name are deleted after the instance, those of earlier major versions too. They are kept
        until then, as a snapshot from before an upgrade is restored with them.
      - With O(state=absent), they are left where O(parameter_group_name) is given.
    type: dict
    suboptions:
      name:
        description:
          - Its name. The instance's and the family, as C(goals-postgres16), when it is not given.
          - A major upgrade needs another one, as both groups are there for a while.
        type: str
      parameters:
        description:
          - The parameters, exactly these. One that is not listed gets its default back.
          - Values are in the parameter's own unit, as V(8192) for 8 MB of C(work_mem). Formulas of RDS, such as
            V({DBInstanceClassMemory/32768}), are taken as they are. Booleans and lists are spelled as RDS wants them.
          - A parameter or a value that RDS doesn't take is refused before anything is changed.
          - What is dynamic takes effect at once, what is static when the engine starts. See O(reboot).
        type: dict
      description:
        description: Its description. It can't be changed.
        type: str
  parameter_group_name:
    description:
      - A DB parameter group that is there already and is not touched. Its parameters take effect with a reboot.
    type: str
  reboot:
    description:
      - What to do where parameters wait for the engine to start. The plan has C(reboot) as V(due) or V(done) then.
      - With V(when_needed), the instance is rebooted in the run. Clients are cut off for as long as the engine takes to
        start. There is no failover, as one doesn't apply the parameters of another group.
      - With V(never), RV(db_instance.pending_reboot) tells it. The next reboot applies them, whoever asks for it.
      - A reboot applies changes that wait for the maintenance window too.
    type: str
    choices: [when_needed, never]
    default: never
  ca_certificate_identifier:
    description:
      - The authority of the server's certificate, such as V(rds-ca-rsa2048-g1). Changing it restarts the instance.
    type: str
  iam_database_authentication:
    description: Whether IAM identities may log in. AWS takes V(false) by default.
    type: bool
  monitoring_interval:
    description: Seconds between two measurements of Enhanced Monitoring, or 0 for none, which AWS takes by default.
    type: int
    choices: [0, 1, 5, 10, 15, 30, 60]
  monitoring_role_arn:
    description:
      - The role by which RDS sends them to CloudWatch Logs, with AWS's policy C(AmazonRDSEnhancedMonitoringRole).
        Required with an interval.
    type: str
  database_insights_mode:
    description:
      - The mode of CloudWatch Database Insights. V(advanced) needs O(performance_insights) and 465 days of it or more.
    type: str
    choices: [standard, advanced]
  network_type:
    description: Whether it has IPv6 addresses too, for which its subnets need them. AWS takes V(IPV4) by default.
    type: str
    choices: [IPV4, DUAL]
  engine_lifecycle_support:
    description:
      - Whether the instance runs on, at a charge, when the standard support of its version has ended (RDS Extended
        Support). AWS takes V(open-source-rds-extended-support) by default. With the other one AWS upgrades it.
    type: str
    choices: [open-source-rds-extended-support, open-source-rds-extended-support-disabled]
  availability_zone:
    description:
      - Where a new instance is, with O(multi_az=false). RDS chooses one by default.
      - An instance that is there stays where it is.
    type: str
  source_db_instance:
    description:
      - Make the instance a read replica of this one, given by name, or by ARN where it is in another region.
      - The source must have backups, and no password that RDS keeps. See O(master_user_secret_id).
      - Give O(security_group_ids), as RDS takes the VPC's default group. The source's parameter group is taken.
      - RDS makes a replica without backups and in windows of its own choice. O(backup_retention_period),
        O(backup_window) and O(maintenance_window) are set once it is there.
      - An empty string promotes a replica to an instance of its own, which can't be undone. It restarts the engine. It
        has the source's password then, until O(master_user_secret_id) is left out and RDS makes another one.
      - When it is not given, a replica stays one.
    type: str
  apply_immediately:
    description: Make changes now. Otherwise those that interrupt service wait for the maintenance window.
    type: bool
    default: true
  skip_final_snapshot:
    description:
      - With O(state=absent), take no snapshot before the instance is deleted. RDS takes none of a read replica.
    type: bool
    default: false
  final_snapshot_identifier:
    description:
      - With O(state=absent), the name of the snapshot that is taken first.
      - When it is not given, the instance's name with C(-final-) and the time.
    type: str
  delete_automated_backups:
    description: With O(state=absent), whether automated backups go with the instance. AWS takes V(true) by default.
    type: bool
  wait_timeout:
    description:
      - How long to wait at most, in seconds. A Multi-AZ instance can take 40 minutes to make.
      - What was last seen is in the message when it runs out, with the newest events.
      - A run that was cut short goes on where it stopped when the same task is run again.
    type: int
    default: 3600
notes:
  - While RDS is busy with an earlier change, a change waits until RDS takes it, also with O(wait=false).
  - Deleting a subnet group or parameter group waits for the instance to be gone, also with O(wait=false).
  - An instance with read replicas is not deleted, as RDS would make each an instance of its own, which takes writes.
  - Not here is what other parts of AWS are for. Backups in other regions are AWS Backup's. Blue/green deployments are
    made by hand. Option groups and Active Directory have little to offer to PostgreSQL.
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A Multi-AZ database with its subnet group
  ha_stack.aws.db_instance:
    name: goals
    engine_version: "16"
    instance_class: db.t4g.medium
    allocated_storage: 20
    max_allocated_storage: 100
    db_name: goals
    master_username: goals
    subnet_group:
      subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_group_ids: [sg-0123456789abcdef0]
    deletion_protection: true
    tags:
      stack: goals
  register: database

- name: Where it is, and where the password is
  ansible.builtin.debug:
    msg: "{{ database.db_instance.endpoint.address }}, {{ database.db_instance.master_user_secret_arn }}"

- name: Parameters of its own; those that the engine reads when it starts take effect with a reboot
  ha_stack.aws.db_instance:
    name: goals
    engine_version: "16"
    instance_class: db.t4g.medium
    allocated_storage: 20
    master_username: goals
    parameter_group:
      parameters:
        log_min_duration_statement: 500
        shared_preload_libraries: [pg_stat_statements, auto_explain]
        max_connections: 200
    reboot: when_needed

- name: No database, even if it is protected, but a snapshot of it
  ha_stack.aws.db_instance:
    name: goals
    deletion_protection: false
    final_snapshot_identifier: goals-before-the-move
    state: absent
"""

RETURN = r"""
db_instance:
  description:
    - The instance as it is after the run, in the names of the options. Empty when absent.
    - In check mode, what AWS will only give once it is made reads V((known after apply\)).
  type: dict
  returned: always
  contains:
    endpoint:
      description: Where it takes connections. The name stays the same when it fails over.
      type: dict
      contains:
        address:
          description: The host name.
          type: str
          sample: goals.c9akciq32rgw.us-east-1.rds.amazonaws.com
        port:
          description: The port.
          type: int
          sample: 5432
    arn:
      description: Its Amazon Resource Name.
      type: str
      sample: arn:aws:rds:us-east-1:123456789012:db:goals
    resource_id:
      description: The identifier that IAM policies for logging in name.
      type: str
      sample: db-ABCDEFGHIJKLMNOPQRSTUVWXYZ
    status:
      description: RDS's word for its state.
      type: str
      sample: available
    zone:
      description: The Availability Zone of the primary.
      type: str
      sample: us-east-1a
    secondary_zone:
      description: The Availability Zone of the standby. Null without one.
      type: str
      sample: us-east-1b
    vpc_id:
      description: The VPC it is in.
      type: str
    master_user_secret_arn:
      description: The secret that RDS keeps in AWS Secrets Manager, with the master user's name and password.
      type: str
      sample: arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1234-abcd
    pending_reboot:
      description: Whether parameters of its group wait for a reboot.
      type: bool
    replicas:
      description: The names of its read replicas in the region, and the ARNs of those in others.
      type: list
      elements: str
    replication:
      description: RDS's word for how a read replica follows its source. Null for any other instance.
      type: str
      sample: replicating
    pending_changes:
      description: What RDS has taken but not applied yet, in RDS's words.
      type: list
      elements: str
    subnet_group:
      description: The DB subnet group that was made for it. Null when an existing one is used.
      type: dict
    parameter_group:
      description: The DB parameter group that was made for it. Null when O(parameter_group) isn't given.
      type: dict
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [create DB subnet group goals, create DB instance goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import db_instance as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import db_instance_read
from ansible_collections.ha_stack.aws.plugins.module_utils._model import db_instance as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance_settings import OPTIONS
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.db_instance import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="db_instance",
    options=OPTIONS,
    faults=faults,
    desired=model.from_params,
    resolve=db_instance_read.resolve,
    read=db_instance_read.read,
    plan=plan,
    operations=api.OPERATIONS,
    preflight=api.preflight,
    made=db_instance_read.made,
    again=db_instance_read.again,
    pending=model.pending,
    remaining=model.remaining,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()

"""A program: one control plane with a plane that the test drives, in a process of its own since moto's state is global.

It prints a JSON object: a traceback a scenario, empty when its assertions held.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3

from local_region.api import Api, CallLog
from local_region.control.imds import MetadataService
from local_region.control.loop import Loop
from local_region.control.own_services import own_services
from local_region.http_server import Server, call
from local_region.settings import Settings
from local_region.world import Command, CommandResult, DatabaseState, NetworkAclEntry, Observed, TargetHealth, World
from tests.integration.region.regions import REGION, Network
from tests.support.ports import free_port


class DrivenPlane:
    """Shows what the test says, and remembers the last world."""

    def __init__(self) -> None:
        self.world, self.observed = World(), Observed()
        self.names: dict[str, tuple[str, ...]] = {}

    def apply(self, world: World) -> None:
        self.world = world

    def observe(self) -> Observed:
        return self.observed

    def publish_names(self, names: dict[str, tuple[str, ...]]) -> None:
        self.names = names


class Inside:
    """Region, clients, and turns of the loop by hand."""

    def __init__(self, plane: Any = None, time_scale: float = 0) -> None:
        self.plane = plane or DrivenPlane()
        self.loop = Loop(Settings(time_scale=time_scale), self.plane)  # type: ignore[arg-type]
        self.api = Api(CallLog(Path("/dev/null")), lambda: None, own_services(self.loop.backends))
        port = free_port()
        Server("127.0.0.1", port, self.api).start()
        self.endpoint = f"http://127.0.0.1:{port}"
        self.network = Network(self.client("ec2"))

    def client(self, service: str):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, **keys)

    def turn(self, times: int = 1, **observed) -> None:
        """So many rounds of the loop, while the bodies do what ``observed`` says."""
        self.plane.observed = replace(self.plane.observed, **observed)
        for _ in range(times):
            self.loop.turn(self.api.lock)

    def launch(self, **options) -> str:
        made = self.client("ec2").run_instances(
            ImageId="ami-0deb1200000000001", MinCount=1, MaxCount=1, InstanceType="t3.micro",
            SubnetId=self.network.subnets[0], SecurityGroupIds=[self.network.group], **options,
        )  # fmt: skip
        return made["Instances"][0]["InstanceId"]


def unhealthy_target_is_replaced(region: Inside) -> None:
    """With HealthCheckType ELB an instance that the target group finds unhealthy goes; with EC2 it stays."""
    ec2, elbv2, autoscaling = (region.client(name) for name in ("ec2", "elbv2", "autoscaling"))
    ec2.create_launch_template(LaunchTemplateName="launch", LaunchTemplateData={"ImageId": "ami-0deb1200000000001"})
    group = elbv2.create_target_group(Name="tg", Protocol="HTTP", Port=8000, VpcId=region.network.vpc)
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    balancer = elbv2.create_load_balancer(Name="lb", Subnets=region.network.subnets)["LoadBalancers"][0]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Port=80, Protocol="HTTP", DefaultActions=forward)
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="g", MinSize=1, MaxSize=1, VPCZoneIdentifier=",".join(region.network.subnets),
        LaunchTemplate={"LaunchTemplateName": "launch", "Version": "1"}, TargetGroupARNs=[arn], HealthCheckType="EC2",
    )  # fmt: skip

    def members():
        found = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["Instances"]
        return {each["InstanceId"]: each["LifecycleState"] for each in found}

    region.turn(2)
    (first,) = members()
    region.turn(2, instances={first: "running"})
    assert members() == {first: "InService"}
    ill = {(arn, first, 8000): TargetHealth("unhealthy", "Target.Timeout", "Request timed out")}
    region.turn(3, targets=ill)
    assert members() == {first: "InService"}
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="g", HealthCheckType="ELB")
    region.turn(3)
    assert members().get(first) in {None, "Terminating"}
    causes = [each["Cause"] for each in autoscaling.describe_scaling_activities()["Activities"]]
    assert any("ELB system health check failure" in cause for cause in causes)
    region.turn(3, instances={}, targets={})
    (second,) = members()
    assert second != first


def bodies_that_go_off(region: Inside) -> None:
    """A machine that switched itself off is stopped; a database that failed over tells its new zones."""
    ec2, rds = region.client("ec2"), region.client("rds")
    name = region.launch()
    region.turn(2, instances={name: "running"})
    region.turn(1, instances={name: "stopped"})
    seen = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    assert seen["State"]["Name"] == "stopped"
    assert seen["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"

    rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="x", SubnetIds=region.network.subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20, MultiAZ=True,
        MasterUsername="goals", ManageMasterUserPassword=True, DBSubnetGroupName="s",
    )  # fmt: skip
    for zones in [("us-east-1a", "us-east-1b"), ("us-east-1b", "us-east-1a")]:
        region.turn(1, databases={"db": DatabaseState("available", *zones)})
        seen = rds.describe_db_instances()["DBInstances"][0]
        assert (seen["AvailabilityZone"], seen["SecondaryAvailabilityZone"]) == zones


def world_is_what_was_asked_for(region: Inside) -> None:
    """Every field of the world, from a whole stack."""
    ec2, elbv2, rds = (region.client(name) for name in ("ec2", "elbv2", "rds"))
    network = region.network
    region.turn()
    assert [vpc.id for vpc in region.plane.world.vpcs] == [network.vpc]  # the empty default VPC has no body
    assert region.plane.world.vpcs[0].internet_gateway_id == network.gateway
    table = ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=network.subnets[0])
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=network.gateway)
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=network.group, IpPermissions=[permission])
    name = region.launch(UserData="#!/bin/sh\ntrue\n")
    balancer = elbv2.create_load_balancer(Name="lb", Subnets=network.subnets, SecurityGroups=[network.group])
    group = elbv2.create_target_group(
        Name="tg", Protocol="HTTP", Port=8000, VpcId=network.vpc, HealthCheckPath="/up", HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
    )  # fmt: skip
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    of_balancer = {"LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"]}
    elbv2.create_listener(**of_balancer, Port=80, Protocol="HTTP", DefaultActions=forward)
    rds.create_db_subnet_group(DBSubnetGroupName="s", DBSubnetGroupDescription="x", SubnetIds=network.subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20, MultiAZ=True,
        MasterUsername="goals", ManageMasterUserPassword=True, DBSubnetGroupName="s", EngineVersion="16.4",
        DBName="goals", VpcSecurityGroupIds=[network.group],
    )  # fmt: skip
    region.turn(2, instances={name: "running"})
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": name}])
    region.turn()

    world = region.plane.world
    tables = {subnet.id: subnet.route_table_id for subnet in world.subnets}
    assert tables[network.subnets[0]] == table != tables[network.subnets[1]]
    routes = {
        route.destination: route.target for each in world.route_tables if each.id == table for route in each.routes
    }
    assert routes == {"10.0.0.0/16": "local", "0.0.0.0/0": network.gateway}
    (rules,) = (each.rules for each in world.security_groups if each.id == network.group)
    assert [(rule.from_port, rule.cidr) for rule in rules if rule.direction == "ingress"] == [(80, "0.0.0.0/0")]
    (instance,) = world.instances
    assert (instance.user_data, instance.wanted, instance.boots) == (b"#!/bin/sh\ntrue\n", "running", 1)
    assert instance.security_group_ids == (network.group,)
    (lb,) = world.load_balancers
    assert {node.subnet_id for node in lb.nodes} == set(network.subnets)
    assert all(node.public_ip for node in lb.nodes)
    assert lb.listeners[0].default_actions[0]["TargetGroupArn"] == arn
    (tg,) = world.target_groups
    assert (tg.health_check.path, tg.health_check.interval, tg.health_check.timeout) == ("/up", 5, 2)
    assert [(target.id, target.address, target.port) for target in tg.targets] == [(name, instance.private_ip, 8000)]
    (database,) = world.databases
    secret = rds.describe_db_instances()["DBInstances"][0]["MasterUserSecret"]["SecretArn"]
    value = json.loads(region.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
    assert (database.password, database.engine_version, database.name) == (value["password"], "16.4", "goals")
    assert set(database.subnet_ids) == set(network.subnets)

    ec2.reboot_instances(InstanceIds=[name])
    region.turn()
    assert region.plane.world.instances[0].boots == 2


def metadata_service(region: Inside) -> None:
    """IMDS by source address; tokens where they are required; the role's credentials are STS's own."""
    iam, ec2 = region.client("iam"), region.client("ec2")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName="backend", AssumeRolePolicyDocument=trust)
    iam.create_instance_profile(InstanceProfileName="backend")
    iam.add_role_to_instance_profile(InstanceProfileName="backend", RoleName="backend")
    name = region.launch(
        UserData="hello", IamInstanceProfile={"Name": "backend"}, MetadataOptions={"HttpTokens": "required"}
    )
    address = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    service = MetadataService(region.loop.backends, threading.RLock())

    def ask(path, method="GET", source=address, **headers):
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": source}
        status, _, body = call(service, environ | {f"HTTP_{key}": value for key, value in headers.items()})
        return int(status.split()[0]), body.decode()

    assert ask("/latest/meta-data/instance-id")[0] == 401
    assert ask("/latest/api/token", "PUT")[0] == 400
    ttl = {"X_AWS_EC2_METADATA_TOKEN_TTL_SECONDS": "60"}
    assert ask("/latest/api/token", "PUT", X_FORWARDED_FOR="1.2.3.4", **ttl)[0] == 403
    code, token = ask("/latest/api/token", "PUT", **ttl)
    assert code == 200
    key = {"X_AWS_EC2_METADATA_TOKEN": token}
    assert ask("/latest/meta-data/instance-id", X_AWS_EC2_METADATA_TOKEN="forged")[0] == 401
    assert ask("/latest/meta-data/instance-id", source="10.9.9.9", **key)[0] == 404
    assert ask("/latest/meta-data/instance-id", **key) == (200, name)
    assert ask("/2021-07-15/meta-data/local-ipv4", **key) == (200, address)
    assert ask("/latest/meta-data/placement/region", **key) == (200, REGION)
    assert ask("/latest/user-data", **key) == (200, "hello")
    assert "placement/" in ask("/latest/meta-data/", **key)[1].split("\n")
    assert ask("/latest/meta-data/nothing", **key)[0] == 404
    document = json.loads(ask("/latest/dynamic/instance-identity/document", **key)[1])
    assert (document["instanceId"], document["region"]) == (name, REGION)
    assert ask("/latest/meta-data/iam/security-credentials/", **key) == (200, "backend")
    credentials = json.loads(ask("/latest/meta-data/iam/security-credentials/backend", **key)[1])
    sts = boto3.client(
        "sts", endpoint_url=region.endpoint, region_name=REGION, aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"], aws_session_token=credentials["Token"],
    )  # fmt: skip
    assert f"assumed-role/backend/{name}" in sts.get_caller_identity()["Arn"]

    optional = region.launch()
    address = ec2.describe_instances(InstanceIds=[optional])["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    assert ask("/latest/meta-data/instance-id", source=address) == (200, optional)
    assert ask("/latest/meta-data/instance-id", source=address, **key)[0] == 401  # another instance's token


def websites_are_published(region: Inside) -> None:
    """The plane is told the names of buckets that have a website."""
    s3 = region.client("s3")
    s3.create_bucket(Bucket="goals-site")
    region.turn()
    assert region.plane.names == {}
    s3.put_bucket_website(Bucket="goals-site", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    region.turn()
    assert region.plane.names == {f"goals-site.s3-website-{REGION}.amazonaws.com": ()}


def network_acls_reach_the_plane(region: Inside) -> None:
    """Each subnet with its ACL, the entries in ascending number."""
    ec2 = region.client("ec2")
    first, second = region.network.subnets
    region.turn()
    (default,) = region.plane.world.network_acls
    assert {subnet.network_acl_id for subnet in region.plane.world.subnets} == {default.id}
    acl = ec2.create_network_acl(VpcId=region.network.vpc)["NetworkAcl"]["NetworkAclId"]
    entry = {"NetworkAclId": acl, "RuleAction": "allow", "Egress": False, "CidrBlock": "10.0.0.0/8"}
    ec2.create_network_acl_entry(**entry, RuleNumber=20, Protocol="tcp", PortRange={"From": 80, "To": 81})
    ec2.create_network_acl_entry(**entry, RuleNumber=10, Protocol="-1")
    described = ec2.describe_network_acls(NetworkAclIds=[default.id])["NetworkAcls"][0]["Associations"]
    (mine,) = [each["NetworkAclAssociationId"] for each in described if each["SubnetId"] == first]
    ec2.replace_network_acl_association(AssociationId=mine, NetworkAclId=acl)
    region.turn()
    world = region.plane.world
    assert {subnet.id: subnet.network_acl_id for subnet in world.subnets} == {first: acl, second: default.id}
    (made,) = [each for each in world.network_acls if each.id == acl]
    assert [each for each in made.entries if each.direction == "ingress"] == [
        NetworkAclEntry(10, "ingress", "allow", "-1", "10.0.0.0/8"),
        NetworkAclEntry(20, "ingress", "allow", "6", "10.0.0.0/8", 80, 81),
        NetworkAclEntry(32767, "ingress", "deny", "-1", "0.0.0.0/0"),
    ]


def commands_follow_the_plane(region: Inside) -> None:
    """Pending until the agent has it, then what the script does; a command at its end is asked of no instance."""
    ssm, instance = region.client("ssm"), managed_instance(region)

    def send(**parameters: list[str]) -> str:
        given = {"commands": ["cd /tmp", "ls"], **parameters}
        return ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters=given)["Command"][
            "CommandId"
        ]

    def look(command: str) -> tuple[str, str, int]:
        told = ssm.get_command_invocation(CommandId=command, InstanceId=instance)
        return told["Status"], told["StatusDetails"], told["ResponseCode"]

    first = send(executionTimeout=["60"], workingDirectory=["/srv"])
    region.turn()
    assert region.plane.world.commands == (Command(first, instance, "cd /tmp\nls\n", "/srv", 60),)
    assert look(first) == ("Pending", "Pending", -1)
    region.turn(commands={(first, instance): CommandResult("running")})
    assert look(first) == ("InProgress", "InProgress", -1)
    region.turn(commands={(first, instance): CommandResult("exited", 3, "out\n", "err\n")})
    assert look(first) == ("Failed", "Failed", 3)
    told = ssm.get_command_invocation(CommandId=first, InstanceId=instance)
    assert told["StandardOutputContent"] == "out\n"
    assert told["StandardErrorContent"] == "err\nfailed to run commands: exit status 3"
    region.turn()
    assert region.plane.world.commands == ()

    second, third = send(), send()
    region.turn(commands={(second, instance): CommandResult("timed out"), (third, instance): CommandResult("running")})
    assert look(second) == ("TimedOut", "ExecutionTimedOut", -1)
    ssm.cancel_command(CommandId=third)
    region.turn()
    assert look(third)[0] == "Cancelling"
    assert region.plane.world.commands == ()
    region.turn(commands={})
    assert look(third)[0] == "Cancelled"


def managed_instance(region: Inside) -> str:
    iam = region.client("iam")
    allow = {"Effect": "Allow", "Action": "ssm:UpdateInstanceInformation", "Resource": "*"}
    iam.create_role(RoleName="managed", AssumeRolePolicyDocument="{}")
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_role_policy(RoleName="managed", PolicyName="agent", PolicyDocument=document)
    iam.create_instance_profile(InstanceProfileName="managed")
    iam.add_role_to_instance_profile(InstanceProfileName="managed", RoleName="managed")
    instance = region.launch(IamInstanceProfile={"Name": "managed"})
    region.turn(2, instances={instance: "running"})
    return instance


SCENARIOS = {
    each.__name__: each
    for each in (
        unhealthy_target_is_replaced, bodies_that_go_off, world_is_what_was_asked_for, metadata_service,
        websites_are_published, network_acls_reach_the_plane, commands_follow_the_plane,
    )
}  # fmt: skip


def outcome(scenario: Callable[[Any], None], make: Callable[[], Any] = Inside) -> str:
    """The traceback of the scenario's failure, empty when it held. It runs in a fork: moto is imported once."""
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                scenario(make())
                status = 0
            except BaseException:
                traceback.print_exc(file=said)
                said.flush()
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return (said.read() or f"ended with {status}") if status else ""


if __name__ == "__main__":
    print(json.dumps({name: outcome(scenario) for name, scenario in SCENARIOS.items()}))

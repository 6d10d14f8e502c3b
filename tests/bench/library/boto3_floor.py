"""The floor: the same stack by plain boto3, with no more calls than it takes, and those side by side that can be.

A program (``boto3_floor.py ENDPOINT``) and an Ansible module. It knows the one stack, and compares only what it must to
find out that nothing is to be done: it is what the others are measured against, and nothing to run a stack with.
"""

from __future__ import annotations

import base64
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config

ZONES = ("us-east-1a", "us-east-1b")
TIERS = ("public", "app", "database")
TAGS = [{"Key": "stack", "Value": "bench"}, {"Key": "Name", "Value": "bench"}]
USER_DATA = "#!/bin/sh\ndocker run --detach --publish 8000:8000 registry.gitlab.example/goals/backend:1.0.0\n"
GROUPS = {
    "alb": {"FromPort": 80, "ToPort": 80, "IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    "backend": {"FromPort": 8000, "ToPort": 8000, "IpProtocol": "tcp"},
    "database": {"FromPort": 5432, "ToPort": 5432, "IpProtocol": "tcp"},
}
SOURCE = {"backend": "alb", "database": "backend"}


class Floor:
    def __init__(self, endpoint: str) -> None:
        config = Config(max_pool_connections=16)
        session = boto3.Session("bench", "bench", region_name="us-east-1")
        self.client = cache(lambda service: session.client(service, endpoint_url=endpoint, config=config))
        for service in ("ec2", "elbv2", "autoscaling", "rds"):
            self.client(service)
        self.pool = ThreadPoolExecutor(16)

    def together(self, *calls: Any) -> list[Any]:
        return [each.result() for each in [self.pool.submit(call) for call in calls]]

    def run(self) -> bool:
        """Whether anything was changed."""
        found = self.read()
        if found is not None:
            return False
        self.create()
        return True

    # --- what is there: 18 calls, in two rounds

    def read(self) -> Any:
        ec2, rds = self.client("ec2"), self.client("rds")
        elbv2, scaling = self.client("elbv2"), self.client("autoscaling")
        ours = [{"Name": "tag:stack", "Values": ["bench"]}]
        answers = self.together(
            partial(ec2.describe_vpcs, Filters=ours),
            partial(ec2.describe_subnets, Filters=ours),
            partial(ec2.describe_internet_gateways, Filters=ours),
            partial(ec2.describe_nat_gateways, Filters=ours),
            partial(ec2.describe_addresses, Filters=ours),
            partial(ec2.describe_route_tables, Filters=ours),
            partial(ec2.describe_security_groups, Filters=ours),
            partial(self._or_none, partial(rds.describe_db_subnet_groups, DBSubnetGroupName="bench")),
            partial(self._or_none, partial(rds.describe_db_instances, DBInstanceIdentifier="bench")),
            partial(
                self._or_none,
                partial(ec2.describe_launch_template_versions, LaunchTemplateName="bench", Versions=["$Latest"]),
            ),
            partial(self._or_none, partial(elbv2.describe_target_groups, Names=["bench"])),
            partial(self._or_none, partial(elbv2.describe_load_balancers, Names=["bench"])),
            partial(scaling.describe_auto_scaling_groups, AutoScalingGroupNames=["bench"]),
        )
        if not answers[0]["Vpcs"]:
            return None
        group = answers[10]["TargetGroups"][0]["TargetGroupArn"]
        balancer = answers[11]["LoadBalancers"][0]["LoadBalancerArn"]
        answers += self.together(
            partial(elbv2.describe_target_group_attributes, TargetGroupArn=group),
            partial(elbv2.describe_load_balancer_attributes, LoadBalancerArn=balancer),
            partial(elbv2.describe_listeners, LoadBalancerArn=balancer),
            partial(elbv2.describe_tags, ResourceArns=[group, balancer]),
            partial(elbv2.describe_target_health, TargetGroupArn=group),
        )
        assert len(answers[1]["Subnets"]) == 6
        assert len(answers[6]["SecurityGroups"]) == 3
        assert answers[12]["AutoScalingGroups"][0]["DesiredCapacity"] == 2
        return answers

    @staticmethod
    def _or_none(call: Any) -> Any:
        try:
            return call()
        except Exception:
            return None

    # --- all of it

    def create(self) -> None:
        ec2 = self.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=_tagged("vpc"))["Vpc"]["VpcId"]
        names = [(tier, zone) for tier in TIERS for zone in ZONES]
        *subnets, gateway, address, _, _ = self.together(
            *(partial(self._subnet, n, tier, zone) for n, (tier, zone) in enumerate(names)),
            partial(ec2.create_internet_gateway, TagSpecifications=_tagged("internet-gateway")),
            partial(ec2.allocate_address, Domain="vpc", TagSpecifications=_tagged("elastic-ip")),
            partial(ec2.modify_vpc_attribute, VpcId=self.vpc, EnableDnsHostnames={"Value": True}),
            self._security_groups,
        )
        self.subnets = dict(zip(names, subnets, strict=True))
        self.gateway = gateway["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.together(partial(self._routes, address["AllocationId"]), self._database, self._service)

    def _subnet(self, n: int, tier: str, zone: str) -> str:
        made = self.client("ec2").create_subnet(
            VpcId=self.vpc,
            CidrBlock=f"10.0.{16 * n}.0/20",
            AvailabilityZone=zone,
            TagSpecifications=_tagged("subnet", f"bench-{tier}-{zone}"),
        )
        return made["Subnet"]["SubnetId"]

    def _security_groups(self) -> None:
        ec2 = self.client("ec2")

        def made(name: str) -> str:
            group = ec2.create_security_group(
                GroupName=f"bench-{name}", Description=name, VpcId=self.vpc, TagSpecifications=_tagged("security-group")
            )
            return group["GroupId"]

        self.groups = dict(zip(GROUPS, self.together(*(partial(made, name) for name in GROUPS)), strict=True))

        def allow(name: str) -> None:
            rule = dict(GROUPS[name])
            if name in SOURCE:
                rule["UserIdGroupPairs"] = [{"GroupId": self.groups[SOURCE[name]]}]
            ec2.authorize_security_group_ingress(GroupId=self.groups[name], IpPermissions=[rule])

        self.together(*(partial(allow, name) for name in GROUPS))

    def _routes(self, allocation: str) -> None:
        ec2 = self.client("ec2")
        nat = ec2.create_nat_gateway(
            SubnetId=self.subnets["public", ZONES[0]], AllocationId=allocation, TagSpecifications=_tagged("natgateway")
        )["NatGateway"]["NatGatewayId"]

        def table(tier: str) -> None:
            made = ec2.create_route_table(VpcId=self.vpc, TagSpecifications=_tagged("route-table", f"bench-{tier}"))
            id = made["RouteTable"]["RouteTableId"]
            for zone in ZONES:
                ec2.associate_route_table(RouteTableId=id, SubnetId=self.subnets[tier, zone])
            to = {"public": {"GatewayId": self.gateway}, "app": {"NatGatewayId": nat}}.get(tier)
            if tier == "app":
                ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1})
            if to:
                ec2.create_route(RouteTableId=id, DestinationCidrBlock="0.0.0.0/0", **to)

        self.together(*(partial(table, tier) for tier in TIERS))

    def _database(self) -> None:
        rds = self.client("rds")
        subnets = [self.subnets["database", zone] for zone in ZONES]
        rds.create_db_subnet_group(
            DBSubnetGroupName="bench", DBSubnetGroupDescription="bench", SubnetIds=subnets, Tags=TAGS
        )
        rds.create_db_instance(
            DBInstanceIdentifier="bench", Engine="postgres", EngineVersion="15", DBInstanceClass="db.t4g.small",
            AllocatedStorage=20, MultiAZ=True, DBName="bench", MasterUsername="bench", ManageMasterUserPassword=True,
            BackupRetentionPeriod=1, DBSubnetGroupName="bench", VpcSecurityGroupIds=[self.groups["database"]],
            StorageEncrypted=True, Tags=TAGS,
        )  # fmt: skip
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="bench", WaiterConfig={"Delay": 1})

    def _service(self) -> None:
        elbv2, ec2, scaling = self.client("elbv2"), self.client("ec2"), self.client("autoscaling")

        def target_group() -> str:
            made = elbv2.create_target_group(
                Name="bench", Protocol="HTTP", Port=8000, VpcId=self.vpc, HealthCheckPath="/",
                HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, Tags=TAGS,
            )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
            delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}
            elbv2.modify_target_group_attributes(TargetGroupArn=made, Attributes=[delay])
            return made

        def balancer() -> str:
            subnets = [self.subnets["public", zone] for zone in ZONES]
            made = elbv2.create_load_balancer(
                Name="bench", Subnets=subnets, SecurityGroups=[self.groups["alb"]], Tags=TAGS
            )
            return made["LoadBalancers"][0]["LoadBalancerArn"]

        def template() -> None:
            data = {
                "ImageId": "ami-0deb1200000000001",
                "InstanceType": "t3.micro",
                "SecurityGroupIds": [self.groups["backend"]],
                "UserData": base64.b64encode(USER_DATA.encode()).decode(),
                "MetadataOptions": {"HttpTokens": "required"},
            }
            ec2.create_launch_template(
                LaunchTemplateName="bench", LaunchTemplateData=data, TagSpecifications=_tagged("launch-template")
            )

        group, arn, _ = self.together(target_group, balancer, template)
        forward = {"Type": "forward", "TargetGroupArn": group}
        elbv2.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[forward], Tags=TAGS)
        scaling.create_auto_scaling_group(
            AutoScalingGroupName="bench", LaunchTemplate={"LaunchTemplateName": "bench", "Version": "1"},
            MinSize=2, MaxSize=3, DesiredCapacity=2, TargetGroupARNs=[group], HealthCheckType="ELB",
            VPCZoneIdentifier=",".join(self.subnets["app", zone] for zone in ZONES), HealthCheckGracePeriod=300,
            Tags=[{**tag, "PropagateAtLaunch": True} for tag in TAGS],
        )  # fmt: skip
        elbv2.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn], WaiterConfig={"Delay": 1})
        elbv2.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig={"Delay": 1})


def _tagged(kind: str, name: str = "bench") -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [TAGS[0], {"Key": "Name", "Value": name}]}]


def main() -> None:
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(argument_spec={"endpoint": {"required": True}})
    module.exit_json(changed=Floor(module.params["endpoint"]).run())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print("changed" if Floor(sys.argv[1]).run() else "unchanged")
    else:
        main()

"""What the tests of groups and their load balancers stand on."""

from __future__ import annotations

import time

GROUPS = ("group", "twelve-steps", "other")


class Ground:
    """A VPC with two subnets, a load balancer with a target group, and a launch template of two versions."""

    def __init__(self, aws):
        self.aws, ec2, elbv2 = aws, aws("ec2"), aws("elbv2")
        self.vpc = ec2.create_vpc(CidrBlock="10.91.0.0/16")["Vpc"]["VpcId"]
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.91.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate("ab")
        ]
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        data = {"ImageId": image, "InstanceType": "t3.micro"}
        made = ec2.create_launch_template(LaunchTemplateName="ground", LaunchTemplateData=data)
        self.template = made["LaunchTemplate"]["LaunchTemplateId"]
        ec2.create_launch_template_version(LaunchTemplateId=self.template, LaunchTemplateData=data)
        self.target_groups = []
        self.target_group = self.make_target_group("ground")
        self.balancer = elbv2.create_load_balancer(Name="ground", Subnets=self.subnets)["LoadBalancers"][0]
        elbv2.create_listener(
            LoadBalancerArn=self.balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.target_group}],
        )

    def make_target_group(self, name):
        made = self.aws("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=8000, VpcId=self.vpc)
        self.target_groups.append(made["TargetGroups"][0]["TargetGroupArn"])
        return self.target_groups[-1]

    def options(self, **more):
        return {
            "name": "group",
            "launch_template": {"id": self.template, "version": 1},
            "subnet_ids": self.subnets,
            "min_size": 2,
            "max_size": 3,
            **more,
        }

    def remove(self):
        ec2, elbv2, autoscaling = self.aws("ec2"), self.aws("elbv2"), self.aws("autoscaling")
        for group in autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=list(GROUPS))["AutoScalingGroups"]:
            autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group["AutoScalingGroupName"], ForceDelete=True)
        elbv2.delete_load_balancer(LoadBalancerArn=self.balancer["LoadBalancerArn"])
        eventually(lambda: not elbv2.describe_load_balancers()["LoadBalancers"])
        eventually(lambda: not self.instances("group", "twelve-steps", "other"))
        for arn in self.target_groups:
            elbv2.delete_target_group(TargetGroupArn=arn)
        for template in ec2.describe_launch_templates()["LaunchTemplates"]:
            ec2.delete_launch_template(LaunchTemplateId=template["LaunchTemplateId"])

        def empty():
            filters = [{"Name": "vpc-id", "Values": [self.vpc]}]
            return not ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]

        eventually(empty)
        for subnet in self.subnets:
            ec2.delete_subnet(SubnetId=subnet)
        ec2.detach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        ec2.delete_internet_gateway(InternetGatewayId=self.gateway)
        ec2.delete_vpc(VpcId=self.vpc)

    def instances(self, *names):
        """What is left of the instances of these groups."""
        filters = [
            {"Name": "tag:aws:autoscaling:groupName", "Values": list(names)},
            {"Name": "instance-state-name", "Values": ["pending", "running", "shutting-down", "stopping", "stopped"]},
        ]
        return [
            instance
            for reservation in self.aws("ec2").describe_instances(Filters=filters)["Reservations"]
            for instance in reservation["Instances"]
        ]


def eventually(true, timeout=20):
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)

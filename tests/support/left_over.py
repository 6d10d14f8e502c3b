"""What is still in a region after the stacks in it were destroyed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def left_over(aws: Callable[[str], Any]) -> dict[str, list[str]]:
    """What of any stack is still in the region, by kind; the default VPC and what is its own left out."""
    ec2, elbv2 = aws("ec2"), aws("elbv2")
    vpcs = [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
    gateways = ec2.describe_nat_gateways()["NatGateways"]
    reservations = ec2.describe_instances()["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    found = {
        "vpcs": vpcs,
        "nat gateways": [gateway["NatGatewayId"] for gateway in gateways if gateway["State"] != "deleted"],
        "endpoints": [endpoint["VpcEndpointId"] for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]],
        "flow logs": [log["FlowLogId"] for log in ec2.describe_flow_logs()["FlowLogs"]],
        "addresses": [address["AllocationId"] for address in ec2.describe_addresses()["Addresses"]],
        "instances": [i["InstanceId"] for i in instances if i["State"]["Name"] != "terminated"],
        "launch templates": [t["LaunchTemplateName"] for t in ec2.describe_launch_templates()["LaunchTemplates"]],
        "volumes": [volume["VolumeId"] for volume in ec2.describe_volumes()["Volumes"]],
        "load balancers": [lb["LoadBalancerArn"] for lb in elbv2.describe_load_balancers()["LoadBalancers"]],
        "target groups": [group["TargetGroupArn"] for group in elbv2.describe_target_groups()["TargetGroups"]],
        "groups": [
            group["AutoScalingGroupName"]
            for group in aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        ],
        "alarms": [alarm["AlarmName"] for alarm in aws("cloudwatch").describe_alarms()["MetricAlarms"]],
        "databases": [db["DBInstanceIdentifier"] for db in aws("rds").describe_db_instances()["DBInstances"]],
        "subnet groups": [
            group["DBSubnetGroupName"] for group in aws("rds").describe_db_subnet_groups()["DBSubnetGroups"]
        ],
        "parameter groups": [
            group["DBParameterGroupName"]
            for group in aws("rds").describe_db_parameter_groups()["DBParameterGroups"]
            if not group["DBParameterGroupName"].startswith("default.")
        ],
        "snapshots": [s["DBSnapshotIdentifier"] for s in aws("rds").describe_db_snapshots()["DBSnapshots"]],
        "roles": [
            role["RoleName"]
            for role in aws("iam").list_roles()["Roles"]
            if not role["Path"].startswith("/aws-service-role/")
        ],
        "profiles": [p["InstanceProfileName"] for p in aws("iam").list_instance_profiles()["InstanceProfiles"]],
        "secrets": [secret["Name"] for secret in aws("secretsmanager").list_secrets()["SecretList"]],
        "distributions": [
            each["Id"] for each in aws("cloudfront").list_distributions()["DistributionList"].get("Items", ())
        ],
        "origin access controls": [
            each["Id"]
            for each in aws("cloudfront").list_origin_access_controls()["OriginAccessControlList"].get("Items", ())
        ],
        "buckets": [bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]],
    }
    return {kind: names for kind, names in found.items() if names}

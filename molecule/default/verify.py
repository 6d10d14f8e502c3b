"""The claims about the whole site that the API can tell."""

from __future__ import annotations

import base64

from observer import NAME, client, group_id, subnets, vpc

ec2, elb = client("ec2"), client("elbv2")


def ids(tier: str) -> set[str]:
    return {subnet["SubnetId"] for subnet in subnets(tier)}


(group,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"]
assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]) == (2, 2, 3)
assert set(group["VPCZoneIdentifier"].split(",")) == ids("app")
assert sorted(instance["AvailabilityZone"] for instance in group["Instances"]) == ["us-east-1a", "us-east-1b"]

members = [instance["InstanceId"] for instance in group["Instances"]]
reservations = ec2.describe_instances(InstanceIds=members)["Reservations"]
instances = [instance for reservation in reservations for instance in reservation["Instances"]]
assert {instance["SubnetId"] for instance in instances} == ids("app")
assert {g["GroupId"] for instance in instances for g in instance["SecurityGroups"]} == {group_id("goals-backend")}

(balancer,) = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"]
assert balancer["VpcId"] == vpc()["VpcId"]
assert {zone["SubnetId"] for zone in balancer["AvailabilityZones"]} == ids("public")
assert balancer["SecurityGroups"] == [group_id("goals-alb")]
(target_group,) = elb.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"]
health = elb.describe_target_health(TargetGroupArn=target_group["TargetGroupArn"])["TargetHealthDescriptions"]
assert {target["Target"]["Id"] for target in health} == set(members)
assert {target["TargetHealth"]["State"] for target in health} == {"healthy"}

(database,) = client("rds").describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"]
assert database["MultiAZ"] is True
assert {subnet["SubnetIdentifier"] for subnet in database["DBSubnetGroup"]["Subnets"]} == ids("database")
assert [g["VpcSecurityGroupId"] for g in database["VpcSecurityGroups"]] == [group_id("goals-database")]

bucket = "goals-frontend-123456789012"
config = client("s3").get_object(Bucket=bucket, Key="config.js")["Body"].read().decode()
assert f'"http://{balancer["DNSName"]}"' in config, config

version = group["LaunchTemplate"]["Version"]
(template,) = ec2.describe_launch_template_versions(LaunchTemplateName=NAME, Versions=[version])[
    "LaunchTemplateVersions"
]
script = base64.b64decode(template["LaunchTemplateData"]["UserData"]).decode()
assert f"PGHOST={database['Endpoint']['Address']} " in script
assert database["MasterUserSecret"]["SecretArn"] in script
assert f"CORS_ALLOWED_ORIGINS=http://{bucket}.s3-website-us-east-1.amazonaws.com " in script

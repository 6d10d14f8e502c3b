"""The backend as the API tells it: identity, way in, instances, and user data without a secret."""

from __future__ import annotations

import base64
import json
import subprocess

from observer import NAME, client

TOKEN = "molecule-registry-token"  # noqa: S105 -- the inventory's
elb, ec2, iam = client("elbv2"), client("ec2"), client("iam")

secret = client("secretsmanager").describe_secret(SecretId=f"{NAME}/registry")["ARN"]
value = json.loads(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
assert value == {"username": "deploy", "token": TOKEN}

(role,) = iam.get_instance_profile(InstanceProfileName=NAME)["InstanceProfile"]["Roles"]
assert iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"] == ["read-secrets"]
assert iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"] == []
policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="read-secrets")["PolicyDocument"]
(statement,) = policy["Statement"]
assert statement["Action"] == "secretsmanager:GetSecretValue"
assert statement["Resource"] == [secret, "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"], statement

(balancer,) = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"]
assert balancer["Scheme"] == "internet-facing"
assert {zone["ZoneName"] for zone in balancer["AvailabilityZones"]} == {"us-east-1a", "us-east-1b"}
(listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
assert (listener["Port"], listener["Protocol"]) == (80, "HTTP")

(target_group,) = elb.describe_target_groups(Names=[NAME])["TargetGroups"]
assert listener["DefaultActions"][0]["TargetGroupArn"] == target_group["TargetGroupArn"]
assert target_group["Port"] == 8000
assert (target_group["HealthCheckPath"], target_group["Matcher"]["HttpCode"]) == ("/", "200")
assert (target_group["HealthCheckIntervalSeconds"], target_group["HealthCheckTimeoutSeconds"]) == (5, 2)
assert (target_group["HealthyThresholdCount"], target_group["UnhealthyThresholdCount"]) == (2, 2)
attributes = elb.describe_target_group_attributes(TargetGroupArn=target_group["TargetGroupArn"])["Attributes"]
values = {attribute["Key"]: attribute["Value"] for attribute in attributes}
assert values["deregistration_delay.timeout_seconds"] == "30"
assert values["load_balancing.algorithm.type"] == "round_robin"

(group,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"]
assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]) == (2, 2, 3)
assert group["HealthCheckType"] == "ELB"
assert group["TargetGroupARNs"] == [target_group["TargetGroupArn"]]
assert sorted(instance["AvailabilityZone"] for instance in group["Instances"]) == ["us-east-1a", "us-east-1b"]
health = elb.describe_target_health(TargetGroupArn=target_group["TargetGroupArn"])["TargetHealthDescriptions"]
assert [target["TargetHealth"]["State"] for target in health] == ["healthy", "healthy"]

assert group["DefaultInstanceWarmup"] == 30
(alarm,) = client("cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-unhealthy"])["MetricAlarms"]
assert (alarm["MetricName"], alarm["Statistic"], alarm["EvaluationPeriods"]) == ("UnHealthyHostCount", "Maximum", 15)
dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
assert balancer["LoadBalancerArn"].endswith(f"loadbalancer/{dimensions['LoadBalancer']}"), dimensions
assert target_group["TargetGroupArn"].endswith(f":{dimensions['TargetGroup']}"), dimensions
attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])["Attributes"]
assert {"Key": "zonal_shift.config.enabled", "Value": "true"} in attributes, attributes

version = group["LaunchTemplate"]["Version"]
assert version.isdigit(), version
(template,) = ec2.describe_launch_template_versions(LaunchTemplateName=NAME, Versions=[version])[
    "LaunchTemplateVersions"
]
data = template["LaunchTemplateData"]
assert data["MetadataOptions"]["HttpTokens"] == "required"
assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
assert data["IamInstanceProfile"]["Name"] == NAME

script = base64.b64decode(data["UserData"]).decode()
assert TOKEN not in script
assert secret in script
assert "registry.gitlab.example/goals/backend:latest" in script
subprocess.run(["bash", "-n"], input=script, text=True, check=True)
assert """--env GREETING='it'"'"'s a "test" $HOME' \\\n""" in script

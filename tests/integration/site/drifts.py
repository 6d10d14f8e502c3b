"""Changes that somebody makes behind the collection's back: how each is made, and how to tell that it is mended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Clients = Callable[[str], Any]


class Stack:
    """The built stack as the AWS API tells it, by the names the roles give."""

    def __init__(self, aws: Clients, name: str) -> None:
        self.aws, self.name = aws, name

    def vpc(self) -> dict[str, Any]:
        return self.aws("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [self.name]}])["Vpcs"][0]

    def dns_hostnames(self) -> bool:
        vpc = self.vpc()["VpcId"]
        answer = self.aws("ec2").describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
        return answer["EnableDnsHostnames"]["Value"]

    def app_route_table(self) -> dict[str, Any]:
        filters = [{"Name": "tag:Name", "Values": [f"{self.name}-app-us-east-1a"]}]
        return self.aws("ec2").describe_route_tables(Filters=filters)["RouteTables"][0]

    def group(self, suffix: str) -> dict[str, Any]:
        filters = [
            {"Name": "vpc-id", "Values": [self.vpc()["VpcId"]]},
            {"Name": "group-name", "Values": [f"{self.name}-{suffix}"]},
        ]
        return self.aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]

    def target_group(self) -> dict[str, Any]:
        return self.aws("elbv2").describe_target_groups(Names=[self.name])["TargetGroups"][0]

    def target_group_attribute(self, key: str) -> str:
        arn = self.target_group()["TargetGroupArn"]
        return value_of(self.aws("elbv2").describe_target_group_attributes(TargetGroupArn=arn), key)

    def load_balancer(self) -> dict[str, Any]:
        return self.aws("elbv2").describe_load_balancers(Names=[self.name])["LoadBalancers"][0]

    def load_balancer_attribute(self, key: str) -> str:
        arn = self.load_balancer()["LoadBalancerArn"]
        return value_of(self.aws("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn), key)

    def listeners(self) -> list[dict[str, Any]]:
        arn = self.load_balancer()["LoadBalancerArn"]
        return self.aws("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]

    def template(self) -> dict[str, Any]:
        versions = self.aws("ec2").describe_launch_template_versions(
            LaunchTemplateName=self.name, Versions=["$Default"]
        )
        return versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]

    def autoscaling_group(self) -> dict[str, Any]:
        groups = self.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        return groups["AutoScalingGroups"][0]

    def default_version(self) -> int:
        templates = self.aws("ec2").describe_launch_templates(LaunchTemplateNames=[self.name])["LaunchTemplates"]
        return int(templates[0]["DefaultVersionNumber"])

    def refresh(self) -> dict[str, Any]:
        """The newest instance refresh."""
        found = self.aws("autoscaling").describe_instance_refreshes(AutoScalingGroupName=self.name)
        return found["InstanceRefreshes"][0]

    def trusted(self) -> Any:
        """Who may assume the instances' role."""
        return self.aws("iam").get_role(RoleName=self.name)["Role"]["AssumeRolePolicyDocument"]

    def policies(self) -> tuple[list[str], Any]:
        """What is attached to the instances' role, and what it may do besides."""
        role = {"RoleName": self.name}
        attached = self.aws("iam").list_attached_role_policies(**role)["AttachedPolicies"]
        own = self.aws("iam").list_role_policies(**role)["PolicyNames"]
        documents = {
            name: self.aws("iam").get_role_policy(**role, PolicyName=name)["PolicyDocument"] for name in sorted(own)
        }
        return sorted(policy["PolicyArn"] for policy in attached), documents

    def profile(self) -> list[str]:
        """The roles in the instances' profile."""
        found = self.aws("iam").get_instance_profile(InstanceProfileName=self.name)["InstanceProfile"]
        return [role["RoleName"] for role in found["Roles"]]

    def bucket(self) -> str:
        return f"{self.name}-frontend-123456789012"

    def website(self) -> dict[str, Any]:
        """What the website is, but for the time and the id of the answer."""
        answer = self.aws("s3").get_bucket_website(Bucket=self.bucket())
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def page(self) -> tuple[str, str, str]:
        found = self.aws("s3").head_object(Bucket=self.bucket(), Key="index.html")
        return found["ETag"], found["ContentType"], found["CacheControl"]

    def keys(self) -> list[str]:
        return [each["Key"] for each in self.aws("s3").list_objects_v2(Bucket=self.bucket())["Contents"]]

    def registry_secret(self) -> str:
        secret: str = self.aws("secretsmanager").get_secret_value(SecretId=f"{self.name}/registry")["SecretString"]
        return secret

    def alarm(self) -> dict[str, Any]:
        return self.aws("cloudwatch").describe_alarms(AlarmNames=[f"{self.name}-unhealthy"])["MetricAlarms"][0]

    def database(self) -> dict[str, Any]:
        return self.aws("rds").describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"][0]


def value_of(answer: dict[str, Any], key: str) -> str:
    return next(attribute["Value"] for attribute in answer["Attributes"] if attribute["Key"] == key)


@dataclass(frozen=True)
class Drift:
    """``observe`` must give after the repair what it gave before ``make``; ``planned`` is told by the plan."""

    name: str
    planned: str
    make: Callable[[Stack], Any]
    observe: Callable[[Stack], Any]


def rules(group: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The ingress rules of a security group, comparable."""
    return sorted(
        (rule.get("FromPort"), rule.get("ToPort"), *[r["CidrIp"] for r in rule["IpRanges"]], *sources(rule))
        for rule in group["IpPermissions"]
    )


def sources(rule: dict[str, Any]) -> list[str]:
    return [pair["GroupId"] for pair in rule["UserIdGroupPairs"]]


def _open_ssh(stack: Stack) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    stack.aws("ec2").authorize_security_group_ingress(
        GroupId=stack.group("backend")["GroupId"], IpPermissions=[permission]
    )


def _close_database(stack: Stack) -> None:
    group = stack.group("database")
    stack.aws("ec2").revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])


def _template_version(stack: Stack) -> None:
    data = {**stack.template(), "InstanceType": "t3.nano"}
    made = stack.aws("ec2").create_launch_template_version(LaunchTemplateName=stack.name, LaunchTemplateData=data)
    number = str(made["LaunchTemplateVersion"]["VersionNumber"])
    stack.aws("ec2").modify_launch_template(LaunchTemplateName=stack.name, DefaultVersion=number)


EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _trust_everyone(stack: Stack) -> None:
    document = stack.trusted()
    document["Statement"][0]["Principal"] = {"AWS": "*"}
    stack.aws("iam").update_assume_role_policy(RoleName=stack.name, PolicyDocument=json.dumps(document))


def _detach(stack: Stack) -> None:
    for arn in stack.policies()[0]:
        stack.aws("iam").detach_role_policy(RoleName=stack.name, PolicyArn=arn)


def _put_alarm(**settings: Any) -> Callable[[Stack], Any]:
    taken = ("AlarmName", "Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "Threshold")
    kept = (*taken, "ComparisonOperator", "TreatMissingData", "Dimensions", "AlarmDescription")

    def put(stack: Stack) -> None:
        alarm = stack.alarm()
        stack.aws("cloudwatch").put_metric_alarm(**{key: alarm[key] for key in kept}, **settings)

    return put


def _update_group(**settings: Any) -> Callable[[Stack], Any]:
    return lambda stack: stack.aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=stack.name, **settings)


DRIFTS = (
    Drift(
        "the VPC loses its DNS host names",
        "update VPC",
        lambda stack: stack.aws("ec2").modify_vpc_attribute(
            VpcId=stack.vpc()["VpcId"], EnableDnsHostnames={"Value": False}
        ),
        Stack.dns_hostnames,
    ),
    Drift(
        "the private subnets lose their way out",
        "route",
        lambda stack: stack.aws("ec2").delete_route(
            RouteTableId=stack.app_route_table()["RouteTableId"], DestinationCidrBlock="0.0.0.0/0"
        ),
        lambda stack: sorted(route["DestinationCidrBlock"] for route in stack.app_route_table()["Routes"]),
    ),
    Drift(
        "SSH is opened to the world",
        "delete rule",
        _open_ssh,
        lambda stack: rules(stack.group("backend")),
    ),
    Drift(
        "the database is closed to the backend",
        "create rule",
        _close_database,
        lambda stack: rules(stack.group("database")),
    ),
    Drift(
        "the health check is slowed down",
        "update target group",
        lambda stack: stack.aws("elbv2").modify_target_group(
            TargetGroupArn=stack.target_group()["TargetGroupArn"], HealthCheckIntervalSeconds=60
        ),
        lambda stack: stack.target_group()["HealthCheckIntervalSeconds"],
    ),
    Drift(
        "the deregistration delay is lengthened",
        "update target group",
        lambda stack: stack.aws("elbv2").modify_target_group_attributes(
            TargetGroupArn=stack.target_group()["TargetGroupArn"],
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "600"}],
        ),
        lambda stack: stack.target_group_attribute("deregistration_delay.timeout_seconds"),
    ),
    Drift(
        "the listener is deleted",
        "create listener",
        lambda stack: stack.aws("elbv2").delete_listener(ListenerArn=stack.listeners()[0]["ListenerArn"]),
        lambda stack: [
            (listener["Port"], listener["Protocol"], listener["DefaultActions"][0]["TargetGroupArn"])
            for listener in stack.listeners()
        ],
    ),
    Drift(
        "the load balancer accepts invalid headers",
        "update load balancer",
        lambda stack: stack.aws("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=stack.load_balancer()["LoadBalancerArn"],
            Attributes=[{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}],
        ),
        lambda stack: stack.load_balancer_attribute("routing.http.drop_invalid_header_fields.enabled"),
    ),
    Drift(
        "the load balancer gets another security group",
        "update load balancer",
        lambda stack: stack.aws("elbv2").set_security_groups(
            LoadBalancerArn=stack.load_balancer()["LoadBalancerArn"],
            SecurityGroups=[stack.group("backend")["GroupId"]],
        ),
        lambda stack: stack.load_balancer()["SecurityGroups"],
    ),
    Drift(
        "the launch template gets a version with another instance type",
        "update launch template",
        _template_version,
        lambda stack: stack.template()["InstanceType"],
    ),
    Drift(
        "the group may not grow any more",
        "update autoscaling group",
        _update_group(MaxSize=2),
        lambda stack: stack.autoscaling_group()["MaxSize"],
    ),
    Drift(
        "the group no longer looks at the load balancer's health checks",
        "update autoscaling group",
        _update_group(HealthCheckType="EC2"),
        lambda stack: stack.autoscaling_group()["HealthCheckType"],
    ),
    Drift(
        "the group loses a tag",
        "update autoscaling group",
        lambda stack: stack.aws("autoscaling").delete_tags(
            Tags=[{"ResourceId": stack.name, "ResourceType": "auto-scaling-group", "Key": "stack"}]
        ),
        lambda stack: sorted((tag["Key"], tag["Value"]) for tag in stack.autoscaling_group()["Tags"]),
    ),
    Drift(
        "everyone may be what the instances are",
        "update role goals",
        _trust_everyone,
        Stack.trusted,
    ),
    Drift(
        "the instances may do everything",
        "delete role policy",
        lambda stack: stack.aws("iam").put_role_policy(
            RoleName=stack.name, PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING)
        ),
        lambda stack: stack.policies()[1].keys(),
    ),
    Drift(
        "the instances may do everything by the policy that lets them read their secrets",
        "update role policy",
        lambda stack: stack.aws("iam").put_role_policy(
            RoleName=stack.name, PolicyName="read-secrets", PolicyDocument=json.dumps(EVERYTHING)
        ),
        lambda stack: stack.policies()[1]["read-secrets"],
    ),
    Drift(
        "the instances lose the Session Manager",
        "update role goals",
        _detach,
        lambda stack: stack.policies()[0],
    ),
    Drift(
        "the instance profile loses its role",
        "update instance profile",
        lambda stack: stack.aws("iam").remove_role_from_instance_profile(
            InstanceProfileName=stack.name, RoleName=stack.name
        ),
        Stack.profile,
    ),
    Drift(
        "the registry's token is another",
        "update secret",
        lambda stack: stack.aws("secretsmanager").put_secret_value(
            SecretId=f"{stack.name}/registry", SecretString="another"
        ),
        Stack.registry_secret,
    ),
    Drift(
        "the alarm asks for fewer bad minutes than it shall",
        "update alarm",
        _put_alarm(DatapointsToAlarm=1),
        lambda stack: stack.alarm()["DatapointsToAlarm"],
    ),
    Drift(
        "the database keeps no backups",
        "update DB instance",
        lambda stack: stack.aws("rds").modify_db_instance(
            DBInstanceIdentifier=stack.name, BackupRetentionPeriod=0, ApplyImmediately=True
        ),
        lambda stack: stack.database()["BackupRetentionPeriod"],
    ),
    Drift(
        "the website has another index document",
        "update bucket",
        lambda stack: stack.aws("s3").put_bucket_website(
            Bucket=stack.bucket(), WebsiteConfiguration={"IndexDocument": {"Suffix": "other.html"}}
        ),
        Stack.website,
    ),
    Drift(
        "the page is replaced",
        "update object index.html",
        lambda stack: stack.aws("s3").put_object(
            Bucket=stack.bucket(), Key="index.html", Body=b"other", CacheControl="max-age=60"
        ),
        Stack.page,
    ),
    Drift(
        "a file is added to the website",
        "delete object stray.html",
        lambda stack: stack.aws("s3").put_object(Bucket=stack.bucket(), Key="stray.html", Body=b"stray"),
        Stack.keys,
    ),
)

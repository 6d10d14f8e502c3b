"""What each action of the Fault Injection Service does, seen by ordinary calls, and that it is undone."""

import itertools
import json

import pytest

from tests.integration.region.experiments import running, wait
from tests.integration.region.regions import MANAGED_CORE, Network, eventually, instance_profile, state

NUMBERS = itertools.count()
ACCOUNT = "arn:aws:{}:us-east-1:123456789012:"
EVERYWHERE = "0.0.0.0/0"


@pytest.fixture
def network(hasty):
    return Network(hasty.client("ec2"))


@pytest.fixture
def ec2(hasty):
    return hasty.client("ec2")


def in_zone(network, zone):
    chosen = {"availabilityZoneIdentifier": zone, "vpc": network.vpc}
    return {"those": {"resourceType": "aws:ec2:subnet", "selectionMode": "ALL", "parameters": chosen}}


def disrupt(scope, minutes=720, **parameters):
    given = {"duration": f"PT{minutes}M", "scope": scope} | parameters
    return {
        "cut": {"actionId": "aws:network:disrupt-connectivity", "parameters": given, "targets": {"Subnets": "those"}}
    }


def acl_of(ec2, subnet):
    found = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]
    assert len(found) == 1
    return found[0]


def entries(acl, egress):
    """(number, action, CIDR) in order."""
    mine = [each for each in acl["Entries"] if each["Egress"] is egress]
    return [
        (each["RuleNumber"], each["RuleAction"], each["CidrBlock"])
        for each in sorted(mine, key=lambda each: each["RuleNumber"])
    ]


def managed(ec2, network):
    mine = {"Name": "vpc-id", "Values": [network.vpc]}
    tag = {"Name": "tag:managedByFIS", "Values": ["true"]}
    return ec2.describe_network_acls(Filters=[mine, tag])["NetworkAcls"]


REST = [(32767, "deny", EVERYWHERE)]


@pytest.mark.parametrize(
    ("scope", "denied"),
    [
        ("all", [EVERYWHERE]),
        ("availability-zone", ["10.0.1.0/24"]),
        ("vpc", 16),
        ("s3", ["3.5.0.0/19", "52.216.0.0/15", "54.231.0.0/16"]),
    ],
)
def test_connectivity_is_cut_by_a_clone_of_the_network_acl(ec2, faults, network, scope, denied):
    cut, other = network.subnets
    before = acl_of(ec2, cut)["NetworkAclId"]
    experiment = faults.start(disrupt(scope), in_zone(network, "us-east-1a"))
    clone = in_effect(ec2, network)
    assert [each["SubnetId"] for each in clone["Associations"]] == [cut]
    for egress in (False, True):
        *denials, kept, rest = entries(clone, egress)
        assert [number for number, *_ in denials] == list(range(1, len(denials) + 1))
        assert {action for _, action, _ in denials} == {"deny"}
        blocks = [block for *_, block in denials]
        assert (len(blocks) if isinstance(denied, int) else blocks) == denied
        assert (kept[1:], [rest]) == (("allow", EVERYWHERE), REST)
    assert acl_of(ec2, other)["NetworkAclId"] == before
    faults.fis.stop_experiment(id=experiment)
    faults.becomes(experiment, "stopped")
    assert {acl_of(ec2, subnet)["NetworkAclId"] for subnet in network.subnets} == {before}
    assert managed(ec2, network) == []


def in_effect(ec2, network):
    """The one clone in the VPC, once a subnet has it."""
    (clone,) = eventually(lambda: managed(ec2, network), lambda seen: seen and seen[0]["Associations"])
    return clone


def test_connectivity_comes_back_after_the_duration_by_itself(ec2, faults, network):
    before = acl_of(ec2, network.subnets[0])["NetworkAclId"]
    faults.start(disrupt("all", minutes=1), in_zone(network, "us-east-1a"))
    in_effect(ec2, network)
    eventually(lambda: managed(ec2, network), lambda seen: not seen)
    assert acl_of(ec2, network.subnets[0])["NetworkAclId"] == before


def test_the_subnets_own_entries_stand_behind_the_denials(ec2, faults, network):
    acl = ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]["NetworkAclId"]
    for number, (protocol, more) in enumerate([("6", {"PortRange": {"From": 80, "To": 81}}), ("-1", {})], 1):
        ec2.create_network_acl_entry(
            NetworkAclId=acl, RuleNumber=number, Protocol=protocol, RuleAction="allow", Egress=False,
            CidrBlock="10.0.0.0/8", **more,
        )  # fmt: skip
    subnet = network.subnets[0]
    held = next(each for each in acl_of(ec2, subnet)["Associations"] if each["SubnetId"] == subnet)
    ec2.replace_network_acl_association(AssociationId=held["NetworkAclAssociationId"], NetworkAclId=acl)
    experiment = faults.start(disrupt("availability-zone"), in_zone(network, "use1-az6"))
    clone = in_effect(ec2, network)
    assert entries(clone, False) == [
        (1, "deny", "10.0.1.0/24"), (2, "allow", "10.0.0.0/8"), (3, "allow", "10.0.0.0/8"), *REST
    ]  # fmt: skip
    (ported,) = [each for each in clone["Entries"] if "PortRange" in each]
    assert (ported["RuleNumber"], ported["PortRange"]) == (2, {"From": 80, "To": 81})
    assert entries(clone, True) == [(1, "deny", "10.0.1.0/24"), *REST]
    faults.fis.stop_experiment(id=experiment)
    faults.becomes(experiment, "stopped")
    assert acl_of(ec2, subnet)["NetworkAclId"] == acl


def test_the_customers_prefix_list_is_denied(ec2, faults, network):
    listed = ec2.create_managed_prefix_list(
        PrefixListName=f"list-{next(NUMBERS)}", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "192.0.2.0/24"}]
    )["PrefixList"]
    for name in ("PrefixListId", "PrefixListName", "PrefixListArn"):
        experiment = faults.start(
            disrupt("prefix-list", prefixListIdentifier=listed[name]), in_zone(network, "us-east-1a")
        )
        clone = in_effect(ec2, network)
        assert entries(clone, True)[0] == (1, "deny", "192.0.2.0/24")
        faults.fis.stop_experiment(id=experiment)
        faults.becomes(experiment, "stopped")
    failed = faults.start(disrupt("prefix-list", prefixListIdentifier="pl-none"), in_zone(network, "us-east-1a"))
    assert faults.becomes(failed, "failed")["state"]["error"]["code"] == "ConfigurationFailure"
    assert managed(ec2, network) == []


def test_the_network_policy_is_enough_and_nothing_stays_of_what_it_does_not_allow(ec2, faults, network):
    role = faults.make_role(attach="AWSFaultInjectionSimulatorNetworkAccess")
    faults.becomes(faults.start(disrupt("vpc", 1), in_zone(network, "us-east-1a"), roleArn=role), "completed")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    but = {"Effect": "Deny", "Action": "ec2:ReplaceNetworkAclAssociation", "Resource": "*"}
    role = faults.make_role(everything, but)
    failed = faults.becomes(faults.start(disrupt("all"), in_zone(network, "us-east-1a"), roleArn=role), "failed")
    assert "ec2:ReplaceNetworkAclAssociation" in failed["state"]["reason"]
    assert managed(ec2, network) == []


def test_what_another_gave_the_subnet_meanwhile_stays(ec2, faults, network):
    experiment = faults.start(disrupt("all"), in_zone(network, "us-east-1a"))
    clone = in_effect(ec2, network)
    acl = ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]["NetworkAclId"]
    held = clone["Associations"][0]["NetworkAclAssociationId"]
    ec2.replace_network_acl_association(AssociationId=held, NetworkAclId=acl)
    faults.fis.stop_experiment(id=experiment)
    faults.becomes(experiment, "stopped")
    assert acl_of(ec2, network.subnets[0])["NetworkAclId"] == acl
    assert managed(ec2, network) == []


def test_a_subnet_whose_own_network_acl_is_gone_does_not_keep_the_others_from_theirs(ec2, faults, network):
    first, second = network.subnets
    acl = ec2.create_network_acl(VpcId=network.vpc)["NetworkAcl"]["NetworkAclId"]
    held = next(each for each in acl_of(ec2, first)["Associations"] if each["SubnetId"] == first)
    ec2.replace_network_acl_association(AssociationId=held["NetworkAclAssociationId"], NetworkAclId=acl)
    arns = [ACCOUNT.format("ec2") + f"subnet/{subnet}" for subnet in (first, second)]
    those = {"resourceType": "aws:ec2:subnet", "selectionMode": "ALL", "resourceArns": arns}
    own = acl_of(ec2, second)["NetworkAclId"]
    experiment = faults.start(disrupt("all"), {"those": those})
    eventually(lambda: managed(ec2, network), lambda seen: [len(each["Associations"]) for each in seen] == [1, 1])
    ec2.delete_network_acl(NetworkAclId=acl)
    faults.fis.stop_experiment(id=experiment)
    ended = faults.becomes(experiment, "failed")
    assert f"'{acl}' does not exist" in ended["actions"]["cut"]["state"]["reason"]
    assert acl_of(ec2, second)["NetworkAclId"] == own
    assert [each["Associations"][0]["SubnetId"] for each in managed(ec2, network)] == [first]


@pytest.fixture
def group(hasty, network):
    """An Auto Scaling group of two instances, one a zone."""
    autoscaling, name = hasty.client("autoscaling"), f"faulty-{next(NUMBERS)}"
    data = {"ImageId": "resolve:ssm:/local-region/ami/debian-12", "InstanceType": "t3.micro"}
    hasty.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=2, MaxSize=2, VPCZoneIdentifier=",".join(network.subnets),
        LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
        Tags=[{"Key": "drill", "Value": name, "PropagateAtLaunch": True}],
    )  # fmt: skip
    eventually(lambda: members(autoscaling, name), lambda seen: sorted(seen.values()) == ["us-east-1a", "us-east-1b"])
    yield name
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


def members(autoscaling, name):
    """Instances in service -> their zones."""
    (group,) = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return {
        each["InstanceId"]: each["AvailabilityZone"]
        for each in group["Instances"]
        if each["LifecycleState"] == "InService"
    }


def test_a_zone_has_no_capacity_for_the_group(hasty, faults, group):
    """As in FIS's scenario of an AZ's power interruption: the instances stop, and the zone has no room for others."""
    autoscaling = hasty.client("autoscaling")
    before = members(autoscaling, group)
    tag = {"resourceTags": {"drill": group}, "selectionMode": "ALL"}
    experiment = faults.start(
        {
            "full": {
                "actionId": "aws:ec2:asg-insufficient-instance-capacity-error",
                "parameters": {"duration": "PT12H", "availabilityZoneIdentifiers": "us-east-1a"},
                "targets": {"AutoScalingGroups": "groups"},
            },
            "stop": {
                "actionId": "aws:ec2:stop-instances",
                "parameters": {"startInstancesAfterDuration": "PT12H", "completeIfInstancesTerminated": "true"},
                "targets": {"Instances": "machines"},
            },
        },
        {
            "groups": {"resourceType": "aws:ec2:autoscaling-group", **tag},
            "machines": {
                "resourceType": "aws:ec2:instance",
                "filters": [{"path": "Placement.AvailabilityZone", "values": ["us-east-1a"]}],
                **tag,
            },
        },
    )
    gone = {name for name, zone in before.items() if zone == "us-east-1a"}
    replaced = eventually(
        lambda: members(autoscaling, group), lambda seen: len(seen) == 2 and not gone & seen.keys(), timeout=30
    )
    assert set(replaced.values()) == {"us-east-1b"}
    activities = autoscaling.describe_scaling_activities(AutoScalingGroupName=group)["Activities"]
    failed = [each["StatusMessage"] for each in activities if each["StatusCode"] == "Failed"]
    assert any("capacity in the Availability Zone you requested (us-east-1a)" in message for message in failed)
    faults.fis.stop_experiment(id=experiment)
    faults.becomes(experiment, "stopped")
    one = {"InstanceId": next(iter(replaced)), "ShouldDecrementDesiredCapacity": False}
    autoscaling.terminate_instance_in_auto_scaling_group(**one)
    eventually(lambda: sorted(members(autoscaling, group).values()), lambda seen: seen == ["us-east-1a", "us-east-1b"])


def test_instances_are_rebooted(ec2, faults, hasty, network):
    name, drill = running(hasty, network)
    act = {"actionId": "aws:ec2:reboot-instances", "targets": {"Instances": "those"}}
    those = {"resourceType": "aws:ec2:instance", "selectionMode": "ALL", "resourceTags": {"drill": drill}}
    faults.run({"act": act}, {"those": those})
    assert state(ec2, name) == "running"
    ec2.terminate_instances(InstanceIds=[name])
    eventually(lambda: state(ec2, name), lambda seen: seen == "terminated")
    failed = faults.becomes(faults.start({"act": act, "after": wait(startAfter=["act"])}, {"those": those}), "failed")
    assert "IncorrectInstanceState" in failed["actions"]["act"]["state"]["reason"]
    assert failed["actions"]["after"]["state"]["status"] == "cancelled"


def test_a_command_runs_on_instances(hasty, faults, network):
    profile = {"Name": instance_profile(hasty, "takes-commands", MANAGED_CORE)}
    name, drill = running(hasty, network, IamInstanceProfile=profile)
    parameters = {
        "documentArn": "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", "duration": "PT1M",
        "documentParameters": json.dumps({"commands": ["docker kill goals"], "executionTimeout": "60"}),
    }  # fmt: skip
    ended = faults.run(
        {"act": {"actionId": "aws:ssm:send-command", "parameters": parameters, "targets": {"Instances": "those"}}},
        {"those": {"resourceType": "aws:ec2:instance", "selectionMode": "ALL", "resourceTags": {"drill": drill}}},
        roleArn=faults.make_role(attach="AWSFaultInjectionSimulatorEC2Access"),
    )
    (command,) = [
        each for each in hasty.client("ssm").list_commands()["Commands"] if name in each["InstanceIds"]
    ]  # fmt: skip
    assert command["DocumentName"] == "AWS-RunShellScript"
    assert command["Parameters"] == {"commands": ["docker kill goals"], "executionTimeout": ["60"]}
    lasted = ended["actions"]["act"]["endTime"] - ended["actions"]["act"]["startTime"]
    assert lasted.total_seconds() >= 1.2


def test_wrong_parameters_of_a_command_are_refused(faults):
    given = {"documentArn": "AWS-RunShellScript", "duration": "PT1M", "documentParameters": "[1]"}
    for name in ("documentArn", "documentParameters"):
        parameters = {"documentArn": "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", "duration": "PT1M"}
        act = {"actionId": "aws:ssm:send-command", "parameters": {**parameters, name: given[name]}}
        with pytest.raises(faults.fis.exceptions.ValidationException, match=f'of parameter "{name}"'):
            faults.template({"act": {**act, "targets": {"Instances": "those"}}})


@pytest.fixture
def balancer(hasty, network):
    elbv2, name = hasty.client("elbv2"), f"faulty-{next(NUMBERS)}"
    made = elbv2.create_load_balancer(Name=name, Subnets=network.subnets, Tags=[{"Key": "drill", "Value": name}])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    attribute = {"Key": "zonal_shift.config.enabled", "Value": "true"}
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[attribute])
    return arn, name


def autoshift(minutes, **parameters):
    given = {
        "duration": f"PT{minutes}M", "availabilityZoneIdentifier": "us-east-1a", "managedResourceTypes": "ASG,ALB",
        "zonalAutoshiftStatus": "ANY",
    } | parameters  # fmt: skip
    act = {"actionId": "aws:arc:start-zonal-autoshift", "parameters": given}
    return {"shift": {**act, "targets": {"ManagedResources": "those"}}}


@pytest.mark.parametrize("ended_by", ["its duration", "a stop"])
def test_traffic_is_shifted_away_from_a_zone(hasty, faults, balancer, ended_by):
    arn, name = balancer
    arc = hasty.client("arc-zonal-shift")
    those = {
        "resourceType": "aws:arc:zonal-shift-managed-resource", "selectionMode": "ALL", "resourceTags": {"drill": name}
    }  # fmt: skip
    experiment = faults.start(autoshift(1 if ended_by == "its duration" else 720), {"those": those})
    (shift,) = eventually(
        lambda: arc.list_zonal_shifts(status="ACTIVE", resourceIdentifier=arn)["items"], lambda seen: len(seen) == 1
    )
    assert (shift["awayFrom"], shift["shiftType"]) == ("use1-az6", "FIS_EXPERIMENT")
    assert 0 in arc.get_managed_resource(resourceIdentifier=arn)["appliedWeights"].values()
    if ended_by == "a stop":
        faults.fis.stop_experiment(id=experiment)
    faults.becomes(experiment, "completed" if ended_by == "its duration" else "stopped")
    assert arc.list_zonal_shifts(status="ACTIVE", resourceIdentifier=arn)["items"] == []
    assert set(arc.get_managed_resource(resourceIdentifier=arn)["appliedWeights"].values()) == {1.0}


def test_only_what_autoshift_is_enabled_for_is_shifted_unless_told_otherwise(faults, balancer):
    arn, _ = balancer
    those = {
        "resourceType": "aws:arc:zonal-shift-managed-resource", "selectionMode": "ALL", "resourceArns": [arn]
    }  # fmt: skip
    for parameters in ({"zonalAutoshiftStatus": "ENABLED"}, {"managedResourceTypes": "NLB,EKS"}):
        ended = faults.becomes(faults.start(autoshift(720, **parameters), {"those": those}), "failed")
        assert ended["state"]["error"]["code"] == "InvalidTarget"


@pytest.fixture
def database(hasty, network):
    rds, name = hasty.client("rds"), f"faulty-{next(NUMBERS)}"
    rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="x", SubnetIds=network.subnets)
    rds.create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20, MultiAZ=True,
        MasterUsername="goals", ManageMasterUserPassword=True, DBSubnetGroupName=name,
        VpcSecurityGroupIds=[network.group], Tags=[{"Key": "drill", "Value": name}],
    )  # fmt: skip
    eventually(lambda: described(rds, name)["DBInstanceStatus"], lambda seen: seen == "available")
    return name


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def reboot(**parameters):
    act = {"actionId": "aws:rds:reboot-db-instances", "parameters": parameters}
    return {"act": {**act, "targets": {"DBInstances": "those"}}}


def test_a_database_whose_primary_is_in_the_zone_fails_over(hasty, faults, database):
    rds = hasty.client("rds")
    before = described(rds, database)
    those = {"resourceType": "aws:rds:db", "selectionMode": "ALL", "resourceTags": {"drill": database}}
    elsewhere = {**those, "parameters": {"availabilityZoneIdentifiers": before["SecondaryAvailabilityZone"]}}
    skip = {"experimentOptions": {"emptyTargetResolutionMode": "skip"}}
    assert faults.run(reboot(), {"those": elsewhere}, **skip)["actions"]["act"]["state"]["status"] == "skipped"
    there = {**those, "parameters": {"availabilityZoneIdentifiers": before["AvailabilityZone"]}}
    role = faults.make_role(attach="AWSFaultInjectionSimulatorRDSAccess")
    faults.run(reboot(forceFailover="true"), {"those": there}, roleArn=role)
    other = before["SecondaryAvailabilityZone"]
    eventually(lambda: described(rds, database)["AvailabilityZone"], lambda seen: seen == other, timeout=30)
    eventually(lambda: described(rds, database)["DBInstanceStatus"], lambda seen: seen == "available", timeout=30)


def test_what_the_service_refuses_fails_the_experiment(hasty, faults, database):
    rds = hasty.client("rds")
    rds.modify_db_instance(DBInstanceIdentifier=database, MultiAZ=False, ApplyImmediately=True)
    eventually(lambda: described(rds, database), lambda seen: seen["DBInstanceStatus"] == "available", timeout=30)
    those = {"resourceType": "aws:rds:db", "selectionMode": "ALL", "resourceTags": {"drill": database}}
    failed = faults.becomes(faults.start(reboot(forceFailover="true"), {"those": those}), "failed")
    assert failed["state"]["error"]["code"] == "ConfigurationFailure"
    assert "rds:RebootDBInstance failed with InvalidParameterCombination" in failed["state"]["reason"]

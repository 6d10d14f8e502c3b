"""Systems Manager's Run Command as AWS answers."""

import json

import pytest

from tests.integration.region.regions import MANAGED_CORE, Network, eventually, instance_profile, launch, refused, state

DOCUMENT = "AWS-RunShellScript"


@pytest.fixture(scope="module")
def ssm(region):
    return region.client("ssm")


def statement(effect, action):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})


@pytest.fixture(scope="module")
def place(region):
    return Network(region.client("ec2"))


def running(region, place, profile_name, **tags):
    ec2, more = region.client("ec2"), {}
    if profile_name:
        more["IamInstanceProfile"] = {"Name": profile_name}
    if tags:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        more["TagSpecifications"] = [{"ResourceType": "instance", "Tags": listed}]
    made = launch(region, place, **more)["InstanceId"]
    eventually(lambda: state(ec2, made), lambda seen: seen == "running")
    return made


@pytest.fixture(scope="module")
def instance(region, place):
    return running(region, place, instance_profile(region, "managed", MANAGED_CORE), app="goals", tier="backend")


def send(ssm, *instances, **more):
    wanted = {"DocumentName": DOCUMENT, "Parameters": {"commands": ["true"]}, "InstanceIds": list(instances)}
    return ssm.send_command(**{**wanted, **more})["Command"]


def statuses(ssm, command):
    return {each["InstanceId"]: each["Status"] for each in invocations(ssm, command)}


def invocations(ssm, command, **more):
    return ssm.list_command_invocations(CommandId=command["CommandId"], **more)["CommandInvocations"]


def test_a_command_is_pending_and_in_the_end_it_succeeds(ssm, instance):
    made = send(ssm, instance, Comment="why", TimeoutSeconds=60)
    assert (made["Status"], made["StatusDetails"], made["DocumentName"]) == ("Pending", "Pending", DOCUMENT)
    assert (made["TargetCount"], made["CompletedCount"], made["ErrorCount"]) == (1, 0, 0)
    assert (made["ExpiresAfter"] - made["RequestedDateTime"]).total_seconds() == 60 + 3600
    both = {"CommandId": made["CommandId"], "InstanceId": instance}
    done = eventually(lambda: ssm.get_command_invocation(**both), lambda each: each["Status"] == "Success")
    assert (done["ResponseCode"], done["PluginName"], done["Comment"]) == (0, "aws:runShellScript", "why")
    assert done["ExecutionStartDateTime"] < done["ExecutionEndDateTime"]
    assert done["ExecutionElapsedTime"].startswith("PT")
    (listed,) = ssm.list_commands(CommandId=made["CommandId"])["Commands"]
    assert (listed["Status"], listed["CompletedCount"], listed["InstanceIds"]) == ("Success", 1, [instance])
    (told,) = invocations(ssm, made, Details=True)
    assert [(each["Name"], each["Status"]) for each in told["CommandPlugins"]] == [("aws:runShellScript", "Success")]


def test_targets_by_tag_are_the_managed_instances_that_have_all_of_them(region, ssm, place, instance):
    running(region, place, None, app="goals", tier="backend")
    goals, backend = (
        {"Key": f"tag:{key}", "Values": [value]} for key, value in (("app", "goals"), ("tier", "backend"))
    )
    made = send(ssm, InstanceIds=[], Targets=[goals, backend])
    assert statuses(ssm, made).keys() == {instance}
    other = {"Key": "tag:tier", "Values": ["frontend"]}
    nobody = send(ssm, InstanceIds=[], Targets=[goals, other])
    assert (nobody["StatusDetails"], nobody["TargetCount"]) == ("NoInstancesInTag", 0)
    named = send(ssm, InstanceIds=[], Targets=[{"Key": "InstanceIds", "Values": [instance]}])
    assert statuses(ssm, named).keys() == {instance}


def information(ssm, *instances):
    filters = [{"Key": "InstanceIds", "Values": list(instances)}]
    told = ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]
    return {each["InstanceId"]: each["PingStatus"] for each in told}


@pytest.mark.parametrize(
    ("name", "managed", "inline", "registered"),
    [
        ("no-role", None, {}, False),
        ("no-policy", (), {}, False),
        ("inline", (), {"agent": statement("Allow", "ssm:UpdateInstance*")}, True),
        ("denied", (MANAGED_CORE,), {"agent": statement("Deny", "ssm:*")}, False),
        ("other", (), {"agent": statement("Allow", "ssm:GetParameter")}, False),
    ],
)
def test_an_instance_is_managed_when_its_role_lets_the_agent_register(
    region, ssm, place, name, managed, inline, registered
):
    made = running(region, place, None if managed is None else instance_profile(region, name, *managed, **inline))
    assert information(ssm, made) == ({made: "Online"} if registered else {})
    if not registered:
        message = refused(lambda: send(ssm, made), "InvalidInstanceId")
        assert message == f"Instances [[{made}]] not in a valid state for account 123456789012"


def test_an_agent_that_is_off_takes_no_command(region, ssm, ec2, place):
    made = running(region, place, instance_profile(region, "goes-off", MANAGED_CORE))
    ec2.stop_instances(InstanceIds=[made])
    eventually(lambda: state(ec2, made), lambda seen: seen == "stopped")
    assert information(ssm, made) == {made: "ConnectionLost"}
    refused(lambda: send(ssm, made), "InvalidInstanceId")
    ec2.terminate_instances(InstanceIds=[made])
    eventually(lambda: state(ec2, made), lambda seen: seen == "terminated")
    assert information(ssm, made) == {}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"DocumentName": "AWS-NoSuchDocument"}, "InvalidDocument"),
        ({"Parameters": {}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["true"], "shell": ["zsh"]}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["true"], "executionTimeout": ["172801"]}}, "InvalidParameters"),
        ({"InstanceIds": []}, "InvalidInstanceId"),
        ({"InstanceIds": ["i-0123456789abcdef0"]}, "InvalidInstanceId"),
    ],
)
def test_a_wrong_command_is_refused(ssm, instance, wrong, code):
    refused(lambda: send(ssm, **{"InstanceIds": [instance], **wrong}), code)


def test_one_instance_twice_is_refused(ssm, instance):
    refused(lambda: send(ssm, instance, instance), "DuplicateInstanceId")


def test_a_document_may_be_named_by_its_arn(ssm, instance):
    made = send(ssm, instance, DocumentName=f"arn:aws:ssm:us-east-1::document/{DOCUMENT}")
    assert made["TargetCount"] == 1


def test_a_command_that_is_cancelled_does_not_succeed(ssm, instance):
    made = send(ssm, instance)
    ssm.cancel_command(CommandId=made["CommandId"])
    eventually(lambda: statuses(ssm, made), lambda seen: seen == {instance: "Cancelled"})
    (listed,) = ssm.list_commands(CommandId=made["CommandId"])["Commands"]
    assert listed["Status"] == "Cancelled"
    ssm.cancel_command(CommandId=made["CommandId"])  # nothing is left to cancel
    assert statuses(ssm, made) == {instance: "Cancelled"}


def test_unknown_commands_and_invocations(ssm, instance):
    unknown = {"CommandId": "01234567-89ab-cdef-0123-456789abcdef"}
    refused(lambda: ssm.get_command_invocation(**unknown, InstanceId=instance), "InvalidCommandId")
    refused(lambda: ssm.cancel_command(**unknown), "InvalidCommandId")
    made = {"CommandId": send(ssm, instance)["CommandId"]}
    other = "i-0123456789abcdef0"
    refused(lambda: ssm.get_command_invocation(**made, InstanceId=other), "InvocationDoesNotExist")
    refused(lambda: ssm.cancel_command(**made, InstanceIds=[other]), "InvalidInstanceId")
    refused(
        lambda: ssm.get_command_invocation(**made, InstanceId=instance, PluginName="aws:runPowerShellScript"),
        "InvalidPluginName",
    )


def test_lists_are_filtered_and_come_in_pages_with_the_newest_first(ssm, instance):
    made = [send(ssm, instance)["CommandId"] for _ in range(3)]
    first = ssm.list_commands(InstanceId=instance, MaxResults=2)
    second = ssm.list_commands(InstanceId=instance, MaxResults=2, NextToken=first["NextToken"])
    listed = [each["CommandId"] for each in first["Commands"] + second["Commands"]]
    assert listed[:3] == made[::-1]

    def executing():
        told = ssm.list_commands(Filters=[{"key": "ExecutionStage", "value": "Executing"}])["Commands"]
        return {each["CommandId"] for each in told} & set(made)

    eventually(executing, lambda seen: not seen)
    done = ssm.list_command_invocations(InstanceId=instance, Filters=[{"key": "Status", "value": "Success"}])
    assert set(made) <= {each["CommandId"] for each in done["CommandInvocations"]}
    refused(lambda: ssm.list_commands(Filters=[{"key": "Colour", "value": "red"}]), "InvalidFilterKey")

"""Fault Injection Service: experiments run by themselves, act through the API, end and undo what they did."""

import itertools

import pytest

from tests.integration.region.experiments import instances, running, wait
from tests.integration.region.regions import Network, eventually, launch, refused, state

NUMBERS = itertools.count()


@pytest.fixture
def network(hasty):
    return Network(hasty.client("ec2"))


@pytest.fixture
def instance(hasty, network):
    """An instance that runs, by the tag drill that no other has."""
    return running(hasty, network)


def on_instances(action, **parameters):
    return {"act": {"actionId": f"aws:ec2:{action}", "parameters": parameters, "targets": {"Instances": "those"}}}


def tagged(drill, **more):
    return {"those": instances(resourceTags={"drill": drill}, **more)}


def test_an_experiment_tells_what_it_did_and_when(hasty, faults, instance):
    name, drill = instance
    ended = faults.run(on_instances("terminate-instances"), tagged(drill), tags={"team": "goals"})
    assert ended["id"].startswith("EXP")
    assert ended["experimentTemplateId"].startswith("EXT")
    assert ended["arn"] == f"arn:aws:fis:us-east-1:123456789012:experiment/{ended['id']}"
    assert ended["state"]["reason"] == "Experiment completed."
    assert ended["actions"]["act"]["state"] == {"status": "completed", "reason": "Action was completed."}
    assert ended["creationTime"] <= ended["startTime"] <= ended["actions"]["act"]["startTime"]
    assert ended["actions"]["act"]["endTime"] <= ended["endTime"]
    options = {"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail", "actionsMode": "run-all"}
    assert ended["experimentOptions"] == options
    resolved = faults.fis.list_experiment_resolved_targets(experimentId=ended["id"])["resolvedTargets"]
    arn = f"arn:aws:ec2:us-east-1:123456789012:instance/{name}"
    assert resolved == [
        {"resourceType": "aws:ec2:instance", "targetName": "those", "targetInformation": {"arn": arn}}
    ]  # fmt: skip
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "terminated")


def test_stopped_instances_are_started_after_the_duration(hasty, faults, instance):
    name, drill = instance
    experiment = faults.start(on_instances("stop-instances", startInstancesAfterDuration="PT1M"), tagged(drill))
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "stopped")
    assert faults.get(experiment)["actions"]["act"]["state"]["status"] == "running"
    faults.becomes(experiment, "completed")
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "running")


def test_stopped_instances_stay_stopped_without_a_duration(hasty, faults, instance):
    name, drill = instance
    faults.run(on_instances("stop-instances"), tagged(drill))
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "stopped")


def test_a_stop_in_the_middle_undoes_what_was_done(hasty, faults, instance):
    name, drill = instance
    actions = on_instances("stop-instances", startInstancesAfterDuration="PT12H")
    experiment = faults.start({**actions, "later": wait(startAfter=["act"])}, tagged(drill))
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "stopped")
    stopping = faults.fis.stop_experiment(id=experiment)["experiment"]
    assert stopping["state"] == {"status": "stopping", "reason": "Stopping Experiment."}
    assert stopping["actions"]["later"]["state"] == {"status": "pending", "reason": "Initial state"}
    ended = faults.becomes(experiment, "stopped")
    assert ended["state"]["reason"] == "Experiment stopped by user."
    assert ended["actions"]["act"]["state"]["status"] == "stopped"
    assert ended["actions"]["later"]["state"]["status"] == "cancelled"
    assert "startTime" not in ended["actions"]["later"]
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "running")
    again = faults.fis.stop_experiment(id=experiment)["experiment"]
    assert again["state"] == ended["state"]


def test_nobody_needs_to_look_at_an_experiment(hasty, faults, instance):
    """The controller is gone as soon as it started the experiment: the instance stops and comes back all the same."""
    name, drill = instance
    faults.start(on_instances("stop-instances", startInstancesAfterDuration="PT1M"), tagged(drill))
    for wanted in ("stopped", "running"):
        eventually(lambda: state(hasty.client("ec2"), name), lambda seen, wanted=wanted: seen == wanted)


def test_an_alarm_stops_the_experiment(hasty, faults, instance):
    name, drill = instance
    cloudwatch = hasty.client("cloudwatch")
    alarm = f"errors-{drill}"
    cloudwatch.put_metric_alarm(
        AlarmName=alarm, MetricName="Errors", Namespace="goals", ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1, Period=60, Statistic="Sum", Threshold=1,
    )  # fmt: skip
    arn = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["AlarmArn"]
    experiment = faults.start(
        on_instances("stop-instances", startInstancesAfterDuration="PT12H"), tagged(drill),
        stopConditions=[{"source": "aws:cloudwatch:alarm", "value": arn}],
    )  # fmt: skip
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "stopped")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a drill")
    ended = faults.becomes(experiment, "stopped")
    assert ended["state"]["reason"] == "Experiment halted by stop condition."
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "running")


def test_an_instance_that_was_terminated_meanwhile_can_not_be_started(hasty, faults, network):
    outcomes = {}
    for allowed in ("false", "true"):
        name, drill = running(hasty, network)
        parameters = {"startInstancesAfterDuration": "PT1M", "completeIfInstancesTerminated": allowed}
        experiment = faults.start(on_instances("stop-instances", **parameters), tagged(drill))
        faults.action(experiment, "act", "running")
        hasty.client("ec2").terminate_instances(InstanceIds=[name])
        outcomes[allowed] = faults.becomes(experiment, {"false": "failed", "true": "completed"}[allowed])["state"]
    assert outcomes["false"]["error"] == {
        "accountId": "123456789012", "code": "InvalidTarget", "location": "action: act"
    }  # fmt: skip
    assert "terminated meanwhile" in outcomes["false"]["reason"]


def test_actions_start_after_others(faults):
    experiment = faults.start({"first": wait(), "second": wait(startAfter=["first"])})
    faults.action(experiment, "first", "running")
    assert faults.get(experiment)["actions"]["second"]["state"]["status"] == "pending"
    ended = faults.becomes(experiment, "completed")
    assert ended["actions"]["first"]["endTime"] <= ended["actions"]["second"]["startTime"]


def test_targets_are_found_by_tag_filter_and_selection(hasty, faults, network):
    drill = f"drill-{next(NUMBERS)}"
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "drill", "Value": drill}]}]
    names = [
        launch(hasty, network, SubnetId=subnet, TagSpecifications=tags)["InstanceId"]
        for subnet in (network.subnets[0], network.subnets[0], network.subnets[1])
    ]
    for name in names:
        eventually(lambda name=name: state(hasty.client("ec2"), name), lambda seen: seen == "running")

    def found(selection="ALL", **more):
        targets = {"those": instances(selection, **({"resourceTags": {"drill": drill}} | more))}
        template = faults.template(on_instances("terminate-instances"), targets)
        started = faults.fis.start_experiment(
            experimentTemplateId=template["id"], experimentOptions={"actionsMode": "skip-all"}
        )["experiment"]
        ended = faults.becomes(started["id"], "completed")
        assert ended["actions"]["act"]["state"]["status"] == "skipped"
        resolved = faults.fis.list_experiment_resolved_targets(experimentId=started["id"])["resolvedTargets"]
        return {each["targetInformation"]["arn"].rpartition("/")[2] for each in resolved}

    in_zone = {"path": "Placement.AvailabilityZone", "values": ["us-east-1a", "us-east-1c"]}
    is_running = {"path": "State.Name", "values": ["running"]}
    in_group = {"path": "NetworkInterfaces.Groups.GroupId", "values": [network.group]}
    assert found() == set(names)
    assert found(filters=[in_zone, is_running, in_group]) == set(names[:2])
    assert len(found("COUNT(2)")) == 2
    assert len(found("PERCENT(50)")) == 1
    arns = [f"arn:aws:ec2:us-east-1:123456789012:instance/{name}" for name in names[1:]]
    assert found(resourceArns=arns, resourceTags={}) == set(names[1:])
    assert {state(hasty.client("ec2"), name) for name in names} == {"running"}


@pytest.mark.parametrize(
    "target",
    [
        {"resourceTags": {"drill": "nobody"}},
        {"resourceArns": ["arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0"]},
    ],
)
def test_a_target_without_resources_fails_the_experiment(faults, target):
    experiment = faults.start(
        {**on_instances("stop-instances"), "other": wait()}, {"those": instances(**target)}
    )  # fmt: skip
    ended = faults.becomes(experiment, "failed")
    assert ended["state"]["error"]["code"] == "InvalidTarget"
    assert ended["state"]["error"]["location"] == "target: those"
    assert {each["state"]["status"] for each in ended["actions"].values()} == {"cancelled"}


def test_an_action_whose_target_may_be_empty_is_skipped(faults):
    ended = faults.run(
        {**on_instances("stop-instances"), "other": wait(startAfter=["act"])},
        {"those": instances(resourceTags={"drill": "nobody"})},
        experimentOptions={"emptyTargetResolutionMode": "skip"},
    )
    assert ended["actions"]["act"]["state"]["status"] == "skipped"
    assert ended["actions"]["other"]["state"]["status"] == "completed"


def test_a_running_experiment_keeps_what_its_template_was(faults):
    template = faults.template({"pause": wait()})
    experiment = faults.fis.start_experiment(experimentTemplateId=template["id"])["experiment"]["id"]
    faults.fis.update_experiment_template(id=template["id"], actions={"other": wait(2)}, description="changed")
    assert list(faults.becomes(experiment, "completed")["actions"]) == ["pause"]
    seen = faults.fis.get_experiment_template(id=template["id"])["experimentTemplate"]
    assert (list(seen["actions"]), seen["description"]) == (["other"], "changed")
    faults.fis.delete_experiment_template(id=template["id"])
    refused(lambda: faults.fis.get_experiment_template(id=template["id"]), "ResourceNotFoundException")
    assert faults.get(experiment)["experimentTemplateId"] == template["id"]


def test_tokens_make_requests_idempotent(faults):
    wanted = {
        "clientToken": "once", "description": "x", "actions": {"pause": wait()}, "roleArn": faults.role,
        "stopConditions": [{"source": "none"}],
    }  # fmt: skip
    first = faults.fis.create_experiment_template(**wanted)["experimentTemplate"]
    assert faults.fis.create_experiment_template(**wanted)["experimentTemplate"]["id"] == first["id"]
    refused(
        lambda: faults.fis.create_experiment_template(**{**wanted, "description": "y"}), "ConflictException"
    )  # fmt: skip
    start = {"clientToken": "once", "experimentTemplateId": first["id"]}
    experiments = {faults.fis.start_experiment(**start)["experiment"]["id"] for _ in range(2)}
    assert len(experiments) == 1
    other = faults.template({"pause": wait()})["id"]
    refused(lambda: faults.fis.start_experiment(**{**start, "experimentTemplateId": other}), "ConflictException")
    listed = faults.fis.list_experiments(experimentTemplateId=first["id"])["experiments"]
    assert {each["id"] for each in listed} == experiments
    faults.becomes(experiments.pop(), "completed")


def test_tags_of_templates_and_experiments(faults):
    template = faults.template({"pause": wait()}, tags={"team": "goals"})
    assert template["tags"] == {"team": "goals"}
    faults.fis.tag_resource(resourceArn=template["arn"], tags={"more": "yes"})
    assert faults.fis.list_tags_for_resource(resourceArn=template["arn"])["tags"] == {"team": "goals", "more": "yes"}
    summaries = faults.fis.list_experiment_templates()["experimentTemplates"]
    assert {"team": "goals", "more": "yes"} in [each["tags"] for each in summaries]
    started = faults.fis.start_experiment(experimentTemplateId=template["id"], tags={"run": "1"})["experiment"]
    assert faults.becomes(started["id"], "completed")["tags"] == {"run": "1"}


def test_actions_and_resource_types_are_described(faults):
    actions = {each["id"]: each for each in faults.fis.list_actions()["actions"]}
    assert actions["aws:ec2:stop-instances"]["targets"] == {"Instances": {"resourceType": "aws:ec2:instance"}}
    action = faults.fis.get_action(id="aws:fis:wait")["action"]
    assert action["parameters"]["duration"]["required"] is True
    refused(lambda: faults.fis.get_action(id="aws:fis:nothing"), "ResourceNotFoundException")
    types = [each["resourceType"] for each in faults.fis.list_target_resource_types()["targetResourceTypes"]]
    used = {target["resourceType"] for each in actions.values() for target in each["targets"].values()}
    assert used <= set(types)
    subnets = faults.fis.get_target_resource_type(resourceType="aws:ec2:subnet")["targetResourceType"]
    assert set(subnets["parameters"]) == {"availabilityZoneIdentifier", "vpc"}
    refused(lambda: faults.fis.get_target_resource_type(resourceType="aws:no:type"), "ResourceNotFoundException")
    page = faults.fis.list_actions(maxResults=1)
    assert len(page["actions"]) == 1
    following = faults.fis.list_actions(maxResults=1, nextToken=page["nextToken"])
    assert following["actions"][0]["id"] != page["actions"][0]["id"]


def test_alarm_states_are_asserted(hasty, faults):
    cloudwatch = hasty.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="calm", MetricName="Errors", Namespace="goals", ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1, Period=60, Statistic="Sum", Threshold=1,
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName="calm", StateValue="OK", StateReason="a drill")
    arn = cloudwatch.describe_alarms(AlarmNames=["calm"])["MetricAlarms"][0]["AlarmArn"]
    look = {
        "actionId": "aws:cloudwatch:assert-alarm-state",
        "parameters": {"alarmArns": arn, "alarmStates": "OK,INSUFFICIENT_DATA"},
    }
    faults.run({"look": look})
    cloudwatch.set_alarm_state(AlarmName="calm", StateValue="ALARM", StateReason="a drill")
    ended = faults.becomes(faults.start({"other": wait(720), "look": look}), "failed")
    assert ended["actions"]["look"]["state"]["status"] == "failed"
    assert ended["actions"]["other"]["state"]["status"] == "stopped"
    assert "is ALARM, not OK" in ended["state"]["reason"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"actions": {}}, "at least one action"),
        ({"stopConditions": []}, "stop condition"),
        ({"actions": {"act": {"actionId": "aws:ec2:explode"}}}, "Unknown action ID aws:ec2:explode found in action"),
        ({"actions": {"act": {"actionId": "aws:fis:wait"}}}, 'Missing required parameter "duration" in action "act"'),
        ({"actions": {"act": wait(0)}}, 'Invalid value "PT0M" of parameter "duration"'),
        ({"actions": {"act": wait(721)}}, "from one minute to 12 hours"),
        ({"actions": {"act": wait(targets={"Instances": "those"})}}, 'Unexpected target "Instances" found in action'),
        ({"actions": {"act": wait(startAfter=["act"])}}, "wait for each other: act -> act"),
        ({"actions": {"act": wait(startAfter=["none"])}}, 'starts after "none", which is not defined'),
        ({"actions": on_instances("stop-instances")}, 'Target "those" of action "act" is not defined'),
        ({"actions": {"act": {"actionId": "aws:ec2:stop-instances"}}}, 'Missing target "Instances" in action "act"'),
        ({"actions": on_instances("reboot-instances", color="red")}, 'Unexpected parameter "color"'),
        ({"targets": {"those": {"resourceType": "aws:no:type", "selectionMode": "ALL"}}}, "aws:no:type of target"),
        ({"targets": {"those": instances()}}, "resource ARNs, resource tags or parameters"),
        ({"targets": {"those": instances("SOME", resourceTags={"a": "b"})}}, "Invalid selection mode SOME"),
        ({"targets": {"those": instances("PERCENT(101)", resourceTags={"a": "b"})}}, "PERCENT(101)"),
        (
            {"targets": {"those": instances(resourceTags={"a": "b"}, resourceArns=["arn:aws:ec2:us-east-1:1:i/i-1"])}},
            "You cannot specify both resource ARNs and resource tags for target those",
        ),
        ({"targets": {"those": instances(parameters={"vpc": "vpc-1"})}}, 'does not support the parameter "vpc"'),
        ({"targets": {"those": instances(resourceArns=[f"arn:aws:ec2:us-east-1:1:i/{n}" for n in range(6)])}}, "to 5"),
        ({"actions": {"act": {"actionId": "aws:fis:wait", "parameters": {"duration": "P" * 1025}}}}, "equal to 1024"),
        ({"actions": {"a" * 65: wait()}}, "equal to 64"),
        ({"description": "d" * 513}, "Value at 'description' failed to satisfy constraint"),
        ({"stopConditions": [{"source": "alarm"}]}, "source alarm"),
        ({"stopConditions": [{"source": "aws:cloudwatch:alarm"}]}, "ARN of a CloudWatch alarm"),
        ({"roleArn": "arn:aws:iam::123456789012:role/nobody"}, "role/nobody does not exist"),
        ({"logConfiguration": {"logSchemaVersion": 2}}, "at least one log destination"),
        ({"experimentOptions": {"accountTargeting": "multi-account"}}, "one account"),
    ],
)
def test_wrong_templates_are_refused(faults, wrong, message):
    assert message in refused(
        lambda: faults.template(**({"actions": {"pause": wait()}} | wrong)), "ValidationException"
    )


def test_an_update_is_checked_as_a_whole(faults):
    template = faults.template({"pause": wait()})
    change = {"id": template["id"], "actions": on_instances("stop-instances")}
    refused(lambda: faults.fis.update_experiment_template(**change), "ValidationException")
    assert faults.fis.get_experiment_template(id=template["id"])["experimentTemplate"]["actions"] == template["actions"]
    refused(lambda: faults.fis.update_experiment_template(id="EXTnone"), "ResourceNotFoundException")
    refused(lambda: faults.fis.start_experiment(experimentTemplateId="EXTnone"), "ResourceNotFoundException")
    refused(lambda: faults.fis.stop_experiment(id="EXPnone"), "ResourceNotFoundException")


def test_a_role_that_does_not_trust_the_service_is_refused(faults):
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = faults.make_role({"Effect": "Allow", "Action": "*", "Resource": "*"}, trust=trust)
    message = refused(lambda: faults.template({"pause": wait()}, roleArn=role), "ValidationException")
    assert "can't be assumed by fis.amazonaws.com" in message


def test_a_role_that_may_too_little_fails_the_experiment(hasty, faults, instance):
    name, drill = instance
    describe = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}
    stop = {"Effect": "Allow", "Action": ["ec2:StopInstances", "ec2:StartInstances"], "Resource": "*"}
    elsewhere = {**stop, "Resource": "arn:aws:ec2:eu-west-1:*:instance/*"}
    actions = on_instances("stop-instances")
    bounded = faults.make_role(describe, stop, boundary="arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")
    for role, location in [
        (faults.make_role(stop), "target: those"),
        (faults.make_role(describe, elsewhere), "action: act"),
        (bounded, "action: act"),
    ]:
        experiment = faults.start(actions, tagged(drill), roleArn=role)
        error = faults.becomes(experiment, "failed")["state"]
        assert (error["error"]["code"], error["error"]["location"]) == ("AuthorizationFailure", location)
        assert "is not authorized to perform: ec2:" in error["reason"]
    assert state(hasty.client("ec2"), name) == "running"
    faults.run(actions, tagged(drill), roleArn=faults.make_role(describe, stop))
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "stopped")


def test_the_managed_policy_is_enough(hasty, faults, instance):
    name, drill = instance
    role = faults.make_role(attach="AWSFaultInjectionSimulatorEC2Access")
    faults.run(on_instances("terminate-instances"), tagged(drill), roleArn=role)
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "terminated")


def test_the_safety_lever_stops_what_runs_and_cancels_what_comes(hasty, faults, instance):
    name, drill = instance
    lever = faults.fis.get_safety_lever(id="default")["safetyLever"]
    assert lever["state"]["status"] == "disengaged"
    assert lever["arn"].endswith(":safety-lever/default")
    refused(lambda: faults.fis.get_safety_lever(id="other"), "ResourceNotFoundException")
    experiment = faults.start(on_instances("stop-instances", startInstancesAfterDuration="PT12H"), tagged(drill))
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "stopped")
    template = faults.template({"pause": wait()})["id"]
    faults.fis.update_safety_lever_state(id="default", state={"status": "engaged", "reason": "an incident"})
    try:
        assert "safety lever" in faults.becomes(experiment, "stopped")["state"]["reason"]
        lever = faults.fis.get_safety_lever(id="default")["safetyLever"]["state"]
        assert lever == {"status": "engaged", "reason": "an incident"}
        cancelled = faults.fis.start_experiment(experimentTemplateId=template)["experiment"]
        assert cancelled["state"]["status"] == "cancelled"
        assert cancelled["actions"]["pause"]["state"]["status"] == "cancelled"
    finally:
        faults.fis.update_safety_lever_state(id="default", state={"status": "disengaged", "reason": "over"})
    eventually(lambda: state(hasty.client("ec2"), name), lambda seen: seen == "running")
    faults.run({"pause": wait()})


def test_five_experiments_may_be_active(faults):
    active = [faults.start({"pause": wait(720)}) for _ in range(5)]
    template = faults.template({"pause": wait(720)})["id"]
    start = {"experimentTemplateId": template}
    message = refused(lambda: faults.fis.start_experiment(**start), "ServiceQuotaExceededException")
    assert all(experiment in message for experiment in active)
    for experiment in active:
        faults.fis.stop_experiment(id=experiment)
    for experiment in active:
        faults.becomes(experiment, "stopped")

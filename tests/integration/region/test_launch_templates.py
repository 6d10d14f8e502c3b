"""Launch templates as AWS has them where moto does not."""

from tests.integration.region.regions import refused


def test_tags_follow_and_stay_out_of_the_launch_data(ec2):
    own = [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "1"}]}]
    made = ec2.create_launch_template(
        LaunchTemplateName="tagged", LaunchTemplateData={"ImageId": "ami-1"}, TagSpecifications=own
    )["LaunchTemplate"]
    ec2.create_tags(Resources=[made["LaunchTemplateId"]], Tags=[{"Key": "b", "Value": "2"}])
    ec2.delete_tags(Resources=[made["LaunchTemplateId"]], Tags=[{"Key": "a"}])
    seen = ec2.describe_launch_templates(LaunchTemplateNames=["tagged"])["LaunchTemplates"][0]
    assert seen["Tags"] == [{"Key": "b", "Value": "2"}]
    version = ec2.describe_launch_template_versions(LaunchTemplateName="tagged")["LaunchTemplateVersions"][0]
    assert version["LaunchTemplateData"] == {"ImageId": "ami-1"}


def test_versions_can_be_deleted_but_not_the_default(ec2):
    made = ec2.create_launch_template(LaunchTemplateName="versions", LaunchTemplateData={"ImageId": "ami-1"})
    name = {"LaunchTemplateId": made["LaunchTemplate"]["LaunchTemplateId"]}
    for number in range(2, 20):
        ec2.create_launch_template_version(**name, LaunchTemplateData={"ImageId": f"ami-{number}"})
    answer = ec2.delete_launch_template_versions(**name, Versions=["1", "2", "99"])
    assert [each["VersionNumber"] for each in answer["SuccessfullyDeletedLaunchTemplateVersions"]] == [2]
    kept = {
        each["VersionNumber"]: each["ResponseError"]["Code"]
        for each in answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
    }
    assert kept == {1: "unexpectedError", 99: "launchTemplateVersionDoesNotExist"}
    left = ec2.describe_launch_template_versions(**name)["LaunchTemplateVersions"]
    assert [version["VersionNumber"] for version in left] == [1, *range(3, 20)]
    refused(
        lambda: ec2.describe_launch_template_versions(**name, Versions=["2"]), "InvalidLaunchTemplateId.VersionNotFound"
    )
    again = ec2.create_launch_template_version(**name, LaunchTemplateData={"ImageId": "ami-20"})
    assert again["LaunchTemplateVersion"]["VersionNumber"] == 20

"""CloudWatch alarms as AWS has them where moto does not."""


def test_tags_are_those_of_the_alarm_that_was_made_with_them(region):
    cloudwatch = region.client("cloudwatch")

    def put(tags):
        cloudwatch.put_metric_alarm(
            AlarmName="tagged",
            Namespace="goals",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Tags=[{"Key": key, "Value": "1"} for key in tags],
        )
        arn = cloudwatch.describe_alarms(AlarmNames=["tagged"])["MetricAlarms"][0]["AlarmArn"]
        return [tag["Key"] for tag in cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]]

    assert put(["a"]) == ["a"]
    assert put(["b"]) == ["a"], "an update takes no tags"
    cloudwatch.delete_alarms(AlarmNames=["tagged"])
    assert put(["c"]) == ["c"]
    cloudwatch.delete_alarms(AlarmNames=["tagged"])


def test_a_dashboard_has_its_tags(aws):
    cloudwatch = aws("cloudwatch")

    def tags(arn):
        return {each["Key"]: each["Value"] for each in cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]}

    body = {"DashboardName": "tagged", "DashboardBody": '{"widgets": []}'}
    cloudwatch.put_dashboard(**body, Tags=[{"Key": "a", "Value": "1"}])
    arn = cloudwatch.get_dashboard(DashboardName="tagged")["DashboardArn"]
    cloudwatch.put_dashboard(**body, Tags=[{"Key": "a", "Value": "2"}])
    assert tags(arn) == {"a": "1"}, "it is there: its tags are left alone"
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert tags(arn) == {"b": "2"}
    cloudwatch.delete_dashboards(DashboardNames=["tagged"])
    cloudwatch.put_dashboard(**body)
    assert tags(arn) == {}
    cloudwatch.delete_dashboards(DashboardNames=["tagged"])

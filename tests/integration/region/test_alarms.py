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

"""Descriptions of security group rules, as AWS tells, changes and forgets them."""

import pytest


@pytest.mark.parametrize("end", ["IpRanges", "UserIdGroupPairs"])
def test_a_rules_description_is_told_changed_and_taken_away(ec2, network, end):
    group = ec2.create_security_group(GroupName=f"told-{end}", Description="d", VpcId=network.vpc)["GroupId"]
    other_end = {"IpRanges": {"CidrIp": "10.0.0.0/8"}, "UserIdGroupPairs": {"GroupId": group}}[end]
    by_group = [{"Name": "group-id", "Values": [group]}]

    def permission(**about):
        rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, end: [{**other_end, **about}]}
        return {"GroupId": group, "IpPermissions": [rule]}

    def told():
        rules = ec2.describe_security_group_rules(Filters=by_group)["SecurityGroupRules"]
        return [rule.get("Description") for rule in rules if not rule["IsEgress"]]

    ec2.authorize_security_group_ingress(**permission(Description="first"))
    assert told() == ["first"]
    with pytest.raises(ec2.exceptions.ClientError, match=r"InvalidPermission\.Duplicate"):
        ec2.authorize_security_group_ingress(**permission(Description="second"))
    ec2.update_security_group_rule_descriptions_ingress(**permission(Description="second"))
    assert told() == ["second"]
    ec2.update_security_group_rule_descriptions_ingress(**permission())
    assert told() == [None]
    ec2.delete_security_group(GroupId=group)

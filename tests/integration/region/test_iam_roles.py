"""IAM roles as AWS has them where moto does not."""


def test_an_update_leaves_alone_what_it_does_not_give(region):
    iam = region.client("iam")
    iam.create_role(RoleName="updated", AssumeRolePolicyDocument="{}", Description="a", MaxSessionDuration=7200)

    def seen():
        role = iam.get_role(RoleName="updated")["Role"]
        return role.get("Description", ""), role["MaxSessionDuration"]

    iam.update_role(RoleName="updated", Description="b")
    assert seen() == ("b", 7200)
    iam.update_role(RoleName="updated", MaxSessionDuration=3600)
    assert seen() == ("b", 3600)
    iam.update_role(RoleName="updated", Description="")
    assert seen() == ("", 3600)
    iam.delete_role(RoleName="updated")

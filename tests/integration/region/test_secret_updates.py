"""Secrets as AWS has them where moto does not."""


def test_a_description_can_be_taken_away(region):
    client = region.client("secretsmanager")
    client.create_secret(Name="updated", SecretString="a", Description="b")
    client.update_secret(SecretId="updated", SecretString="c")
    assert client.describe_secret(SecretId="updated")["Description"] == "b"
    client.update_secret(SecretId="updated", Description="")
    assert client.describe_secret(SecretId="updated").get("Description", "") == ""
    assert client.get_secret_value(SecretId="updated")["SecretString"] == "c"
    client.delete_secret(SecretId="updated", ForceDeleteWithoutRecovery=True)

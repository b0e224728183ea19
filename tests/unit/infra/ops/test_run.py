"""The people who may sign in on the emulator."""

import boto3
from moto import mock_aws

from infra.ops.run import people
from infra.template import load, of_type


@mock_aws
def test_a_supplier_has_the_groups_of_all_datasets_and_an_operator_one() -> None:
    cognito = boto3.client("cognito-idp", region_name="eu-west-2")
    (made,) = of_type(load(), "AWS::Cognito::UserPool").values()
    policy = made["Policies"]  # as long a password as the template wants
    pool = cognito.create_user_pool(PoolName="pool", Policies=policy)["UserPool"]["Id"]
    for group in ("operators", "supply-eric_trust", "supply-beds"):
        cognito.create_group(UserPoolId=pool, GroupName=group)
    assert people(cognito, pool) == ["supplier@example.org", "operator@example.org"]

    def groups(name: str) -> set[str]:
        found = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=name)["Groups"]
        return {group["GroupName"] for group in found}

    assert groups("supplier@example.org") == {"supply-eric_trust", "supply-beds"}
    assert groups("operator@example.org") == {"operators"}
    confirmed = cognito.list_users(UserPoolId=pool)["Users"]
    assert {user["UserStatus"] for user in confirmed} == {"CONFIRMED"}

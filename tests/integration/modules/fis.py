"""The ground of the tests of fault injection: a role that FIS may assume."""

from __future__ import annotations

import json
from typing import Any

NAME = "drills"


def make_role(iam: Any) -> str:
    """The ARN of a role that experiments may use for everything."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "fis.amazonaws.com"}}
    made = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=document(trust))
    all_of_it = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(RoleName=NAME, PolicyName="all", PolicyDocument=document(all_of_it))
    return str(made["Role"]["Arn"])


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def remove_role(iam: Any) -> None:
    iam.delete_role_policy(RoleName=NAME, PolicyName="all")
    iam.delete_role(RoleName=NAME)

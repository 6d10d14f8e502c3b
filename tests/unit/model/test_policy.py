"""What policy documents mean, and that the same meaning is the same however it is written."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.policy import document, faults, same


def policy(**statement):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


ONE = policy(Action=["s3:GetObject", "s3:PutObject"], Resource="*")
ROOT = "arn:aws:iam::123456789012:root"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(ONE, {"Statement": ONE["Statement"][0], "Version": "2012-10-17"}, id="one statement, no list"),
        pytest.param(ONE, policy(Resource=["*"], Action=["s3:PutObject", "s3:GetObject"]), id="in another order"),
        pytest.param(policy(Action="S3:getobject"), policy(Action=["s3:GetObject"]), id="actions have no case"),
        pytest.param(policy(Principal="*"), policy(Principal={"AWS": ["*"]}), id="everyone"),
        pytest.param(policy(Principal={"AWS": "123456789012"}), policy(Principal={"AWS": ROOT}), id="an account"),
        pytest.param(
            policy(Condition={"Bool": {"aws:SecureTransport": True}}),
            policy(Condition={"Bool": {"aws:SecureTransport": ["true"]}}),
            id="condition",
        ),
        pytest.param({"Statement": []}, {"Version": "2008-10-17", "Statement": []}, id="the oldest version"),
        pytest.param(
            {"Statement": [*policy(Sid="a")["Statement"], *policy(Sid="b")["Statement"]]},
            {"Statement": [*policy(Sid="b")["Statement"], *policy(Sid="a")["Statement"]]},
            id="statements in another order",
        ),
    ],
)
def test_the_same(one, other):
    assert same(one, other)


@pytest.mark.parametrize(
    "other",
    [
        policy(Action="s3:GetObject", Resource="*"),
        policy(Action=["s3:GetObject", "s3:PutObject"], Resource="arn:aws:s3:::goals/*"),
        policy(NotAction=["s3:GetObject", "s3:PutObject"], Resource="*"),
        {**ONE, "Version": "2008-10-17"},
        None,
    ],
)
def test_not_the_same(other):
    assert not same(ONE, other)


def test_resources_have_case():
    assert not same(policy(Resource="arn:aws:s3:::a/B"), policy(Resource="arn:aws:s3:::a/b"))


@pytest.mark.parametrize("written", [ONE, json.dumps(ONE), quote(json.dumps(ONE))])
def test_a_document_is_read_however_it_is_written(written):
    assert document(written) == ONE


@pytest.mark.parametrize(
    ("written", "cause"), [("{", "no policy document"), ("[]", "no JSON object"), ({}, "Statement")]
)
def test_what_is_no_document_is_refused(written, cause):
    (fault,) = faults("trust_policy", written)
    assert fault.option == "trust_policy"
    assert cause in fault.cause


@pytest.mark.parametrize("written", [None, ONE, json.dumps(ONE)])
def test_a_document_and_none_have_no_fault(written):
    assert faults("trust_policy", written) == ()

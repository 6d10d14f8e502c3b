"""Which version a rollback goes back to."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ha_stack.aws.plugins.filter.previous_version import previous_version


def group(version, *refreshes):
    return {
        "name": "goals",
        "launch_template": {"id": "lt-1", "name": "goals", "version": version},
        "refreshes": [{"launch_template_version": number, "status": status} for number, status in refreshes],
    }


@pytest.mark.parametrize(
    ("seen", "previous"),
    [
        pytest.param(group(2, ("2", "Successful")), 1, id="the first one had no refresh"),
        pytest.param(group(4, ("4", "Successful"), ("3", "Successful")), 3, id="the one before"),
        pytest.param(
            group(4, ("4", "Successful"), ("3", "RollbackSuccessful"), ("2", "Failed")), 1, id="failed ones never were"
        ),
        pytest.param(
            group(3, ("3", "Successful"), ("2", "Successful"), ("2", "Failed")), 2, id="the newest attempt counts"
        ),
        pytest.param(group(2, ("2", "Successful"), (None, "Successful")), 1, id="a refresh that tells no version"),
        pytest.param(
            group(4, ("4", "Successful"), ("2", "Successful")), 2, id="one that was never refreshed to is none"
        ),
    ],
)
def test_previous_version(seen, previous):
    assert previous_version(seen) == previous


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        pytest.param(group(1), "no version before it has proved itself", id="nothing before"),
        pytest.param(
            group(40, ("40", "Successful")), "no version before it has proved itself", id="AWS has forgotten the others"
        ),
        pytest.param(group(2, ("1", "Cancelled")), "no version before it has proved itself", id="only a cancelled one"),
        pytest.param({**group(1), "launch_template": None}, "has no launch template", id="no template"),
    ],
)
def test_nothing_to_go_back_to(seen, said):
    with pytest.raises(AnsibleFilterError, match=said):
        previous_version(seen)

"""What users of other modules and providers complain of, and the tests that would have caught it here."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
MODULES, UNIT = "integration/modules", "unit"
SCALING = f"{MODULES}/test_autoscaling_complaints.py"
OTHERS = f"{MODULES}/test_other_complaints.py"
GROUPS, BALANCERS = f"{MODULES}/test_target_group.py", f"{MODULES}/test_load_balancer.py"

# Where it is told -> what happens there -> file and test.
COMPLAINTS = {
    "amazon.aws autoscaling_group": {
        "check mode says changed before it compares": (SCALING, "test_check_mode_compares_before_it_says_changed"),
        "termination policies that are left out are reset": (
            SCALING,
            "test_termination_policies_that_a_task_leaves_out_are_not_reset",
        ),
        "replacing all instances leaves the sizes altered": (SCALING, "test_a_refresh_does_not_alter_the_sizes"),
    },
    "amazon.aws autoscaling_instance_refresh": {
        "does not wait": (SCALING, "test_a_run_ends_when_the_refresh_has_ended"),
        "no desired configuration, no rollback": (
            f"{MODULES}/test_instance_refresh.py",
            "test_a_rollback_brings_the_old_version_back",
        ),
        "returns no changed": (f"{MODULES}/test_instance_refresh.py", "test_twelve_steps"),
    },
    "terraform-provider-aws #34189, #42355, #29830": {
        "the group is updated before the refresh, so that it rolls back to the bad version": (
            SCALING,
            "test_a_refresh_can_be_rolled_back_as_the_group_was_not_updated_before_it",
        ),
        "apply ends when the refresh starts": (SCALING, "test_a_run_ends_when_the_refresh_has_ended"),
        "a version without a number can't be rolled back to": (
            SCALING,
            "test_a_version_without_a_number_is_refused_since_no_refresh_would_see_it_change",
        ),
    },
    "terraform-provider-aws PR 22464": {
        "$Latest never fires a refresh": (SCALING, "test_a_refresh_to_the_latest_version_fires_for_each_new_version"),
    },
    "terraform-provider-aws #37523": {
        "desired capacity is fought over": (SCALING, "test_desired_capacity_is_left_to_a_scaling_policy"),
    },
    "terraform-provider-aws #14540": {
        "attachments of target groups come and go": (
            SCALING,
            "test_target_groups_that_are_attached_elsewhere_stay_where_a_task_names_none",
        ),
    },
    "community.aws #685": {
        "a new launch template version drops what the source had": (
            f"{MODULES}/test_launch_template.py",
            "test_a_new_version_keeps_what_is_not_given",
        ),
    },
    "amazon.aws PR 1593": {
        "more than 20 target groups": (SCALING, "test_more_than_twenty_target_groups_are_attached_and_stay"),
        "and where a listener forwards to them": (SCALING, "test_more_than_twenty_target_groups_are_forwarded_to"),
    },
    "amazon.aws elb_application_lb": {
        "check mode ends at the first difference": (BALANCERS, "test_drift_is_found_and_repaired"),
        "wait_timeout is read by nothing": (BALANCERS, "test_a_wait_that_runs_out_tells_the_state"),
        "#2400 a new load balancer with rules fails": (BALANCERS, "test_twelve_steps"),
        "#1510 attributes are dropped at creation": (BALANCERS, "test_twelve_steps"),
        "#2377, #2537 differences that are none": (
            f"{UNIT}/model/test_listener.py",
            "test_an_action_reads_the_same_whoever_wrote_it",
        ),
        "#2939 rules in no stable order": (
            f"{UNIT}/model/test_listener.py",
            "test_rules_are_in_order_of_priority_whoever_tells_them_and_the_default_rule_is_none",
        ),
    },
    "ansible #25270, #43109": {
        "a listener is made again, with another ARN": (
            BALANCERS,
            "test_a_listener_keeps_its_arn_when_it_changes_its_protocol",
        ),
        "rules that are not listed are purged": (
            f"{MODULES}/test_listeners.py",
            "test_what_others_keep_on_the_load_balancer_stays_where_nothing_is_purged",
        ),
    },
    "community.aws elb_target_group": {
        "no check mode": (GROUPS, "test_twelve_steps"),
        "another port, protocol or VPC just fails": (GROUPS, "test_a_target_group_in_use_is_replaced_with_its_traffic"),
        "#308 no slow start": (f"{UNIT}/aws/test_target_group.py", "test_create_puts_the_attributes_after_it"),
    },
    "terraform-provider-aws #636, #16889": {
        "replacing an attached target group is ResourceInUse": (
            GROUPS,
            "test_a_target_group_in_use_is_replaced_with_its_traffic",
        ),
    },
    "amazon.aws rds_instance": {
        "changed on every run": (f"{MODULES}/test_db_instance.py", "test_twelve_steps"),
        "no managed master password": (
            f"{MODULES}/test_db_instance.py",
            "test_the_password_is_in_secrets_manager_and_nowhere_else",
        ),
        "the wait is fixed at 15 minutes": (OTHERS, "test_a_database_is_waited_for_as_long_as_is_said"),
    },
    "ansible #30000, amazon.aws #1767": {
        "throttling is not retried": (
            "integration/site/test_throttled.py",
            "test_a_stack_is_built_and_found_unchanged_although_calls_are_throttled",
        ),
    },
    "community.aws PR 471, ec2_launch_template": {
        "secrets are logged": ("e2e/test_secrets.py", "test_not_in_ansible_output_at_its_most_verbose"),
        "user data is not masked": (f"{MODULES}/test_launch_template.py", "test_user_data_is_in_no_result"),
    },
    "amazon.aws #1295": {
        "a NAT gateway that gets no address fails silently": (
            OTHERS,
            "test_a_nat_gateway_that_gets_no_address_fails_the_run_and_the_next_one_goes_on",
        ),
    },
}


@cache
def functions_of(path: Path) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def can_fail(test: ast.FunctionDef) -> bool:
    """It asserts something, or expects a failure, by itself or through the fixture of twelve steps."""
    expects = {ast.unparse(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)}
    asserts = any(isinstance(node, ast.Assert) for node in ast.walk(test))
    skipped = any("skip" in ast.unparse(mark) or "xfail" in ast.unparse(mark) for mark in test.decorator_list)
    stubbed = "stubbed" in expects  # asserts that the calls it expects are made
    return (asserts or stubbed or "pytest.raises" in expects) and not skipped


@pytest.mark.parametrize(
    ("file", "test"),
    [
        pytest.param(*where, id=f"{source}: {what}")
        for source, complaints in COMPLAINTS.items()
        for what, where in complaints.items()
    ],
)
def test_a_complaint_has_its_test(file, test):
    assert can_fail(functions_of(TESTS / file)[test])

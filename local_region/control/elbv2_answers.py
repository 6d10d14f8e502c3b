"""What ELB answers where moto answers less.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.responses import ELBV2Response

from local_region.control.patching import Replacement, around


@around(ELBV2Response, "modify_target_group_attributes")
def _all_attributes(original: Replacement, self: Any) -> ActionResult:
    """All of the target group's attributes, as DescribeTargetGroupAttributes has them; moto: what was given."""
    original(self)
    answer: ActionResult = self.describe_target_group_attributes()
    return answer

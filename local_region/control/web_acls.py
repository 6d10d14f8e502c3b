"""A resource has one web ACL: another one takes its place.

https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
"""

from __future__ import annotations

from typing import Any

from moto.wafv2.models import WAFV2Backend

from local_region.control.patching import Replacement, around


@around(WAFV2Backend, "associate_web_acl")
def _instead_of_the_other(original: Replacement, self: Any, web_acl_arn: str, resource_arn: str) -> None:
    self.disassociate_web_acl(resource_arn)
    original(self, web_acl_arn, resource_arn)

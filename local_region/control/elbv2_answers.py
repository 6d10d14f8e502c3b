"""What ELB takes and answers where moto takes and answers less.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeTargetGroup
from moto.elbv2.responses import ELBV2Response

from local_region.control.patching import Replacement, around

# What DescribeTargetGroupAttributes says besides of a new target group of instances or addresses.
ATTRIBUTES = {
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
DELAY = "deregistration_delay.timeout_seconds"
KNOWN = {"dualstack-without-public-ipv4": "dualstack"}
LONGEST_DELAY = "3600"  # of deregistration, in seconds


@around(ELBV2Response, "modify_target_group_attributes")
def _all_attributes(original: Replacement, self: Any) -> ActionResult:
    """All of the target group's attributes, as DescribeTargetGroupAttributes has them; moto: what was given."""
    original(self)
    answer: ActionResult = self.describe_target_group_attributes()
    return answer


@around(FakeTargetGroup, "__init__")
def _with_attributes(original: Replacement, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    if self.protocol in {"HTTP", "HTTPS"}:
        self.attributes.update(ATTRIBUTES)


@around(ELBv2Backend, "modify_target_group_attributes")
def _up_to_an_hour(original: Replacement, self: Any, target_group_arn: str, attributes: dict[str, Any]) -> None:
    """moto takes the longest deregistration delay for too long."""
    longest = {key: value for key, value in attributes.items() if key == DELAY and str(value) == LONGEST_DELAY}
    original(self, target_group_arn, {key: value for key, value in attributes.items() if key not in longest})
    self.target_groups[target_group_arn].attributes.update(longest)


@around(ELBV2Response, "create_target_group")
def _with_control_port(original: Replacement, self: Any) -> Any:
    answer: Any = original(self)
    answer.result["TargetGroups"][0].target_control_port = self._get_params().get("TargetControlPort")
    return answer


@around(ELBV2Response, "create_load_balancer")
def _with_pools(original: Replacement, self: Any) -> Any:
    answer: Any = original(self)
    params, balancer = self._get_params(), answer.result["LoadBalancers"][0]
    balancer.customer_owned_ipv4_pool = params.get("CustomerOwnedIpv4Pool")
    balancer.ipam_pools = params.get("IpamPools", {})
    return answer


def _modify_ip_pools(self: Any) -> ActionResult:
    """moto lacks ModifyIpPools."""
    params = self._get_params()
    [balancer] = self.elbv2_backend.describe_load_balancers([params["LoadBalancerArn"]], None)
    balancer.ipam_pools = {} if params.get("RemoveIpamPools") else params["IpamPools"]
    return ActionResult({"IpamPools": balancer.ipam_pools})


ELBV2Response.modify_ip_pools = _modify_ip_pools


@around(ELBv2Backend, "create_load_balancer")
def _any_address_type(original: Replacement, self: Any, *args: Any, **kwargs: Any) -> Any:
    """moto doesn't know dualstack-without-public-ipv4."""
    asked = str(kwargs.get("ip_address_type") or "ipv4")
    balancer = original(self, *args, **{**kwargs, "ip_address_type": KNOWN.get(asked, asked)})
    balancer.ip_address_type = asked
    return balancer


@around(ELBv2Backend, "set_ip_address_type")
def _set_any_address_type(original: Replacement, self: Any, arn: str, ip_type: str) -> None:
    original(self, arn, KNOWN.get(ip_type, ip_type))
    self.load_balancers[arn].ip_address_type = ip_type


DESCRIBED_AT_ONCE = 20


def _refuse_many(original: Replacement, self: Any, *args: Any, **kwargs: Any) -> Any:
    """moto describes as many resources by their names or ARNs as are asked for."""
    if any(len(each) > DESCRIBED_AT_ONCE for each in (*args, *kwargs.values()) if isinstance(each, list)):
        message = f"1 validation error detected: Member must have length less than or equal to {DESCRIBED_AT_ONCE}"
        raise ELBClientError("ValidationError", message)
    return original(self, *args, **kwargs)


for _operation in ("describe_target_groups", "describe_load_balancers", "describe_tags"):
    around(ELBv2Backend, _operation)(_refuse_many)

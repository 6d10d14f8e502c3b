"""Listeners and rules as AWS has them where moto has less.

Attributes, mutual TLS, several certificates, logins, regular expressions and transforms.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html and API_Rule.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeAction, FakeListener
from moto.elbv2.responses import ELBV2Response

from local_region.control.patching import Replacement, around

# What DescribeListenerAttributes says of a new listener of an application load balancer.
REQUEST_HEADERS = {
    f"routing.http.request.x_amzn_{header}.header_name": f"X-Amzn-{header.replace('_', '-').title()}"
    for header in (
        "mtls_clientcert_serial_number",
        "mtls_clientcert_issuer",
        "mtls_clientcert_subject",
        "mtls_clientcert_validity",
        "mtls_clientcert_leaf",
        "mtls_clientcert",
        "tls_version",
        "tls_cipher_suite",
    )
}
RESPONSE_HEADERS = {
    f"routing.http.response.{header}.header_value": ""
    for header in (
        "strict_transport_security",
        "access_control_allow_origin",
        "access_control_allow_methods",
        "access_control_allow_headers",
        "access_control_allow_credentials",
        "access_control_expose_headers",
        "access_control_max_age",
        "content_security_policy",
        "x_content_type_options",
        "x_frame_options",
    )
}
ATTRIBUTES = {**REQUEST_HEADERS, **RESPONSE_HEADERS, "routing.http.response.server.enabled": "true"}
SESSION = {
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "Scope": "openid",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
LOGINS = {"authenticate-oidc": "AuthenticateOidcConfig", "authenticate-cognito": "AuthenticateCognitoConfig"}
SECRET = ("ClientSecret", "UseExistingClientSecret")  # never answered
VERIFY = {"IgnoreClientCertificateExpiry": False, "AdvertiseTrustStoreCaNames": "off"}


@around(FakeListener, "__init__")
def _with_attributes(original: Replacement, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    if self.protocol in {"HTTP", "HTTPS"}:
        self.attributes = dict(ATTRIBUTES)


@around(FakeAction, "__init__")
def _without_secret(original: Replacement, self: Any, data: dict[str, Any]) -> None:
    """A login is told with all that was filled in, and without its secret."""
    config = LOGINS.get(str(data.get("Type")))
    if config:
        told = {member: value for member, value in data[config].items() if member not in SECRET}
        data = {**data, config: {**SESSION, **told}}
    original(self, data)


@around(ELBv2Backend, "_validate_actions")
def _tokens_too(original: Replacement, self: Any, actions: list[Any]) -> None:
    """moto knows no jwt-validation. Logins and tokens are for HTTPS listeners; the last action answers."""
    original(self, [action for action in actions if action.type != "jwt-validation"])
    if actions and actions[-1].type not in {"forward", "redirect", "fixed-response"}:
        raise ELBClientError("InvalidLoadBalancerAction", "The last action must be forward, redirect or fixed-response")


def _by_regex(original: Replacement, self: Any, condition: dict[str, Any]) -> None:
    """A condition has values or regular expressions; moto insists on values."""
    config: dict[str, Any] = next((value for key, value in condition.items() if key.endswith("Config")), {})
    if not (condition.get("RegexValues") or config.get("RegexValues")):
        original(self, condition)


for _field in ("host_header", "path_pattern", "http_header"):
    around(ELBv2Backend, f"_validate_{_field}_condition")(_by_regex)


@around(ELBv2Backend, "modify_listener")
def _keep_other_certificates(original: Replacement, self: Any, arn: str, *args: Any, **kwargs: Any) -> Any:
    """A new default certificate takes the old one's place, and no other's."""
    before = self.describe_listeners(None, [arn])[0].certificates[1:]
    listener = original(self, arn, *args, **kwargs)
    listener.certificates = [*listener.certificates[:1], *(each for each in before if each != listener.certificate)]
    return listener


def _mutual_authentication(original: Replacement, self: Any) -> Any:
    answer: Any = original(self)
    if wanted := self._get_params().get("MutualAuthentication"):
        told = {**VERIFY, **wanted} if wanted.get("Mode") == "verify" else wanted
        answer.result["Listeners"][0].mutual_authentication = told
    return answer


for _operation in ("create_listener", "modify_listener"):
    around(ELBV2Response, _operation)(_mutual_authentication)


@around(ELBV2Response, "create_rule")
def _create_with_transforms(original: Replacement, self: Any) -> Any:
    answer: Any = original(self)
    answer.result["Rules"][0].transforms = self._get_params().get("Transforms", [])
    return answer


@around(ELBV2Response, "modify_rule")
def _modify_with_transforms(original: Replacement, self: Any) -> Any:
    """moto refuses a request that has neither conditions nor actions."""
    params = self._get_params()
    if params.get("Conditions") or params.get("Actions"):
        answer: Any = original(self)
    else:
        answer = ActionResult({"Rules": self.elbv2_backend.describe_rules(None, [params["RuleArn"]])})
    if params.get("Transforms") or params.get("ResetTransforms"):
        answer.result["Rules"][0].transforms = params.get("Transforms", [])
    return answer

# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a distribution and its origin access control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_distribution import (
    OWN_PROTOCOL,
    PROTOCOL,
    Distribution,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_structures import (
    CUSTOM_ORIGIN,
    NEW_BEHAVIOR,
    NEW_CUSTOM_ORIGIN,
    NEW_ORIGIN,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

DISTRIBUTION, CONTROL = "distribution", "origin access control"
NEEDED = ("origins", "default_behavior")
NEW = {"enabled": True, "http_version": "http2and3", "ipv6": True}
NEW_LOGS = {"prefix": "", "include_cookies": False}
NEW_ERROR_RESPONSE = {"min_ttl": 10}
PAGE = ("page", "response_code")


def plan(want: Distribution | None, have: Distribution | None, params: Mapping[str, Any]) -> Plan:
    """The control before the distribution that names it, and after it where both go."""
    if want is None:
        return _removed(have) if have else ()
    there = have if have and have.id else None
    if there is None:
        _refuse_half(want)
    whole = keep_tags(completed(want, there), there, params["purge_tags"])
    _refuse_uncertified(whole, there)
    _refuse_unled(whole, there)
    control = want.origin_access_control
    controls = compare(CONTROL, want.name, control, have.origin_access_control if have else None) if control else ()
    return (*controls, *compare(DISTRIBUTION, want.name, whole, there))


def _removed(have: Distribution) -> Plan:
    """CloudFront deletes a distribution only once it is disabled everywhere."""
    changes: list[Change] = []
    if have.id and have.enabled:
        off = replace(have, enabled=False)
        changes.append(Change("update", DISTRIBUTION, have.name, {"enabled": True}, {"enabled": False}, off, have))
    if have.id:
        changes += compare(DISTRIBUTION, have.name, None, have)
    if have.origin_access_control:
        changes += compare(CONTROL, have.name, None, have.origin_access_control)
    return tuple(changes)


def _refuse_half(want: Distribution) -> None:
    missing = [option for option in NEEDED if not getattr(want, option)]
    if missing:
        cause = f"is missing, and there is no distribution {want.name} yet"
        raise InvalidOptions(tuple(Fault(option, None, cause, f"Give {option} to make one") for option in missing))


def _refuse_uncertified(want: Distribution, have: Distribution | None) -> None:
    """CloudFront's own certificate has its own names and policy only."""
    there = have and (have.certificate_arn or have.config.get("ViewerCertificate", {}).get("IAMCertificateId"))
    if there if want.certificate_arn is UNSET else want.certificate_arn:
        return
    names = want.aliases if want.aliases is not UNSET else (have.aliases if have else ())
    remedy = "Give certificate_arn, a certificate of ACM in us-east-1"
    faults = [Fault("aliases", names, "needs a certificate with these names", remedy)] if names else []
    if _given(want, "minimum_protocol_version") and want.minimum_protocol_version != OWN_PROTOCOL:
        cause = f"is not what CloudFront's own certificate has, {OWN_PROTOCOL}"
        faults.append(Fault("minimum_protocol_version", want.minimum_protocol_version, cause, remedy))
    if faults:
        raise InvalidOptions(tuple(faults))


def _refuse_unled(want: Distribution, have: Distribution | None) -> None:
    """Each behavior leads to one of the origins that there will be; an origin group counts as one."""
    groups = (have.config or {}).get("OriginGroups", {}).get("Items") or () if have else ()
    told = settle(want, have)
    known = [*(each["id"] for each in told.origins), *(each["Id"] for each in groups)]
    behaviors = told.behaviors if told.behaviors is not UNSET else ()
    led = {"default_behavior": told.default_behavior}
    led |= {f"behaviors[{number}]": each for number, each in enumerate(behaviors)}
    faults = [
        Fault(f"{option}.origin", each.get("origin"), "is none of the origins", f"Give one of {', '.join(known)}")
        for option, each in led.items()
        if each.get("origin") not in known
    ]
    if faults:
        raise InvalidOptions(tuple(faults))


def completed(want: Distribution, have: Distribution | None) -> Distribution:
    """``want`` with what is there in its parts and is not given, and what new ones get."""
    filled: dict[str, Any] = {} if have else {key: value for key, value in NEW.items() if not _given(want, key)}
    if want.certificate_arn:
        filled["minimum_protocol_version"] = _protocol(want, have)
    if want.access_logs:
        there = have.access_logs if have else {}
        filled["access_logs"] = {**NEW_LOGS, **there, **want.access_logs}
    if want.origins is not UNSET:
        known = _known(have.origins if have else (), "id")
        filled["origins"] = [_origin(each, known.get(each["id"])) for each in want.origins]
    if want.default_behavior is not UNSET:
        filled["default_behavior"] = {**(have.default_behavior if have else NEW_BEHAVIOR), **want.default_behavior}
    if want.behaviors is not UNSET:
        known = _known(have.behaviors if have else (), "path_pattern")
        filled["behaviors"] = [{**known.get(each["path_pattern"], NEW_BEHAVIOR), **each} for each in want.behaviors]
    if want.error_responses is not UNSET:
        known = _known(have.error_responses if have else (), "error_code")
        filled["error_responses"] = [_error_response(each, known) for each in want.error_responses]
    return replace(want, **filled)


def _given(want: Distribution, option: str) -> bool:
    return getattr(want, option) is not UNSET


def _protocol(want: Distribution, have: Distribution | None) -> Any:
    """What there is stays, but for what CloudFront has with its own certificate."""
    if _given(want, "minimum_protocol_version"):
        return want.minimum_protocol_version
    return have.minimum_protocol_version if have and have.certificate_arn else PROTOCOL


def _known(items: Sequence[Mapping[str, Any]], key: str) -> dict[str, Mapping[str, Any]]:
    return {str(item[key]): item for item in items}


def _origin(wanted: Mapping[str, Any], there: Mapping[str, Any] | None) -> dict[str, Any]:
    """A bucket's origin has no ports and protocols; one that becomes a custom origin has those of a new one."""
    whole = {**NEW_ORIGIN, **(there or {}), **wanted}
    if wanted["origin_access_control"]:
        return {option: value for option, value in whole.items() if option not in CUSTOM_ORIGIN}
    untouched = there is not None and not there["origin_access_control"] and not CUSTOM_ORIGIN.keys() & whole.keys()
    return whole if untouched else {**NEW_CUSTOM_ORIGIN, **whole}


def _error_response(wanted: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """An empty page takes it away, and with it the status that it was sent with."""
    whole = {**NEW_ERROR_RESPONSE, **known.get(str(wanted["error_code"]), {}), **wanted}
    return whole if whole.get("page") else {key: value for key, value in whole.items() if key not in PAGE}


def settled(want: Distribution, have: Distribution | None) -> Distribution:
    """What will be there, for the facts of check mode."""
    there = have if have and have.id else None
    told = settle(completed(want, there), there)
    control = have.origin_access_control if have and have.origin_access_control else want.origin_access_control
    return replace(told, origin_access_control=control)

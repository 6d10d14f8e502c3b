"""CloudFront: distributions, origin access controls and invalidations, by the service's own model.

A configuration is kept as it was given, with what CloudFront fills in. Each change is "InProgress" until it has reached
the edge locations, and gives the distribution another ETag, which the next change has to name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_region.control.backends import Backends
from local_region.control.cloudfront_config import refuse_half, refuse_wrong, whole
from local_region.control.cloudfront_state import Control, Distribution, Invalidation, new_id
from local_region.control.moment import Moment
from local_region.control.services import Refusal, Service

SERVICE = Service("cloudfront")
PAGE = 100
# Of a configuration, what ListDistributions tells too.
SUMMARY = (
    "Aliases",
    "Origins",
    "OriginGroups",
    "DefaultCacheBehavior",
    "CacheBehaviors",
    "CustomErrorResponses",
    "Comment",
    "PriceClass",
    "Enabled",
    "ViewerCertificate",
    "Restrictions",
    "WebACLId",
    "HttpVersion",
    "IsIPV6Enabled",
    "Staging",
)


def step(moment: Moment) -> None:
    """Changes reach the edge locations."""
    for each in moment.backends.cloudfront.distributions.values():
        if each.status == "InProgress" and moment.clock.over("distribution.deploying", each.etag):
            each.status = "Deployed"
    for batch in moment.backends.cloudfront.invalidations.values():
        if batch.status == "InProgress" and moment.clock.over("invalidation.running", batch.id):
            batch.status = "Completed"


# --- What they know


def _distribution(backends: Backends, id_: str) -> Distribution:
    found = backends.cloudfront.distributions.get(id_)
    if found is None:
        raise Refusal("NoSuchDistribution", "The specified distribution does not exist.")
    return found


def _control(backends: Backends, id_: str) -> Control:
    found = backends.cloudfront.controls.get(id_)
    if found is None:
        raise Refusal("NoSuchOriginAccessControl", "The specified origin access control does not exist.")
    return found


def _match(asked: dict[str, Any], etag: str) -> None:
    if not asked.get("IfMatch"):
        raise Refusal("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if asked["IfMatch"] != etag:
        message = "The request failed because it didn't meet the preconditions in one or more request-header fields."
        raise Refusal("PreconditionFailed", message)


def _page(items: Iterable[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    found, first, size = list(items), int(asked.get("Marker") or 0), int(asked.get("MaxItems") or PAGE)
    page, more = found[first : first + size], first + size < len(found)
    return {
        "Marker": asked.get("Marker") or "",
        "MaxItems": size,
        "IsTruncated": more,
        "Quantity": len(page),
        **({"NextMarker": str(first + size)} if more else {}),
        **({"Items": page} if page else {}),
    }


def _answer(distribution: Distribution, **more: Any) -> dict[str, Any]:
    told = {**distribution.told(), "InProgressInvalidationBatches": 0, "DistributionConfig": distribution.config}
    return {"Distribution": told, "ETag": distribution.etag, **more}


def _location(kind: str, id_: str) -> str:
    return f"https://cloudfront.amazonaws.com/2020-05-31/{kind}/{id_}"


def _checked(backends: Backends, config: dict[str, Any], id_: str = "") -> dict[str, Any]:
    names = {
        alias
        for other in backends.cloudfront.distributions.values()
        if other.id != id_
        for alias in other.config["Aliases"].get("Items", ())
    }
    refuse_wrong(config, names, backends.cloudfront.controls)
    return whole(config)


# --- The API: distributions


@SERVICE.operation("CreateDistribution")
def create_distribution(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    return _create(backends, asked["DistributionConfig"], {})


@SERVICE.operation("CreateDistributionWithTags")
def create_distribution_with_tags(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    given = asked["DistributionConfigWithTags"]
    return _create(backends, given["DistributionConfig"], _tags(given["Tags"]))


def _create(backends: Backends, config: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    if config["CallerReference"] in backends.cloudfront.references:
        message = "The caller reference that you are using to create a distribution is associated with another one."
        raise Refusal("DistributionAlreadyExists", message)
    checked, id_ = _checked(backends, config), new_id("E")
    arn = f"arn:aws:cloudfront::{backends.ec2.account_id}:distribution/{id_}"
    made = Distribution(id_, arn, f"{new_id('d')}.cloudfront.net", {}, tags)
    made.put(checked)
    backends.cloudfront.distributions[id_] = made
    backends.cloudfront.references.add(config["CallerReference"])
    return _answer(made, Location=_location("distribution", id_))


@SERVICE.operation("GetDistribution")
def get_distribution(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    return _answer(_distribution(backends, asked["Id"]))


@SERVICE.operation("GetDistributionConfig")
def get_distribution_config(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    found = _distribution(backends, asked["Id"])
    return {"DistributionConfig": found.config, "ETag": found.etag}


@SERVICE.operation("ListDistributions")
def list_distributions(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    there = backends.cloudfront.distributions.values()
    summaries = ({**each.told(), **{name: each.config[name] for name in SUMMARY}} for each in there)
    return {"DistributionList": _page(summaries, asked)}


@SERVICE.operation("UpdateDistribution")
def update_distribution(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    found, config = _distribution(backends, asked["Id"]), asked["DistributionConfig"]
    _match(asked, found.etag)
    if config["CallerReference"] != found.config["CallerReference"]:
        raise Refusal("IllegalUpdate", "The update contains modifications that are not allowed: CallerReference.")
    checked = _checked(backends, config, found.id)
    refuse_half(config)
    found.put(checked)
    return _answer(found)


@SERVICE.operation("DeleteDistribution")
def delete_distribution(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    found = _distribution(backends, asked["Id"])
    _match(asked, found.etag)
    if found.config["Enabled"] or found.status != "Deployed":
        raise Refusal("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
    del backends.cloudfront.distributions[found.id]
    return {}


# --- The API: tags, by a distribution's ARN


def _tags(given: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in given.get("Items") or ()}


def _tagged(backends: Backends, asked: dict[str, Any]) -> Distribution:
    found = backends.cloudfront.distributions.get(asked["Resource"].rpartition("/")[2])
    if found is None or found.arn != asked["Resource"]:
        raise Refusal("NoSuchResource", "The specified resource does not exist.")
    return found


@SERVICE.operation("ListTagsForResource")
def list_tags(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    tags = _tagged(backends, asked).tags
    return {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}}


@SERVICE.operation("TagResource")
def tag(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    _tagged(backends, asked).tags.update(_tags(asked["Tags"]))
    return {}


@SERVICE.operation("UntagResource")
def untag(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    tags = _tagged(backends, asked).tags
    for key in asked["TagKeys"].get("Items") or ():
        tags.pop(key, None)
    return {}


# --- The API: origin access controls


def _users(backends: Backends, control: Control) -> bool:
    origins = (o for each in backends.cloudfront.distributions.values() for o in each.config["Origins"]["Items"])
    return any(origin["OriginAccessControlId"] == control.id for origin in origins)


def _told(control: Control, **more: Any) -> dict[str, Any]:
    told = {"Id": control.id, "OriginAccessControlConfig": control.config}
    return {"OriginAccessControl": told, "ETag": control.etag, **more}


@SERVICE.operation("CreateOriginAccessControl")
def create_control(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    config = asked["OriginAccessControlConfig"]
    if any(each.config["Name"] == config["Name"] for each in backends.cloudfront.controls.values()):
        message = "An origin access control with the specified parameters already exists."
        raise Refusal("OriginAccessControlAlreadyExists", message)
    made = Control(new_id("E"), {"Description": "", **config}, new_id("E"))
    backends.cloudfront.controls[made.id] = made
    return _told(made, Location=_location("origin-access-control", made.id))


@SERVICE.operation("GetOriginAccessControl")
def get_control(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    return _told(_control(backends, asked["Id"]))


@SERVICE.operation("ListOriginAccessControls")
def list_controls(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    there = ({"Id": each.id, **each.config} for each in backends.cloudfront.controls.values())
    return {"OriginAccessControlList": _page(there, asked)}


@SERVICE.operation("UpdateOriginAccessControl")
def update_control(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    found = _control(backends, asked["Id"])
    _match(asked, found.etag)
    found.config, found.etag = {"Description": "", **asked["OriginAccessControlConfig"]}, new_id("E")
    return _told(found)


@SERVICE.operation("DeleteOriginAccessControl")
def delete_control(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    found = _control(backends, asked["Id"])
    _match(asked, found.etag)
    if _users(backends, found):
        message = "Cannot delete the origin access control because it's in use by one or more distributions."
        raise Refusal("OriginAccessControlInUse", message)
    del backends.cloudfront.controls[found.id]
    return {}


# --- The API: invalidations


@SERVICE.operation("CreateInvalidation")
def create_invalidation(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    found, batch = _distribution(backends, asked["DistributionId"]), asked["InvalidationBatch"]
    if batch["Paths"]["Quantity"] != len(batch["Paths"].get("Items", ())):
        raise Refusal("InconsistentQuantities", "The value of Quantity and the size of Items don't match.")
    if wrong := [path for path in batch["Paths"].get("Items", ()) if not path.startswith("/") or "~" in path]:
        raise Refusal("InvalidArgument", f"Your request contains one or more invalid invalidation paths: {wrong}")
    made = Invalidation(new_id("I"), found.id, batch)
    backends.cloudfront.invalidations[made.id] = made
    backends.cloudfront.cache.invalidate(found.id, batch["Paths"].get("Items", []))
    location = _location("distribution", f"{found.id}/invalidation/{made.id}")
    return {"Invalidation": made.told(), "Location": location}


@SERVICE.operation("GetInvalidation")
def get_invalidation(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    found = backends.cloudfront.invalidations.get(asked["Id"])
    if found is None or found.distribution != _distribution(backends, asked["DistributionId"]).id:
        raise Refusal("NoSuchInvalidation", "The specified invalidation does not exist.")
    return {"Invalidation": found.told()}


@SERVICE.operation("ListInvalidations")
def list_invalidations(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    of = _distribution(backends, asked["DistributionId"]).id
    there = [each.told() for each in backends.cloudfront.invalidations.values() if each.distribution == of]
    newest = [{k: each[k] for k in ("Id", "CreateTime", "Status")} for each in reversed(there)]
    return {"InvalidationList": _page(newest, asked)}

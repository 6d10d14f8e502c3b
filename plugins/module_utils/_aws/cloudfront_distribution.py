# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The CloudFront calls behind a distribution and its origin access control."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_distribution import (
    AccessControl,
    Distribution,
    control_from_api,
    control_to_api,
    from_api,
    pending,
    to_config,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

DISTRIBUTION, CONTROL = "distribution", "origin access control"
GONE = "NoSuchDistribution"


def read(session: Session, want: Distribution) -> Distribution | None:
    """Distributions and origin access controls are listed side by side, then the one is asked for its configuration
    and its tags. What no option needs is not asked for."""
    asked = want.origins is not UNSET or session.params["state"] == "absent"
    found, control = session.together(
        lambda: _id(session, want.name), lambda: _control(session, want.name) if asked else None
    )
    if found is None:
        return Distribution(want.name, id="", origin_access_control=control) if control else None
    id_, arn = found
    answer, own_tags = session.together(
        lambda: _get(session, id_), lambda: UNSET if want.tags is UNSET else _tags(session, arn)
    )
    return from_api(answer["Distribution"], answer["ETag"], own_tags, control, asked=asked) if answer else None


def again(session: Session, want: Distribution, seen: Distribution) -> Distribution | None:
    """A change on its way to the edge locations changes the status alone."""
    answer = _get(session, seen.id)
    return replace(seen, status=answer["Distribution"]["Status"], etag=answer["ETag"]) if answer else None


def made(session: Session, expected: Distribution) -> Distribution | None:
    answer, control = session.answers.get((DISTRIBUTION, expected.name)), expected.origin_access_control
    if answer is None:
        return None
    if control:
        control = replace(control, id=session.ids[CONTROL, control.name])
    asked = control is not None
    return from_api(answer["Distribution"], answer["ETag"], expected.tags, control, asked=asked)


def ids(have: Distribution) -> dict[tuple[str, str], str]:
    control = have.origin_access_control
    return {(CONTROL, control.name): control.id} if control else {}


def _id(session: Session, name: str) -> tuple[str, str] | None:
    """The id and the ARN of the distribution whose comment is ``name``."""
    pages = session.client("cloudfront").get_paginator("list_distributions").paginate()
    listed = (each for page in pages for each in page["DistributionList"].get("Items", ()))
    found = [(each["Id"], each["ARN"]) for each in listed if each["Comment"] == name]
    if len(found) > 1:
        several = ", ".join(sorted(id_ for id_, _ in found))
        raise StackError(
            f"distribution {name}: {several} all have this comment (description). Delete those that are not meant, or "
            "give them another one."
        )
    return found[0] if found else None


def _get(session: Session, id_: str) -> dict[str, Any] | None:
    with ignoring(GONE):
        answer: dict[str, Any] = session.client("cloudfront").get_distribution(Id=id_)
        return answer
    return None


def _tags(session: Session, arn: str) -> dict[str, str]:
    with ignoring("NoSuchResource"):
        return tags.from_api(session.client("cloudfront").list_tags_for_resource(Resource=arn)["Tags"].get("Items"))
    return {}


def _control(session: Session, name: str) -> AccessControl | None:
    """Names of origin access controls are unique in an account."""
    pages = session.client("cloudfront").get_paginator("list_origin_access_controls").paginate()
    listed = (each for page in pages for each in page["OriginAccessControlList"].get("Items", ()))
    return next((control_from_api(each) for each in listed if each["Name"] == name), None)


# --- Operations


def create(session: Session, change: Change) -> None:
    """CloudFront takes a reference once: where botocore repeats a call whose answer was lost, it says that the
    distribution is there already. An origin access control that was just made may not be seen for a moment."""
    reference = {"CallerReference": f"{change.name} {uuid4()}"}
    config = to_config(change.want, change.after, reference, session.ids.get((CONTROL, change.name), ""))
    request = {"DistributionConfig": config, "Tags": {"Items": tags.to_api(change.after.get("tags", {}))}}
    client = session.client("cloudfront")
    with ignoring("DistributionAlreadyExists"):
        session.answers[DISTRIBUTION, change.name] = retried(
            lambda: client.create_distribution_with_tags(DistributionConfigWithTags=request),
            lambda error: code(error) == "InvalidOriginAccessControl",
            min(ACROSS_SERVICES, session.wait_timeout),
        )


def update(session: Session, change: Change) -> None:
    """CloudFront takes the whole configuration, and only of the version that was read."""
    settings = {option: value for option, value in change.after.items() if option != "tags"}
    if settings:
        control = session.ids.get((CONTROL, change.name), "")
        _put(session, change.have, to_config(change.want, settings, change.have.config, control))
    _put_tags(session, change)


def _put(session: Session, have: Distribution, config: dict[str, Any]) -> None:
    session.client("cloudfront").update_distribution(Id=have.id, IfMatch=have.etag, DistributionConfig=config)


def _put_tags(session: Session, change: Change) -> None:
    changed, gone = tags.changes(change.before, change.after)
    client = session.client("cloudfront")
    if changed:
        client.tag_resource(Resource=change.have.arn, Tags={"Items": tags.to_api(changed)})
    if gone:
        client.untag_resource(Resource=change.have.arn, TagKeys={"Items": gone})


def delete(session: Session, change: Change) -> None:
    """Once it is disabled everywhere, which takes CloudFront minutes."""
    seen = again(session, change.have, change.have)
    if seen and pending(seen) and not session.wait:
        session.left.append(f"distribution {change.name}: it is disabled, and can be deleted once that is deployed")
        return
    seen = session.until(
        f"disable distribution {change.name}",
        lambda: again(session, change.have, change.have),
        lambda now: pending(now) if now else None,
    )
    if seen:
        with ignoring(GONE):
            session.client("cloudfront").delete_distribution(Id=seen.id, IfMatch=seen.etag)


def create_control(session: Session, change: Change) -> None:
    answer = session.client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig=control_to_api(change.want)
    )
    session.ids[CONTROL, change.name] = answer["OriginAccessControl"]["Id"]


def update_control(session: Session, change: Change) -> None:
    session.client("cloudfront").update_origin_access_control(
        Id=change.have.id,
        IfMatch=_control_etag(session, change.have.id),
        OriginAccessControlConfig=control_to_api(change.want),
    )


def delete_control(session: Session, change: Change) -> None:
    """It is in use until its distribution is gone, and for a moment longer."""
    if session.left:
        return
    with ignoring("NoSuchOriginAccessControl"):
        etag = _control_etag(session, change.have.id)
        retried(
            lambda: session.client("cloudfront").delete_origin_access_control(Id=change.have.id, IfMatch=etag),
            lambda error: code(error) == "OriginAccessControlInUse",
            min(PROPAGATION, session.wait_timeout),
        )


def _control_etag(session: Session, id_: str) -> str:
    return str(session.client("cloudfront").get_origin_access_control(Id=id_)["ETag"])


OPERATIONS: dict[tuple[str, str], Operation] = {
    (CONTROL, "create"): create_control,
    (CONTROL, "update"): update_control,
    (CONTROL, "delete"): delete_control,
    (DISTRIBUTION, "create"): create,
    (DISTRIBUTION, "update"): update,
    (DISTRIBUTION, "delete"): delete,
}

"""Launch templates: their own tags stay out of the launch data, a version may build on another and be deleted."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidLaunchTemplateVersionNotFound
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateBackend
from moto.ec2.responses.launch_templates import LaunchTemplates
from moto.ec2.utils import parse_user_data

from local_region.control.patching import around


@around(LaunchTemplate, "create_version")
def keep_own_tags_out(original: Any, self: Any, data: dict[str, Any], description: str) -> Any:
    """moto puts the tags of the template itself into what is launched from it."""
    specifications = [
        specification
        for specification in data.pop("TagSpecifications", None) or ()
        if specification["ResourceType"] != "launch-template"
    ]
    if specifications:
        data["TagSpecifications"] = specifications
    if isinstance(data.get("UserData"), str):
        data["UserData"] = parse_user_data(data["UserData"])
    elif data.get("UserData") is None:
        data.pop("UserData", None)
    return original(self, data, description)


@around(LaunchTemplates, "create_launch_template_version")
def build_on_source(original: Any, self: Any) -> Any:
    """With SourceVersion, AWS starts from that version's data; moto starts from nothing."""
    source = self._get_param("SourceVersion")
    if not source:
        return original(self)
    name, template_id = self._get_param("LaunchTemplateName"), self._get_param("LaunchTemplateId")
    ec2 = self.ec2_backend
    template = ec2.get_launch_template(template_id) if template_id else ec2.get_launch_template_by_name(name)
    inherited = copy.deepcopy(template.get_version(source).data)
    create_version = template.create_version
    template.create_version = lambda data, description: create_version({**inherited, **data}, description)
    try:
        return original(self)
    finally:
        del template.create_version


@around(LaunchTemplate, "get_version")
def get_none_that_was_deleted(original: Any, self: Any, num: Any) -> Any:
    version = original(self, num)
    if getattr(version, "deleted", False):
        raise InvalidLaunchTemplateVersionNotFound(template_id=self.id, version=num)
    return version


@around(LaunchTemplateBackend, "describe_launch_template_versions")
def describe_all_versions(original: Any, self: Any, *, max_results: int, **options: Any) -> Any:
    """Without MaxResults, AWS's page holds 200 versions; moto's holds 15 and tells of no other."""
    found = original(self, max_results=200 if max_results == 15 else max_results, **options)
    return [(template, version) for template, version in found if not getattr(version, "deleted", False)]


def _delete_launch_template_versions(self: Any) -> Any:
    """moto has no such call. A deleted version's number is not given again, so that the version stays, marked."""
    name, template_id = self._get_param("LaunchTemplateName"), self._get_param("LaunchTemplateId")
    ec2 = self.ec2_backend
    template = ec2.get_launch_template(template_id) if template_id else ec2.get_launch_template_by_name(name)
    deleted, refused = [], []
    for number in self._get_param("Versions", []):
        told = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": int(number)}
        if error := _delete_version(template, int(number)):
            refused.append({**told, "ResponseError": error})
        else:
            deleted.append(told)
    return ActionResult(
        {
            "SuccessfullyDeletedLaunchTemplateVersions": deleted,
            "UnsuccessfullyDeletedLaunchTemplateVersions": refused,
        }
    )


def _delete_version(template: Any, number: int) -> dict[str, str] | None:
    """Why EC2 keeps the version, or None: it is deleted."""
    if number == template.default_version_number:
        message = "The default version can't be deleted: make another version the default first."
        return {"Code": "unexpectedError", "Message": message}
    try:
        template.get_version(number).deleted = True
    except InvalidLaunchTemplateVersionNotFound as error:
        return {"Code": "launchTemplateVersionDoesNotExist", "Message": str(error)}
    return None


LaunchTemplates.delete_launch_template_versions = _delete_launch_template_versions

# moto tells the tags that a template was created with for ever.
LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, value: None)

"""Launch templates: their own tags stay out of the launch data, and a version may build on another."""

from __future__ import annotations

import copy
from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate
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

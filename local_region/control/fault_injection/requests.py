"""FIS's API: what moto only keeps is checked here, and an experiment that is started runs (experiments.py)."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any

from moto.backends import get_backend
from moto.core.utils import unix_time
from moto.fis.exceptions import ResourceNotFoundException
from moto.fis.models import ExperimentTemplate, FISBackend
from moto.utilities.tagging_service import TaggingService

from local_region.control.fault_injection.errors import ConflictException, ServiceQuotaExceededException
from local_region.control.fault_injection.experiment import BY_USER, Experiment
from local_region.control.fault_injection.role import prepare
from local_region.control.fault_injection.validation import check
from local_region.control.patching import around

MOST_ACTIVE = 5  # experiments under way (AWS FIS User Guide, "Quotas and limitations")
ALPHABET = string.ascii_letters + string.digits
OPTIONS = {"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail"}
# The members of a template that a request gives, by the names of moto's arguments.
MEMBERS = {
    "description": "description",
    "stop_conditions": "stopConditions",
    "targets": "targets",
    "actions": "actions",
    "role_arn": "roleArn",
    "log_configuration": "logConfiguration",
    "experiment_options": "experimentOptions",
    "experiment_report_configuration": "experimentReportConfiguration",
}


def new_id(prefix: str) -> str:
    """EXT... of a template, EXP... of an experiment."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(15))


def _check(fis: Any, template: Mapping[str, Any]) -> None:
    iam, cloudwatch = get_backend("iam")[fis.account_id]["aws"], get_backend("cloudwatch")[fis.account_id]
    check(template, iam, cloudwatch[fis.region_name])


def _told(fis: Any, resource: Any) -> dict[str, Any]:
    told: dict[str, Any] = resource.to_dict(tags=fis.tagger.get_tag_dict_for_resource(resource.arn))
    return told


def _tag(fis: Any, resource: Any, tags: Mapping[str, str] | None) -> None:
    fis.tagger.tag_resource(resource.arn, TaggingService.convert_dict_to_tags_input(dict(tags or {})))


@around(FISBackend, "create_experiment_template")
def create(original: Any, self: Any, client_token: str, tags: Any = None, **given: Any) -> dict[str, Any]:
    """With AWS's form of the id; the same token again is the same template."""
    wanted = {MEMBERS[name]: value for name, value in given.items() if value is not None}
    if same := self.experiment_templates.get(self._client_token_to_template_id.get(client_token)):
        if same.asked != wanted:
            message = f"The client token {client_token} was used with other parameters, for {same.id}."
            raise ConflictException(message)
        return _told(self, same)
    _check(self, wanted)
    prepare(self.region_name)
    now = unix_time()
    given |= {
        "targets": given.get("targets") or {},
        "experiment_options": OPTIONS | (given["experiment_options"] or {}),
    }
    template = ExperimentTemplate(
        account_id=self.account_id,
        region_name=self.region_name,
        id=new_id("EXT"),
        client_token=client_token,
        creation_time=now,
        last_update_time=now,
        **given,
    )
    template.asked = wanted
    self.experiment_templates[template.id] = template
    self._client_token_to_template_id[client_token] = template.id
    _tag(self, template, tags)
    return _told(self, template)


@around(FISBackend, "update_experiment_template")
def update(original: Any, self: Any, id: str, **given: Any) -> dict[str, Any]:
    template = _template(self, id)
    now = {member: getattr(template, name) for name, member in MEMBERS.items()}
    new = {MEMBERS[name]: value for name, value in given.items() if value is not None}
    _check(self, {**now, **new})
    updated: dict[str, Any] = original(self, id, **given)
    return updated


def _template(fis: Any, name: str) -> Any:
    if name not in fis.experiment_templates:
        raise ResourceNotFoundException(f"Experiment template {name} does not exist")
    return fis.experiment_templates[name]


@around(FISBackend, "start_experiment")
def start(
    original: Any, self: Any, client_token: str, experiment_template_id: str, experiment_options: Any, tags: Any
) -> dict[str, Any]:
    """It runs by itself from here on."""
    template = _template(self, experiment_template_id)
    if same := self.experiments.get(self._client_token_to_experiment_id.get(client_token)):
        if same.experiment_template_id != template.id:
            raise ConflictException(f"The client token {client_token} was used with another template, for {same.id}.")
        return _told(self, same)
    active = [each.id for each in self.experiments.values() if not each.state.over]
    if len(active) >= MOST_ACTIVE:
        message = f"{MOST_ACTIVE} experiments are active, which is the most: {', '.join(active)}."
        raise ServiceQuotaExceededException(message)
    mode = (experiment_options or {}).get("actionsMode") or "run-all"
    experiment = Experiment(new_id("EXP"), template, {**template.experiment_options, "actionsMode": mode})
    self.experiments[experiment.id] = experiment
    self._client_token_to_experiment_id[client_token] = experiment.id
    _tag(self, experiment, tags)
    return _told(self, experiment)


@around(FISBackend, "stop_experiment")
def stop(original: Any, self: Any, id: str) -> dict[str, Any]:
    """One that has ended stays as it is."""
    if id not in self.experiments:
        raise ResourceNotFoundException(f"Experiment {id} does not exist")
    self.experiments[id].stop(BY_USER)
    return _told(self, self.experiments[id])

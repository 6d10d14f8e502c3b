"""The safety lever: engaged, it stops every experiment and cancels new ones (AWS FIS User Guide, "Safety levers")."""

from __future__ import annotations

import json
from typing import Any

from moto.fis import urls
from moto.fis.exceptions import ResourceNotFoundException
from moto.fis.models import FISBackend
from moto.fis.responses import FISResponse

from local_region.control.fault_injection.errors import ValidationException
from local_region.control.patching import around

ID = "default"  # an account has one lever a region
STOPPED = "Experiment stopped by the safety lever."
CANCELLED = "Experiment cancelled: the safety lever is engaged."

for path in ("{0}/safetyLevers/(?P<id>[^/]+)$", "{0}/safetyLevers/(?P<id>[^/]+)/state$"):
    urls.url_paths[path] = FISResponse.dispatch


def _engaged(fis: Any) -> bool:
    return bool(getattr(fis, "lever", {}).get("status") == "engaged")


def _told(fis: Any) -> str:
    """Engaging lasts until the last experiment has put back what it changed."""
    state = getattr(fis, "lever", {"status": "disengaged", "reason": "Default state"})
    if _engaged(fis) and not all(each.state.over for each in fis.experiments.values()):
        state = {**state, "status": "engaging"}
    arn = f"arn:aws:fis:{fis.region_name}:{fis.account_id}:safety-lever/{ID}"
    return json.dumps({"safetyLever": {"id": ID, "arn": arn, "state": state}})


def _refuse_another(response: Any) -> None:
    if (name := response._get_param("id")) != ID:
        raise ResourceNotFoundException(f"Safety lever {name} does not exist; the one there is has the id {ID}")


def get_safety_lever(response: Any) -> str:
    _refuse_another(response)
    return _told(response.fis_backend)


def update_safety_lever_state(response: Any) -> str:
    _refuse_another(response)
    state, fis = response._get_param("state"), response.fis_backend
    if state["status"] not in {"engaged", "disengaged"}:
        raise ValidationException(f"The status of a safety lever can't be {state['status']}: engaged or disengaged.")
    fis.lever = {"status": state["status"], "reason": state["reason"]}
    if _engaged(fis):
        for experiment in fis.experiments.values():
            experiment.stop(STOPPED)
    return _told(fis)


FISResponse.get_safety_lever = get_safety_lever
FISResponse.update_safety_lever_state = update_safety_lever_state


@around(FISBackend, "start_experiment")
def cancel_when_engaged(original: Any, self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    started: dict[str, Any] = original(self, *args, **kwargs)
    experiment = self.experiments[started["id"]]
    if _engaged(self) and experiment.state.status == "pending":
        experiment.cancel(CANCELLED)
        return dict(experiment.to_dict(tags=started["tags"]))
    return started

"""The recorder's loop, without AWS."""

from __future__ import annotations

import json

from ansible_collections.ha_stack.aws.plugins.module_utils._drill import log as logs
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.recording import Recorder
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

UP = {("instance", "i-1"): {"target": "healthy"}}
DOWN = {("instance", "i-1"): {"target": "unhealthy"}}


def recorded(tmp_path, *looks, met=lambda instances: None):
    """The log of a recorder that sees ``looks``, then is told to stop."""
    waiting = list(looks)

    def look():
        seen = waiting.pop(0)
        if not waiting:
            recorder.stop()
        if isinstance(seen, Exception):
            raise seen
        return seen

    with logs.Log(tmp_path / "log") as log:
        recorder = Recorder(look, met, log, 0.001, duration=60, status_file=tmp_path / "status")
        recorder.run()
    return recorder, [(each["kind"], each.get("target")) for each in logs.read(tmp_path / "log")]


def test_only_changes_are_written_down(tmp_path):
    recorder, records = recorded(tmp_path, UP, UP, DOWN, DOWN)
    assert records == [("state", "healthy"), ("state", "unhealthy")]
    assert recorder.facts()["samples"] == 4


def test_a_look_that_fails_is_written_down_and_is_no_change(tmp_path):
    recorder, records = recorded(tmp_path, UP, StackError("no answer"), UP)
    assert records == [("state", "healthy"), ("blind", None)]
    assert (recorder.facts()["samples"], recorder.facts()["samples_failed"]) == (2, 1)


def test_an_instance_is_met_once_and_again_where_that_failed(tmp_path):
    met = []

    def meet(instances):
        met.append(instances)
        if len(met) == 1:
            raise StackError("no answer")

    recorded(tmp_path, UP, UP, UP, met=meet)
    assert met == [["i-1"], ["i-1"]]


def test_the_status_file_tells_what_was_seen_last(tmp_path):
    recorded(tmp_path, UP, DOWN)
    status = json.loads((tmp_path / "status").read_text())
    assert status["healthy"] == 0
    assert status["instance"]["i-1"] == {"target": "unhealthy", "phase": "unhealthy"}

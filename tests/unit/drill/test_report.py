"""The verdict, the sentences, and the page: for people, and safe with whatever the logs hold."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import Evidence
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.page import page
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.report import Drill, report
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.drills import (
    FAULT,
    HOSTS,
    LIMITS,
    ONE,
    TWO,
    drill,
    instance,
    probe_log,
    request,
    stack_log,
)

VOID = {"meta", "i"}


def made(evidence: Evidence | None = None, **more):
    given = {"what": "Instance i-1 was stopped", "zone": "us-east-1a", "limits": LIMITS, **more}
    return report(Drill("instance_crash", "goals", FAULT, **given), drill() if evidence is None else evidence)


def without(records, *kinds):
    return [each for each in records if each["kind"] not in kinds]


def not_sent(number):
    return {"kind": "request", "at": FAULT + 5, "n": number, "type": "read", "ok": False, "outcome": "not_sent"}


OBJECTIONS = {
    "a failure before it began": (
        [*probe_log(), request(100_000, -5, ok=False, outcome="503")],
        "1 request failed before it began",
    ),
    "nobody there before": (
        [each for each in probe_log() if each["kind"] != "request" or each["at"] >= FAULT],
        "No request was made before it began",
    ),
    "nobody there after": (
        [each for each in probe_log() if each["kind"] != "request" or each["at"] < FAULT - 1],
        "No request was made after it began",
    ),
    "a busy machine": ([*probe_log(), *map(not_sent, range(9))], "could not send 9 of"),
    "a killed prober": (without(probe_log(), "probe_end"), "the prober was killed"),
    "a short drill": (
        probe_log(end=9),
        "The prober stopped 8.9 s after it began; a limit of 31.9 s needs longer",
    ),
}


@pytest.mark.parametrize("name", OBJECTIONS)
def test_a_measurement_that_is_no_good_says_nothing(name):
    log, cause = OBJECTIONS[name]
    found = made(drill(log))
    assert found["verdict"] == "invalid"
    assert cause in " ".join(found["invalid"])


def test_a_few_requests_that_were_not_sent_are_told_and_no_more():
    found = made(drill([*probe_log(), not_sent(1)]), limits={"failed_requests": 99})
    assert found["verdict"] == "passed"
    assert found["remarks"] == ["1 request not sent in time: neither succeeded nor failed."]


def test_a_prober_that_was_late_is_told():
    late = [{**each, "late": 0.4} if each["kind"] == "request" else each for each in probe_log()]
    assert (
        "The prober was late: 1 % of requests were sent 0.40 s or more after their time."
        in made(drill(late))["remarks"]
    )


def test_what_could_not_be_read_is_told():
    stack = [*stack_log(), {"kind": "unknown", "at": FAULT, "source": "fault", "cause": "AccessDenied: fis"}]
    assert made(drill(stack=stack))["remarks"] == ["Not known of the stack: AccessDenied: fis"]


def test_a_cause_that_comes_again_and_again_is_told_once():
    stack = [*stack_log(), *[{"kind": "blind", "at": FAULT + n, "cause": "no answer"} for n in range(3)]]
    assert made(drill(stack=stack))["remarks"] == ["Not known of the stack (3 times): no answer"]


def test_a_time_in_which_nobody_looked_is_told():
    stack = [{**each, "longest_gap_seconds": 31.0} if each["kind"] == "recorder_end" else each for each in stack_log()]
    assert "Nobody looked at the stack for 31.0 s" in " ".join(made(drill(stack=stack))["remarks"])


def test_one_broken_limit_fails_the_drill():
    assert made(limits={**LIMITS, "last_failed_request_within": 7.3})["verdict"] == "failed"


def test_the_summary_tells_what_was_done_and_what_clients_saw():
    assert made()["summary"] == (
        "Instance i-1 was stopped. 38 of 320 requests failed, between 0.0 s and 7.4 s after it began. "
        "None of 42 acknowledged writes was lost."
    )


@pytest.mark.parametrize(
    ("requests", "sentence"),
    [
        ([request(0, 1)], "None of 1 requests failed."),
        ([request(0, 1), request(1, 2, ok=False)], "1 of 2 requests failed, 2.0 s after it began."),
        ([], "No client was there to see it."),
    ],
)
def test_the_summary_counts_as_people_do(requests, sentence):
    assert made(drill(requests), what="")["summary"] == sentence


def test_the_events_are_in_order_and_tell_each_change_once():
    events = made()["events"]
    assert [each["at_seconds"] for each in events] == sorted(each["at_seconds"] for each in events)
    told = [each["what"] for each in events]
    assert "i-1: healthy → unhealthy" in told
    assert "i-3 in us-east-1a: pending" in told
    assert "i-1: unhealthy → gone" in told
    assert (
        "goals: status failing-over → available, zone us-east-1a → us-east-1b, secondary zone us-east-1b → none" in told
    )
    assert "Terminating EC2 instance: i-1" in told
    assert "Requests fail" in told
    assert len(told) == len(set(told))
    assert events[0]["time"] == "2027-01-15T08:00:00.000Z", "nothing is told of what was so from the start"


def test_an_instance_that_its_group_gave_up_is_told():
    stack = sorted([*stack_log(), instance(9, ONE, "unhealthy", health="Unhealthy")], key=lambda each: each["at"])
    assert "i-1: unhealthy → unhealthy (unhealthy to its group)" in [
        each["what"] for each in made(drill(stack=stack))["events"]
    ]


def test_the_report_is_json():
    assert json.loads(json.dumps(made()))["figures"]["failures"]["requests"]["last_seconds"] == 7.4


class Checked(HTMLParser):
    """Every element is closed, in order; nothing is fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        assert not names.keys() & {"src", "href", "srcset", "action", "data"}
        assert not [name for name in names if name.startswith("on")]
        assert tag not in {"script", "link", "img", "iframe", "object"}
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag == "path"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def checked(document: str) -> Checked:
    parser = Checked()
    parser.feed(document)
    parser.close()
    assert parser.open == []
    return parser


def test_the_page_is_whole_and_needs_nothing_else():
    document = page(made())
    checked(document)
    assert "url(" not in document
    assert "@import" not in document
    assert "prefers-color-scheme: dark" in document
    assert '<html lang="en">' in document


@pytest.mark.parametrize("verdict", ["passed", "failed", "invalid"])
def test_the_page_tells_the_verdict_in_words_and_every_limit(verdict):
    limits = LIMITS | ({"failed_requests": 0} if verdict == "failed" else {})
    found = made(drill(without(probe_log(), "probe_end")) if verdict == "invalid" else None, limits=limits)
    texts = " ".join(checked(page(found)).texts)
    assert {"passed": "✓ passed", "failed": "✗ failed", "invalid": "? says nothing"}[verdict] in texts
    for limit in found["limits"]:
        assert limit["says"] in texts
    assert ("✗ not kept" in texts) == (not all(limit["passed"] for limit in found["limits"]))
    assert found["summary"] in texts


def test_every_drawing_has_words_for_those_who_do_not_see_it():
    document = page(made())
    assert document.count('role="img" aria-label="') == document.count("<svg ") == 2


HOSTILE = st.sampled_from(["<script>alert(1)</script>", '"><b>', "'&amp;", "</style>", "]]>", "goals"])


@settings(deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_whatever_the_logs_hold_is_shown_as_text(name, served_by, told):
    stack = [
        *stack_log(),
        {**instance(26, TWO, "unhealthy", reason=told, told=told), "zone": name},
        {"kind": "event", "at": FAULT + 1, "source": "fault", "what": told, "detail": name},
    ]
    probe = [*probe_log(), request(100_000, 28, instance=served_by, version=told, address=name)]
    found = report(Drill(name, told, FAULT, what=name, limits=LIMITS, facts={name: told}), drill(probe, stack))
    assert name in " ".join(checked(page(found)).texts)


@pytest.mark.parametrize("evidence", [drill([], []), drill([request(0, 1)], []), drill([], None)])
def test_a_page_of_next_to_nothing_is_still_a_page(evidence):
    checked(page(made(evidence)))


def test_lanes_show_instances_by_zone():
    lanes = made()["timeline"]["instances"]
    assert [(lane["name"], lane["note"]) for lane in lanes] == [
        (ONE, "us-east-1a"),
        (TWO, "us-east-1b"),
        ("i-3", "us-east-1a"),
    ]
    assert [span["state"] for span in lanes[0]["spans"]] == ["healthy", "unhealthy"]
    assert HOSTS[ONE] not in page(made()), "instances are told by identifier"

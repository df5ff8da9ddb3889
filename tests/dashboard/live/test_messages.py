"""The messages of the live socket are as documented, and undocumented ones are ignored."""

from __future__ import annotations

import pytest

from dashboard.live.messages import Body, FailedPanel, Frame, Request, Status, field_types, parse_request, type_problem
from tests.dashboard.live.sample_frames import real_frames, variants


@pytest.fixture(scope="module")
def frames():
    return real_frames()


def test_every_frame_of_a_run_and_of_a_group_is_as_documented(frames):
    assert {name: type_problem(frame, Frame) for name, frame in frames.items()} == dict.fromkeys(frames, "")


def test_every_field_of_a_frame_is_documented_and_occurs(frames):
    statuses = [frame["status"] for frame in frames.values()]
    bodies = [body for frame in frames.values() for body in frame["panels"].values()]
    for kind, parts in ((Frame, frames.values()), (Status, statuses)):
        assert {name for part in parts for name in part} == set(field_types(kind))
    assert {name for body in bodies for name in body} == {*field_types(Body), *field_types(FailedPanel)}


def test_the_problem_of_a_frame_names_the_path_of_the_field(frames):
    frame = frames["a first frame"]
    assert type_problem(frame | {"run": 7}, Frame).startswith("run is not")
    assert type_problem({"status": None, "panels": {}}, Frame) == "run is missing"
    assert "status.step" in type_problem(frame | {"status": {**frame["status"], "step": 1.5}}, Frame)
    assert "panels.cost.layout is missing" in type_problem(frame | {"panels": {"cost": {"traces": []}}}, Frame)
    wrong = [each for each in variants(frame, Frame) if type_problem(each, Frame)]
    assert len(wrong) > 300


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("{}", {"drawn": True}),
        ('{"panels": ["cost"], "drawn": false}', {"panels": ["cost"], "drawn": False}),
        ('{"panels": ["cost", 7, null]}', {"panels": ["cost"], "drawn": True}),
        ('{"panels": "cost"}', {"drawn": True}),
        ('{"drawn": "yes"}', {"drawn": True}),
        ('{"at": 12}', {"at": 12, "drawn": False}),
        ('{"at": 12, "drawn": true}', {"at": 12, "drawn": True}),
        ('{"at": null}', {"at": None, "drawn": False}),
        ('{"at": 1.5}', {"at": None, "drawn": False}),
        ('{"at": true}', {"at": None, "drawn": False}),
        ('{"again": true}', {"again": True, "drawn": False}),
        ('{"again": false}', {"drawn": True}),
        ('{"order": "step"}', {"order": "step", "drawn": False}),
        ('{"order": "stop"}', {"drawn": True}),
        ('{"order": ["step"]}', {"drawn": True}),
        ('{"colour": "red"}', {"drawn": True}),
        ("[]", {"drawn": True}),
        ("no JSON", {"drawn": True}),
        ("[" * 100_000, {"drawn": True}),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_only_documented_fields_of_a_request_are_used(text, request_):
    found = parse_request(text)
    assert found == request_
    assert type_problem(found, Request) == ""

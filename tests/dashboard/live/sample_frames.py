"""Frames of real runs, and copies of them that each differ in one field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args, get_origin, is_typeddict

from dashboard.live.hub import Hub
from dashboard.live.messages import field_types, type_problem
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from engine.runs.server.manager import Manager
from tests.dashboard.watching import config_of, reports_of, run_of

REPLACEMENTS: tuple[Any, ...] = (None, True, False, 7, 3.5, "text", [], {}, [7], {"a": 7})


def real_frames(panels: tuple[str, ...] | None = None) -> dict[str, dict[str, Any]]:
    """Return a frame of each kind by its description, by default with every panel."""
    hub = Hub(Manager(cap=2, spare=False))
    try:
        config = config_of("default")
        run, other, ended = run_of(config, steps=8), run_of(config_of("L1")), run_of(config_of("default"))
        ended.reason = "its worker was ended by signal 9"
        seen: dict[str, int] = {}
        first = hub.live_frame(SingleRun(run), seen, panels)
        for report in reports_of(config, 20)[1:]:
            run.telemetry.add_report(report)
        for each in (run, other):
            hub.manager._runs[each.id] = each
        group = RunGroup([run, other])
        watched = SingleRun(run)
        texts = {
            "a first frame": first,
            "a frame that continues it": hub.live_frame(watched, seen, panels),
            "a frame of the past": hub.past_frame(watched, 5, panels),
            "a run that has ended": hub.live_frame(SingleRun(ended), {}, panels),
            "a group": hub.live_frame(group, {}),
            "a group of the past": hub.past_frame(group, 5),
        }
    finally:
        hub.close()
    frames = {name: json.loads(text or "") for name, text in texts.items()}
    failed = json.loads(texts["a first frame"] or "")
    failed["panels"]["cost"] = {"trouble": "The panel “Cost” cannot be updated."}
    return {**frames, "a panel with an error": failed}


def variants(value: Any, kind: Any) -> Iterator[Any]:
    """Yield copies of a message in which one documented field is missing or replaced."""
    yield from REPLACEMENTS
    arguments = get_args(kind)
    if get_origin(kind) is UnionType:
        (kind,) = [each for each in arguments if not type_problem(value, each)]
        arguments = get_args(kind)
    if is_typeddict(kind):
        for name, (hint, _) in field_types(kind).items():
            yield {key: item for key, item in value.items() if key != name}
            replacements = variants(value[name], hint) if name in value else REPLACEMENTS
            yield from ({**value, name: new} for new in replacements)
    elif get_origin(kind) is dict:
        for name, item in value.items():
            yield from ({**value, name: new} for new in variants(item, arguments[1]))
    elif get_origin(kind) is list and value:
        yield from ([*value[:-1], new] for new in variants(value[-1], arguments[0]))
    elif get_origin(kind) is tuple:
        yield value[1:]
        yield from ([*value[:-1], new] for new in variants(value[-1], arguments[-1]))

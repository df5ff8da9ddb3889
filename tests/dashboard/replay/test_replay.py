"""Replays without a browser: frames that continue one another, and a file that stands alone."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from gzip import decompress
from itertools import pairwise

import pytest

from dashboard.charts import panels_of
from dashboard.live.single_run import SingleRun
from dashboard.replay import replay, replay_of
from dashboard.replay.frames import MOST, frames_of, steps_of
from engine.runs.server.run import Run
from engine.runs.store.store import Store
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import work


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("kept") / "runs.sqlite")


def joined(before: dict, news: dict) -> dict:
    """What the player makes of a body and what continues it, in plain Python."""
    traces = []
    for old, new in zip(before["traces"], news["traces"], strict=True):
        trace = dict(old)
        for name, value in new.items():
            if isinstance(value, dict) and "from" in value:
                value = {"dtype": value["dtype"], "bdata": old[name]["bdata"][: value["from"]] + value["bdata"]}
            trace[name] = value
        traces.append(trace)
    return {**before, **news, "traces": traces, "layout": {**before["layout"], **news["layout"]}}


def test_the_frames_joined_are_what_the_board_showed(store):
    run = Run.of(store.load(work(store, small(epochs=12), changes={30: {"l2": 0.0}})))
    names = [panel.name for panel in panels_of(run.current_config, "overview", ())]
    now: dict[str, dict] = {}
    for frame, step in zip(frames_of(run, names), steps_of(run), strict=True):
        for name, part in frame["panels"].items():
            now[name] = joined(now[name], part["body"]) if part["continues"] else part["body"]
        status, bodies = SingleRun(run).past_body(step, names)
        assert frame["status"] == status
        for name in names:
            assert now[name] == {**now[name], **bodies[name]}, name


@pytest.mark.parametrize("epochs", [1, 4, 80, 500])
def test_frames_are_few_begin_at_the_beginning_and_end_at_the_end(store, epochs):
    run = Run.of(store.load(work(store, small(epochs=epochs, train_size=20, hidden=(4,)))))
    steps = steps_of(run)
    assert (steps[0], steps[-1]) == (0, 2 * epochs)
    assert steps == sorted(set(steps))
    assert len(steps) <= MOST + 1
    gaps = [later - step for step, later in pairwise(steps)]
    assert max(gaps) <= max(2, 2 * 2 * epochs / MOST + 2)


def test_the_file_asks_for_nothing_and_a_name_is_text_in_it(store):
    record = store.load(work(store, small(), until=15))
    store.describe(record.about.id, name="</title><script>alert(1)</script>$data")
    text = replay_of(store.load(record.about.id))
    assert "<script>alert" not in text
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", text.replace("img src=x", ""))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;$data" in text
    assert "class Panel" in text
    assert "class Player" in text
    script = text[text.index('<script type="module">') :]
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names)), "modules that stand in one have no name twice"
    data = re.search('id="data">([^<]*)<', text)[1]
    body = json.loads(decompress(b64decode(data)))
    assert body["frames"][-1]["status"]["step"] == 15
    assert {spec["name"] for spec in body["specs"]} == set(body["frames"][0]["panels"])


def test_a_run_that_trains_can_be_replayed_and_progress_is_told(store):
    run = Run.of(store.load(work(store, small(), until=25)))
    told: list[float] = []
    replay(run, "L1 and L2", told=told.append)
    assert told == sorted(told)
    assert told[-1] == 1

"""Replays without a browser: the frames, and a file that needs no other file."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from gzip import decompress
from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.charts.panels.layouts import Layout, panels_of
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from dashboard.replay import modules as modules_module
from dashboard.replay.frames import MAX_FRAMES, frames_of, steps_of
from dashboard.replay.modules import ENTRY_MODULE, Module
from dashboard.replay.page import replay_html, stored_replay_html
from engine.runs.server.run import Run
from engine.runs.store.store import Store
from tests.dashboard.live.reading import joined
from tests.engine.runs.driving import small
from tests.engine.runs.store.keeping import train_run

DASHBOARD = Path(__file__).parents[3] / "dashboard"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Store:
    return Store(tmp_path_factory.mktemp("kept") / "runs.sqlite")


def test_the_joined_frames_equal_those_of_the_board(store):
    run = Run.from_record(store.load(train_run(store, small(epochs=12), changes={30: {"l2": 0.0}})))
    names = [panel.name for panel in panels_of(run.current_config, "overview", ())]
    received: dict[str, dict] = {}
    for frame, step in zip(frames_of(SingleRun(run), names), steps_of(SingleRun(run)), strict=True):
        for name, part in frame["panels"].items():
            received[name] = joined(received[name], part["body"]) if part["continues"] else part["body"]
        status, bodies = SingleRun(run).frame_parts_at(step, names)
        assert frame["status"] == status
        for name in names:
            assert received[name] == {**received[name], **bodies[name]}, name


@pytest.mark.parametrize("epochs", [1, 4, 80, 500])
def test_a_limited_number_of_frames_covers_the_whole_run(store, epochs):
    run = Run.from_record(store.load(train_run(store, small(epochs=epochs, train_size=20, hidden=(4,)))))
    steps = steps_of(SingleRun(run))
    assert (steps[0], steps[-1]) == (0, 2 * epochs)
    assert steps == sorted(set(steps))
    assert len(steps) <= MAX_FRAMES + 1
    gaps = [later - step for step, later in pairwise(steps)]
    assert max(gaps) <= max(2, 2 * 2 * epochs / MAX_FRAMES + 2)


def test_the_file_loads_nothing_and_escapes_the_name_of_the_run(store):
    record = store.load(train_run(store, small(), until=15))
    store.set_description(record.about.id, name="</title><script>alert(1)</script>$data")
    text = stored_replay_html(store.load(record.about.id))
    assert "<script>alert" not in text
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", text.replace("img src=x", ""))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;$data" in text
    data = re.search('id="data">([^<]*)<', text)[1]
    body = json.loads(decompress(b64decode(data)))
    assert body["frames"][-1]["status"]["step"] == 15
    assert {spec["name"] for spec in body["specs"]} == set(body["frames"][0]["panels"])


def test_the_file_has_the_modules_unchanged_and_dependencies_first(store):
    text = stored_replay_html(store.load(train_run(store, small(), until=15)))
    embedded = json.loads(re.search('id="modules">([^<]*)<', text)[1])
    earlier: list[str] = []
    for module in embedded:
        assert module["source"].encode() == DASHBOARD.joinpath(module["path"]).read_bytes()
        assert set(module["imports"].values()) <= set(earlier)
        earlier.append(module["path"])
    assert earlier[-1] == ENTRY_MODULE
    assert {"live/assets/panels/panel.js", "replay/assets/player.js"} <= set(earlier)


def test_modules_that_import_each_other_are_refused(monkeypatch):
    cycle = {"a.js": Module("a.js", "", {"./b.js": "b.js"}), "b.js": Module("b.js", "", {"./a.js": "a.js"})}
    monkeypatch.setattr(modules_module, "module_of", cycle.__getitem__)
    with pytest.raises(ValueError, match=r"no cycle, got a\.js → b\.js → a\.js"):
        modules_module.modules_of("a.js")


def test_the_progress_of_making_a_replay_is_reported(store):
    run = Run.from_record(store.load(train_run(store, small(), until=25)))
    shares: list[float] = []
    replay_html(SingleRun(run), "L1 and L2", on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def data_of(text: str) -> dict:
    """Return the data in the file of a replay."""
    return json.loads(decompress(b64decode(re.search('id="data">([^<]*)<', text)[1])))


def test_the_replay_of_several_runs_has_their_board_at_every_step(store):
    configs = {"none": small(epochs=3), "L2 <b>": small(epochs=3, l2=2.0), "moons": small(epochs=2, dataset="moons")}
    runs = []
    for name, config in configs.items():
        run = Run.from_record(store.load(train_run(store, config)))
        run.name = name
        runs.append(run)
    group = RunGroup(runs)
    text = replay_html(group)
    assert "<title>none, L2 &lt;b&gt; and moons on digits and moons" in text
    assert f"<dd>{' · '.join(f'{config.l2:g}' for config in configs.values())}</dd>" in text, "settings that differ"
    data = data_of(text)
    contents = group.contents(Layout("overview"))
    assert data["table"] == json.loads(json.dumps(contents.table))
    assert [spec["name"] for spec in data["specs"]] == contents.panel_names
    assert contents.panel_names[0] == "boundaries"
    steps = steps_of(group)
    assert [frame["status"]["step"] for frame in data["frames"]] == steps
    for frame, step in zip(data["frames"], steps, strict=True):
        status, _ = group.frame_parts_at(step, [])
        assert frame["status"] == json.loads(json.dumps(status))
        assert frame["epoch"] == step / group.steps_per_epoch
    assert {row["cells"][0] for row in data["frames"][0]["status"]["table"]} == set(configs)

"""The board of a page that polls, for one run and for several."""

from __future__ import annotations

import pytest

from dashboard.live.hub import get_hub
from dashboard.live.run_group import RunGroup
from dashboard.live.single_run import SingleRun
from dashboard.pages import live_board
from tests.dashboard.watching import config_of, run_of
from tests.processes import wait_until


@pytest.fixture(params=["one run", "several runs"])
def watched(request, workers):
    run, other = run_of(config_of("default")), run_of(config_of("L1"))
    return SingleRun(run) if request.param == "one run" else RunGroup([run, other])


def test_a_page_that_polls_gets_complete_live_and_past_frames(watched):
    names = list(watched.panels)[:2]
    for _ in range(2):
        assert live_board.polled_frame(watched, names, None) == get_hub().live_frame(watched, {}, names)
    assert live_board.polled_frame(watched, names, 8) == get_hub().past_frame(watched, 8, names)


def test_a_page_that_polls_is_counted_as_a_viewer_for_a_limited_time(watched, monkeypatch):
    monkeypatch.setattr(live_board, "POLL_INTERVAL", 0.2)
    live_board.polled_frame(watched, [], None)
    assert [run.watchers for run in watched.runs] == [1] * len(watched.runs)
    wait_until(lambda: not any(run.watchers for run in watched.runs))


@pytest.mark.parametrize("page", ["train", "compare"])
def test_a_page_sends_frames_to_its_board_only_if_the_socket_failed(open_page, monkeypatch, page):
    run = get_hub().manager.start(config_of("default"), None, "step")
    frames = []
    monkeypatch.setattr(
        live_board, "feed_board", lambda watched, frame: frames.append((watched.runs, frame is not None))
    )
    for failed in (False, True):
        monkeypatch.setattr(live_board.board_state, "socket_failed", lambda board, failed=failed: failed)
        open_page(run.id) if page == "train" else open_page(view="compare", runs=run.id)
        assert bool(frames) == failed
    assert frames[0] == ((run,), True)

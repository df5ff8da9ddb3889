"""The export menu of Compare without a browser."""

from __future__ import annotations

from dashboard.charts.runs_table import file_stem
from dashboard.live.run_group import RunGroup
from dashboard.pages.comparing import export
from engine import RunConfig
from engine.runs.server.run import Run
from tests.dashboard.app_pages import press
from tests.dashboard.pages.comparing.test_shared_race import SMALL, finished


def test_the_menu_has_the_replay_of_the_compared_runs(open_page):
    page = open_page(view="compare", race="seed", values="1,2", **SMALL)
    assert not page.download_button
    press(page, "Train this race")
    runs = finished(page)
    (row,) = page.run().download_button
    assert row.label == "Replay, one page (.html)"
    assert export.file_name(RunGroup(runs)) == f"{file_stem(runs[0])}-and-1-more-replay.html"
    assert export.file_name(RunGroup(runs[:1])) == f"{file_stem(runs[0])}-replay.html"


def test_runs_that_have_not_trained_have_no_file(monkeypatch):
    shown = []
    monkeypatch.setattr(export.st, "caption", shown.append)
    monkeypatch.setattr(export.st, "download_button", lambda *args, **options: shown.append("button"))
    export.export_menu(RunGroup([Run(RunConfig.demo(), None)]))
    assert len(shown) == 1
    assert "have not trained yet" in shown[0]

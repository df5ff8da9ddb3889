"""The parts Results, Seeds and Damage of the compare page, without a browser."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from dashboard.live.hub import get_hub
from dashboard.state.pages import compare_page as state
from dashboard.state.pages import evidence_state
from engine.analysis.evidence import standard_error
from engine.runs import states
from engine.runs.server.evaluated_network import evaluated_network_of
from tests.dashboard.app_pages import compared_runs, press, widget_key
from tests.processes import wait_until


@pytest.fixture
def page(open_page):
    """The page with a finished race of four runs of two epochs."""
    page = open_page(view="compare")
    page.number_input(widget_key(page, "epochs")).set_value(2)
    page.segmented_control(widget_key(page, "pace")).set_value("full")
    page.run()
    press(page, "Race: none, L2, L1, dropout")
    wait_until(lambda: all(run.state == states.FINISHED for run in compared_runs(page)), 60)
    return page.run()


def open_part(page, part):
    page.segmented_control(key=evidence_state.PART).set_value(part)
    page.run()


def by_result(runs):
    """Return runs by their last accuracy, the best first; equal runs keep their order."""
    return sorted(runs, key=lambda run: -run.telemetry.snapshot.evaluation.accuracy)


def rows(table):
    return table.value.to_dict("records")


def test_results_show_each_accuracy_with_its_error_and_its_difference(page):
    open_part(page, evidence_state.RESULTS)
    chosen = compared_runs(page)
    runs = by_result(chosen)
    found = rows(page.table[0])
    assert [row["Run"] for row in found] == [f"**{run.name}**" for run in runs]
    for row, run in zip(found, runs, strict=True):
        evaluation = run.telemetry.snapshot.evaluation
        error = standard_error(evaluation.accuracy, evaluation.size)
        shown = re.match(r"([\d.]+)\D* ± ([\d.]+)", row["Last, validation"])
        assert [float(each) for each in shown.groups()] == pytest.approx(
            [100 * evaluation.accuracy, 100 * error], abs=0.0501
        )
    first = evaluated_network_of(chosen[0])
    for row, run in zip(found, runs, strict=True):
        if run is chosen[0]:
            assert not row["Against no regularization"].startswith("Difference")
            continue
        difference = 100 * abs(evaluated_network_of(run).correct.mean() - first.correct.mean())
        assert row["Against no regularization"].startswith(f"Difference {difference:.1f} points, noise ")


def test_results_list_the_differing_settings_and_mark_the_changed_values(page):
    open_part(page, evidence_state.RESULTS)
    found = rows(page.table[1])
    assert len(found) == 3, "λ of L2, λ of L1, dropout"
    for row in found:
        assert list(row)[1:] == [run.name for run in by_result(compared_runs(page))]
        assert not row["no regularization"].startswith("**")
        assert sum(value.startswith("**") for value in row.values()) == 1
    page.toggle(key="every_setting").set_value(True)
    page.run()
    assert len(rows(page.table[1])) == len(compared_runs(page)[0].initial_config.to_dict())


def test_results_show_when_the_plain_run_was_nearest_to_its_l2_twin(page):
    open_part(page, evidence_state.RESULTS)
    assert any("Early stopping against L2" in each.value for each in page.markdown)
    assert any("nearest" in each.value or "closest" in each.value for each in page.markdown)


def test_neurons_are_destroyed_in_all_networks_and_revived(page):
    open_part(page, evidence_state.DAMAGE)
    assert any("0 of 100 are destroyed" in each.value for each in page.caption)
    press(page, "Destroy 10 at random")
    press(page, "Destroy 10 at random")
    assert any("20 of 100 are destroyed" in each.value for each in page.caption)
    press(page, "Revive all")
    assert any("0 of 100 are destroyed" in each.value for each in page.caption)


def test_without_hidden_neurons_the_page_explains_that_none_can_be_destroyed(open_page):
    page = open_page(view="compare", hidden="none", epochs="1", pace="full")
    page.pills(key=state.PRESET).set_value("a ladder of λ")
    page.run()
    press(page, "Start race")
    runs = compared_runs(page)
    assert [run.initial_config.hidden for run in runs] == [()] * 5
    wait_until(lambda: all(run.state == states.FINISHED for run in runs), 60)
    open_part(page, evidence_state.DAMAGE)
    assert any("no hidden neurons to destroy" in each.value for each in page.info)


@pytest.mark.slow
def test_five_seeds_of_each_setting_are_trained_and_compared(page):
    open_part(page, evidence_state.SEEDS)
    page.slider(key=evidence_state.SEED_COUNT).set_value(5)
    page.run()
    assert any("One curve is no evidence" in each.value for each in page.caption)
    press(page, "Train 5 seeds of each")
    fan = evidence_state.find_fan([run.initial_config for run in compared_runs(page)], 5)
    wait_until(lambda: not fan.is_running, 120)
    page.run()
    found = rows(page.table[0])
    assert len(found) == 4
    assert all(
        row["Against no regularization"].startswith("Difference")
        for row in found
        if row["Run"] != "**no regularization**"
    )
    assert any("5 seeds of each, compared seed by seed" in each.value for each in page.caption)
    assert sum(run.initial_config.seed > 1 for run in get_hub().manager.runs()) >= 16


def test_runs_with_the_same_name_are_numbered(page, open_page):
    first, second, *_ = compared_runs(page)
    second.name = first.name
    open_part(page, evidence_state.RESULTS)
    names = [row["Run"] for row in rows(page.table[0])]
    assert {f"**{first.name}**", f"**{first.name} (2)**"} <= set(names)


def test_a_network_that_cannot_be_evaluated_leaves_the_others_shown(page, open_page):
    first, other, *_ = compared_runs(page)
    store = get_hub().manager.store
    wait_until(lambda: (about := store.load_about(other.id)) and about.state == states.FINISHED, 20)
    record = store.load(other.id)
    for keyframe in record.telemetry.keyframes:  # as in a file edited by hand
        object.__setattr__(keyframe, "flat", np.append(keyframe.flat, keyframe.flat[:1]))
    checkpoint = replace(record.checkpoint, flat=np.append(record.checkpoint.flat, record.checkpoint.flat[:1]))
    about = replace(record.about, id="fedcba9876543210", name="odd")
    store.save(replace(record, about=about, checkpoint=checkpoint))
    page = open_page(view="compare", runs=f"{first.id},{about.id}")
    open_part(page, evidence_state.DAMAGE)
    (error,) = page.error
    assert error.value.startswith("odd cannot be evaluated: ")
    assert any("0 of 100 are destroyed" in each.value for each in page.caption)
    open_part(page, evidence_state.RESULTS)
    assert [row["Run"] for row in rows(page.table[0])] == [f"**{first.name}**", "**odd**"]

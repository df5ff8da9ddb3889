"""The lines of overlays, compared with measurements and weights of trained runs."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.charts.overlays import histograms, table
from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.overlays.magnitudes import weight_counts
from engine.learning.metrics import Histogram
from engine.runs.history.telemetry import Telemetry
from tests.dashboard.charts.overlays.entrants import entrants_of
from tests.dashboard.charts.panels.magnitudes import RUN_KINDS, parameters_after, telemetry_after
from tests.dashboard.watching import config_of, decoded


def test_accuracy_and_gap_are_those_of_the_snapshots():
    entrants = entrants_of(2)
    accuracies, gaps = (OVERLAYS[name].update(entrants) for name in ("accuracies", "gaps"))
    for i, entrant in enumerate(entrants):
        shots = entrant.telemetry.snapshots
        evaluation = [100 * shot.evaluation.correct / shot.evaluation.size for shot in shots]
        training = [100 * shot.clean.correct / shot.clean.size for shot in shots]
        np.testing.assert_allclose(decoded(accuracies.traces[i]["y"]), evaluation, rtol=1e-6)
        np.testing.assert_allclose(decoded(accuracies.traces[2 + i]["y"]), training, rtol=1e-6)
        np.testing.assert_allclose(decoded(gaps.traces[i]["y"]), np.subtract(training, evaluation), atol=1e-4)
        np.testing.assert_array_equal(decoded(gaps.traces[i]["x"]), [shot.epoch for shot in shots])


def test_the_standard_error_is_that_of_binomial_draws():
    entrants = entrants_of(1)
    evaluation = entrants[0].telemetry.snapshot.evaluation
    draws = np.random.default_rng(0).binomial(evaluation.size, evaluation.accuracy, 20_000) / evaluation.size
    assert f"±{100 * draws.std():.1f} points" in OVERLAYS["accuracies"].update(entrants).note


def test_every_cost_is_drawn_in_its_ledger():
    entrants = entrants_of(2)
    update = OVERLAYS["costs"].update(entrants)
    shot = entrants[1].telemetry.snapshot
    last = [float(decoded(trace["y"])[-1]) for trace in update.traces[1::2]]
    evaluation, training, penalty = shot.evaluation.cost, shot.training.cost, shot.penalty
    expected = [
        evaluation,
        training,
        evaluation + penalty,
        training + penalty,
        evaluation + shot.evaluation_penalty,
        penalty,
    ]
    np.testing.assert_allclose(last, expected, rtol=1e-5)
    assert penalty > 0


@pytest.mark.parametrize("name", ["three hidden layers", "proximal"])
def test_sums_and_shares_are_those_of_all_weights_together(name):
    config = RUN_KINDS[name]
    entrants = (Entrant("none", config_of("no penalty")), Entrant("one", config, telemetry_after(config, 12)))
    sums, sparsity = (OVERLAYS[each].update(entrants) for each in ("sums", "sparsity"))
    step = config.learning_rate * (config.l1 or config.l2) / 40
    for epoch in range(4):
        w = np.concatenate([W.ravel().astype(float) for W in parameters_after(config, epoch)])
        found = [decoded(update.traces[k]["y"])[epoch] for update in (sums, sparsity) for k in (1, 3)]
        expected = [(w**2).sum(), np.abs(w).sum(), 100 * (w == 0).mean(), 100 * (np.abs(w) <= step).mean()]
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_weight_counts_are_those_of_the_layers():
    config = config_of("three hidden layers")
    assert weight_counts(config) == tuple(W.size for W in parameters_after(config, 0))
    assert weight_counts(config_of("default", dataset="own:no-such-set")) == ()


def test_histograms_are_scaled_to_their_peak_and_have_own_baselines():
    entrants = entrants_of(4)
    update = OVERLAYS["histograms"].update(entrants)
    for i, entrant in enumerate(entrants):
        y = decoded(update.traces[i]["y"])
        base = 3 - i
        assert (float(y.min()), float(y.max())) == pytest.approx((base, base + histograms.PEAK_HEIGHT))
        x = decoded(update.traces[i]["x"])
        histogram = entrant.telemetry.extracts["weights"]
        # area below the outline / its height = area of the bins / their peak
        width = 2 * histogram.limits[0] / histogram.shares.shape[1]
        area = np.sum((y[:-1] - base) * np.diff(x)) / histograms.PEAK_HEIGHT
        assert area == pytest.approx(width / histogram.shares[0].max(), rel=1e-4)


def test_the_axis_of_weights_is_that_of_the_widest_histogram():
    entrants = []
    for limit in (0.5, 2.0, 1.0):
        telemetry = Telemetry()
        telemetry.extracts = {"weights": Histogram(np.array([limit]), np.full((1, 5), 0.2, np.float32), np.ones(1))}
        entrants.append(Entrant(str(limit), config_of("no hidden layer"), telemetry))
    assert histograms.update(entrants).layout["xaxis.range"] == [-2, 2]


def test_runs_of_different_depth_share_their_first_and_last_layer():
    deep, flat = (Entrant(name, config_of(name)) for name in ("three hidden layers", "no hidden layer"))
    assert histograms.common_layers([deep, flat]) == {"first layer": 0, "output layer": -1}
    assert list(histograms.common_layers([deep])) == [
        "hidden layer 1",
        "hidden layer 2",
        "hidden layer 3",
        "output layer",
    ]
    assert histograms.choices([flat]) == []


def test_the_table_has_a_row_of_metrics_for_every_run():
    entrants = entrants_of(2, 1)
    assert table.column_titles(entrants)[3] == "Validation"
    first, second = (table.row_cells(entrant, "running") for entrant in entrants)
    shot, best = entrants[0].telemetry.snapshot, entrants[0].telemetry.best_by_accuracy.best
    assert first[0] == "no regularization"
    assert first[2] == f"{shot.epoch} / 5"
    assert first[3].replace("\u202f", " ") == f"{100 * shot.evaluation.accuracy:.1f} %"
    assert first[4].endswith(f" at {best.epoch}")
    assert second == ["L2 λ 1", "running", "0 / 5", "–", "–", "–", "–", "0"]
    assert len(table.column_titles(entrants)) == len(first) == len(second)
    assert table.screen_reader_text(entrants_of(2, 0)) == ""
    assert "no regularization" in table.screen_reader_text(entrants)
    evaluated_differently = [*entrants, Entrant("book", config_of("default", evaluate_on="test"))]
    assert table.column_titles(evaluated_differently)[3] == "Evaluation set"

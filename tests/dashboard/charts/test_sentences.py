"""The line above the board: what is trained, and how the run ended."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from dashboard.charts.sentences import situation, subtitle, verdict
from engine.analysis.regularizers import without_regularizers
from engine.data import keep, read_csv
from engine.learning.metrics import Measurement
from tests.dashboard.watching import config_of, telemetry_of
from tests.engine.data.own_files import flowers


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_it_names_the_data_before_the_run_has_started():
    assert plain(situation(config_of("default", train_size=1_000, label_noise=0.3))) == (
        "Digits, 8 × 8: 1 000 training examples, 300 of them with a wrong label."
    )
    assert situation(config_of("no noise")) == "Digits, 8 × 8: 40 training examples."
    everything = config_of("default", train_size=None, label_noise=0.25)
    assert plain(situation(everything)) == "Digits, 8 × 8: all training examples, 25.0 % of them with a wrong label."
    assert situation(config_of("no noise", dataset="own:0123456789abcdef")).startswith("Own data: 40 ")


def test_the_subtitle_names_what_the_runs_have_in_common():
    config = config_of("default", l2=0.0, drop_probability=0.5, seed=3)
    assert subtitle([config]) == "Digits · dropout ½ · seed 3"
    assert subtitle([config, without_regularizers(config)]) == "Digits · seed 3"
    assert subtitle([config, replace(config, seed=4)]) == "Digits"
    assert subtitle([config, replace(config, dataset="spirals")]) == "seed 3"
    assert subtitle([without_regularizers(config)]) == "Digits · no regularization · seed 3"


def test_it_counts_the_examples_and_wrong_labels():
    config = config_of("default", train_size=41, label_noise=0.3)
    assert telemetry_of(config).snapshot.corrupted.size == 12
    assert situation(config, "without a regularizer") == (
        "Digits, 8 × 8: 41 training examples, 12 of them with a wrong label. Grey: without a regularizer."
    )
    assert situation(config_of("noise that falls on no example")) == "Digits, 8 × 8: 40 training examples."


def test_a_run_that_is_measured_on_a_sample_has_the_number_of_all_its_examples():
    config = config_of("default", train_size=1_200, label_noise=0.5)
    assert telemetry_of(config).snapshot.training.size == 1_000
    assert plain(situation(config)) == "Digits, 8 × 8: 1 200 training examples, 600 of them with a wrong label."


def ended(evaluation: float, memorized: float | None = None) -> SimpleNamespace:
    """Telemetry with these accuracies."""

    def measured(accuracy: float) -> Measurement:
        return Measurement(cost=1.0, correct=round(1_000 * accuracy), size=1_000)

    snapshot = SimpleNamespace(
        training=measured(0.9),
        clean=None,
        corrupted=None if memorized is None else measured(memorized),
        evaluation=measured(evaluation),
        epoch=5,
    )
    best = SimpleNamespace(best=SimpleNamespace(evaluation=measured(0.95), epoch=3))
    return SimpleNamespace(snapshot=snapshot, best_by_accuracy=best)


@pytest.mark.parametrize(
    ("grey", "comparison"),
    [(0.778, "12.0 points above"), (0.912, "1.4 points below"), (0.8935, "level with"), (0.9025, "level with")],
)
def test_a_finished_run_is_compared_with_the_grey_run(grey, comparison):
    config = config_of("no penalty")
    assert plain(verdict(config, ended(0.898, 0.05), ended(grey, 0.59))) == (
        f"Dropout ½ ends at 89.8 % on the validation set, {comparison} the grey run. "
        "It has memorized 5.0 % of the wrong labels, the grey run 59.0 %."
    )


def test_without_a_grey_run_it_has_the_best_accuracy_and_the_gap():
    text = verdict(config_of("no penalty"), ended(0.85))
    assert plain(text) == (
        "Dropout ½ ends at 85.0 % on the validation set (best 95.0 % at epoch 3), with a gap of +5.0 points."
    )


def test_the_numbers_are_those_of_a_real_run():
    config = config_of("default")
    telemetry, ghost = telemetry_of(config, 20), telemetry_of(without_regularizers(config), 20)
    text = plain(verdict(config, telemetry, ghost))
    assert f"ends at {100 * telemetry.snapshot.evaluation.accuracy:.1f} %" in text
    assert f"the grey run {100 * ghost.snapshot.corrupted.accuracy:.1f} %" in text


def test_a_run_that_was_never_measured_has_no_verdict():
    telemetry = telemetry_of(config_of("default"))
    telemetry.snapshot = None
    assert verdict(config_of("default"), telemetry) == ""
    measured = telemetry_of(config_of("default"))
    unmeasured = replace(config_of("default"))
    assert "the grey run" not in verdict(unmeasured, measured, telemetry)


def test_an_own_data_set_is_called_by_its_title(tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    name = keep(read_csv(flowers(50), title="Flowers, dried"))
    config = config_of("no noise", dataset=name)
    assert situation(config).startswith("Flowers, dried: 40 ")
    assert subtitle([config, replace(config, seed=config.seed + 1, l2=1.0)]) == "Flowers, dried"

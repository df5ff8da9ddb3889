"""The line of metrics, and the sentences for screen readers."""

from __future__ import annotations

import pytest

from dashboard.charts import metrics_line, numbers
from dashboard.charts.panels import accuracy, cost
from engine import Snapshot
from engine.learning.metrics import Measurement
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Report
from tests.dashboard.watching import config_of

NOISY = Snapshot(
    step=12345,
    epoch=3,
    training=Measurement(0.5, 70, 100),
    clean=Measurement(0.25, 63, 70),
    corrupted=Measurement(1.5, 6, 30),
    evaluation=Measurement(0.75, 320, 400),
    penalty=0.1,
)
PLAIN = Snapshot(12345, 3, Measurement(0.5, 97, 100), None, None, Measurement(0.75, 320, 400), 0.0)


def telemetry(snapshot: Snapshot, pace: float = 1234.4) -> Telemetry:
    telemetry = Telemetry()
    telemetry.add_report(Report("running", snapshot.step, pace, snapshots=(snapshot,)))
    return telemetry


def metrics(name: str, telemetry: Telemetry | None) -> dict[str, str]:
    """Return the text of each metric by its label."""
    return {
        label: value.replace(numbers.THIN_SPACE, " ")
        for label, value, *_ in metrics_line.metric_rows(config_of(name), telemetry)
    }


def test_with_wrong_labels_the_line_has_the_accuracy_on_right_labels():
    assert metrics("default", telemetry(NOISY)) == {
        "Epoch": "3 / 5",
        "Step": "12 345",
        "Training, right labels": "90.0 %",
        "Validation": "80.0 %",
        "Gap": "+10.0 points",
        "Wrong labels memorized": "20.0 %",
        "Pace": "1 234 steps/s",
    }


def test_without_wrong_labels_the_line_has_the_training_accuracy():
    assert metrics("no noise", telemetry(PLAIN, pace=2.5)) == {
        "Epoch": "3 / 5",
        "Step": "12 345",
        "Training": "97.0 %",
        "Validation": "80.0 %",
        "Gap": "+17.0 points",
        "Pace": "2.5 steps/s",
    }


def test_before_a_run_the_line_has_the_same_metrics_without_values():
    for no_telemetry in (None, Telemetry()):
        for name, snapshot in (("default", NOISY), ("no noise", PLAIN)):
            empty = metrics(name, no_telemetry)
            assert list(empty) == list(metrics(name, telemetry(snapshot)))
            assert empty["Validation"] == empty["Gap"] == empty["Pace"] == numbers.NO_VALUE
            assert empty["Step"] == "0"


def test_noise_that_changes_no_label_leaves_nothing_to_memorize():
    line = metrics("noise that falls on no example", telemetry(PLAIN))
    assert line["Training, right labels"] == "97.0 %"
    assert line["Wrong labels memorized"] == numbers.NO_VALUE


def test_the_cost_is_described_in_a_sentence():
    text = cost.update(config_of("default"), telemetry(NOISY)).text
    assert text == (
        "Data cost per example after 3 epochs: training 0.500, validation 0.750, penalty 0.100; "
        "validation was lowest at epoch 3."
    )


def test_the_accuracy_is_described_in_a_sentence():
    text = accuracy.update(config_of("default"), telemetry(NOISY)).text.replace(numbers.THIN_SPACE, " ")
    assert text == (
        "After 3 epochs: training 90.0 %, validation 80.0 %, wrong labels memorized 20.0 %; best 80.0 % at epoch 3."
    )
    text = accuracy.update(config_of("no noise", evaluate_on="test"), telemetry(PLAIN)).text
    assert (
        text.replace(numbers.THIN_SPACE, " ") == "After 3 epochs: training 97.0 %, test 80.0 %; best 80.0 % at epoch 3."
    )


def spoken_text(gaps: list[float]) -> str:
    """Return the text for screen readers of a run with these gaps after its epochs."""
    telemetry = Telemetry()
    for epoch, gap in enumerate(gaps):
        correct = round(1000 * (0.8 + gap))
        training, evaluation = Measurement(0.5, correct, 1000), Measurement(0.7, 800, 1000)
        snapshot = Snapshot(10 * epoch, epoch, training, None, None, evaluation, 0.0)
        telemetry.add_report(Report("running", 10 * epoch, 0.0, snapshots=(snapshot,)))
    return metrics_line.screen_reader_text(config_of("no noise"), telemetry).replace(numbers.THIN_SPACE, " ")


def test_the_sentence_of_a_run_has_the_trend_of_the_gap():
    assert spoken_text([0.0, 0.02, 0.05, 0.08, 0.11, 0.183]) == (
        "Epoch 5: training 98.3 %, validation 80.0 %, gap +18.3 points, growing."
    )
    assert spoken_text([0.1, 0.1, 0.1, 0.1, 0.1, 0.104]).endswith("gap +10.4 points, steady.")
    assert spoken_text([0.1, 0.1, 0.1, 0.1, 0.08, 0.05]).endswith("gap +5.0 points, shrinking.")
    assert spoken_text([0.1, 0.2]).endswith("gap +20.0 points."), "two epochs have no trend"
    assert metrics_line.screen_reader_text(config_of("default"), Telemetry()) == ""


def test_the_sentence_names_the_evaluation_set_and_uses_right_labels():
    text = metrics_line.screen_reader_text(config_of("no noise", evaluate_on="test"), telemetry(PLAIN)).replace(
        numbers.THIN_SPACE, " "
    )
    assert text == "Epoch 3: training 97.0 %, test 80.0 %, gap +17.0 points."
    text = metrics_line.screen_reader_text(config_of("default"), telemetry(NOISY)).replace(numbers.THIN_SPACE, " ")
    assert text == "Epoch 3: training 90.0 %, validation 80.0 %, gap +10.0 points.", "of the right labels"


@pytest.mark.parametrize(
    ("gaps", "word"),
    [
        ([0.1, 0.1, 0.1, 0.109, 0.109], "steady."),  # the change is less than a point
        ([0.0, 0.2, 0.1, 0.1, 0.1], "steady."),  # earlier changes do not count
        ([0.0] * 90 + [0.1] * 10, "growing."),  # the last tenth
        ([0.0] * 89 + [0.1] * 11, "steady."),
    ],
)
def test_the_trend_of_the_gap_is_computed_over_the_last_tenth_of_the_epochs(gaps, word):
    assert spoken_text(gaps).endswith(word)

"""The line of figures, and the sentences that say the same to those who listen."""

from __future__ import annotations

import pytest

from dashboard.charts import accuracy, cost, figures, numbers
from engine import Snapshot
from engine.metrics import Measurement
from engine.runs.telemetry import Report, Telemetry
from tests.dashboard.watching import config_of

NOISY = Snapshot(
    step=12345,
    epoch=3,
    training=Measurement(0.5, 70, 100),
    clean=Measurement(0.25, 63, 70),
    corrupted=Measurement(1.5, 6, 30),
    judge=Measurement(0.75, 320, 400),
    penalty=0.1,
)
PLAIN = Snapshot(12345, 3, Measurement(0.5, 97, 100), None, None, Measurement(0.75, 320, 400), 0.0)


def telemetry(snapshot: Snapshot, pace: float = 1234.4) -> Telemetry:
    telemetry = Telemetry()
    telemetry.take(Report("running", snapshot.step, pace, snapshots=(snapshot,)))
    return telemetry


def texts(name: str, of: Telemetry | None) -> dict[str, str]:
    return {label: value.replace(numbers.THIN, " ") for label, value, _ in figures.line(config_of(name), of)}


def test_with_wrong_labels_the_line_holds_the_right_ones_against_validation():
    assert texts("default", telemetry(NOISY)) == {
        "Epoch": "3 / 5",
        "Step": "12 345",
        "Training, right labels": "90.0 %",
        "Validation": "80.0 %",
        "Gap": "+10.0 points",
        "Wrong labels memorized": "20.0 %",
        "Pace": "1 234 steps/s",
    }


def test_without_wrong_labels_the_line_has_the_training_accuracy():
    assert texts("no noise", telemetry(PLAIN, pace=2.5)) == {
        "Epoch": "3 / 5",
        "Step": "12 345",
        "Training": "97.0 %",
        "Validation": "80.0 %",
        "Gap": "+17.0 points",
        "Pace": "2.5 steps/s",
    }


def test_before_a_run_every_figure_has_its_place_already():
    for nothing in (None, Telemetry()):
        for name, snapshot in (("default", NOISY), ("no noise", PLAIN)):
            empty = texts(name, nothing)
            assert list(empty) == list(texts(name, telemetry(snapshot)))
            assert empty["Validation"] == empty["Gap"] == empty["Pace"] == numbers.NONE
            assert empty["Step"] == "0"


def test_where_the_noise_falls_on_no_example_there_is_nothing_to_memorize():
    line = texts("noise that falls on no example", telemetry(PLAIN))
    assert line["Training, right labels"] == "97.0 %"
    assert line["Wrong labels memorized"] == numbers.NONE


def test_the_cost_is_told_in_a_sentence():
    text = cost.update(config_of("default"), telemetry(NOISY)).text
    said = "Data cost per example after 3 epochs: training 0.500, validation 0.750, penalty 0.100"
    assert text == f"{said}; validation was lowest at epoch 3."


def test_the_accuracy_is_told_in_a_sentence():
    text = accuracy.update(config_of("default"), telemetry(NOISY)).text.replace(numbers.THIN, " ")
    said = "After 3 epochs: training 90.0 %, validation 80.0 %, corrupted labels memorized 20.0 %"
    assert text == f"{said}; best 80.0 % at epoch 3."
    text = accuracy.update(config_of("no noise", evaluate_on="test"), telemetry(PLAIN)).text
    assert text.replace(numbers.THIN, " ") == "After 3 epochs: training 97.0 %, test 80.0 %; best 80.0 % at epoch 3."


def run_with(accuracies: list[tuple[int, int]], last: int) -> Telemetry:
    """A run whose training and validation accuracies, each of 1,000, were these, up to the epoch `last`."""
    telemetry = Telemetry()
    for epoch, (training, judge) in enumerate(accuracies, start=last - len(accuracies) + 1):
        shot = Snapshot(
            10 * epoch, epoch, Measurement(0.1, training, 1000), None, None, Measurement(0.9, judge, 1000), 0.0
        )
        telemetry.take(Report("running", 10 * epoch, 0.0, snapshots=(shot,)))
    return telemetry


def spoken(telemetry: Telemetry, name: str = "no noise", **changes: str) -> str:
    return figures.spoken(config_of(name, **changes), telemetry).replace(numbers.THIN, " ")


def test_the_run_is_told_in_one_sentence():
    telemetry = run_with([(900, 800)] * 118 + [(990, 817), (1000, 817)], last=120)
    assert spoken(telemetry) == "Epoch 120: training 100.0 %, validation 81.7 %, gap +18.3 points, growing."
    assert spoken(telemetry, evaluate_on="test").startswith("Epoch 120: training 100.0 %, test 81.7 %")
    assert spoken(Telemetry()) == ""


def test_where_labels_are_wrong_the_sentence_holds_the_right_ones_against_validation():
    assert spoken(telemetry(NOISY), "default") == "Epoch 3: training 90.0 %, validation 80.0 %, gap +10.0 points."


@pytest.mark.parametrize(
    ("gaps", "word"),
    [
        ([0, 0, 0, 0], "+0.0 points."),  # too few to say
        ([0, 0, 0, 0, 0], "steady."),
        ([100, 100, 100, 109, 109], "steady."),  # by less than a point
        ([100, 100, 100, 110, 111], "growing."),
        ([111, 111, 111, 110, 100], "shrinking."),
        ([0, 300, 100, 100, 100], "steady."),  # what was longer ago is another matter
        ([0] * 90 + [100] * 10, "growing."),  # the last tenth
        ([0] * 89 + [100] * 11, "steady."),
    ],
)
def test_the_gap_grows_or_shrinks_by_what_it_did_over_the_last_tenth_of_the_epochs(gaps, word):
    assert spoken(run_with([(800, 800 - gap) for gap in gaps], last=len(gaps))).endswith(word)

"""Captions, titles, legends and annotations are correct for the run that they describe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from dashboard.charts import metrics_line
from dashboard.charts.overlays import table
from dashboard.charts.overlays.catalogue import OVERLAYS
from dashboard.charts.overlays.entrant import Entrant
from dashboard.charts.palette import LIGHT
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.update import Update
from engine import RunConfig, Training, dataset_of, masks, select
from engine.analysis.regularizers import has_dropout, without_regularizers
from engine.families.penalties import PENALTIES, penalty_of
from engine.families.penalties.l1 import L1_RULES
from engine.runs.history.telemetry import Telemetry
from tests.dashboard.watching import config_of, telemetry_of

STRENGTHS = {"max_norm": 1.5, "group_lasso": 5.0}
REGULARIZERS: dict[str, dict[str, Any]] = {
    "none": {},
    **{field: {field: STRENGTHS.get(field, 0.6)} for field in PENALTIES},
    **{f"L1, {rule}": {"l1": 0.6, "l1_rule": rule} for rule in L1_RULES},
    "elastic net": {"l1": 0.4, "l2": 0.6},
    "elastic net, proximal": {"l1": 0.4, "l2": 0.6, "l1_rule": "proximal"},
    "group lasso and L2": {"group_lasso": 5.0, "l2": 0.6},
    "dropout": {"drop_probability": 0.5},
    "dropout of inputs": {"input_drop_probability": 0.2},
    "L2 and dropout": {"l2": 0.6, "drop_probability": 0.25},
    "max-norm and dropout": {"max_norm": 1.5, "drop_probability": 0.5},
}
BASE = without_regularizers(config_of("default", epochs=3, learning_rate=0.3))
VARIANTS = {
    "": {},
    ", no hidden layer": {"hidden": ()},
}
RUNS = {
    f"{name}{other}": replace(BASE, **changes, **more)
    for name, changes in REGULARIZERS.items()
    for other, more in VARIANTS.items()
} | {
    "points in a plane": replace(BASE, dataset="spirals", l2=0.6),
    "no noise": replace(BASE, label_noise=0.0, drop_probability=0.5),
    "two hidden layers": replace(BASE, hidden=(12, 9), group_lasso=5.0),
    "a mask for each example": replace(BASE, dropout_mask="example", drop_probability=0.5),
}
every_run = pytest.mark.parametrize("name", RUNS)
WITH_FORMULA, WITHOUT_FORMULA = {"l1", "l2"}, {"group_lasso", "max_norm"}  # of pure decay
# The runs whose numbers are computed here independently; other penalties have their own tests.
CHECKED_RUNS = [
    name
    for name, config in RUNS.items()
    if {member.field for member in penalty_of(config, n=1).members} <= WITH_FORMULA | WITHOUT_FORMULA
]
telemetry_of_run = lru_cache(maxsize=None)(telemetry_of)  # drawing does not change the telemetry

# How captions name a regularizer. "no L2", "without L2" and "dropout is off" do not state that it is on.
NAMES = {
    "l2": re.compile(r"\bL2\b"),
    "l1": re.compile(r"\bL1\b|sub-gradient"),
    "group_lasso": re.compile(r"group lasso|neurons (go to zero|shrink|pile)", re.IGNORECASE),
    "max_norm": re.compile(r"max-norm", re.IGNORECASE),
    "dropout": re.compile(r"dropout|dropped|\bholes|sat out|sit this", re.IGNORECASE),
}
NEGATED = re.compile(r"(\b(no|without|hardly)\s+(any )?\S+( lasso)?)|(dropout is off)|(no hidden \w+ is dropped)", re.I)
# Rows of the panel "λ in words" that describe another library and not the run.
OTHER_LIBRARIES = re.compile(r"(network2|Keras|PyTorch SGD|scikit-learn|TensorFlow)")
# The titles and legends of these panels name dropout even if it is off.
ABOUT_DROPOUT = {"dropout", "network", "trained", "committee"}


def regularizers_of(config: RunConfig) -> set[str]:
    """Return the names of the regularizers that act on a run: a bound on hidden neurons needs a hidden layer."""
    on = {member.field for member in penalty_of(config, n=1).members}
    return on | ({"dropout"} if has_dropout(config) else set())


def texts_of_layout(layout: Any) -> Iterator[str]:
    """Yield every text of a layout or of a part of it."""
    if isinstance(layout, dict):
        for key, value in layout.items():
            if key.endswith("text") and isinstance(value, str):
                yield value
            elif key.endswith("ticktext"):
                yield from value
            else:
                yield from texts_of_layout(value)
    elif isinstance(layout, list | tuple):
        for each in layout:
            yield from texts_of_layout(each)


def texts_of_update(update: Update) -> Iterator[str]:
    yield from (update.text, update.note)
    yield from (f"{row.label}: {row.value}" for row in update.rows or [])
    yield from texts_of_layout(update.layout)
    for trace in update.traces:
        yield from (str(text) for text in np.ravel(trace.get("text", [])))


def texts_of_figure(panel: Any, subject: Any) -> Iterator[str]:
    """Yield the texts of a panel without data: caption, axes, choices, and the legends of every choice."""
    yield panel.caption(subject)
    choices = panel.choices(subject)
    for choice in choices:
        yield choice.label
        for option in choice.options:
            yield option.label
            yield from texts_of_layout(option.layout)
    if panel.figure is None:
        return
    figure = panel.figure(subject, LIGHT).to_plotly_json()
    yield from texts_of_layout(figure["layout"])
    for i, trace in enumerate(figure["data"]):
        chosen = [option.traces.get(i, {}).get("visible", False) for choice in choices for option in choice.options]
        if trace.get("visible", True) or any(chosen):
            yield trace.get("name") or ""


def texts_of(config: RunConfig, panels: Any = PANELS) -> dict[str, list[str]]:
    """Return every text of every panel of a run, by the name of the panel."""
    telemetry = telemetry_of_run(config)
    return {
        name: [*texts_of_figure(panel, config), *texts_of_update(panel.update(config, telemetry))]
        for name, panel in panels.items()
        if panel.applies_to(config)
    }


def regularizers_stated_on(text: str) -> set[str]:
    """Return the regularizers that are on according to a text."""
    text = NEGATED.sub("", text)
    return {name for name, pattern in NAMES.items() if pattern.search(text)}


@every_run
def test_no_panel_names_a_regularizer_that_is_off(name):
    config = RUNS[name]
    on = regularizers_of(config)
    for panel, texts in texts_of(config).items():
        for text in texts:
            if panel == "lmbda" and OTHER_LIBRARIES.match(text):
                continue
            wrong = regularizers_stated_on(text) - on - ({"dropout"} if panel in ABOUT_DROPOUT else set())
            assert not wrong, f"{panel}: {text!r} names {wrong}"


@every_run
def test_a_text_states_that_a_regularizer_is_absent_only_if_it_is(name):
    config = RUNS[name]
    penalties = penalty_of(config, n=1)
    facts = {
        r"no regulari[sz]|without (a |any )?regulari": not regularizers_of(config),
        r"no penalty(?! here)|without (a |any )?penalty": not penalties,
        r"nothing is charged": not penalties.adds_cost,
        r"without λ": penalties.zero_tolerance(0.0) is None,
        r"dropout is off": not has_dropout(config),
        r"no hidden layer|nothing to drop": not config.hidden,
        r"every neuron trains on every|whole network trains on every": not has_dropout(config),
        r"penalty (is drawn|held|was) |penalty alone": bool(penalties),
        r"wrong labels? (are|too|memo)|corrupted label|labels memorized": config.label_noise > 0,
    }
    for panel, texts in texts_of(config).items():
        for text in texts:
            if panel == "lmbda" and OTHER_LIBRARIES.match(text):
                continue
            for pattern, true in facts.items():
                assert true or not re.search(pattern, text, re.IGNORECASE), f"{panel}: {text!r}"


@every_run
def test_the_cost_panel_names_a_penalty_only_if_one_is_added_to_the_cost(name):
    config = RUNS[name]
    panel = PANELS["cost"]
    update = panel.update(config, telemetry_of_run(config))
    legend = [trace.name for trace in panel.figure(config, LIGHT).data]
    options = [option.traces for choice in panel.choices(config) for option in choice.options]
    visible = {i for traces in options for i, attributes in traces.items() if attributes.get("visible")}
    texts = [panel.caption(config), update.text, *(legend[i] for i in visible)]
    assert any("penalty" in text for text in texts) == penalty_of(config, n=1).adds_cost
    mini_batches = legend[0]
    assert ("dropout" in mini_batches) == has_dropout(config)


def weights_after(config: RunConfig, updates: int) -> list[np.ndarray]:
    """Return the weights of each layer of an unwatched run."""
    training = Training(config, select(config, dataset_of(config)))
    while training.step < updates:
        training.run(updates - training.step)
    return training.parameters.weights


@every_run
def test_counts_and_sums_of_weights_are_those_of_the_network(name):
    config = RUNS[name]
    telemetry = telemetry_of_run(config)
    weights = weights_after(config, telemetry.step)
    at_zero = sum(int((~W.any(axis=0)).sum()) for W in weights[:-1])
    hidden = sum(config.hidden)
    caption = PANELS["norms"].update(config, telemetry).caption
    stated = re.search(r"(\d+) of (\d+) hidden neurons", caption)
    assert bool(stated) == penalty_of(config, n=1).zero_neurons
    row = {label: value for label, value, *_ in metrics_line.metric_rows(config, telemetry)}
    if stated:
        assert (int(stated[1]), int(stated[2])) == (at_zero, hidden)
        assert row["Neurons at zero"] == f"{at_zero} / {hidden}"
    text = PANELS["norms"].update(config, telemetry).text
    squares = [float(each) for each in re.findall(r"Σw² ([\d.]+)", text)]
    zeros = [float(each) for each in re.findall(r"exact zeros ([\d.]+)", text)]
    np.testing.assert_allclose(squares, [float((W.astype(float) ** 2).sum()) for W in weights], rtol=6e-3)
    np.testing.assert_allclose(zeros, [100 * float((W == 0).mean()) for W in weights], atol=0.051)
    spread = re.findall(r"(−?\d+\.\d+) to (−?\d+\.\d+)", PANELS["spread"].update(config, telemetry).text)
    for (low, high), W in zip(spread, weights, strict=True):
        found = [float(each.replace("−", "-")) for each in (low, high)]
        np.testing.assert_allclose(found, np.quantile(W, [0.05, 0.95]), atol=0.0051)


def test_the_strong_group_lasso_sets_neurons_to_zero():
    """The test of counts above needs a run with neurons at zero."""
    weights = weights_after(RUNS["two hidden layers"], 12)
    assert sum(int((~W.any(axis=0)).sum()) for W in weights[:-1]) > 0


@every_run
def test_accuracies_and_mistakes_in_texts_are_the_measured_ones(name):
    config = RUNS[name]
    telemetry = telemetry_of_run(config)
    snapshot = telemetry.snapshot
    evaluation, training = snapshot.evaluation, snapshot.clean or snapshot.training
    text = PANELS["accuracy"].update(config, telemetry).text
    assert text.startswith(f"After {snapshot.epoch} epochs")
    found = [float(each) for each in re.findall(r"([\d.]+)\u202f%", text)]
    np.testing.assert_allclose(found[:2], [100 * training.accuracy, 100 * evaluation.accuracy], atol=0.051)
    update = PANELS["confusion"].update(config, telemetry)
    wrong, size = re.match(r"(\d+) of (\d+) ", update.text.replace("\u202f", "")).groups()
    assert int(size) == len(select(config, dataset_of(config)).evaluation.labels)
    assert int(wrong) == round((1 - evaluation.accuracy) * evaluation.size)


@every_run
def test_dropped_neurons_in_texts_are_those_of_the_masks(name):
    config = RUNS[name]
    telemetry = telemetry_of_run(config)
    last = [masks(config, layer + 1, telemetry.step) for layer in range(len(config.hidden))]
    text = PANELS["dropout"].update(config, telemetry).text
    stated = re.search(r"Mini-batch (\d+): (\d+) of (\d+) neurons", text)
    assert bool(stated) == bool(config.hidden)
    if stated:
        step, dropped, of = map(int, stated.groups())
        assert (step, of) == (telemetry.step, sum(config.hidden))
        if config.dropout_mask == "batch":
            assert dropped == sum(int((mask == 0).sum()) for mask in last)
        share = re.search(r"around ([\d.]+) %", PANELS["trained"].update(config, telemetry).text)
        assert float(share[1]) == pytest.approx(100 * (1 - config.drop_probability))


@every_run
def test_texts_of_the_thinned_network_and_the_committee_match_the_run(name):
    config = RUNS[name]
    telemetry = telemetry_of_run(config)
    network = PANELS["network"].update(config, telemetry).text
    step, dropped, of = map(
        int, re.search(r"(\d+|first)\D+(\d+) of (\d+) hidden", network.replace("first", "0")).groups()
    )
    assert of == sum(config.hidden)
    if config.dropout_mask == "batch":
        last = [masks(config, layer + 1, step) for layer in range(len(config.hidden))]
        assert (step, dropped) == (telemetry.step, sum(int((mask == 0).sum()) for mask in last))
    committee = PANELS["committee"].update(config, telemetry).text
    assert bool(committee) == bool(config.hidden and config.drop_probability)
    if committee:
        size, *_, full = (float(each) for each in re.findall(r"\d+\.?\d*", committee))
        assert size == telemetry.snapshot.evaluation.size
        assert full == pytest.approx(100 * telemetry.snapshot.evaluation.accuracy, abs=0.051)


@every_run
def test_the_spread_in_the_text_of_the_weights_is_their_standard_deviation(name):
    config = RUNS[name]
    telemetry = telemetry_of_run(config)
    stated = re.findall(r"layer \d? ?(\d+\.\d+)|layer (\d+\.\d+)", PANELS["weights"].update(config, telemetry).text)
    found = [float(one or other) for one, other in stated]
    np.testing.assert_allclose(found, [W.std() for W in weights_after(config, telemetry.step)], atol=0.0051)


@pytest.mark.parametrize("name", CHECKED_RUNS)
def test_numbers_in_the_panel_of_lambda_are_computed_from_the_settings(name):
    config = RUNS[name]
    telemetry = telemetry_of_run(config)
    n, m, rate = 40, config.mini_batch_size, config.learning_rate
    rows = PANELS["lmbda"].update(config, telemetry).rows
    for row in rows:
        if stated := re.search(r"ηλ/n = ([\d.]+)", row.value):
            assert float(stated[1]) == pytest.approx(rate * config.l2 / n, rel=1e-3)
        if stated := re.search(r"([\d.]+) towards zero", row.value):
            assert float(stated[1]) == pytest.approx(rate * config.l1 / n, rel=1e-3)
        if stated := re.search(r"([\d.,]+) updates, ([\d.,]+) epochs", row.value):
            updates, epochs = (float(each) for each in stated.groups())
            assert epochs == pytest.approx(updates / -(-n // m), rel=0.02)
        for pattern, value in (
            (r"(?<![\w_])lr=([\d.]+)", rate),
            (r"learning_rate_init=([\d.]+)", rate),
            (r"learningRate=([\d.]+)", rate),
            (r"batch_size=(\d+)", m),
            (r"batchSize=(\d+)", m),
            (r"(?<!\w)lmbda=([\d.]+)", config.l2),
            (r"alpha=([\d.]+)", config.l2 * m / n),
            (r'"weight_decay": ([\d.]+)', config.l2 / n),
        ):
            if stated := re.search(pattern, row.copy):
                assert float(stated[1]) == pytest.approx(value), row.copy


@pytest.mark.parametrize("name", CHECKED_RUNS)
def test_the_formula_of_pure_decay_is_computed_from_the_settings(name):
    config = RUNS[name]
    telemetry = telemetry_of_run(config)
    panel = PANELS["then"]
    note = panel.update(config, telemetry).note
    formula = not any(member.field in WITHOUT_FORMULA for member in penalty_of(config, n=1).members)
    assert note.startswith("Line: ") == formula
    assert ("no line" in panel.caption(config)) == (not formula)
    if formula:
        factor = (1 - config.learning_rate * config.l2 / 40) ** telemetry.step
        stated = re.search(r"(?:w = |max\()([\d.]+) ", note)
        assert (float(stated[1]) if stated else 1.0) == pytest.approx(factor, rel=6e-3)
        assert bool(re.search(r"− [\d.]+, 0\)", note)) == bool(config.l1)


@every_run
def test_the_overlays_name_only_regularizers_of_the_runs(name):
    config = RUNS[name]
    for other in (BASE, config):
        entrants = [Entrant("one", config, telemetry_of_run(config)), Entrant("two", other, telemetry_of_run(other))]
        on = regularizers_of(config) | regularizers_of(other)
        for overlay in OVERLAYS.values():
            for text in [*texts_of_figure(overlay, entrants), *texts_of_update(overlay.update(entrants))]:
                assert not regularizers_stated_on(text) - on, f"{overlay.name}: {text!r}"
        assert not regularizers_stated_on(table.screen_reader_text(entrants)) - on


def test_the_sparsity_overlay_names_every_run_with_exact_zeros():
    runs = {"a": RUNS["L1, proximal"], "b": RUNS["group_lasso"], "c": RUNS["l2"]}
    caption = OVERLAYS["sparsity"].caption([Entrant(name, config, Telemetry()) for name, config in runs.items()])
    assert re.search(r"\ba\b.*\bb\b", caption)

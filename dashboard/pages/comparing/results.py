"""The part Results of the compare page: accuracies with errors, differing settings, early stopping."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.charts.overlays.verdict import verdict
from dashboard.charts.static import early_stopping_twin as chart
from dashboard.live.run_group import RunGroup
from dashboard.pages.comparing.tables import Cell, show_table
from dashboard.pages.style import theme_palette
from engine import FieldError, RunConfig
from engine.analysis.early_stopping_twin import (
    WeightDistances,
    predicted_stop,
    replaceable_penalties,
    twin_penalty,
    weight_distances,
)
from engine.analysis.twins import differing_fields
from engine.config import SETTINGS
from engine.errors import format_duration, join_names
from engine.families.penalties.penalty import Penalty, lowercase_unless_acronym
from engine.runs import states
from engine.runs.server.evaluated_network import evaluated_network_of
from engine.runs.server.results import Result, results_of
from engine.runs.server.run import Run

UPDATE_INTERVAL = 2.0  # seconds between two updates while runs train


def show(group: RunGroup) -> None:
    """Draw this part of the page."""
    is_training = _is_training(group)

    @st.fragment(run_every=UPDATE_INTERVAL if is_training else None, key="results")
    def draw() -> None:
        with group.lock():
            in_words = verdict(group.entrants()) if group.has_finished else ""
        if in_words:
            st.markdown(escape_markdown(in_words))
        results_table(group)
        settings_table(group)
        early_stopping_comparison(group)

    draw()


def _is_training(group: RunGroup) -> bool:
    return any(run.state in (states.RUNNING, states.QUEUED) for run in group.runs)


def results_table(group: RunGroup) -> None:
    """Show a table of results with a row for every run; each run is compared with the first that was chosen."""
    results, names = results_of(group.runs), group.names
    evaluation = group.runs[0].initial_config.evaluate_on
    against = f"Against {names[0]}"
    show_table([_result_row(names[i], results[i], evaluation, against) for i in group.order], "results")
    st.caption(
        f"± is the standard error of the accuracy on the {evaluation} examples (Agresti and Coull). The column "
        f"{against_text(names[0])} compares the predictions of two networks example by example, at a level of 95 %. "
        "Another seed may give another result: see Seeds. "
        "Best is the maximum over all epochs on the same examples, so it is too optimistic. "
        "Computing is the time of updates and measurements, without pauses and without the waits of a pace."
        + (
            f" Runs are still training. Last is measured after the last complete epoch, {against_text(names[0])} with "
            "the newest weights. One run may be ahead of another."
            if _is_training(group)
            else ""
        )
    )


def against_text(name: str) -> str:
    """Return the title of the column that compares each run with the one of this name, for Markdown."""
    return f"Against {escape_markdown(name)}"


def _result_row(name: str, result: Result | None, evaluation: str, against: str) -> dict[str, Cell]:
    none = numbers.NO_VALUE
    if result is None:
        return {"Run": Cell(name), f"Last, {evaluation}": Cell(none)}
    texts = {
        f"Last, {evaluation}": f"{numbers.percent(result.newest_accuracy)} ± {100 * result.accuracy_error:.1f}",
        "Best": f"{numbers.percent(result.best_accuracy)} at {numbers.count(result.best_epoch)}",
        "Gap": numbers.points(result.gap),
        "Cost": numbers.cost(result.cost),
        "Computing": format_duration(result.seconds),
        against: result.verdict.summary if result.verdict else none,
    }
    return {"Run": Cell(name, is_bold=True), **{column: Cell(text) for column, text in texts.items()}}


def settings_table(group: RunGroup) -> None:
    """Show the settings that differ between the runs; values that differ from the first chosen run are bold."""
    configs = [run.current_config for run in group.runs]
    show_all = st.toggle(
        "All settings",
        key="every_setting",
        help="Show also the settings that are the same in all runs. Bold values differ from those of "
        f"{escape_markdown(group.names[0])}.",
    )
    differing_names = differing_fields(configs)
    names = [*differing_names, *(name for name in SETTINGS if show_all and name not in differing_names)]
    if not names:
        st.caption("These runs have the same settings.")
        return
    show_table([_setting_row(name, group.names, configs, group.order) for name in names], "settings")


def _setting_row(
    name: str, run_names: Sequence[str], configs: Sequence[RunConfig], order: Sequence[int]
) -> dict[str, Cell]:
    setting, values = SETTINGS[name], [getattr(config, name) for config in configs]
    cells = {run_names[i]: Cell(setting.display_text(values[i]), is_bold=values[i] != values[0]) for i in order}
    return {"Setting": Cell(setting.label), **cells}


def early_stopping_comparison(group: RunGroup) -> None:
    """Show the step at which an unpenalized run was closest to its penalized twin, for the first such pair."""
    for unpenalized, penalized in product(group.runs, group.runs):
        pair = _penalty_and_distances(unpenalized, penalized)
        if pair is None:
            continue
        penalty, distances = pair
        per_epoch = unpenalized.telemetry.steps_per_epoch
        network = evaluated_network_of(penalized)
        assert network is not None
        predicted_step = predicted_stop(penalized.current_config, network.run_state.data.n)
        st.markdown(f"**Early stopping against {lowercase_unless_acronym(penalty.name)}**")
        st.markdown(chart.describe_nearest(distances, per_epoch, penalty, predicted_step))
        st.plotly_chart(
            chart.distance_chart(distances, per_epoch, unpenalized.initial_config.epochs, penalty, theme_palette()),
            theme=None,
            key="nearest",
        )
        return
    names = join_names(replaceable_penalties())
    st.caption(
        f"To compare early stopping with {names}, add a run without a regularizer and the same run with that penalty."
    )


def _penalty_and_distances(unpenalized: Run, penalized: Run) -> tuple[type[Penalty], WeightDistances] | None:
    """Return the penalty of a penalized twin, and the distances of an unpenalized run from its final weights.

    Returns:
        None if the runs differ in more than one penalty, or have changed during training, or have no weights yet.
    """
    try:
        penalty = twin_penalty(unpenalized.current_config, penalized.current_config)
        network = evaluated_network_of(penalized)
    except FieldError:
        return None
    with unpenalized.lock:
        keyframes = list(unpenalized.telemetry.keyframes)
    if network is None or not keyframes or unpenalized.telemetry.changes or penalized.telemetry.changes:
        return None
    target = network.run_state.parameters
    distances = weight_distances(
        [keyframe.step for keyframe in keyframes],
        [keyframe.weights(unpenalized.initial_config.dtype) for keyframe in keyframes],
        target.flat,
        target.weight_count,
    )
    return penalty, distances

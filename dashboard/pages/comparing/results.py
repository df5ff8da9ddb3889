"""Results of compared runs: figures with error bars, differing settings, early stopping against a penalty."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.charts.static import early_stopping_twin as chart
from dashboard.live.run_group import RunGroup
from dashboard.pages.style import colours
from engine import FieldError, RunConfig
from engine.analysis.early_stopping_twin import Nearest, nearest, predicted_stop, replaceable, twin_penalty
from engine.analysis.twins import differences
from engine.config import SETTINGS
from engine.errors import listed
from engine.families.penalties.penalty import Penalty, in_sentence
from engine.runs import states
from engine.runs.server.evaluated_network import evaluated_network_of
from engine.runs.server.results import Result, results_of
from engine.runs.server.run import Run

EVERY = 2.0  # seconds between two updates while runs train


def show(group: RunGroup) -> None:
    """Draw this part of the page."""
    moving = _is_training(group)

    @st.fragment(run_every=EVERY if moving else None, key="results")
    def watch() -> None:
        figures(group)
        settings(group)
        early_stopping(group)

    watch()


def _is_training(group: RunGroup) -> bool:
    return any(run.state in (states.RUNNING, states.QUEUED) for run in group.runs)


def figures(group: RunGroup) -> None:
    """Show a row for every run; the others are compared with the first."""
    found = results_of(group.runs)
    evaluation = group.runs[0].initial_config.evaluate_on
    st.table(
        [_row(name, result, evaluation) for name, result in zip(group.names, found, strict=True)], border="horizontal"
    )
    st.caption(
        f"± is the standard error of the accuracy on the {evaluation} examples (Agresti and Coull). Against the first "
        "compares the answers example by example, at a level of 95 %. Another seed may give another result: see Seeds. "
        "Best is chosen among all epochs on the same examples, so it is too optimistic."
        + (
            " Runs are still training: Last is from the last whole epoch, Against the first from the newest weights, "
            "and one run may be ahead of another."
            if _is_training(group)
            else ""
        )
    )


def _row(name: str, result: Result | None, evaluation: str) -> dict[str, str]:
    none = numbers.NO_VALUE
    if result is None:
        return {"Run": escape_markdown(name), f"Last, {evaluation}": none}
    return {
        "Run": f"**{escape_markdown(name)}**",
        f"Last, {evaluation}": f"{numbers.percent(result.last)} ± {100 * result.error:.1f}",
        "Best": f"{numbers.percent(result.best)} at {numbers.count(result.best_epoch)}",
        "Gap": numbers.points(result.gap),
        "Cost": numbers.cost(result.cost),
        "Seconds": f"{result.seconds:.1f}",
        "Against the first": result.verdict.short if result.verdict else none,
    }


def settings(group: RunGroup) -> None:
    """Show the settings that differ; values that differ from the first run's are bold."""
    configs = [run.current_config for run in group.runs]
    every = st.toggle("All settings", key="every_setting", help="Show also the settings that are the same in all runs.")
    different = differences(configs)
    names = [*different, *(name for name in SETTINGS if every and name not in different)]
    if not names:
        st.caption("These runs have the same settings.")
        return
    st.table([_setting(name, group.names, configs) for name in names], border="horizontal")


def _setting(name: str, runs: Sequence[str], configs: Sequence[RunConfig]) -> dict[str, str]:
    setting, values = SETTINGS[name], [getattr(config, name) for config in configs]
    row = {"Setting": setting.label}
    for run, value in zip(runs, values, strict=True):
        text = escape_markdown(setting.words(value))
        row[escape_markdown(run)] = text if value == values[0] else f"**{text}**"
    return row


def early_stopping(group: RunGroup) -> None:
    """Show when a run without a regularizer was closest to its penalized twin, for the first such pair of runs."""
    for plain_run, penalized in product(group.runs, group.runs):
        pair = _closest(plain_run, penalized)
        if pair is None:
            continue
        penalty, found = pair
        per_epoch = plain_run.telemetry.steps_per_epoch
        network = evaluated_network_of(penalized)
        assert network is not None
        stop = predicted_stop(penalized.current_config, network.run_state.data.n)
        st.markdown(f"**Early stopping against {in_sentence(penalty.name)}**")
        st.markdown(chart.describe_nearest(found, per_epoch, penalty, stop))
        st.plotly_chart(
            chart.distance_chart(found, per_epoch, plain_run.initial_config.epochs, penalty, colours()),
            theme=None,
            key="nearest",
        )
        return
    st.caption(
        f"To see early stopping against {listed(replaceable())}, compare a run without any regularizer with the "
        "same run with that penalty."
    )


def _closest(plain_run: Run, penalized: Run) -> tuple[type[Penalty], Nearest] | None:
    """Return the penalty of the second run and the distances of the first from it; None if they are no such pair."""
    try:
        penalty = twin_penalty(plain_run.current_config, penalized.current_config)
        network = evaluated_network_of(penalized)
    except FieldError:
        return None
    with plain_run.lock:
        keyframes = list(plain_run.telemetry.keyframes)
    if network is None or not keyframes or plain_run.telemetry.changes or penalized.telemetry.changes:
        return None
    target = network.run_state.parameters
    found = nearest(
        [each.step for each in keyframes], [each.flat for each in keyframes], target.flat, target.weight_count
    )
    return penalty, found

"""The view Results of the compare page: accuracies with errors, differing settings, early stopping against L2."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import plain
from dashboard.charts.static import nearest as chart
from dashboard.live.run_group import RunGroup
from dashboard.pages.style import colours
from engine import FieldError, RunConfig
from engine.analysis.nearest_to_l2 import Nearest, check_twins, nearest, predicted_steps
from engine.analysis.twins import differences
from engine.config import SETTINGS
from engine.runs import states
from engine.runs.server.evaluated_network import evaluated_network_of
from engine.runs.server.results import Result, results_of
from engine.runs.server.run import Run

EVERY = 2.0  # seconds between two updates while runs train


def show(group: RunGroup) -> None:
    """Draw the view."""
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
    judge = group.runs[0].initial_config.evaluate_on
    st.table([_row(name, result, judge) for name, result in zip(group.names, found, strict=True)], border="horizontal")
    st.caption(
        f"± is the standard error of the accuracy on the {judge} examples (Agresti and Coull). Against the first "
        "compares the answers example by example, at a level of 95 %. Another seed may give another result: see Seeds. "
        "Best is chosen among all epochs on the same examples, so it is too optimistic."
        + (
            " Runs are still training: Last is from the last whole epoch, Against the first from the newest weights, "
            "and one run may be ahead of another."
            if _is_training(group)
            else ""
        )
    )


def _row(name: str, result: Result | None, judge: str) -> dict[str, str]:
    none = numbers.NONE
    if result is None:
        return {"Run": plain(name), f"Last, {judge}": none}
    return {
        "Run": f"**{plain(name)}**",
        f"Last, {judge}": f"{numbers.percent(result.last)} ± {100 * result.error:.1f}",
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
        text = plain(setting.words(value))
        row[plain(run)] = text if value == values[0] else f"**{text}**"
    return row


def early_stopping(group: RunGroup) -> None:
    """Show when a run without a penalty was nearest to its L2 twin, if there is such a pair."""
    for unregularized, l2_twin in product(group.runs, group.runs):
        found = _nearest(unregularized, l2_twin)
        if found is None:
            continue
        per_epoch = unregularized.telemetry.steps_per_epoch
        network = evaluated_network_of(l2_twin)
        assert network is not None
        st.markdown("**Early stopping against L2**")
        st.markdown(chart.sentence(found, per_epoch, predicted_steps(l2_twin.current_config, network.run_state.data.n)))
        st.plotly_chart(
            chart.distances(found, per_epoch, unregularized.initial_config.epochs, colours()), theme=None, key="nearest"
        )
        return
    st.caption("Early stopping against L2: to see it here, compare a run without any regularizer with its L2 twin.")


def _nearest(unregularized: Run, l2_twin: Run) -> Nearest | None:
    try:
        check_twins(unregularized.current_config, l2_twin.current_config)
        network = evaluated_network_of(l2_twin)
    except FieldError:
        return None
    with unregularized.lock:
        keyframes = list(unregularized.telemetry.keyframes)
    if network is None or not keyframes or unregularized.telemetry.changes or l2_twin.telemetry.changes:
        return None
    target = network.run_state.parameters
    return nearest(
        [each.step for each in keyframes], [each.flat for each in keyframes], target.flat, target.weight_count
    )

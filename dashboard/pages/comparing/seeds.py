"""The part Seeds of the compare page: the same settings trained with several seeds."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.static import seed_fan as chart
from dashboard.live.run_group import RunGroup
from dashboard.pages.comparing.tables import Cell, show_table
from dashboard.pages.style import theme_palette
from dashboard.state.pages import evidence_state
from dashboard.state.settings.page_settings import with_label
from engine.analysis.evidence import compare_over_seeds
from engine.runs.server.seed_fan import MAX_SEEDS, MIN_SEEDS, SeedFan

UPDATE_INTERVAL = 1.0  # seconds between two updates while a fan trains


def show(group: RunGroup) -> None:
    """Draw this part of the page."""
    unchanged = [i for i, run in enumerate(group.runs) if not run.telemetry.changes]
    if not unchanged:
        st.info("The settings of these runs changed during training, so the runs cannot be repeated with another seed.")
        return
    runs, names = [group.runs[i] for i in unchanged], [group.names[i] for i in unchanged]
    left, right = st.columns([3, 5], vertical_alignment="bottom")
    seed_count = left.slider(
        "Seeds",
        MIN_SEEDS,
        MAX_SEEDS,
        key=evidence_state.SEED_COUNT,
        persist_state="session",
        help="The number of runs for each of these settings: with the seed of the run and the seeds after it.",
    )
    fan = evidence_state.find_fan([run.initial_config for run in runs], seed_count)
    with right.container(horizontal=True):
        if fan is not None and fan.is_running:
            st.button("Stop", on_click=fan.stop, help="Stop the runs that train. Finished runs remain saved.")
        else:
            st.button(
                f"Train {seed_count} seeds of each",
                type="primary",
                on_click=evidence_state.start_fan,
                args=(runs, names, seed_count),
                disabled=fan is not None and fan.complete_seed_count() == seed_count,
                help="Trains in the background, one run on each core. Saved runs with the same settings and seed are "
                "used again.",
            )
    if len(unchanged) < len(group.runs):
        st.caption("Runs whose settings changed during training are omitted.")
    if refused := evidence_state.fan_error():
        st.error(escape_markdown(with_label(refused)))
    if fan is None:
        st.caption(
            "One curve is no evidence about a regularizer: another seed gives other initial weights, another order of "
            "the examples, other masks and other wrong labels. A fan shows the range over several seeds."
        )
        return
    was_working = fan.is_running

    @st.fragment(run_every=UPDATE_INTERVAL if was_working else None, key="fan")
    def draw() -> None:
        progress(fan)
        st.plotly_chart(
            chart.accuracy_chart(
                names,
                line_styles_of([run.initial_config for run in runs]),
                [fan.band(run.initial_config) for run in runs],
                theme_palette(),
            ),
            theme=None,
            key="fan_chart",
        )
        spread_table(fan, names)
        if fan.is_running != was_working:
            st.rerun()

    draw()


def progress(fan: SeedFan) -> None:
    """Show the progress of a fan, and the error if one has ended it."""
    ended_runs, total = fan.progress
    if ended_runs < total:
        st.progress(ended_runs / total, f"{ended_runs} of {total} runs{'' if fan.is_running else ', stopped'}")
    if fan.error:
        st.error(escape_markdown(f"Training of the seeds has ended: {with_label(fan.error)}"))


def spread_table(fan: SeedFan, names: list[str]) -> None:
    """Show mean and spread for each of the settings, and a test of the difference from the first.

    The rows are in the order of the settings while they train, then by mean, best first.
    """
    if fan.complete_seed_count() < 2:
        return
    rows = []
    first_config = fan.configs[0]
    spreads = [(name, config, fan.spread(config)) for name, config in zip(names, fan.configs, strict=True)]
    if not fan.is_running:
        spreads.sort(key=lambda row: -row[2].mean)
    for name, config, spread in spreads:
        texts = {
            "Last, mean": f"{numbers.percent(spread.mean)} ± {100 * spread.noise:.1f}",
            "Of a single seed": f"{numbers.percent(spread.low)} to {numbers.percent(spread.high)}",
            f"Against {names[0]}": compare_over_seeds(fan.final_values(first_config), fan.final_values(config)).summary
            if config != first_config
            else numbers.NO_VALUE,
        }
        rows.append({"Run": Cell(name, is_bold=True), **{column: Cell(text) for column, text in texts.items()}})
    show_table(rows, "seeds")
    st.caption(
        f"{fan.complete_seed_count()} seeds of each, compared seed by seed. ± and noise are half of a 95 % interval "
        "(Student's t): between equal settings, chance alone shows a difference once in twenty times."
    )

"""The part Seeds of the compare page: the same settings trained with several seeds."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.charts.overlays.line_styles import line_styles_of
from dashboard.charts.static import seed_fan as chart
from dashboard.live.run_group import RunGroup
from dashboard.pages.style import colours
from dashboard.state.pages import evidence_state
from dashboard.state.settings.page_settings import with_label
from engine.analysis.evidence import verdict_of_seeds
from engine.runs.server.seed_fan import MAX_SEEDS, MIN_SEEDS, SeedFan

EVERY = 1.0  # seconds between two updates while a fan trains


def show(group: RunGroup) -> None:
    """Draw this part of the page."""
    kept = [i for i, run in enumerate(group.runs) if not run.telemetry.changes]
    if not kept:
        st.info("These runs were changed while they trained, so they cannot be trained again with another seed.")
        return
    runs, names = [group.runs[i] for i in kept], [group.names[i] for i in kept]
    left, right = st.columns([3, 5], vertical_alignment="bottom")
    many = left.slider(
        "Seeds",
        MIN_SEEDS,
        MAX_SEEDS,
        key=evidence_state.SEED_COUNT,
        persist_state="session",
        help="How often each setting is trained: with its own seed and the seeds that follow it.",
    )
    found = evidence_state.fan([run.initial_config for run in runs], many)
    with right.container(horizontal=True):
        if found is not None and found.working:
            st.button("Stop", on_click=found.stop, help="Finished runs are kept.")
        else:
            st.button(
                f"Train {many} seeds of each",
                type="primary",
                on_click=evidence_state.start_fan,
                args=(runs, names, many),
                disabled=found is not None and found.complete() == many,
                help="Trains in the background, one run on each core. Saved runs with the same settings and seed are "
                "used again.",
            )
    if len(kept) < len(group.runs):
        st.caption("Runs that were changed while they trained are left out.")
    if refused := evidence_state.refused():
        st.error(escape_markdown(with_label(refused)))
    if found is None:
        st.caption(
            "One curve proves nothing about a regularizer: another seed gives other initial weights, another order of "
            "the examples, other masks and other wrong labels. A fan shows the range over several seeds."
        )
        return
    working = found.working

    @st.fragment(run_every=EVERY if working else None, key="fan")
    def watch() -> None:
        progress(found)
        st.plotly_chart(
            chart.accuracy_chart(
                names,
                line_styles_of([run.initial_config for run in runs]),
                [found.band(run.initial_config) for run in runs],
                colours(),
            ),
            theme=None,
            key="fan_chart",
        )
        words(found, names)
        if found.working != working:
            st.rerun()

    watch()


def progress(fan: SeedFan) -> None:
    """Show how many runs are done, and the error that ended the fan."""
    done, wanted = fan.progress
    if done < wanted:
        st.progress(done / wanted, f"{done} of {wanted} runs{'' if fan.working else ', stopped'}")
    if fan.trouble:
        st.error(escape_markdown(f"Training of the seeds has ended: {with_label(fan.trouble)}"))


def words(fan: SeedFan, names: list[str]) -> None:
    """Show mean and spread of each setting, and if it differs from the first by more than chance."""
    if fan.complete() < 2:
        return
    rows = []
    first = fan.configs[0]
    for name, config in zip(names, fan.configs, strict=True):
        found = fan.spread(config)
        rows.append(
            {
                "Run": f"**{escape_markdown(name)}**",
                "Last, mean": f"{numbers.percent(found.mean)} ± {100 * found.noise:.1f}",
                "Of a single seed": f"{numbers.percent(found.low)} to {numbers.percent(found.high)}",
                "Against the first": verdict_of_seeds(fan.finals(first), fan.finals(config)).short
                if config != first
                else numbers.NO_VALUE,
            }
        )
    st.table(rows, border="horizontal")
    st.caption(
        f"{fan.complete()} seeds of each, compared seed by seed. ± and noise are half of a 95 % interval (Student's "
        "t): between equal settings, chance alone shows a difference once in twenty times."
    )

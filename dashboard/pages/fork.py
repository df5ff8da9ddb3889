"""The dialog that forks a run at one step into several futures."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.state import dialogs, navigation
from dashboard.state.pages import compare_page, fork_dialog
from dashboard.state.settings.page_settings import with_label
from engine.analysis.futures import AS_IT_WAS, futures_of
from engine.learning.checkpoint import config_at
from engine.runs.server.forking import MAX_FORKS
from engine.runs.server.run import Run


@st.dialog("Fork this run", width="medium", on_dismiss=dialogs.close)
def dialog(run: Run, step: int) -> None:
    """Offer the futures of a run from its weights at a step, or the last stored ones before it."""
    with run.lock:
        keyframe = run.telemetry.keyframes.before(step)
        config = config_at(run.initial_config, run.telemetry.changes, step + 1)
        epoch = run.telemetry.epoch_of(keyframe.step) if keyframe else 0.0
        begun = run.telemetry.step > 0
    if keyframe is None:
        gone = f"The weights of step {numbers.count(step)} are no longer stored. Fork at a later step."
        st.write(gone if begun else "This run has not begun, so there are no weights to fork from.")
        return
    st.write(
        f"From the weights of step {numbers.count(keyframe.step)}, epoch {epoch:.1f}. "
        "The run itself is not changed. The forks have its history up to this step."
    )
    futures = futures_of(config)
    chosen = st.pills(
        f"Futures, up to {MAX_FORKS}",
        list(futures),
        selection_mode="multi",
        default=[AS_IT_WAS, *(name for name in futures if name != AS_IT_WAS)][:2],
        help="Each is a run of its own. A fork without a change gives exactly the same result as this run.",
    )
    least = int(epoch) + 1
    epochs = st.number_input(
        "Epochs, counted from the start of the run",
        min_value=least,
        max_value=1_000_000,
        value=max(least, run.initial_config.epochs),
        help="With more epochs than the run has, the forks train longer.",
    )
    too_many = len(chosen) > MAX_FORKS
    if too_many:
        st.warning(f"Choose at most {MAX_FORKS} at a time.")
    if st.button("Start the forks", type="primary", disabled=not chosen or too_many):
        forks = fork_dialog.start(run, keyframe.step, {name: futures[name] for name in chosen}, epochs)
        if forks:
            dialogs.close()
            compare_page.show([run, *forks])
            navigation.go_to("compare")
            st.rerun()
    if refused := fork_dialog.refused():
        st.error(escape_markdown(with_label(refused)))

"""The dialog that starts forks of a run: new runs that continue it from one step."""

from __future__ import annotations

import streamlit as st

from dashboard import _compat
from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.live.single_run import fork_refusal
from dashboard.state import dialogs
from dashboard.state.pages import compare_page, fork_dialog
from dashboard.state.settings.page_settings import with_label
from engine.analysis.futures import UNCHANGED, futures_of
from engine.learning.checkpoint import config_at
from engine.runs.server.forking import MAX_FORKS
from engine.runs.server.run import Run


@st.dialog("Fork this run", width="medium", on_dismiss=dialogs.close)
def dialog(run: Run, step: int) -> None:
    """Show the dialog.

    Args:
        run: the run to fork.
        step: the step to fork at; the forks start from the last stored weights at or before it.
    """
    with run.lock:
        keyframe = run.telemetry.keyframes.latest_at_or_before(step)
        config = config_at(run.initial_config, run.telemetry.changes, step + 1)
        epoch = run.telemetry.epoch_of(keyframe.step) if keyframe else 0.0
        has_trained = run.telemetry.step > 0
        too_far = fork_refusal(run, step) if keyframe else ""
    if too_far:  # the button on the board is disabled, but keyframes may have been removed since
        st.write(too_far)
        return
    if keyframe is None:
        message = f"The weights of step {numbers.count(step)} are no longer stored. Fork at a later step."
        st.write(message if has_trained else "This run has not trained yet, so there are no weights to fork from.")
        return
    st.write(
        f"From the weights of step {numbers.count(keyframe.step)}, epoch {epoch:.1f}. "
        "The run itself is not changed. The forks have its history up to this step."
    )
    if not keyframe.exact:
        st.caption(
            "These weights are kept with 3 digits, because the network is large: a fork without a change follows the "
            "run closely, but not to the last bit."
        )
    futures = futures_of(config)
    chosen_names = st.pills(
        f"Futures, up to {MAX_FORKS}",
        list(futures),
        selection_mode="multi",
        default=[UNCHANGED, *(name for name in futures if name != UNCHANGED)][:2],
        help="Each fork is a new run."
        + (" A fork without a change gives exactly the same result as this run." if keyframe.exact else ""),
    )
    min_epochs = int(epoch) + 1
    epochs = st.number_input(
        "Epochs, counted from the start of the run",
        min_value=min_epochs,
        max_value=1_000_000,
        value=max(min_epochs, run.initial_config.epochs),
        help="With more epochs than the run has, the forks train longer.",
    )
    too_many = len(chosen_names) > MAX_FORKS
    if too_many:
        st.warning(f"Choose at most {MAX_FORKS} at a time.")
    if st.button("Start the forks", type="primary", disabled=not chosen_names or too_many):
        with _compat.uninterrupted():  # forks that started are shown
            forks = fork_dialog.start_forks(run, keyframe.step, {name: futures[name] for name in chosen_names}, epochs)
            if forks:
                dialogs.close()
                compare_page.go_to_runs([run, *forks])
                st.rerun()
    if error := fork_dialog.fork_error():
        st.error(escape_markdown(with_label(error)))

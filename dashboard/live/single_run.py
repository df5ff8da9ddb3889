"""The `Watched` of one run."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.charts import metrics_line, numbers, sentences
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import Layout, panels_of
from dashboard.live.contents import READY, Contents, panel_specs
from dashboard.live.frames.bodies import Body, add_step_of_weights, needs_weights, panel_body, past_bodies
from dashboard.live.orders import state_fields, toggle_label
from dashboard.live.watched import STATUS, Watched
from engine import FieldError, RunConfig, dataset_of
from engine.data import dataset_title
from engine.learning.checkpoint import config_at
from engine.learning.network import layer_sizes_of
from engine.runs import states
from engine.runs.extracts.tug import are_weights_choosable
from engine.runs.history.chosen_weight import choose_weight
from engine.runs.history.past_telemetry import telemetry_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.names import display_name
from engine.runs.server.run import Run
from engine.runs.server.silence import silence_notice


class SingleRun(Watched):
    """One run on a board. An instance has no state of its own, so any number may exist for one run.

    Attributes:
        run: the run.
    """

    charts_per_frame = None

    def __init__(self, run: Run) -> None:
        self.run = run
        self.runs = (run,)
        self.id, self.token = run.id, run.token
        self.panels = PANELS

    @property
    def state(self) -> str:
        return self.run.state

    @property
    def page_version(self) -> str:
        telemetry = self.run.telemetry
        changes = len(telemetry.changes)
        return f"{self.run.state}, {changes} changes, {telemetry.refusal_reason or ''}, {telemetry.save_error or ''}"

    @property
    def subject_configs(self) -> tuple[RunConfig, ...]:
        return (self.run.current_config,)

    @property
    def step(self) -> int:
        return self.run.telemetry.step

    @property
    def past_version(self) -> object:
        telemetry = self.run.telemetry
        return telemetry.chosen_weight and telemetry.chosen_weight.position, telemetry.is_slow

    @property
    def steps_per_epoch(self) -> int:
        return self.run.telemetry.steps_per_epoch

    @property
    def title(self) -> str:
        run = self.run
        return (
            f"{run.name} on {dataset_title(run.initial_config.dataset, short=True)}" if run.name else display_name(run)
        )

    def choose_weight(self, position: object) -> None:
        """Choose the weight for the tug of war, for all viewers of the run; ignore a weight that does not exist.

        Args:
            position: layer, row and column, from a browser.
        """
        run = self.run
        try:
            dataset = dataset_of(run.initial_config)
        except FieldError:  # the data set has been removed
            return
        with run.lock:
            telemetry = run.telemetry
            sizes = layer_sizes_of(run.initial_config, dataset.features, dataset.classes)
            if not are_weights_choosable(sizes):
                return
            chosen = choose_weight(position, sizes, telemetry.keyframes, telemetry.steps_per_epoch)
            if chosen is None:
                return
            telemetry.chosen_weight = chosen
            telemetry.sequence_numbers["tug"] += 1
        run.call_listeners()

    def contents(self, layout: Layout) -> Contents:
        return single_run_contents(self.run.current_config, layout, self.run.state)

    def part_body(self, part: str) -> Body:
        config, telemetry = self.run.current_config, self.run.telemetry
        return self._status(telemetry) if part == STATUS else panel_body(PANELS[part].update(config, telemetry))

    def frame_parts_at(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        return self._frame_parts_of(self._telemetry_at(step), panels)

    def _telemetry_at(self, step: int) -> Telemetry:
        run = self.run
        with run.lock:
            return telemetry_at(run.initial_config, run.telemetry, step)

    def _frame_parts_of(self, past_telemetry: Telemetry, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        """Return the status and the bodies of `frame_parts_at`, given the telemetry at the earlier step."""
        run = self.run
        config = config_at(run.initial_config, past_telemetry.changes, past_telemetry.step + 1)
        with run.lock:
            status = self._status(past_telemetry)
        return status, past_bodies(PANELS, panels, lambda name: _past_body(name, config, past_telemetry))

    def _status(self, telemetry: Telemetry) -> Body:
        """Return the status.

        Args:
            telemetry: the telemetry of the run, now or at an earlier step.
        """
        run = self.run
        return {
            **state_fields(run.state),
            "page": self.page_version,
            "step": telemetry.step,
            "last": run.telemetry.step,
            "keyframe": telemetry.keyframe_step,
            "fork_refusal": fork_refusal(run, telemetry.step),
            "sentence": self._sentence(telemetry),
            "notice": _notice(run),
            "metrics": metrics_line.metric_rows(run.current_config, telemetry),
            "spoken": metrics_line.screen_reader_text(run.current_config, telemetry),
            "measured_at": telemetry.reported_at,
        }

    def _sentence(self, telemetry: Telemetry, ghost: Telemetry | None = None, ghost_name: str = "") -> str:
        """Return the line above the board: how the run ended if the telemetry is that of its end, else what it trains.

        Args:
            telemetry: of the run, now or at an earlier step. ghost, ghost_name: telemetry and name of the grey run.
        """
        run = self.run
        if run.state == states.FINISHED and telemetry.step == run.telemetry.step:
            return sentences.verdict(run.current_config, telemetry, ghost)
        return sentences.situation(run.current_config, ghost_name)


def single_run_contents(config: RunConfig, layout: Layout, state: str = READY) -> Contents:
    """Return the initial contents of the board of one run, or of a board without a run.

    Args:
        config: the current config of the run, or the config that the next run will start with.
        layout: the layout of the board.
        state: the state of the run, or `READY`.
    """
    return Contents(
        state,
        panel_specs(tuple(panels_of(config, layout.name, layout.panels)), config),
        metrics=metrics_line.metric_rows(config, None),
        sentence=sentences.situation(config),
        subtitle=sentences.subtitle([config]),
        layout={"name": layout.name, "panels": list(layout.panels), "in_address": layout.is_explicit},
    )


def fork_refusal(run: Run, step: int) -> str:
    """Return why a run cannot be forked at a step, "" if it can. Call it under the lock of the run."""
    telemetry = run.telemetry
    if telemetry.keyframes.forkable(step, run.initial_config.epochs * telemetry.steps_per_epoch):
        return ""
    keyframe = telemetry.keyframes.latest_at_or_before(step)
    if keyframe is None:
        return f"The weights of step {numbers.count(step)} are not kept."
    way_out = "Pause the run" if run.state == states.RUNNING and step == telemetry.step else "Look back at that step"
    return (
        f"The nearest weights that are kept before step {numbers.count(step)} are those of step "
        f"{numbers.count(keyframe.step)}. {way_out} to fork."
    )


def _notice(run: Run) -> str:
    """Return a notice about the end of a run, a refused change and a silent worker; may be empty."""
    notices = []
    if run.state == states.ELSEWHERE:
        notices.append(
            "Another Regscope on this machine trains this run. The board shows the run as it is saved, about once a "
            "second. Pause or stop it there."
        )
    elif run.reason:
        purpose = "to continue" if run.state == states.INTERRUPTED else "for another run"
        notices.append(f"This run has ended ({run.state}): {run.reason}. Press {toggle_label(run.state)} {purpose}.")
    if run.telemetry.refusal_reason:
        notices.append(f"A change was refused: {run.telemetry.refusal_reason}.")
    if notice := silence_notice(run):
        notices.append(notice)
    return " ".join(notices)


def _past_body(name: str, config: RunConfig, past_telemetry: Telemetry) -> Body:
    """Return the body of a panel at an earlier step.

    If the panel has no data of that step, the body contains the reason: the chart of another step must not remain.
    """
    panel = PANELS[name]
    if past_telemetry.keyframe_step is None and panel.extracts:
        return {"trouble": f"The weights of update {past_telemetry.step} of this run are no longer stored."}
    body = panel_body(panel.update(config, past_telemetry))
    if needs_weights(panel.extracts):
        add_step_of_weights(body, {"": past_telemetry})
    if panel.figure and panel.applies_to(config) and not body["traces"]:
        return {"trouble": f"This panel has no data of update {past_telemetry.step}."}
    return body

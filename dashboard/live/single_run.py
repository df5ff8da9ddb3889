"""One run as viewers watch it."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.charts import metrics_line
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import Layout, panels_of
from dashboard.live import orders
from dashboard.live.bodies import Body, body_of, past_bodies
from dashboard.live.contents import READY, Contents, specs_of
from dashboard.live.watched import STATUS, Watched
from engine import RunConfig
from engine.learning.checkpoint import config_at
from engine.runs.history.looking_back import telemetry_at
from engine.runs.history.telemetry import Telemetry
from engine.runs.server.manager import Manager
from engine.runs.server.run import Run


class SingleRun(Watched):
    """One run as viewers watch it. It has no state of its own: make one wherever it is needed.

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
        told = self.run.telemetry
        return f"{self.run.state}, {len(told.changes)} changes, {told.refused or ''}, {told.unsaved or ''}"

    def contents(self, layout: Layout) -> Contents:
        return contents_of(self.run.current_config, layout, self.run.state)

    def body(self, part: str) -> Body:
        config, telemetry = self.run.current_config, self.run.telemetry
        return self._status(telemetry) if part == STATUS else body_of(PANELS[part].update(config, telemetry))

    def past_body(self, step: int, panels: Iterable[str]) -> tuple[Body, dict[str, Body]]:
        run = self.run
        with run.lock:
            past = telemetry_at(run.initial_config, run.telemetry, step)
        config = config_at(run.initial_config, past.changes, past.step + 1)
        return self._status(past), past_bodies(PANELS, panels, lambda name: _past_body(name, config, past))

    def order(self, manager: Manager, order: object) -> None:
        orders.give(manager, self.run, order)

    def _status(self, telemetry: Telemetry) -> Body:
        """Return the status.

        Args:
            telemetry: the run's, or that of a moment in its past.
        """
        run = self.run
        return {
            "state": run.state,
            "page": self.page_version,
            "step": telemetry.step,
            "last": run.telemetry.step,
            "keyframe": telemetry.keyframe,
            "reason": run.reason,
            "refused": run.telemetry.refused,
            "figures": metrics_line.line(run.current_config, telemetry),
            "spoken": metrics_line.spoken(run.current_config, telemetry),
            "at": telemetry.taken_at,
        }


def contents_of(config: RunConfig, layout: Layout, state: str = READY) -> Contents:
    """Return the contents of the board of one run, or of a board that waits for one.

    Args:
        config: the run's in force, or that of the run to come.
    """
    return Contents(
        state,
        specs_of(tuple(panels_of(config, layout.name, layout.panels)), config),
        metrics=metrics_line.line(config, None),
        layout={"name": layout.name, "panels": list(layout.panels), "asked": layout.asked},
    )


def _past_body(name: str, config: RunConfig, past: Telemetry) -> Body:
    """Return a panel's body at a step of the past, or why there is none: the present must not be shown as the past."""
    panel = PANELS[name]
    if past.keyframe is None and panel.views:
        return {"trouble": f"The weights of update {past.step} of this run are no longer kept."}
    body = body_of(panel.update(config, past))
    if panel.figure and panel.shown(config) and not body["traces"]:
        return {"trouble": f"There is nothing to show here of update {past.step}."}
    return body

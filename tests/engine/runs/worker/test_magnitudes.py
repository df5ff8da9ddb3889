"""The magnitudes of weights that a worker reports, compared with direct training."""

from __future__ import annotations

import io

import pytest

from engine import RunConfig, Training, dataset_of, select
from engine.analysis.magnitudes import magnitudes, series_name, zero_tolerance
from engine.runs import states
from engine.runs.history.telemetry import Telemetry
from engine.runs.messages import Command, RunSetup, Verb
from engine.runs.worker.channel import receive
from engine.runs.worker.worker import Worker
from tests.engine.runs.driving import small


def telemetry_of(config: RunConfig) -> Telemetry:
    """The telemetry of a whole run without viewers."""
    out = io.BytesIO()
    worker = Worker(RunSetup(config.to_dict()), out)
    worker.apply(Command(Verb.RESUME))
    while worker.state not in states.FINAL:
        worker.train_slice()
    out.seek(0)
    telemetry = Telemetry()
    while out.tell() < len(out.getvalue()):
        telemetry.add_report(receive(out))
    return telemetry


@pytest.mark.parametrize(("epochs", "every"), [(4, 1), pytest.param(450, 3, marks=pytest.mark.slow)])
def test_magnitudes_are_measured_evenly_from_start_to_end(epochs, every):
    config = small(epochs=epochs, l1=0.1, l1_rule="proximal", dtype="float64")
    telemetry = telemetry_of(config)
    training = Training(config, select(config, dataset_of(config)))
    step = zero_tolerance(config, config.learning_rate, 100)
    series = telemetry.over_time
    for epoch in range(epochs + 1):
        if epoch % every == 0:
            for layer, found in enumerate(magnitudes(training.parameters, step)):
                for quantity in ("squares", "absolute", "zeros", "within"):
                    x, y = series[series_name(layer, quantity)].line()
                    assert x[epoch // every] == epoch
                    assert y[epoch // every] == pytest.approx(getattr(found, quantity), rel=1e-9)
        training.run(training.steps_per_epoch)
    assert len(x) == epochs // every + 1
    assert series[series_name(0, "zeros")].latest > 0


def test_a_run_that_stops_early_is_measured_where_it_stops():
    telemetry = telemetry_of(small(epochs=5_000, stop_on="accuracy", patience=3))
    series = telemetry.over_time[series_name(0, "squares")]
    x, _ = series.line()
    assert telemetry.snapshot is not None
    assert x[-1] == telemetry.snapshot.epoch
    assert telemetry.snapshot.epoch % 25 != 0, "the last epoch is not a regular measurement"

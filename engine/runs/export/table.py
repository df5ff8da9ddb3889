"""The table of all exports of a run, for the menu of the page and for the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.config import RunConfig
from engine.data import dataset_of
from engine.errors import FieldError
from engine.runs.export import onnx_file, program, tables, used_data
from engine.runs.export.weights import weights_bytes
from engine.runs.extracts.run_state import RunState
from engine.runs.history.looking_back import run_state_at
from engine.runs.history.telemetry import Telemetry

Make = Callable[[RunConfig, Telemetry], bytes]


@dataclass(frozen=True)
class Export:
    """One kind of export.

    Attributes:
        label: in menus. noun: the end of the file name, so that exports of a run have different names.
        ending, mime: of the file.
        make: returns its content, from the initial config and the telemetry; raises `FieldError` if the run
            has no weights yet or the data set is missing.
        missing: returns why the export is not possible for this run on this machine, with the way out; else None.
    """

    label: str
    noun: str
    ending: str
    mime: str
    make: Make
    missing: Callable[[RunConfig, Telemetry], str | None] = lambda initial_config, run: None


def _run_state(initial_config: RunConfig, telemetry: Telemetry) -> RunState:
    keyframe = telemetry.keyframes.before(telemetry.step)
    if keyframe is None:
        raise FieldError("run", "has no weights yet: start it first")
    return run_state_at(initial_config, telemetry, keyframe)


def _no_onnx(initial_config: RunConfig, telemetry: Telemetry) -> str | None:
    return onnx_file.missing()


def _no_data(initial_config: RunConfig, telemetry: Telemetry) -> str | None:
    try:
        dataset_of(initial_config)
    except FieldError as error:
        return str(error)
    return None


def _weights(ending: str) -> Make:
    def make(initial_config: RunConfig, telemetry: Telemetry) -> bytes:
        run_state = _run_state(initial_config, telemetry)
        return weights_bytes(run_state.parameters, run_state.current_config, ending)

    return make


def _onnx(initial_config: RunConfig, telemetry: Telemetry) -> bytes:
    run_state = _run_state(initial_config, telemetry)
    return onnx_file.onnx_bytes(run_state.current_config, run_state.full)


def _program(initial_config: RunConfig, telemetry: Telemetry) -> bytes:
    whole = bool(telemetry.steps_per_epoch) and telemetry.step % telemetry.steps_per_epoch == 0
    ended = whole and telemetry.step >= initial_config.epochs * telemetry.steps_per_epoch
    return program.program(initial_config, telemetry.changes, None if ended else telemetry.step).encode()


# On the command line an ending selects the first export with that ending.
EXPORTS: dict[str, Export] = {
    "series": Export(
        "Series over the epochs",
        "series",
        ".csv",
        "text/csv",
        lambda initial_config, run: tables.csv_bytes(tables.epochs_table(run)),
    ),
    "costs": Export(
        "Cost of the mini-batches",
        "costs",
        ".csv",
        "text/csv",
        lambda initial_config, run: tables.csv_bytes(tables.costs_table(run)),
    ),
    "parquet": Export(
        "Series over the epochs",
        "series",
        ".parquet",
        "application/vnd.apache.parquet",
        lambda initial_config, run: tables.parquet_bytes(tables.epochs_table(run)),
    ),
    "npz": Export("Weights", "weights", ".npz", "application/octet-stream", _weights(".npz")),
    "safetensors": Export("Weights", "weights", ".safetensors", "application/octet-stream", _weights(".safetensors")),
    "onnx": Export("Network", "network", ".onnx", "application/octet-stream", _onnx, _no_onnx),
    "data": Export(
        "Data as used, noise and all",
        "data",
        ".npz",
        "application/octet-stream",
        lambda initial_config, run: used_data.used_data_bytes(initial_config),
        _no_data,
    ),
    "program": Export("Program that makes this run again", "program", ".py", "text/x-python", _program),
}

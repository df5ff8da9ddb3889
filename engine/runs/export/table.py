"""Everything that can be taken out of a run, in one table: for the page's menu and for the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.config import RunConfig
from engine.data import dataset_of
from engine.errors import FieldError
from engine.runs.export import onnx_file, program, tables, used_data
from engine.runs.export.weights import weights_bytes
from engine.runs.extracts.run_state import Scene
from engine.runs.history.looking_back import scene_at
from engine.runs.history.telemetry import Telemetry

Make = Callable[[RunConfig, Telemetry], bytes]


@dataclass(frozen=True)
class Export:
    """One thing that can be taken out of a run.

    Attributes:
        label: what people call it. noun: what a file's name ends with, so that two files of a run can lie side by side.
        ending, mime: of the file.
        make: its content, from the config the run began with and all that is known of it; raises `FieldError` where
            the run has not begun or its data are gone.
        missing: why it cannot be had of this run on this machine, with the way out; None where it can.
    """

    label: str
    noun: str
    ending: str
    mime: str
    make: Make
    missing: Callable[[RunConfig, Telemetry], str | None] = lambda begun, run: None


def _scene(begun: RunConfig, telemetry: Telemetry) -> Scene:
    keyframe = telemetry.keyframes.before(telemetry.step)
    if keyframe is None:
        raise FieldError("run", "has no weights yet: let it begin first")
    return scene_at(begun, telemetry, keyframe)


def _no_onnx(begun: RunConfig, telemetry: Telemetry) -> str | None:
    return onnx_file.missing()


def _no_data(begun: RunConfig, telemetry: Telemetry) -> str | None:
    try:
        dataset_of(begun)
    except FieldError as error:
        return str(error)
    return None


def _weights(ending: str) -> Make:
    def make(begun: RunConfig, telemetry: Telemetry) -> bytes:
        scene = _scene(begun, telemetry)
        return weights_bytes(scene.parameters, scene.config, ending)

    return make


def _onnx(begun: RunConfig, telemetry: Telemetry) -> bytes:
    scene = _scene(begun, telemetry)
    return onnx_file.onnx_bytes(scene.config, scene.full)


def _program(begun: RunConfig, telemetry: Telemetry) -> bytes:
    whole = bool(telemetry.steps_per_epoch) and telemetry.step % telemetry.steps_per_epoch == 0
    ended = whole and telemetry.step >= begun.epochs * telemetry.steps_per_epoch
    return program.program(begun, telemetry.changes, None if ended else telemetry.step).encode()


# The first of an ending is what that ending means on the command line.
EXPORTS: dict[str, Export] = {
    "series": Export(
        "Series over the epochs",
        "series",
        ".csv",
        "text/csv",
        lambda begun, run: tables.csv_bytes(tables.epochs_table(run)),
    ),
    "costs": Export(
        "Cost of the mini-batches",
        "costs",
        ".csv",
        "text/csv",
        lambda begun, run: tables.csv_bytes(tables.costs_table(run)),
    ),
    "parquet": Export(
        "Series over the epochs",
        "series",
        ".parquet",
        "application/vnd.apache.parquet",
        lambda begun, run: tables.parquet_bytes(tables.epochs_table(run)),
    ),
    "npz": Export("Weights", "weights", ".npz", "application/octet-stream", _weights(".npz")),
    "safetensors": Export("Weights", "weights", ".safetensors", "application/octet-stream", _weights(".safetensors")),
    "onnx": Export("Network", "network", ".onnx", "application/octet-stream", _onnx, _no_onnx),
    "data": Export(
        "Data as used, noise and all",
        "data",
        ".npz",
        "application/octet-stream",
        lambda begun, run: used_data.used_data_bytes(begun),
        _no_data,
    ),
    "program": Export("Program that makes this run again", "program", ".py", "text/x-python", _program),
}

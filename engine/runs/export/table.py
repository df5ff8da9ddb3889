"""The table of all exports of a run, for the page and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.config import RunConfig
from engine.data import dataset_of
from engine.errors import FieldError
from engine.runs.export import onnx_file, program, tables, used_data
from engine.runs.export.weights import weights_bytes
from engine.runs.extracts.run_state import RunState
from engine.runs.history.past_telemetry import run_state_at
from engine.runs.history.telemetry import Telemetry

MakeContent = Callable[[RunConfig, Telemetry], bytes]


@dataclass(frozen=True)
class Export:
    """One kind of export.

    Attributes:
        label: the text in menus. name_suffix: the end of the file name, so that exports of a run have different names.
        ending, mime_type: the extension and the MIME type of the file.
        make_content: returns the content of the file, from the initial config and the telemetry. Raises `FieldError`
            if the run has no weights yet or the data set is missing.
        unavailable_reason: returns why the export is not possible on this machine, and what to do; else None.
    """

    label: str
    name_suffix: str
    ending: str
    mime_type: str
    make_content: MakeContent
    unavailable_reason: Callable[[RunConfig, Telemetry], str | None] = lambda initial_config, telemetry: None


def _run_state(initial_config: RunConfig, telemetry: Telemetry) -> RunState:
    keyframe = telemetry.keyframes.latest_at_or_before(telemetry.step)
    if keyframe is None:
        raise FieldError("run", "has no weights yet: start the run first")
    return run_state_at(initial_config, telemetry, keyframe)


def _onnx_unavailable_reason(initial_config: RunConfig, telemetry: Telemetry) -> str | None:
    return onnx_file.unavailable_reason()


def _data_unavailable_reason(initial_config: RunConfig, telemetry: Telemetry) -> str | None:
    try:
        dataset_of(initial_config)
    except FieldError as error:
        return str(error)
    return None


def _weights_maker(ending: str) -> MakeContent:
    def make_content(initial_config: RunConfig, telemetry: Telemetry) -> bytes:
        run_state = _run_state(initial_config, telemetry)
        return weights_bytes(run_state.parameters, run_state.current_config, ending)

    return make_content


def _onnx_content(initial_config: RunConfig, telemetry: Telemetry) -> bytes:
    run_state = _run_state(initial_config, telemetry)
    return onnx_file.onnx_bytes(run_state.current_config, run_state.full_network)


def _program_content(initial_config: RunConfig, telemetry: Telemetry) -> bytes:
    is_epoch_end = bool(telemetry.steps_per_epoch) and telemetry.step % telemetry.steps_per_epoch == 0
    is_complete = is_epoch_end and telemetry.step >= initial_config.epochs * telemetry.steps_per_epoch
    return program.program_text(initial_config, telemetry.changes, None if is_complete else telemetry.step).encode()


# On the command line, the extension of the file selects the first export with that extension.
EXPORTS: dict[str, Export] = {
    "series": Export(
        "Series over the epochs",
        "series",
        ".csv",
        "text/csv",
        lambda initial_config, telemetry: tables.csv_bytes(tables.epochs_table(telemetry)),
    ),
    "costs": Export(
        "Cost of the mini-batches",
        "costs",
        ".csv",
        "text/csv",
        lambda initial_config, telemetry: tables.csv_bytes(tables.costs_table(telemetry)),
    ),
    "parquet": Export(
        "Series over the epochs",
        "series",
        ".parquet",
        "application/vnd.apache.parquet",
        lambda initial_config, telemetry: tables.parquet_bytes(tables.epochs_table(telemetry)),
    ),
    "npz": Export("Weights", "weights", ".npz", "application/octet-stream", _weights_maker(".npz")),
    "safetensors": Export(
        "Weights", "weights", ".safetensors", "application/octet-stream", _weights_maker(".safetensors")
    ),
    "onnx": Export("Network", "network", ".onnx", "application/octet-stream", _onnx_content, _onnx_unavailable_reason),
    "data": Export(
        "Data of this run, with noise",
        "data",
        ".npz",
        "application/octet-stream",
        lambda initial_config, telemetry: used_data.used_data_bytes(initial_config),
        _data_unavailable_reason,
    ),
    "program": Export("Program that repeats this run", "program", ".py", "text/x-python", _program_content),
}

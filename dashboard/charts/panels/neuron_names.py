"""Names of neurons for charts: inputs by their feature, outputs by their class. All names are escaped for Plotly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.charts.escaping import escape_plotly, shorten
from engine import FieldError, RunConfig, dataset_of
from engine.data import Dataset
from engine.learning.network import layer_sizes_of
from engine.runs.extracts.tug import are_weights_choosable


def dataset_or_none(config: RunConfig) -> Dataset | None:
    """Return the data set of a run; None if it has been removed."""
    try:
        return dataset_of(config)
    except FieldError:
        return None


def input_name(dataset: Dataset | None, index: int, max_length: int | None = None) -> str:
    """Return the name of an input, such as "petal length" or, without names of the features, "input 3".

    Args:
        dataset: the data set; None if it is missing. index: of the input, from 0. max_length: in characters, before
            escaping.
    """
    if dataset is None or not dataset.feature_names or index >= len(dataset.feature_names):
        return f"input {index + 1}"
    name = dataset.feature_names[index]
    return escape_plotly(name if max_length is None else shorten(name, max_length))


def neuron_name(
    config: RunConfig, layer: int, index: int, dataset: Dataset | None = None, max_length: int | None = None
) -> str:
    """Return the name of a neuron, the same in every panel.

    Such as "petal length (input 3)", "pixel in row 2, column 3", "hidden layer 2, neuron 7" or "output for setosa".

    Args:
        config: of the run. layer: 0 for the inputs. index: of the neuron, from 0.
        dataset: the data set of the run; without it, inputs and outputs have numbers.
        max_length: of the name of a feature or a class, in characters.
    """
    if layer == 0:
        return _describe_input(dataset, index, max_length)
    if layer <= len(config.hidden):
        number = index + 1
        return f"hidden neuron {number}" if len(config.hidden) == 1 else f"hidden layer {layer}, neuron {number}"
    if dataset is None:
        return f"output {index + 1}"
    name = dataset.class_names[index]
    return f"output for {escape_plotly(name if max_length is None else shorten(name, max_length))}"


def drawn_neuron_names(config: RunConfig, drawn: Sequence[Iterable[int]]) -> list[list[str]]:
    """Return the names of the drawn neurons of each layer, from the inputs to the outputs.

    Args:
        config: of the run. drawn: the indices of the drawn neurons of each layer.
    """
    dataset = dataset_or_none(config)
    return [[neuron_name(config, layer, int(i), dataset) for i in indices] for layer, indices in enumerate(drawn)]


def can_choose_weights(config: RunConfig) -> bool:
    """Return whether a click on the board chooses a weight for Tug of war: not in a large network."""
    dataset = dataset_or_none(config)
    return dataset is not None and are_weights_choosable(layer_sizes_of(config, dataset.features, dataset.classes))


def _describe_input(dataset: Dataset | None, index: int, max_length: int | None) -> str:
    if dataset is not None and dataset.image_shape is not None:
        row, column = divmod(index, dataset.image_shape[1])
        return f"pixel in row {row + 1}, column {column + 1}"
    name = input_name(dataset, index, max_length)
    return f"{name} (input {index + 1})" if dataset is not None and dataset.feature_names else name

"""Names of neurons for charts: inputs by their feature, outputs by their class. All names are escaped for Plotly."""

from __future__ import annotations

from dashboard.charts.escaping import escape_plotly, shorten
from engine import FieldError, RunConfig, dataset_of
from engine.data import Dataset
from engine.learning.network import layer_sizes_of
from engine.runs.extracts.network import drawn_neuron_indices


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


def neuron_name(config: RunConfig, layer: int, number: object) -> str:
    """Return the name of a neuron, such as "hidden layer 2, neuron 7".

    Args:
        config: of the run. layer: 0 for the inputs. number: of the neuron, from 1.
    """
    if layer == 0:
        return f"input {number}"
    if layer > len(config.hidden):
        return f"output neuron {number}"
    return f"hidden neuron {number}" if len(config.hidden) == 1 else f"hidden layer {layer}, neuron {number}"


def drawn_neuron_names(config: RunConfig, dataset: Dataset) -> list[list[str]]:
    """Return the names of the drawn neurons of each layer for hover labels, from the inputs to the outputs."""
    sizes = layer_sizes_of(config, dataset.features, dataset.classes)
    inputs, *hidden_layers, outputs = drawn_neuron_indices(sizes)
    return [
        [_describe_input(dataset, int(index)) for index in inputs],
        *(
            [neuron_name(config, layer, int(index) + 1) for index in indices]
            for layer, indices in enumerate(hidden_layers, start=1)
        ),
        [f"output for {escape_plotly(dataset.class_names[int(index)])}" for index in outputs],
    ]


def _describe_input(dataset: Dataset, index: int) -> str:
    if dataset.image_shape is not None:
        row, column = divmod(index, dataset.image_shape[1])
        return f"pixel in row {row + 1}, column {column + 1}"
    name = input_name(dataset, index)
    return f"{name} (input {index + 1})" if dataset.feature_names else name

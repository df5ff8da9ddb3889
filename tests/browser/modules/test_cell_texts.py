"""The labels of the cells of a heatmap."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
import pytest

pytestmark = pytest.mark.browser

LOAD = """const { CELL_TEXTS, tileCell } = await load("live/assets/panels/pointing/cell_texts");"""


def encoded(matrix: np.ndarray, dtype: str) -> dict[str, str]:
    data = np.packbits(matrix.ravel().astype(bool)) if dtype == "bits" else matrix.astype(np.uint8)
    return {"dtype": dtype, "bdata": b64encode(data.tobytes()).decode(), "shape": "{}, {}".format(*matrix.shape)}


@pytest.mark.parametrize("dtype", ["bits", "u1"])
def test_a_cell_names_its_mini_batch_epoch_neuron_and_value(run, dtype):
    matrix = np.random.default_rng(2).integers(0, 2, (3, 13))
    meta = {
        "dtype": "cells",
        "column": "mini-batch",
        "group": "epoch",
        "group_size": 10,
        "rows": ["neuron 1", "neuron 3", "neuron 5"],
        "values": ["dropped", "trained"],
    }
    found = run(LOAD + "return CELL_TEXTS.cells(argument);", {"z": encoded(matrix, dtype), "x0": 95, "meta": meta})
    for row, name in enumerate(meta["rows"]):
        for column in range(13):
            step = 95 + column
            epoch = (step - 1) // 10 + 1
            value = meta["values"][matrix[row, column]]
            assert found[row][column] == f"mini-batch {step} · epoch {epoch} · {name} · {value}"


def test_a_pixel_names_its_image_its_place_and_its_weight(run):
    columns, height, width, gap = 2, 2, 3, 1
    matrix = np.random.default_rng(3).integers(0, 255, (2 * (height + gap), columns * (width + gap)))
    meta = {
        "dtype": "tiles",
        "names": ["hidden neuron 1", "hidden neuron 4", "hidden neuron 7"],
        "height": height,
        "width": width,
        "gap": gap,
        "columns": columns,
        "zero": 127,
        "unit": 0.5,
    }
    found = run(LOAD + "return CELL_TEXTS.tiles(argument);", {"z": encoded(matrix, "u1"), "meta": meta})
    labelled = 0
    for tile, name in enumerate(meta["names"]):
        for row in range(height):
            for column in range(width):
                y, x = tile // columns * (height + gap) + row, tile % columns * (width + gap) + column
                place, weight = found[y][x].rsplit(" · weight ", 1)
                assert place == f"{name} · pixel in row {row + 1}, column {column + 1}"
                value = 0.5 * (matrix[y, x] - 127)
                assert float(weight.replace("−", "-")) == pytest.approx(value, rel=0.05)
                labelled += 1
    assert sum(text != "" for line in found for text in line) == labelled == 18


def test_an_empty_heatmap_has_no_labels(run):
    assert run(LOAD + "return [CELL_TEXTS.cells({ z: [], meta: {} }), CELL_TEXTS.tiles({ z: [], meta: {} })];") == [
        [],
        [],
    ]


def test_the_labels_of_a_trace_follow_its_cells_and_its_first_column(run):
    meta = {"dtype": "cells", "column": "c", "group": "g", "group_size": 0, "rows": ["r"], "values": ["no", "yes"]}
    first, second = encoded(np.array([[0, 1]]), "bits"), encoded(np.array([[1, 1]]), "bits")
    found = run(
        """const { completeArrays, decodeArrays } = await load("live/assets/panels/arrays");
        let joined = {};
        return argument.map((trace) => {
          joined = { ...joined, ...completeArrays(trace, joined) };
          return decodeArrays(trace, joined).text;
        });""",
        [{"z": first, "x0": 1, "meta": meta}, {"z": second}, {"x0": 8}],
    )
    assert found == [
        [["c 1 · r · no", "c 2 · r · yes"]],
        [["c 1 · r · yes", "c 2 · r · yes"]],
        [["c 8 · r · yes", "c 9 · r · yes"]],
    ]


def test_a_connection_has_the_names_of_its_two_neurons(run):
    customdata = np.array([[3, 7, 0.5], [12, 7, -0.25]], np.float32)
    array = {"dtype": "f4", "bdata": b64encode(customdata.tobytes()).decode(), "shape": "2, 3"}
    meta = {
        "dtype": "links",
        "sources": {"3": "petal length (input 3)", "12": "input 12"},
        "targets": {"7": "output 7"},
    }
    found = run(LOAD + "return CELL_TEXTS.links(argument);", {"customdata": array, "meta": meta})
    assert found == ["petal length (input 3) → output 7", "input 12 → output 7"]
    assert run(LOAD + "return CELL_TEXTS.links({ customdata: [] });") == []

"""Exported tables, read with other readers: every value equals the telemetry, to the last bit."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pyarrow.parquet as parquet
import pytest

from engine.runs.export.tables import costs_table, csv_bytes, epochs_table, parquet_bytes
from engine.runs.history.telemetry import EPOCH_SERIES, Telemetry, epoch_values
from tests.engine.runs.driving import small


def read(content: bytes) -> dict[str, np.ndarray]:
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    return {name: np.array([float(row[name]) if row[name] else math.nan for row in rows]) for name in rows[0]}


def test_every_epoch_has_a_row_with_its_measurements(trained):
    telemetry = trained(small()).telemetry
    found = read(csv_bytes(epochs_table(telemetry)))
    np.testing.assert_array_equal(found["epoch"], [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(found["epoch"], found["epoch_end"])
    for name in EPOCH_SERIES:
        expected = [epoch_values(snapshot)[name] for snapshot in telemetry.snapshots]
        np.testing.assert_array_equal(found[name], expected, err_msg=name)
    accuracies = found["mini_batch_accuracy"]
    assert math.isnan(accuracies[0]), "no mini-batch has been trained before the first epoch"
    np.testing.assert_array_equal(accuracies[1:], telemetry.over_time["mini_batch_accuracy"].line()[1])
    squares = [name for name in found if name.endswith("squares")]
    assert len(squares) == 2
    for name in squares:
        x, y = telemetry.over_time[name].line()
        np.testing.assert_array_equal(found[name], np.interp([0, 1, 2, 3, 4], x, y))


def test_parquet_and_csv_have_the_same_values(trained):
    table = epochs_table(trained(small()).telemetry)
    found = parquet.read_table(io.BytesIO(parquet_bytes(table))).to_pydict()
    assert list(found) == list(table)
    for name, column in read(csv_bytes(table)).items():
        np.testing.assert_array_equal(found[name], column)


def test_a_short_run_has_a_row_for_the_cost_of_every_mini_batch(trained):
    telemetry = trained(small()).telemetry
    found = read(csv_bytes(costs_table(telemetry)))
    np.testing.assert_array_equal(found["step"], np.arange(1, 41))
    for name in ("low", "high", "last"):
        np.testing.assert_array_equal(found[name], telemetry.mini_batch_cost.line()[1])


def test_each_row_of_a_long_run_has_its_range_of_epochs(trained):
    table = epochs_table(trained(small(epochs=500, train_size=20, hidden=(4,))).telemetry)
    assert len(table["epoch"]) < 400
    assert (table["epoch_end"] >= table["epoch"]).all()
    assert (table["epoch"][1:] > table["epoch_end"][:-1]).all(), "no epoch is in two rows"
    assert (table["epoch"][0], table["epoch_end"][-1]) == (0, 500)


def test_without_measurements_the_table_has_a_header_and_no_rows():
    content = csv_bytes(epochs_table(Telemetry())).decode()
    assert content.startswith("epoch,epoch_end,training_cost")
    assert content.count("\n") == 1


@pytest.mark.parametrize("value", [0.1, 1e-300, 1 / 3, 123456789.0, -2.5, math.nan, 1e22])
def test_numbers_in_csv_are_read_back_exactly(value):
    (found,) = read(csv_bytes({"x": np.array([value])}))["x"]
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_whole_numbers_have_no_decimal_point_as_long_as_they_are_exact():
    content = csv_bytes({"x": np.array([3.0, -1000.0, 2.0**53 - 1, 2.0**53, 0.5])}).decode()
    assert content.split() == ["x", "3", "-1000", "9007199254740991", "9007199254740992.0", "0.5"]


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil.example")', "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1"])
def test_the_name_of_a_series_is_not_a_formula_in_a_spreadsheet(trained, name):
    telemetry = trained(small()).telemetry
    telemetry.over_time[name] = next(iter(telemetry.over_time.values()))  # as in an imported run
    header = next(csv.reader(io.StringIO(csv_bytes(epochs_table(telemetry)).decode(), newline="")))
    assert f"'{name}" in header
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in header)

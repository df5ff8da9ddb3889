"""The data dialogs: uploaded files, the gallery and the table of classes."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.charts import numbers
from dashboard.sidebar import data_dialogs
from engine import Dataset, FieldError, RunConfig, dataset_of, load_dataset, select
from engine.data import Labelled, RunData, Table, class_balance, gallery, keep, own_datasets
from tests.dashboard.sidebar.gallery_html import Reader, read
from tests.engine.data.own_files import FLOWERS, flowers, idx, npz, pictures
from tests.slowing import PATIENCE

NASTY = ("<script>alert(1)</script>", "\"quoted\" & 'so'", "plain")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_spare: None) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    return tmp_path


# uploaded files


def test_a_csv_file_is_read_with_the_guessed_label_column():
    table = data_dialogs._parse_files([("iris.flowers.csv", flowers(30))])
    assert table.title == "iris.flowers"
    assert table.class_names == FLOWERS
    assert table.feature_names == ("sepal length", "sepal width", "petal")
    lines = [line.split(",") for line in flowers(30).decode().splitlines()[1:]]
    assert table.x.tolist() == np.array([line[:3] for line in lines], np.float32).tolist()
    assert [table.class_names[k] for k in table.labels] == [line[3] for line in lines]


def test_an_npz_file_is_read():
    x, y = np.arange(60.0).reshape(30, 2), np.arange(30) % 2
    table = data_dialogs._parse_files([("points.npz", npz(x=x, y=y))])
    assert (table.title, table.class_names) == ("points", ("0", "1"))
    assert table.x.tolist() == x.tolist()
    assert table.labels.tolist() == y.tolist()


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("images_first", [True, False])
def test_a_pair_of_idx_files_is_read_in_either_order(images_first, zipped):
    pixels, labels = pictures(24)
    pair = [
        ("first-images.idx", idx(pixels.shape, pixels.tobytes(), zipped)),
        ("first-labels.idx", idx(labels.shape, labels.tobytes(), zipped)),
    ]
    table = data_dialogs._parse_files(pair if images_first else pair[::-1])
    assert table.image_shape == (4, 3)
    assert table.x.tolist() == (pixels.reshape(24, 12) / np.float32(256)).tolist()
    assert [int(table.class_names[k]) for k in table.labels] == labels.tolist()


def test_compressed_images_smaller_than_their_labels_are_recognized():
    pixels = np.zeros((400, 5, 5), np.uint8)
    pixels[::2] = 255
    labels = (np.arange(400) % 2).astype(np.uint8)
    pair = [
        ("labels.idx", idx(labels.shape, labels.tobytes())),
        ("images.idx.gz", idx(pixels.shape, pixels.tobytes(), zipped=True)),
    ]
    assert len(pair[1][1]) < len(pair[0][1])
    table = data_dialogs._parse_files(pair)
    assert table.image_shape == (5, 5)
    assert table.labels.tolist() == labels.tolist()


def test_one_idx_file_without_the_other_is_refused():
    pixels, _ = pictures()
    for zipped in (False, True):
        with pytest.raises(FieldError, match=r"files must be both files of an IDX pair.*got images\.idx"):
            data_dialogs._parse_files([("images.idx", idx(pixels.shape, pixels.tobytes(), zipped))])


def test_more_files_than_two_are_refused():
    with pytest.raises(FieldError, match="files must be one file, or the two files of an IDX pair, got 3"):
        data_dialogs._parse_files([(f"{k}.csv", flowers()) for k in range(3)])


@pytest.mark.parametrize(
    "contents",
    [
        [("empty.csv", b"")],
        [("words.txt", b"only words\n")],
        [("one.csv", flowers()), ("two.csv", flowers())],
        [("broken.npz", npz(x=np.ones((30, 2)), y=np.arange(30) % 2)[:-40])],
        [("broken.idx.gz", gzip.compress(b"nothing")), ("labels.idx", b"\0\0\x08\x01")],
    ],
    ids=["empty", "no table", "two CSV files", "a broken NPZ", "broken IDX"],
)
def test_files_without_data_are_refused_with_advice(contents):
    with pytest.raises(FieldError) as refused:
        data_dialogs._parse_files(contents)
    assert ": " in refused.value.problem


# the gallery


def data_with_markup(n: int = 30) -> RunData:
    """Return small images with class names that contain markup."""
    rng = np.random.default_rng(5)
    part = Labelled(rng.random((n, 12), np.float32), np.arange(n) % 3)
    dataset = Dataset("nasty", "Nasty", part, part, None, 3, image_shape=(4, 3), class_names=NASTY)
    return select(RunConfig.demo(train_size=n, label_noise=0.4, pixel_noise=0.2), dataset)


def test_the_gallery_marks_exactly_the_corrupted_examples_with_both_labels():
    data = select(RunConfig.demo(), load_dataset("digits"))
    found = read(data_dialogs._images_html(data.dataset, gallery(data, 60, 120)))
    assert len(found.examples) == 60
    rows = range(120, 180)
    assert [example.wrong for example in found.examples] == [data.labels[i] != data.clean_labels[i] for i in rows]
    for i, example in zip(rows, found.examples, strict=True):
        given, true = str(data.labels[i]), str(data.clean_labels[i])
        assert example.words.strip() == given
        assert example.struck == (true if example.wrong else "")
        assert example.alt == (f"labelled {given}, true label {true}" if example.wrong else f"labelled {given}")


def test_markup_in_class_names_is_escaped():
    data = data_with_markup()
    assert data.corrupted.sum() == 12
    found = read(data_dialogs._images_html(data.dataset, gallery(data, 30)))
    assert found.tags == {"div", "figure", "img", "figcaption", "s"}
    assert [example.words.strip() for example in found.examples] == [NASTY[k] for k in data.labels]
    assert [example.struck for example in found.examples if example.wrong] == [
        NASTY[k] for k, wrong in zip(data.clean_labels, data.corrupted, strict=True) if wrong
    ]
    table = read(data_dialogs._class_counts_html(data, class_balance(data)))
    assert "script" not in table.tags
    assert [row[0] for row in table.rows[1:]] == list(NASTY)


def test_a_picture_shows_the_inputs_of_the_network_dark_on_light():
    data = data_with_markup()
    found = read(data_dialogs._images_html(data.dataset, gallery(data, 30)))
    for example, x in zip(found.examples, data.x, strict=True):
        image = Image.open(io.BytesIO(example.picture))
        assert (image.format, image.mode, image.size) == ("PNG", "L", (3, 4))
        for row in range(4):
            for column in range(3):
                assert image.getpixel((column, row)) == round(255 * (1 - float(x[3 * row + column])))


def test_a_pixel_beyond_black_or_white_is_clipped():
    image = Image.open(io.BytesIO(data_dialogs._png(np.array([[-0.5, 0.0, 1.0, 1.5]]))))
    assert [image.getpixel((column, 0)) for column in range(4)] == [255, 255, 0, 0]


def test_examples_without_images_are_a_table_with_true_labels():
    config = RunConfig.demo(dataset="spirals", train_size=50, label_noise=0.2)
    data = select(config, dataset_of(config))
    rows = data_dialogs._table_columns(data, gallery(data, 20, 20))
    assert list(rows) == ["label", "true label", "x₁", "x₂"]
    assert rows["label"] == [str(k) for k in data.labels[20:40]]
    assert rows["true label"] == [
        str(true) if true != given else ""
        for given, true in zip(data.labels[20:40], data.clean_labels[20:40], strict=True)
    ]
    features = np.array([rows["x₁"], rows["x₂"]]).T
    assert features == pytest.approx(data.x[20:40], abs=5e-5)


def test_features_named_like_the_label_columns_are_kept(folder):
    rng = np.random.default_rng(0)
    x, names = rng.normal(size=(40, 3)).astype(np.float32), ("label", "true label", "width")
    config = RunConfig.demo(
        dataset=keep(Table(x, np.arange(40) % 2, ("a", "b"), names)), train_size=20, label_noise=0.2
    )
    data = select(config, dataset_of(config))
    rows = data_dialogs._table_columns(data, gallery(data, 20))
    assert len(rows) == 5
    assert rows["label"] == ["ab"[k] for k in data.labels]
    features = np.array(list(rows.values())[2:]).T
    assert features == pytest.approx(data.x.astype(np.float64), abs=5e-5)


# the classes


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_table_of_classes_counts_given_true_and_validation_labels(noise):
    data = select(RunConfig.demo(train_size=1_297, label_noise=noise), load_dataset("digits"))
    found = read(data_dialogs._class_counts_html(data, class_balance(data)))
    assert found.rows[0] == ["Class", "", "for training", "true label", "validation"]
    counted = [
        [list(labels).count(k) for labels in (data.labels, data.clean_labels, data.evaluation.labels)]
        for k in range(10)
    ]
    assert [row[0] for row in found.rows[1:]] == [str(k) for k in range(10)]
    assert [row[2:] for row in found.rows[1:]] == [[numbers.count(n) for n in row] for row in counted]
    largest = max(given for given, *_ in counted)
    assert found.widths == pytest.approx([100 * given / largest for given, *_ in counted], abs=0.05)


def test_a_class_without_examples_has_an_empty_bar():
    data = select(RunConfig.demo(train_size=10, label_noise=0.0), load_dataset("digits"))
    found = read(data_dialogs._class_counts_html(data, class_balance(data)))
    missing = [k for k in range(10) if k not in data.labels]
    assert missing
    for k in missing:
        assert found.widths[k] == 0
        assert found.rows[k + 1][2] == "0"


# the dialogs


def show_add() -> None:
    from dashboard.sidebar import data_dialogs

    data_dialogs.add_dialog()


def show_see() -> None:
    import streamlit as st

    from dashboard.sidebar import data_dialogs
    from dashboard.sidebar.reading import Settings
    from engine import RunConfig

    fields, error = st.session_state["settings"]
    data_dialogs.see_dialog(Settings(RunConfig.demo(**fields), None, error=error))


def open_dialog(show: Any, **state: Any) -> AppTest:
    page = AppTest.from_function(show, default_timeout=30 * PATIENCE)
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page


def upload(page: AppTest, *files: tuple[str, bytes]) -> None:
    page.get("file_uploader")[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    page.run()
    assert not page.exception


def test_an_added_file_is_stored_and_chosen(folder):
    page = open_dialog(show_add)
    assert not page.button
    upload(page, ("flowers.csv", flowers(30)))
    (success,) = page.success
    assert success.value == "30 rows, 3 features, 3 classes: setosa, versicolor, virginica"
    assert own_datasets() == [], "nothing is stored before the button is pressed"
    next(button for button in page.button if button.label == "Use this data").click()
    page.run()
    (own,) = own_datasets()
    assert (own.title, own.rows, own.features, own.classes) == ("flowers", 30, 3, 3)
    assert page.session_state["chosen"] == own.name
    assert load_dataset(own.name).class_names == FLOWERS


def test_another_label_column_can_be_chosen(folder):
    rows = "\n".join(f"{k / 2},{k % 2},{k % 4}" for k in range(40))
    page = open_dialog(show_add)
    upload(page, ("numbers.csv", f"width,side,corner\n{rows}\n".encode()))
    box = page.selectbox[0]
    assert (box.options, box.value) == (["width", "side", "corner"], "corner")
    box.set_value("side")
    page.run()
    assert page.success[0].value == "40 rows, 2 features, 2 classes: 0, 1"


def test_a_file_that_cannot_be_read_is_reported_with_the_reason(folder):
    page = open_dialog(show_add)
    upload(page, ("flowers.csv", flowers(30).replace(b"versicolor", b"", 1)))
    (error,) = page.error
    assert error.value.startswith("flowers.csv: ")
    assert "row 3, column 'species': no label" in error.value
    assert not page.button


def test_a_data_set_that_cannot_be_stored_is_reported(folder):
    folder.joinpath("own").write_text("a file where the folder should be")
    page = open_dialog(show_add)
    upload(page, ("flowers.csv", flowers(30)))
    next(button for button in page.button if button.label == "Use this data").click()
    page.run()
    assert not page.exception
    assert "cannot be stored" in page.error[0].value
    assert "chosen" not in page.session_state


def html_of(page: AppTest) -> Reader:
    return read("".join(part.proto.body for part in page.get("html")))


def test_the_gallery_has_pages_and_can_show_only_corrupted_examples():
    page = open_dialog(show_see, settings=({}, None))
    data = select(RunConfig.demo(), load_dataset("digits"))
    assert page.caption[0].value.replace(numbers.THIN_SPACE, " ") == (
        "Digits, 8 × 8: 500 training examples, 500 for validation, 150 training labels corrupted."
    )
    page_number = page.number_input[0]
    assert (page_number.value, page_number.max) == (1, 9), "500 examples, 60 per page"
    page_number.set_value(9)
    page.run()
    assert [example.words.strip() for example in html_of(page).examples] == [str(k) for k in data.labels[480:]]
    page.toggle[0].set_value(True)
    page.run()
    page_number = page.number_input[0]
    assert (page_number.value, page_number.max) == (1, 3), "150 examples are corrupted"
    found = html_of(page).examples
    assert len(found) == 60
    assert all(example.wrong for example in found)


def test_without_wrong_labels_the_switch_for_corrupted_examples_is_disabled():
    page = open_dialog(show_see, settings=({"label_noise": 0.0}, None))
    assert page.toggle[0].disabled
    assert not any(example.wrong for example in html_of(page).examples)


def test_an_own_table_is_shown_with_its_means_and_standard_deviations(folder):
    name = keep(data_dialogs._parse_files([("flowers.csv", flowers(60))]))
    page = open_dialog(show_see, settings=({"dataset": name, "train_size": 20}, None))
    examples, scaling = (frame.value for frame in page.dataframe)
    assert list(examples.columns) == ["label", "true label", "sepal length", "sepal width", "petal"]
    x = load_dataset(name).training.x[:20].astype(np.float64)
    assert scaling["mean"].tolist() == pytest.approx(x.mean(axis=0).tolist(), rel=1e-5)
    assert scaling["standard deviation"].tolist() == pytest.approx(x.std(axis=0).tolist(), rel=1e-4)


def test_invalid_settings_are_reported_instead_of_examples():
    page = open_dialog(show_see, settings=({}, "Hidden layers must be whole numbers"))
    assert [error.value for error in page.error] == ["Hidden layers must be whole numbers"]
    assert not page.get("html")

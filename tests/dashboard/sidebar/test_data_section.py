"""The data section of the sidebar, without a browser."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard.charts.escaping import escape_markdown
from dashboard.charts.panels import boundary
from dashboard.live import contents
from dashboard.state import downloads
from dashboard.state.settings.page_settings import DEFAULT_PACE
from engine import RunConfig
from engine.analysis.suggested import suited_config
from engine.data import Table, keep, own_datasets
from engine.data.download.fetching import downloadable_datasets
from engine.data.download.sources import FILE_NAMES
from tests.dashboard.app_pages import (
    choose,
    data_summary,
    press,
    shown_run,
    transport_buttons,
    widget_key,
    widget_value,
)
from tests.processes import wait_until


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_spare: None) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    return tmp_path


def table(rows: int, title: str = "Flowers") -> Table:
    rng = np.random.default_rng(rows)
    labels = np.arange(rows) % 3
    x = (rng.normal(size=(rows, 2)) + 3 * labels[:, np.newaxis]).astype(np.float32)
    return Table(x, labels, ("setosa", "versicolor", "virginica"), ("length", "width"), title=title)


def titles(page) -> list[str]:
    return page.selectbox(widget_key(page, "dataset")).options


def toggle(page, on: bool) -> None:
    page.toggle(widget_key(page, "keep_ratio")).set_value(on)
    page.run()


def set_train_size(page, size: int) -> None:
    page.select_slider(widget_key(page, "train_size")).set_value(size)
    page.run()


# the demonstration of a data set


def test_choosing_a_data_set_applies_its_demonstration_to_an_unchanged_sidebar(open_page):
    page = open_page()
    choose(page, "spirals")
    assert widget_value(page, "pace") == "1000/s"
    run = press(page, "Start")
    assert run.initial_config == suited_config("spirals")
    assert run.pace == 1_000
    choose(page, "digits")
    assert widget_value(page, "pace") == "250/s"
    assert press(page, "Restart").initial_config == suited_config("digits")


def test_the_demonstration_is_applied_after_several_choices_of_data_sets(open_page):
    page = open_page()
    for name in ("spirals", "blobs", "moons", "spirals"):
        choose(page, name)
    assert press(page, "Start").initial_config == suited_config("spirals")


def test_the_settings_of_a_changed_sidebar_come_back_with_keep_mine(open_page):
    page = open_page()
    page.text_input(widget_key(page, "hidden")).set_value("40")
    page.slider(widget_key(page, "drop_probability")).set_value(0.25)
    page.run()
    choose(page, "spirals")
    assert "Suited settings applied" in [caption.value for caption in page.sidebar.caption]
    assert widget_value(page, "hidden") == "30, 30"
    press(page, "Keep mine")
    assert "Suited settings applied" not in [caption.value for caption in page.sidebar.caption]
    run = press(page, "Start")
    assert run.initial_config == RunConfig.demo(dataset="spirals", hidden=(40,), drop_probability=0.25)
    assert run.pace == DEFAULT_PACE


def test_the_note_about_suited_settings_goes_with_the_next_change(open_page):
    page = open_page()
    choose(page, "spirals")
    page.number_input(widget_key(page, "epochs")).set_value(77)
    page.run()
    assert "Suited settings applied" not in [caption.value for caption in page.sidebar.caption]
    assert "Keep mine" not in [button.label for button in page.sidebar.button]


def test_another_data_set_changes_nothing_in_the_run_that_trains(open_page):
    page = open_page()
    run = press(page, "Start")
    choose(page, "spirals")
    page.run()
    press(page, "Keep mine")
    choose(page, "moons")
    choose(page, "digits")
    page.run()
    assert run.current_config == run.initial_config == RunConfig.demo()
    assert run.telemetry.changes == []


def test_the_data_set_of_the_run_in_training_comes_back_with_its_settings_and_pace(open_page):
    page = open_page(l2="3", pace="25")
    run = press(page, "Start")
    choose(page, "moons")
    choose(page, "digits")
    assert (widget_value(page, "l2"), widget_value(page, "pace")) == (3.0, "25/s")
    assert run.telemetry.changes == []


def test_the_settings_come_back_after_a_set_with_fewer_examples(open_page, folder):
    name = keep(table(60))
    page = open_page()
    choose(page, name)
    assert widget_value(page, "train_size") == 42
    page.select_slider(widget_key(page, "train_size")).set_value(20)
    page.run()
    choose(page, "spirals")
    choose(page, name)
    assert "Suited settings applied" in [caption.value for caption in page.sidebar.caption]
    press(page, "Keep mine")
    assert widget_value(page, "hidden") == "30, 30"


def test_the_seed_stays_with_another_data_set(open_page):
    page = open_page(seed="5")
    choose(page, "spirals")
    assert press(page, "Start").initial_config == replace(suited_config("spirals"), seed=5)


def test_a_chosen_pace_is_kept_for_another_data_set(open_page):
    page = open_page()
    page.segmented_control(widget_key(page, "pace")).set_value("25/s")
    page.run()
    choose(page, "spirals")
    assert press(page, "Start").pace == 25


def test_a_hidden_setting_comes_back_with_keep_mine(open_page):
    page = open_page()
    choose(page, "blobs")
    page.number_input(widget_key(page, "blob_classes")).set_value(5)
    page.slider(widget_key(page, "data_noise")).set_value(0.35)
    page.run()
    for name in ("spirals", "digits", "blobs"):
        choose(page, name)
        press(page, "Keep mine")
    assert page.number_input(widget_key(page, "blob_classes")).value == 5
    assert page.slider(widget_key(page, "data_noise")).value == 0.35


# the number of examples


@pytest.mark.parametrize(("size", "cut"), [(1_500, 1_297), (700, 700)])
def test_the_train_size_is_limited_to_the_size_of_another_data_set(open_page, size, cut):
    page = open_page()
    choose(page, "spirals")
    page.select_slider(widget_key(page, "train_size")).set_value(2_000)
    page.run()
    if size == 700:
        set_train_size(page, 700)
    choose(page, "digits")
    press(page, "Keep mine")
    assert widget_value(page, "train_size") == cut
    assert press(page, "Start").initial_config.train_size == cut


def test_the_largest_train_size_is_the_size_of_the_data_set(open_page):
    page = open_page()
    assert page.select_slider(widget_key(page, "train_size")).options[-1] == "1\u202f297"
    choose(page, "moons")
    assert page.select_slider(widget_key(page, "train_size")).options[-1] == "2\u202f000"


def test_the_validation_share_changes_the_line_below_the_widgets(open_page):
    page = open_page()
    assert data_summary(page) == "500 train, 500 validate · 150 labels wrong"
    page.select_slider(widget_key(page, "validation_share")).set_value(0.5)
    page.run()
    evaluation = round(0.5 * 1_797)
    assert data_summary(page) == f"500 train, {evaluation} validate · 150 labels wrong"
    page.select_slider(widget_key(page, "validation_share")).set_value(0.9)
    page.run()
    evaluation = round(0.9 * 1_797)
    training = 1_797 - evaluation
    assert (
        data_summary(page)
        == f"{training} train, 1 {evaluation - 1_000} validate · {round(0.3 * training)} labels wrong"
    )
    assert press(page, "Start").initial_config == RunConfig.demo(train_size=training, validation_share=0.9)


# λ and the number of examples


def test_lambda_follows_the_training_size_if_the_switch_is_on(open_page):
    page = open_page()
    toggle(page, True)
    assert widget_value(page, "l2") == 1.0
    set_train_size(page, 1_000)
    assert widget_value(page, "l2") == 2.0
    assert press(page, "Start").initial_config == RunConfig.demo(train_size=1_000, l2=2.0)
    set_train_size(page, 50)
    assert widget_value(page, "l2") == 0.1


def test_lambda_is_constant_if_the_switch_is_off(open_page):
    page = open_page()
    set_train_size(page, 1_000)
    toggle(page, True)
    assert widget_value(page, "l2") == 1.0
    set_train_size(page, 500)
    assert widget_value(page, "l2") == 0.5, "the ratio is that at the moment of switching on"
    toggle(page, False)
    set_train_size(page, 1_000)
    assert widget_value(page, "l2") == 0.5


@pytest.mark.mnist
def test_lambda_of_0_1_for_1000_images_becomes_5_for_50000(open_page, mnist):
    page = open_page()
    choose(page, "mnist")
    set_train_size(page, 1_000)
    page.select_slider(widget_key(page, "l2")).set_value(0.1)
    page.run()
    toggle(page, True)
    set_train_size(page, len(mnist.training))
    assert len(mnist.training) == 50_000
    assert widget_value(page, "l2") == 5.0


# a missing data set


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "kmnist"])
def test_a_missing_data_set_can_be_fetched_but_not_trained_on(open_page, folder, name):
    page = open_page()
    choose(page, name)
    (download,) = (each for each in downloadable_datasets() if each.name == name)
    (fetch,) = (button for button in page.sidebar.button if button.label.startswith("Fetch"))
    assert fetch.label == f"Fetch {download.title}, {download.megabytes:.0f} MB"
    (error,) = page.error
    assert error.value.startswith(f"Data set {name} needs the file train-images-idx3-ubyte")
    assert escape_markdown(str(folder)) in error.value
    assert [label for label, enabled in transport_buttons(page).items() if enabled] == [fetch_label(name)]
    assert any(f"**{download.title}** is not on this machine." in text.value for text in page.main.markdown)
    assert not page.exception
    assert {button.label: button.disabled for button in page.sidebar.button}["See"], "the gallery is disabled"
    choose(page, "digits")
    assert not page.error
    assert not any(button.label.startswith("Fetch") for button in page.sidebar.button)
    assert transport_buttons(page)["Start"]


def fetch_label(name):
    """Return the label of the button in the middle of the board."""
    return {"mnist": "Fetch (12 MB)", "fashion-mnist": "Fetch (31 MB)", "kmnist": "Fetch (21 MB)"}[name]


@pytest.mark.parametrize("view", ["train", "compare"])
def test_the_button_in_the_middle_starts_the_same_download_and_shows_its_progress(open_page, folder, monkeypatch, view):
    """A stand-in for the download: it stops half way until the test lets it end."""
    may_end, fetched = threading.Event(), []

    def fetch(name, progress):
        fetched.append(name)
        progress("train-images-idx3-ubyte", 5_000_000, 10_000_000)
        may_end.wait(30)
        raise downloads.FieldError("dataset", "no mirror can be reached: connect this machine to the network")

    monkeypatch.setattr(downloads, "fetch", fetch)
    monkeypatch.setattr(downloads, "_latest", {})
    page = open_page(view=view, dataset="fashion-mnist")
    (button,) = (button for button in page.main.button if button.label == fetch_label("fashion-mnist"))
    button.click().run()
    wait_until(lambda: downloads.latest_download("fashion-mnist").received_bytes)
    page.run()
    assert fetched == ["fashion-mnist"]
    for place in (page.main, page.sidebar):
        assert not any(button.label.startswith("Fetch") for button in place.button)
        (bar,) = place.get("progress")
        assert bar.proto.value == 50
        assert "5.0 MB of 10 MB" in bar.proto.text
    may_end.set()
    wait_until(lambda: downloads.latest_download("fashion-mnist").finished)
    page.run()
    for place in (page.main, page.sidebar):
        assert any("no mirror can be reached" in error.value for error in place.error)
        assert any(button.label.startswith("Fetch") for button in place.button)


def test_damaged_files_can_be_fetched_again(open_page, folder):
    (folder / "mnist").mkdir(parents=True)
    for name in FILE_NAMES:
        (folder / "mnist" / name).write_bytes(b"damaged")
    page = open_page(dataset="mnist")
    assert any("The files of **MNIST, 28 × 28** cannot be read." in text.value for text in page.main.markdown)
    assert transport_buttons(page)[fetch_label("mnist")]


def test_a_download_starts_with_its_button_and_shows_a_failure(open_page, folder, monkeypatch):
    fetched: list[str] = []

    def fetch(name, progress):
        fetched.append(name)
        raise downloads.FieldError("dataset", "no mirror can be reached: connect this machine to the network")

    monkeypatch.setattr(downloads, "fetch", fetch)
    monkeypatch.setattr(downloads, "_latest", {})
    page = open_page()
    choose(page, "kmnist")
    assert fetched == []
    (button,) = (button for button in page.sidebar.button if button.label.startswith("Fetch"))
    press(page, button.label)
    assert fetched == ["kmnist"]
    wait_until(lambda: downloads.latest_download("kmnist").finished)
    page.run()
    assert any("no mirror can be reached: connect" in error.value for error in page.sidebar.error)
    press(page, button.label)
    assert fetched == ["kmnist", "kmnist"]


def test_a_mini_batch_larger_than_the_data_set_is_explained(open_page):
    page = open_page()
    choose(page, "spirals")
    page.number_input(widget_key(page, "mini_batch_size")).set_value(201)
    page.run()
    (error,) = page.error
    assert error.value.startswith("Mini-batch must be at most the number of training examples, 200, got 201")
    assert not page.exception
    page.number_input(widget_key(page, "mini_batch_size")).set_value(200)
    page.run()
    assert not page.error


# own data sets


def test_an_own_set_is_in_the_list_and_can_be_trained_on(open_page, folder):
    name = keep(table(60))
    page = open_page()
    assert "Flowers" in titles(page)
    choose(page, name)
    set_train_size(page, 20)
    assert data_summary(page).startswith("20 train, 18 validate")
    assert "features standardized by the training examples" in data_summary(page)
    assert press(page, "Start").initial_config == RunConfig.demo(dataset=name, train_size=20)


def test_a_smaller_own_set_limits_the_train_size(open_page, folder):
    name = keep(table(60))
    page = open_page()
    page.number_input(widget_key(page, "seed")).set_value(2)
    page.run()
    choose(page, name)
    assert widget_value(page, "train_size") == 42
    assert not page.error


def test_an_own_set_can_be_removed(open_page, folder):
    name = keep(table(2_400))
    page = open_page()
    assert not any(button.label.startswith("Remove") for button in page.sidebar.button)
    choose(page, name)
    set_train_size(page, 1_680)
    press(page, "Remove this data set …")
    press(page, "Remove")
    assert own_datasets() == []
    assert "Flowers" not in titles(page)
    assert widget_value(page, "dataset") == "digits"
    assert widget_value(page, "train_size") == 1_297, "the size of digits"
    assert not page.error
    assert transport_buttons(page)["Start"]


def test_a_run_is_still_shown_after_its_data_set_was_removed(open_page, folder):
    name = keep(table(60))
    page = open_page()
    choose(page, name)
    run = press(page, "Step")
    wait_until(lambda: run.telemetry.step == 1)
    press(page, "Remove this data set …")
    press(page, "Remove")
    contents.panel_specs.cache_clear()  # as after other viewers have opened eight other runs
    boundary.run_data_of.cache_clear()
    page.run()
    assert shown_run(page) is run
    other = open_page(run.id)
    assert not other.exception
    assert widget_value(other, "dataset") == name, "the data set of the run"
    assert any("is not on this machine" in error.value for error in other.error)


def test_a_set_chosen_by_a_dialog_is_used_with_all_its_training_examples(open_page, folder):
    page = open_page()
    page.select_slider(widget_key(page, "validation_share")).set_value(0.5)
    page.run()
    toggle(page, True)
    page.session_state["chosen"] = keep(table(60))  # as `own_data.choose_next` does
    page.run()
    assert page.selectbox(widget_key(page, "dataset")).value.startswith("own:")
    assert widget_value(page, "train_size") == 30, "the other half is for validation"
    assert not page.error
    before = widget_value(page, "l2")
    set_train_size(page, 10)
    set_train_size(page, 20)
    set_train_size(page, 10)
    assert widget_value(page, "l2") == pytest.approx(before / 3, rel=1e-3)

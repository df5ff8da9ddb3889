"""The page of runs without a browser."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from dashboard.charts.escaping import WORD_JOINER
from dashboard.charts.runs_table import card_lines, format_age, gap_of, matches_search
from dashboard.live.hub import get_hub
from dashboard.pages import damaged_runs, deleted_runs, runs
from dashboard.pages.runs import _table_row
from dashboard.state.pages import compare_page as state
from dashboard.state.pages import runs_page
from dashboard.state.settings import widgets
from engine import RunConfig
from engine.data import forget, keep, read_csv
from engine.runs import states
from engine.runs.store.json_file import from_json, import_record, to_json
from engine.runs.store.record import About
from engine.runs.store.store import Store
from engine.runs.store.training_lock import hold_lock
from tests.dashboard.app_pages import compared_runs, page_switch, press, transport_buttons, widget_key
from tests.engine.data.own_files import flowers
from tests.engine.runs.driving import endless, small
from tests.engine.runs.store.keeping import train_run
from tests.processes import wait_until


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    """A store for this test, which the hub uses, too."""
    store = Store(tmp_path / "runs.sqlite")
    monkeypatch.setattr(get_hub().manager.persistence, "store", store)
    return store


def button(page, name: str):
    return next(each for each in page.button if each.label.startswith(name))


def test_without_any_run_the_page_explains_its_purpose(open_page, store):
    page = open_page(view="runs")
    assert any("No runs yet" in each.value for each in page.subheader)
    button(page, "Train one").click().run()
    assert transport_buttons(page)["Start"]


def test_every_stored_run_has_a_row(open_page, store):
    ids = {train_run(store, small(l2=l2)) for l2 in (0.0, 1.0, 2.0)}
    page = open_page(view="runs")
    (table,) = page.dataframe
    assert set(table.value["Name"]) == {
        "Dropout ½ · digits · 1",
        "L2 λ 1, dropout ½ · digits · 1",
        "L2 λ 2, dropout ½ · digits · 1",
    }
    assert set(table.value["Id"]) == {run_id[:8] for run_id in ids}
    assert set(table.value["State"]) == {"finished"}
    assert any("3 runs" in each.value for each in page.caption)


def test_search_words_states_and_tags_filter_the_table(open_page, store):
    named, other = train_run(store, small(), until=12), train_run(store, small())
    store.set_description(named, name="for the talk", tags=["λ"])
    page = open_page(view="runs")
    page.text_input(key="runs.search").set_value("TALK").run()
    assert list(page.dataframe[0].value["Name"]) == ["for the talk"]
    page.text_input(key="runs.search").set_value("").run()
    page.selectbox(key="runs.state").set_value("finished").run()
    assert list(page.dataframe[0].value["Id"]) == [other[:8]]
    page.selectbox(key="runs.state").set_value("all").run()
    page.selectbox(key="runs.tag").set_value("λ").run()
    assert list(page.dataframe[0].value["Name"]) == ["for the talk"]


def test_an_unreadable_store_is_reported_with_a_remedy(open_page, store):
    store.path.write_text("no database " * 100)
    page = open_page(view="runs")
    assert "damaged" in page.error[0].value
    assert "REGSCOPE" in page.error[0].value


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("created", "yesterday"),
        ("figures", '{"best_accuracy": "high"}'),
        ("figures", "[]"),
        ("step", "many"),
        ("seconds", b"long"),
        ("updated", "yesterday"),
        ("name", b"\xff"),
        ("tags", "[[1]]"),
        ("config", "[" * 100_000),
        ("id", "https://evil.example"),
    ],
)
def test_a_bad_row_is_reported_and_can_be_deleted(open_page, store, column, cell):
    good, bad = train_run(store, small(), until=12), train_run(store, small(), until=12)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (cell, bad))
    page = open_page(view="runs")
    assert list(page.dataframe[0].value["Id"]) == [good[:8]]
    assert "1 run cannot be read" in [each.label for each in page.expander]
    assert any(column in each.value and (column == "id" or bad in each.value) for each in page.caption)
    next(each for each in page.button if (each.key or "").startswith("damaged_")).click().run()
    page.button(key="cancel_damaged").click().run()
    assert len(store.list_all().damaged) == 1, "it is deleted only after a confirmation"
    next(each for each in page.button if (each.key or "").startswith("damaged_")).click().run()
    page.button(key="delete_damaged").click().run()
    assert not page.exception
    assert not page.expander
    assert store.list_all().damaged == []


def test_more_deleted_or_damaged_runs_than_are_listed_are_counted(open_page, store, monkeypatch):
    monkeypatch.setattr(deleted_runs, "MAX_ROWS", 1)
    monkeypatch.setattr(damaged_runs, "MAX_ROWS", 1)
    runs = [train_run(store, small(seed=seed), until=12) for seed in range(5)]
    store.delete(runs[:3])
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE runs SET created = 'yesterday' WHERE id IN (?, ?)", runs[3:])
    captions = [each.value for each in open_page(view="runs").caption]
    assert any(each.startswith("And 2 more: `regscope runs restore") for each in captions)
    assert any(each.startswith("And 1 more: `regscope runs delete --damaged") for each in captions)


def test_a_page_with_only_bad_rows_reports_them(open_page, store):
    bad = train_run(store, small(), until=12)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE runs SET created = 'yesterday'")
    page = open_page(view="runs")
    assert any("No runs yet" in each.value for each in page.subheader)
    assert any(bad in each.value for each in page.caption)


@pytest.mark.parametrize(("pace", "shown_pace"), [(7.5, "5/s"), (1e-6, "1/s"), (1e12, "1000/s"), (60.0, "125/s")])
def test_a_run_with_a_pace_that_the_page_does_not_have_can_be_opened(open_page, store, pace, shown_pace):
    run_id = train_run(store, small(), until=12)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("UPDATE runs SET pace = ?, state = 'stopped'", (pace,))
    page = open_page(run=run_id)
    assert not page.exception
    assert page.session_state[widget_key(page, "pace")] == shown_pace
    run = get_hub().manager.get(run_id)
    assert run.pace == pace, "opening does not change the run"
    press(page, "Go on")
    assert not page.exception
    assert run.pace == widgets.PACES[shown_pace], "the resumed run has the pace that the page shows"


def test_names_and_tags_are_not_formulas_in_the_downloaded_table():
    config = small(dataset='=HYPERLINK("http://evil.example")')
    about = About("0" * 16, config, name="=1+1", tags=("@SUM(1)", "talk"))
    row = _table_row(about, 0.0)
    assert (row["Name"], row["Tags"]) == (WORD_JOINER + "=1+1", [WORD_JOINER + "@SUM(1)", "talk"])
    assert row["Data"] == WORD_JOINER + config.dataset


def test_without_a_selected_row_all_buttons_are_disabled(open_page, store):
    train_run(store, small())
    page = open_page(view="runs")
    assert all(button(page, name).disabled for name in ("Open", "Compare", "Stop", "Resume", "Describe", "Delete"))


def select_rows(page, store, *rows):
    """Select rows of the unfiltered table."""
    page.session_state[runs_page.table_key(store.list())] = {
        "selection": {"rows": list(rows), "columns": [], "cells": []}
    }
    page.run()


def test_the_selected_runs_are_compared_in_the_order_of_the_table(open_page, store):
    for l2 in (0.0, 1.0, 2.0):
        train_run(store, small(l2=l2))
    first, _, third = store.list()
    page = open_page(view="runs")
    select_rows(page, store, 0, 2)
    button(page, "Compare").click().run()
    assert [run.id for run in compared_runs(page)] == [first.id, third.id]


def test_a_new_run_does_not_become_selected_instead_of_another(open_page, store):
    first = train_run(store, small())
    page = open_page(view="runs")
    select_rows(page, store, 0)
    assert not button(page, "Delete").disabled
    train_run(store, small(l2=0.0))
    page.run()
    assert first[:8] in list(page.dataframe[0].value["Id"])
    assert button(page, "Delete").disabled, "no row is selected"


def test_a_damaged_run_is_reported_and_the_page_stays_open(open_page, store):
    for l2 in (0.0, 2.0):
        train_run(store, small(l2=l2))
    broken = store.list()[1]
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE series SET data = x'00' WHERE run = ?", (broken.id,))
    for name, rows in (("Open", (1,)), ("Compare", (0, 1))):
        page = open_page(view="runs")
        select_rows(page, store, *rows)
        button(page, name).click().run()
        assert f"{broken.default_name} cannot be read" in page.error[0].value
        assert page.dataframe, "the page of runs is still open"


def test_a_selected_run_is_deleted_and_the_last_deletion_undone(open_page, store):
    run_id = train_run(store, small())
    page = open_page(view="runs")
    select_rows(page, store, 0)
    button(page, "Delete").click().run()
    assert store.list() == []
    button(page, "Undo delete (1)").click().run()
    assert [about.id for about in store.list()] == [run_id]


def test_a_training_run_can_be_stopped_and_then_deleted_or_resumed(open_page, store):
    run = get_hub().manager.start(endless())
    wait_until(lambda: run.telemetry.step > 0 and store.load_about(run.id) is not None)
    page = open_page(view="runs")
    select_rows(page, store, 0)
    assert button(page, "Delete").disabled
    button(page, "Stop").click().run()
    wait_until(lambda: run.state == states.STOPPED and store.load_about(run.id).state == states.STOPPED)
    page.run()
    assert button(page, "Stop").disabled
    assert not button(page, "Delete").disabled
    assert not button(page, "Resume").disabled


def test_a_run_that_another_process_trains_takes_no_orders(open_page, store):
    run_id = train_run(store, small(), until=12)
    with hold_lock(store.path, run_id):
        page = open_page(view="runs")
        assert set(page.dataframe[0].value["State"]) == {"trained by another Regscope"}
        select_rows(page, store, 0)
        assert all(button(page, name).disabled for name in ("Stop", "Resume", "Delete"))
        button(page, "Open").click().run()
        assert transport_buttons(page)["Start"]
        assert "Resume" not in transport_buttons(page)
        assert store.load_about(run_id).state == states.RUNNING


def test_a_run_that_started_to_train_after_the_selection_is_not_deleted(open_page, store):
    run_id = train_run(store, small(), until=12)
    page = open_page(view="runs")
    select_rows(page, store, 0)
    with hold_lock(store.path, run_id):
        button(page, "Delete").click().run()
        assert (
            "L2 λ 1, dropout ½ · digits · 1 is being trained or paused and cannot be deleted: stop it first"
            in page.error[0].value
        )
    assert store.load_about(run_id).deleted is None


def test_every_page_reports_that_the_store_was_moved(open_page, store):
    train_run(store, small())
    page = open_page(view="runs")
    store.path.rename(store.path.with_name("moved.sqlite"))
    for view in ("runs", "train", "compare"):
        page = open_page(view=view)
        assert any("was moved or deleted" in each.value for each in page.warning), view


def test_the_page_updates_only_while_runs_have_not_ended(open_page, store, monkeypatch):
    run_id = train_run(store, small(), until=12)
    intervals = []
    monkeypatch.setattr(
        runs.st, "fragment", lambda **options: lambda function: intervals.append(options["run_every"]) or function
    )
    open_page(view="runs")
    assert not intervals
    with hold_lock(store.path, run_id):
        open_page(view="runs")
    assert intervals == [runs.UPDATE_INTERVAL]


def test_a_run_is_named_in_a_dialog_that_stays_open_until_saved(open_page, store):
    run_id = train_run(store, small())
    page = open_page(view="runs")
    select_rows(page, store, 0)
    button(page, "Describe").click().run()
    page.run()  # a script run as while another run trains
    next(each for each in page.text_input if each.label == "Name").set_value("for the talk")
    button(page, "Save").click().run()
    assert store.load_about(run_id).name == "for the talk"
    page.run()
    assert not [each for each in page.button if each.label == "Save"]


def test_a_row_has_measured_values_or_none(store):
    about = store.load_about(train_run(store, small()))
    row = _table_row(about, about.created + 90)
    assert row["Last"] == 100 * store.load(about.id).telemetry.snapshot.evaluation.accuracy
    assert (row["Epochs"], row["Done"], row["Started"]) == (4, 1.0, "2 min ago")
    snapshot = store.load(about.id).telemetry.snapshot
    assert gap_of(about) == snapshot.clean.accuracy - snapshot.evaluation.accuracy
    empty = _table_row(About(id="0" * 16, initial_config=RunConfig.demo()), 0.0)
    assert (empty["Last"], empty["Gap"], empty["Done"]) == (None, None, 0.0)


def test_a_deleted_run_leaves_the_list_and_can_be_restored(open_page, store, monkeypatch):
    run_id = train_run(store, small())
    page = open_page(view="runs")
    store.delete([run_id])
    page.run()
    assert button(page, "Restore")
    button(page, "Restore").click().run()
    assert list(page.dataframe[0].value["Id"]) == [run_id[:8]]


def test_deleted_runs_are_deleted_for_good_after_a_question(open_page, store):
    first, second, kept = (train_run(store, small(seed=seed)) for seed in (1, 2, 3))
    page = open_page(view="runs")
    store.delete([first, second])
    page.run()
    page.button(key=f"for_good_{first}").click().run()
    button(page, "Cancel").click().run()
    assert len(store.list(deleted=True)) == 2
    page.button(key=f"for_good_{first}").click().run()
    page.button(key="delete_for_good").click().run()
    assert [about.id for about in store.list(deleted=True)] == [second]
    page.button(key="empty_deleted").click().run()
    page.button(key="delete_for_good").click().run()
    assert store.list(deleted=True) == []
    assert [about.id for about in store.list()] == [kept]
    assert not page.expander


def test_an_undo_restores_only_what_was_not_deleted_for_good(open_page, store):
    train_run(store, small())
    train_run(store, small(seed=2))
    page = open_page(view="runs")
    select_rows(page, store, 0, 1)
    button(page, "Delete").click().run()
    page.button(key=f"for_good_{store.list(deleted=True)[0].id}").click().run()
    page.button(key="delete_for_good").click().run()
    button(page, "Undo delete (1)").click().run()
    assert len(store.list()) == 1


def test_search_words_are_found_in_every_text_of_a_run():
    about = About(id="ab" * 8, initial_config=RunConfig.demo(l2=2.0), name="Größer", note="see page 7", tags=("talk",))
    for words in ("größer", "PAGE talk", "l2", "digits", "abab", ""):
        assert matches_search(about, words), words
    assert not matches_search(about, "größer kleiner")


@pytest.mark.parametrize(("seconds", "text"), [(0, "0 s"), (59, "59 s"), (61, "1 min"), (7200, "2 h"), (2e6, "23 d")])
def test_an_age_is_written_in_one_unit(seconds, text):
    assert format_age(0.0, seconds) == f"{text} ago"


def test_a_stored_run_is_opened_with_its_settings(open_page, store):
    run_id = train_run(store, small(seed=77, l2=0.5))
    page = open_page(run=run_id)
    assert page.number_input(key=widget_key(page, "seed")).value == 77
    assert get_hub().manager.get(run_id).state == states.FINISHED


def test_an_imported_file_is_in_the_list(open_page, store, tmp_path):
    other = Store(tmp_path / "other.sqlite")
    text = to_json(other.load(train_run(other, small())))
    page = open_page(view="runs")
    import_record(store, from_json(text))
    page.run()
    assert len(page.dataframe[0].value) == 1


def test_stored_runs_can_be_compared(open_page, store):
    ids = [train_run(store, small(l2=l2, drop_probability=0.0)) for l2 in (0.0, 2.0)]
    page = open_page(view="compare", runs=",".join(ids))
    page.session_state["compared"] = "Results"
    page.run()
    assert len(page.table) == 2
    metrics, settings = (table.value for table in page.table)
    (against,) = (column for column in metrics if column.startswith("Against "))
    assert sum("Difference" in text for text in metrics[against]) == 1
    assert list(settings["Setting"]) == ["λ of L2"]
    assert any("Early stopping" in each.value for each in page.markdown)
    page.session_state["compared"] = "Damage"
    page.run()
    assert any("0 of 12 are destroyed" in each.value for each in page.caption)
    button(page, "Destroy").click().run()
    assert any("1 of 12 are destroyed" in each.value for each in page.caption)
    button(page, "Revive").click().run()
    assert any("0 of 12 are destroyed" in each.value for each in page.caption)
    assert state.RUNS in page.query_params


def test_the_sidebar_and_the_pace_stay_while_the_page_of_runs_is_shown(open_page, store):
    train_run(store, small())
    page = open_page()
    page.segmented_control(key=widget_key(page, "pace")).set_value("25/s").run()
    for view in ("runs", "runs", "train"):
        page_switch(page).set_value(view).run()
    assert page.segmented_control(key=widget_key(page, "pace")).value == "25/s"


def test_the_page_explains_why_a_run_is_not_saved(open_page, store):
    store.path.write_text("no database " * 100)
    page = open_page()
    run = press(page, "Start")
    wait_until(lambda: run.telemetry.save_error)
    page.run()
    assert any("This run is not saved" in each.value and "damaged" in each.value for each in page.warning)


def test_runs_deleted_more_than_a_day_ago_are_removed_at_start(store):
    from dashboard.app import purge_deleted_runs

    deleted_long_ago, deleted_now = train_run(store, small()), train_run(store, small())
    store.delete([deleted_long_ago], clock=lambda: 1.0)
    store.delete([deleted_now])
    purge_deleted_runs(store)
    assert [about.id for about in store.list(deleted=True)] == [deleted_now]
    store.path.write_text("no database " * 100)
    purge_deleted_runs(store)


def test_cards_of_a_narrow_screen_choose_runs_like_rows(open_page, store):
    ids = [train_run(store, small(l2=l2)) for l2 in (0.0, 1.0)]
    page = open_page(view="runs")
    before = page.dataframe[0]
    assert [box.label for box in page.checkbox if "digits" in box.label] == [
        f"**{about.default_name}**" for about in store.list()
    ]
    for box in [box for box in page.checkbox if "digits" in box.label]:
        page.checkbox(key=box.key).check().run()
    assert any(each.value.startswith("Chosen: ") for each in page.caption)
    assert before.value["Id"].tolist() == page.dataframe[0].value["Id"].tolist()
    button(page, "Compare").click().run()
    assert {run.id for run in compared_runs(page)} == set(ids)


def test_more_cards_than_are_shown_at_first_can_be_shown(open_page, store, monkeypatch):
    monkeypatch.setattr(runs_page, "CARDS_AT_ONCE", 2)
    for seed in range(3):
        train_run(store, small(seed=seed), until=12)
    page = open_page(view="runs")
    assert len([box for box in page.checkbox if "digits" in box.label]) == 2
    button(page, "Show more (1)").click().run()
    assert len([box for box in page.checkbox if "digits" in box.label]) == 3
    assert not any(each.label.startswith("Show more") for each in page.button)


def test_a_card_has_what_was_measured(store):
    about = store.load_about(train_run(store, small()))
    lines = card_lines(replace(about, name="mine", tags=("a", "b")), about.created + 90)
    accuracy = about.metrics["judge_accuracy"]
    assert lines[0] == "L2 λ 1, dropout ½, digits"
    assert lines[1] == "finished, 4 of 4 epochs, 2 min ago"
    assert f"last {100 * accuracy:.1f}" in lines[2]
    assert lines[3] == "a, b"
    assert card_lines(About(id="0" * 16, initial_config=RunConfig.demo()), 0.0) == ["queued, 0 of 100 epochs, 0 s ago"]


def test_lists_have_the_title_of_an_own_data_set(open_page, store, tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    name = keep(read_csv(flowers(120), title="Flowers, dried"))
    run_id = train_run(store, small(dataset=name, train_size=None, mini_batch_size=10))
    store.set_description(run_id, name="mine")
    assert open_page(view="runs").dataframe[0].value["Data"].tolist() == ["Flowers, dried"]
    about = store.list()[0]
    assert matches_search(about, "dried")
    assert card_lines(about, about.created)[0].endswith(", Flowers, dried")
    store.delete([run_id])
    assert any(each.value.endswith(", Flowers, dried") for each in open_page(view="runs").caption)
    forget(name)
    assert card_lines(about, about.created)[0].endswith(", own data")

"""The sidebar's section about the data: the data set, its split and its noise."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import numbers
from dashboard.sidebar import data_dialogs, fetching
from dashboard.sidebar.examples import chosen_dataset, pool_examples, selection_config, training_example_count
from dashboard.sidebar.field_errors import FieldErrors
from dashboard.sidebar.labelled_widgets import (
    labelled_slider_arguments,
    labelled_widget_arguments,
    number_limits,
    with_value,
)
from dashboard.sidebar.reading import read_settings
from dashboard.state import dialogs, own_data, page_run
from dashboard.state.live_changes import NEEDS_RESTART, help_with_effect_time, label_with_effect_icon
from dashboard.state.settings import suited, widgets
from dashboard.state.settings.regularizer_choice import LAMBDA_FIELDS
from engine import Dataset
from engine.analysis.regularizers import equivalent_lmbda
from engine.config import SETTINGS
from engine.data import PLANAR, OwnDataset, dataset_titles, own_datasets, pool_size
from engine.data.planar import PlanarSet

TRAIN_SIZES = [10, 20, 50, 100, 200, 300, 500, 700, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]
VALIDATION_SHARES = [None, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9]
DEFAULT_POOL = 50_000  # training pool of a data set that is not fetched yet: the size of MNIST and similar sets
SEE_DIALOG, ADD_DIALOG, REMOVE_DIALOG = "see", "add", "remove"  # the dialogs


def section(errors: FieldErrors) -> None:
    """Draw the section."""
    own = own_datasets()
    dataset = chosen_dataset()
    first_title, *_, last_title = (planar.title for planar in PLANAR.values())
    with st.container(horizontal=True, vertical_alignment="bottom", key="data_bar"):
        st.header(
            label_with_effect_icon("Data", NEEDS_RESTART),
            help=help_with_effect_time(
                "Digits are included. MNIST and similar sets can be fetched. "
                f"{first_title} to {last_title.lower()} have two features: the board then shows the decision boundary.",
                NEEDS_RESTART,
            ),
            width="stretch",
        )
        _buttons(dataset, own)
    titles = _dataset_titles(own)
    st.selectbox(
        options=list(titles),
        format_func=lambda name: titles.get(name, name),
        label_visibility="collapsed",
        on_change=_on_dataset_change,
        **labelled_widget_arguments("dataset"),
    )
    errors.reserve("dataset")
    if (missing := fetching.missing_dataset()) is not None:
        fetching.fetch_button(missing, f"{missing.title}, {fetching.size_text(missing)}", "fetch_in_sidebar")
    if suited.was_applied():
        _suited_note()
    _size_slider(dataset)
    errors.reserve("train_size")
    if (planar := PLANAR.get(widgets.widget_value("dataset"))) is not None:
        _planar_settings(planar)
        errors.reserve("blob_classes", "data_noise")
    st.slider(**labelled_slider_arguments("label_noise"))
    errors.reserve("label_noise")
    if dataset:
        st.caption(_summary(dataset))
    _open_dialog(own)


def _dataset_titles(own: list[OwnDataset]) -> dict[str, str]:
    """Return the titles of all data sets, by name."""
    titles = {**dataset_titles(), **{own_set.name: own_set.title for own_set in own}}
    selected = widgets.widget_value("dataset")
    # the data set of a run may have been removed
    return titles if selected in titles else {**titles, selected: selected}


def _open_dialog(own: list[OwnDataset]) -> None:
    if dialogs.dialog_subject(SEE_DIALOG) is not None:
        data_dialogs.see_dialog(read_settings())
    if dialogs.dialog_subject(ADD_DIALOG) is not None:
        data_dialogs.add_dialog()
    for own_set in own:
        if dialogs.dialog_subject(REMOVE_DIALOG) == (own_set.name,):
            data_dialogs.remove_dialog(own_set, _remove)


def _buttons(dataset: Dataset | None, own: list[OwnDataset]) -> None:
    st.button(
        "See",
        type="tertiary",
        on_click=dialogs.open_in_next_run,
        args=(SEE_DIALOG,),
        disabled=dataset is None,
        help="Show the examples and their labels.",
    )
    st.button(
        "Add",
        type="tertiary",
        on_click=dialogs.open_in_next_run,
        args=(ADD_DIALOG,),
        help="Add your own data: CSV, NPZ or a pair of IDX files.",
    )
    with st.popover(
        "More", type="tertiary", help="The split, noise on the inputs, and scaling of λ with the training size."
    ):
        _more_settings(own)


def _more_settings(own: list[OwnDataset]) -> None:
    st.select_slider(
        options=with_value(VALIDATION_SHARES, widgets.widget_value("validation_share")),
        format_func=SETTINGS["validation_share"].display_text,
        on_change=_limit_size,
        **labelled_widget_arguments("validation_share"),
    )
    st.slider(**labelled_slider_arguments("pixel_noise"))
    st.toggle(
        "λ follows the training size",
        **widgets.widget_arguments("keep_ratio"),
        help="Keeps λ/n constant, and thus the decay of the weights: λ 0.1 for 1,000 examples becomes 5 for 50,000.",
    )
    for own_set in own:
        if own_set.name == widgets.widget_value("dataset"):
            st.button(
                "Remove this data set …",
                icon=":material/delete:",
                on_click=dialogs.open_in_next_run,
                args=(REMOVE_DIALOG, own_set.name),
                help="Delete the copy in the data folder of the server. Your file is not deleted.",
            )


def _size_slider(dataset: Dataset | None) -> None:
    pool = pool_size(selection_config(), dataset) if dataset else DEFAULT_POOL
    sizes = [size for size in TRAIN_SIZES if size < pool]
    selected, description = widgets.widget_value("train_size"), labelled_widget_arguments("train_size")
    st.select_slider(
        # a link or a run may have None, which means all examples
        options=[*with_value([*sizes, pool], selected), *([None] if selected is None else [])],
        format_func=lambda size: SETTINGS["train_size"].display_text(size) if size is None else numbers.count(size),
        on_change=_scale_lambdas,
        **{**description, "help": f"{description['help']} There are {pool:,}."},
    )


def _planar_settings(planar: PlanarSet) -> None:
    left, right = st.columns([3, 2]) if planar.classes is None else (st.container(), None)
    left.slider(**labelled_slider_arguments("data_noise"))
    if right:
        right.number_input(step=1, **number_limits("blob_classes"), **labelled_widget_arguments("blob_classes"))


def _summary(dataset: Dataset) -> str:
    """Return a text with the numbers of examples and of wrong labels, and the noise."""
    config = selection_config()
    pool = pool_size(config, dataset)
    n = min(widgets.widget_value("train_size") or pool, pool)
    corrupted_count = round(n * widgets.field_value("label_noise"))
    evaluation_count = len(dataset.training) + len(dataset.validation) - pool
    texts = [
        f"{numbers.count(n)} train, {numbers.count(evaluation_count)} validate",
        f"{numbers.count(corrupted_count)} labels wrong",
    ]
    if noise := widgets.widget_value("pixel_noise"):
        texts.append(f"noise {noise:.2f} on the inputs")
    if dataset.standardize:
        texts.append("features standardized by the training examples")
    return " · ".join(texts)


def _remove(name: str) -> None:
    dialogs.close()
    own_data.remove(name)
    _limit_size()


def _on_dataset_change() -> None:
    """Handle a change of the data set."""
    widgets.exchange_previous("dataset", widgets.widget_value("dataset"))
    run = page_run.open_run()
    suited.apply(widgets.widget_value("dataset"), (run.current_config, run.pace) if run else None)
    _limit_size()
    suited.remember_applied()


def _suited_note() -> None:
    """Show that the settings were changed together with the data set, and a button that takes that back."""
    with st.container(horizontal=True, vertical_alignment="center", key="suited"):
        st.caption("Suited settings applied", width="stretch")
        st.button(
            "Keep mine",
            type="tertiary",
            on_click=_keep_mine,
            help="Use the settings from before with this data set. The new ones suit it, or are those of the run that "
            "trains on it.",
        )


def _keep_mine() -> None:
    suited.take_back()
    _limit_size()


def _limit_size() -> None:
    """Limit the number of training examples to the size of the training pool."""
    dataset = chosen_dataset()
    if dataset is None:
        return
    pool = pool_size(selection_config(), dataset)
    if (widgets.widget_value("train_size") or 0) > pool:
        widgets.set_widget("train_size", pool)
        _scale_lambdas()


def _scale_lambdas() -> None:
    """Scale λ with the number of training examples, if the toggle is on."""
    size = training_example_count()
    previous_size = widgets.exchange_previous("train_size", size) or pool_examples()
    if widgets.widget_value("keep_ratio") and previous_size and size:
        for name in LAMBDA_FIELDS:
            widgets.set_widget(name, float(f"{equivalent_lmbda(widgets.widget_value(name), previous_size, size):.4g}"))

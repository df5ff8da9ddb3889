"""The sidebar's section about the data: the data set, its split and its noise."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar import data_dialogs
from dashboard.sidebar.described import described, limits, slider, with_value
from dashboard.sidebar.examples import available_examples, chosen_dataset, selection, training_examples
from dashboard.sidebar.reading import read
from dashboard.state import dialogs, downloads, own_data
from dashboard.state.live_changes import NEEDS_RESTART, with_icon, with_sentence
from dashboard.state.settings import widgets
from dashboard.state.settings.page_settings import DEFAULT_PACE
from dashboard.state.settings.penalty_choice import LAMBDAS
from engine import Dataset
from engine.analysis.regularizers import lmbda_at
from engine.config import SETTINGS
from engine.data import PLANAR, Own, dataset_titles, demo_config, fetchable, own_datasets, pool_size
from engine.data.planar import PlanarSet

TRAIN_SIZES = [10, 20, 50, 100, 200, 300, 500, 700, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]
SHARES = [None, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9]
MISSING_POOL = 50_000  # for a set that is not fetched yet: that of MNIST and its relatives
PLANE_PACE = 1_000.0  # mini-batches a second: the 20,000 of a planar demonstration then take 20 seconds
POLL = 0.5  # seconds between two updates of a download's progress
SEE, ADD, REMOVE = "see", "add", "remove"  # the dialogs


def section() -> None:
    """Draw the section."""
    own = own_datasets()
    dataset = chosen_dataset()
    first, *_, last = (planar.title for planar in PLANAR.values())
    with st.container(horizontal=True, vertical_alignment="bottom", key="data_bar"):
        st.header(
            with_icon("Data", NEEDS_RESTART),
            help=with_sentence(
                "Digits are bundled. MNIST and its relatives can be fetched. "
                f"{first} to {last.lower()} lie in a plane: the board then draws the decision boundary.",
                NEEDS_RESTART,
            ),
            width="stretch",
        )
        _buttons(dataset, own)
    names = _names(own)
    st.selectbox(
        options=list(names),
        format_func=lambda name: names.get(name, name),
        label_visibility="collapsed",
        on_change=_dataset_chosen,
        **described("dataset"),
    )
    if dataset is None:
        _fetch_offer(widgets.widget("dataset"))
    _size(dataset)
    if (planar := PLANAR.get(widgets.widget("dataset"))) is not None:
        _plane(planar)
    st.slider(**slider("label_noise"))
    if dataset:
        st.caption(_summary(dataset))
    _dialogs(own)


def _names(own: list[Own]) -> dict[str, str]:
    """Return the titles of all data sets, by name."""
    names = {**dataset_titles(), **{each.name: each.title for each in own}}
    chosen = widgets.widget("dataset")
    return names if chosen in names else {**names, chosen: chosen}  # the set of a run, removed since


def _dialogs(own: list[Own]) -> None:
    if dialogs.subject_of(SEE) is not None:
        data_dialogs.see(read())
    if dialogs.subject_of(ADD) is not None:
        data_dialogs.add()
    for each in own:
        if dialogs.subject_of(REMOVE) == (each.name,):
            data_dialogs.remove(each, _remove)


def _buttons(dataset: Dataset | None, own: list[Own]) -> None:
    st.button(
        "See",
        type="tertiary",
        on_click=dialogs.open_next,
        args=(SEE,),
        disabled=dataset is None,
        help="Look at the examples and their labels.",
    )
    st.button(
        "Add",
        type="tertiary",
        on_click=dialogs.open_next,
        args=(ADD,),
        help="Add your own data: CSV, NPZ or a pair of IDX files.",
    )
    with st.popover("More", type="tertiary", help="Split, noise on the inputs, and whether λ follows the size."):
        _more(own)


def _more(own: list[Own]) -> None:
    st.select_slider(
        options=with_value(SHARES, widgets.widget("validation_share")),
        format_func=SETTINGS["validation_share"].words,
        on_change=_limit_size,
        **described("validation_share"),
    )
    st.slider(**slider("pixel_noise"))
    st.toggle(
        "λ follows the training size",
        **widgets.persistent("keep_ratio"),
        help="Keeps λ/n, and so the speed at which weights decay: λ 0.1 for 1,000 examples becomes 5 for 50,000.",
    )
    for each in own:
        if each.name == widgets.widget("dataset"):
            st.button(
                "Remove this data set …",
                icon=":material/delete:",
                on_click=dialogs.open_next,
                args=(REMOVE, each.name),
                help="Delete its copy in the server's data folder; your own file stays.",
            )


def _size(dataset: Dataset | None) -> None:
    pool = pool_size(selection(), dataset) if dataset else MISSING_POOL
    smallest = [size for size in TRAIN_SIZES if size < pool]
    chosen, about = widgets.widget("train_size"), described("train_size")
    st.select_slider(
        # a link or a run may have None, which means all of them
        options=[*with_value([*smallest, pool], chosen), *([None] if chosen is None else [])],
        format_func=lambda size: SETTINGS["train_size"].words(size) if size is None else numbers.count(size),
        on_change=_scale_lambdas,
        **{**about, "help": f"{about['help']} There are {pool:,}."},
    )


def _plane(planar: PlanarSet) -> None:
    left, right = st.columns([3, 2]) if planar.classes is None else (st.container(), None)
    left.slider(**slider("data_noise"))
    if right:
        right.number_input(step=1, **limits("blob_classes"), **described("blob_classes"))


def _summary(dataset: Dataset) -> str:
    """Return the numbers of examples and wrong labels of a run, and its noise, in words."""
    config = selection()
    pool = pool_size(config, dataset)
    n = min(widgets.widget("train_size") or pool, pool)
    wrong = round(n * widgets.field_value("label_noise"))
    evaluation = len(dataset.training) + len(dataset.validation) - pool
    parts = [f"{numbers.count(n)} train, {numbers.count(evaluation)} validate", f"{numbers.count(wrong)} labels wrong"]
    if noise := widgets.widget("pixel_noise"):
        parts.append(f"noise {noise:.2f} on the inputs")
    if dataset.standardize:
        parts.append("features standardized by the training examples")
    return " · ".join(parts)


def _fetch_offer(name: str) -> None:
    """Draw a button that fetches a data set that is not available, or the progress of its download.

    The button is also drawn if files are present: they may be damaged, and a fetch replaces damaged files only.
    """
    offer = next((each for each in fetchable() if each.name == name), None)
    if offer is None:
        return
    current = downloads.latest(name)
    if current is None or current.finished:
        if current is not None and current.problem:
            st.error(escape_markdown(current.problem))
        st.button(
            f"Fetch {offer.title}, {offer.megabytes:.0f} MB",
            icon=":material/download:",
            on_click=_fetch,
            args=(name,),
            width="stretch",
            help="From a public mirror into your data folder, once. Files are compared with their published checksums.",
        )
        return

    @st.fragment(run_every=POLL)
    def progress() -> None:
        if current.finished:
            st.rerun()
        st.progress(current.share, text=escape_markdown(current.text))

    progress()


def _fetch(name: str) -> None:
    downloads.begin(name)


def _remove(name: str) -> None:
    dialogs.close()
    own_data.remove(name)
    _limit_size()


def _dataset_chosen() -> None:
    """Handle a choice of a data set: settings that are still a demonstration become that of the new set."""
    before, now = widgets.previous("dataset", widgets.widget("dataset")), widgets.widget("dataset")
    if before and widgets.widgets_match(demo_config(before), ignore="dataset"):
        pace = widgets.pace()
        if pace in (DEFAULT_PACE, PLANE_PACE):
            pace = PLANE_PACE if now in PLANAR else DEFAULT_PACE
        widgets.set_widgets(widgets.with_carried(demo_config(now)), pace)
    _limit_size()


def _limit_size() -> None:
    """Limit the number of training examples to those of the data set and its split."""
    dataset = chosen_dataset()
    if dataset is None:
        return
    pool = pool_size(selection(), dataset)
    if (widgets.widget("train_size") or 0) > pool:
        widgets.set_widget("train_size", pool)
        _scale_lambdas()


def _scale_lambdas() -> None:
    """Keep λ/n after a change of the number of training examples, if that is switched on."""
    now = training_examples()
    before = widgets.previous("train_size", now) or available_examples()
    if widgets.widget("keep_ratio") and before and now:
        for name in LAMBDAS:
            widgets.set_widget(name, float(f"{lmbda_at(widgets.widget(name), before, now):.4g}"))

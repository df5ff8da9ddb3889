"""The sidebar's first section: which data, how many, how noisy, and who judges."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.charts import numbers
from dashboard.charts.escaping import plain
from dashboard.sidebar import data_dialogs
from dashboard.sidebar.suggestions import suited
from dashboard.state import dialogs, downloads, session
from dashboard.state.live_changes import RESTART, explained, marked
from engine import Dataset, FieldError, RunConfig, dataset_names, dataset_of
from engine.config import lmbda_at
from engine.data import PLANAR, Own, fetchable, own_datasets, pool_size

if TYPE_CHECKING:
    from dashboard.sidebar.controls import Settings

TITLES = {
    "digits": "Digits, 8 × 8",
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "kmnist": "KMNIST",
    "moons": "Two moons",
    "circles": "Circle in a circle",
    "spirals": "Two spirals",
    "xor": "Exclusive or",
    "blobs": "Blobs",
}
TRAIN_SIZES = [10, 20, 50, 100, 200, 300, 500, 700, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000]
SHARES = [None, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9]
MISSING_POOL = 50_000  # of a set that is not there yet: MNIST's and its relatives'
PLANE_PACE = 1_000.0  # mini-batches a second: the 20,000 of such a run then take 20 seconds
POLL = 0.5  # seconds between two looks at a download
SEE, ADD, REMOVE = "see", "add", "remove"  # the dialogs


def section(read: Callable[[], Settings]) -> None:
    """Everything about the data, from top to bottom; `read` gives what the whole sidebar says."""
    own = own_datasets()
    dataset = _dataset()
    with st.container(horizontal=True, vertical_alignment="bottom", key="data_bar"):
        st.header(
            marked("Data", RESTART),
            help=explained(
                "Digits are bundled. MNIST and its relatives are fetched when you ask for them. Two moons to blobs "
                "lie in a plane: the board then draws the decision boundary.",
                RESTART,
            ),
            width="stretch",
        )
        _buttons(dataset, own)
    names = _names(own)
    st.selectbox(
        "Data set",
        list(names),
        format_func=lambda name: names.get(name, name),
        **session.kept("dataset"),
        label_visibility="collapsed",
        on_change=_chosen,
    )
    if dataset is None:
        _fetch_offer(session.widget("dataset"))
    _size(dataset)
    if session.widget("dataset") in PLANAR:
        _plane()
    st.slider(
        "Corrupted labels",
        min_value=0.0,
        step=5.0,
        **session.scale("label_noise", 50.0, "%d %%"),
        **session.kept("label_noise"),
        help="The share of training labels replaced by a wrong one, drawn from the seed. They can only be memorized; "
        "validation labels stay right.",
    )
    if dataset:
        st.caption(_stated(dataset))
    _dialogs(read, own)


def training_examples() -> int | None:
    """How many the network sees; None where that is all of a set that is not there."""
    chosen = session.widget("train_size")
    return _pool() if chosen is None else int(chosen)


def _pool() -> int | None:
    """How many training examples there are; None of a set that is not there."""
    dataset = _dataset()
    return None if dataset is None else pool_size(_of_widgets(), dataset)


def _names(own: list[Own]) -> dict[str, str]:
    """Every data set there is by name, and what the page calls it."""
    names = {name: TITLES.get(name, name) for name in (*dataset_names(), *PLANAR)}
    names.update({each.name: each.title for each in own})
    chosen = session.widget("dataset")
    return names if chosen in names else {**names, chosen: chosen}  # of a run whose set is gone


def _dataset() -> Dataset | None:
    """The chosen data set, or None where it is not there; `controls.read` says why."""
    try:
        return dataset_of(_of_widgets())
    except FieldError:
        return None


def _of_widgets() -> RunConfig:
    """A config of what decides which examples there are, and nothing else."""
    return RunConfig(
        dataset=session.widget("dataset"),
        seed=session.seed() or 0,
        data_noise=session.widget("data_noise"),
        blob_classes=session.widget("blob_classes"),
        validation_share=session.widget("validation_share"),
    )


def _dialogs(read: Callable[[], Settings], own: list[Own]) -> None:
    if dialogs.asked(SEE) is not None:
        data_dialogs.see(read)
    if dialogs.asked(ADD) is not None:
        data_dialogs.add()
    for each in own:
        if dialogs.asked(REMOVE) == (each.name,):
            data_dialogs.remove(each, _remove)


def _buttons(dataset: Dataset | None, own: list[Own]) -> None:
    st.button(
        "See",
        type="tertiary",
        on_click=dialogs.ask,
        args=(SEE,),
        disabled=dataset is None,
        help="Look at the examples and their labels.",
    )
    st.button(
        "Add",
        type="tertiary",
        on_click=dialogs.ask,
        args=(ADD,),
        help="Add your own data: CSV, NPZ or a pair of IDX files.",
    )
    with st.popover("More", type="tertiary", help="Split, noise on the inputs, and whether λ follows the size."):
        _more(own)


def _more(own: list[Own]) -> None:
    st.select_slider(
        "Validation share",
        _with(SHARES, session.widget("validation_share")),
        **session.kept("validation_share"),
        format_func=lambda share: "as it comes" if share is None else _percent(share),
        on_change=_fit,
        help="The share of all examples, but the test set's, that judges. The first training examples stay the same.",
    )
    st.slider(
        "Noise on the inputs",
        min_value=0.0,
        step=0.05,
        **session.scale("pixel_noise", 1.0, "%.2f"),
        **session.kept("pixel_noise"),
        help="Standard deviation of Gaussian noise on the training inputs alone, drawn from the seed.",
    )
    st.toggle(
        "λ follows the training size",
        **session.kept("keep_ratio"),
        help="Keeps λ/n, and with it how fast a weight decays: 0.1 for 1,000 examples becomes 5 for 50,000.",
    )
    for each in own:
        if each.name == session.widget("dataset"):
            st.button(
                "Remove this data set …",
                icon=":material/delete:",
                on_click=dialogs.ask,
                args=(REMOVE, each.name),
                help="Delete its copy in the server's data folder; your own file stays.",
            )


def _size(dataset: Dataset | None) -> None:
    pool = pool_size(_of_widgets(), dataset) if dataset else MISSING_POOL
    smallest = [size for size in TRAIN_SIZES if size < pool]
    chosen = session.widget("train_size")
    st.select_slider(
        "Training examples",
        [*_with([*smallest, pool], chosen), *([None] if chosen is None else [])],  # as a link or a run may have it
        **session.kept("train_size"),
        format_func=lambda size: "all" if size is None else numbers.count(size),
        on_change=_follow,
        help=f"How many of the {pool:,} training examples the network sees. Few are easily memorized.",
    )


def _plane() -> None:
    blobs = session.widget("dataset") == "blobs"
    left, right = st.columns([3, 2]) if blobs else (st.container(), None)
    left.slider(
        "Noise of the points",
        min_value=0.0,
        step=0.05,
        **session.scale("data_noise", 0.5, "%.2f"),
        **session.kept("data_noise"),
        help="How far points stray from the shape, which is about 2 across. Training and validation alike.",
    )
    if right:
        right.number_input(
            "Classes", min_value=2, max_value=6, step=1, **session.kept("blob_classes"), help="One blob for each."
        )


def _stated(dataset: Dataset) -> str:
    """What the run will train on and be judged by, in a line."""
    config = _of_widgets()
    pool = pool_size(config, dataset)
    n = min(session.widget("train_size") or pool, pool)
    wrong = round(n * (session.widget("label_noise") or 0) / 100)
    judge = len(dataset.training) + len(dataset.validation) - pool
    parts = [f"{numbers.count(n)} train, {numbers.count(judge)} validate", f"{numbers.count(wrong)} labels wrong"]
    if noise := session.widget("pixel_noise"):
        parts.append(f"noise {noise:.2f} on the inputs")
    if dataset.standardize:
        parts.append("features standardized by the training examples")
    return " · ".join(parts)


def _fetch_offer(name: str) -> None:
    """Where a set is not there but can be had: a button, and then how far it is."""
    # also where files are present: what is there may be damaged, and a fetch renews just that
    offer = next((each for each in fetchable() if each.name == name), None)
    if offer is None:
        return
    current = downloads.newest(name)
    if current is None or current.over:
        if current is not None and current.problem:
            st.error(plain(current.problem))
        st.button(
            f"Fetch {offer.title}, {offer.megabytes:.0f} MB",
            icon=":material/download:",
            on_click=_fetch,
            args=(name,),
            width="stretch",
            help="From a public mirror into your data folder, once. Every file is checked against its published sum.",
        )
        return

    @st.fragment(run_every=POLL)
    def progress() -> None:
        if current.over:
            st.rerun()
        st.progress(current.share, text=plain(current.words))

    progress()


def _fetch(name: str) -> None:
    downloads.begin(name)


def _remove(name: str) -> None:
    dialogs.close()
    session.remove_own(name)
    _fit()


def _chosen() -> None:
    """Another data set: who has changed nothing begins with the settings that suit it."""
    before, now = session.remembered("dataset", session.widget("dataset")), session.widget("dataset")
    if before and session.widgets_are(suited(before), but="dataset"):
        pace = session.pace()
        if pace in (session.DEFAULT_PACE, PLANE_PACE):
            pace = PLANE_PACE if now in PLANAR else session.DEFAULT_PACE
        session.set_widgets(session.with_carried(suited(now)), pace)
    _fit()


def _fit() -> None:
    """Another data set or split may have fewer examples: the field then takes all of them."""
    dataset = _dataset()
    if dataset is None:
        return
    pool = pool_size(_of_widgets(), dataset)
    if (session.widget("train_size") or 0) > pool:
        session.set_widget("train_size", pool)
        _follow()


def _follow() -> None:
    """λ follows the number of training examples, where a person wants λ/n to stay."""
    now = training_examples()
    before = session.remembered("train_size", now) or _pool()
    if session.widget("keep_ratio") and before and now:
        for name in ("l2", "l1"):
            session.set_widget(name, float(f"{lmbda_at(session.widget(name), before, now):.4g}"))


def _percent(share: float) -> str:
    return f"{numbers.hundredfold(share):f}%"


def _with(options: list[Any], value: float | None) -> list[Any]:
    """The options, and a value from elsewhere that is none of them; None stays first."""
    values = {option for option in (*options, value) if option is not None}
    return [*([None] if None in options else []), *sorted(values)]

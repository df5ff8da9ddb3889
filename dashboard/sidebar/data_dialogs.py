"""Dialogs about data: see the examples in use, and add or remove data of one's own."""

from __future__ import annotations

import html
import io
import zlib
from base64 import b64encode
from collections.abc import Callable

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar.reading import Settings
from dashboard.state import dialogs, own_data
from dashboard.state.dialog_cache import cached
from engine import Dataset, FieldError, RunConfig, dataset_of, select
from engine.data import Balance, Gallery, Own, RunData, Table, class_balance, columns, gallery, keep
from engine.data import read_csv as csv_table
from engine.data import read_idx_pair as idx_table
from engine.data import read_npz as npz_table

PAGE = 60  # examples: five rows of twelve
IDX = (b"\x00\x00", b"\x1f\x8b")  # the first bytes of an IDX file, plain and gzipped
SHOWN_FEATURES = 12  # columns of a table: more do not fit


@st.dialog("The data", width="large", on_dismiss=dialogs.close)
def see(settings: Settings) -> None:
    """Show the examples that a run with these settings trains on."""
    if settings.problem:
        st.error(settings.problem)
        return
    data = cached(_selected, settings.config)
    wrong = int(data.corrupted.sum())
    st.caption(
        f"{escape_markdown(data.dataset.title)}: {numbers.count(data.n)} training examples, "
        f"{numbers.count(len(data.evaluation))} for {data.evaluation_name}, "
        f"{numbers.count(wrong)} training labels corrupted."
    )
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    only = left.toggle(
        "Only corrupted labels", disabled=not wrong, help="Examples whose label was replaced by another."
    )
    total = wrong if only else data.n
    pages = max(1, -(-total // PAGE))
    page = right.number_input("Page", 1, pages, 1, help=f"{PAGE} examples a page, {pages} pages.")
    found = gallery(data, PAGE, (page - 1) * PAGE, only)
    if found.images is not None:
        st.html(_pictures(data.dataset, found))
    else:
        st.dataframe(_rows(data, found), hide_index=True, height=320)
        shown = min(SHOWN_FEATURES, data.dataset.features)
        scaled = ", scaled and with their noise" if data.scaling or settings.config.pixel_noise else ""
        st.caption(f"{shown} of {data.dataset.features} features, as the network sees them{scaled}.")
    st.html(_bars(data, class_balance(data)))
    if data.scaling is not None:
        with st.expander("Scaling: mean and standard deviation of each feature, of the training examples alone"):
            st.dataframe(
                {
                    "feature": list(_feature_names(data.dataset)),
                    "mean": data.scaling.mean.tolist(),
                    "standard deviation": data.scaling.std.tolist(),
                },
                hide_index=True,
            )


@st.dialog("Add your own data", width="large", on_dismiss=dialogs.close)
def add() -> None:
    """Add a data set from one or two files, after a preview; its title is the name of the file."""
    st.caption(
        "CSV with a header, one column of labels, numbers in all others · NPZ with arrays x and y · "
        "or two IDX files, images and labels. Up to 20 MB, 200,000 rows, 5,000 features, 100 classes. "
        "The server keeps a copy in its data folder; everybody who uses this page can choose it."
    )
    files = st.file_uploader("Files", accept_multiple_files=True, label_visibility="collapsed", max_upload_size=21)
    if not files:
        return
    contents = [(file.name, file.getvalue()) for file in files]
    try:
        table = _table(contents)
    except FieldError as error:
        st.error(escape_markdown(f"{contents[0][0]}: {error}"))
        return
    rows, features = table.x.shape
    st.success(
        f"{numbers.count(rows)} rows, {numbers.count(features)} features, {len(table.class_names)} classes: "
        + escape_markdown(", ".join(table.class_names[:10]))
        + (" …" if len(table.class_names) > 10 else "")
    )
    if st.button("Use this data", type="primary", help="Keep a copy in the data folder and choose it in the sidebar."):
        try:
            own_data.choose_next(keep(table))
        except FieldError as error:
            st.error(escape_markdown(str(error)))
            return
        dialogs.close()
        st.rerun()


@st.dialog("Remove this data set?", on_dismiss=dialogs.close)
def remove(own: Own, then: Callable[[str], None]) -> None:
    """Ask before a data set is removed.

    Args:
        then: removes it, given its name.
    """
    st.write(
        f"{escape_markdown(own.title)}: {numbers.count(own.rows)} examples. "
        "A run that trains on it goes on with its own copy."
    )
    left, right = st.columns(2)
    if left.button(
        "Remove",
        type="primary",
        width="stretch",
        on_click=then,
        args=(own.name,),
        help="It can be added again from your file.",
    ):
        st.rerun()
    if right.button("Keep", width="stretch", on_click=dialogs.close, help="Close this."):
        st.rerun()


def _table(contents: list[tuple[str, bytes]]) -> Table:
    """Return the table in uploaded files, given by name and content. Raises `FieldError`."""
    (name, content), *more = contents
    title = name.rsplit(".", 1)[0]
    if len(contents) == 2 and all(body[:2] in IDX for _, body in contents):
        # the images have more dimensions; the names of the files need not show which they are
        images, labels = sorted((body for _, body in contents), key=_dimensions, reverse=True)
        return idx_table(images, labels, title)
    if more:
        raise FieldError("files", f"must be one, or the two of an IDX pair, got {len(contents)}: choose those alone")
    if content[:2] == b"PK":
        return npz_table(content, title)
    if content[:2] in IDX:
        raise FieldError(
            "files", f"must be both of an IDX pair, or an unpacked CSV, got only {name}: choose both, or unpack it"
        )
    head = columns(content)
    label = st.selectbox(
        "Label column",
        head.names,
        index=head.names.index(head.label),
        help="The column that the network learns to predict.",
    )
    st.dataframe(
        {column: [row[i] for row in head.preview] for i, column in list(enumerate(head.names))[:SHOWN_FEATURES]},
        hide_index=True,
    )
    return cached(csv_table, content, label, title)


def _selected(config: RunConfig) -> RunData:
    return select(config, dataset_of(config))


def _dimensions(content: bytes) -> int:
    """Return the number of dimensions in the fourth byte of an IDX file, or 0 if there is none."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = zlib.decompressobj(wbits=31).decompress(content, 4)
        except zlib.error:  # the reader reports the damage
            return 0
    return content[3] if len(content) > 3 else 0


def _pictures(dataset: Dataset, found: Gallery) -> str:
    """Return the images with their labels as HTML. The true label of a corrupted example is struck out."""
    assert found.images is not None
    cells = []
    for image, taught, true, wrong in zip(found.images, found.labels, found.clean_labels, found.corrupted, strict=True):
        source = b64encode(_png(image)).decode("ascii")
        name, right = (html.escape(dataset.class_names[k]) for k in (taught, true))
        words = f"{name} <s>{right}</s>" if wrong else name
        alt = f"labelled {name}, in truth {right}" if wrong else f"labelled {name}"
        cells.append(
            f'<figure class="rs-example"{" data-wrong" if wrong else ""}>'
            f'<img src="data:image/png;base64,{source}" alt="{alt}"><figcaption>{words}</figcaption></figure>'
        )
    return f'<div class="rs-gallery">{"".join(cells)}</div>'


def _png(image: np.ndarray) -> bytes:
    """Return an image of numbers 0 (white) … 1 (black) as a grey PNG file."""
    out = io.BytesIO()
    Image.fromarray(np.round(255 * (1 - np.clip(image, 0, 1))).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def _rows(data: RunData, found: Gallery) -> dict[str, list[object]]:
    """Return a page of examples as the columns of a table."""
    names = data.dataset.class_names
    rows: dict[str, list[object]] = {
        "label": [names[k] for k in found.labels],
        "in truth": [names[k] if wrong else "" for k, wrong in zip(found.clean_labels, found.corrupted, strict=True)],
    }
    for i, name in list(enumerate(_feature_names(data.dataset)))[:SHOWN_FEATURES]:
        title = name if name not in rows else f"{name} (feature {i + 1})"  # a feature may also be named "label"
        rows[title] = [round(float(value), 4) for value in found.x[:, i]]
    return rows


def _feature_names(dataset: Dataset) -> tuple[str, ...]:
    return dataset.feature_names or tuple(f"feature {i + 1}" for i in range(dataset.features))


def _bars(data: RunData, balance: Balance) -> str:
    """Return the counts by class as an HTML table with bars."""
    most = max(1, int(balance.labels.max()))
    rows = []
    for k, name in enumerate(data.dataset.class_names):
        taught, evaluation = int(balance.labels[k]), int(balance.evaluation[k])
        rows.append(
            f"<tr><th scope='row'>{html.escape(name)}</th><td><i style='width:{100 * taught / most:.1f}%'></i></td>"
            f"<td>{numbers.count(taught)}</td><td>{numbers.count(int(balance.clean_labels[k]))}</td>"
            f"<td>{numbers.count(evaluation)}</td></tr>"
        )
    head = "".join(
        f"<th scope='col'>{title}</th>" for title in ("Class", "", "as taught", "in truth", data.evaluation_name)
    )
    return f'<table class="rs-balance"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'

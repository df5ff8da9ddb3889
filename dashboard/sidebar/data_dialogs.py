"""Dialogs that show the examples in use, and add or remove a user's own data sets."""

from __future__ import annotations

import html
import io
import zlib
from base64 import b64encode
from collections.abc import Callable

import numpy as np
import streamlit as st
from PIL import Image

from dashboard import _compat
from dashboard.charts import numbers
from dashboard.charts.escaping import escape_markdown, escape_table
from dashboard.sidebar.reading import Settings
from dashboard.state import dialogs, own_data
from dashboard.state.dialog_cache import cached_call
from engine import Dataset, FieldError, RunConfig, dataset_of, select
from engine.data import ClassBalance, Gallery, OwnDataset, RunData, Table, class_balance, gallery, keep, read_columns
from engine.data import read_csv as csv_table
from engine.data import read_idx_pair as idx_table
from engine.data import read_npz as npz_table

PAGE_SIZE = 60  # examples: five rows of twelve
IDX_PREFIXES = (b"\x00\x00", b"\x1f\x8b")  # the first bytes of an IDX file, uncompressed and gzipped
MAX_COLUMNS = 12  # columns of a table: more do not fit


@st.dialog("The data", width="large", on_dismiss=dialogs.close)
def see_dialog(settings: Settings) -> None:
    """Show the examples that a run with these settings trains on."""
    if settings.problem:
        st.error(escape_markdown(settings.problem))
        return
    data = cached_call(_run_data, settings.config)
    corrupted_count = int(data.corrupted.sum())
    st.caption(
        f"{escape_markdown(data.dataset.title)}: {numbers.count(data.n)} training examples, "
        f"{numbers.count(len(data.evaluation))} for {data.evaluation_name}, "
        f"{numbers.count(corrupted_count)} training labels corrupted."
    )
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    only_corrupted = left.toggle(
        "Only corrupted labels",
        disabled=not corrupted_count,
        help="Show only examples whose label was replaced by another.",
    )
    total = corrupted_count if only_corrupted else data.n
    pages = max(1, -(-total // PAGE_SIZE))
    page = right.number_input("Page", 1, pages, 1, help=f"{PAGE_SIZE} examples a page, {pages} pages.")
    examples = gallery(data, PAGE_SIZE, (page - 1) * PAGE_SIZE, only_corrupted)
    if examples.images is not None:
        st.html(_images_html(data.dataset, examples))
    else:
        st.dataframe(_table_columns(data, examples), hide_index=True, height=320)
        column_count = min(MAX_COLUMNS, data.dataset.features)
        scaling_note = ", scaled and with their noise" if data.scaling or settings.config.pixel_noise else ""
        st.caption(f"{column_count} of {data.dataset.features} features, as inputs of the network{scaling_note}.")
    st.html(_class_counts_html(data, class_balance(data)))
    if data.scaling is not None:
        with st.expander("Scaling: mean and standard deviation of each feature over the training examples"):
            st.dataframe(
                {
                    "feature": [escape_table(name) for name in _feature_names(data.dataset)],
                    "mean": data.scaling.mean.tolist(),
                    "standard deviation": data.scaling.std.tolist(),
                },
                hide_index=True,
            )


@st.dialog("Add your own data", width="large", on_dismiss=dialogs.close)
def add_dialog() -> None:
    """Add a data set from one or two files, after a preview; its title is the name of the file."""
    st.caption(
        "CSV with a header, one column of labels, numbers in all others · NPZ with arrays x and y · "
        "or two IDX files, images and labels. Up to 20 MB, 200,000 rows, 5,000 features, 100 classes. "
        "The server stores a compressed copy in its data folder. All users of this server can choose it."
    )
    files = st.file_uploader("Files", accept_multiple_files=True, label_visibility="collapsed", max_upload_size=21)
    if not files:
        return
    dialogs.add_uploads(file.file_id for file in files)  # kept as long as the dialog is open, for the preview
    contents = [(file.name, file.getvalue()) for file in files]
    try:
        table = _parse_files(contents)
    except FieldError as error:
        st.error(escape_markdown(f"{contents[0][0]}: {error}"))
        return
    rows, features = table.x.shape
    st.success(
        f"{numbers.count(rows)} rows, {numbers.count(features)} features, {len(table.class_names)} classes: "
        + escape_markdown(", ".join(table.class_names[:10]))
        + (" …" if len(table.class_names) > 10 else "")
    )
    if st.button("Use this data", type="primary", help="Store a copy in the data folder and choose it in the sidebar."):
        with _compat.uninterrupted():  # a stored set is chosen
            try:
                own_data.choose_in_next_run(keep(table))
            except FieldError as error:
                st.error(escape_markdown(str(error)))
                return
            dialogs.close()
            st.rerun()


@st.dialog("Remove this data set?", on_dismiss=dialogs.close)
def remove_dialog(own: OwnDataset, remove: Callable[[str], None]) -> None:
    """Show a confirmation before a data set is removed.

    Args:
        own: the data set.
        remove: a function that removes it, given its name.
    """
    st.write(
        f"{escape_markdown(own.title)}: {numbers.count(own.rows)} examples. "
        "Runs that train on it continue with their own copy."
    )
    left, right = st.columns(2)
    if left.button(
        "Remove",
        type="primary",
        width="stretch",
        on_click=remove,
        args=(own.name,),
        help="You can add it again from your file.",
    ):
        st.rerun()
    if right.button("Cancel", width="stretch", on_click=dialogs.close, help="Close this dialog."):
        st.rerun()


def _parse_files(contents: list[tuple[str, bytes]]) -> Table:
    """Return the table in uploaded files, given by name and content. Raises `FieldError`."""
    (name, content), *other_files = contents
    title = name.rsplit(".", 1)[0]
    if len(contents) == 2 and all(data[:2] in IDX_PREFIXES for _, data in contents):
        # the file of the images has more dimensions than the file of the labels
        images, labels = sorted((data for _, data in contents), key=_dimension_count, reverse=True)
        return idx_table(images, labels, title)
    if other_files:
        raise FieldError(
            "files", f"must be one file, or the two files of an IDX pair, got {len(contents)}: remove the others"
        )
    if content[:2] == b"PK":
        return npz_table(content, title)
    if content[:2] in IDX_PREFIXES:
        raise FieldError(
            "files",
            f"must be both files of an IDX pair, or an uncompressed CSV file, got {name}: choose both, or unpack it",
        )
    header = read_columns(content)
    label_column = st.selectbox(
        "Label column",
        header.names,
        index=header.names.index(header.label),
        help="The column that the network learns to predict.",
    )
    st.dataframe(
        {
            escape_table(column): [escape_table(row[i]) for row in header.preview]
            for i, column in list(enumerate(header.names))[:MAX_COLUMNS]
        },
        hide_index=True,
    )
    return cached_call(csv_table, content, label_column, title)


def _run_data(config: RunConfig) -> RunData:
    return select(config, dataset_of(config))


def _dimension_count(content: bytes) -> int:
    """Return the number of dimensions in the fourth byte of an IDX file, or 0 if there is none."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = zlib.decompressobj(wbits=31).decompress(content, 4)
        except zlib.error:  # `idx_table` reports damaged files
            return 0
    return content[3] if len(content) > 3 else 0


def _images_html(dataset: Dataset, examples: Gallery) -> str:
    """Return the images with their labels as HTML. The true label of a corrupted example is struck out."""
    assert examples.images is not None
    cells = []
    for image, label, clean_label, is_corrupted in zip(
        examples.images, examples.labels, examples.clean_labels, examples.corrupted, strict=True
    ):
        encoded = b64encode(_png(image)).decode("ascii")
        label_name, clean_name = (html.escape(dataset.class_names[k]) for k in (label, clean_label))
        caption = f"{label_name} <s>{clean_name}</s>" if is_corrupted else label_name
        alt = f"labelled {label_name}, true label {clean_name}" if is_corrupted else f"labelled {label_name}"
        cells.append(
            f'<figure class="rs-example"{" data-wrong" if is_corrupted else ""}>'
            f'<img src="data:image/png;base64,{encoded}" alt="{alt}"><figcaption>{caption}</figcaption></figure>'
        )
    return f'<div class="rs-gallery">{"".join(cells)}</div>'


def _png(image: np.ndarray) -> bytes:
    """Return an image of numbers 0 (white) … 1 (black) as a grey PNG file."""
    out = io.BytesIO()
    Image.fromarray(np.round(255 * (1 - np.clip(image, 0, 1))).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def _table_columns(data: RunData, examples: Gallery) -> dict[str, list[object]]:
    """Return a page of examples as the columns of a table."""
    names = data.dataset.class_names
    table: dict[str, list[object]] = {
        "label": [escape_table(names[label]) for label in examples.labels],
        "true label": [
            escape_table(names[label]) if is_corrupted else ""
            for label, is_corrupted in zip(examples.clean_labels, examples.corrupted, strict=True)
        ],
    }
    for i, name in list(enumerate(_feature_names(data.dataset)))[:MAX_COLUMNS]:
        title = name if name not in table else f"{name} (feature {i + 1})"  # a feature may also be named "label"
        table[escape_table(title)] = [round(float(value), 4) for value in examples.x[:, i]]
    return table


def _feature_names(dataset: Dataset) -> tuple[str, ...]:
    return dataset.feature_names or tuple(f"feature {i + 1}" for i in range(dataset.features))


def _class_counts_html(data: RunData, balance: ClassBalance) -> str:
    """Return the counts by class as an HTML table with bars."""
    max_count = max(1, int(balance.labels.max()))
    rows = []
    for k, name in enumerate(data.dataset.class_names):
        training_count, evaluation_count = int(balance.labels[k]), int(balance.evaluation[k])
        rows.append(
            f"<tr><th scope='row'>{html.escape(name)}</th>"
            f"<td><i style='width:{100 * training_count / max_count:.1f}%'></i></td>"
            f"<td>{numbers.count(training_count)}</td><td>{numbers.count(int(balance.clean_labels[k]))}</td>"
            f"<td>{numbers.count(evaluation_count)}</td></tr>"
        )
    header = "".join(
        f"<th scope='col'>{title}</th>" for title in ("Class", "", "for training", "true label", data.evaluation_name)
    )
    return f'<table class="rs-balance"><thead><tr>{header}</tr></thead><tbody>{"".join(rows)}</tbody></table>'

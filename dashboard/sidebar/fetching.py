"""The download of a data set that is not on this machine: a button, or the progress."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.sidebar.examples import chosen_dataset
from dashboard.state import downloads
from dashboard.state.settings.widgets import widget_value
from engine.data import DownloadableDataset, downloadable_datasets
from engine.errors import format_bytes

POLL_INTERVAL = 0.5  # seconds between two updates of a download's progress


def missing_dataset() -> DownloadableDataset | None:
    """Return the chosen data set if it cannot be read and can be downloaded, else None.

    That is also so if its files are present. They may be damaged, and fetching replaces only damaged files.
    """
    if chosen_dataset() is not None:
        return None
    return next((each for each in downloadable_datasets() if each.name == widget_value("dataset")), None)


def fetch_button(dataset: DownloadableDataset, label: str, key: str, is_primary: bool = False) -> None:
    """Show a button that downloads a data set, or the progress while it is downloaded.

    Args:
        dataset: the data set. label: the text of the button after "Fetch".
        key: of the button; a page may have several. is_primary: whether the button has the colour of Start.
    """
    download = downloads.latest_download(dataset.name)
    if download is None or download.finished:
        if download is not None and download.problem:
            st.error(escape_markdown(download.problem))
        st.button(
            f"Fetch {label}",
            key=key,
            type="primary" if is_primary else "secondary",
            icon=":material/download:",
            on_click=_fetch,
            args=(dataset.name,),
            width="stretch",
            help="Download it once from a public mirror into your data folder. The checksums are verified.",
        )
        return

    @st.fragment(run_every=POLL_INTERVAL, key=f"{key}_progress")
    def show_progress() -> None:
        if download.finished:
            st.rerun()
        st.progress(download.share, text=escape_markdown(download.text))

    show_progress()


def size_text(dataset: DownloadableDataset) -> str:
    """Return the size of a download, such as "31 MB"."""
    return format_bytes(1e6 * dataset.megabytes)


def _fetch(name: str) -> None:
    downloads.start_download(name)

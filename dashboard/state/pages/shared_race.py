"""A race in a link: the link to the runs of the page Compare, and the race of the link that the page was opened with.

The shared settings are in the sidebar, as for every link; the parameters of `race_links` have what differs. Nothing
trains until the user starts the race.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state import navigation
from dashboard.state.pages import compare_page
from dashboard.state.settings import links, parameters, race_links
from engine import FieldError, RunConfig, dataset_of
from engine.analysis.twins import Twin
from engine.data import check_example_selection
from engine.runs.server.run import Run

MAX_LINK = 2_000  # characters: longer addresses are cut by some mail programs and proxies


def link_to(runs: Sequence[Run], pace: float | None) -> str:
    """Return a link that trains these runs again, from the settings that they started with.

    Raises:
        FieldError: if there is none: for forks, for runs that `race_links.race_link` refuses, and for a long link.
    """
    if any(run.parent for run in runs):
        raise FieldError(
            "runs",
            "must all have started at step 0, got a fork: a fork continues from stored weights, which a link does not "
            "contain",
        )
    link = race_links.race_link(tuple(run.initial_config for run in runs))
    query = {
        navigation.PAGE_PARAMETER: compare_page.COMPARE_PAGE,
        **links.link_parameters(link.base, pace),
        **link.query,
    }
    address = links.page_address(st.context.url or "", query)
    if len(address) > MAX_LINK:
        raise FieldError("runs", f"need a link of {len(address)} characters, at most {MAX_LINK}: compare fewer runs")
    return address


def query() -> dict[str, list[str]]:
    """Return the parameters of the race in the address; empty without a race."""
    return {name: texts for name in race_links.PARAMETERS if (texts := parameters.texts(name))}


def twins_in_address(config: RunConfig) -> tuple[Twin, ...]:
    """Return the twins of the race in the address, made from the settings of the sidebar.

    Raises:
        FieldError: for a parameter that cannot be used, and if a twin cannot be trained with its data set.
    """
    n = check_example_selection(config, dataset_of(config))
    return compare_page.check_twins(race_links.twins_of_link(config, query(), n))


def described_twins(config: RunConfig) -> tuple[Twin, ...]:
    """Return the twins of the race in the address without looking at the data, for a description.

    Raises:
        FieldError: for a parameter that cannot be used.
    """
    return race_links.twins_of_link(config, query())


def discard() -> None:
    """Remove the race from the address."""
    parameters.write({name: [] for name in race_links.PARAMETERS})

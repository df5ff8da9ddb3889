"""Links that version 0.1.0 wrote or read describe the same settings.

A link without any setting is an exception: it opens what the page starts with, which was the demonstration then and is
the demonstration with a single regularizer now.
"""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.state.settings import links
from dashboard.state.settings.page_settings import FIRST_PACE
from engine import RunConfig
from tests.compatibility import places
from tests.compatibility.results import differences, recorded

LINKS = recorded("links.json")["links"]


@pytest.mark.parametrize("link", LINKS, ids=[str(link["query"])[:70] for link in LINKS])
def test_a_link_is_read_as_recorded(link: dict[str, Any]) -> None:
    """The config, the pace and the refused parameters; a refused field keeps its default."""
    config, pace, refused = places.read_link(link["query"])
    if not any(link["query"].get(name) for name in links.NAMES):
        assert (config, pace, refused) == (links.first_config(), FIRST_PACE, {})
        return
    found = {"config": config.to_dict(), "pace": pace, "refused": sorted(refused)}
    expected = {key: link[key] for key in found}
    assert differences(expected, found) == []


@pytest.mark.parametrize("link", LINKS, ids=[str(link["query"])[:70] for link in LINKS])
def test_settings_are_written_as_the_recorded_link(link: dict[str, Any]) -> None:
    """Only parameters that differ from the defaults of a link are written, and one for the defaults themselves."""
    written = places.link_parameters(RunConfig.from_dict(link["config"]), link["pace"])
    assert written == (link["written"] or {"l2": "1.0"})

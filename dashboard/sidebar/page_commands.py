"""The commands of keys and of the projector mode that the page executes: settings, the grey run, race and damage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from dashboard.live.hub import get_hub
from dashboard.live.keys import REGULARIZERS
from dashboard.sidebar.examples import training_example_count
from dashboard.sidebar.reading import read_settings
from dashboard.state import ghost, navigation, page_run
from dashboard.state.pages import compare_page
from dashboard.state.settings import steering, widgets
from dashboard.state.settings.page_settings import with_label
from dashboard.state.settings.regularizer_choice import CHOICES
from engine import FieldError
from engine.analysis.twins import PRESETS
from engine.runs.server.run import Run

FIRST_PRESET = next(iter(PRESETS))  # the race of the key and of the button on the empty page Compare


def perform(command: str, runs: Sequence[Run]) -> bool:
    """Execute a command; call this in a callback only. Return whether it is one of the page.

    Args:
        command: one of `keys.PAGE_COMMANDS`, or another one. runs: on the board.
    """
    function = commands(runs).get(command)
    if function is not None:
        function()
    return function is not None


def commands(runs: Sequence[Run]) -> Mapping[str, Callable[[], None]]:
    """Return the function of each command of the page."""
    return {
        "weaker": partial(steering.change_strength, -1),
        "stronger": partial(steering.change_strength, 1),
        "slower": partial(_change_pace, runs, -1),
        "faster": partial(_change_pace, runs, 1),
        "ghost": _toggle_ghost,
        "race": start_race,
        "damage": partial(compare_page.go_to_damage, runs),
        **{f"regularizer {i}": partial(_choose, i) for i in range(len(REGULARIZERS))},
    }


def start_race() -> None:
    """Start the first race with the settings of the sidebar, and show it."""
    settings = read_settings()  # read again, because a field may have changed since the last script run
    if settings.problem is not None:
        return  # the sidebar shows it
    try:
        compare_page.start_race(compare_page.preset_twins(settings.config, FIRST_PRESET), settings.pace)
    except FieldError as error:
        compare_page.set_error(with_label(str(error)))
    if navigation.current_page() == navigation.TRAIN_PAGE and (problem := compare_page.error()):
        compare_page.set_error(None)
        page_run.set_error(problem)


def _toggle_ghost() -> None:
    """Hide or show the grey run; only the page Train has one."""
    if navigation.current_page() == navigation.TRAIN_PAGE:
        ghost.toggle()


def _choose(index: int) -> None:
    steering.choose(CHOICES[index], training_example_count())


def _change_pace(runs: Sequence[Run], direction: int) -> None:
    steering.change_pace(direction)
    for run in runs:
        get_hub().manager.set_pace(run, widgets.selected_pace())

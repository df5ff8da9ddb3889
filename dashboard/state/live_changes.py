"""What is moved while a run trains is felt at once: the sidebar and its run agree on all that can change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from dashboard.live.hub import the_hub
from dashboard.state import page_run
from dashboard.state.settings import widgets
from dashboard.state.settings.penalty_choice import LAMBDAS
from engine import FieldError, RunConfig, dataset_of
from engine.data import check_selection
from engine.learning.checkpoint import CHANGEABLE
from engine.runs.server.run import Run


class When(NamedTuple):
    """When a setting is felt: the icon that stands beside it, and the sentence in its help."""

    icon: str
    says: str


AT_ONCE = When(":material/bolt:", "Moved while it trains: felt from the next mini-batch on.")
RESTART = When(":material/restart_alt:", "Takes a restart: the run goes on until you press Restart.")


def marked(name: str, when: When) -> str:
    """What a section or a widget is called; while a run is open, with the icon of when it is felt."""
    return f"{name} {when.icon}" if page_run.open_run() else name


def explained(about: str, when: When) -> str:
    """A help text; while a run is open, with when the setting is felt."""
    return f"{about} {when.says}".strip() if page_run.open_run() else about


def agree(read: Callable[[], Mapping[str, Any]]) -> FieldError | None:
    """Give the run of this page what was moved in the sidebar, and the sidebar what was changed elsewhere.

    Both are told by what they agreed on when this was last called: only what differs from that has been
    moved, so a change is made once, and two pages of one run do not undo each other's. Call it before the
    widgets are made.

    Args:
        read: what the widgets say of the fields in `CHANGEABLE`.

    Returns:
        why a change cannot be made; it is made as soon as it can.
    """
    run = page_run.open_run()
    if run is None:
        widgets.remembered("agreed", None)
        return None
    wanted = read()
    asked = widgets.remembered("agreed", None)
    # another run than before is looked at, not changed
    agreed = asked[1] if asked and asked[0] == run.id else wanted
    fields = at_once(run)
    waiting = {name: wanted[name] for name in CHANGEABLE if name not in fields}
    moved = {name: wanted[name] for name in CHANGEABLE if name in fields and wanted[name] != agreed[name]}
    problem = None
    try:
        changed = {name: value for name, value in moved.items() if value != getattr(run.current_config, name)}
        if changed:
            check(replace(run.current_config, **changed))
            the_hub().manager.change(run, **changed)
        if any(getattr(run.current_config, name) != agreed[name] for name in fields if name not in moved):
            widgets.set_changeable(replace(run.current_config, **waiting, **moved))
    except FieldError as error:
        problem = error
    kept = agreed if problem else read()
    widgets.remembered(
        "agreed", (run.id, {name: kept[name] if name in fields else agreed[name] for name in CHANGEABLE})
    )
    return problem


def at_once(run: Run) -> frozenset[str]:
    """The fields that are changed without a restart.

    Where λ follows the training size, it belongs to the size in the sidebar: both wait until that is the run's.
    """
    waiting = widgets.widget("keep_ratio") and widgets.widget("train_size") != run.current_config.train_size
    return frozenset(CHANGEABLE) - (set(LAMBDAS) if waiting else set())


def check(config: RunConfig) -> None:
    """Refuse what a run's data cannot be trained with, before it is told.

    Raises:
        FieldError: as `check_selection` does; not for a data set that was removed meanwhile, the run has its own.
    """
    try:
        dataset = dataset_of(config)
    except FieldError:
        return
    check_selection(config, dataset)

"""A race as a link: the menu with the link to the compared runs, and the page of a link, which trains it again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.charts.escaping import escape_markdown
from dashboard.live.run_group import RunGroup
from dashboard.pages import messages
from dashboard.sidebar.reading import Settings, read_settings
from dashboard.state.pages import compare_page, shared_race
from dashboard.state.settings import address
from dashboard.state.settings.page_settings import PACES, with_label
from dashboard.state.settings.race_links import PARAMETERS, describe_race
from engine import FieldError, RunConfig
from engine.analysis.twins import Twin, differing_fields
from engine.config import SETTINGS
from engine.data import dataset_title
from engine.data.own import is_own_dataset
from engine.settings.setting import GROUPS

# Shared settings that are always in words; others only if they differ from a plain network.
ALWAYS_SHOWN = (
    "dataset",
    "train_size",
    "hidden",
    "activation",
    "cost",
    "learning_rate",
    "mini_batch_size",
    "epochs",
    "seed",
)


def share_menu(group: RunGroup | None) -> None:
    """Show the button Share race and its menu: a link to copy, or why there is none."""
    with st.popover(
        "Share race",
        key="share_race",
        disabled=group is None,
        help="Copy a link that trains these runs again, on any machine.",
    ):
        if group is not None:
            _link_to_copy(group)


def _link_to_copy(group: RunGroup) -> None:
    pace = group.runs[0].pace
    try:
        link = shared_race.link_to(group.runs, pace if pace in PACES.values() else None)
    except FieldError as error:
        subject = "these runs" if error.field == "runs" else error.field
        st.caption(escape_markdown(f"There is no link: {subject} {error.problem}."))
        return
    st.markdown("**Share this race**")
    st.code(link, language=None, wrap_lines=True)
    notes = [
        "It contains the settings of all runs with their seed, and no run. It opens as a description of the race, and "
        "**Train this race** there starts it. On the same machine the results are the same, digit for digit; on "
        "another one the last digits may differ."
    ]
    if changed := [name for name, run in zip(group.names, group.runs, strict=True) if run.telemetry.changes]:
        notes.append(
            f"The settings of {', '.join(map(escape_markdown, changed))} changed during training: the link has the "
            "settings before the changes."
        )
    if any(is_own_dataset(run.initial_config.dataset) for run in group.runs):
        notes.append("It does not contain your own data: add them on the other machine first.")
    st.caption("  \n".join(notes))


def recipe(settings: Settings) -> None:
    """Show the race of a link in words, with a button that trains it; nothing trains before."""
    twins, problem = _twins_and_problem(settings)
    with st.container(key="shared_race"):
        st.subheader("A race to train", anchor=False)
        if twins:
            _describe(twins)
        if problem is not None and problem == settings.problem:
            messages.why_nothing_starts(settings)
        elif problem is not None:
            st.error(escape_markdown(problem), icon=":material/link_off:")
        with st.container(horizontal=True):
            st.button(
                "Train this race",
                type="primary",
                icon=":material/flag:",
                disabled=problem is not None,
                on_click=_train,
                help="Start these runs together. The seed is part of the settings, so they have the same initial "
                "weights and the same examples in the same order as the race that was shared.",
            )
            st.button(
                "Discard", on_click=shared_race.discard, help="Remove the race from the address. Nothing is trained."
            )


def _describe(twins: Sequence[Twin]) -> None:
    configs = [twin.config for twin in twins]
    text = f"This link contains {describe_race(shared_race.query(), len(twins))}."
    st.markdown(escape_markdown(f"{text} Nothing is trained until you press the button."))
    st.markdown("\n".join(f"{i}. {escape_markdown(twin.name)}" for i, twin in enumerate(twins, start=1)))
    st.markdown("All of them have these settings, which are in the sidebar, too:")
    st.markdown("\n".join(f"- **{group.capitalize()}**: {text}" for group, text in _shared_settings(configs).items()))


def _shared_settings(configs: Sequence[RunConfig]) -> dict[str, str]:
    """Return the settings that all configs share in words, by group; without those that are off in a plain network."""
    differing, plain = differing_fields(configs), RunConfig()
    parts: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name, setting in SETTINGS.items():
        value = getattr(configs[0], name)
        if name in differing or (name not in ALWAYS_SHOWN and value == getattr(plain, name)):
            continue
        text = dataset_title(value) if name == "dataset" else setting.display_text(value)
        label = setting.label[0].lower() + setting.label[1:]
        parts[setting.group].append(escape_markdown(f"{label} {text}"))
    return {group: ", ".join(texts) for group, texts in parts.items() if texts}


def _twins_and_problem(settings: Settings) -> tuple[tuple[Twin, ...], str | None]:
    """Return the twins of the link, and why they cannot be trained, or None if they can."""
    twins: tuple[Twin, ...] = ()
    try:
        if settings.problem is None:
            twins = shared_race.twins_in_address(settings.config)
        elif settings.link is not None:  # the data may be missing, which the description does not need
            twins = shared_race.described_twins(settings.link)
    except FieldError as error:
        if error.field in PARAMETERS:
            return (), f"{error.field} in the link {error.problem}"
        return (), with_label(str(error))
    if refused := address.refused_parameters():
        return twins, f"The link has settings that cannot be used: {', '.join(refused)}. See the message above."
    return twins, settings.problem


def _train() -> None:
    """Start the race of the link; read the settings again, because a field may have changed since the script run."""
    settings = read_settings()
    twins, problem = _twins_and_problem(settings)
    if problem is None:
        compare_page.start_race(twins, settings.pace)

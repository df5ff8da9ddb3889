"""The documents match the program: tables, keys, links, limits and variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.charts.overlays.catalogue import ALL_PANELS
from dashboard.charts.panels.catalogue import PANELS
from dashboard.charts.panels.layouts import CUSTOM, LAYOUTS
from dashboard.charts.panels.weights_over_time import quantities
from dashboard.commands.cli import main
from dashboard.live.keys import shortcuts_table
from dashboard.pages.catalogue import PAGES
from dashboard.state.pages.evidence_state import PARTS
from docs.penalty_table import colour_name
from docs.tables import DOCS, TABLES, text_with_tables
from engine import RunConfig
from engine.families.penalties import NAMED_SUMS, PENALTIES
from engine.runs.extracts.keyframe import EXACT_BYTES
from engine.runs.history.keyframes import HUGE_BYTES, MAX_BYTES, MAX_KEYFRAMES, MAX_STORED_BYTES, MIN_KEYFRAMES
from engine.runs.server.memory_budget import MAX_RUNS_WITH_KEYFRAMES
from tests.docs.documents import DOCUMENTS, name_of, source_files


def text_of(document: str) -> str:
    return (DOCS / document).read_text(encoding="utf-8")


def first_column(document: str, heading: str) -> list[str]:
    """Return the first cell of each row of the tables below a heading."""
    section = re.split(r"^#+ ", text_of(document).split(f"\n## {heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| (.*?) \|", section, re.MULTILINE)
    return [row for row in rows if row and "---" not in row]


# tables


@pytest.mark.parametrize("document", TABLES)
def test_a_generated_table_is_up_to_date(document):
    assert text_of(document) == text_with_tables(document), "run python -m docs.tables"


def test_colours_have_their_common_names():
    names = {"#7F7F7F": "grey", "#0072B2": "blue", "#E69F00": "orange", "#8C510A": "brown", "#F0E442": "yellow"}
    names |= {"#CC79A7": "pink", "#009E73": "green", "#5E3C99": "violet", "#FF0000": "red", "#EE0011": "red"}
    assert {colour: colour_name(colour) for colour in names} == names


def test_every_penalty_has_a_row_in_the_table_of_updates():
    rows = first_column("engine.md", "Dropout") and re.findall(r"^\| ([\w -]+) \|", text_of("engine.md"), re.MULTILINE)
    assert {member.name for member in PENALTIES.values()} | set(NAMED_SUMS.values()) <= set(rows)


def test_every_panel_is_described_in_the_order_of_the_board():
    assert first_column("board.md", "The panels of one run")[1:] == [panel.title for panel in PANELS.values()]
    board = text_of("board.md").replace("\\|", "|")
    for quantity in quantities(RunConfig.demo()):
        assert quantity.label in board


def test_every_panel_and_part_of_compare_is_described():
    found = first_column("board.md", "Compare: several runs on the same axes")
    assert [title for title in found if title in {panel.title for panel in ALL_PANELS.values()}] == [
        panel.title for panel in ALL_PANELS.values()
    ]
    assert set(PARTS[1:]) <= set(found)


def test_the_documented_values_of_page_parameters_are_those_of_the_program():
    rows = dict(re.findall(r"^\| `(view|layout|compared)` \| .*? \| (.*?) \|$", text_of("links.md"), re.MULTILINE))
    values = {name: re.findall(r"`(.+?)`", cell) for name, cell in rows.items()}
    assert values == {"view": list(PAGES), "layout": [*LAYOUTS, CUSTOM], "compared": list(PARTS)}


def test_the_limits_of_keyframes_are_those_of_the_program():
    board = text_of("board.md")
    assert f"up to {MAX_KEYFRAMES}, and at most {MAX_BYTES >> 20} MB together" in board
    assert f"| at most {MAX_STORED_BYTES >> 20} MB together, unless {MIN_KEYFRAMES} need more |" in board
    assert f"| at least {MIN_KEYFRAMES} | at least {MIN_KEYFRAMES} |" in board
    assert f"more than {EXACT_BYTES >> 20} MB of weights are rounded" in board
    assert f"need more than {HUGE_BYTES >> 20} MB, there are fewer" in board
    assert f"the {MAX_RUNS_WITH_KEYFRAMES} runs that ended last keep all" in board


# keys


def test_every_key_is_described():
    section = text_of("board.md").split("\n## Keys\n")[1]
    assert shortcuts_table() in section
    assert {"Space", "n", "PageUp", "Esc", "F5"} <= set(re.findall(r"`(.+?)`", section))


# links, variables, commands


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub generates for the headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_the_targets_of_links_between_documents_exist(document):
    for target, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]+))?\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            path = document.parent / target if target else document
            assert path.exists(), target
            assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


def test_the_index_lists_every_document():
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#]+)", text_of("README.md"))}
    assert {path.resolve() for path in DOCUMENTS} - linked == {(DOCS / "README.md").resolve()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_a_document_begins_with_a_title_and_a_sentence(document):
    lines = document.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert re.match(r"[\w*]", lines[2])


def test_every_environment_variable_is_documented():
    read = {
        name
        for path in source_files("engine", "dashboard", "docs", "benchmarks", "tests")
        for name in re.findall(r"REGSCOPE_[A-Z]+", path.read_text(encoding="utf-8"))
    }
    assert read == set(re.findall(r"^\| `(REGSCOPE_[A-Z]+)`", text_of("environment.md"), re.MULTILINE))


def test_every_command_is_named_in_the_documents():
    texts = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    missing = [f"regscope {name}" for name in main.commands if f"regscope {name}" not in texts]
    assert missing == []

"""`regscope data` with servers on this machine."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from dashboard.commands.cli import main
from engine.data.download.sources import FILE_NAMES, SOURCES
from tests.engine.data.family import file_names, serving, small_source


@pytest.fixture
def mirrors(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as found:
        yield found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def small_sources(mirrors, monkeypatch):
    """Small data sets: MNIST and KMNIST can be downloaded, Fashion-MNIST cannot."""
    for name, manner in (("mnist", "good"), ("fashion-mnist", "missing"), ("kmnist", "no-length")):
        monkeypatch.setitem(SOURCES, name, small_source([mirrors.url(manner)], name=name))


def regscope(*arguments):
    return CliRunner().invoke(main, ["data", *arguments])


def test_path_prints_only_the_data_folder(folder):
    assert regscope("path").output == f"{folder}\n"


def test_list_shows_whether_a_set_is_bundled_cached_or_to_be_fetched(folder, small_sources):
    def states():
        lines = regscope("list").output.splitlines()
        return {line.split()[0]: line for line in lines}

    before = states()
    assert "1,797 examples   bundled" in before["digits"]
    for name in ("mnist", "fashion-mnist", "kmnist"):
        assert re.search(r"to fetch, [\d.]+ KB$", before[name]), "the files of the test have a few KB"
    assert regscope("fetch", "mnist").exit_code == 0
    after = states()
    assert after["mnist"].endswith("cached")
    assert after["kmnist"] == before["kmnist"]


def test_list_shows_the_download_size_of_the_published_sets(folder):
    lines = {line.split()[0]: line for line in regscope("list").output.splitlines()}
    assert "70,000 examples   to fetch, 12 MB" in lines["mnist"]
    assert "to fetch, 31 MB" in lines["fashion-mnist"]
    assert "to fetch, 21 MB" in lines["kmnist"]
    assert not folder.exists()


@pytest.mark.parametrize("name", ["mnist", "kmnist"])
def test_fetch_prints_the_source_and_the_verification_of_every_file(folder, small_sources, name):
    result = regscope("fetch", name)
    assert result.exit_code == 0, result.output
    manner = {"mnist": "good", "kmnist": "no-length"}[name]
    for file in FILE_NAMES:
        line = f"{folder / name / file}.gz: from {manner}, as published (SHA-256 of the unpacked file)"
        assert line in result.output
    assert file_names(folder) == {f"{file}.gz" for file in FILE_NAMES}
    again = regscope("fetch", name)
    assert again.output.count("was there, as published") == 4


def test_fetch_reports_a_replaced_file(folder, small_sources):
    (folder / "mnist").mkdir(parents=True)
    (folder / "mnist" / FILE_NAMES[0]).write_bytes(b"somebody's own")
    assert f"the damaged file is now {FILE_NAMES[0]}.replaced" in regscope("fetch", "mnist").output


def test_fetch_all_fetches_the_available_sets_and_reports_the_others(folder, small_sources):
    result = regscope("fetch", "--all")
    assert result.exit_code == 2
    assert {path.name for path in folder.iterdir() if file_names(path)} == {"mnist", "kmnist"}
    assert "fashion-mnist cannot be downloaded" in result.output
    assert "answers 404 Not Found" in result.output


def test_every_failure_is_reported(folder, small_sources, mirrors, monkeypatch):
    monkeypatch.setitem(SOURCES, "kmnist", small_source([mirrors.url("broken")], name="kmnist"))
    result = regscope("fetch", "kmnist", "fashion-mnist")
    assert result.exit_code == 2
    assert "answers 500" in result.output
    assert "answers 404" in result.output


@pytest.mark.parametrize("arguments", [[], ["--all", "mnist"], ["digits"], ["cifar"]])
def test_fetch_needs_names_of_published_sets_or_all(folder, arguments):
    result = regscope("fetch", *arguments)
    assert result.exit_code == 2
    assert not folder.exists()


def test_a_progress_bar_shows_the_reported_progress(monkeypatch):
    import click

    from dashboard.commands.data import _ProgressBars

    drawn = []
    original = click.progressbar

    def recording_progressbar(*arguments, **options):
        drawn.append(original(*arguments, **options))
        return drawn[-1]

    monkeypatch.setattr(click, "progressbar", recording_progressbar)
    with _ProgressBars() as bars:
        bars.show("a", 0, None)
        assert drawn == [], "no bar is drawn before a mirror responds"
        for done in (0, 10, 100):
            bars.show("a", done, 100)
        bars.show("b", 50, 200)
        bars.show("b", 10, 200)  # another mirror starts from the beginning
        bars.show("c", 5, None)
    assert [(bar.label, bar.pos, bar.length) for bar in drawn] == [
        ("a", 100, 100),
        ("b", 50, 200),
        ("b", 10, 200),
        ("c", 5, None),
    ]
    assert drawn[0].finished


def test_the_error_for_missing_files_names_the_command_that_fetches_them(folder):
    result = CliRunner().invoke(main, ["train", "--dataset", "fashion-mnist", "--epochs", "1"])
    assert result.exit_code == 2
    assert "regscope data fetch fashion-mnist" in " ".join(result.output.split())

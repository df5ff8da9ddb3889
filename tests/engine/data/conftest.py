"""Servers of the data sets' files, on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.data.family import Mirrors, serving


@pytest.fixture
def small_family(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """40 of 60 images to train from, for files of a few kilobytes, and a cache of the test's own."""
    monkeypatch.setattr("engine.data.mnist_family.MNIST_TRAINING", 40)
    monkeypatch.setenv("REGSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # a proxy of this machine's would not find them
    with serving() as found:
        yield found

"""Servers of data files on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.data.family import Mirrors, serving


@pytest.fixture
def small_family(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Split 60 images into 40 and 20, and use an empty cache."""
    monkeypatch.setattr("engine.data.mnist_family.MNIST_TRAINING", 40)
    monkeypatch.setenv("REGSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # a proxy cannot reach these servers
    with serving() as mirrors:
        yield mirrors

"""Fixtures and helpers of all tests."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from engine import data_folder, load_dataset
from engine.data import Dataset
from tests import slowing

IN_CI = bool(os.environ.get("CI"))

if slowing.SLOWED:
    slowing.slow_down_python()

# If a shell starts the tests in the background, they and their child processes ignore SIGINT, so Ctrl-C has no effect.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine must not fail a test: examples have no deadline, and slow data generation is allowed. In CI the
# examples are the same each time, so that a failure there is not due to chance; elsewhere they are random.
settings.register_profile(
    "regscope", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=IN_CI, print_blob=True
)
settings.load_profile("regscope")


def pytest_configure() -> None:
    """Start no run without a regularizer beside every run: it would double the work. The tests of the ghost do."""
    os.environ.setdefault("REGSCOPE_GHOST", "none")


def fuzz(few: int, many: int, **arguments: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """Run a test on `few` random examples, and as a slow test on `many`.

    Args:
        arguments: as in `hypothesis.given`.
    """

    def decorate(body: Callable[..., None]) -> Any:
        @pytest.mark.parametrize("examples", [few, pytest.param(many, marks=pytest.mark.slow)])
        def test(examples: int) -> None:
            settings(max_examples=examples)(given(**arguments)(body))()

        test.__name__, test.__doc__, test.__module__ = body.__name__, body.__doc__, body.__module__
        return test

    return decorate


def skip_or_fail(reason: str) -> None:
    """Skip the test with a reason; in CI fail instead, because no test may be skipped there."""
    if IN_CI:
        pytest.fail(f"no test may be skipped in CI: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _folders() -> Iterator[None]:
    """Store prepared arrays and runs of the tests and of their child processes in temporary folders."""
    names = ("REGSCOPE_CACHE", "REGSCOPE_HOME")
    before = {name: os.environ.get(name) for name in names}
    # not `tmp_path`: pytest keeps the last three folders, which is too much data
    folders = {name: tempfile.mkdtemp(prefix="regscope-") for name in names}
    os.environ.update(folders)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
        shutil.rmtree(folders[name], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Use one BLAS thread, as workers do: with more threads the last bits of a sum may differ."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load_dataset("digits")


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    if not (data_folder() / "mnist").is_dir():
        skip_or_fail("set REGSCOPE_DATA to a folder with MNIST's four IDX files in mnist/")
    return load_dataset("mnist")

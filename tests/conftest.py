"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from engine import data_folder, load_dataset
from engine.data import Dataset

IN_CI = bool(os.environ.get("CI"))


def skip_or_fail(reason: str) -> None:
    """Skip with a reason that says what to do; in CI nothing may be skipped, so fail."""
    if IN_CI:
        pytest.fail(f"in CI nothing is skipped: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _cache() -> Iterator[None]:
    """Prepared arrays go into a folder of the tests' own, that of every process they start included."""
    folder = tempfile.mkdtemp(prefix="regscope-cache-")  # not pytest's: it keeps the last three, 220 MB each
    before = os.environ.get("REGSCOPE_CACHE")
    os.environ["REGSCOPE_CACHE"] = folder
    yield
    if before is None:
        del os.environ["REGSCOPE_CACHE"]
    else:
        os.environ["REGSCOPE_CACHE"] = before
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load_dataset("digits")


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    if not (data_folder() / "mnist").is_dir():
        skip_or_fail("set REGSCOPE_DATA to a folder with MNIST's four IDX files in mnist/")
    return load_dataset("mnist")

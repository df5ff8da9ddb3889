"""The lower bounds of the dependencies exclude releases with known security problems that affect this program."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]

# The first release without the known problems; pyproject.toml names them.
FIRST_SAFE = {
    "pillow": "12.1.1",  # CVE-2026-25990, CVE-2024-28219
    "pyarrow": "23.0.1",  # CVE-2026-25087, CVE-2023-47248
    "starlette": "1.3.1",  # CVE-2025-62727, CVE-2026-48710
    "h11": "0.16.0",  # CVE-2025-43859
    "python-multipart": "0.0.27",  # CVE-2026-42561, CVE-2026-24486
    "protobuf": "6.33.5",  # CVE-2026-0994
    "requests": "2.32.4",  # CVE-2024-47081
    "urllib3": "2.6.3",  # CVE-2025-66471
    "onnx": "1.21.0",  # CVE-2025-51480, CVE-2026-27489
    "scikit-learn": "1.5.0",  # CVE-2024-5206
    "torch": "2.6.0",  # CVE-2025-32434
}


def lower_bounds() -> dict[str, list[Version]]:
    """Return the lower bounds of every package, one for each list that contains the package."""
    bounds: dict[str, list[Version]] = {}
    for text in [
        *PROJECT["dependencies"],
        *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
    ]:
        requirement = Requirement(text)
        for specifier in requirement.specifier:
            if specifier.operator == ">=":
                bounds.setdefault(requirement.name, []).append(Version(specifier.version))
    return bounds


def is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


@pytest.mark.parametrize("name", FIRST_SAFE)
def test_a_lower_bound_excludes_releases_with_known_problems(name):
    assert min(lower_bounds()[name]) >= Version(FIRST_SAFE[name])


@pytest.mark.parametrize("name", [name for name in FIRST_SAFE if is_installed(name)])
def test_the_installed_release_has_none_of_these_problems(name):
    assert Version(version(name)) >= Version(FIRST_SAFE[name])

"""The JavaScript of the board and plotly.js, at addresses that a browser may cache for a year."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import plotly
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

NOT_FOUND_HEADERS = {"Cache-Control": "no-store"}  # another server at this address may have the asset
CACHE_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}  # the address contains the version
ASSETS_FOLDER = files("dashboard.live").joinpath("assets")
PLOTLY_FILE = files("plotly").joinpath("package_data", "plotly.min.js")


def _module_paths(folder: Traversable, prefix: str = "") -> Iterator[str]:
    """Yield the paths of the modules in a folder and in its subfolders."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _module_paths(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".js"):
            yield prefix + entry.name


MODULES = tuple(sorted(_module_paths(ASSETS_FOLDER)))


@lru_cache
def modules_version() -> str:
    """Return one version for all board modules, because their imports contain no version."""
    return sha256(b"".join(ASSETS_FOLDER.joinpath(name).read_bytes() for name in MODULES)).hexdigest()[:12]


def version_of(name: str) -> str:
    """Return the version in the address of an asset."""
    return plotly.__version__ if name == "plotly.js" else modules_version()


def asset_path(name: str) -> str:
    """Return the path of an asset, with its version, relative to the routes."""
    return f"assets/{version_of(name)}/{name}"


async def serve_asset(request: Request) -> Response:
    """Serve an asset of this version.

    The address of another version is unknown: a browser would keep the file of this version under it for a year.
    """
    name = request.path_params["name"]
    if request.path_params["version"] != version_of(name):
        raise HTTPException(404, headers=NOT_FOUND_HEADERS)
    if name == "plotly.js":
        file = PLOTLY_FILE
    elif name in MODULES:
        file = ASSETS_FOLDER.joinpath(name)
    else:
        raise HTTPException(404, headers=NOT_FOUND_HEADERS)
    return FileResponse(str(file), media_type="text/javascript", headers=CACHE_HEADERS)

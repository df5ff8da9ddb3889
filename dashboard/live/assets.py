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


def asset_path(name: str) -> str:
    """Return the path of an asset, with its version, relative to the routes."""
    return f"assets/{plotly.__version__ if name == 'plotly.js' else modules_version()}/{name}"


async def serve_asset(request: Request) -> Response:
    """Serve an asset. The version in the address only prevents the use of an outdated cached file."""
    name = request.path_params["name"]
    if name == "plotly.js":
        file = PLOTLY_FILE
    elif name in MODULES:
        file = ASSETS_FOLDER.joinpath(name)
    else:
        raise HTTPException(404)
    return FileResponse(str(file), media_type="text/javascript", headers=CACHE_HEADERS)

"""The JavaScript of the board and plotly.js, at addresses that a browser may cache forever."""

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

FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # safe, because the address contains the version
FOLDER = files("dashboard.live").joinpath("assets")
PLOTLY = files("plotly").joinpath("package_data", "plotly.min.js")


def _modules(folder: Traversable, prefix: str = "") -> Iterator[str]:
    """Yield the paths of the modules in a folder and in its subfolders."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _modules(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".js"):
            yield prefix + entry.name


MODULES = tuple(sorted(_modules(FOLDER)))


@lru_cache
def version() -> str:
    """Return the version of all board modules together; their imports contain no version."""
    return sha256(b"".join(FOLDER.joinpath(name).read_bytes() for name in MODULES)).hexdigest()[:12]


def path_of(name: str) -> str:
    """Return the path of an asset, with its version, relative to the routes."""
    return f"assets/{plotly.__version__ if name == 'plotly.js' else version()}/{name}"


async def serve(request: Request) -> Response:
    """Serve an asset. The version in the address is ignored: a page requests the current one."""
    name = request.path_params["name"]
    if name == "plotly.js":
        source = PLOTLY
    elif name in MODULES:
        source = FOLDER.joinpath(name)
    else:
        raise HTTPException(404)
    return FileResponse(str(source), media_type="text/javascript", headers=FOREVER)

"""The routes of the server beside the Streamlit script: the live socket and the assets."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from urllib.parse import urlparse

import streamlit as st
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard import _compat
from dashboard.live import assets
from dashboard.live.hub import Hub, Watching, the_hub
from dashboard.live.messages import Request, parse_request
from dashboard.live.watched import Watched
from engine.errors import FieldError
from engine.runs import states

PREFIX = "regscope"
MIN_INTERVAL = 1 / 15  # seconds between two frames to one viewer
DISCONNECTED = (WebSocketDisconnect, RuntimeError)  # raised by Starlette if the browser has closed the socket
REFUSED = 4403  # close code: unknown run, wrong token, or a page of another origin
BROKEN = 4500  # close code: an exception, which is in the log of the server

log = logging.getLogger(__name__)


def base() -> str:
    """Return the path of the routes: /regscope, or /some/prefix/regscope behind a proxy."""
    prefix = (st.get_option("server.baseUrlPath") or "").strip("/")
    return "/" + "/".join(part for part in (prefix, PREFIX) if part)


def asset_url(name: str) -> str:
    """Return the address of plotly.js or of a module of the board."""
    return f"{base()}/{assets.path_of(name)}"


def socket_url(watched: Watched) -> str:
    """Return the address of a live socket. It contains the secret token."""
    return f"{base()}/live/{watched.id}?token={watched.token}"


def routes() -> list[BaseRoute]:
    """Return the routes that `st.App` serves beside the script."""
    return [
        Route(f"{base()}/assets/{{version}}/{{name:path}}", assets.serve),
        WebSocketRoute(f"{base()}/live/{{run_id}}", _live),
    ]


def _origin_allowed(websocket: WebSocket) -> bool:
    """Return whether Streamlit allows the origin: none (no browser), the server's own, or one of its options."""
    origin, host = websocket.headers.get("origin"), websocket.headers.get("host")
    if not _compat.host_allowed(host):
        return False
    try:
        return origin is None or urlparse(origin).netloc == host or _compat.origin_allowed(origin)
    except ValueError:  # an invalid URL like "http://["
        return False


async def _live(websocket: WebSocket) -> None:
    hub = the_hub()
    watched = hub.find(websocket.path_params["run_id"])
    token = websocket.query_params.get("token", "")
    permitted = watched is not None and secrets.compare_digest(token.encode(), watched.token.encode())
    if watched is None or not permitted or not await asyncio.to_thread(_origin_allowed, websocket):
        await websocket.close(REFUSED)
        return
    await websocket.accept()
    with hub.viewer(watched) as watching:
        if (panels := websocket.query_params.get("panels")) is not None:  # otherwise all panels are sent
            watching.see(panels.split(","))
        await Viewer(websocket, hub, watched, watching).serve()


class Viewer:
    """One browser that watches a run or a group. It gets the next frame when it has drawn the last one."""

    def __init__(self, websocket: WebSocket, hub: Hub, watched: Watched, watching: Watching) -> None:
        self._websocket, self._hub, self._watched, self._watching = websocket, hub, watched, watching
        self._changed, self._drawn = asyncio.Event(), asyncio.Event()
        self._seen: dict[str, int] = {}
        self._sent: dict[str, float] = {}  # time of the last frame with each panel
        self._past_step: int | None = None  # the step to look back at; None for live
        self._past_requested = False  # whether a frame of that step must be sent

    async def serve(self) -> None:
        """Send frames and obey requests until the browser disconnects."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            with suppress(RuntimeError):  # the loop is closed while the server shuts down
                loop.call_soon_threadsafe(self._changed.set)

        end = self._watched.listen(changed)
        self._changed.set()
        self._drawn.set()
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            end()
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        errors = [each for each in ended if isinstance(each, Exception)]  # CancelledError is not an Exception
        if errors:
            log.error("run %s: a viewer cannot be served", self._watched.id, exc_info=errors[0])
            with suppress(*DISCONNECTED):
                await self._websocket.close(BROKEN)

    async def _listen(self) -> None:
        """Handle requests until the browser disconnects."""
        while (request := await self._receive()) is not None:
            if "panels" in request and self._watching.see(request["panels"]):
                self._past_requested = True
            if "at" in request:
                self._past_step = request["at"]
            if "at" in request or "again" in request:
                self._seen.clear()  # the browser has data of another step, or has lost data
                self._past_requested = True
            if "order" in request:
                with suppress(FieldError):  # a run that cannot be resumed keeps its state, which the board shows
                    self._watched.order(self._hub.manager, request["order"])
                continue
            if request["drawn"]:
                self._drawn.set()
            self._changed.set()  # a panel may have been scrolled into the viewport

    async def _receive(self) -> Request | None:
        """Return the next request; None if the browser has disconnected."""
        try:
            message = await self._websocket.receive()
        except DISCONNECTED:
            return None
        return None if message["type"] == "websocket.disconnect" else parse_request(message.get("text") or "")

    async def _send(self) -> None:
        while True:
            await self._drawn.wait()
            await self._changed.wait()
            self._changed.clear()
            frame = await self._next()
            if frame is None:
                continue
            self._drawn.clear()
            try:
                await self._websocket.send_text(frame)
            except DISCONNECTED:
                return
            await asyncio.sleep(MIN_INTERVAL)

    async def _next(self) -> str | None:
        """Return the next frame, of the present or of the step to look back at; None if nothing has changed."""
        panels, past_step = self._watching.panels, self._past_step
        if past_step is None:
            if self._hub.lacks(self._watched, panels):  # in a thread, as below
                await asyncio.to_thread(self._hub.complete, self._watched, panels)
            return self._live_frame(panels)
        if not self._past_requested:
            return self._hub.frame(self._watched, self._seen, ())  # the status, for the end of the timeline
        self._past_requested = False
        # in a thread: it may have to load the data and run the network
        return await asyncio.to_thread(self._hub.past_frame, self._watched, past_step, panels)

    def _live_frame(self, panels: tuple[str, ...]) -> str | None:
        """Return a frame of the present, None if nothing has changed.

        During training each panel has its own interval, so it may be left out until a later frame.
        """
        now, before = time.monotonic(), dict(self._seen)
        due = panels if self._watched.state != states.RUNNING else self._due(panels, now)
        frame = self._hub.frame(self._watched, self._seen, due)
        self._sent.update((name, now) for name in due if self._seen.get(name) != before.get(name))
        return frame

    def _due(self, panels: tuple[str, ...], now: float) -> list[str]:
        """Return the panels of the next frame: those that were never sent, and those whose interval is over.

        Of the latter there are at most `charts_per_frame`, in the order of their delay.
        """
        table = self._watched.panels
        overdue = {name: now - self._sent.get(name, -1e9) - table[name].redraw_interval for name in panels}
        new = [name for name in panels if name not in self._seen]
        due = [name for name in panels if name in self._seen and overdue[name] >= 0]
        if (most := self._watched.charts_per_frame) is not None:
            due = sorted(due, key=lambda name: -overdue[name])[:most]
        return new + due

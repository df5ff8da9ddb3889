"""The routes that the server adds to those of Streamlit: the live socket and the assets."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import streamlit as st
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboard.access.origins import request_allowed
from dashboard.live import assets
from dashboard.live.hub import Hub, Subscription, get_hub
from dashboard.live.messages import HEARTBEAT, HEARTBEAT_INTERVAL, Request, parse_request
from dashboard.live.watched import Watched
from engine.errors import FieldError
from engine.runs import states

PREFIX = "regscope"
MIN_INTERVAL = 1 / 15  # seconds between two frames to one viewer
HEARTBEATS = "heartbeats"  # the query parameter of a page that reads heartbeats
DISCONNECT_ERRORS = (WebSocketDisconnect, RuntimeError)  # Starlette raises these if the browser has closed the socket
REFUSED = 4403  # close code for an unknown run, a wrong token, or a page of another origin
SERVER_ERROR = 4500  # close code for an exception, which is in the log of the server
TOO_LARGE = 1009  # close code of the WebSocket standard
MAX_REQUEST = 65_536  # characters of a request; a page with all panels in the viewport sends less than 1,000

# One pool of threads for each kind of work, so that no kind waits for another. The default pool of asyncio has 6
# threads on two cores: a few viewers of a locked store would occupy all of them. These threads wait for the disk, or
# hold the interpreter briefly, so there are more of them than cores.
STORE = ThreadPoolExecutor(16, "live-store")  # looks up runs, and resumes them from the store
FRAMES = ThreadPoolExecutor(8, "live-frames")  # makes first frames, frames of the past, and missing extracts
ORDERS = ThreadPoolExecutor(8, "live-orders")  # gives orders to runs in memory

T = TypeVar("T")

log = logging.getLogger(__name__)


def base_path() -> str:
    """Return the path of the routes: /regscope, or /some/prefix/regscope with the option server.baseUrlPath."""
    prefix = (st.get_option("server.baseUrlPath") or "").strip("/")
    return "/" + "/".join(component for component in (prefix, PREFIX) if component)


def asset_url(name: str) -> str:
    """Return the address of plotly.js or of a module of the board."""
    return f"{base_path()}/{assets.asset_path(name)}"


def socket_url(watched: Watched) -> str:
    """Return the address of a live socket. It contains the secret token."""
    return f"{base_path()}/live/{watched.id}?token={watched.token}"


def routes() -> list[BaseRoute]:
    """Return the routes for `st.App`."""
    return [
        Route(f"{base_path()}/assets/{{version}}/{{name:path}}", assets.serve_asset),
        WebSocketRoute(f"{base_path()}/live/{{run_id}}", _serve_socket),
    ]


def _find_permitted(websocket: WebSocket, hub: Hub) -> Watched | None:
    """Return what a WebSocket request may watch; None if its host, its origin, its id or its token is wrong.

    Only runs in memory are looked up: a run that is loaded from the disk gets a new token, so no page can have it yet.
    """
    if not request_allowed(websocket.headers.get("host"), websocket.headers.get("origin")):
        return None
    watched = hub.find_in_memory(websocket.path_params["run_id"])
    token = websocket.query_params.get("token", "").encode()
    return watched if watched is not None and secrets.compare_digest(token, watched.token.encode()) else None


async def _serve_socket(websocket: WebSocket) -> None:
    hub = get_hub()
    watched = _find_permitted(websocket, hub)
    if watched is None:
        await websocket.close(REFUSED)
        return
    await websocket.accept()
    # only on request: a page that was opened before an update of the server cannot read them
    heartbeats = asyncio.create_task(_send_heartbeats(websocket)) if HEARTBEATS in websocket.query_params else None
    try:
        # in a thread, because keyframes that were dropped from memory are loaded from the disk
        watched = await _run_in(STORE, hub.find, watched.id) or watched
        with hub.register_viewer(watched) as subscription:
            if (panels := websocket.query_params.get("panels")) is not None:  # otherwise, all panels are sent
                subscription.set_panels(panels.split(","))
            await Viewer(websocket, hub, watched, subscription).serve()
    finally:
        if heartbeats is not None:
            heartbeats.cancel()


async def _send_heartbeats(websocket: WebSocket) -> None:
    """Send a heartbeat every second until the browser disconnects, also while no frame is sent."""
    with suppress(*DISCONNECT_ERRORS):
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL)
            await websocket.send_text(HEARTBEAT)


async def _run_in(pool: ThreadPoolExecutor, function: Callable[..., T], *arguments: object) -> T:
    """Call a function in a thread of a pool, and return its result."""
    return await asyncio.get_running_loop().run_in_executor(pool, function, *arguments)


class Viewer:
    """One browser that watches a run or a group; it gets the next frame after it has drawn the last one."""

    def __init__(self, websocket: WebSocket, hub: Hub, watched: Watched, subscription: Subscription) -> None:
        self._websocket, self._hub, self._watched, self._subscription = websocket, hub, watched, subscription
        self._change_event, self._drawn_event = asyncio.Event(), asyncio.Event()
        self._seen_sequences: dict[str, int] = {}
        self._sent_at: dict[str, float] = {}  # time of the last frame that contained a panel, by panel
        self._past_step: int | None = None  # the step to look back at; None for live
        self._past_frame_due = False  # whether a frame of that step is still to be sent
        self._past_version: object = None  # `Watched.past_version` of the last frame of that step

    async def serve(self) -> None:
        """Send frames and handle requests until the browser disconnects."""
        loop = asyncio.get_running_loop()

        def notify() -> None:
            with suppress(RuntimeError):  # the event loop is closed when the server shuts down
                loop.call_soon_threadsafe(self._change_event.set)

        stop_listening = self._watched.add_listener(notify)
        self._change_event.set()
        self._drawn_event.set()
        tasks = [asyncio.create_task(self._handle_requests()), asyncio.create_task(self._send_frames())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop_listening()
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        errors = [result for result in results if isinstance(result, Exception)]  # CancelledError is not an Exception
        if errors:
            log.error("run %s: a viewer cannot be served", self._watched.id, exc_info=errors[0])
            with suppress(*DISCONNECT_ERRORS):
                await self._websocket.close(SERVER_ERROR)

    async def _handle_requests(self) -> None:
        """Handle requests until the browser disconnects."""
        while (request := await self._next_request()) is not None:
            if "panels" in request and self._subscription.set_panels(request["panels"]):
                self._past_frame_due = True
            if "at" in request:
                self._past_step = request["at"]
            if "at" in request or "again" in request:
                # the browser shows another step, or has lost data: send complete panels
                self._seen_sequences = {}  # a new object, because a thread may still fill the old one
                self._past_frame_due = True
            if "order" in request:
                # an interrupted run is loaded from the store before it is resumed
                pool = STORE if self._watched.state in states.FINAL else ORDERS
                with suppress(FieldError):  # a run that cannot be resumed keeps its state, which the board shows
                    await _run_in(pool, self._watched.give_order, self._hub.manager, request["order"])
                continue
            if request["drawn"]:
                self._drawn_event.set()
            self._change_event.set()  # the user may have scrolled a panel into the viewport

    async def _next_request(self) -> Request | None:
        """Return the next request; None if the browser has disconnected or its message is too large."""
        try:
            message = await self._websocket.receive()
            text = message.get("text") or ""
            if max(len(text), len(message.get("bytes") or b"")) > MAX_REQUEST:
                await self._websocket.close(TOO_LARGE)
                return None
        except DISCONNECT_ERRORS:
            return None
        return None if message["type"] == "websocket.disconnect" else parse_request(text)

    async def _send_frames(self) -> None:
        while True:
            await self._drawn_event.wait()
            await self._change_event.wait()
            self._change_event.clear()
            frame = await self._next_frame()
            if frame is None:
                continue
            self._drawn_event.clear()
            try:
                await self._websocket.send_text(frame)
            except DISCONNECT_ERRORS:
                return
            await asyncio.sleep(MIN_INTERVAL)

    async def _next_frame(self) -> str | None:
        """Return the next frame, of the newest step or of the step to look back at; None if nothing has changed."""
        panels, past_step = self._subscription.panels, self._past_step
        if past_step is None:
            if self._hub.has_missing_extracts(self._watched, panels):  # in a thread, because this may run the network
                await _run_in(FRAMES, self._hub.make_missing_extracts, self._watched, panels)
            if not self._seen_sequences:
                # in a thread, because the data set may not be loaded yet, and complete panels take long to encode
                return await _run_in(FRAMES, self._first_frame, panels)
            return self._live_frame(panels)
        past_version = self._watched.past_version
        if not self._past_frame_due and past_version == self._past_version:
            # only the status: the timeline must show the newest step
            return self._hub.live_frame(self._watched, self._seen_sequences, ())
        self._past_frame_due, self._past_version = False, past_version
        # in a thread, because this may load the data and run the network
        return await _run_in(FRAMES, self._hub.past_frame, self._watched, past_step, panels)

    def _first_frame(self, panels: tuple[str, ...]) -> str | None:
        """Return a frame with complete panels."""
        self._watched.load_data()  # before the lock of a run is held
        return self._live_frame(panels)

    def _live_frame(self, panels: tuple[str, ...]) -> str | None:
        """Return a frame of the newest step; None if nothing has changed.

        During training, a panel is sent at most once per interval, which `Panel.every` defines.
        """
        now, seen = time.monotonic(), self._seen_sequences
        seen_before = dict(seen)
        due_panels = panels if self._watched.state != states.RUNNING else self._due_panels(panels, now)
        frame = self._hub.live_frame(self._watched, seen, due_panels)
        self._sent_at.update((name, now) for name in due_panels if seen.get(name) != seen_before.get(name))
        return frame

    def _due_panels(self, panels: tuple[str, ...], now: float) -> list[str]:
        """Return the names of the panels for the next frame: panels that were never sent, and panels that are overdue.

        At most `charts_per_frame` overdue panels are returned, those with the longest delay first.
        """
        panel_table = self._watched.panels
        overdue = {name: now - self._sent_at.get(name, -1e9) - panel_table[name].redraw_interval for name in panels}
        unsent = [name for name in panels if name not in self._seen_sequences]
        due = [name for name in panels if name in self._seen_sequences and overdue[name] >= 0]
        if (limit := self._watched.charts_per_frame) is not None:
            due = sorted(due, key=lambda name: -overdue[name])[:limit]
        return unsent + due

"""The ASGI layer around the whole server: it refuses requests of foreign pages and adds the security headers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access.headers import route_headers, security_headers
from dashboard.access.hosts import Hosts
from dashboard.access.origins import origin_allowed

HEALTH = "/_stcore/health"  # a load balancer requests it by any name; the answer is "ok"
MAX_SHOWN = 100  # characters of a foreign name in the answer


class Guard:
    """Checks every request before Streamlit or a route sees it.

    It surrounds the app, not only its routes, so that answers about errors have the headers, too.

    Args:
        app: the server.
        hosts: the names that it answers.
        own_path: the path of Regscope's own routes, such as "/regscope".

    Raises:
        FieldError: if `REGSCOPE_EMBED` is invalid.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts, own_path: str) -> None:
        self._app, self._hosts, self._own_path = app, hosts, f"{own_path}/"
        self._health_path = own_path.rpartition("/")[0] + HEALTH
        self._headers, self._own_headers = security_headers(), route_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):  # the lifespan of the server
            await self._app(scope, receive, send)
            return
        own = scope["path"].startswith(self._own_path)
        send = _with_headers(send, self._own_headers if own else self._headers)
        refusal = self._refusal(scope)
        answer: ASGIApp = self._app if refusal is None else PlainTextResponse(refusal, 403)
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        """Return why a request is refused, None if it is allowed."""
        headers = Headers(scope=scope)
        host = headers.get("host")
        if not self._hosts.allow(host) and scope["path"] != self._health_path:
            return (
                f"Regscope does not answer for the host {(host or '')[:MAX_SHOWN]!a}.\n"
                "If this is a name of the server, start it with this name:\n"
                "  regscope --host NAME\n"
                "  streamlit run dashboard/app.py --server.allowedHosts NAME\n"
            )
        if scope["type"] == "websocket" and not origin_allowed(headers.get("origin"), host):
            return "Regscope does not answer WebSockets of pages of another origin.\n"
        return None


def _with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """Return a `send` that adds headers to the start of a response. Headers of the same name are replaced."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return send_with_headers

"""The routes of a core as one ASGI app, and the two endpoints that only look."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from zeke_bridge.core.api.chat import Chat
from zeke_bridge.core.api.code import Code
from zeke_bridge.core.api.response import Fault, Whole, known, send_fault
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.relay import Relay
from zeke_bridge.core.tasks import Tasks
from zeke_bridge.model.errors import InputError

_log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[ASGIApp]]
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Api:
    """One core's HTTP face. ``app`` is the ASGI app."""

    def __init__(self, relay: Relay, limits: Limits) -> None:
        self._relay = relay
        self._since = time.monotonic()
        self._served = 0
        code = Code(Tasks(relay), limits)
        posts: dict[str, Endpoint] = {
            "/v1/chat/completions": Chat(relay, limits),
            "/v1/zeke/code/explain": code.explain,
            "/v1/zeke/code/refactor": code.refactor,
            "/v1/zeke/code/analyze": code.analyze,
        }
        routes = [Route(path, self._guarded(end), methods=["POST"]) for path, end in posts.items()]
        routes.append(Route("/v1/models", self._guarded(self._models), methods=["GET"]))
        routes.append(Route("/health", self._guarded(self._health), methods=["GET"]))
        self.app: ASGIApp = Starlette(
            routes=routes, exception_handlers={HTTPException: _no_such_route}
        )

    def _guarded(self, endpoint: Endpoint) -> Any:
        """``endpoint`` with its errors as JSON, counted when it is a POST."""

        async def guarded(request: Request) -> ASGIApp:
            self._served += request.method == "POST"
            try:
                return await endpoint(request)
            except ClientDisconnect:
                return Response(status_code=499)
            except Exception as error:  # the edge: every error becomes an answer
                return Fault(known(error))

        return guarded

    async def _models(self, _request: Request) -> ASGIApp:
        async def listed() -> dict[str, Any]:
            rows = [
                {
                    "id": info.id,
                    "object": "model",
                    "created": 0,
                    "owned_by": info.provider,
                    "local": info.local,
                }
                for info in await self._relay.models()
            ]
            return {"object": "list", "data": rows}

        return Whole(listed)

    async def _health(self, _request: Request) -> ASGIApp:
        async def looked() -> dict[str, Any]:
            states = self._relay.states()
            return {
                "status": "healthy" if "healthy" in states.values() else "degraded",
                "providers": states,
                "uptime": round(time.monotonic() - self._since, 3),
                "requests_served": self._served,
            }

        return Whole(looked)


def loopback_only(app: ASGIApp) -> ASGIApp:
    """``app`` for requests that name this machine in ``Host``.

    Without it a web page could reach the core under a name that it has pointed at 127.0.0.1.
    """

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope.get("headers", ())).get(b"host", b"").decode("latin-1")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if scope["type"] == "http" and name.lower() not in _LOOPBACK_NAMES:
            await send_fault(send, InputError("Use localhost or 127.0.0.1 as the host name."))
            return
        await app(scope, receive, send)

    return guard


async def _no_such_route(request: Request, error: Exception) -> Any:
    return Fault(InputError(f"There is no {request.method} {request.url.path[:200]} here."))

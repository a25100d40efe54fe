"""The routes of a core as one ASGI app. Does not know who may reach it: that is the guard's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from zeke_bridge.core.api.chat import Chat
from zeke_bridge.core.api.code import Code
from zeke_bridge.core.api.completions import Completions
from zeke_bridge.core.api.document import Document
from zeke_bridge.core.api.messages import ANTHROPIC, Messages
from zeke_bridge.core.api.project import Project
from zeke_bridge.core.api.reports import Reports
from zeke_bridge.core.api.request import LateError
from zeke_bridge.core.api.response import OPENAI, Fault, Headers, Manner, known
from zeke_bridge.core.api.terminal import Terminal
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.page.page import Page
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.relay.reload import Reload
from zeke_bridge.core.tasks import Tasks
from zeke_bridge.model.errors import InputError

Endpoint = Callable[[Request], Awaitable[ASGIApp]]
Direct = Mapping[tuple[str, str], Endpoint]
"""What is at a method and a path."""
Way = tuple[str, str, Endpoint]
"""A method, a path, and what is there."""

_V1 = "/v1"
# What clients of OpenAI's ask for without the version as well, as LiteLLM has it.
_SHORT = ("/chat/", "/completions", "/embeddings", "/models")


class Api:
    """One core's HTTP face. ``app`` is the ASGI app."""

    def __init__(
        self, relay: Relay, keys: Keys, limits: Limits, reload: Reload | None = None
    ) -> None:
        self._reload = reload
        self._reports = Reports(relay, keys, reload)
        page: Way = ("GET", "/", Page(relay, reload).show)
        ways = [*_questions(relay, limits), *_looks(self._reports), page]
        short = [
            (method, path.removeprefix(_V1), endpoint)
            for method, path, endpoint in ways
            if path.removeprefix(_V1).startswith(_SHORT)
        ]
        endpoints = {
            (method, path): self._guarded(endpoint, _manner(path))
            for method, path, endpoint in (*ways, *short)
        }
        app = Starlette(
            routes=[Route(path, one, methods=[way]) for (way, path), one in endpoints.items()],
            exception_handlers={HTTPException: _no_such_route},
        )
        app.router.redirect_slashes = False
        direct = {way: one for way, one in endpoints.items() if "{" not in way[1]}
        self.app: ASGIApp = _Spelled(app, direct)

    def _guarded(self, endpoint: Endpoint, manner: Manner) -> Endpoint:
        """``endpoint`` with its errors as JSON, counted when it is a POST."""

        async def guarded(request: Request) -> ASGIApp:
            self._reports.served += request.method == "POST"
            if self._reload is not None:
                self._reload.look()
            try:
                return await endpoint(request)
            except ClientDisconnect:
                return Response(status_code=499)
            except LateError as error:
                return Fault(error, manner, 408, _closing)
            except Exception as error:  # the edge: every error becomes an answer
                return Fault(known(error), manner)

        return guarded


def _questions(relay: Relay, limits: Limits) -> Iterable[Way]:
    chat, messages, tasks = Chat(relay, limits), Messages(relay, limits), Tasks(relay)
    code, project = Code(tasks, limits), Project(tasks, limits)
    terminal, completions = Terminal(tasks, limits), Completions(relay, tasks, limits)
    posts: dict[str, Endpoint] = {
        "/v1/chat/completions": chat.complete,
        "/v1/messages": messages.create,
        "/v1/messages/count_tokens": messages.count,
        "/v1/embeddings": chat.embed,
        "/v1/completions": completions.complete,
        "/v1/zeke/code/complete": code.complete,
        "/v1/zeke/code/explain": code.explain,
        "/v1/zeke/code/refactor": code.refactor,
        "/v1/zeke/code/test": code.test,
        "/v1/zeke/code/analyze": code.analyze,
        "/v1/zeke/project/context": project.context,
        "/v1/zeke/terminal/suggest": terminal.suggest,
        "/v1/zeke/terminal/explain": terminal.explain,
        "/v1/zeke/terminal/debug": terminal.debug,
    }
    return [("POST", path, endpoint) for path, endpoint in posts.items()]


def _looks(reports: Reports) -> Iterable[Way]:
    gets: dict[str, Endpoint] = {
        "/v1/models": reports.models,
        "/v1/models/{id:path}": reports.model,
        "/health": reports.health,
        "/auth/status": reports.auth,
        "/budget": reports.budget,
        "/stats": reports.stats,
        "/metrics": reports.metrics,
        "/openapi.json": Document().show,
    }
    return [
        *(("GET", path, endpoint) for path, endpoint in gets.items()),
        ("DELETE", "/cache", reports.clear),
    ]


class _Spelled:
    """``app`` for paths as clients write them: with a slash at the end, or with ``/v1`` twice.

    The latter comes of one base URL for clients some of which add the version themselves. What is
    in ``direct`` is called at once: it turns its own errors into answers, and to look for it among
    patterns would cost more than all the rest of the way in.
    """

    def __init__(self, app: ASGIApp, direct: Direct) -> None:
        self._app = app
        self._direct = direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its usual path."""
        path = scope.get("path", "")
        endpoint = self._direct.get((scope.get("method", ""), path))
        if endpoint is not None:
            response = await endpoint(Request(scope, receive, send))
            await response(scope, receive, send)
            return
        if path.startswith("/v1/v1/") or (path.endswith("/") and path != "/"):
            proper = path.rstrip("/").replace("/v1/v1/", "/v1/", 1) or "/"
            scope = {**scope, "path": proper, "raw_path": proper.encode()}
        await self._app(scope, receive, send)


def _closing() -> Headers:
    """What comes of the rest of the request is not waited for."""
    return [(b"connection", b"close")]


def _manner(path: str) -> Manner:
    return ANTHROPIC if path.startswith("/v1/messages") else OPENAI


async def _no_such_route(request: Request, error: Exception) -> Any:
    path, headers = request.url.path, getattr(error, "headers", None) or {}
    named = f"There is no {request.method} {path[:200]} here"
    if (allowed := headers.get("Allow")) is None:
        return Fault(InputError(f"{named}: see /openapi.json."), _manner(path), 404)
    allow = ", ".join(sorted({*allowed.split(", "), "OPTIONS"}))
    head = [(b"allow", allow.encode())]
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": allow})
    return Fault(InputError(f"{named}: use {allow}."), _manner(path), 405, lambda: head)

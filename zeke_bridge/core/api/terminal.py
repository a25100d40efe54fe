"""``POST /v1/zeke/terminal/{suggest,explain,debug}``. Nothing is run here."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.work import respond, terms_of
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.tasks import Tasks
from zeke_bridge.model.exchange import TerminalTask
from zeke_bridge.wire.zeke import TerminalRequest, read_request


class Terminal:
    """The endpoints."""

    def __init__(self, tasks: Tasks, limits: Limits) -> None:
        self._tasks = tasks
        self._limits = limits

    async def suggest(self, request: Request) -> ASGIApp:
        """Suggest a command for a wish."""
        return await self._one("suggest", request)

    async def explain(self, request: Request) -> ASGIApp:
        """Explain a command."""
        return await self._one("explain", request)

    async def debug(self, request: Request) -> ASGIApp:
        """Say what failed, why, and what to do."""
        return await self._one("debug", request)

    async def _one(self, task: TerminalTask, request: Request) -> ASGIApp:
        body = read_request(TerminalRequest, await read_json(request, self._limits.upload))
        work = self._tasks.terminal(body.ask(task), terms_of(request))
        return respond(work, self._limits.keepalive, stream=body.stream)

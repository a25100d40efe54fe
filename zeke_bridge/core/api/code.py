"""``POST /v1/zeke/code/{complete,explain,refactor,test,analyze}``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.work import respond, terms_of
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.tasks import Tasks
from zeke_bridge.model.exchange import CodeTask
from zeke_bridge.wire.zeke import AnalyzeRequest, CodeRequest, CompleteRequest, read_request


class Code:
    """The endpoints."""

    def __init__(self, tasks: Tasks, limits: Limits) -> None:
        self._tasks = tasks
        self._limits = limits

    async def complete(self, request: Request) -> ASGIApp:
        """Say what belongs at the cursor."""
        body = read_request(CompleteRequest, await read_json(request, self._limits.upload))
        work = self._tasks.complete(body.ask(), terms_of(request))
        return respond(work, self._limits.keepalive, stream=body.stream)

    async def explain(self, request: Request) -> ASGIApp:
        """Explain a snippet."""
        return await self._one("explain", request)

    async def refactor(self, request: Request) -> ASGIApp:
        """Rewrite a snippet."""
        return await self._one("refactor", request)

    async def test(self, request: Request) -> ASGIApp:
        """Write tests for a snippet."""
        return await self._one("test", request)

    async def analyze(self, request: Request) -> ASGIApp:
        """Find what is wrong in several snippets."""
        body = read_request(AnalyzeRequest, await read_json(request, self._limits.upload))
        work = self._tasks.analyze(body.ask(), terms_of(request))
        return respond(work, self._limits.keepalive, stream=body.stream)

    async def _one(self, task: CodeTask, request: Request) -> ASGIApp:
        body = read_request(CodeRequest, await read_json(request, self._limits.upload))
        work = self._tasks.code(body.ask(task), terms_of(request))
        return respond(work, self._limits.keepalive, stream=body.stream)

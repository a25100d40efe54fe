"""``POST /v1/zeke/project/context``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.work import respond, terms_of
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.tasks import Tasks
from zeke_bridge.wire.zeke import ContextRequest, read_request


class Project:
    """The endpoint."""

    def __init__(self, tasks: Tasks, limits: Limits) -> None:
        self._tasks = tasks
        self._limits = limits

    async def context(self, request: Request) -> ASGIApp:
        """Answer a question about a project from what is shown of it."""
        body = read_request(ContextRequest, await read_json(request, self._limits.upload))
        work = self._tasks.context(body.ask(), terms_of(request))
        return respond(work, self._limits.keepalive, stream=body.stream)

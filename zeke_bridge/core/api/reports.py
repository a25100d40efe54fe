"""What a core tells of itself: ``/health``, ``/auth/status``, ``/stats``, ``/metrics``, the models.

Only ``DELETE /cache`` changes anything. No key is in any answer.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

import zeke_bridge
from zeke_bridge.core.access.clients import ANYONE, MASTER
from zeke_bridge.core.api.caller import client_of
from zeke_bridge.core.api.response import Whole
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.limits.spending import standing
from zeke_bridge.core.metrics import CONTENT_TYPE
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.relay.reload import Reload
from zeke_bridge.core.relay.report import report, sight
from zeke_bridge.core.routing.plan import unknown
from zeke_bridge.wire.stats import stats_body
from zeke_bridge.wire.zeke import BudgetAnswer, ModelsAnswer
from zeke_bridge.wire.zeke.body import MAX_NAME


class Reports:
    """The endpoints. ``served`` is counted by whoever routes requests."""

    def __init__(self, relay: Relay, keys: Keys, reload: Reload | None) -> None:
        self._relay = relay
        self._keys = keys
        self._reload = reload
        self._since, self._began = time.monotonic(), time.time()
        self.served = 0

    async def models(self, _request: Request) -> ASGIApp:
        """``GET /v1/models``."""

        async def listed() -> dict[str, Any]:
            return ModelsAnswer.fields_of(await self._relay.models())

        return Whole(listed)

    async def model(self, request: Request) -> ASGIApp:
        """``GET /v1/models/{id}``, by its whole name or by the one that its provider gives it."""
        name = request.path_params["id"]

        async def found() -> dict[str, Any]:
            infos = await self._relay.models()
            named = [info for info in infos if info.id == name]
            named = named or [info for info in infos if info.id.partition(":")[2] == name]
            if not named:
                raise unknown(name[:MAX_NAME], self._relay.setup.offers({}, {}))
            return ModelsAnswer.row_of(named[0])

        return Whole(found)

    async def health(self, _request: Request) -> ASGIApp:
        """``GET /health``."""

        async def looked() -> dict[str, Any]:
            await self._relay.setup.ready()
            states = self._relay.states()
            resting = {name: why for name, why in self._relay.resting().items() if ":" in name}
            up = time.monotonic() - self._since
            problem = self._reload.problem if self._reload else ""
            return {
                "status": "healthy" if "healthy" in states.values() else "degraded",
                "service": "ghostllm",
                "version": zeke_bridge.__version__,
                "providers": states,
                **({"resting": resting} if resting else {}),
                "uptime": _spelled(up),
                "uptime_s": round(up, 3),
                "requests_served": self.served,
                **({"configuration": problem} if problem else {}),
            }

        return Whole(looked)

    async def auth(self, request: Request) -> ASGIApp:
        """``GET /auth/status``: who asks, and which providers have a key; never a key."""
        client = client_of(request)

        async def looked() -> dict[str, Any]:
            await self._relay.setup.ready()
            config = self._relay.config
            rows = {
                name: {"key": source, "ready": source not in {"none", "unreadable"}}
                for name, provider in config.providers.items()
                if (source := self._keys.source(provider))
            }
            return {"client": client.name, "authenticated": True, "providers": rows}

        return Whole(looked)

    async def budget(self, request: Request) -> ASGIApp:
        """``GET /budget``: what a receipt says of the limits, without a question."""
        client = client_of(request)

        async def looked() -> dict[str, Any]:
            costs, book = self._relay.config.costs, self._relay.state.book
            now = standing(costs, client, time.time(), book.spent, book.spent_by)
            return BudgetAnswer.fields_of(now.budget)

        return Whole(looked)

    async def stats(self, request: Request) -> ASGIApp:
        """``GET /stats``. What others asked is for the core's owner."""

        async def counted() -> dict[str, Any]:
            figures = await report(self._relay, self._began)
            return stats_body(figures if _only(request) is None else replace(figures, routes=()))

        return Whole(counted)

    async def metrics(self, _request: Request) -> ASGIApp:
        """``GET /metrics``, as Prometheus reads it."""
        await self._relay.state.book.look()
        text = self._relay.state.metrics.render(sight(self._relay))
        return Response(text, media_type=CONTENT_TYPE)

    async def clear(self, request: Request) -> ASGIApp:
        """``DELETE /cache``: all of it, or what was kept for a client that has a key of its own."""
        client = _only(request)

        async def cleared() -> dict[str, Any]:
            return {"cleared": self._relay.state.cache.clear(client)}

        return Whole(cleared)


def _spelled(seconds: float) -> str:
    """``2d 14h 32m``; below a minute ``12s``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "m")]
    spelled = [f"{count}{unit}" for count, unit in parts if count]
    return " ".join(spelled) or f"{rest}s"


def _only(request: Request) -> str | None:
    """The client whose matters alone are who asks' own; None for the core's owner."""
    client = client_of(request)
    return None if client in {ANYONE, MASTER} else client.id

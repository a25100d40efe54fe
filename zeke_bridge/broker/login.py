"""Logging in to a provider with a code: what an editor shows while its person types it elsewhere.

Events: ``auth.code {provider, user_code, verification_uri, expires_in}``, then exactly one of
``auth.done {provider, stored}`` and ``auth.failed {provider, code, message}``; after it was
cancelled nothing. Does not know how one logs in.
"""

from __future__ import annotations

import asyncio
import logging

from zeke_bridge.broker.ports import Accounts, EventSink
from zeke_bridge.model.account import LoginCode
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.warden.escape import escape

log = logging.getLogger(__name__)

_BROKEN = "Zeke itself failed here; :ZekeLog has the details."


class Logins:
    """The one login that may be under way in one editor."""

    def __init__(self, accounts: Accounts, sink: EventSink) -> None:
        self._accounts = accounts
        self._sink = sink
        self._task: asyncio.Task[None] | None = None

    def start(self, provider: str) -> None:
        """Begin; another one that is under way ends."""
        self.cancel()
        self._task = asyncio.get_running_loop().create_task(self._run(provider))

    def cancel(self) -> bool:
        """Ask nobody any more; False when no login was under way."""
        task, self._task = self._task, None
        return task is not None and task.cancel()

    async def _run(self, provider: str) -> None:
        def shown(code: LoginCode) -> None:
            self._sink.send(
                "auth.code",
                {
                    "provider": provider,
                    "user_code": escape(code.user_code),
                    "verification_uri": escape(code.verification_uri),
                    "expires_in": code.expires_in,
                },
            )

        try:
            stored = await self._accounts.log_in(provider, shown)
        except ZekeError as error:
            self._failed(provider, error.code, error.message)
        except Exception:
            log.exception("a login broke")
            self._failed(provider, "internal", _BROKEN)
        else:
            self._sink.send("auth.done", {"provider": provider, "stored": stored})

    def _failed(self, provider: str, code: str, message: str) -> None:
        self._sink.send("auth.failed", {"provider": provider, "code": code, "message": message})

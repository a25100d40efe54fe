"""One prompt of the client's, from when it came to its stop reason."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from zeke_bridge.acp.link import Link
from zeke_bridge.acp.said import Said
from zeke_bridge.model.errors import ZekeError, by_code

STOP_S = 30.0
"""What the broker has to end a turn that was cancelled."""
_SUBMIT_S = 30.0
_CANCELLED: Mapping[str, Any] = {"stopReason": "cancelled"}
_USAGE = {
    "total_tokens": "totalTokens",
    "prompt_tokens": "inputTokens",
    "completion_tokens": "outputTokens",
    "reasoning_tokens": "thoughtTokens",
    "cached_tokens": "cachedReadTokens",
    "cache_write_tokens": "cachedWriteTokens",
}


class Turn:
    """``ready`` gives the link, which may have to be opened first; ``id`` names the task."""

    def __init__(self, name: str, ready: asyncio.Task[Link]) -> None:
        self.id = name
        self._ready = ready
        self._link: Link | None = None
        self._over: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._stopped = False

    async def run(self, said: Said) -> Mapping[str, Any]:
        """The result of ``session/prompt``. Raises ``ZekeError``."""
        try:
            link = await self._ready
        except asyncio.CancelledError:
            mine = asyncio.current_task()
            if mine is None or mine.cancelling():
                self._ready.cancel()
                raise
            return _CANCELLED
        if self._stopped:
            return _CANCELLED
        self._link = link
        try:
            await link.peer.call("task.submit", self._task(link, said), _SUBMIT_S)
            return await self._over
        finally:
            link.tell("task.cancel", id=self.id)

    def cancel(self) -> None:
        """The client wants it to stop."""
        if self._stopped:
            return
        self._stopped = True
        if self._link is None:
            self._ready.cancel()
            return
        self._link.tell("task.cancel", id=self.id)
        asyncio.get_running_loop().call_later(STOP_S, self._end, _CANCELLED)

    def done(self, fields: Mapping[str, Any]) -> None:
        """The task is done (``task.done``)."""
        usage = _usage(fields.get("usage"))
        self._end({"stopReason": fields["stop_reason"], **({"usage": usage} if usage else {})})

    def failed(self, code: str, sentence: str) -> None:
        """The task has failed (``task.failed``), or can no more end."""
        if code == "cancelled" or self._stopped:
            self._end(_CANCELLED)
        else:
            self._end(by_code(code, sentence))

    def _end(self, result: Mapping[str, Any] | ZekeError) -> None:
        if self._over.done():
            return
        if isinstance(result, ZekeError):
            self._over.set_exception(result)
            # Whoever asked may be gone, and then nobody looks at it.
            self._over.exception()
        else:
            self._over.set_result(result)

    def _task(self, link: Link, said: Said) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": "agent",
            "session": link.session,
            "cwd": link.cwd,
            "messages": [{"role": "user", "content": said.text}],
            "images": said.images,
            "places": sorted(said.places),
        }


def _usage(told: Any) -> dict[str, int]:
    if not isinstance(told, Mapping) or not told.get("total_tokens"):
        return {}
    return {name: int(told.get(key) or 0) for key, name in _USAGE.items()}

"""A request's body that is counted while it comes, because nobody said how long it is."""

from __future__ import annotations

from starlette.types import Message, Receive, Send

from zeke_bridge.core.access.refusal import Refusal


class Counted:
    """``receive`` and ``send`` for an app, which ends the body after ``limit`` bytes.

    Then the client gets ``refusal``, and for the app the client has left: what it still sends goes
    nowhere.
    """

    def __init__(self, receive: Receive, send: Send, limit: int, refusal: Refusal) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self._refusal = refusal
        self._started = False
        self._over = False

    async def receive(self) -> Message:
        """The next message, or a disconnect when there was too much."""
        if self._over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left >= 0:
            return message
        self._over = True
        if not self._started:
            await self._refusal(self._send)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass ``message`` on, unless the refusal was sent in its place."""
        if self._over and not self._started:
            return
        self._started = True
        await self._send(message)

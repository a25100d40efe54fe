"""One request and its answer, as uvicorn has them, with the API's JSON for what breaks in the app.

Does not know how requests are read.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from zeke_bridge.core.access import refusal

_LENGTH = b"content-length"


class Cycle(RequestResponseCycle):
    """For HTTP/1.1."""

    async def send_500_response(self) -> None:
        """Say that the app broke."""
        send: Any = self.send
        await refusal.BROKEN(send)


class Unchunked(Cycle):
    """For clients before HTTP/1.1: a body without a length goes on until the connection closes.

    https://www.rfc-editor.org/rfc/rfc9112#section-6.1
    """

    _plain = False

    async def send(self, message: Any) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            self._plain = all(name.lower() != _LENGTH for name, _ in headers)
            if self._plain:
                self.chunked_encoding = False
        elif self._plain and self.scope["method"] != "HEAD":
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)

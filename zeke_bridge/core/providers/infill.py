"""llama.cpp's own way to fill in the middle, as chunks of a chat.

``POST /infill`` builds the prompt from the marks that the model's file names, so that nobody here
needs to know them
(https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md#post-infill-for-code-infilling).
Its events are not OpenAI's: each has ``content``, ``tokens_predicted`` and ``tokens_evaluated``,
the first ones ``prompt_progress``, the last one ``stop`` and ``stop_type``; there is no ``[DONE]``.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson

from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.http import Http, Incoming, Peer, nonsense, without
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.native.completion import usage
from zeke_bridge.model.errors import CoreError, NoModelError
from zeke_bridge.wire import fault, sse

_PATH = "/infill"
_NO_MARKS = 501
# Families whose files name the marks for filling in; another one is asked as a chat.
_FILLS = re.compile(r"cod(?:er|e|es)|star|granite|refact|seed|mellum|zeta|sweep", re.IGNORECASE)


def may_fill(model: str) -> bool:
    """Whether ``model`` is of a family that fills in the middle, as far as its name tells."""
    return bool(_FILLS.search(model))


class CannotFillError(NoModelError):
    """The model's file names no marks for filling in."""


class Infill:
    """Fillings by one llama.cpp server at the root of ``peer``'s base URL."""

    def __init__(self, peer: Peer, limits: Limits) -> None:
        self._http = Http(Peer(peer.who, peer.base_url, peer.socket_path, peer.lost, _no), limits)
        self._who = peer.who

    async def stream(self, body: Mapping[str, Any], key: str) -> AsyncGenerator[list[Chunk], None]:
        """What stands between ``prompt`` and ``suffix``; those of one read together."""
        headers = {"Authorization": f"Bearer {key}"}
        async with self._http.open("POST", _PATH, headers, _wanted(body), secret=key) as incoming:
            if incoming.kind != sse.MEDIA_TYPE:
                raise nonsense(self._who, "something that is not a stream of events")
            parser, pen = sse.Parser(self._who), _Pen(str(body.get("model", "")))
            while piece := await incoming.next():
                events = [self._event(incoming, event, key) for event in parser.feed(piece)]
                if chunks := [chunk for event in events if (chunk := pen.chunk(event))]:
                    yield chunks
                if any(event.get("stop") is True for event in events):
                    return
            raise nonsense(self._who, "half an answer")

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._http.aclose()

    def _event(self, incoming: Incoming, event: sse.Event, key: str) -> Body:
        body = incoming.json(event.data)
        if not isinstance(body, dict):
            raise nonsense(self._who, "an event that is no object")
        if body.get("error"):
            raise without(key, fault.from_provider_event(body, self._who))
        return body


def _wanted(body: Mapping[str, Any]) -> Body:
    wanted: Body = {
        "input_prefix": body.get("prompt") or "",
        "input_suffix": body.get("suffix") or "",
        "n_predict": body.get("max_tokens") or 128,
        "temperature": body.get("temperature", 0.0),
        "stream": True,
        # llama.cpp notices that its client has left only when it writes.
        "return_progress": True,
    }
    return wanted | {name: body[name] for name in ("stop", "seed") if body.get(name)}


class _Pen:
    """Writes the chunks of one stream; each says the usage so far: the last may never be read."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._cached = 0

    def chunk(self, event: Body) -> Chunk | None:
        """One event; None for one that only says how far the prompt is read."""
        if (progress := event.get("prompt_progress")) is not None:
            self._cached = _count(progress, "cache")
            return None
        finish, content = None, event.get("content")
        if event.get("stop") is True:
            finish = "length" if event.get("stop_type") == "limit" else "stop"
        delta = {"content": content} if isinstance(content, str) and content else {}
        asked, said = _count(event, "tokens_evaluated"), _count(event, "tokens_predicted")
        body: Body = {
            "object": "chat.completion.chunk",
            "model": self._model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            "usage": usage(asked, said, cached=self._cached),
        }
        return Chunk(orjson.dumps(body).decode(), body)


def _count(event: Any, key: str) -> int:
    count = event.get(key) if isinstance(event, dict) else None
    return count if isinstance(count, int) and count > 0 else 0


def _no(status: int, body: bytes, who: str, headers: Mapping[str, str]) -> CoreError:
    if status == _NO_MARKS:
        return CannotFillError(f"{who} cannot fill in the middle: ask again.")
    return fault.from_provider(status, body, who, headers)

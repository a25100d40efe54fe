"""Finding out what answers at an address, by a few quick questions that cost nothing.

A core of ours says so at ``/health``. LiteLLM is asked at ``/health/liveliness`` first
(https://docs.litellm.ai/docs/proxy/health), because its ``/health`` calls every model it has.
Whatever else lists models speaks OpenAI's dialect; llama.cpp names itself in its headers. Does not
know what the server is then used for.
"""

from __future__ import annotations

from dataclasses import dataclass

from zeke_bridge.client.transport import Seen, Transport
from zeke_bridge.config.servers import Server
from zeke_bridge.model.errors import AuthError, RateLimitError, ZekeError
from zeke_bridge.wire import fault

_NOT_READY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Found:
    """``path`` is where the server's models are, under the address without its ``/v1``."""

    server: Server
    version: str = ""
    path: str = "/v1"


async def look(http: Transport) -> Found:
    """What answers ``http``.

    Raises ``UnreachableError`` and ``TimedOutError`` when nothing does, ``OverloadedError`` or
    ``ProviderError`` when it is not ready, ``BadAnswerError`` when it has no models to ask.
    """
    alive = await http.glance("/health/liveliness")
    if alive.status in _NOT_READY:
        raise _refusal(http, alive)
    if alive.status == 200 and isinstance(alive.body, str) and "alive" in alive.body:
        return Found("litellm")
    health = await http.glance("/health")
    told = health.body if isinstance(health.body, dict) else {}
    if told.get("service") == "ghostllm":
        return Found("ghostllm", str(told.get("version", "")))
    if _keeps_out(alive) or _keeps_out(health):
        return Found("ghostllm")
    return await _models(http)


async def _models(http: Transport) -> Found:
    """The server whose list of models is under ``/v1``, or right under its address."""
    usual = await http.glance("/v1/models")
    found = _dialect(http, usual, "/v1") or _dialect(http, await http.glance("/models"), "")
    if found is not None:
        return found
    if usual.status != 200:
        raise _refusal(http, usual)
    page = usual.kind == "text/html"
    raise http.nonsense("a web page" if page else "something that is no list of models")


def _dialect(http: Transport, seen: Seen, path: str) -> Found | None:
    # A list that is kept from us is one too: what to do about it is said when it is needed.
    kept = isinstance(_refusal(http, seen), AuthError | RateLimitError)
    if not kept and not _lists(seen):
        return None
    return Found("llama.cpp" if seen.server == "llama.cpp" else "server", path=path)


def _lists(seen: Seen) -> bool:
    rows = seen.body.get("data") if isinstance(seen.body, dict) else None
    return seen.status == 200 and isinstance(rows, list)


def _keeps_out(seen: Seen) -> bool:
    """Whether this is a core of ours that wants another key, or another host name."""
    error = seen.body.get("error") if isinstance(seen.body, dict) else None
    return isinstance(error, dict) and error.get("code") == "access_denied"


def _refusal(http: Transport, seen: Seen) -> ZekeError:
    return http.without_key(fault.from_provider(seen.status, seen.raw, http.who))

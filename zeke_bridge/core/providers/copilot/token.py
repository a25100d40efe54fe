"""The short-lived token of Copilot's API, exchanged for a GitHub login and renewed before its end.

``GET /copilot_internal/v2/token`` gives ``token``, ``expires_at``, ``refresh_in`` and
``endpoints.api``. Kept in memory only. Does not know what the API is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from zeke_bridge.core.providers.http import Http, Peer, nonsense
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import AuthError, CoreError
from zeke_bridge.wire import fault

_SITE = "https://api.github.com"
_PATH = "/copilot_internal/v2/token"
_DOMAIN = ".githubcopilot.com"
_LASTS = 1500.0


@dataclass(frozen=True, slots=True)
class Pass:
    """What opens the API: ``base_url`` is empty when the answer named none that can be trusted.

    ``until`` is when to get the next one, by the clock of ``Passes``.
    """

    login: str = field(repr=False)
    token: str = field(repr=False)
    base_url: str
    until: float


class Passes:
    """Gets passes, one at a time; ``headers`` say which editor asks."""

    def __init__(
        self,
        limits: Limits,
        headers: Mapping[str, str],
        site: str = _SITE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = Http(Peer("GitHub", site, refused=_refused), limits)
        self._headers = headers
        self._site = site
        self._clock = clock
        self._now: Pass | None = None
        self._lock = asyncio.Lock()

    async def get(self, login: str) -> Pass:
        """A pass that is good for a while yet. Raises a ``CoreError``."""
        async with self._lock:
            held = self._now
            if held is None or held.login != login or self._clock() >= held.until:
                held = self._now = await self._exchange(login)
            return held

    def forget(self, spent: Pass) -> None:
        """Say that the API does not take ``spent``: the next ``get`` gets another."""
        if self._now is spent:
            self._now = None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _exchange(self, login: str) -> Pass:
        headers = {**self._headers, "Authorization": f"token {login}", "Accept": "application/json"}
        said = await self._http.listing(_PATH, headers, secret=login)
        token = said.get("token") if isinstance(said, dict) else None
        if not isinstance(token, str) or not token:
            raise nonsense("GitHub", "no token of Copilot")
        # Relative to here, so that a clock that is wrong does no harm.
        lasts = said.get("refresh_in")
        good = lasts if isinstance(lasts, int | float) and lasts > 0 else _LASTS
        return Pass(login, token, self._trusted(said.get("endpoints")), self._clock() + good)

    def _trusted(self, endpoints: Any) -> str:
        """The API's address, when it is one of Copilot's own or beside whoever named it."""
        url = endpoints.get("api") if isinstance(endpoints, dict) else None
        if not isinstance(url, str):
            return ""
        parts, own = urlsplit(url), urlsplit(self._site)
        named = parts.scheme == "https" and (parts.hostname or "").endswith(_DOMAIN)
        return url.rstrip("/") if named or parts.hostname == own.hostname else ""


def _refused(status: int, body: bytes, who: str, headers: Mapping[str, str]) -> CoreError:
    """The error for a login that opens no Copilot."""
    if status == 401:
        return AuthError(
            "GitHub no longer takes this login: run `:ZekeAuth github` or "
            "`ghostllm auth login github` again."
        )
    if status in {403, 404} and headers.get("x-ratelimit-remaining") != "0":
        reason = _reason(body)
        return AuthError(f"This GitHub account has no Copilot: choose another provider.{reason}")
    return fault.from_provider(429 if status == 403 else status, body, who, headers)


def _reason(body: bytes) -> str:
    """What GitHub says beside it, such as that a subscription has ended."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    details = said.get("error_details") if isinstance(said, dict) else None
    words = details.get("message") if isinstance(details, dict) else None
    return f" It said: {fault.quoted(words)}" if isinstance(words, str) and words else ""

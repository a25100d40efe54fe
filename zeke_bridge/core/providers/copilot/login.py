"""Logging in to GitHub without a browser here: the device flow of RFC 8628.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow.
The client id is the public one of GitHub's own editor plugins: Copilot takes no other. Does not
know where the token is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zeke_bridge.core.providers.http import Http, Peer, nonsense
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import AuthError, CoreError, TimedOutError

CLIENT_ID = "Iv1.b507a08c87ecfe98"
_SITE = "https://github.com"
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_HEADERS = {"Accept": "application/json"}
# RFC 8628 section 3.5: how much longer to wait when GitHub says slow_down.
_SLOWER = 5.0
_AGAIN = "run `:ZekeAuth github` or `ghostllm auth login github` again"

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types at ``verification_uri``; ``expires_in`` and ``interval`` in seconds."""

    user_code: str
    verification_uri: str
    expires_in: float
    interval: float
    device_code: str = field(repr=False)


class Login:
    """One login: ``begin``, show the code to the person, ``finish``, ``aclose``."""

    def __init__(self, limits: Limits, site: str = _SITE) -> None:
        self._http = Http(Peer("GitHub", site), limits)

    async def begin(self) -> DeviceCode:
        """Ask for a code. Raises a ``CoreError``."""
        asked = {"client_id": CLIENT_ID, "scope": "read:user"}
        said = await self._ask("/login/device/code", asked)
        texts = [said.get(name) for name in ("user_code", "verification_uri", "device_code")]
        if not all(isinstance(text, str) and text for text in texts):
            raise nonsense("GitHub", "no code to log in with")
        lasts, interval = _seconds(said, "expires_in", 900.0), _seconds(said, "interval", _SLOWER)
        return DeviceCode(str(texts[0]), str(texts[1]), lasts, interval, str(texts[2]))

    async def finish(self, code: DeviceCode, pause: Pause = asyncio.sleep) -> str:
        """Wait until the person has typed the code; the token that opens Copilot.

        The flow has no way to be told: GitHub must be asked again and again, as often as it allows.
        Raises ``AuthError`` when the person says no, ``TimedOutError`` when the code is too old.
        """
        interval, waited = code.interval, 0.0
        asked = {"client_id": CLIENT_ID, "device_code": code.device_code, "grant_type": _GRANT}
        while waited + interval <= code.expires_in:
            await pause(interval)
            waited += interval
            said = await self._ask("/login/oauth/access_token", asked)
            if token := said.get("access_token"):
                return str(token)
            reason = said.get("error")
            if reason == "slow_down":
                interval = max(interval + _SLOWER, _seconds(said, "interval", 0.0))
            elif reason != "authorization_pending":
                raise _refused(said)
        raise TimedOutError(f"Nobody typed the code in time: {_AGAIN}.")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, path: str, body: Mapping[str, str]) -> Mapping[str, Any]:
        said = await self._http.listing(path, _HEADERS, body)
        if not isinstance(said, dict):
            raise nonsense("GitHub", "something that is no answer to a login")
        return said


def _seconds(said: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = said.get(name)
    return float(value) if isinstance(value, int | float) and value > 0 else otherwise


def _refused(said: Mapping[str, Any]) -> CoreError:
    reason = said.get("error")
    if reason == "expired_token":
        return TimedOutError(f"Nobody typed the code in time: {_AGAIN}.")
    if reason == "access_denied":
        return AuthError(f"The login was refused at GitHub: {_AGAIN}.")
    return AuthError(f"GitHub does not log you in ({reason}): {_AGAIN}.")
